"""Curves over a fixed axis that move as a whole: functions of an input, or numbers of a mode k, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from render.picture.panels.base import (
    MOVING_ZORDER,
    Axis,
    Insets,
    Level,
    Moving,
    Panel,
    Series,
    apart,
    dashed_level,
    plain_axes,
    ruled_axes,
    ruled_grid,
)
from render.picture.theme import Theme
from render.target import Arrays, Target

LEGEND_PX = 20  # height of a row of the legend
CARD_PX = 12  # from a card's edge to its texts
FLOOR = 1e-6  # of a logarithmic axis, unless it says another
PAD = 0.06  # of the values' range, above and below it


@dataclass(frozen=True)
class Line(Series):
    """One curve by name: (frames, m), which moves, or (m,), which stands still.

    class_colour: the number of a class whose colour it has in place of `colour`. label: its name in the legend; no
    entry if empty. theory: (frames, m) or (m,), drawn dashed. points: markers at the values; line: a line through them.
    x: where its values are, if not where the panel has them.
    """

    label: str = ""
    theory: str = ""
    points: bool = False
    line: bool = True
    x: str = ""
    class_colour: int | None = None


@dataclass(frozen=True, kw_only=True)
class Lines(Panel):
    """Curves over one x axis and one y axis whose limits are those of the whole run; the legend is a row above them.

    x: name of an (m,) array; 1..m if empty. What lies outside limits that `y_axis` sets is drawn on the edge. goal: a
    dashed level; its target speaks of one of the curves. legend_columns: entries a row, all of them if 0.
    """

    curves: tuple[Line, ...]
    x: str = ""
    x_axis: Axis = Axis()
    y_axis: Axis = Axis()
    goal: Level | None = None
    legend_columns: int = 0
    insets: Insets = Insets(left=46, right=20, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        self._legend(axes, theme)
        low, top = self._limits(arrays)
        curves = self._each()
        xs = [self._x(curve, arrays) for curve in curves]
        axes.set(xscale=self.x_axis.scale, yscale=self.y_axis.scale)
        ends = min(x.min() for x in xs), max(x.max() for x in xs)
        axes.set(xlim=apart(*ends, self.x_axis.scale == "log"), ylim=(low, top))
        ruled_axes(axes, self.x_axis, self.y_axis, theme)
        if not self.y_axis.ticks and self.y_axis.scale == "linear":
            axes.locator_params(axis="y", nbins=5)
        ruled_grid(axes, theme)
        if self.goal is not None:
            dashed_level(axes, self.goal, theme.goal, theme)

        moving: list[Line2D] = []
        updates: list[Callable[[int], Any]] = []
        for curve, x in zip(curves, xs, strict=True):
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

    def __post_init__(self) -> None:
        if self.goal is not None and isinstance(self.goal.value, Target):
            spoken_of = [curve.array for curve in self._each() if self.goal.value.speaks_of(curve.array)]
            self.goal.require_own(spoken_of[0] if spoken_of else self.curves[0].array)

    def _each(self) -> list[Line]:
        return [member for curve in self.curves for member in curve.members()]

    def _x(self, curve: Line, arrays: Arrays) -> np.ndarray:
        name = curve.x or self.x
        return np.asarray(arrays[name], float) if name else np.arange(np.shape(arrays[curve.array])[-1]) + 1.0

    def _limits(self, arrays: Arrays) -> tuple[float, float]:
        names = [name for curve in self._each() for name in (curve.array, curve.theory) if name]
        values = np.concatenate([np.ravel(arrays[name]).astype(float) for name in names])
        values = np.append(values, [] if self.goal is None else self.goal.height)
        axis = self.y_axis
        log = axis.scale == "log"
        if log:
            values = np.log10(np.maximum(values, axis.floor or FLOOR))
        pad = PAD * (np.ptp(values) or 1.0)
        low, top = values.min() - pad, values.max() + pad
        if log:
            low, top = max(10**low, axis.floor or FLOOR), 10**top
        return apart(low if axis.low is None else axis.low, top if axis.high is None else axis.high, log)

    def _legend(self, axes: Axes, theme: Theme) -> None:
        """Names of the curves in rows of their own, for which the axes give up the height."""
        named = [curve for curve in self._each() if curve.label]
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


def _colour(curve: Line, theme: Theme) -> str:
    if curve.class_colour is not None:
        return theme.classes[curve.class_colour % len(theme.classes)]
    return theme.series[curve.hue]


def _style(curve: Line, theme: Theme) -> dict[str, Any]:
    return {
        "color": _colour(curve, theme),
        "linewidth": theme.line_pt if curve.line else 0,
        "marker": "o" if curve.points else "",
        "markersize": theme.head_pt if curve.line else theme.dot_pt,
    }


def _handle(curve: Line, theme: Theme) -> Line2D:
    return Line2D([], [], **_style(curve, theme))


def _line(axes: Axes, curve: Line, theme: Theme) -> Line2D:
    (line,) = axes.plot([], [], **_style(curve, theme), zorder=2.2, clip_on=False)
    return line


def _dashes(axes: Axes, curve: Line, theme: Theme) -> Line2D:
    """Over the curve, in a colour that is seen on it."""
    (line,) = axes.plot([], [], linestyle=theme.dashes, color=theme.ink, linewidth=theme.fine_dash_pt, zorder=2.3)
    return line


def _update(line: Line2D, values: np.ndarray) -> Callable[[int], Any]:
    return lambda frame: line.set_ydata(values[frame])
