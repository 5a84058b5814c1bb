"""The layers of a run: depth down and steps across in cells of colour; of a single snapshot, a bar a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from render.audit.by_depth import labels, short
from render.audit.depth import CKA, Depth
from render.audit.picture.album import Page
from render.audit.picture.shown import Evidence, literal
from render.audit.theory import CONTRASTIVE
from render.film import Layout
from render.picture import words
from render.picture.frames import Bare, Frame, Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.text import Words
from render.picture.marks.tiles import Tiles
from render.picture.theme import LIGHT
from render.picture.words import said

INK = "rival"
PALEST = 0.1  # tint of the least that there is: what is not there has none
GAP_PX = 18
KEY_PX = 20  # of the line that says which colour is which number
ROW_PX, LEAST_PX, MOST_PX = 30, 210, 420  # of the rows of layers
HEAD_PX = 27 + 25 + GAP_PX + KEY_PX  # of a group's heading, its maps' and their keys
NAME_PX = 21  # that a name needs
FINE = 10  # parts of a row, the last of which is the gap to the next
MOST_GAPS = 20  # layers that have a gap between them
NAMES_PX = 96  # of the longest name
BAR = 0.66  # of a frame's width, that the longest bar takes
HEADING_PT = LIGHT.note_pt + 0.6  # of a frame
UNIT = Scale(low=0.0, high=1.0)


@dataclass(frozen=True)
class Map:
    """A number over depth and steps.

    ends: of its scale, those of the run where None; means: words for them, where these say more; log: a logarithmic
    scale.
    """

    number: str
    heading: str
    ends: tuple[float | None, float | None] = (None, None)
    means: tuple[str, str] = ("", "")
    log: bool = False

    def limits(self, values: np.ndarray) -> tuple[float, float]:
        finite = values[np.isfinite(values) & ((values > 0) | (not self.log))]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (1.0, 1.0)
        return (low if self.ends[0] is None else self.ends[0]), (high if self.ends[1] is None else self.ends[1])

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Values as shares of the way from the page's colour to the solid one; 0 where there is none."""
        low, high = self.limits(values)
        values = np.clip(values, low, high)
        if self.log and high > low:
            values, low, high = np.log(values), np.log(low), np.log(high)
        share = (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 1.0)
        return np.nan_to_num(PALEST + (1 - PALEST) * share)


SPREAD = Map("within_between_ratio", "spread within / between", means=("apart", "mixed"), log=True)
RANK = Map("participation_ratio", "directions in use")
RIGHT = Map("nearest_mean_recall", "right by nearest mean", ends=(None, 1.0))
CONE = Map("mean_cosine", "cosine of two rows", ends=(0.0, 1.0), means=("", "a cone"))
LENGTH = Map("row_length", "length of a row", log=True)


def maps(depth: Depth, goal: str) -> tuple[Map, ...]:
    """What is shown of the layers: of classes, how far apart they are; else how the rows lie."""
    first = (CONE, RANK, LENGTH)
    if any(RIGHT.number in some for some in depth.values.values()):
        first = (CONE if goal == CONTRASTIVE else SPREAD, RANK, RIGHT)
    return (*first, Map(CKA, "like {} (CKA)", ends=(0.0, 1.0)))


def rows_px(count: int) -> int:
    """Height of the rows of so many layers."""
    return min(max(ROW_PX * count, LEAST_PX), MOST_PX)


def by_depth(depth: Depth, pages: Sequence[Page], goal: str, width_px: float, moving: bool) -> Evidence:
    """The layers of the last page, of all pages where it is `moving`: maps that fill up as the steps go, or bars."""
    names, shown = list(depth.values), maps(depth, goal)
    count = len(names)
    known = labels(names)
    size = max(_width("layers", HEADING_PT, True), *(_width(_cut(name), bold=True) for name in known.values()))
    each = (width_px - size - 2 - GAP_PX * len(shown)) / len(shown)
    arrays: dict[str, np.ndarray] = {
        "depth/key": np.linspace(PALEST, 1.0, 64)[None],
        "depth/end": np.arange(len(pages)) == len(pages) - 1,
        "depth/at": count - 0.5 - np.arange(count),
    }
    frames: list[Frame] = [_names(list(known.values()), known[depth.chosen])]
    keys: list[Frame] = [Bare(marks=(Words(place=(1.0, 0.5), lines=("scale",), align="right"),))]
    for one in shown:
        values, name = np.array([_column(page, one.number, names) for page in pages]), f"depth/{one.number}"
        if moving:
            texts = [said(value) for value in values[-1]]
            end = 1 - (max(map(_width, texts)) + 7) / each
            tiles = Tiles(table=name, ink=INK, low=0.0, high=1.0, box=(0.0, 0.0, end, float(count)))
            arrays[name], marks = _uncovered(one.shares(values)), (tiles, *_at_the_end(texts))
            keys.append(_key(one, values, each, end))
        else:
            arrays[name], marks = _bars(name, one, values[-1])
        room = each - _width(one.heading.format(""), HEADING_PT, True)
        heading = one.heading.format(_cut(known[depth.chosen], room, HEADING_PT))
        frames.append(Plane(heading=heading, x=UNIT, y=Scale(low=0.0, high=float(count)), marks=marks))
    letters, wide = "abcdefghij", (size + 2, *[each] * len(shown))
    above, below = letters[: len(frames)], letters[len(frames) : 2 * len(frames)]
    group = Group(
        heading="every layer at every step" if moving else "every layer",
        note=f"depth down; steps across, {pages[0].step:,} to {pages[-1].step:,}" if moving else "depth down",
        frames=(*frames, *(keys if moving else ())),
        layout=Layout((above, below), wide, (rows_px(count) + 25, KEY_PX)) if moving else Layout((above,), wide),
        gap_px=GAP_PX,
    )
    return Evidence((group,), arrays)


def _width(text: str, size_pt: float = LIGHT.note_pt, bold: bool = False) -> float:
    return words.width_px(text, LIGHT.family, size_pt, bold)


def _cut(name: str, room_px: float = NAMES_PX, size_pt: float = LIGHT.note_pt) -> str:
    """A layer's name in bold, as much of its end as there is room for: the start is what they share."""
    lengths = range(len(name), 1, -1)
    return next((cut for cut in (short(name, some) for some in lengths) if _width(cut, size_pt, True) <= room_px), "…")


def _column(page: Page, number: str, names: Sequence[str]) -> list[float]:
    values = page.depth.values if page.depth else {}
    return [values.get(name, {}).get(number, np.nan) for name in names]


def _uncovered(shares: np.ndarray) -> np.ndarray:
    """(steps, layers) -> (frames, rows, steps): each frame has the columns up to its own."""
    table = shares.T
    if len(table) <= MOST_GAPS:
        table = np.repeat(table, FINE, axis=0)
        table[FINE - 1 :: FINE] = 0.0
    steps = np.arange(table.shape[1])
    return np.where(steps[None, None, :] <= steps[:, None, None], table[None], 0.0)


def _written(rows: Sequence) -> list[tuple[int, Any]]:
    """The rows that have room for a text, each with its place, the last among them."""
    every = -(-len(rows) * NAME_PX // rows_px(len(rows)))
    return [(place, row) for place, row in enumerate(rows) if (len(rows) - 1 - place) % every == 0]


def _names(names: Sequence[str], chosen: str) -> Plane:
    """Names of the rows, the audited layer's in bold."""
    count = len(names)
    marks = tuple(
        Words(
            place=(1.0, count - 0.5 - place),
            lines=(literal(_cut(name)),),
            ink="ink" if name == chosen else "muted",
            bold=name == chosen,
            align="right",
        )
        for place, name in _written(names)
    )
    return Plane(heading="layers", x=UNIT, y=Scale(low=0.0, high=float(count)), marks=marks)


def _at_the_end(texts: Sequence[str]) -> list[Words]:
    """The numbers of the last step beside their rows, in the last frame, when they are known."""
    count = len(texts)
    return [
        Words(place=(1.0, count - 0.5 - place), lines=(text,), ink="ink", align="right", when="depth/end")
        for place, text in _written(texts)
    ]


def _key(one: Map, values: np.ndarray, width_px: float, end: float) -> Bare:
    """The scale's colours between its ends."""
    low, high = (mean or said(end) for mean, end in zip(one.means, one.limits(values), strict=True))
    left, right = ((_width(text) + 8) / width_px for text in (low, high))
    marks = (
        Words(place=(0.0, 0.5), lines=(low,)),
        Tiles(table="depth/key", ink=INK, low=0.0, high=1.0, box=(left, 0.2, end - left - right, 0.6)),
        Words(place=(end, 0.5), lines=(high,), align="right"),
    )
    return Bare(marks=marks)


def _bars(name: str, one: Map, values: np.ndarray) -> tuple[np.ndarray, tuple]:
    """A bar a layer from 0 on, with its number."""
    finite = np.where(np.isfinite(values), values, 0.0)
    most = one.ends[1] or float(np.abs(finite).max()) or 1.0
    heights = BAR * np.clip(finite / most, 0.0, 1.0)
    numbers = [
        Words(place=(float(heights[place]) + 0.03, len(values) - 0.5 - place), lines=(said(value),), ink="ink")
        for place, value in _written(values.tolist())
    ]
    return heights, (Bars(heights=name, at="depth/at", width=0.62, lying=True, ink=INK), *numbers)


def of_layer(group: Group, name: str, width_px: float) -> Group:
    """A group with the name of the layer that it is about behind its heading, and its note where that has room."""
    heading = f"{group.heading}, in {_cut(name)}"
    room = _width(heading, LIGHT.label_pt, True) + 10 + _width(group.note) <= width_px
    return replace(group, heading=heading, note=group.note if room else "")


__all__ = ["HEAD_PX", "by_depth", "of_layer", "rows_px"]
