"""A histogram that moves, against a dashed line of theory."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from render.picture.ink import TextLine
from render.picture.panels.base import MOVING_ZORDER, Axis, Insets, Level, Moving, Panel, plain_axes, ruled_axes
from render.picture.theme import Theme
from render.target import Arrays


@dataclass(frozen=True, kw_only=True)
class Histogram(Panel):
    """counts (frames, bins) and edges (bins + 1,) by name; the counts' limit is that of the whole run.

    goal: where theory puts everything; None for nowhere.
    """

    counts: str
    edges: str
    goal: Level | None = None
    x_axis: Axis = Axis()
    insets: Insets = Insets(left=30, right=14, bottom=40)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        counts, edges = arrays[self.counts], arrays[self.edges]
        plain_axes(axes, theme)
        top = 1.12 * (float(counts.max()) or 1.0)
        axes.set(xlim=(edges[0], edges[-1]), ylim=(0, top))
        ruled_axes(axes, self.x_axis, Axis(), theme)
        axes.locator_params(axis="y", nbins=3, integer=True)
        bars = axes.stairs(
            counts[0], edges, fill=True, facecolor=theme.series["accent"], edgecolor="none", zorder=MOVING_ZORDER
        )

        def update(frame: int) -> None:
            bars.set_data(counts[frame])

        if self.goal is None:
            return Moving([bars], update)
        place = self.goal.height
        line = axes.axvline(place, linestyle=theme.dashes, color=theme.goal, linewidth=theme.bold_dash_pt, zorder=4)
        side = 1 if place <= (edges[0] + edges[-1]) / 2 else -1
        label = TextLine(
            place,
            top,
            self.goal.text,
            ha="left" if side > 0 else "right",
            va="top",
            fontsize=theme.small_pt,
            color=theme.goal,
            transform=axes.transData + ScaledTranslation(7 * side / 72, -8 / 72, axes.figure.dpi_scale_trans),
            zorder=4,
        )
        axes.add_artist(label)
        return Moving([bars, line, label], update)
