"""Numbers over steps, drawn as far as the run has come, with the dashed goals that theory sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from render.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.scene import Arrays
from render.theme import Theme


@dataclass(frozen=True)
class Curve:
    """One number a frame, by name. goal: a dashed level, labelled `formula` at a side of the axes, above or below."""

    array: str
    colour: str = "accent"
    goal: float | None = None
    formula: str = ""
    side: Literal["left", "right"] = "left"
    above: bool = True


@dataclass(frozen=True, kw_only=True)
class Curves(Panel):
    """Curves on one step axis (logarithmic in 1 + step, or linear) and one value axis (linear or logarithmic)."""

    curves: tuple[Curve, ...]
    scale: Literal["linear", "log"] = "linear"
    step_scale: Literal["linear", "log"] = "log"
    insets: Insets = Insets(left=46, right=24, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        plain_axes(axes, theme)
        steps = arrays["step"]
        step_axis(axes, steps, self.step_scale, theme)
        axes.set_yscale(self.scale)
        axes.set_ylim(*self._limits(arrays))
        axes.minorticks_off()
        axes.grid(axis="y", color=theme.grid, linewidth=theme.thin_pt)
        axes.set_axisbelow(True)

        lines = []
        for curve in self.curves:
            colour = theme.series[curve.colour]
            if curve.goal is not None:
                axes.axhline(curve.goal, linestyle=(0, (4, 3)), color=colour, linewidth=1.2, zorder=2)
                axes.annotate(
                    curve.formula,
                    (0 if curve.side == "left" else 1, curve.goal),
                    (5 if curve.side == "left" else -5, 3 if curve.above else -3),
                    xycoords=axes.get_yaxis_transform(),
                    textcoords="offset points",
                    ha=curve.side,
                    va="bottom" if curve.above else "top",
                    fontsize=theme.small_pt,
                    color=colour,
                    zorder=2,
                )
            lines += axes.plot(
                [],
                [],
                color=colour,
                linewidth=theme.line_pt,
                marker="o",
                markersize=5,
                zorder=MOVING_ZORDER,
                clip_on=False,
            )

        def update(frame: int) -> None:
            for line, curve in zip(lines, self.curves, strict=True):
                line.set_data(steps[: frame + 1], arrays[curve.array][: frame + 1])
                line.set_markevery([frame])

        return Moving(lines, update)

    def _limits(self, arrays: Arrays) -> tuple[float, float]:
        values = np.concatenate([np.ravel(arrays[curve.array]) for curve in self.curves]).astype(float)
        values = np.append(values, [curve.goal for curve in self.curves if curve.goal is not None])
        if self.scale == "log":
            low, high = np.log10(max(values[values > 0].min(), 1e-12)), np.log10(values.max())
            pad = max(0.08 * (high - low), 0.05)
            return 10 ** (low - pad), 10 ** (high + pad)
        pad = 0.08 * (np.ptp(values) or 1.0)
        return values.min() - pad, values.max() + pad


def step_axis(axes: Axes, steps: np.ndarray, scale: str, theme: Theme) -> None:
    """The x axis that every curve of a scene shares: steps, on a scale that spaces the frames about evenly."""
    last = int(steps[-1])
    if scale == "log":
        axes.set_xscale("function", functions=(np.log1p, np.expm1))
        powers = [10**power for power in range(12) if 10**power <= last / 2]
        ticks = [0, *powers, last]
    else:
        ticks = [round(last * part) for part in (0, 0.25, 0.5, 0.75, 1)]
    axes.set_xlim(0, last)
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.set_xlabel("step", fontsize=theme.small_pt, color=theme.muted, labelpad=2)
