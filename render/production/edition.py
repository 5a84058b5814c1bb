"""Edition: how a run is drawn, and into which folder; made from the command's options, used where files are named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from render.encoding.encoders import ENCODERS

POSTER = "-preview.png"
EXPERIMENTS = Path("out")  # the folder of what is no scene's default run


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
        """A scene's output in this edition, with cut and theme: the start of its file names."""
        return name + f"-{self.cut}" * (self.cut != "wide") + f"-{self.theme}" * (self.theme != "light")

    def key(self, output: str) -> str:
        """Key of an output's entry in the folder's manifest: an output has one in each container that it is in."""
        return output + self._ending

    def output_of(self, key: str) -> str | None:
        """The output that has this key, if it is in this container, else None."""
        other = any(key.endswith(f".{container}") for container in ENCODERS if container != self.container)
        return None if other or not key.endswith(self._ending) else key.removesuffix(self._ending)

    def files(self, output: str) -> list[str]:
        """Names of the files of an output, below the folder, the picture first."""
        return [f"{output}.{self.container}", *([output + POSTER] if self.poster else [])]

    @property
    def _ending(self) -> str:
        return "" if self.container == "gif" else f".{self.container}"

    @property
    def looks(self) -> tuple[Any, ...]:
        """The fields that change a picture's pixels, for its digest."""
        return (self.theme,) if self.cut == "wide" else (self.theme, self.cut)
