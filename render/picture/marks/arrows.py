"""Arrows: from one place to another, such as a pull, or the direction in which something points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from render.picture.marks.base import MOVING, Mark, at, still
from render.picture.stage import Drawn, Stage

HEAD = 4.2  # length of a head in widths of its shaft, and at most the whole arrow
SLIM = 0.42  # half of a head's breadth over its length


@dataclass(frozen=True, kw_only=True)
class Arrows(Mark):
    """segments (frames, n, 2, 2), or (n, 2, 2) that stand still, by name: from the first point to the second.

    One that is NaN in a frame is missing in it. ink: a role. tint: how solid they are. width_pt: of the shaft.
    """

    segments: str
    ink: str = "ink"
    tint: float = 1.0
    width_pt: float = 3.0

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.segments, 4).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        theme, places = stage.theme, stage.places(self.segments, 4)
        colour = theme.on_page(theme.ink_of(self.ink), self.tint)
        shafts = LineCollection([], colors=colour, linewidths=self.width_pt, zorder=MOVING + self.over)
        heads = PolyCollection([], facecolors=colour, edgecolors="none", zorder=MOVING + self.over + 0.01)
        for artist in (shafts, heads):
            stage.axes.add_collection(artist, autolim=False)
            artist.set_transform(stage.composition.pixels)  # a head keeps its shape whatever the axes' scales are

        def update(frame: int) -> None:
            now = at(places, frame)
            seen = now[np.isfinite(now).all(axis=(1, 2))]
            bodies, tips = self._shapes(stage.px(seen.reshape(-1, 2)).reshape(-1, 2, 2))
            shafts.set_segments(list(bodies))
            heads.set_verts(list(tips))

        update(0)
        if len(places) == 1:
            return still([shafts, heads], self.over)
        content = places.reshape(len(places), -1, 2)
        return Drawn([shafts, heads], update, stage.motion(self.segments, 4), content)

    def _shapes(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Shafts (n, 2, 2) and heads (n, 3, 2) of arrows (n, 2, 2), all in pixels."""
        start, tip = pixels[:, 0], pixels[:, 1]
        length = np.linalg.norm(tip - start, axis=1, keepdims=True)
        along = (tip - start) / np.where(length > 0, length, 1.0)
        head = np.minimum(HEAD * self.width_pt * 100 / 72, length)
        foot, across = tip - head * along, np.stack([-along[:, 1], along[:, 0]], axis=1) * head * SLIM
        return np.stack([start, foot + 0.3 * head * along], axis=1), np.stack(
            [tip, foot + across, foot - across], axis=1
        )
