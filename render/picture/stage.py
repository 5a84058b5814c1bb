"""Stage: the axes in which the marks of one frame stand, with the arrays, the theme and the room that they have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox, Transform

from render.film import Film
from render.picture import words
from render.picture.ink import TextLine
from render.picture.theme import Theme

if TYPE_CHECKING:
    from render.picture.composition import Composition

LINE_PX = 21  # from one label to the next


def nothing(frame: int) -> None:
    """What moves nothing."""


@dataclass
class Drawn:
    """What a mark has put on a stage.

    artists: those that move, and `update`, which puts them where a frame has them. moves: (frames, n), whatever of it
    an eye can see changing, as shares of the stage: positions, widths, values at the playhead. content: (frames, n, 2),
    the places on the stage that it takes, in data coordinates.
    """

    artists: Sequence[Artist] = ()
    update: Callable[[int], None] = nothing
    moves: np.ndarray | None = None
    content: np.ndarray | None = None


@dataclass
class End:
    """A label beside the right end of a curve: its height in data coordinates, its text in a frame, its ink."""

    height: float
    text: Callable[[int], str]
    ink: str
    bold: bool = True


@dataclass
class Stage:
    """Axes of one frame of a composition. `project` turns points in space into the plane, where the frame is a ball."""

    composition: Composition
    axes: Axes
    project: Callable[[np.ndarray], np.ndarray]
    ends: list[End] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    labels: list[tuple[TextLine, float]] = field(default_factory=list)  # of ends, and the height in pixels of each end
    texts: list[TextLine] = field(default_factory=list)  # all that is written in the frame

    @property
    def film(self) -> Film:
        return self.composition.film

    @property
    def theme(self) -> Theme:
        return self.composition.theme

    @property
    def frames(self) -> int:
        return self.film.frames

    @property
    def time(self) -> np.ndarray:
        """The place of each frame on the strip, (frames,), from 0 to 1."""
        return np.linspace(0, 1, self.frames) if self.frames > 1 else np.zeros(1)

    def course(self, name: str) -> np.ndarray:
        """An array as it is played: first axis frames."""
        return np.asarray(self.film.arrays[name], np.float64)[: self.frames]

    def fixed(self, name: str) -> np.ndarray:
        """An array that no frame changes."""
        return np.asarray(self.film.arrays[name])

    def places(self, name: str, ndim: int) -> np.ndarray:
        """Points of an array with this many axes when it moves, or one fewer when it stands still: first axis frames.

        What stands still has one frame alone. Points in space are projected.
        """
        array = self.played(name, ndim)
        return self.project(array) if array.shape[-1] == 3 else array

    def motion(self, name: str, ndim: int) -> np.ndarray | None:
        """The same points in the frame's own coordinates, as shares of it: (frames, n); None if they stand still.

        A camera's turn is no motion: points in space are not projected.
        """
        array = self.played(name, ndim)
        if len(array) == 1:
            return None
        shares = array / self.span.max() if array.shape[-1] == 3 else self.shares(array)
        return shares.reshape(len(array), -1)

    def played(self, name: str, ndim: int) -> np.ndarray:
        """An array with this many axes as it is played, or one with fewer, which stands still, as a single frame."""
        array = np.asarray(self.film.arrays[name], np.float64)
        return array[: self.frames] if array.ndim == ndim else array[None]

    @property
    def span(self) -> np.ndarray:
        """Width and height of the axes in data coordinates."""
        (x0, x1), (y0, y1) = self.axes.get_xlim(), self.axes.get_ylim()
        return np.array([x1 - x0, y1 - y0])

    def shares(self, places: np.ndarray) -> np.ndarray:
        """Points in data coordinates (..., 2) as shares of the axes' width and height."""
        through = self.axes.transData + self.axes.transAxes.inverted()
        return through.transform(places.reshape(-1, 2)).reshape(places.shape)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size_pt: float | None = None,
        ink: str = "muted",
        within: Transform | None = None,
        bold: bool = False,
        **how: Any,
    ) -> TextLine:
        """A line of text at data coordinates, or at those of another transform."""
        size, colour = size_pt or self.theme.note_pt, self.theme.ink_of(ink)
        line = self.composition.write(x, y, text, size, colour, within or self.axes.transData, bold, **how)
        self.texts.append(line)
        return line

    def px(self, places: Any) -> np.ndarray:
        """Points in data coordinates (..., 2) in pixels of the composition."""
        through = self.axes.transData + self.composition.pixels.inverted()
        return through.transform(np.asarray(places, float))

    @property
    def box(self) -> Bbox:
        """The axes' rectangle in pixels of the composition."""
        return Bbox(self.composition.pixels.inverted().transform(self.axes.bbox.get_points()))

    def place_ends(self) -> None:
        """Write the labels at the right end of curves, apart from each other."""
        box, pixels = self.box, self.composition.pixels
        wanted = sorted((float(self.px((0, end.height))[1]), index) for index, end in enumerate(self.ends))
        heights = dodged([height for height, _ in wanted], LINE_PX, box.y0 + 2, box.y1 - 2)
        for (asked, index), height in zip(wanted, heights, strict=True):
            end = self.ends[index]
            texts, size = [end.text(frame) for frame in range(self.frames)], self.theme.label_pt
            line = self.write(box.x1 + 9, height, texts[0], size_pt=size, ink=end.ink, within=pixels, bold=end.bold)
            self.composition.says(line, texts)
            self.labels.append((line, asked))

    def ends_width(self) -> float:
        """Room in pixels that the labels at the right end take."""
        widths = [
            words.width_px(end.text(frame), self.theme.family, self.theme.label_pt, end.bold)
            for end in self.ends
            for frame in range(self.frames)
        ]
        return max(widths, default=-9.0) + 9


def dodged(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places in rising order, at least `gap` apart, near the wanted ones, from `low` to `high` as far as there is room.

    Neighbours that would overlap form a block around the mean of what they want (pool adjacent violators).
    """
    blocks: list[tuple[float, int]] = []  # mean of (wanted less its rank's offset), members
    for index, place in enumerate(wanted):
        block = (place - gap * index, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, members = blocks.pop()
            together = members + block[1]
            block = ((mean * members + block[0] * block[1]) / together, together)
        blocks.append(block)
    flat = [mean for mean, members in blocks for _ in range(members)]
    room = max(high - low - gap * (len(flat) - 1), 0.0)
    return [low + min(max(place - low, 0.0), room) + gap * index for index, place in enumerate(flat)]
