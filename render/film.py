"""Film: everything that a figure draws and an encoder writes, without the scene and the run that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from render.picture.group import Group
    from render.picture.panels.base import Panel


@dataclass(frozen=True)
class Badge:
    """The state of a run in one word, in the picture's header.

    array: name of (frames,) integers, indices into `words`; colours: one a word, a series of the theme or "met".
    """

    array: str
    words: tuple[str, ...]
    colours: tuple[str, ...]


CUTS: Mapping[str, tuple[int, int]] = {"wide": (1100, 540), "column": (640, 760)}  # width and height in pixels
OPENING_MS, STATE_MS = 1000, 500  # at least, of the first frame, and of one in which the state changes


@dataclass(frozen=True)
class Layout:
    """A grid: rows of letters, one letter a part in order ("ab", "ac"), and relative widths and heights of its tracks.

    Tracks are equal where no sizes are given; a part whose letter is missing is not drawn.
    """

    rows: tuple[str, ...] = ("a",)
    widths: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The timeline under a picture: the states as bands, a playhead that goes evenly from frame to frame, an axis.

    array: the quantity of the axis (frames,). label: its name, before the first tick. form: how its values are written.
    ticks: values that are marked; the ends and powers of ten between them if empty. live: the value now is written
    under the playhead in place of ticks, as for a dial. ends: words before and behind the bands. loss: an array
    (frames,) drawn into the bands, in logs, where its shape says something.
    """

    array: str = "step"
    label: str = "step"
    form: str = "{:,.0f}"
    ticks: tuple[float, ...] = ()
    live: bool = False
    ends: tuple[str, str] = ("", "")
    loss: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """How a run is told: the states it goes through, a sentence for each, and where the groups of marks stand.

    state: an array (frames,) of integers that never fall. names: of the states, on the strip. sentences: under the
    title, one a state; `{name}` and `{name:.0f}` in them stand for the last frame's value of an array, or a field of
    the config. wide, column: places of the groups in the two cuts, the hero's letter is a. poster: frames of the hero
    that the poster shows side by side, as shares of the run; a single one is that frame, whole.
    """

    state: str
    names: tuple[str, ...]
    sentences: tuple[str, ...]
    wide: Layout
    column: Layout
    strip: Strip = Strip()
    poster: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, kw_only=True)
class Film:
    """A picture in as many frames as `arrays["step"]` has entries, ready to be drawn.

    alt: its alt text, with the final numbers filled in. layout: rows of letters, one letter a panel; widths, heights:
    relative sizes of the layout's columns and rows, equal if empty. step_name: what the header counts. frame_ms,
    hold_ms: delay of a frame and of the last one. arrays: what panels draw, by name, first axis frames.

    story: how it is told; then `panels` are groups of marks, and layout, widths, heights and badge are not used.
    shown: number of the last frame that is played, if not the last of the run. checks: how many targets the run met,
    and how many it has.
    """

    title: str
    subtitle: str
    alt: str
    layout: tuple[str, ...]
    widths: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()
    width_px: int
    height_px: int
    step_name: str = "step"
    badge: Badge | None = None
    panels: tuple[Panel | Group, ...]
    frame_ms: int
    hold_ms: int
    arrays: Mapping[str, np.ndarray]
    story: Story | None = None
    shown: int | None = None
    checks: tuple[int, int] = (0, 0)
    cut: str = "wide"

    @property
    def frames(self) -> int:
        """Number of frames that are played."""
        recorded = len(self.arrays["step"])
        return recorded if self.shown is None else min(self.shown + 1, recorded)

    @property
    def delays(self) -> list[int]:
        """How long each frame stands, in milliseconds: opening, closing and changes of state stand longer."""
        delays = [self.frame_ms] * self.frames
        if self.story:
            states = np.asarray(self.arrays[self.story.state][: self.frames])
            for frame in np.flatnonzero(np.diff(states)) + 1:
                delays[frame] = max(delays[frame], STATE_MS)
            delays[0] = max(delays[0], OPENING_MS)
        return [*delays[:-1], self.hold_ms]

    def in_cut(self, cut: str) -> Self:
        """The same film in another format. Raises ValueError for a film of cards, which has the wide one alone."""
        if self.story is None:
            if cut != "wide":
                raise ValueError(f"{self.title!r} is drawn in cards, which have no cut {cut!r}: take wide")
            return self
        width, height = CUTS[cut]
        return replace(self, cut=cut, width_px=width, height_px=height)
