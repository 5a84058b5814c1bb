"""What is so of the layers of a snapshot by depth: a sentence, and a table of few numbers, depth down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from render.audit.depth import CKA, Depth
from render.audit.headline import limits

LONGEST = 28  # letters of a layer's name


@dataclass(frozen=True)
class Reach:
    """Something that is so of layers whose number is on the side of `yes`, and not on that of `no`; between: not clear.

    kind: of the headline whose limit it is; words: what is so; what: the number in words.
    """

    kind: str
    number: str
    yes: float
    no: float
    words: str
    what: str = ""

    @property
    def sign(self) -> int:
        return 1 if self.yes > self.no else -1

    def holds(self, depth: Depth) -> list[bool | None]:
        """Whether it is so of each layer; None where that is not clear."""
        values = [self.sign * value for value in depth.number(self.number)]
        yes, no = self.sign * self.yes, self.sign * self.no
        return [True if value >= yes else False if value <= no else None for value in values]


CONSTANT = Reach("no_variance", "participation_ratio", 0.0, 1e-9, "all rows are the same")
SEPARATE = Reach(
    "separate_classes",
    "nearest_mean_recall",  # a row is not in its own mean: of few rows each is near to a mean with itself in it
    limits("separate_classes")[0],
    0.95,
    "classes separate",
    "right by the nearest mean",
)
COLLAPSED = Reach(
    "collapsed",
    "within_between_ratio",
    limits("collapsed")[0],
    2 * limits("collapsed")[0],
    f"spread within / between under {limits('collapsed')[0]:g}",
)
CONE = Reach("cone", "mean_cosine", limits("cone")[0], 0.6, "a cone", "mean cosine of two rows")


def told(depth: Depth) -> dict[str, str]:
    """What is so by depth, as JSON has it: kind and sentence."""
    kind, text = sentence(depth)
    return {"kind": kind, "text": text}


def sentence(depth: Depth) -> tuple[str, str]:
    """What is so by depth, its kind and a sentence: only what is beyond a limit on both sides, else plain numbers."""
    names = [*labels(list(depth.values)).values()]
    labelled = any(SEPARATE.number in some for some in depth.values.values())
    found: list[tuple[str, str]] = []
    for reach in (CONSTANT, SEPARATE, COLLAPSED) if labelled else (CONSTANT, CONE):
        holds = reach.holds(depth)
        place = where(holds, names)
        if place:
            numbers = f": {reach.what} {_nearest(reach, holds, depth, names)}" if reach.what and not found else ""
            found.append((reach.kind, f"{reach.words} {place}{numbers}"))
    if found:
        return found[0][0], "; ".join(text for _, text in found)
    values = depth.number(SEPARATE.number if labelled else "participation_ratio")
    if not labelled:
        return "layers", f"directions in use: {_said(values[0])} in {names[0]}, {_said(values[-1])} in {names[-1]}"
    best = int(np.nanargmax(values))
    most = f"{_said(values[best])} at most, in {names[best]}"
    if all(held is False for held in SEPARATE.holds(depth)):
        return "overlapping_classes", f"no layer separates the classes: {SEPARATE.what} {most}"
    return "layers", f"{SEPARATE.what}: {_said(values[0])} in {names[0]}, {most}"


def _said(value: float) -> str:
    from render.picture.words import said  # which loads Matplotlib: it has no part in an audit without a picture

    return said(value)


def _nearest(reach: Reach, holds: Sequence[bool | None], depth: Depth, names: Sequence[str]) -> str:
    """The number of the layer that is nearest to the limit where it is so, and of the nearest to it where it is not."""
    values = np.array(depth.number(reach.number))
    there = [place for place, held in enumerate(holds) if held]
    rest = [place for place, held in enumerate(holds) if not held and np.isfinite(values[place])]
    shown = [min(there, key=lambda place: reach.sign * values[place])]
    if rest:
        shown.append(max(rest, key=lambda place: reach.sign * values[place]))
    return ", ".join(f"{_said(values[place])} in {names[place]}" for place in sorted(shown))


def where(holds: Sequence[bool | None], names: Sequence[str]) -> str:
    """In which layers something is so, in words; nothing where it is in none. None: not clear, and never said."""
    so = [place for place, held in enumerate(holds) if held]
    if not so:
        return ""
    first, last, end = so[0], so[-1], len(holds) - 1
    if len(so) == len(holds):
        return "in every layer"
    if len(so) < last - first + 1:
        few = [names[place] for place in so]
        return f"in {', '.join(few[:-1])} and {few[-1]}" if len(so) < 4 else f"in {len(so)} of {len(holds)} layers"
    if last == end:
        return f"from {names[first]} on" + (" at the latest" if holds[first - 1] is None else "")
    if first == 0:
        after = "and not after" if all(held is False for held in holds[last + 1 :]) else "at least"
        return f"up to {names[last]} {after}"
    return f"in {names[first]}" if first == last else f"from {names[first]} to {names[last]}"


def labels(names: Sequence[str]) -> dict[str, str]:
    """Names of layers as they are shown: without what all share but its last part, model.blocks.3.mlp as blocks.3."""
    parts = [name.split(".") for name in names]
    fewest = min(map(len, parts))
    before = next((k for k in range(fewest) if len({tuple(part[: k + 1]) for part in parts}) > 1), fewest)
    after = next((k for k in range(fewest) if len({tuple(part[len(part) - k - 1 :]) for part in parts}) > 1), fewest)
    start = max(before - 1, 0)
    stops = [max(len(part) - after, start + 1) for part in parts]
    cut = [short(".".join(part[start:stop])) for part, stop in zip(parts, stops, strict=True)]
    return dict(zip(names, cut if len(set(cut)) == len(names) else map(short, names), strict=True))


def short(name: str, most: int = LONGEST) -> str:
    """A name with as many of its last letters as there is room for: the first ones are shared."""
    return name if len(name) <= most else f"…{name[1 - most :]}"


COLUMNS = (  # of the table: what it is called, its number, how it is written
    ("within/between", "within_between_ratio", "{:.3g}"),
    ("directions in use", "participation_ratio", "{:.3g}"),
    ("right by nearest mean", "nearest_mean_recall", "{:.3f}"),
    ("nc4", "nc4", "{:.3f}"),
    ("mean cosine", "mean_cosine", "{:.3f}"),
)


def rows(depth: Depth) -> list[list[str]]:
    """The layers as a table, depth down, its titles first; of the numbers that any layer has."""
    names = labels(list(depth.values))
    columns = (*COLUMNS, (f"CKA with {short(names[depth.chosen], 16)}", CKA, "{:.3f}"))
    there = [column for column in columns if any(column[1] in some for some in depth.values.values())]
    if any(number == SEPARATE.number for _, number, _ in there):
        there = [column for column in there if column[1] != "mean_cosine"]
    found = [["layer", "columns", *(title for title, _, _ in there)]]
    for name, some in depth.values.items():
        cells = [form.format(some[number]) if number in some else "–" for _, number, form in there]
        found.append([short(name), f"{depth.dims[name]:,}", *cells])
    return found


__all__ = ["labels", "rows", "sentence", "short", "told"]
