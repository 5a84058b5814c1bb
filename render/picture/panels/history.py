"""Numbers over steps or a dial, drawn as far as the run has come, with the dashed goals that theory sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from render.picture.panels.badge import changes
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
from render.target import Arrays

FLOOR = 1e-12  # of a logarithmic axis, unless it says another


@dataclass(frozen=True)
class Curve(Series):
    """One number a frame, or (frames, n) for n curves of a kind, by name; the colour "classes" is one for each of them.

    goal: a dashed level in the curve's colour. theory: an array (frames,) drawn dashed as a whole and labelled nowhere,
    since a readout says what it is. Raises ValueError for the goal of a target of another array.
    """

    goal: Level | None = None
    theory: str = ""

    def __post_init__(self) -> None:
        if self.goal is not None:
            self.goal.require_own(self.array)


@dataclass(frozen=True, kw_only=True)
class History(Panel):
    """Curves that grow with the run, on one axis of steps (logarithmic in 1 + step, or linear) and one of values.

    levels: dashed ones that are no curve's goal, such as a ceiling. badge: name of the states (frames,) whose changes
    are marked. x: another array than the steps to draw against, from its first value at the left to its last at the
    right.
    """

    curves: tuple[Curve, ...]
    levels: tuple[Level, ...] = ()
    badge: str = ""
    x: str = "step"
    x_axis: Axis = Axis("step", "log")
    y_axis: Axis = Axis()
    insets: Insets = Insets(left=46, right=24, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        x = arrays[self.x]
        if self.x == "step":
            step_axis(axes, x, self.x_axis.scale)
        else:
            axes.set_xscale(self.x_axis.scale)
            backwards = x[0] > x[-1]
            ends = apart(float(min(x[0], x[-1])), float(max(x[0], x[-1])), self.x_axis.scale == "log")
            axes.set_xlim(ends[::-1] if backwards else ends)
        axes.set_yscale(self.y_axis.scale)
        axes.set_ylim(*self._limits(arrays))
        ruled_axes(axes, self.x_axis, self.y_axis, theme)
        ruled_grid(axes, theme)
        for frame in changes(arrays[self.badge]) if self.badge else ():
            axes.axvline(x[frame], color=theme.edge, linewidth=theme.dash_pt, zorder=1.5)

        for level in self.levels:
            dashed_level(axes, level, theme.muted, theme)
        drawn: list[tuple[Line2D, np.ndarray]] = []
        for curve in self._each():
            values = np.asarray(arrays[curve.array], float)
            if self.y_axis.scale == "log":
                values = np.maximum(
                    values, max(self.y_axis.floor or FLOOR, axes.get_ylim()[0])
                )  # zero lies on the edge, not below it
            self._dashes(axes, curve, x, arrays, theme)
            for index, column in enumerate(np.atleast_2d(values.T)):
                drawn.append((_line(axes, _colour(curve, index, theme), theme), column))

        def update(frame: int) -> None:
            for line, column in drawn:
                line.set_data(x[: frame + 1], column[: frame + 1])
                line.set_markevery([frame])

        return Moving([line for line, _ in drawn], update)

    def _each(self) -> list[Curve]:
        return [member for curve in self.curves for member in curve.members()]

    def _dashes(self, axes: Axes, curve: Curve, x: np.ndarray, arrays: Arrays, theme: Theme) -> None:
        colour = theme.goal if curve.colour == "classes" else theme.series[curve.hue]
        if curve.theory:
            axes.plot(x, arrays[curve.theory], linestyle=theme.dashes, color=colour, linewidth=theme.dash_pt, zorder=2)
        if curve.goal is not None:
            dashed_level(axes, curve.goal, colour, theme)

    def _limits(self, arrays: Arrays) -> tuple[float, float]:
        names = [name for curve in self._each() for name in (curve.array, curve.theory) if name]
        levels = [*(curve.goal for curve in self.curves if curve.goal is not None), *self.levels]
        heights = [level.height for level in levels]
        values = np.concatenate([*(np.ravel(arrays[name]).astype(float) for name in names), heights])
        if self.y_axis.scale == "log":
            floor, above = self.y_axis.floor or FLOOR, values[values > 0]
            shown = np.maximum(above if above.size else [floor], floor)
            low, high = np.log10(shown.min()), np.log10(shown.max())
            pad = max(0.08 * (high - low), 0.05)
            return 10 ** (low - pad), 10 ** (high + pad)
        pad = 0.08 * (np.ptp(values) or 1.0)
        return apart(values.min() - pad, values.max() + pad)


def step_axis(axes: Axes, steps: np.ndarray, scale: str) -> None:
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
        [],
        [],
        color=colour,
        linewidth=theme.line_pt,
        marker="o",
        markersize=theme.head_pt,
        zorder=MOVING_ZORDER,
        clip_on=False,
    )
    return line


def _colour(curve: Curve, index: int, theme: Theme) -> str:
    return theme.classes[index % len(theme.classes)] if curve.colour == "classes" else theme.series[curve.hue]
