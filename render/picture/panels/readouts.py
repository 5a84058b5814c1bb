"""A card of live numbers and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from render.picture.panels.base import Moving, Panel
from render.picture.theme import Theme
from render.target import Arrays


@dataclass(frozen=True, kw_only=True)
class Readouts(Panel):
    """Readouts, one a row."""

    readout_px: int = 28

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        axes.set_axis_off()
        return Moving()
