"""Containers that a film can be written in, by their name, which is the suffix, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # options of the command name containers, and wait for nothing
    import numpy as np

    from render.film import Film

# The module that writes each: it has `write_film`, and is imported when its container is asked for.
ENCODERS: Mapping[str, str] = {
    "gif": "render.encoding.gif",
    "webp": "render.encoding.lossless",
    "apng": "render.encoding.lossless",
    "mp4": "render.encoding.video",
    "webm": "render.encoding.video",
}
EXTRAS = {"render.encoding.video": "video"}  # of the distribution, with the packages that a module needs


class Unverified(RuntimeError):
    """Error: a written file did not read back as drawn."""


def require(container: str) -> None:
    """Raise ValueError where a package is missing that a container needs."""
    module = ENCODERS[container]
    try:
        import_module(module)
    except ImportError as error:
        raise ValueError(
            f"{container} needs the package {error.name}: pip install 'frame-potential[{EXTRAS[module]}]'"
        ) from error


def write(path: Path, frames: Iterable[np.ndarray], film: Film, exact: Sequence[str], container: str) -> None:
    """Write a film's drawn frames (height, width) uint32 RGBA, in place, and verify what is read back.

    exact: colours that must survive bit for bit, where the container loses any. Raises ValueError for no frames and
    delays that the container cannot hold, Unverified for a file that does not read back as
    drawn, OSError when it cannot be written.
    """
    import_module(ENCODERS[container]).write_film(path, frames, film, exact, container)
