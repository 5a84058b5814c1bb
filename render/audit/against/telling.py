"""The comparison as text for a terminal or as Markdown: its headline first, then how alike, who moved, what changed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from render.audit.against.comparison import TOLD_MOVES, Comparison, Difference
from render.audit.against.likeness import LIKENESSES, NAMES
from render.audit.headline import Headline
from render.audit.numbers import GROUPS, NUMBERS
from render.audit.report import Report
from render.audit.series import AuditedSeries
from render.audit.telling import escaped, table
from render.printable import printable

CHANGES = ("number", "before", "after", "change")
ALIKE = ("how alike", "here", "unrelated rows")
LONGEST = 24  # letters of a class's name


def told(audited: AuditedSeries, comparison: Comparison, form: str, width: int) -> str:
    """The comparison in a form, "md" or "text"."""
    return markdown(audited, comparison) if form == "md" else text(audited, comparison, width)


def text(audited: AuditedSeries, comparison: Comparison, width: int) -> str:
    """The comparison in lines of at most so many columns, names whole."""
    return "\n".join(_lines(audited, comparison, width))


def _lines(audited: AuditedSeries, comparison: Comparison, width: int) -> Iterator[str]:
    headline = comparison.headline
    yield from textwrap.wrap(_worded(headline), width, subsequent_indent="  ")
    yield from textwrap.wrap(f"next: {headline.next}", width, initial_indent="  ", subsequent_indent="    ")
    for when, one in (("before", comparison.before.headline()), ("after", audited.headline)):
        yield from textwrap.wrap(f"{when}: {_worded(one)}", width, initial_indent="  ", subsequent_indent="    ")
    yield ""
    yield from textwrap.wrap(heading(comparison), width, subsequent_indent="  ", break_on_hyphens=False)
    yield ""
    yield from _aligned([ALIKE, *_alike(comparison)])
    if comparison.moved:
        yield ""
        yield "classes that moved most, in standard deviations of all rows, after the turn"
        yield from _aligned([(name[:LONGEST], f"{by:.3g}") for name, by in comparison.moved[:TOLD_MOVES]], "  ")
    every = [_cells(one) for one in comparison.differences]
    sizes = _sizes([CHANGES, *every])
    for title, some in _grouped(comparison).items():
        yield ""
        yield from _aligned([(title, *CHANGES[1:]), *map(_cells, some)], sizes=sizes)
    yield ""
    yield "render audit --explain NAME says what a number is, and against what headlines."


def heading(comparison: Comparison) -> str:
    """What was compared, in one line."""
    points, of = comparison.points, comparison.after.snapshot.points
    some = f"{points:,} of {of:,} rows" if points < of else f"{points:,} rows"
    before, after = comparison.before, comparison.after
    return f"{_named(after)} against {_named(before)}: of {some}"


def _named(report: Report) -> str:
    step = "" if report.snapshot.step is None else f", step {report.snapshot.step}"
    return f"{printable(report.snapshot.path)}{step} ({report.setting.dim:,} columns)"


def _worded(headline: Headline) -> str:
    return f"{headline.status}: {headline.text}" if headline.status else headline.text


def _alike(comparison: Comparison) -> list[tuple[str, str, str]]:
    laid = comparison.laid
    found = []
    for name in NAMES:
        spread = f" ± {laid.deviation:.2g}" if name == "cka" else ""
        found.append((name, _said(laid.values[name]), f"{laid.unrelated[name]:.4g}{spread}"))
    return found


def _cells(one: Difference) -> tuple[str, str, str, str]:
    return one.name, _said(one.before), _said(one.after), _said(one.change, "+")


def _said(value: float, sign: str = "") -> str:
    return "0" if abs(value) < 1e-12 else f"{value:{sign}.4g}"


def _grouped(comparison: Comparison) -> dict[str, list[Difference]]:
    group = {number.name: number.group for number in NUMBERS}
    found = {
        title: [one for one in comparison.differences if group[one.name] == name] for name, title in GROUPS.items()
    }
    return {title: some for title, some in found.items() if some}


def _sizes(rows: list[tuple[str, ...]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _aligned(rows: list[tuple[str, ...]], indent: str = "", sizes: list[int] | None = None) -> Iterator[str]:
    """Rows as columns, the first flush left, others right; the first row is a title, the others are set in."""
    sizes = sizes or _sizes(rows)
    for place, row in enumerate(rows):
        inset = indent or ("  " if place else "")
        name = f"{inset}{row[0]}".ljust(sizes[0] + 2)
        yield "  ".join([name, *(cell.rjust(size) for cell, size in zip(row[1:], sizes[1:], strict=True))]).rstrip()


def markdown(audited: AuditedSeries, comparison: Comparison) -> str:
    """The comparison as Markdown."""
    headline = comparison.headline
    word = f"**{headline.status}**: " if headline.status else ""
    parts = [f"# {escaped(headline.text)}", f"{word}next: {escaped(headline.next)}"]
    parts.append(
        f"- before: {escaped(_worded(comparison.before.headline()))}\n- after: {escaped(_worded(audited.headline))}"
    )
    parts += [escaped(heading(comparison)), table(ALIKE, [[f"`{one[0]}`", *one[1:]] for one in _alike(comparison)])]
    if comparison.moved:
        moved = [[escaped(name), f"{by:.3g}"] for name, by in comparison.moved[:TOLD_MOVES]]
        parts += [table(("class", "moved by, in standard deviations of all rows"), moved)]
    for title, some in _grouped(comparison).items():
        parts += [f"## {title}", table(CHANGES, [[f"`{one.name}`", *_cells(one)[1:]] for one in some])]
    return "\n\n".join(parts)


def explanation(name: str) -> list[str]:
    """What a number of a comparison is, a paragraph each; nothing for another name."""
    return [
        part
        for one in LIKENESSES
        if one.name == name
        for part in (
            f"{one.name}: {one.meaning}",
            f"definition: {one.definition}",
            f"of unrelated rows: {one.unrelated}",
            f"source: {one.source}" if one.source else "",
        )
        if part
    ]


__all__ = ["explanation", "heading", "markdown", "text", "told"]
