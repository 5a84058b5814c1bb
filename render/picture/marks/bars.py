"""Bars: heights over what is counted, upright or lying, from a common foot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from render.picture.marks.base import MOVING, Mark, still
from render.picture.stage import Drawn, Stage

PACKED_GAP = 0.003  # between bars that stand side by side, in units of their axis
NARROW = 4 * PACKED_GAP  # a bar that is no wider touches the next one: with gaps it would be half as dark


@dataclass(frozen=True, kw_only=True)
class Bars(Mark):
    """heights (frames, n), or (n,) that stand still, by name.

    at: (n,) their places along the other axis, by name; 1, 2, ... if empty. width: of a bar in units of that axis.
    packed: (frames, n) widths by name, of bars that stand side by side from 0 on, with a gap of PACKED_GAP after
    one wider than NARROW.
    lying: from left to right. ink: a role. tint: how solid they are. outline: edges alone, as of what was or will be.
    names: below the bars.
    """

    heights: str
    at: str = ""
    packed: str = ""
    width: float = 0.8
    lying: bool = False
    ink: str = "run"
    tint: float = 1.0
    outline: bool = False
    names: tuple[str, ...] = ()

    def _rectangles(self, stage: Stage) -> np.ndarray:
        """Corners of every bar: (frames or 1, n, 4, 2)."""
        heights = stage.played(self.heights, 2)
        if self.packed:
            widths = stage.played(self.packed, 2)
            right = np.cumsum(widths, axis=1)
            left, right = right - widths, right - np.where(widths > NARROW, PACKED_GAP, 0)
            heights = np.broadcast_to(heights, widths.shape)
        else:
            middle = np.asarray(stage.fixed(self.at), float) if self.at else np.arange(1.0, heights.shape[1] + 1)
            left, right = middle - self.width / 2, middle + self.width / 2
        foot = np.zeros_like(heights)
        across = np.broadcast_to(np.stack([left, right, right, left], axis=-1), (*heights.shape, 4))
        along = np.stack([foot, foot, heights, heights], axis=-1)
        return np.stack([along, across] if self.lying else [across, along], axis=-1)

    def reach(self, stage: Stage) -> np.ndarray:
        return self._rectangles(stage).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        theme, corners = stage.theme, self._rectangles(stage)
        colour = theme.on_page(theme.ink_of(self.ink), self.tint)
        bars = PolyCollection(
            corners[0],
            facecolor="none" if self.outline else colour,
            edgecolor=colour if self.outline else "none",
            linewidth=theme.dash_pt if self.outline else 0,
            antialiased=self.outline,
            zorder=MOVING + self.over,
        )
        stage.axes.add_collection(bars, autolim=False)
        for name, box in zip(self.names, corners[0], strict=False):
            x, y = stage.px(box[:2].mean(axis=0))
            stage.write(x, y - 14, name, ha="center", within=stage.composition.pixels)
        if len(corners) == 1:
            return still([bars], self.over)
        tops = stage.shares(corners.reshape(-1, 2)).reshape(corners.shape)[:, :, 2, 0 if self.lying else 1]
        content = corners.reshape(len(corners), -1, 2)
        return Drawn([bars], lambda frame: bars.set_verts(corners[frame]), tops, content)
