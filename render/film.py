"""Film: everything that a figure draws and an encoder writes, without the scene and the run that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from render.picture.panels.base import Panel


@dataclass(frozen=True)
class Badge:
    """The state of a run in one word, in the picture's header.

    array: name of (frames,) integers, indices into `words`; colours: one a word, a series of the theme or "met".
    """

    array: str
    words: tuple[str, ...]
    colours: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Film:
    """A picture in as many frames as `arrays["step"]` has entries, ready to be drawn.

    alt: its alt text, with the final numbers filled in. layout: rows of letters, one letter a panel; widths, heights:
    relative sizes of the layout's columns and rows, equal if empty. step_name: what the header counts. frame_ms,
    hold_ms: delay of a frame and of the last one. arrays: what panels draw, by name, first axis frames.
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
    panels: tuple[Panel, ...]
    frame_ms: int
    hold_ms: int
    arrays: Mapping[str, np.ndarray]

    @property
    def frames(self) -> int:
        return len(self.arrays["step"])
