"""Codes on the unit sphere, seen from a point that slowly goes round it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from render.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.panels.gram import diverging
from render.scene import Arrays
from render.theme import Theme

REACH = 1.12
TILT = np.deg2rad(20)  # of the view above the equator
TURN = np.deg2rad(200)  # in the whole animation


@dataclass(frozen=True, kw_only=True)
class Sphere(Panel):
    """codes (frames, C, 3) of unit length and cosines (frames, C, C), by name; edges are coloured by |cosine|.

    lines: draw each code's whole line through the centre, for frames in which a code and its opposite are the same.
    """

    codes: str
    cosines: str
    lines: bool = False
    insets: Insets = Insets(left=14, right=14, bottom=34)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        codes, cosines = arrays[self.codes], arrays[self.cosines]
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], box_aspect=1, xlim=(-REACH, REACH), ylim=(-REACH, REACH))
        turn = np.linspace(0, 2 * np.pi, 181)
        outline = np.stack([np.cos(turn), np.sin(turn)])
        axes.plot(*outline, color=theme.edge, linewidth=theme.thin_pt, zorder=2)
        axes.plot(outline[0], np.sin(TILT) * outline[1], color=theme.grid, linewidth=theme.thin_pt, zorder=2)
        meridian = np.stack([np.cos(turn), np.zeros_like(turn), np.sin(turn)], axis=1)

        angles = TURN * np.linspace(0, 1, len(codes))
        first, second = np.triu_indices(codes.shape[1], k=1)
        colours = diverging(theme)
        (ring,) = axes.plot([], [], color=theme.grid, linewidth=theme.thin_pt, zorder=MOVING_ZORDER)
        edges = LineCollection([], linewidths=1.3, zorder=MOVING_ZORDER + 0.1)
        axes.add_collection(edges, autolim=False)
        (axis_lines,) = axes.plot([], [], color=theme.edge, linewidth=theme.thin_pt, zorder=MOVING_ZORDER + 0.05)
        dots = [
            axes.plot([], [], "o", markeredgecolor=theme.card, markeredgewidth=1.2, color=colour)[0]
            for colour in (theme.classes[k % len(theme.classes)] for k in range(codes.shape[1]))
        ]
        for dot in dots:
            dot.set_zorder(4)

        def update(frame: int) -> None:
            seen = codes[frame] @ view(angles[frame]).T  # columns: right, up, towards the reader
            ring.set_data(*(meridian @ view(angles[frame]).T)[:, :2].T)
            edges.set_segments(list(np.stack([seen[first, :2], seen[second, :2]], axis=1)))
            edges.set_color(colours(np.abs(cosines[frame][first, second])) / 255)
            if self.lines:
                gap = np.full((len(seen), 2), np.nan)
                axis_lines.set_data(*np.stack([-seen[:, :2], seen[:, :2], gap], axis=1).reshape(-1, 2).T)
            for dot, (x, y, near) in zip(dots, seen, strict=True):
                dot.set_data([x], [y])
                dot.set_markersize(9 + 3 * near)

        return Moving([ring, axis_lines, edges, *dots], update)


def view(angle: float) -> np.ndarray:
    """Rotation (3, 3) by `angle` about the vertical, then tilted: rows are right, up and towards the reader."""
    turned = np.array([[np.cos(angle), np.sin(angle), 0], [0, 0, 1], [np.sin(angle), -np.cos(angle), 0]])
    tilt = np.array([[1, 0, 0], [0, np.cos(TILT), -np.sin(TILT)], [0, np.sin(TILT), np.cos(TILT)]])
    return tilt @ turned
