"""Explanations: what a number of the audit is, what a run of its kind should have, and the table of headlines."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator

from render.audit import numbers
from render.audit.against import kinds, likeness
from render.audit.against.telling import explanation as explanation_of_likeness
from render.audit.headline import BY_NAME, COLUMNS, Kind, rows
from render.audit.number import Number
from render.audit.report import Report
from render.audit.telling import table
from render.audit.theory import GOALS, Setting

HEADLINE, AGAINST = "headline", "against"  # of which all kinds are told


def require(name: str) -> None:
    """Raise ValueError for a name that nothing has, with those that there are."""
    names = (*numbers.names(), HEADLINE, *BY_NAME, *likeness.NAMES, AGAINST, *kinds.BY_NAME)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"--explain {name}: there is no such number or headline; {hint}there are {', '.join(names)}")


def explanation(name: str, report: Report | None, width: int, as_markdown: bool = False) -> str:
    """What a number or a kind of headline is; of "headline" and "against", all kinds.

    `report` says what a run claims.
    """
    require(name)
    tables = {HEADLINE: (BY_NAME, rows), AGAINST: (kinds.BY_NAME, kinds.rows)}
    if name in tables:
        of, told = tables[name]
        if as_markdown:
            return table(COLUMNS, [[f"`{row[0]}`", *row[1:]] for row in told()])
        return "\n\n".join(_kind(kind, width) for kind in of.values())
    if name in likeness.NAMES:
        return "\n".join(line for part in explanation_of_likeness(name) for line in _wrapped(part, width))
    of_kind = [_kind(of[name], width) for of in (BY_NAME, kinds.BY_NAME) if name in of]
    of_number = [
        "\n".join(line for part in _number(number, report) for line in _wrapped(part, width))
        for number in numbers.NUMBERS
        if number.name == name
    ]
    return "\n\n".join(of_number + of_kind)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)


def _kind(kind: Kind, width: int) -> str:
    words = ", ".join(f"{goal} {word}" for goal, word in zip(GOALS, kind.status, strict=True) if word != "-")
    parts = (
        f"{kind.name}: {kind.looks_at}",
        f"  said from: {kind.said_from}",
        f"  because: {kind.why}",
        f"  status: {words or 'none'}",
    )
    return "\n".join(line for part in parts for line in textwrap.wrap(part, width, subsequent_indent="    "))


def _number(number: Number, report: Report | None) -> Iterator[str]:
    yield f"{number.name}: {number.meaning}"
    yield f"definition: {number.definition}"
    if report is None:
        example = Setting(1000, 64, 10, 10)
        said = {goal: number.theory(Setting(**{**vars(example), "goal": goal})) for goal in GOALS}
        told = ", ".join(f"{found.formula} of a {goal}" for goal, found in said.items() if found is not None)
        yield f"theory: {told or 'none says what it should be'}"
    else:
        goal = number.theory(report.setting)
        value = "none says what it should be" if goal is None else f"{goal.formula} = {goal.value:.4g}"
        yield f"theory, of a {report.setting.goal}: {value}"
        here = [one for one in report.numbers if one.name == number.name]
        yield f"here: {here[0].value:.6g}  {here[0].verdict}".rstrip() if here else "here: the data do not give it"
    if number.sampled:
        yield "of: a sample of 2,048 points at most"
    if number.source:
        yield f"source: {number.source}"


__all__ = ["HEADLINE", "explanation", "require"]
