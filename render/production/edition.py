"""Edition: how a run is drawn, and into which folder; made from the command's options, used where files are named."""

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
        """Key of a scene's output in the folder's manifest, also the start of its file names: the theme is appended."""
        return name if self.theme == "light" else f"{name}-{self.theme}"

    def files(self, output: str) -> list[str]:
        """Names of the files of an output, below the folder, the picture first."""
        return [f"{output}.{self.container}", *([output + POSTER] if self.poster else [])]

    @property
    def looks(self) -> tuple[Any, ...]:
        """The fields that change a picture's pixels, for its digest."""
        return (self.theme,)
