"""The verb `render audit`: parses, audits, prints."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from render import console

if TYPE_CHECKING:
    from render.audit.report import Report

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
    workers: int | None,
    scheduler: str | None,
    chunk_rows: int | None,
    quiet: bool,
    **keys: str | None,
) -> None:
    """Report on saved representations: each number with its theory value, a verdict and what it means.

    PATH is a snapshot (.npy, .npz, .csv, .tsv, .parquet, .safetensors, Zarr) with arrays called features and, if there
    are any, labels, outputs and targets; or a folder of snapshots, one a step, of which the last is shown. It may be
    larger than memory. Where data are bad, or allow only some of the numbers, one line says so and the exit code is 2.

    \b
    Examples:
      render audit run/step-1000.npz
      render audit embeddings.npy --labels labels.npy --json report.json
      render audit run --fail-on 'participation_ratio<4' --fail-on 'nc1>1'
      render audit store.zarr --features z --scheduler tcp://head:8786
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers starts processes here, --scheduler uses a cluster: give one of them")
    from render.audit import alarms
    from render.audit.snapshots import Keys, open_series
    from render.files import replacing, require_writable

    if json_path and json_path != "-":
        require_writable(Path(json_path).parent)
        if Path(json_path).is_dir():
            raise click.UsageError(f"{json_path} is a folder: name a file for --json")
    series = open_series(path, Keys(**keys))
    try:
        wanted = alarms.parse(conditions)
    except ValueError as error:
        raise ValueError(f"--fail-on {error}") from error

    from render.audit.one_pass import accumulate
    from render.audit.report import audit as report_on
    from render.cache import Cache

    Cache.of_user().keep_programs()
    cluster: Any = nullcontext()
    if workers is not None or scheduler is not None:
        from render.audit import distributed

        cluster = distributed.workers(workers, scheduler)
    with cluster as pool:
        passing = accumulate if pool is None else pool.accumulate
        reports = [
            report_on(one, normalize=normalize, rows_at_once=chunk_rows, passing=passing)
            for one in (series if json_path else series[-1:])
        ]
    text = json.dumps({"snapshots": [report.as_json() for report in reports]}, indent=2, ensure_ascii=False)
    if json_path == "-":
        click.echo(text)
    elif json_path:
        with replacing(Path(json_path)) as temporary:
            temporary.write_text(text + "\n")
    if json_path != "-" and not quiet:
        _show(reports[-1], len(series))
    _end(reports, alarms.ringing(wanted, reports[-1].values), partial_is_fine)


def _show(report: Report, count: int) -> None:
    from render.audit.report import COLUMNS

    click.echo(report.heading + (f" (the last of {count} snapshots)" if count > 1 else ""))
    console.table(COLUMNS, [number.cells() for number in report.numbers])


def _end(reports: list[Report], rung: list[str], partial_is_fine: bool) -> None:
    """Say what is missing and what rings, and end with the code of the worse of the two."""
    partial = [text for report in reports for text in report.partial]
    for text in partial:
        click.echo(f"render: partial report: {text}", err=True)
    for text in rung:
        click.echo(f"render: alarm: {text}", err=True)
    if rung:
        raise SystemExit(console.TARGET_MISSED)
    if partial and not partial_is_fine:
        raise SystemExit(console.USAGE)


__all__ = ["audit"]
