"""The state of a run in one word, in the picture's header."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Badge:
    """array: (frames,) integers, by name; words: what each means; colours: of the words, a series or "met"."""

    array: str
    words: tuple[str, ...]
    colours: tuple[str, ...]


def changes(states: np.ndarray) -> np.ndarray:
    """Frames at which the state is another than in the frame before."""
    return np.flatnonzero(np.diff(states)) + 1
