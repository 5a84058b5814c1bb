"""Containers that a film can be written in, by their suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from render.encoding import gif
from render.film import Film

Encoder = Callable[[Path, Iterable[np.ndarray], Film, Sequence[str]], None]


def write_gif(path: Path, frames: Iterable[np.ndarray], film: Film, exact: Sequence[str]) -> None:
    """A GIF of drawn frames: see `render.encoding.gif.write`. exact: colours that must survive bit for bit."""
    gif.write(path, frames, film.delays, film.alt, exact)


ENCODERS: Mapping[str, Encoder] = {"gif": write_gif}
