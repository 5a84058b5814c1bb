"""Labelled points in the plane, with class means, the lines between them, and the ghosts of the ideal."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from render.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.scene import Arrays
from render.theme import Theme


@dataclass(frozen=True, kw_only=True)
class Scatter(Panel):
    """points (frames, N, 2), labels (N,), means (frames, C, 2) and ghosts (C, 2), by name; the last two may be empty.

    The limits are those of the whole run, the same for both axes.
    """

    points: str
    labels: str
    means: str = ""
    ghosts: str = ""
    insets: Insets = Insets(left=14, right=14, bottom=34)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        points, labels = arrays[self.points], arrays[self.labels]
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], aspect="equal", box_aspect=1)
        drawn = [points] + [arrays[name] for name in (self.means, self.ghosts) if name]
        reach = 1.06 * max(float(np.abs(array).max()) for array in drawn)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach))

        if self.ghosts:
            for ghost, colour in zip(arrays[self.ghosts], itertools.cycle(theme.classes)):
                axes.plot(
                    *ghost, "o", markersize=theme.ghost_pt, fillstyle="none", color=theme.tint(colour, 0.6), zorder=2
                )

        clouds = [
            axes.plot([], [], "o", markersize=theme.point_pt, markeredgewidth=0, color=colour, zorder=MOVING_ZORDER)[0]
            for colour in (theme.tint(theme.classes[k % len(theme.classes)], 0.55) for k in range(labels.max() + 1))
        ]
        members = [labels == label for label in range(len(clouds))]
        if not self.means:
            return Moving(clouds, lambda frame: _place(clouds, [points[frame][member] for member in members]))

        means = arrays[self.means]
        first, second = np.triu_indices(means.shape[1], k=1)
        (edges,) = axes.plot([], [], color=theme.tint(theme.muted, 0.45), linewidth=theme.thin_pt, zorder=4)
        dots = [
            axes.plot(
                [],
                [],
                "o",
                markersize=theme.mean_pt,
                markeredgewidth=1.4,
                markeredgecolor=theme.card,
                color=theme.classes[k % len(theme.classes)],
                zorder=5,
            )[0]
            for k in range(means.shape[1])
        ]

        def update(frame: int) -> None:
            _place(clouds, [points[frame][member] for member in members])
            _place(dots, means[frame][:, None])
            gap = np.full_like(means[frame][first], np.nan)
            _place([edges], [np.stack([means[frame][first], means[frame][second], gap], axis=1).reshape(-1, 2)])

        return Moving([*clouds, edges, *dots], update)


def _place(lines: list, positions: object) -> None:
    for line, position in zip(lines, positions, strict=True):  # type: ignore[call-overload]
        line.set_data(position[:, 0], position[:, 1])
