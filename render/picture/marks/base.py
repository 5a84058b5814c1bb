"""What a mark is: a declarative value that names arrays, and says what room it needs and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist

from render.picture.stage import Drawn, End, Stage

MOVING = 3.0  # zorder of what moves, above all that stands still
GROUND = 2.0  # zorder of marks that stand still, drawn once
NOWHERE = np.zeros((0, 2))


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Base of all marks. over: raised above other marks by so much; above 0 also over what moves."""

    over: float = 0.0

    def reach(self, stage: Stage) -> np.ndarray:
        """Points (n, 2) in data coordinates that the axes must show, over the whole run; NaN where it does not mind."""
        return NOWHERE

    def ends(self, stage: Stage) -> list[End]:
        """Labels beside the right end of the axes."""
        return []

    def draw(self, stage: Stage) -> Drawn:
        """Draw what stands still, make what moves (zorder MOVING or above), and say how it moves."""
        raise NotImplementedError


def still(artists: Sequence[Artist], over: float) -> Drawn:
    """What stands still: part of the ground that is drawn once, unless it is raised over what moves."""
    for artist in artists:
        artist.set_zorder(MOVING + over if over > 0 else GROUND)
    return Drawn(artists if over > 0 else ())


def flattened(stage: Stage, places: np.ndarray) -> np.ndarray:
    """Moves of points (frames, ..., 2): their coordinates as shares of the stage, (frames, n)."""
    return stage.shares(places).reshape(len(places), -1)


def at(array: np.ndarray, frame: int) -> np.ndarray:
    """The row of a frame, or the only one of what stands still."""
    return array[frame if len(array) > 1 else 0]
