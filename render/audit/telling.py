"""The report of an audit as text for a terminal or as Markdown: the headline first, then the numbers in groups."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from render.audit import by_depth
from render.audit.depth import Depth
from render.audit.numbers import GROUPS
from render.audit.report import COLUMNS, Finding
from render.audit.series import AuditedSeries
from render.printable import printable

MARKUP = "\\*_`<>[]|&~$"  # letters that Markdown may take for more than themselves
WIDEST = 200  # columns of a table: what is wider is hard to read


def heading(audited: AuditedSeries, count: int) -> str:
    """What was audited, in one line; of a series of `count` snapshots, the last."""
    read = len(audited.told)
    missing = f" that gave a report, of {count}" if 1 < read < count else ""
    return audited.last.heading + (f" (the last of {read} snapshots{missing})" if read > 1 else "")


def grouped(numbers: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Numbers by the titles of their groups, both in the order of the table."""
    found = {title: [one for one in numbers if one.number.group == group] for group, title in GROUPS.items()}
    return {title: some for title, some in found.items() if some}


def text(audited: AuditedSeries, count: int, width: int) -> str:
    """The report in lines of at most so many columns, names whole."""
    return "\n".join(_lines(audited, count, width))


def _lines(audited: AuditedSeries, count: int, width: int) -> Iterator[str]:
    headline, numbers = audited.headline, audited.last.numbers
    word = f"{headline.status}: " if headline.status else ""
    yield from textwrap.wrap(f"{word}{headline.text}", width, subsequent_indent="  ")
    yield from textwrap.wrap(f"next: {headline.next}", width, initial_indent="  ", subsequent_indent="    ")
    for remark in audited.last.findings(audited.first)[1:]:
        yield from textwrap.wrap(f"also: {remark.text}", width, initial_indent="  ", subsequent_indent="    ")
    if audited.last.depth is not None:
        yield from _depth(audited.last.depth, width)
    yield ""
    yield from textwrap.wrap(heading(audited, count), width, subsequent_indent="  ", break_on_hyphens=False)
    for narrow in (False, True):
        rows = {title: [_cells(one, narrow) for one in some] for title, some in grouped(numbers).items()}
        every = [row for some in rows.values() for row in some]
        sizes = [max(len(row[place]) for row in every) for place in range(len(every[0]))]
        if sum(sizes) + 2 * len(sizes) <= min(width, WIDEST):  # what a number means is else left to --explain
            break
    for title, some in rows.items():
        yield ""
        yield title
        for name, value, *rest in some:
            cells = [name.ljust(sizes[0]), value.rjust(sizes[1]), *map(str.ljust, rest, sizes[2:])]
            yield f"  {'  '.join(cells)}".rstrip()
    yield ""
    yield "render audit --explain NAME says what a number is, and what a headline."


def _depth(found: Depth, width: int) -> Iterator[str]:
    """What is so by depth, and the layers as a table, depth down; only as many numbers as there is room for."""
    yield ""
    yield from textwrap.wrap(f"by depth: {by_depth.sentence(found)[1]}", width, subsequent_indent="  ")
    rows = by_depth.rows(found)
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while sum(sizes) + 2 * len(sizes) > width and len(sizes) > 2:
        sizes, rows = sizes[:-1], [row[:-1] for row in rows]
    for name, *rest in rows:
        yield f"  {'  '.join([name.ljust(sizes[0]), *map(str.rjust, rest, sizes[1:])])}".rstrip()


def _cells(one: Finding, narrow: bool) -> list[str]:
    name, value, theory, verdict, meaning = one.cells()
    if narrow:
        return [name, value, "" if one.theory is None else f"theory {one.theory:.4g}", verdict]
    return [name, value, theory, verdict, meaning]


def markdown(audited: AuditedSeries, count: int) -> str:
    """The report as Markdown."""
    headline = audited.headline
    word = f"**{headline.status}**: " if headline.status else ""
    parts = [f"# {escaped(headline.text)}", f"{word}next: {escaped(headline.next)}"]
    others = audited.last.findings(audited.first)[1:]
    if others:
        parts.append("\n".join(f"- {escaped(remark.text)}" for remark in others))
    if audited.last.depth is not None:
        titles, *rows = by_depth.rows(audited.last.depth)
        told = [[code(name), *rest] for name, *rest in rows]
        titles = [escaped(title) for title in titles]
        parts += [f"## by depth: {escaped(by_depth.sentence(audited.last.depth)[1])}", table(titles, told)]
    parts.append(escaped(heading(audited, count)))
    for title, some in grouped(audited.last.numbers).items():
        parts += [f"## {title}", table(COLUMNS, [[f"`{one.name}`", *one.cells()[1:]] for one in some])]
    return "\n\n".join(parts)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(re.sub(r"(?<!\\)\|", r"\|", cell) for cell in line) + " |" for line in lines)


def escaped(words: str) -> str:
    """Words as Markdown shows them: as they are."""
    return "".join(f"\\{letter}" if letter in MARKUP else letter for letter in printable(words))


def code(name: str) -> str:
    """A name as code in Markdown, or as words where it would end the code."""
    return escaped(name) if "`" in name else f"`{printable(name)}`"


__all__ = ["code", "heading", "markdown", "table", "text"]
