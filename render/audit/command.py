"""The verb `render audit`: parses, audits, draws, prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from render import errors
from render.terminal import console

if TYPE_CHECKING:
    from render.audit.alarms import Alarm
    from render.audit.report import Report
    from render.audit.series import AuditedSeries
    from render.audit.sums.one_pass import Passed

WIDEST_TEXT = 100  # columns of an explanation
ROLES = ("features", "labels", "outputs", "targets", "weights")


def _keys(function: Any) -> Any:
    for role in reversed(ROLES):
        function = click.option(f"--{role}", metavar="KEY", help=f"The array of the {role}, if it is not called so.")(
            function
        )
    return function


@click.command("audit")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@_keys
@click.option("--ignore", "ignored", multiple=True, metavar="LABEL", help="Leave rows of this label out; repeatable.")
@click.option(
    "--goal", type=click.Choice(["classifier", "contrastive", "table"]), help="What the run claims to become."
)
@click.option("--normalize", is_flag=True, help="Make the features of each point of unit length first.")
@click.option("--explain", metavar="NAME", help="Say what a number is, or a headline, and end; 'headline' for all.")
@click.option("--format", "form", type=click.Choice(["text", "md"]), default="text", show_default=True)
@click.option("--json", "json_path", metavar="FILE|-", help="Write the report as JSON, of every step; - prints it.")
@click.option("--fail-on", "conditions", multiple=True, metavar="'NAME<X'", help="Exit with 3 if so; repeatable.")
@click.option("--alarms", "alarms_file", type=click.Path(path_type=Path), help="The same from a TOML file's [alarms].")
@click.option("--partial", "partial_is_fine", is_flag=True, help="Exit with 0 although the report is not whole.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True, help="For pictures.")
@click.option("--picture/--no-picture", "drawn", default=True, help="Draw the dashboard, or the animation of a series.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Pass over the rows in so many processes (Dask).")
@click.option("--scheduler", metavar="ADDRESS", help="Pass over them on a Dask cluster: tcp://host:8786.")
@click.option("--chunk-rows", type=click.IntRange(min=1), help="Rows in memory at once [default: 8 MB of them].")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors and alarms.")
@click.option("--traceback", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def audit(
    path: Path | None,
    ignored: tuple[str, ...],
    goal: str | None,
    normalize: bool,
    explain: str | None,
    form: str,
    json_path: str | None,
    conditions: tuple[str, ...],
    alarms_file: Path | None,
    partial_is_fine: bool,
    out: Path,
    drawn: bool,
    theme: str,
    workers: int | None,
    scheduler: str | None,
    chunk_rows: int | None,
    quiet: bool,
    **keys: str | None,
) -> None:
    """Report on the representations of your own run.

    A headline says what is going on; each number has its theory's value for what the run claims (--goal), a verdict and
    what it means.

    PATH is a snapshot (.npy, .npz, .csv, .tsv, .parquet, .safetensors, Zarr) with arrays called features and, if there
    are any, labels (whole numbers, names or one-hot), outputs, targets and weights (of the last layer: classes x
    features); or a folder of snapshots, one a step, such as `render.Recorder` writes. It may be larger than memory. In
    a table KEY names columns: z (also for z0, z1, ...), z*, 0:16, or several by comma.

    Of a snapshot a dashboard is drawn into ./out, as PNG; of a folder the last report is shown, and an animation over
    its steps is drawn, with a poster and the reports of all steps as JSON. Where data are bad one line says so and the
    exit code is 2.

    A condition is of the last step, 'participation_ratio<4', or of others: 'nc1>1 at any', 'nc1>1 after 500',
    'mean_cosine>0.9 for 3' (in a row), 'entropy_rank<0.5*max' (of the steps so far).

    \b
    Examples:
      render audit run/step-1000.npz
      render audit embeddings.npy --goal contrastive --json report.json
      render audit run --theme dark
      render audit run --no-picture --fail-on 'participation_ratio<4 at any'
      render audit run --ignore -100 --format md
      render audit --explain nc1
      render audit store.zarr --features z --scheduler tcp://head:8786
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers starts processes here, --scheduler uses a cluster: give one of them")
    if explain is not None:
        from render.audit.explain import require

        require(explain)
    if path is None:
        if explain is None:
            raise click.UsageError("Missing argument 'PATH': name a snapshot, or a folder of them")
        return _explain(explain, None, form)
    from render import files
    from render.audit import alarms
    from render.audit.files.series import open_series
    from render.audit.files.snapshots import Keys
    from render.terminal import progress

    console.require_json_file(json_path)
    drawn = drawn and explain is None
    if drawn:
        files.require_writable(out)
    series = open_series(path, Keys(**keys))
    wanted = _alarms(conditions, alarms_file)

    with progress.board(quiet) as board, board.line(path.name) as stages:
        with stages("import"):
            if drawn:
                from render.audit.picture import writing
            from render.audit.report import audit as report_on
            from render.audit.series import audit_series
            from render.production.cache import Cache

            Cache.of_user().keep_programs()
        whole = drawn or json_path or any(alarm.of_steps for alarm in wanted)
        snapshots = series.snapshots if whole else series.snapshots[-1:]
        with _passing(workers, scheduler) as passing:
            audited = audit_series(
                snapshots,
                lambda one: report_on(
                    one, normalize=normalize, goal=goal, ignored=ignored, rows_at_once=chunk_rows, passing=passing
                ),
                stages,
                series.snapshots[0] if len(snapshots) < len(series.snapshots) else None,
            )
    if explain is not None:
        return _explain(explain, audited.last, form)
    text = console.json_text(audited.as_json())
    console.write_json(json_path, text)
    told = not quiet and json_path != "-"
    if told:
        _show(audited, len(series.snapshots) + len(series.unread), form)
    if drawn:
        with progress.board(quiet) as board, board.line(path.name) as stages:
            written = writing.write(path, audited, None if json_path else text, out, theme, stages)
        for file in written if told and form == "text" else ():
            click.echo(f"{console.shown(file)}  {file.stat().st_size / 1000:.0f} kB")
    steps = [alarms.Step(page.step, page.values) for page in audited.pages]
    rung = alarms.ringing(wanted, steps)
    if wanted and audited.last.snapshot.path != snapshots[-1].path:
        rung.append(f"{snapshots[-1].path} gives no report to judge")
    for line in () if quiet else alarms.changed(wanted):
        click.echo(f"render: {line}", err=True)
    failed = [*series.unread, *audited.failed]
    return _end(failed, audited.partial, alarms.unjudged(wanted, steps), rung, partial_is_fine)


def _alarms(conditions: tuple[str, ...], file: Path | None) -> tuple[Alarm, ...]:
    """The conditions of the command and of a file. Raises ValueError for those that are none."""
    from render.audit import alarms

    try:
        wanted = alarms.parse(conditions)
    except ValueError as error:
        raise ValueError(f"--fail-on {error}") from error
    if file is None:
        return wanted
    texts = alarms.read(file)
    try:
        return (*wanted, *alarms.parse(texts))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _explain(name: str, report: Report | None, form: str) -> None:
    from render.audit import explain

    click.echo(explain.explanation(name, report, min(console.columns(), WIDEST_TEXT), form == "md"))


@contextmanager
def _passing(workers: int | None, scheduler: str | None) -> Iterator[Callable[..., Passed]]:
    """The function that passes over the rows of a snapshot: in this process, or on a cluster while it is open."""
    if workers is None and scheduler is None:
        from render.audit.sums.one_pass import accumulate

        yield accumulate
        return
    from render.audit.sums import distributed

    with distributed.workers(workers, scheduler) as pool:
        yield pool.accumulate


def _show(audited: AuditedSeries, count: int, form: str) -> None:
    from render.audit import telling

    click.echo(telling.markdown(audited, count) if form == "md" else telling.text(audited, count, console.columns()))


def _end(
    failed: Sequence[str], partial: Sequence[str], unjudged: Sequence[str], rung: Sequence[str], partial_is_fine: bool
) -> None:
    """Last lines on stderr: what is missing and what rings. Ends the program with the exit code of the worst of it."""
    for kind, texts in (("left out: ", failed), ("partial report: ", partial), ("", unjudged), ("alarm: ", rung)):
        for text in texts:
            click.echo(f"render: {kind}{text}", err=True)
    if rung:
        raise SystemExit(errors.TARGET_MISSED)
    if unjudged or ((failed or partial) and not partial_is_fine):
        raise SystemExit(errors.USAGE)


__all__ = ["audit"]
