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
    from render.audit.series import AuditedSeries
    from render.audit.sums.one_pass import Passed

ROLES = ("features", "labels", "outputs", "targets")


def _keys(function: Any) -> Any:
    for role in reversed(ROLES):
        function = click.option(f"--{role}", metavar="KEY", help=f"The array of the {role}, if it is not called so.")(
            function
        )
    return function


@click.command("audit")
@click.argument("path", type=click.Path(path_type=Path))
@_keys
@click.option("--normalize", is_flag=True, help="Make the features of each point of unit length first.")
@click.option("--json", "json_path", metavar="FILE|-", help="Write the report as JSON, of every step; - prints it.")
@click.option("--fail-on", "conditions", multiple=True, metavar="'NAME<X'", help="Exit with 3 if so; repeatable.")
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
    path: Path,
    normalize: bool,
    json_path: str | None,
    conditions: tuple[str, ...],
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

    Each number has its theory's value, a verdict and what it means.

    PATH is a snapshot (.npy, .npz, .csv, .tsv, .parquet, .safetensors, Zarr) with arrays called features and, if there
    are any, labels, outputs and targets; or a folder of snapshots, one a step, such as `render.Recorder` writes. It may
    be larger than memory. In a table KEY names columns: z (also for z0, z1, ...), z*, 0:16, or several by comma.

    Of a snapshot a dashboard is drawn into ./out, as PNG; of a folder the last report is shown, and an animation over
    its steps is drawn, with a poster and the reports of all steps as JSON. Where data are bad, or allow only some of
    the numbers, one line says so and the exit code is 2.

    \b
    Examples:
      render audit run/step-1000.npz
      render audit embeddings.npy --labels labels.npy --json report.json
      render audit run --theme dark
      render audit run --no-picture --fail-on 'nc1>1'
      render audit store.zarr --features z --scheduler tcp://head:8786
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers starts processes here, --scheduler uses a cluster: give one of them")
    from render import files
    from render.audit import alarms
    from render.audit.files.series import open_series
    from render.audit.files.snapshots import Keys
    from render.terminal import progress

    console.require_json_file(json_path)
    if drawn:
        files.require_writable(out)
    series = open_series(path, Keys(**keys))
    try:
        wanted = alarms.parse(conditions)
    except ValueError as error:
        raise ValueError(f"--fail-on {error}") from error

    with progress.board(quiet) as board, board.line(path.name) as stages:
        with stages("import"):
            from render.audit.picture import writing
            from render.audit.report import audit as report_on
            from render.audit.series import audit_series
            from render.production.cache import Cache

            Cache.of_user().keep_programs()
        snapshots = series.snapshots if drawn or json_path else series.snapshots[-1:]
        with _passing(workers, scheduler) as passing:
            audited = audit_series(
                snapshots,
                lambda one: report_on(one, normalize=normalize, rows_at_once=chunk_rows, passing=passing),
                stages,
            )
    text = console.json_text({"snapshots": audited.told})
    console.write_json(json_path, text)
    told = not quiet and json_path != "-"
    if told:
        _show(audited, len(series.snapshots) + len(series.unread))
    if drawn:
        with progress.board(quiet) as board, board.line(path.name) as stages:
            written = writing.write(path, audited, None if json_path else text, out, theme, stages)
        for file in written if told else ():
            click.echo(f"{console.shown(file)}  {file.stat().st_size / 1000:.0f} kB")
    values = audited.last.values
    rung = alarms.ringing(wanted, values)
    if wanted and audited.last.snapshot.path != snapshots[-1].path:
        rung.append(f"{snapshots[-1].path} gives no report to judge")
    _end([*series.unread, *audited.failed], audited.partial, alarms.unjudged(wanted, values), rung, partial_is_fine)


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


def _show(audited: AuditedSeries, count: int) -> None:
    from render.audit.report import COLUMNS

    read = len(audited.told)
    missing = f" that gave a report, of {count}" if 1 < read < count else ""
    series = f" (the last of {read} snapshots{missing})" if read > 1 else ""
    click.echo(audited.last.heading + series)
    console.table(COLUMNS, [number.cells() for number in audited.last.numbers])


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
