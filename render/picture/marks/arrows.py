"""Arrows: a shaft and a head from one point to another, such as a push and what it is pushed against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from render.picture.marks.base import MOVING, NOWHERE, Mark, still
from render.picture.stage import Drawn, Stage

LEAST_PX = 1.0  # a shorter arrow has no direction, and is not drawn


@dataclass(frozen=True, kw_only=True)
class Arrows(Mark):
    """segments (frames, n, 2, 2), or (n, 2, 2) that stand still, by name: each from its first point to its second.

    One that is NaN in a frame is missing in it. ink: a role. tint: how solid they are. width_pt: of the shaft; head_pt:
    length and width of the head, which shrinks with an arrow that is shorter than it. bounds: whether the axes must
    show all of them.
    """

    segments: str
    ink: str = "ink"
    tint: float = 1.0
    width_pt: float = 3.0
    head_pt: float = 10.0
    bounds: bool = True

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.segments, 4).reshape(-1, 2) if self.bounds else NOWHERE

    def draw(self, stage: Stage) -> Drawn:
        places = stage.places(self.segments, 4)
        outlines = [self._outlines(stage, now) for now in places]
        colour = stage.theme.on_page(stage.theme.ink_of(self.ink), self.tint)
        arrows = PolyCollection(outlines[0], facecolors=colour, edgecolors="none", zorder=MOVING + self.over)
        stage.axes.add_collection(arrows, autolim=False)
        if len(places) == 1:
            return still([arrows], self.over)
        content = places.reshape(len(places), -1, 2)
        return Drawn([arrows], lambda frame: arrows.set_verts(outlines[frame]), stage.motion(self.segments, 4), content)

    def _outlines(self, stage: Stage, segments: np.ndarray) -> list[np.ndarray]:
        """Corners (7, 2) in data coordinates of each arrow that is long enough; sizes are of the paper's."""
        start, end = (stage.axes.transData.transform(segments[:, k]) for k in (0, 1))
        pixel = stage.composition.parent.dpi / 72
        length = np.linalg.norm(end - start, axis=1)
        drawn = length > LEAST_PX  # NaN is not
        start, end, length = start[drawn], end[drawn], length[drawn, None]
        along = (end - start) / length
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        head = np.minimum(self.head_pt * pixel, length)
        wing = across * head / 2
        shaft = across * np.minimum(self.width_pt * pixel, head / 2) / 2
        neck = end - along * head
        corners = np.stack(
            [start + shaft, neck + shaft, neck + wing, end, neck - wing, neck - shaft, start - shaft], axis=1
        )
        back = stage.axes.transData.inverted().transform(corners.reshape(-1, 2))
        return list(back.reshape(-1, 7, 2))
