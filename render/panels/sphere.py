"""Codes on the unit sphere, seen from a point that slowly goes round it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from render.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.scene import Arrays
from render.theme import Theme

REACH = 1.12
TILT = np.deg2rad(20)  # of the view above the equator
TURN = np.deg2rad(160)  # in the whole animation
MERIDIANS = np.deg2rad([0, 60, 120])
LEVELS = 32  # of the edges' colours


@dataclass(frozen=True, kw_only=True)
class Sphere(Panel):
    """codes (frames, C, 3) of unit length and cosines (frames, C, C), by name; edges are coloured by |cosine|.

    What is near is larger and in front. lines: codes that stand for whole lines; the opposite of each is drawn, too,
    hollow, and edges join the ends that make an acute angle. colour: index of the one class colour of all codes, or
    None for a colour each. dot_pt: size of a code halfway between front and back.
    """

    codes: str
    cosines: str
    lines: bool = False
    colour: int | None = None
    dot_pt: float = 10.5
    insets: Insets = Insets(left=14, right=14, bottom=34)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        codes, cosines = arrays[self.codes], arrays[self.cosines]
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], box_aspect=1, xlim=(-REACH, REACH), ylim=(-REACH, REACH))
        axes.spines[:].set_visible(False)
        turn = np.linspace(0, 2 * np.pi, 121)
        axes.plot(np.cos(turn), np.sin(turn), color=theme.edge, linewidth=1.3, zorder=2)

        count = codes.shape[1]
        angles = TURN * np.linspace(0, 1, len(codes))
        first, second = np.triu_indices(count, k=1)
        colours = [
            theme.classes[(k if self.colour is None else self.colour) % len(theme.classes)] for k in range(count)
        ]
        ramp = cosine_ramp(theme)
        (grid,) = axes.plot([], [], color=theme.edge, linewidth=theme.thin_pt, zorder=MOVING_ZORDER)
        edges = LineCollection([], zorder=MOVING_ZORDER + 0.1, capstyle="round")
        axes.add_collection(edges, autolim=False)
        dots = [
            axes.plot([], [], "o", zorder=MOVING_ZORDER + 0.2)[0] for _ in range(2 * count if self.lines else count)
        ]

        def update(frame: int) -> None:
            camera = view(angles[frame])
            grid.set_data(*near_side(meridians(turn), camera))
            seen = codes[frame] @ camera.T  # columns: right, up, towards the reader
            cosine = cosines[frame][first, second]
            ends = np.stack([seen[first], seen[second]], axis=1)
            if self.lines:
                ends[:, 1] *= np.where(cosine < 0, -1, 1)[:, None]
                ends, cosine = np.concatenate([ends, -ends]), np.tile(cosine, 2)
                seen = np.concatenate([seen, -seen])
            depth = ends[:, :, 2].mean(axis=1)
            order = np.argsort(depth, kind="stable")  # what is near is drawn last
            edges.set_segments(list(ends[order, :, :2]))
            edges.set_color(ramp(np.abs(cosine[order])))
            edges.set_linewidth(0.16 * self.dot_pt * (1 + 0.6 * depth[order]))
            for dot, code in zip(dots, np.argsort(seen[:, 2], kind="stable"), strict=True):
                colour, hollow = colours[code % count], code >= count
                dot.set_data(seen[code, :1], seen[code, 1:2])
                dot.set_markersize((0.6 if hollow else 1) * self.dot_pt * (1 + 0.35 * seen[code, 2]))
                dot.set(
                    markerfacecolor=theme.card if hollow else colour,
                    markeredgecolor=colour if hollow else theme.card,
                    markeredgewidth=1.4 if hollow else 1.0,
                )

        return Moving([grid, edges, *dots], update)


def view(angle: float) -> np.ndarray:
    """Rotation (3, 3) by `angle` about the vertical, then tilted: rows are right, up and towards the reader."""
    turned = np.array([[np.cos(angle), np.sin(angle), 0], [0, 0, 1], [np.sin(angle), -np.cos(angle), 0]])
    tilt = np.array([[1, 0, 0], [0, np.cos(TILT), -np.sin(TILT)], [0, np.sin(TILT), np.cos(TILT)]])
    return tilt @ turned


def meridians(turn: np.ndarray) -> np.ndarray:
    """The equator and three whole meridians, one path with gaps between them: (points, 3)."""
    gap = np.full((1, 3), np.nan)
    cos, sin, zero = np.cos(turn), np.sin(turn), np.zeros_like(turn)
    circles = [np.stack([cos, sin, zero], axis=1)]
    circles += [np.stack([cos * np.cos(a), cos * np.sin(a), sin], axis=1) for a in MERIDIANS]
    return np.concatenate([part for circle in circles for part in (circle, gap)])


def near_side(path: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Where the half of a path (points, 3) that faces the reader is seen: (2, points), NaN for the rest."""
    seen = path @ camera.T
    return np.where(seen[:, 2] >= 0, seen[:, :2].T, np.nan)


def cosine_ramp(theme: Theme) -> Callable[[np.ndarray], np.ndarray]:
    """Values in [0, 1] (n,) -> colours (n, 3): from a line that can just be seen on a card to the theme's accent."""
    low, high = (np.array(to_rgb(c)) for c in (theme.tint(theme.muted, 0.5), theme.series["accent"]))
    table = low + np.linspace(0, 1, LEVELS + 1)[:, None] * (high - low)
    return lambda values: table[np.round(np.clip(values, 0, 1) * LEVELS).astype(int)]
