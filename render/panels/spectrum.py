"""Bars over modes or classes, beside each other where there are several series, on a linear or a logarithmic axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

from render.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.scene import Arrays
from render.theme import Theme

BAR = 0.72  # of the room that a mode has


@dataclass(frozen=True)
class Bars:
    """Heights (frames, modes) by name. colour: a series of the theme, or "classes" for a colour a bar.

    first: this many bars have the colour, the others that of `rest`; None for all. theory: heights (frames, modes) that
    theory sets, drawn as dashes over the bars.
    """

    array: str
    colour: str = "accent"
    first: int | None = None
    rest: str = "rest"
    theory: str = ""


@dataclass(frozen=True, kw_only=True)
class Spectrum(Panel):
    """Series of bars. overlay: draw them on top of each other, first at the back, instead of side by side.

    labels: below the bars; 1, 2, ... if empty. floor: the lowest height that a logarithmic axis shows. top: the highest
    bar; that of the whole run if None. goal, formula: a dashed level and what it is.
    """

    series: tuple[Bars, ...]
    scale: Literal["linear", "log"] = "linear"
    overlay: bool = False
    labels: tuple[str, ...] = ()
    xlabel: str = ""
    floor: float = 1e-6
    top: float | None = None
    goal: float | None = None
    formula: str = ""
    insets: Insets = Insets(left=42, right=14, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        modes = arrays[self.series[0].array].shape[1]
        low = self.floor if self.scale == "log" else 0.0
        top = self.top or max(float(np.max(arrays[name])) for bars in self.series for name in _names(bars))
        top = max(top, 10 * low) or 1.0  # where there is nothing to see, there is an axis all the same
        axes.set_yscale(self.scale)
        axes.set(xlim=(0.4, modes + 0.6), ylim=(low, top**1.06 / low**0.06 if low else 1.08 * top))
        axes.minorticks_off()
        axes.set_xticks(np.arange(modes) + 1, self.labels or [str(mode + 1) for mode in range(modes)])
        axes.tick_params(axis="x", length=0)
        axes.set_xlabel(self.xlabel, fontsize=theme.small_pt, color=theme.muted, labelpad=2)
        if self.scale == "linear":
            axes.locator_params(axis="y", nbins=4)
        if self.goal is not None:
            axes.axhline(self.goal, linestyle=(0, (4, 3)), color=theme.goal, linewidth=1.3, zorder=2)
            axes.annotate(
                self.formula,
                (1, self.goal),
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
        width = BAR if self.overlay else BAR / len(self.series)
        shown = width if self.overlay or len(self.series) == 1 else 0.88 * width  # bars of a mode stay apart
        for index, bars in enumerate(self.series):
            offset = 0.0 if self.overlay else (index - (len(self.series) - 1) / 2) * width
            for chosen, colour in _coloured(bars, modes, theme):
                patch, update = _stairs(axes, arrays[bars.array], chosen, offset, shown, low, colour)
                patch.set_zorder(MOVING_ZORDER + 0.01 * index)
                moving.append(patch)
                updates.append(update)
            if bars.theory:
                (dashes,) = axes.plot([], [], color=theme.goal, linewidth=1.5, linestyle=(0, (3, 2)), zorder=4)
                moving.append(dashes)
                updates.append(_dash_update(dashes, arrays[bars.theory], offset, width))

        def update_all(frame: int) -> None:
            for update in updates:
                update(frame)

        return Moving(moving, update_all)


def _names(bars: Bars) -> tuple[str, ...]:
    return (bars.array, bars.theory) if bars.theory else (bars.array,)


def _coloured(bars: Bars, modes: int, theme: Theme) -> list[tuple[np.ndarray, str]]:
    """Which bars have which colour."""
    every = np.arange(modes)
    if bars.colour == "classes":
        return [(every[k : k + 1], theme.classes[k % len(theme.classes)]) for k in range(modes)]
    if bars.first is None:
        return [(every, theme.series[bars.colour])]
    parts = [(every[: bars.first], theme.series[bars.colour]), (every[bars.first :], theme.series[bars.rest])]
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
