"""Region: the part of the plane in which a score is positive, and the line where it is zero."""

from __future__ import annotations

from dataclasses import dataclass

import contourpy
import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from render.picture.marks.base import MOVING, Mark
from render.picture.stage import Drawn, Stage

EMPTY = Path(np.empty((0, 2)))


@dataclass(frozen=True, kw_only=True)
class Region(Mark):
    """score (frames, side, side) on a grid over [-extent, extent]^2, row = y, by name.

    negative, positive: roles of the inks in which the two parts are tinted; the boundary has `ink`.
    """

    score: str
    extent: float
    negative: str = "class:0"
    positive: str = "class:1"
    ink: str = "ink"
    tint: float = 0.16

    def reach(self, stage: Stage) -> np.ndarray:
        return np.array([[-self.extent, -self.extent], [self.extent, self.extent]])

    def draw(self, stage: Stage) -> Drawn:
        theme, score = stage.theme, stage.course(self.score)
        ticks = np.linspace(-self.extent, self.extent, score.shape[-1])
        (x0, x1), (y0, y1) = stage.axes.get_xlim(), stage.axes.get_ylim()
        ground = theme.on_page(theme.ink_of(self.negative), self.tint)
        stage.axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=ground, edgecolor="none", zorder=1.5))
        part = PathPatch(
            EMPTY, facecolor=theme.on_page(theme.ink_of(self.positive), self.tint), edgecolor="none", zorder=MOVING
        )
        stage.axes.add_patch(part)
        (line,) = stage.axes.plot([], [], color=theme.ink_of(self.ink), linewidth=theme.bold_pt, zorder=MOVING + 0.4)

        def update(frame: int) -> None:
            contours = contourpy.contour_generator(
                ticks, ticks, score[frame], line_type="ChunkCombinedNan", fill_type="ChunkCombinedCode"
            )
            vertices, codes = (chunk[0] for chunk in contours.filled(0, np.inf))
            part.set_path(EMPTY if vertices is None else Path(vertices, codes))
            (found,) = contours.lines(0)[0]
            found = np.empty((0, 2)) if found is None else found
            line.set_data(found[:, 0], found[:, 1])

        update(0)
        decided = (score > 0).reshape(len(score), -1).astype(float)
        corners = np.array([[x0, y0], [x1, y1]])
        return Drawn([part, line], update, decided, np.broadcast_to(corners, (stage.frames, 2, 2)))
