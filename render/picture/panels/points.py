"""Labelled points in the plane, with class means, the lines between them, and the ghosts of the ideal."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from render.picture.ink import Edges
from render.picture.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.picture.theme import Theme
from render.target import Arrays

NUMBERS = 1.42  # of the ghosts' distance from the origin: clear of their rings


@dataclass(frozen=True, kw_only=True)
class Points(Panel):
    """points (frames, N, 2), labels (N,), means (frames, C, 2) and ghosts (C, 2), by name; all but points may be empty.

    Without labels all points have one quiet colour. arms: (frames, n, 2) directions drawn as lines from the origin both
    ways, such as principal axes. numbers: what the ghosts are called, outside of them. The limits are those of the
    whole run, the same for both axes; points that are NaN are not drawn.
    """

    points: str
    labels: str = ""
    means: str = ""
    ghosts: str = ""
    arms: str = ""
    numbers: tuple[str, ...] = ()
    insets: Insets = Insets(left=14, right=14, bottom=34)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], aspect="equal", box_aspect=1)
        drawn = [arrays[name] for name in (self.points, self.means, self.ghosts, self.arms) if name]
        names = NUMBERS * arrays[self.ghosts] if self.numbers else np.zeros((0, 2))
        reach = 1.06 * max(float(np.nanmax(np.abs(array))) for array in (*drawn, 1.1 * names) if array.size) or 1.0
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach))

        if self.ghosts:
            for ghost, colour in zip(arrays[self.ghosts], itertools.cycle(theme.classes)):
                axes.plot(
                    *ghost, "o", markersize=theme.ghost_pt, fillstyle="none", color=theme.tint(colour, 0.6), zorder=2
                )

        for place, name in zip(names, self.numbers, strict=True):
            axes.annotate(name, place, ha="center", va="center", fontsize=theme.small_pt, color=theme.muted, zorder=2)

        parts = [self._clouds(axes, arrays, theme)]
        if self.means:
            parts.append(self._means(axes, arrays, theme))
        if self.arms:
            parts.append(self._arms(axes, arrays, theme))

        def update(frame: int) -> None:
            for part in parts:
                part.update(frame)

        return Moving([artist for part in parts for artist in part.artists], update)

    def _clouds(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        points = arrays[self.points]
        labels = arrays[self.labels] if self.labels else np.zeros(points.shape[1], int)
        solid = theme.classes if self.labels else (theme.series["third"],)
        clouds = [
            axes.plot([], [], "o", markersize=theme.point_pt, markeredgewidth=0, color=colour, zorder=MOVING_ZORDER)[0]
            for colour in (theme.tint(solid[k % len(solid)], 0.55) for k in range(labels.max() + 1))
        ]
        members = [labels == label for label in range(len(clouds))]

        def update(frame: int) -> None:
            for cloud, member in zip(clouds, members, strict=True):
                cloud.set_data(*points[frame][member].T)

        return Moving(clouds, update)

    def _means(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        means = arrays[self.means]
        first, second = np.triu_indices(means.shape[1], k=1)
        edges = Edges([], colors=theme.tint(theme.muted, 0.45), linewidths=theme.thin_pt, zorder=4)
        axes.add_collection(edges, autolim=False)
        dots = [
            axes.plot([], [], "o", markersize=theme.mean_pt, markeredgewidth=theme.rim_pt, markeredgecolor=theme.card)[
                0
            ]
            for _ in range(means.shape[1])
        ]
        for dot, colour in zip(dots, itertools.cycle(theme.classes)):
            dot.set(markerfacecolor=colour, zorder=5)

        def update(frame: int) -> None:
            for dot, mean in zip(dots, means[frame], strict=True):
                dot.set_data(mean[:1], mean[1:])
            edges.set_segments(list(np.stack([means[frame][first], means[frame][second]], axis=1)))

        return Moving([edges, *dots], update)

    def _arms(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        arms = arrays[self.arms]
        lines = [
            axes.plot([], [], color=theme.series[colour], linewidth=theme.line_pt, zorder=5)[0]
            for colour, _ in zip(itertools.cycle(("accent", "second")), range(arms.shape[1]))
        ]

        def update(frame: int) -> None:
            for line, (x, y) in zip(lines, arms[frame], strict=True):
                line.set_data([-x, x], [-y, y])

        return Moving(lines, update)
