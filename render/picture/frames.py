"""Frames: where marks stand. A plane with two axes, a ball that is seen from a side, or bare room for words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.transforms import Bbox

from render.picture.marks.base import Mark
from render.picture.marks.level import Level
from render.picture.stage import LINE_PX, Stage
from render.picture.words import width_px
from render.target import Target

SHOWN = 99.5  # percentile of the run's points that the axes reach
PADDING = 0.05  # of what is shown, around it


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One axis of a plane. names: words at the ticks in place of numbers. label: beside it, in words.

    low, high: limits, where the whole run's values do not set them. log: logarithmic.
    """

    label: str = ""
    ticks: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    log: bool = False

    def limits(self, values: np.ndarray) -> tuple[float, float]:
        """(low, high) that show the values; a value far off may lie outside."""
        values = values[np.isfinite(values)]
        if self.log:
            values = np.log10(values[values > 0])
        low, high = np.percentile(values, [100 - SHOWN, SHOWN]) if values.size else (0.0, 1.0)
        pad = PADDING * ((high - low) or 1.0)
        low, high = low - pad, high + pad
        if self.log:
            low, high = 10**low, 10**high
        return (low if self.low is None else self.low), (high if self.high is None else self.high)

    def written(self) -> tuple[str, ...]:
        return self.names or tuple(f"{tick:g}".replace("-", "−") for tick in self.ticks)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Base of all frames: marks, a heading above them in bold, in the ink of a role, and a note behind it."""

    marks: tuple[Mark, ...]
    heading: str = ""
    note: str = ""
    ink: str = "ink"

    def insets(self, stage: Stage) -> tuple[float, float, float, float]:
        """Pixels left, below, right and above the axes that labels take."""
        return 0, 0, stage.ends_width() if stage.ends else 0, LINE_PX + 4 if self.heading or self.note else 0

    def projection(self, frames: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda points: points[..., :2]

    def prepare(self, stage: Stage) -> None:
        """Set limits and draw what the frame itself has, before the marks are drawn."""
        stage.axes.set(xlim=(0, 1), ylim=(0, 1))


@dataclass(frozen=True, kw_only=True)
class Bare(Frame):
    """Room without axes: places go from (0, 0), lower left, to (1, 1)."""


@dataclass(frozen=True, kw_only=True)
class Plane(Frame):
    """A plane. lines: which axes are drawn as lines: "l" left, "b" below. equal: one scale for both axes."""

    x: Scale = Scale()
    y: Scale = Scale()
    equal: bool = False
    lines: str = ""

    def insets(self, stage: Stage) -> tuple[float, float, float, float]:
        left, below, right, above = super().insets(stage)
        theme = stage.theme
        if self.y.ticks:
            left += max(width_px(text, theme.family, theme.note_pt) for text in self.y.written()) + 8
        if self.x.ticks or self.x.label:
            below += LINE_PX + 5
        return left, below, right, above

    def prepare(self, stage: Stage) -> None:
        axes, theme = stage.axes, stage.theme
        self._require_own_goals()
        reach = np.concatenate([mark.reach(stage) for mark in self.marks] or [np.zeros((0, 2))])
        xlim, ylim = self.x.limits(reach[:, 0]), self.y.limits(reach[:, 1])
        if self.equal:
            xlim, ylim = _equal(xlim, ylim, stage.box)
        axes.set(xscale="log" if self.x.log else "linear", yscale="log" if self.y.log else "linear")
        axes.set(xlim=xlim, ylim=ylim)
        for line, places in (("l", [[0, 0], [0, 1]]), ("b", [[0, 1], [0, 0]])):
            if line in self.lines:
                axes.plot(
                    *places,
                    transform=axes.transAxes,
                    color=theme.muted,
                    linewidth=theme.hair_pt,
                    clip_on=False,
                    zorder=2,
                )
        box = stage.box
        within = stage.composition.pixels
        for tick, text in zip(self.x.ticks, self.x.written(), strict=True):
            x = stage.px((tick, ylim[0]))[0]
            half = width_px(text, theme.family, theme.note_pt) / 2
            stage.write(min(max(x, box.x0 + half), box.x1 - half), box.y0 - 15, text, ha="center", within=within)
        if self.x.label:
            stage.write((box.x0 + box.x1) / 2, box.y0 - 15, self.x.label, ha="center", within=within)
        for tick, text in zip(self.y.ticks, self.y.written(), strict=True):
            y = min(max(float(stage.px((xlim[0], tick))[1]), box.y0 + 8), box.y1 - 8)
            stage.write(box.x0 - 7, y, text, ha="right", within=within)

    def _require_own_goals(self) -> None:
        """Raise ValueError for the goal of a target that is about no array of this plane: a claim that nobody makes."""
        named = {value for mark in self.marks for value in vars(mark).values() if isinstance(value, str)}
        for target in (mark.value for mark in self.marks if isinstance(mark, Level)):
            if isinstance(target, Target) and not any(map(target.speaks_of, named)):
                raise ValueError(
                    f"{target.name!r} is a target of {target.array!r}, and its goal is drawn beside nothing of it"
                )


def _equal(xlim: Sequence[float], ylim: Sequence[float], box: Bbox) -> tuple[tuple[float, float], tuple[float, float]]:
    """Limits that show at least these at one scale for both axes."""
    scale = max((xlim[1] - xlim[0]) / box.width, (ylim[1] - ylim[0]) / box.height)
    x, y = (xlim[0] + xlim[1]) / 2, (ylim[0] + ylim[1]) / 2
    wide, high = scale * box.width / 2, scale * box.height / 2
    return (x - wide, x + wide), (y - high, y + high)


@dataclass(frozen=True, kw_only=True)
class Ball(Plane):
    """The unit ball, seen from a side that goes round it slowly.

    turn_deg: how far in the whole run. tilt_deg: from how far above. outline: what is drawn of the ball itself.
    """

    equal: bool = True
    turn_deg: float = 0.0
    tilt_deg: float = 0.0
    x: Scale = Scale(low=-1.05, high=1.05)
    y: Scale = Scale(low=-1.05, high=1.05)
    outline: Literal["ring", ""] = "ring"

    def projection(self, frames: int) -> Callable[[np.ndarray], np.ndarray]:
        turns = np.deg2rad(self.turn_deg) * np.linspace(0, 1, max(frames, 2))
        tilt = np.deg2rad(self.tilt_deg)

        def project(points: np.ndarray) -> np.ndarray:
            """(frames or 1, ..., 3), x to the right, y up, z to the reader -> (frames or 1, ..., 2)."""
            if len(points) == 1 and self.turn_deg:  # what stands still on the ball turns with it
                points = np.broadcast_to(points, (frames, *points.shape[1:]))
            angle = turns[: len(points)].reshape(-1, *[1] * (points.ndim - 2))
            x = np.cos(angle) * points[..., 0] + np.sin(angle) * points[..., 2]
            z = np.cos(angle) * points[..., 2] - np.sin(angle) * points[..., 0]
            return np.stack([x, np.cos(tilt) * points[..., 1] - np.sin(tilt) * z], axis=-1)

        return project

    def prepare(self, stage: Stage) -> None:
        super().prepare(stage)
        if self.outline:
            turn = np.linspace(0, 2 * np.pi, 181)
            theme = stage.theme
            stage.axes.fill(np.cos(turn), np.sin(turn), color=theme.on_page(theme.edge, 0.35), zorder=1.2)
            stage.axes.plot(np.cos(turn), np.sin(turn), color=theme.edge, linewidth=theme.outline_pt, zorder=1.3)
