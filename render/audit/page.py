"""An audit as one page for a browser, with its pictures in it: it loads nothing, and names in it are never markup."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from PIL import Image

from render.audit import by_depth, telling
from render.audit.against import telling as of_both
from render.audit.against.comparison import Comparison
from render.audit.files.names import title_of
from render.audit.picture import writing
from render.audit.report import COLUMNS
from render.audit.series import AuditedSeries
from render.places import replacing
from render.printable import printable_text

KINDS = {".png": "image/png", ".gif": "image/gif"}
DARK, STILL = "(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"
WIDE = 100  # columns of a text that is set as it is


@dataclass(frozen=True)
class Picture:
    """A picture of the page: its data, what is shown in its place where a medium matches, and what it says."""

    image: str
    alt: str
    width: int
    height: int
    sources: tuple[tuple[str, str], ...] = ()


def write(path: Path, audited: AuditedSeries, compared: Comparison | None, drawn: Sequence[Path] | None) -> None:
    """Write the page. drawn: the files of the pictures, or None for a page without any. Raises OSError."""
    text = html(audited, compared, drawn)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def html(audited: AuditedSeries, compared: Comparison | None = None, drawn: Sequence[Path] | None = None) -> str:
    """The page as text."""
    last, depth = audited.last, audited.last.depth
    template = Environment(autoescape=True, trim_blocks=True, undefined=StrictUndefined).from_string(
        resources.files("render.audit").joinpath("page.html").read_text(encoding="utf-8")
    )
    titles, *rows = by_depth.rows(depth) if depth else [[]]
    text = template.render(
        name=title_of(last.snapshot.path),
        headline=audited.headline,
        findings=[remark.text for remark in last.findings(audited.first)[1:]],
        heading=telling.heading(audited, len(audited.told)),
        pictures=[] if drawn is None else _pictures(audited, drawn),
        comparison=of_both.told(audited, compared, "text", WIDE) if compared else "",
        depth={"sentence": by_depth.sentence(depth)[1], "titles": titles, "rows": rows} if depth else None,
        columns=COLUMNS,
        groups=list(telling.grouped(last.numbers).items()),
        definitions=[number.number for number in last.numbers],
    )
    return printable_text(text)


def _pictures(audited: AuditedSeries, drawn: Sequence[Path]) -> list[Picture]:
    """Of a snapshot its dashboard in both themes; else animations, which stand still where motion is not wanted."""
    animations = [file for file in drawn if file.suffix == ".gif"]
    if animations:
        return [_animation(file) for file in animations]
    film = writing.film_of(title_of(audited.last.snapshot.path), audited)
    light, dark = (_data(".png", writing.png(film, theme)) for theme in ("light", "dark"))
    return [Picture(light, film.alt, film.width_px, film.height_px, ((DARK, dark),))]


def _animation(file: Path) -> Picture:
    """A GIF, whose comment is its alt text, and its poster beside it."""
    content, still = file.read_bytes(), _data(".png", file.with_suffix(".png").read_bytes())
    with Image.open(io.BytesIO(content)) as picture:
        return Picture(_data(".gif", content), picture.info["comment"].decode(), *picture.size, ((STILL, still),))


def _data(suffix: str, content: bytes) -> str:
    return f"data:{KINDS[suffix]};base64,{base64.b64encode(content).decode()}"


__all__ = ["html", "write"]
