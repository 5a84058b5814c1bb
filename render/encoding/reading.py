"""Finished pictures read back as a browser shows them, whichever program wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np


@dataclass(frozen=True)
class Properties:
    """Properties stored in an animation. delays_ms: of each frame; loop: how often it is played, 0 for ever."""

    frames: int
    width: int
    height: int
    delays_ms: tuple[int, ...]
    loop: int


def properties(path: Path) -> Properties:
    """Size, delays and loop of an animation. Raises OSError for a file that is none."""
    with _opened(path) as file:
        frames, height, width, *_ = file.properties(index=...).shape
        found = [file.metadata(index=frame, exclude_applied=False) for frame in range(frames)]
    delays = tuple(int(frame["duration"]) for frame in found)
    return Properties(frames, width, height, delays, int(found[0].get("loop", 1)))


def frames(path: Path) -> np.ndarray:
    """Every frame of an animation as it is shown: (frames, height, width, 3) uint8. Raises OSError."""
    with _opened(path) as file:
        return np.asarray(file.read(index=..., mode="RGB"))


def frame(path: Path, number: int) -> np.ndarray:
    """One frame of an animation, or a still's only one: (height, width, 3) uint8. Raises OSError, and IndexError."""
    with _opened(path) as file:
        return np.asarray(file.read(index=number, mode="RGB"))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        file = iio.imopen(path, "r", plugin="pillow")
    except OSError as error:
        raise OSError(f"{path} is no picture that can be read") from error
    with file:
        yield file
