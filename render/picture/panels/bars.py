"""Bars over modes or classes, beside each other where there are several series, on a linear or a logarithmic axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

from render.picture.panels.base import MOVING_ZORDER, Axis, Insets, Level, Moving, Panel, Series, plain_axes, ruled_axes
from render.picture.theme import Theme
from render.target import Arrays

FLOOR = 1e-6  # of a logarithmic axis, unless it says another
BAR = 0.72  # of the room that a mode has


@dataclass(frozen=True)
class Heights(Series):
    """Heights (frames, modes) by name; the colour "classes" is one for each bar.

    first: how many bars have `colour`, the others have `rest`; None: all. theory: heights (frames, modes) that theory
    predicts, drawn as dashes over the bars.
    """

    first: int | None = None
    rest: str = "rest"
    theory: str = ""


@dataclass(frozen=True, kw_only=True)
class Bars(Panel):
    """Series of bars. overlay: draw them on top of each other, first at the back, instead of side by side.

    labels: below the bars; 1, 2, ... if empty. y_axis.high: the highest bar; that of the whole run if None. goal: a
    dashed level.
    """

    series: tuple[Heights, ...]
    overlay: bool = False
    labels: tuple[str, ...] = ()
    x_axis: Axis = Axis()
    y_axis: Axis = Axis()
    goal: Level | None = None
    insets: Insets = Insets(left=42, right=14, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        series = [member for bars in self.series for member in bars.members()]
        modes = arrays[series[0].array].shape[1]
        low = self.y_axis.floor or FLOOR if self.y_axis.scale == "log" else 0.0
        top = self.y_axis.high or max(float(np.max(arrays[name])) for bars in series for name in _names(bars))
        top = max(top, 10 * low) or 1.0  # an axis needs a height even if no bar has one
        axes.set_yscale(self.y_axis.scale)
        axes.set(xlim=(0.4, modes + 0.6), ylim=(low, top**1.06 / low**0.06 if low else 1.08 * top))
        ruled_axes(axes, self.x_axis, self.y_axis, theme)
        axes.set_xticks(np.arange(modes) + 1, self.labels or [str(mode + 1) for mode in range(modes)])
        axes.tick_params(axis="x", length=0)
        if self.y_axis.scale == "linear" and not self.y_axis.ticks:
            axes.locator_params(axis="y", nbins=4)
        if self.goal is not None:
            height = self.goal.height
            axes.axhline(height, linestyle=theme.dashes, color=theme.goal, linewidth=theme.bold_dash_pt, zorder=2)
            axes.annotate(
                self.goal.text,
                (1, height),
                (-5, 3),
                xycoords=axes.get_yaxis_transform(),
                textcoords="offset points",
                ha="right",
                fontsize=theme.small_pt,
                color=theme.goal,
                zorder=2,
            )
        moving: list = []
        updates: list[Callable[[int], None]] = []
        width = BAR if self.overlay else BAR / len(series)
        shown = width if self.overlay or len(series) == 1 else 0.88 * width  # bars of a mode stay apart
        for index, bars in enumerate(series):
            offset = 0.0 if self.overlay else (index - (len(series) - 1) / 2) * width
            for chosen, colour in _coloured(bars, modes, theme):
                patch, update = _stairs(axes, arrays[bars.array], chosen, offset, shown, low, colour)
                patch.set_zorder(MOVING_ZORDER + 0.01 * index)
                moving.append(patch)
                updates.append(update)
            if bars.theory:
                (dashes,) = axes.plot(
                    [], [], color=theme.goal, linewidth=theme.bar_dash_pt, linestyle=theme.short_dashes, zorder=4
                )
                moving.append(dashes)
                updates.append(_dash_update(dashes, arrays[bars.theory], offset, width))

        def update_all(frame: int) -> None:
            for update in updates:
                update(frame)

        return Moving(moving, update_all)


def _names(bars: Heights) -> tuple[str, ...]:
    return (bars.array, bars.theory) if bars.theory else (bars.array,)


def _coloured(bars: Heights, modes: int, theme: Theme) -> list[tuple[np.ndarray, str]]:
    """Which bars have which colour."""
    every = np.arange(modes)
    if bars.colour == "classes":
        return [(every[k : k + 1], theme.classes[k % len(theme.classes)]) for k in range(modes)]
    if bars.first is None:
        return [(every, theme.series[bars.hue])]
    parts = [(every[: bars.first], theme.series[bars.hue]), (every[bars.first :], theme.series[bars.rest])]
    return [(chosen, colour) for chosen, colour in parts if len(chosen)]


def _stairs(
    axes: Axes, heights: np.ndarray, chosen: np.ndarray, offset: float, width: float, low: float, colour: str
) -> tuple[StepPatch, Callable[[int], None]]:
    """The chosen bars as one patch: steps up to each bar and down between them."""
    centres = chosen + 1 + offset
    edges = np.stack([centres - width / 2, centres + width / 2], axis=1).ravel()
    levels = np.full(len(edges) - 1, low)
    patch = axes.stairs(levels, edges, baseline=low, fill=True, facecolor=colour, edgecolor="none")

    def update(frame: int) -> None:
        levels[::2] = np.maximum(heights[frame][chosen], low)
        patch.set_data(levels)

    return patch, update


def _dash_update(dashes: Line2D, heights: np.ndarray, offset: float, width: float) -> Callable[[int], None]:
    centres = np.arange(heights.shape[1]) + 1 + offset
    gap = np.full_like(centres, np.nan)
    x = np.stack([centres - 0.6 * width, centres + 0.6 * width, gap], axis=1).ravel()
    return lambda frame: dashes.set_data(x, np.repeat(heights[frame], 3))
