"""Ring: a circle or an arc of theory or of reference, that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from render.picture.marks.base import Mark
from render.picture.stage import Drawn, Stage


@dataclass(frozen=True, kw_only=True)
class Ring(Mark):
    """An arc around `centre` in data coordinates, from one angle to another in degrees, counterclockwise."""

    radius: float
    centre: tuple[float, float] = (0.0, 0.0)
    angles: tuple[float, float] = (0.0, 360.0)
    ink: str = "edge"
    theory: bool = False

    def _arc(self) -> np.ndarray:
        turn = np.deg2rad(np.linspace(*self.angles, 181))
        return np.array(self.centre) + self.radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)

    def reach(self, stage: Stage) -> np.ndarray:
        return self._arc()

    def draw(self, stage: Stage) -> Drawn:
        theme = stage.theme
        style: Any = {"linestyle": theme.dashes} if self.theory else {}
        colour = theme.ink_of("theory" if self.theory else self.ink)
        stage.axes.plot(*self._arc().T, color=colour, linewidth=theme.outline_pt, zorder=1.8, **style)
        return Drawn()
