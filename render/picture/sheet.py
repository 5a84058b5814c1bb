"""Sheet: a film's frames on one page, in both themes and cuts, as wide as they are read; for those who draw it."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from render.film import Film
from render.picture import figure
from render.picture.theme import THEMES

WIDTHS = {"wide": (1100, 700), "column": (390,)}  # pixels at which a cut is read
GAP_PX = 8


def drawn(film: Film) -> Image.Image:
    """First, quarter, middle and last frame, a row for each theme, cut and width; cards have the wide cut alone."""
    rows = list(_rows(film))
    page = Image.new("RGB", (max(row.width for row in rows), sum(row.height + GAP_PX for row in rows)), "#888888")
    top = 0
    for row in rows:
        page.paste(row, (0, top))
        top += row.height + GAP_PX
    return page


def _rows(film: Film) -> Iterator[Image.Image]:
    last = film.frames - 1
    at = (0, last // 4, last // 2, last)
    for cut in ("wide", "column") if film.story else ("wide",):
        for theme in THEMES.values():
            frames = [figure.image(frame) for frame in figure.frames(film.in_cut(cut), theme, at)]
            for width in WIDTHS[cut]:
                height = round(frames[0].height * width / frames[0].width)
                row = Image.new("RGB", (len(at) * (width + GAP_PX), height), "#888888")
                for index, frame in enumerate(frames):
                    row.paste(frame.resize((width, height), Image.Resampling.LANCZOS), (index * (width + GAP_PX), 0))
                yield row
