"""Level: a number of theory, or a reference, as a dashed line across the frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from render.picture.marks.base import Mark
from render.picture.panels.base import numbered
from render.picture.stage import Drawn, End, Stage
from render.target import Target


@dataclass(frozen=True, kw_only=True)
class Level(Mark):
    """value: a number, a Target, whose goal it is, or the name of an array with a single number.

    along: the axis that it is a value of; one of y runs across and is labelled at its right end, one of x stands
    upright and is labelled at its top or bottom. label: `{}` in it is the number.
    """

    value: float | Target | str
    label: str = ""
    along: Literal["x", "y"] = "y"
    side: Literal["top", "bottom"] = "top"
    align: Literal["left", "center", "right"] = "center"

    def number(self, stage: Stage) -> float:
        if isinstance(self.value, Target):
            return self.value.goal
        return float(stage.fixed(self.value)) if isinstance(self.value, str) else self.value

    def reach(self, stage: Stage) -> np.ndarray:
        number = self.number(stage)
        return np.array([[np.nan, number] if self.along == "y" else [number, np.nan]])

    def ends(self, stage: Stage) -> list[End]:
        if self.along == "x" or not self.label:
            return []
        text = numbered(self.label, self.number(stage))
        return [End(self.number(stage), lambda frame: text, "theory", bold=False)]

    def draw(self, stage: Stage) -> Drawn:
        theme, number, axes = stage.theme, self.number(stage), stage.axes
        line = axes.axhline if self.along == "y" else axes.axvline
        line(number, linestyle=theme.dashes, color=theme.ink_of("theory"), linewidth=theme.bold_dash_pt, zorder=2.8)
        if self.along == "x" and self.label:
            top = self.side == "top"
            beside = {"left": 6, "center": 0, "right": -6}[
                self.align
            ]  # at a side it stands beside the line, not over it
            x, box = float(stage.px((number, 1.0))[0]) + beside, stage.box
            out = 0 if beside else 12
            y = box.y1 - 9 + 2 * out if top else box.y0 + 9 - 2 * out
            text = numbered(self.label, number)
            stage.write(x, y, text, ink="theory", ha=self.align, within=stage.composition.pixels)
        return Drawn()
