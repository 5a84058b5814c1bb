"""How a run is shown, and where: one value that travels from what was typed to the files and their manifest entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

POSTER = "-preview.png"


@dataclass(frozen=True)
class Edition:
    """A folder, and what pictures in it look like.

    container: a key of `render.encoding.encoders.ENCODERS`, and the suffix. poster: whether the last frame is written
    as a still, too.
    """

    folder: Path
    theme: str = "light"
    container: str = "gif"
    poster: bool = True

    def output(self, name: str) -> str:
        """The key in the folder's manifest of what a scene calls its output; files begin with it."""
        return name if self.theme == "light" else f"{name}-{self.theme}"

    def files(self, output: str) -> list[str]:
        """Names of the files of an output, below the folder, the picture first."""
        return [f"{output}.{self.container}", *([output + POSTER] if self.poster else [])]

    @property
    def looks(self) -> tuple[Any, ...]:
        """What of it decides a picture."""
        return (self.theme,)
