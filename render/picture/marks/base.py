"""What a mark is: a declarative value that names arrays, and says what room it needs and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.transforms import Bbox, TransformedBbox

from render.picture.stage import Drawn, End, Stage
from render.picture.words import DPI

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


def clipped(artist: Artist, stage: Stage, reach_pt: float) -> None:
    """Clip an artist at its frame: a dot on the edge, `reach_pt` large, is whole, and one far off is not seen."""
    across, along = reach_pt / 72 * DPI / stage.box.width, reach_pt / 72 * DPI / stage.box.height
    room = Bbox([[-across, -along], [1 + across, 1 + along]])
    artist.set_clip_on(True)
    artist.set_clip_box(TransformedBbox(room, stage.axes.transAxes))


def growth(stage: Stage, sizes_pt: np.ndarray) -> np.ndarray | None:
    """Moves of sizes (frames, n) in points, as shares of the stage's width; None if they stand still."""
    return sizes_pt / 72 * DPI / stage.box.width if len(sizes_pt) > 1 else None


def joined(*moves: np.ndarray | None) -> np.ndarray | None:
    """Moves of several kinds as one array (frames, n), of those that there are."""
    found = [each for each in moves if each is not None]
    return np.concatenate(found, axis=1) if found else None


def at(array: np.ndarray, frame: int) -> np.ndarray:
    """The row of a frame, or the only one of what stands still."""
    return array[frame if len(array) > 1 else 0]
