"""Blobs: ellipses that move and change their shape, such as how a cloud is spread or the shadow of an ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from render.picture.marks.base import MOVING, Mark, still
from render.picture.stage import Drawn, Stage

CORNERS = 72  # of the polygon that stands for an ellipse


@dataclass(frozen=True, kw_only=True)
class Blobs(Mark):
    """centres (frames, n, 2) and shapes (frames, n, 2, 2), or (n, 2) and (n, 2, 2) that stand still, by name.

    A shape is a symmetric matrix S, none of its eigenvalues below 0, in the units of the plane: the ellipse has its
    eigenvectors as axes, and the roots of its eigenvalues as their half lengths, as has a cloud of that covariance.
    ink: a role. tint: how solid they are; their rim is solid. width_pt: of the rim.
    """

    centres: str
    shapes: str
    ink: str = "run"
    tint: float = 0.5
    width_pt: float = 1.4

    def _outlines(self, stage: Stage) -> np.ndarray:
        """Corners of every ellipse: (frames or 1, n, CORNERS, 2)."""
        centres, shapes = stage.played(self.centres, 3), stage.played(self.shapes, 4)
        values, vectors = np.linalg.eigh(shapes)
        root = vectors * np.sqrt(np.maximum(values, 0))[..., None, :] @ np.swapaxes(vectors, -1, -2)
        turn = 2 * np.pi * np.arange(CORNERS) / CORNERS
        circle = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
        return centres[..., None, :] + circle @ root

    def reach(self, stage: Stage) -> np.ndarray:
        return self._outlines(stage).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        theme, outlines = stage.theme, self._outlines(stage)
        colour = theme.ink_of(self.ink)
        blobs = PolyCollection(
            outlines[0],
            facecolor=theme.on_page(colour, self.tint),
            edgecolor=colour,
            linewidth=self.width_pt,
            zorder=MOVING + self.over,
        )
        stage.axes.add_collection(blobs, autolim=False)
        if len(outlines) == 1:
            return still([blobs], self.over)
        moves = stage.shares(outlines[:, :, :: CORNERS // 8]).reshape(len(outlines), -1)
        content = outlines.reshape(len(outlines), -1, 2)
        return Drawn([blobs], lambda frame: blobs.set_verts(outlines[frame]), moves, content)
