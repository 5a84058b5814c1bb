"""Tiles: an image or a table as cells of colour, on one scale for the whole run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.picture.ink import Cells
from render.picture.marks.base import MOVING, Mark, still
from render.picture.stage import Drawn, Stage


@dataclass(frozen=True, kw_only=True)
class Tiles(Mark):
    """table (frames, rows, columns), or (rows, columns) that stands still, by name; the first row on top.

    low, high: ends of the scale, from the page's colour to the ink's; those of the whole run if None. With `below` the
    scale has that ink for negative values, and the page in its middle. box: left, bottom, width, height in data
    coordinates; the whole frame if empty.
    """

    table: str
    ink: str = "ink"
    below: str = ""
    low: float | None = None
    high: float | None = None
    box: tuple[float, float, float, float] = ()  # type: ignore[assignment]

    def reach(self, stage: Stage) -> np.ndarray:
        left, bottom, width, height = self.box or (0.0, 0.0, 1.0, 1.0)
        return np.array([[left, bottom], [left + width, bottom + height]])

    def draw(self, stage: Stage) -> Drawn:
        theme, tables = stage.theme, stage.played(self.table, 3)
        high = self.high if self.high is not None else float(np.abs(tables).max() or 1.0)
        low = self.low if self.low is not None else (-high if self.below else 0.0)
        page, ink = _channels(theme.page), _channels(theme.ink_of(self.ink))
        share = np.clip((tables - (0.0 if self.below else low)) / (high - (0.0 if self.below else low)), -1, 1)
        colours = page + np.maximum(share, 0)[..., None] * (ink - page)
        if self.below:
            colours += np.maximum(-share, 0)[..., None] * (_channels(theme.ink_of(self.below)) - page)
        cells = np.round(colours).astype(np.uint8)
        left, bottom, width, height = self.box or (0.0, 0.0, 1.0, 1.0)
        x0, y0 = stage.px((left, bottom))
        x1, y1 = stage.px((left + width, bottom + height))
        canvas = stage.composition
        inner = canvas.parent.add_axes(
            (x0 / canvas.width, y0 / canvas.height, (x1 - x0) / canvas.width, (y1 - y0) / canvas.height)
        )
        inner.axis("off")
        image = Cells(inner, zorder=MOVING + self.over)
        image.set_data(cells[0])
        image.set_extent((0, 1, 0, 1))
        inner.set(xlim=(0, 1), ylim=(0, 1))
        inner.add_image(image)
        if len(tables) == 1:
            return still([image], self.over)
        corners = np.array([[left, bottom], [left + width, bottom + height]])
        return Drawn(
            [image],
            lambda frame: image.set_data(cells[frame]),
            share.reshape(len(share), -1),
            np.broadcast_to(corners, (stage.frames, 2, 2)),
        )


def _channels(colour: str) -> np.ndarray:
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], float)
