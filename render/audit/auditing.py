"""One audit as it was asked for: opened, audited, told, drawn, and judged by its conditions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from render.audit import alarms, destinations, on_numpy, placing, ringing
from render.audit.files import standard_input
from render.printable import printable, printable_text
from render.terminal import console, progress

if TYPE_CHECKING:
    from render.audit.against.comparison import Comparison
    from render.audit.files.series import Series
    from render.audit.files.snapshots import Keys, Snapshot
    from render.audit.report import Report
    from render.audit.series import AuditedSeries

WIDEST_TEXT = 100  # columns of an explanation


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Audit that was asked for, by the names of the command's options. keys: the arrays of roles."""

    path: Path
    keys: Mapping[str, str | None]
    layer: tuple[str, ...]
    ignored: tuple[str, ...]
    table: bool | None
    goal: str | None
    normalize: bool
    against: Path | None
    explain: str | None
    form: str
    json_path: str | None
    html_path: Path | None
    conditions: tuple[str, ...]
    alarms_file: Path | None
    partial_is_fine: bool
    out: Path
    drawn: bool
    watch: bool
    every: float
    theme: str
    workers: int | None
    scheduler: str | None
    device: str | None
    chunk_rows: int | None
    quiet: bool
    called: Path | None = None  # in what is told, instead of its path

    @property
    def draws(self) -> bool:
        return self.drawn and self.explain is None

    @property
    def tells(self) -> bool:
        return not self.quiet and self.json_path != "-"


@dataclass(frozen=True)
class Found:
    """What was opened, its audit, and how it compares with an earlier state, if that was asked for."""

    series: Series
    audited: AuditedSeries
    compared: Comparison | None = None
    before: Snapshot | None = None


def run(asked: Asked) -> None:
    """Audit, tell, draw, and end the program with the exit code of the worst of it.

    Raises ValueError for what cannot be audited or written, before anything else is done.
    """
    if asked.path != standard_input.STDIN:
        return _run(asked)
    if asked.watch:
        raise ValueError("-: is standard input: --watch is for the folder that a run writes to")
    if asked.workers is not None or asked.scheduler is not None:
        raise ValueError("-: is standard input: --workers and --scheduler read a file that they find by its name")
    with standard_input.kept() as path:
        return _run(replace(asked, path=path, called=Path(path.name)))


def _run(asked: Asked) -> None:
    destinations.require(asked)
    opened = _opener(asked)
    series = None if asked.watch else opened()
    if series is not None and on_numpy.suits(series.snapshots, vars(asked)):
        on_numpy.load()
    scalars = None if series is None else dict.fromkeys(name for one in series.snapshots for name in one.scalars)
    wanted = ringing.conditions(asked.conditions, asked.alarms_file, scalars, asked.against is not None)
    before = None if asked.against is None or series is None else _before(asked, series)
    found = _audited(asked, opened, series, before, any(alarm.of_steps for alarm in wanted))
    if asked.explain is not None:
        return explain(asked.explain, found.audited.last, asked.form)
    compared = found.compared
    told = found.audited.as_json() | ({"against": compared.as_json()} if compared else {})
    text = console.json_text(told)
    console.write_json(asked.json_path, text)
    if asked.tells:
        _show(asked, found)
    written = _draw(asked, found, text) if asked.draws else []
    if asked.html_path is not None:
        from render.audit import page

        page.write(asked.html_path, found.audited, compared, written if asked.draws else None)
        written.append(asked.html_path)
    for file in written if asked.tells and asked.form == "text" else ():
        click.echo(f"{printable(console.shown(file))}  {file.stat().st_size / 1000:.0f} kB")
    steps = [alarms.Step(page.step, page.judged) for page in found.audited.pages]
    if compared:
        steps[-1] = alarms.Step(steps[-1].step, {**steps[-1].values, **compared.values})
    failed = [*found.series.unread, *found.audited.failed]
    partial_of = [*found.audited.partial, *(compared.lacking if compared else ())]
    last = found.series.snapshots[-1].path
    lacks = "" if found.audited.last.snapshot.path == last else f"{last} gives no report to judge"
    return ringing.end(wanted, steps, failed, partial_of, lacks, asked.quiet, asked.partial_is_fine)


def explain(name: str, report: Report | None, form: str) -> None:
    """Print what a number or a kind of headline is, of a run if there is a report on it."""
    from render.audit import explain

    click.echo(explain.explanation(name, report, min(console.columns(), WIDEST_TEXT), form == "md"))


def _keys(asked: Asked) -> Keys:
    from render.audit.files.snapshots import Keys

    return Keys(**asked.keys)


def _opener(asked: Asked) -> Callable[[], Series]:
    from render.audit.files.series import open_series

    def opened() -> Series:
        found = open_series(asked.path, _keys(asked), asked.layer, asked.table)
        called = (replace(one, path=asked.called or one.path) for one in found.snapshots)
        return replace(found, snapshots=tuple(called))

    return opened


def _before(asked: Asked, series: Series) -> Snapshot:
    from render.audit.against.pairing import open_before

    assert asked.against is not None
    return open_before(asked.against, _keys(asked), series.snapshots[-1])


def _audited(
    asked: Asked, opened: Callable[[], Series], series: Series | None, before: Snapshot | None, of_steps: bool
) -> Found:
    """The audit of what is wanted of the series: of all steps where they are drawn, written or judged."""
    with progress.board(asked.quiet) as board, board.line(asked.path.name) as stages, stages("import"):
        if asked.draws or series is None:
            from render.audit.picture import writing
        from render.audit.report import audit
        from render.audit.series import audit_series

        if "jax" in sys.modules:
            from render.production.cache import Cache

            Cache.of_user().keep_programs()
    opened_now = None if series is None else [*series.snapshots, *([] if before is None else [before])]
    with placing.passing(asked.device, asked.workers, asked.scheduler, opened_now) as passing:
        report_on: Callable[[Snapshot], Report] = partial(
            audit,
            normalize=asked.normalize,
            goal=asked.goal,
            ignored=asked.ignored,
            rows_at_once=asked.chunk_rows,
            passing=passing,
        )
        if series is None:
            from render.audit import watching

            seen = writing.Seen(asked.path, asked.out if asked.draws else None, asked.theme, not asked.tells)
            report_on, series = watching.watch(asked.path, opened, report_on, seen, asked.every), opened()
        whole = asked.draws or asked.json_path or asked.html_path or of_steps
        snapshots = series.snapshots if whole else series.snapshots[-1:]
        first = series.snapshots[0] if len(snapshots) < len(series.snapshots) else None
        with progress.board(asked.quiet) as board, board.line(asked.path.name) as stages:
            audited = audit_series(snapshots, report_on, stages, first)
            compared = None if before is None else _compared(audited.last, report_on(before))
    return Found(series, audited, compared, before)


def _compared(after: Report, before: Report) -> Comparison:
    from render.audit.against.comparison import compare

    return compare(after, before)


def _show(asked: Asked, found: Found) -> None:
    from render.audit import telling

    audited, count = found.audited, len(found.series.snapshots) + len(found.series.unread)
    if found.compared:
        from render.audit.against import telling as of_both

        text = of_both.told(audited, found.compared, asked.form, console.columns())
    elif asked.form == "md":
        text = telling.markdown(audited, count)
    else:
        text = telling.text(audited, count, console.columns())
    click.echo(printable_text(text))


def _draw(asked: Asked, found: Found, text: str) -> list[Path]:
    from render.audit.picture import writing

    with progress.board(asked.quiet) as board, board.line(asked.path.name) as stages:
        beside = None if asked.json_path else text
        written = writing.write(asked.path, found.audited, beside, asked.out, asked.theme, stages)
        if found.compared and found.before:
            earlier = found.before.path
            how = asked.out, asked.theme, stages
            written += writing.write_comparison(asked.path, earlier, found.audited, found.compared, *how)
    return written


__all__ = ["Asked", "explain", "run"]
