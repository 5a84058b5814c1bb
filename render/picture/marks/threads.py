"""Threads: straight segments between points, such as two views of one example."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from render.picture.ink import Edges
from render.picture.marks.base import MOVING, Mark, at, growth, joined, still
from render.picture.stage import Drawn, End, Stage

FEW = 12  # threads that are drawn as lines are; more of them as `Edges`, whose colours an encoder keeps few


@dataclass(frozen=True, kw_only=True)
class Threads(Mark):
    """segments (frames, n, 2, 2 or 3), or (n, 2, 2 or 3) that stand still, by name.

    ink: a role. classes: (n,) class numbers by name, whose colours they have instead; with `roles`, those of the roles
    of these numbers. tint: how solid they are.
    width_pt: of all, widths: (frames, n) or (n,) factors on it, by name; a thread of width 0 is not drawn.
    theory: dashed, in the ink of theory, whatever the ink. every: how many go to one that is drawn.
    label: beside the right edge of the axes, at the height at
    which the first thread ends last.
    """

    segments: str
    ink: str = "muted"
    classes: str = ""
    roles: tuple[str, ...] = ()
    tint: float = 1.0
    width_pt: float = 1.2
    widths: str = ""
    theory: bool = False
    label: str = ""
    every: int = 1

    def ends(self, stage: Stage) -> list[End]:
        if not self.label:
            return []
        ink = "theory" if self.theory else self.ink
        return [End(float(stage.places(self.segments, 4)[-1, 0, 1, 1]), lambda frame: self.label, ink, not self.theory)]

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.segments, 4).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        theme, places = stage.theme, stage.places(self.segments, 4)[:, :: self.every]
        count = places.shape[1]
        roles = [self.ink] * count
        if self.classes:
            numbers = stage.fixed(self.classes).astype(int)[:: self.every]
            roles = [self.roles[k] if self.roles else f"class:{k}" for k in numbers]
        colours = [theme.ink_of("theory" if self.theory else role) for role in roles]
        if self.tint != 1:
            colours = [theme.on_page(colour, self.tint) for colour in colours]
        widths = stage.played(self.widths, 2)[:, :: self.every] if self.widths else np.ones((1, count))
        kind = Edges if count > FEW else LineCollection
        lines = kind([], zorder=MOVING + self.over, capstyle="round")
        if self.theory:
            lines.set_linestyle(theme.dashes)
        stage.axes.add_collection(lines, autolim=False)

        def update(frame: int) -> None:
            width = at(widths, frame)
            seen = np.flatnonzero(width > 0)
            lines.set_segments(list(at(places, frame)[seen]))
            lines.set_color([colours[k] for k in seen])
            lines.set_linewidth(list(self.width_pt * width[seen]))

        update(0)
        if len(places) == len(widths) == 1:
            return still([lines], self.over)
        moves = joined(stage.motion(self.segments, 4), growth(stage, self.width_pt * widths))
        content = np.broadcast_to(places.reshape(len(places), -1, 2), (stage.frames, 2 * count, 2))
        return Drawn([lines], update, moves, content)
