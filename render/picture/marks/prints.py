"""Prints: small images that move, each in one ink, of which those that are singled out have another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba_array

from render.picture.marks.base import MOVING, Mark, at, joined
from render.picture.stage import Drawn, Stage

TINTS = (0.35, 0.65, 1.0)  # of a cell by its share of the darkest; lighter ones are not drawn


@dataclass(frozen=True, kw_only=True)
class Prints(Mark):
    """Images (n, rows, columns), from 0 to 1, by name, the first row on top, centred on points (frames, n, 2), by name.

    size_px: their height. ink: a role. singled: (frames, n) by name, true for those that have the ink `single`.
    """

    images: str
    points: str
    size_px: float = 30.0
    ink: str = "ink"
    singled: str = ""
    single: str = "run"

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.points, 3).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        places, images = stage.places(self.points, 3), np.asarray(stage.fixed(self.images), float)
        singled = (
            stage.played(self.singled, 2).astype(bool) if self.singled else np.zeros((1, places.shape[1]), dtype=bool)
        )
        of, corners, levels = self._cells(stage, images)
        inks = np.stack([self._colours(stage, ink)[levels] for ink in (self.ink, self.single)])
        cells = PolyCollection(
            corners + places[0][of, None], edgecolors="none", antialiased=False, zorder=MOVING + self.over
        )
        stage.axes.add_collection(cells, autolim=False)

        def update(frame: int) -> None:
            cells.set_verts(corners + at(places, frame)[of, None])
            cells.set_facecolor(inks[at(singled, frame)[of].astype(int), np.arange(len(of))])

        update(0)
        moves = joined(
            stage.motion(self.points, 3) if len(places) > 1 else None,
            singled.astype(float) if len(singled) > 1 else None,
        )
        return Drawn([cells], update, moves, np.broadcast_to(places, (stage.frames, *places.shape[1:])))

    def _cells(self, stage: Stage, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of every cell that is drawn: its image, corners (4, 2) from that image's middle, and number of its tint."""
        rows, columns = images.shape[1:]
        shown = np.digitize(images, (0.25, 0.5, 0.75)) - 1
        of, row, column = np.nonzero(shown >= 0)
        side = self.size_px / rows * stage.span / (stage.box.width, stage.box.height)
        square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        middle = np.stack([column - columns / 2, rows / 2 - 1 - row], axis=1)
        return of, (middle[:, None] + square) * side, shown[of, row, column]

    @staticmethod
    def _colours(stage: Stage, ink: str) -> np.ndarray:
        theme = stage.theme
        return to_rgba_array([theme.on_page(theme.ink_of(ink), tint) for tint in TINTS])
