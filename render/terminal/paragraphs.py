"""Lists, verdicts and claims as paragraphs, as wide as where they are read: no name is cut, no word is broken."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from render.terminal import console

if TYPE_CHECKING:
    from render.target import Verdict

MARKS = {"holds": "✓", "does not hold": "✗"}  # of a claim's verdict; with our experiment it is half of the first


def filled(text: str, first: str = "", rest: str | None = None) -> list[str]:
    """Lines of one paragraph: `first` before it, `rest` before its further lines (as wide as `first` if None)."""
    rest = " " * len(first) if rest is None else rest
    wrapper = textwrap.TextWrapper(console.columns(), initial_indent=first, subsequent_indent=rest)
    wrapper.break_long_words = wrapper.break_on_hyphens = False
    return wrapper.wrap(text)


def whole(lines: Callable[..., Iterator[str]]) -> Callable[..., str]:
    """A function that yields lines, as one that returns them as one text."""

    @functools.wraps(lines)
    def joined(*given: Any) -> str:
        return "\n".join(lines(*given))

    return joined


@whole
def scenes(rows: Sequence[Mapping[str, Any]], long: bool = False) -> Iterator[str]:
    """Name and title of every scene, a heading a post; long: also output, frames and targets."""
    widest = max(len(row["name"]) for row in rows)
    for number, (post, found) in enumerate(groupby(rows, key=lambda row: row["post"])):
        yield from [""] * (number > 0)
        yield from filled(post)
        for row in found:
            yield from filled(row["title"], f"  {row['name']:<{widest}}  ")
            if long:
                targets = f"{row['targets']} target{'s' * (row['targets'] != 1)}"
                yield from filled(f"{row['output']}.gif, {row['frames']} frames, {targets}", " " * (widest + 4))


@whole
def verdicts(found: Mapping[str, Sequence[Verdict]]) -> Iterator[str]:
    """Every target's worst value, goal and bound, a heading a scene, and how many targets are met."""
    for name, of_scene in found.items():
        yield name
        for verdict in of_scene:
            yield from filled(*_said(verdict))
            yield from filled(", ".join(_figures(verdict)), "      ")
        yield ""
    every = [verdict for of_scene in found.values() for verdict in of_scene]
    yield f"{sum(not verdict.failed for verdict in every)} of {len(every)} targets met"


def _said(verdict: Verdict) -> tuple[str, str, str]:
    mark = "✗" if verdict.failed else "✓" if verdict.enough else "?"
    ending = ": MISSED" if verdict.failed else "" if verdict.enough else ": too few seeds"
    first = " (first frame)" if verdict.target.at == "first" else ""
    return f"{verdict.target.name}{first}{ending}", f"  {mark} ", "    "


def _figures(verdict: Verdict) -> Iterator[str]:
    of_seed = f" (seed {verdict.worst_seed})" if verdict.seeds > 1 else ""
    yield f"worst {verdict.worst:.4g}{of_seed}"
    yield f"goal {verdict.target.goal_text}"
    yield f"margin {verdict.margin:+.3g}"
    share = "" if verdict.target.share == 1 else f" (needs {verdict.target.share:.0%})"
    yield f"met on {verdict.held} of {verdict.seeds}{share}"
    if verdict.lower_bound is not None:
        yield f"bound ≥ {console.percent(verdict.lower_bound)}"


@whole
def claims(names: Iterable[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A paragraph a claim, a heading a post. names: what the cells are; the first is the post, the last the verdict."""
    *inner, _ = tuple(names)[2:]
    for number, (post, found) in enumerate(groupby(rows, key=lambda row: row[0])):
        yield from [""] * (number > 0)
        yield from filled(post)
        for _, claim, *figures, verdict in found:
            yield ""
            yield from filled(claim, f"  {MARKS.get(verdict.partition(':')[0], '~')} ")
            yield from filled(verdict, "    ", "      ")
            for name, figure in zip(inner, figures, strict=True):
                yield from filled(f"{name}: {figure}", "    ", "      ")
