"""Edition: how a run is drawn, and into which folder; made from the command's options, used where files are named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

POSTER = "-preview.png"


@dataclass(frozen=True)
class Edition:
    """A folder, and what pictures in it look like.

    cut: a key of `render.film.CUTS`. container: a key of `render.encoding.encoders.ENCODERS`, and the suffix. poster:
    whether a still is written, too.
    """

    folder: Path
    theme: str = "light"
    cut: str = "wide"
    container: str = "gif"
    poster: bool = True

    def output(self, name: str) -> str:
        """Key of a scene's output in the folder's manifest, and the start of its file names: with cut and theme."""
        return name + f"-{self.cut}" * (self.cut != "wide") + f"-{self.theme}" * (self.theme != "light")

    def files(self, output: str) -> list[str]:
        """Names of the files of an output, below the folder, the picture first."""
        return [f"{output}.{self.container}", *([output + POSTER] if self.poster else [])]

    @property
    def looks(self) -> tuple[Any, ...]:
        """The fields that change a picture's pixels, for its digest."""
        return (self.theme,) if self.cut == "wide" else (self.theme, self.cut)
