"""Slices: filled polygons between points that move, such as the sector between two lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from render.picture.marks.base import MOVING, Mark, still
from render.picture.stage import Drawn, Stage


@dataclass(frozen=True, kw_only=True)
class Slices(Mark):
    """corners (frames, n, corners, 2 or 3), or (n, corners, 2 or 3) that stand still, by name.

    inks: a role each, in turn. tint: how solid they are.
    """

    corners: str
    inks: tuple[str, ...] = ("muted",)
    tint: float = 0.5

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.corners, 4).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        theme, places = stage.theme, stage.places(self.corners, 4)
        colours = [
            theme.on_page(theme.ink_of(self.inks[k % len(self.inks)]), self.tint) for k in range(places.shape[1])
        ]
        polygons = PolyCollection(places[0], facecolors=colours, edgecolors="none", zorder=MOVING + self.over)
        stage.axes.add_collection(polygons, autolim=False)
        if len(places) == 1:
            return still([polygons], self.over)
        moves, content = stage.motion(self.corners, 4), places.reshape(len(places), -1, 2)
        return Drawn([polygons], lambda frame: polygons.set_verts(places[frame]), moves, content)
