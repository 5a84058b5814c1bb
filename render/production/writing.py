"""A film to files: what is drawn goes straight into the encoder, and the last frame into a still."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from render.encoding import encoders
from render.film import Film
from render.picture import figure
from render.picture.theme import THEMES
from render.stages import Stages
from render.temporary import replacing


def write_animation(files: ExitStack, film: Film, theme: str, paths: Sequence[Path], stages: Stages) -> list[Path]:
    """Draw a film into the first of the paths, in the container of its suffix, and its poster into the second.

    -> temporary paths, moved onto `paths` as `files` closes. Raises OSError, naming the path that cannot be written.
    """
    last: np.ndarray | None = None

    def drawn() -> Iterator[np.ndarray]:
        nonlocal last
        for frame in stages.each("draw", figure.frames(film, THEMES[theme]), film.frames):
            last = frame
            yield frame

    path, *posters = paths
    written = [files.enter_context(replacing(path))]
    encoders.write(written[0], drawn(), film, THEMES[theme].exact_colours(), path.suffix[1:])
    for poster in posters:
        written.append(files.enter_context(replacing(poster)))
        assert last is not None  # an encoder refuses a film without frames
        write_poster(written[-1], figure.poster(film, THEMES[theme]) if film.story else last)
    return written


def write_poster(path: Path, frame: np.ndarray) -> None:
    """A drawn frame as a PNG, written in place."""
    figure.image(frame).save(path, format="PNG", optimize=True)
