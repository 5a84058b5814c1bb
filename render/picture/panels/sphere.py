"""Codes on the unit sphere, seen from a point that slowly goes round it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from render.picture.ink import Edges
from render.picture.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.picture.theme import Theme
from render.target import Arrays

REACH = 1.12
TILT = np.deg2rad(20)  # of the view above the equator
TURN = np.deg2rad(160)  # in the whole animation
LEVELS = 32  # of the edges' colours


@dataclass(frozen=True, kw_only=True)
class Sphere(Panel):
    """codes (frames, C, 3) of unit length and cosines (frames, C, C), by name; edges are coloured by |cosine|.

    Without cosines each code is joined to the centre instead. What is near is larger and in front. lines: codes that
    stand for whole lines; the opposite of each is drawn, too, hollow, and edges join the ends in front that make an
    acute angle.
    colour: index of the one class colour of all codes, or None for a colour each. dot_pt: size of a code halfway
    between front and back.
    """

    codes: str
    cosines: str = ""
    lines: bool = False
    colour: int | None = None
    dot_pt: float = 10.5
    insets: Insets = Insets(left=14, right=14, bottom=34)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        codes = arrays[self.codes]
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], box_aspect=1, xlim=(-REACH, REACH), ylim=(-REACH, REACH))
        axes.spines[:].set_visible(False)
        turn = np.linspace(0, 2 * np.pi, 121)
        axes.plot(np.cos(turn), np.sin(turn), color=theme.edge, linewidth=theme.outline_pt, zorder=2)
        axes.plot(
            np.cos(turn[60:]), np.sin(TILT) * np.sin(turn[60:]), color=theme.edge, linewidth=theme.inner_pt, zorder=2
        )
        axes.plot(
            np.cos(turn[:61]), np.sin(TILT) * np.sin(turn[:61]), color=theme.grid, linewidth=theme.inner_pt, zorder=1.9
        )

        count = codes.shape[1]
        angles = TURN * np.linspace(0, 1, len(codes))
        colours = [
            theme.classes[(k if self.colour is None else self.colour) % len(theme.classes)] for k in range(count)
        ]
        ramp = cosine_ramp(theme)
        edges = Edges([], zorder=MOVING_ZORDER, capstyle="round")
        axes.add_collection(edges, autolim=False)
        dots = [
            axes.plot([], [], "o", zorder=MOVING_ZORDER + 0.1)[0] for _ in range(2 * count if self.lines else count)
        ]

        def update(frame: int) -> None:
            seen = codes[frame] @ view(angles[frame]).T  # columns: right, up, towards the reader
            if self.cosines:
                ends, cosine = self._pairs(seen, arrays[self.cosines][frame])
            else:
                ends, cosine = np.stack([np.zeros_like(seen), seen], axis=1), np.zeros(count)
            if self.lines:
                seen = np.concatenate([seen, -seen])
            depth = ends[:, :, 2].mean(axis=1)
            order = np.argsort(depth, kind="stable")  # what is near is drawn last
            edges.set_segments(list(ends[order, :, :2]))
            edges.set_color(ramp(np.abs(cosine[order])))
            edges.set_linewidth(0.12 * self.dot_pt * (1 + 0.6 * depth[order]))
            for dot, code in zip(dots, np.argsort(seen[:, 2], kind="stable"), strict=True):
                colour, hollow = colours[code % count], code >= count
                dot.set_data(seen[code, :1], seen[code, 1:2])
                dot.set_markersize((0.6 if hollow else 1) * self.dot_pt * (1 + 0.35 * seen[code, 2]))
                dot.set(
                    markerfacecolor=theme.card if hollow else colour,
                    markeredgecolor=colour if hollow else theme.card,
                    markeredgewidth=theme.rim_pt if hollow else theme.inner_pt,
                )

        return Moving([edges, *dots], update)

    def _pairs(self, seen: np.ndarray, cosines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both ends (edges, 2, 3) and the cosine of each edge."""
        first, second = np.triu_indices(len(seen), k=1)
        cosine = cosines[first, second]
        ends = np.stack([seen[first], seen[second]], axis=1)
        if not self.lines:
            return ends, cosine
        ends[:, 1] *= np.where(cosine < 0, -1, 1)[:, None]
        # an edge and its mirror image show the same cosine: draw only the one in front
        return ends * np.where(ends[:, :, 2].sum(axis=1) < 0, -1, 1)[:, None, None], cosine


def view(angle: float) -> np.ndarray:
    """Rotation (3, 3) by `angle` about the vertical, then tilted: rows are right, up and towards the reader."""
    turned = np.array([[np.cos(angle), np.sin(angle), 0], [0, 0, 1], [np.sin(angle), -np.cos(angle), 0]])
    tilt = np.array([[1, 0, 0], [0, np.cos(TILT), -np.sin(TILT)], [0, np.sin(TILT), np.cos(TILT)]])
    return tilt @ turned


def cosine_ramp(theme: Theme) -> Callable[[np.ndarray], np.ndarray]:
    """Values in [0, 1] (n,) -> colours (n, 3): from a pale tint, just to be seen on a card, to the theme's accent."""
    table = np.array([to_rgb(theme.tint(theme.series["accent"], share)) for share in np.linspace(0.45, 1, LEVELS + 1)])
    return lambda values: table[np.round(np.clip(values, 0, 1) * LEVELS).astype(int)]
