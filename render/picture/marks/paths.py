"""Paths: lines through points of the plane, such as a curve of solutions; and the trails that points leave behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from render.picture.ink import Edges
from render.picture.marks.base import MOVING, NOWHERE, Mark, at, still
from render.picture.stage import Drawn, End, Stage

FEW = 12  # paths that are drawn as lines are; more of them as `Edges`, whose colours an encoder keeps few


@dataclass(frozen=True, kw_only=True)
class _Lines(Mark):
    """Lines of one ink, or of one a class: what paths and trails share.

    ink: a role. classes: (n,) class numbers by name, whose colours they have instead; with `roles`, those of the roles
    of these numbers. tint: how solid they are.
    """

    ink: str = "muted"
    classes: str = ""
    roles: tuple[str, ...] = ()
    tint: float = 1.0
    width_pt: float = 1.2

    def lines(self, stage: Stage, count: int, theory: bool = False) -> LineCollection:
        """The artist, without lines yet, in the colours of `count` of them."""
        theme, roles = stage.theme, ["theory" if theory else self.ink] * count
        if self.classes and not theory:
            numbers = stage.fixed(self.classes).astype(int)
            roles = [self.roles[number] if self.roles else f"class:{number}" for number in numbers]
        kind = Edges if count > FEW else LineCollection
        lines = kind([], zorder=MOVING + self.over, capstyle="round", joinstyle="round")
        lines.set_linewidth(self.width_pt)
        lines.set_color([theme.on_page(theme.ink_of(role), self.tint) for role in roles])
        stage.axes.add_collection(lines, autolim=False)
        return lines


@dataclass(frozen=True, kw_only=True)
class Paths(_Lines):
    """paths (n, points, 2) that stand still, or (frames, n, points, 2), by name; NaN breaks a line.

    theory: dashed, in the ink of theory, whatever the ink. label: beside the right edge of the axes, at the height at
    which the first path ends. bounds: whether the axes must show all of them.
    """

    paths: str
    theory: bool = False
    label: str = ""
    bounds: bool = True

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.paths, 4).reshape(-1, 2) if self.bounds else NOWHERE

    def ends(self, stage: Stage) -> list[End]:
        if not self.label:
            return []
        height = float(stage.places(self.paths, 4)[-1, 0, -1, 1])
        return [End(height, lambda frame: self.label, "theory" if self.theory else self.ink, not self.theory)]

    def draw(self, stage: Stage) -> Drawn:
        places = stage.places(self.paths, 4)
        lines = self.lines(stage, places.shape[1], self.theory)
        if self.theory:
            lines.set_linestyle(stage.theme.dashes)
        lines.set_segments(list(places[0]))
        if len(places) == 1:
            return still([lines], self.over)
        return Drawn(
            [lines],
            lambda frame: lines.set_segments(list(at(places, frame))),
            stage.motion(self.paths, 4),
            places.reshape(len(places), -1, 2),
        )


@dataclass(frozen=True, kw_only=True)
class Trails(_Lines):
    """The ways that points (frames, n, 2 or 3), by name, have come: a line a point, that ends where it is now.

    frames: how many frames back they reach, 0 for all. Points in space are where they were seen at the time.
    """

    points: str
    frames: int = 0

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.points, 3).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        places = stage.places(self.points, 3)
        lines = self.lines(stage, places.shape[1])

        def update(frame: int) -> None:
            first = max(frame - self.frames, 0) if self.frames else 0
            lines.set_segments(list(places[first : frame + 1].swapaxes(0, 1)))

        update(0)
        here, back = np.arange(len(places)), self.frames or len(places)
        come = np.clip(here, np.maximum(here - back, 0)[:, None], here[:, None])  # frames that a trail goes through
        return Drawn([lines], update, stage.motion(self.points, 3), places[come].reshape(len(places), -1, 2))
