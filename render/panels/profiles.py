"""Curves over a fixed axis that move as a whole: functions of an input, or numbers of a mode k, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from render.panels.base import (
    DASHES,
    MOVING_ZORDER,
    Insets,
    Moving,
    Panel,
    apart,
    dashed_level,
    plain_axes,
    tick_labels,
)
from render.scene import Arrays
from render.theme import Theme

LEGEND_PX = 20  # height of a row of the legend
CARD_PX = 12  # from a card's edge to its texts
PAD = 0.06  # of the values' range, above and below it


@dataclass(frozen=True)
class Profile:
    """One curve by name: (frames, m), which moves, or (m,), which stands still.

    colour: a series of the theme, or the number of a class. label: its name in the legend; no entry if empty.
    theory: (frames, m) or (m,), drawn dashed. points: markers at the values; line: a line through them.
    x: where its values are, if not where the panel has them.
    """

    array: str
    colour: str | int = "accent"
    label: str = ""
    theory: str = ""
    points: bool = False
    line: bool = True
    x: str = ""


@dataclass(frozen=True, kw_only=True)
class Profiles(Panel):
    """Curves over one x axis and one y axis whose limits are those of the whole run; the legend is a row above them.

    x: name of an (m,) array; 1..m if empty. floor: the lowest value a logarithmic y axis shows. low, top: limits of the
    y axis in place of the run's own; what lies outside is drawn on the edge. goal, formula: a dashed level and what it
    is, at a side of the axes. xticks, yticks: where the automatic ones say too little. legend_columns: entries a row,
    all of them if 0.
    """

    curves: tuple[Profile, ...]
    x: str = ""
    xscale: Literal["linear", "log"] = "linear"
    yscale: Literal["linear", "log"] = "linear"
    xlabel: str = ""
    xticks: tuple[float, ...] = ()
    yticks: tuple[float, ...] = ()
    floor: float = 1e-6
    low: float | None = None
    top: float | None = None
    goal: float | None = None
    formula: str = ""
    side: Literal["left", "right"] = "right"
    legend_columns: int = 0
    insets: Insets = Insets(left=46, right=20, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        self._legend(axes, theme)
        low, top = self._limits(arrays)
        xs = [self._x(curve, arrays) for curve in self.curves]
        axes.set(xscale=self.xscale, yscale=self.yscale)
        ends = min(x.min() for x in xs), max(x.max() for x in xs)
        axes.set(xlim=apart(*ends, self.xscale == "log"), ylim=(low, top))
        axes.minorticks_off()
        axes.set_xlabel(self.xlabel, fontsize=theme.small_pt, color=theme.muted, labelpad=2)
        if self.xticks:
            axes.set_xticks(self.xticks, tick_labels(self.xticks))
        if self.yticks:
            axes.set_yticks(self.yticks, tick_labels(self.yticks))
        elif self.yscale == "linear":
            axes.locator_params(axis="y", nbins=5)
        axes.grid(axis="y", color=theme.grid, linewidth=theme.thin_pt)
        axes.set_axisbelow(True)
        if self.goal is not None:
            dashed_level(axes, self.goal, self.formula, self.side, True, theme.goal, theme)

        moving: list[Line2D] = []
        updates: list[Callable[[int], Any]] = []
        for curve, x in zip(self.curves, xs, strict=True):
            drawn = [(curve.array, _line(axes, curve, theme))]
            if curve.theory:
                drawn.append((curve.theory, _dashes(axes, curve, theme)))
            for name, line in drawn:
                values = np.clip(np.asarray(arrays[name], float), low, top)
                line.set_data(x, values if values.ndim == 1 else values[0])
                if values.ndim > 1:
                    line.set_zorder(line.get_zorder() + MOVING_ZORDER)
                    moving.append(line)
                    updates.append(_update(line, values))

        def update(frame: int) -> None:
            for move in updates:
                move(frame)

        return Moving(moving, update)

    def _x(self, curve: Profile, arrays: Arrays) -> np.ndarray:
        name = curve.x or self.x
        return np.asarray(arrays[name], float) if name else np.arange(np.shape(arrays[curve.array])[-1]) + 1.0

    def _limits(self, arrays: Arrays) -> tuple[float, float]:
        names = [name for curve in self.curves for name in (curve.array, curve.theory) if name]
        values = np.concatenate([np.ravel(arrays[name]).astype(float) for name in names])
        values = np.append(values, [] if self.goal is None else self.goal)
        log = self.yscale == "log"
        if log:
            values = np.log10(np.maximum(values, self.floor))
        pad = PAD * (np.ptp(values) or 1.0)
        low, top = values.min() - pad, values.max() + pad
        if log:
            low, top = max(10**low, self.floor), 10**top
        return apart(low if self.low is None else self.low, top if self.top is None else self.top, log)

    def _legend(self, axes: Axes, theme: Theme) -> None:
        """Names of the curves in rows of their own, for which the axes give up the height."""
        named = [curve for curve in self.curves if curve.label]
        if not named:
            return
        columns = self.legend_columns or len(named)
        rows = -(-len(named) // columns)
        place = axes.get_position()
        share = max(1 - rows * LEGEND_PX / axes.bbox.height, 0.1)
        axes.set_position((place.x0, place.y0, place.width, share * place.height))
        axes.legend(
            [_handle(curve, theme) for curve in named],
            [curve.label for curve in named],
            loc="lower left",
            bbox_to_anchor=(-(self.insets.left - CARD_PX) / axes.bbox.width, 1),
            ncols=columns,
            frameon=False,
            fontsize=theme.small_pt,
            labelcolor=theme.muted,
            handlelength=1.2,
            handletextpad=0.5,
            columnspacing=1.3,
            labelspacing=0.3,
            borderpad=0,
            borderaxespad=0.35,
        )


def _colour(curve: Profile, theme: Theme) -> str:
    if isinstance(curve.colour, str):
        return theme.series[curve.colour]
    return theme.classes[curve.colour % len(theme.classes)]


def _style(curve: Profile, theme: Theme) -> dict[str, Any]:
    return {
        "color": _colour(curve, theme),
        "linewidth": theme.line_pt if curve.line else 0,
        "marker": "o" if curve.points else "",
        "markersize": 5 if curve.line else 7,
    }


def _handle(curve: Profile, theme: Theme) -> Line2D:
    return Line2D([], [], **_style(curve, theme))


def _line(axes: Axes, curve: Profile, theme: Theme) -> Line2D:
    (line,) = axes.plot([], [], **_style(curve, theme), zorder=2.2, clip_on=False)
    return line


def _dashes(axes: Axes, curve: Profile, theme: Theme) -> Line2D:
    """Over the curve, in a colour that is seen on it."""
    (line,) = axes.plot([], [], linestyle=DASHES, color=theme.ink, linewidth=1.1, zorder=2.3)
    return line


def _update(line: Line2D, values: np.ndarray) -> Callable[[int], Any]:
    return lambda frame: line.set_ydata(values[frame])
