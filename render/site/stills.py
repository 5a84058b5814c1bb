"""Small stills for the cards of the gallery: a poster, and start, middle and end for whoever wants no motion."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from render.places import replacing
from render.site.pictures import FOLDER, Picture

WIDTH = 640  # pixels, for screens with two of them a point
QUALITY = 80  # of WebP: on cards alone; what is played loses nothing


def card(site: Path, picture: Picture) -> str:
    """The poster of a picture, smaller in bytes. -> its file below the site."""
    file = _name(picture, "card")
    if _due(site / file, site / picture.poster):
        with Image.open(site / picture.poster) as poster:
            _save(poster.convert("RGB"), site / file)
    return file


def steps(site: Path, picture: Picture) -> str:
    """First, middle and last frame of a picture, side by side. -> their file below the site."""
    file = _name(picture, "steps")
    if _due(site / file, site / picture.file):
        with Image.open(site / picture.file) as film:
            last = getattr(film, "n_frames", 1) - 1
            frames = []
            for frame in (0, last // 2, last):
                film.seek(frame)
                frames.append(film.convert("RGB"))
            side_by_side = Image.new("RGB", (3 * film.width, film.height))
        for place, frame in enumerate(frames):
            side_by_side.paste(frame, (place * frame.width, 0))
        side_by_side.thumbnail((2 * WIDTH, side_by_side.height), Image.Resampling.LANCZOS)
        _save(side_by_side, site / file)
    return file


def _name(picture: Picture, kind: str) -> str:
    base = picture.file.removeprefix(f"{FOLDER}/").rpartition(".")[0]
    return f"{FOLDER}/stills/{base}-{kind}.webp"


def _due(file: Path, source: Path) -> bool:
    return not file.exists() or file.stat().st_mtime_ns < source.stat().st_mtime_ns


def _save(image: Image.Image, path: Path) -> None:
    with replacing(path) as temporary:
        image.save(temporary, format="WEBP", quality=QUALITY, method=4)
