"""Areas: shares of a whole over the run, stacked; pale from the first frame, solid up to the playhead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from render.picture.marks.base import MOVING, Mark
from render.picture.stage import LINE_PX, Drawn, Stage


@dataclass(frozen=True)
class Share:
    """One share of the whole: an array (frames,) by name, its ink, and its name, written where it is tallest."""

    array: str
    ink: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Areas(Mark):
    """Shares from the lowest up, between 0 and their sum."""

    shares: tuple[Share, ...]

    def reach(self, stage: Stage) -> np.ndarray:
        top = self._edges(stage)[-1]
        return np.concatenate([np.stack([stage.time, top], axis=1), [[0.0, 0.0]]])

    def _edges(self, stage: Stage) -> np.ndarray:
        """Lower edge of the first share, and the upper one of each: (shares + 1, frames)."""
        heights = np.stack([stage.course(share.array) for share in self.shares])
        return np.concatenate([np.zeros((1, stage.frames)), np.cumsum(heights, axis=0)])

    def draw(self, stage: Stage) -> Drawn:
        theme, time, edges = stage.theme, stage.time, self._edges(stage)
        solid = []
        for share, low, high in zip(self.shares, edges[:-1], edges[1:], strict=True):
            outline = np.concatenate([np.stack([time, low], axis=1), np.stack([time, high], axis=1)[::-1]])
            colour = theme.ink_of(share.ink)
            pale = Polygon(outline, facecolor=theme.on_page(colour, theme.future), edgecolor="none", zorder=1.5)
            stage.axes.add_patch(pale)
            past = Polygon(outline, facecolor=colour, edgecolor="none", zorder=MOVING)
            stage.axes.add_patch(past)
            solid.append(past)
        low, high = stage.axes.get_ylim()
        window = Rectangle((0, low), 0, high - low, transform=stage.axes.transData)
        for past in solid:
            past.set_clip_path(window)
        (head,) = stage.axes.plot([0, 0], [low, high], color=theme.ink, linewidth=theme.line_pt, zorder=MOVING + 0.2)
        names = self._names(stage, edges)

        def update(frame: int) -> None:
            window.set_width(time[frame])
            for past in solid:
                past.set_clip_path(window)
            head.set_xdata([time[frame], time[frame]])
            for line, place, ink in names:
                line.set_color(theme.page if time[frame] > place and ink != "ink" else theme.ink_of(ink))

        update(0)
        values = np.diff(edges, axis=0).T / (high - low)
        corners = np.array([[0.0, low], [1.0, high]])
        return Drawn(
            [*solid, head, *(line for line, _, _ in names)],
            update,
            values,
            np.broadcast_to(corners, (stage.frames, 2, 2)),
        )

    def _names(self, stage: Stage, edges: np.ndarray) -> list:
        """A name inside each share, where it is tallest, in its ink until the playhead has passed."""
        found = []
        smooth = max(1, stage.frames // 8)
        for share, low, high in zip(self.shares, edges[:-1], edges[1:], strict=True):
            if not share.label:
                continue
            height = np.convolve(high - low, np.ones(smooth) / smooth, mode="same")
            inner = slice(stage.frames // 8, max(stage.frames - stage.frames // 8, stage.frames // 8 + 1))
            frame = int(height[inner].argmax()) + inner.start
            if stage.px((0, high[frame]))[1] - stage.px((0, low[frame]))[1] < LINE_PX + 5:
                continue  # no room inside it
            ink = "ink" if share.ink == "quiet" else share.ink
            place = float(stage.time[frame])
            line = stage.write(
                place,
                float(low[frame] + high[frame]) / 2,
                share.label,
                ink=ink,
                bold=True,
                ha="center",
                zorder=MOVING + 0.1,
            )
            found.append((line, place, ink))
        return found
