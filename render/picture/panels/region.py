"""Two decision regions with their boundary, and the points that they decide."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import contourpy
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from render.picture.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.picture.theme import Theme
from render.target import Arrays


@dataclass(frozen=True, kw_only=True)
class Region(Panel):
    """margin (frames, side, side): logit of class 1 less that of class 0 on a grid over [-reach, reach]^2, row = y.

    points (N, 2) and labels (N,) stand still.
    """

    margin: str
    points: str
    labels: str
    reach: float
    insets: Insets = Insets(left=14, right=14, bottom=14)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], box_aspect=1, xlim=(-self.reach, self.reach), ylim=(-self.reach, self.reach))
        axes.set_facecolor(theme.tint(theme.classes[0], 0.16))
        margin, points, labels = arrays[self.margin], arrays[self.points], arrays[self.labels]
        ticks = np.linspace(-self.reach, self.reach, margin.shape[-1])

        region = PathPatch(
            Path(np.empty((0, 2))), facecolor=theme.tint(theme.classes[1], 0.16), edgecolor="none", zorder=MOVING_ZORDER
        )
        axes.add_patch(region)
        (line,) = axes.plot([], [], color=theme.ink, linewidth=theme.line_pt, zorder=MOVING_ZORDER + 0.1)
        dots = [
            axes.plot(
                *points[labels == label].T, "o", markersize=theme.point_pt, markeredgewidth=0, color=colour, zorder=4
            )[0]
            for label, colour in zip((0, 1), itertools.cycle(theme.classes))
        ]

        def update(frame: int) -> None:
            contours = contourpy.contour_generator(
                ticks, ticks, margin[frame], line_type="ChunkCombinedNan", fill_type="ChunkCombinedCode"
            )
            vertices, codes = (chunk[0] for chunk in contours.filled(0, np.inf))
            region.set_path(Path(np.empty((0, 2))) if vertices is None else Path(vertices, codes))
            (lines,) = contours.lines(0)[0]
            lines = np.empty((0, 2)) if lines is None else lines
            line.set_data(lines[:, 0], lines[:, 1])

        return Moving([region, line, *dots], update)
