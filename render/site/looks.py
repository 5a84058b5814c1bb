"""Which picture of a scene is shown when: by theme, by the width of the page, by whether motion is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from render.site.pictures import LOOKS, Drawn, Picture

NARROW, STILL, DARK = "(max-width: 40rem)", "(prefers-reduced-motion: reduce)", "(prefers-color-scheme: dark)"


@dataclass(frozen=True)
class Look:
    """A `<source>` of a picture. media: its condition apart from the theme, which the script changes; query: both.

    theme: "dark", or "any" of one that is shown in both where no dark one comes first.
    """

    theme: str
    media: str
    poster: str
    file: str
    width: int
    height: int

    @property
    def query(self) -> str:
        return " and ".join(filter(None, (self.media, DARK if self.theme == "dark" else ""))) or "all"


def of_page(drawn: Drawn) -> list[Look]:
    """Sources of a scene's page, beside the wide picture in light: columns on narrow screens, dark ones in the dark."""
    order = [("dark", "column"), ("light", "column"), ("dark", "wide")]
    known = {"wide": "", "column": NARROW}
    return [_look(theme, known[cut], drawn.looks[theme, cut]) for theme, cut in order if (theme, cut) in drawn.looks]


def without_scripts(drawn: Drawn) -> list[Look]:
    """The same of the animations themselves; posters where motion is not wanted."""
    found = of_page(drawn)
    main = drawn.looks[LOOKS[0]]
    still = [*found, _look("light", "", main)]
    return [*(_poster(look) for look in still), *found]


def of_card(
    posters: Mapping[str, str], stills: Mapping[str, tuple[str, int, int]], size: tuple[int, int]
) -> list[Look]:
    """Sources of a card, beside the poster in light. posters, stills: of a theme, and a still's size."""
    still = [(shown, stills[theme]) for theme, shown in (("dark", "dark"), ("light", "any")) if theme in stills]
    moving = [Look("dark", "", posters["dark"], "", *size)] if "dark" in posters else []
    return [
        *(Look(shown, STILL, file, "", width, height) for shown, (file, width, height) in still),
        *moving,
    ]


def _look(theme: str, media: str, picture: Picture) -> Look:
    shown = "dark" if theme == "dark" else "any"
    return Look(shown, media, picture.poster, picture.file, picture.entry["width"], picture.entry["height"])


def _poster(look: Look) -> Look:
    media = " and ".join(filter(None, (STILL, look.media)))
    return Look(look.theme, media, look.poster, look.poster, look.width, look.height)
