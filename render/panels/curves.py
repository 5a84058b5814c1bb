"""Numbers over steps or a dial, drawn as far as the run has come, with the dashed goals that theory sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from render.panels.badge import changes
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


@dataclass(frozen=True)
class Curve:
    """One number a frame, or (frames, n) for n curves of a kind, by name. colour: a series, or "classes" for one each.

    goal: a dashed level; theory: an array (frames,) drawn dashed as a whole. Either is labelled `formula`, a level at a
    side of the axes above or below it, a theory curve nowhere: a readout says what it is.
    """

    array: str
    colour: str = "accent"
    goal: float | None = None
    formula: str = ""
    side: Literal["left", "right"] = "left"
    above: bool = True
    theory: str = ""


@dataclass(frozen=True)
class Level:
    """A dashed level that is no curve's goal, such as a ceiling, and its label."""

    value: float
    label: str
    side: Literal["left", "right"] = "right"
    above: bool = False


@dataclass(frozen=True, kw_only=True)
class Curves(Panel):
    """Curves on one step axis (logarithmic in 1 + step, or linear) and one value axis (linear or logarithmic).

    badge: name of the states (frames,) whose changes are marked. x: another array than the steps to draw against, from
    its first value at the left to its last at the right, called `xlabel`. floor: the lowest value a logarithmic axis
    shows. xticks, yticks: where the automatic ones say too little.
    """

    curves: tuple[Curve, ...]
    levels: tuple[Level, ...] = ()
    xticks: tuple[float, ...] = ()
    yticks: tuple[float, ...] = ()
    scale: Literal["linear", "log"] = "linear"
    step_scale: Literal["linear", "log"] = "log"
    badge: str = ""
    x: str = "step"
    xlabel: str = "step"
    floor: float = 1e-12
    insets: Insets = Insets(left=46, right=24, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        x = arrays[self.x]
        if self.x == "step":
            step_axis(axes, x, self.step_scale, theme)
        else:
            axes.set_xscale(self.step_scale)
            backwards = x[0] > x[-1]
            ends = apart(float(min(x[0], x[-1])), float(max(x[0], x[-1])), self.step_scale == "log")
            axes.set_xlim(ends[::-1] if backwards else ends)
        axes.set_xlabel(self.xlabel, fontsize=theme.small_pt, color=theme.muted, labelpad=2)
        axes.set_yscale(self.scale)
        axes.set_ylim(*self._limits(arrays))
        axes.minorticks_off()
        if self.xticks:
            axes.set_xticks(self.xticks, tick_labels(self.xticks))
        if self.yticks:
            axes.set_yticks(self.yticks, tick_labels(self.yticks))
        axes.grid(axis="y", color=theme.grid, linewidth=theme.thin_pt)
        axes.set_axisbelow(True)
        for frame in changes(arrays[self.badge]) if self.badge else ():
            axes.axvline(x[frame], color=theme.edge, linewidth=1.2, zorder=1.5)

        for level in self.levels:
            dashed_level(axes, level.value, level.label, level.side, level.above, theme.muted, theme)
        drawn: list[tuple[Line2D, np.ndarray]] = []
        for curve in self.curves:
            values = np.asarray(arrays[curve.array], float)
            if self.scale == "log":
                values = np.maximum(values, max(self.floor, axes.get_ylim()[0]))  # zero lies on the edge, not below it
            self._dashes(axes, curve, x, arrays, theme)
            for index, column in enumerate(np.atleast_2d(values.T)):
                drawn.append((_line(axes, _colour(curve, index, theme), theme), column))

        def update(frame: int) -> None:
            for line, column in drawn:
                line.set_data(x[: frame + 1], column[: frame + 1])
                line.set_markevery([frame])

        return Moving([line for line, _ in drawn], update)

    def _dashes(self, axes: Axes, curve: Curve, x: np.ndarray, arrays: Arrays, theme: Theme) -> None:
        colour = theme.goal if curve.colour == "classes" else theme.series[curve.colour]
        if curve.theory:
            axes.plot(x, arrays[curve.theory], linestyle=DASHES, color=colour, linewidth=1.2, zorder=2)
        if curve.goal is not None:
            dashed_level(axes, curve.goal, curve.formula, curve.side, curve.above, colour, theme)

    def _limits(self, arrays: Arrays) -> tuple[float, float]:
        names = [name for curve in self.curves for name in (curve.array, curve.theory) if name]
        goals = [curve.goal for curve in self.curves if curve.goal is not None]
        goals += [level.value for level in self.levels]
        values = np.concatenate([*(np.ravel(arrays[name]).astype(float) for name in names), goals])
        if self.scale == "log":
            above = values[values > 0]
            shown = np.maximum(above if above.size else [self.floor], self.floor)
            low, high = np.log10(shown.min()), np.log10(shown.max())
            pad = max(0.08 * (high - low), 0.05)
            return 10 ** (low - pad), 10 ** (high + pad)
        pad = 0.08 * (np.ptp(values) or 1.0)
        return apart(values.min() - pad, values.max() + pad)


def step_axis(axes: Axes, steps: np.ndarray, scale: str, theme: Theme) -> None:
    """The x axis that every curve of a scene shares: steps, on a scale that spaces the frames about evenly."""
    first, last = int(steps[0]), int(steps[-1])
    if scale == "log":
        axes.set_xscale("function", functions=(np.log1p, np.expm1))
        powers = [10**power for power in range(12) if first < 10**power <= last / 2]
        ticks = [first, *powers, last]
    else:
        ticks = [round(first + (last - first) * part) for part in (0, 0.25, 0.5, 0.75, 1)]
    axes.set_xlim(first, last)
    axes.set_xticks(*_uncrowded(axes, ticks))


def _uncrowded(axes: Axes, ticks: list[int]) -> tuple[list[int], list[str]]:
    """The ticks whose labels have room, the last one first."""
    kept: list[tuple[int, str, float]] = []
    for tick in reversed(ticks):
        label, place = f"{tick:,}", axes.transData.transform((tick, 1))[0]
        if not kept or kept[-1][2] - place > 4 * (len(label) + len(kept[-1][1])) + 4:
            kept.append((tick, label, place))
    return [tick for tick, _, _ in kept[::-1]], [label for _, label, _ in kept[::-1]]


def _line(axes: Axes, colour: str, theme: Theme) -> Line2D:
    (line,) = axes.plot(
        [], [], color=colour, linewidth=theme.line_pt, marker="o", markersize=5, zorder=MOVING_ZORDER, clip_on=False
    )
    return line


def _colour(curve: Curve, index: int, theme: Theme) -> str:
    return theme.classes[index % len(theme.classes)] if curve.colour == "classes" else theme.series[curve.colour]
