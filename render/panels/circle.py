"""Points and codes on the unit circle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from render.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.scene import Arrays
from render.theme import Theme

REACH = 1.22


@dataclass(frozen=True, kw_only=True)
class Circle(Panel):
    """Arrays by name, each optional but one of `points` and `codes`; where they stand still they have no frames axis.

    points, partners (frames, N, 2) and labels (N,): a cloud, and its second view, drawn a little outside and inside the
    circle so that both can be seen. codes (frames, C, 2): one dot a class, numbered outside; masses (frames, C) in
    [0, 1] set the area of the dots. path: join codes in class order. star (frames, 2): one point apart from them.
    """

    points: str = ""
    partners: str = ""
    labels: str = ""
    codes: str = ""
    masses: str = ""
    star: str = ""
    path: bool = False
    insets: Insets = Insets(left=14, right=14, bottom=34)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], box_aspect=1, xlim=(-REACH, REACH), ylim=(-REACH, REACH))
        turn = np.linspace(0, 2 * np.pi, 361)
        axes.plot(np.cos(turn), np.sin(turn), color=theme.edge, linewidth=theme.thin_pt, zorder=2)
        clouds = self._clouds(axes, arrays, theme) if self.points else Moving()
        codes = self._codes(axes, arrays, theme) if self.codes else Moving()

        def update(frame: int) -> None:
            clouds.update(frame)
            codes.update(frame)

        return Moving([*clouds.artists, *codes.artists], update)

    def _clouds(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        labels = arrays[self.labels]
        drawn: list[tuple[Line2D, np.ndarray]] = []
        for name, radius in ((self.points, 1.035), (self.partners, 0.965)):
            for label in range(int(labels.max()) + 1) if name else ():
                colour = theme.classes[label % len(theme.classes)]
                (line,) = axes.plot(
                    [], [], "o", color=colour, markersize=theme.point_pt, markeredgewidth=0, zorder=MOVING_ZORDER
                )
                drawn.append((line, radius * arrays[name][:, labels == label]))

        def update(frame: int) -> None:
            for line, positions in drawn:
                line.set_data(*positions[frame].T)

        return Moving([line for line, _ in drawn], update)

    def _codes(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        codes = arrays[self.codes]
        frames = len(codes) if codes.ndim == 3 else len(arrays[self.masses])
        codes = np.broadcast_to(codes, (frames, *codes.shape[-2:]))
        (joined,) = axes.plot([], [], color=theme.tint(theme.muted, 0.5), linewidth=1.2, zorder=MOVING_ZORDER)
        dots, numbers = [], []
        for index in range(codes.shape[1]):
            colour = theme.classes[index % len(theme.classes)]
            dots += axes.plot(
                [], [], "o", color=colour, markersize=12, markeredgecolor=theme.card, markeredgewidth=1.2, zorder=4
            )
            numbers.append(
                axes.text(
                    0, 0, str(index), ha="center", va="center", fontsize=theme.small_pt, color=theme.muted, zorder=4
                )
            )
        (star,) = axes.plot([], [], "*", color=theme.ink, markeredgecolor=theme.card, markersize=15, zorder=5)
        marks = np.broadcast_to(arrays[self.star], (frames, 2)) if self.star else None

        def update(frame: int) -> None:
            if self.path:
                joined.set_data(*codes[frame].T)
            for index, (dot, number) in enumerate(zip(dots, numbers, strict=True)):
                dot.set_data(codes[frame, index, :1], codes[frame, index, 1:])
                number.set_position(codes[frame, index] * 1.13)
                if self.masses:
                    dot.set_markersize(4 + 26 * np.sqrt(arrays[self.masses][frame, index]))
            if marks is not None:
                star.set_data(marks[frame][:1], marks[frame][1:])

        return Moving([joined, *dots, *numbers, star], update)
