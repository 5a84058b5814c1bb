"""What a batch draws: scenes, each in an edition, and of the best one a second theme beside what the blog serves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from render.production import manifest
from render.production.edition import Edition


@dataclass(frozen=True)
class Drawing:
    """A scene that is to be drawn in an edition. label: what a batch calls it, which draws a scene in several."""

    label: str
    reference: str
    edition: Edition

    @property
    def is_current(self) -> bool:
        """Whether its files are up to date."""
        return manifest.find_current(self.edition, self.reference) is not None


def of(scenes: Mapping[str, str], edition: Edition, dark: Iterable[str] = ()) -> list[Drawing]:
    """Each scene in the edition, and those named in `dark` in the dark theme, too, if the edition is what is served.

    scenes: name -> reference. What is served is public/, in the light theme, the wide cut and as GIF: only there a
    reader may meet a picture in either theme.
    """
    asked = [Drawing(name, reference, edition) for name, reference in scenes.items()]
    if is_served(edition) and edition.theme == "light":
        beside = dataclasses.replace(edition, theme="dark")
        asked += [Drawing(f"{name}, dark", scenes[name], beside) for name in dark if name in scenes]
    return asked


def is_served(edition: Edition) -> bool:
    """Whether an edition is what the blog serves, in one of the themes."""
    there = edition.folder.resolve() == manifest.public_folder().resolve()
    return there and (edition.cut, edition.container) == ("wide", "gif")
