"""Points and codes on the unit circle."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from render.picture.ink import TextLine
from render.picture.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.picture.theme import Theme
from render.target import Arrays

REACH = 1.22
NUMBERS = 1.22  # radius at which classes are numbered, clear of the largest dot
LARGEST_PT, SMALLEST_PT = 26.0, 5.5  # diameter of a dot with all the mass; of one with none, to be seen at all


@dataclass(frozen=True, kw_only=True)
class Circle(Panel):
    """Arrays by name, each optional but one of `points` and `codes`; where they stand still they have no frames axis.

    points, partners (frames, N, 2) and labels (N,): a cloud, and its second view, drawn a little outside and inside the
    circle so that both can be seen. codes (frames, C, 2): one dot a class, numbered outside; masses (frames, C) in
    [0, 1] set the area of the dots. path: join codes in class order. tie (frames,) in [0, 1]: how strongly the line
    from the last class to the first is drawn. ghosts (frames, C, 2): other codes, hollow. star (frames, 2): one point.
    """

    points: str = ""
    partners: str = ""
    labels: str = ""
    codes: str = ""
    masses: str = ""
    star: str = ""
    ghosts: str = ""
    tie: str = ""
    path: bool = False
    insets: Insets = Insets(left=14, right=14, bottom=34)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        reach = NUMBERS + 0.1 if self.codes else REACH
        axes.set(xticks=[], yticks=[], box_aspect=1, xlim=(-reach, reach), ylim=(-reach, reach))
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
        still = codes.ndim == 2
        frames = len(arrays[self.masses]) if still else len(codes)
        codes = np.broadcast_to(codes, (frames, *codes.shape[-2:]))
        faint = theme.tint(theme.muted, 0.5)
        (joined,) = axes.plot([], [], color=faint, linewidth=theme.dash_pt, zorder=MOVING_ZORDER)
        (closing,) = axes.plot([], [], color=faint, linewidth=theme.dash_pt, zorder=MOVING_ZORDER)
        hollow = [
            axes.plot([], [], "o", fillstyle="none", color=theme.tint(colour, 0.6), markersize=theme.ghost_pt)[0]
            for _, colour in zip(range(codes.shape[1] if self.ghosts else 0), itertools.cycle(theme.classes))
        ]
        for ring in hollow:
            ring.set_zorder(MOVING_ZORDER + 0.1)
        dots, numbers = [], []
        for index in range(codes.shape[1]):
            colour = theme.classes[index % len(theme.classes)]
            dots += axes.plot([], [], "o", color=colour, markersize=theme.code_pt, markeredgecolor=theme.card, zorder=4)
            x, y = codes[0, index] * NUMBERS
            number = TextLine(x, y, str(index), ha="center", va="center", fontsize=theme.small_pt, color=theme.muted)
            number.set(zorder=2 if still else 4, transform=axes.transData)
            axes.add_artist(number)
            numbers.append(number)
        (star,) = axes.plot(
            [], [], "*", color=theme.ink, markeredgecolor=theme.card, markersize=theme.star_pt, zorder=5
        )
        marks = np.broadcast_to(arrays[self.star], (frames, 2)) if self.star else None

        def update(frame: int) -> None:
            if self.path:
                joined.set_data(*codes[frame].T)
            if self.tie:
                closing.set_data(*codes[frame, [-1, 0]].T)
                closing.set_color(theme.tint(theme.muted, 0.5 * float(arrays[self.tie][frame])))
            for index, ring in enumerate(hollow):
                ring.set_data(*arrays[self.ghosts][frame, index][:, None])
            for index, (dot, number) in enumerate(zip(dots, numbers, strict=True)):
                dot.set_data(*codes[frame, index][:, None])
                if not still:
                    number.set_position(codes[frame, index] * NUMBERS)
                if self.masses:
                    dot.set_markersize(max(LARGEST_PT * np.sqrt(arrays[self.masses][frame, index]), SMALLEST_PT))
            if marks is not None:
                star.set_data(*marks[frame][:, None])

        return Moving([joined, closing, *hollow, *dots, *(() if still else numbers), star], update)
