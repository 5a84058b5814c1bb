"""Words and numbers of a picture: one formatter, the room that a text takes, and lines that fit."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Sequence
from importlib import resources
from typing import Literal

import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg

MINUS = "−"  # as wide as a digit; a hyphen is not
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ROUNDING = 1e-12  # what is smaller is 0 but for rounding
DPI = 100
# File -> weight, and the start of its SHA-256: code alone decides what is stale, so that another font is other code.
FONTS = {
    "DejaVuSansCondensed.ttf": (400, "daa1d31abc5173dc"),
    "DejaVuSansCondensed-Bold.ttf": (700, "d0dcd1ece001bf33"),
}

Form = Literal["number", "percent", "degrees", "count"]


class DoesNotFit(ValueError):
    """Error: a text has no room in a picture; the message names text, room and cut."""


@functools.cache
def load_fonts() -> None:
    """Tell matplotlib of the fonts that come with the project, before those of the same name that a machine has."""
    known = font_manager.fontManager
    for name, (weight, _) in FONTS.items():
        known.addfont(str(resources.files("render.picture") / "fonts" / name))
        # "book" is what others call normal; of two that fit alike, the first is taken
        known.ttflist.insert(0, dataclasses.replace(known.ttflist.pop(), weight=weight))


def signed(text: str) -> str:
    """The text with a minus for every hyphen that is one: before a digit, and not inside a word or a range."""
    return re.sub(r"(?<![\w-])-(?=[\d.])", MINUS, text)


def said(value: float, form: Form = "number") -> str:
    """A number as it is written everywhere: three digits, powers of ten below a thousandth, 0 below rounding."""
    if not np.isfinite(value):
        return "–"
    if form == "count":
        return f"{round(value):,}".replace("-", MINUS)
    if form == "percent":
        share = 100 * value
        rounded = f"{share:.0f}" if share == 0 or abs(share) >= 1 else "< 1"
        return f"{rounded} %".replace("-", MINUS)
    if form == "degrees":
        return f"{round(value)}°".replace("-", MINUS)
    size = abs(value)
    if size < ROUNDING:
        return "0"
    if size < 1e-3:
        return f"{MINUS * bool(value < 0)}10{str(round(np.log10(size))).translate(SUPERSCRIPTS)}"
    decimals = max(0, min(3, 2 - int(np.floor(np.log10(float(f"{size:.2e}"))))))  # of 9.996, written as 10.0, one
    return f"{value:,.{decimals}f}".replace("-", MINUS)


@functools.cache
def _font(family: str, size_pt: float, bold: bool) -> font_manager.FontProperties:
    load_fonts()
    return font_manager.FontProperties(family=family, size=size_pt, weight="bold" if bold else "normal")


@functools.cache
def _renderer() -> RendererAgg:
    return RendererAgg(8, 8, DPI)


@functools.lru_cache(maxsize=4096)
def width_px(text: str, family: str, size_pt: float, bold: bool = False) -> float:
    """How wide a line of text is drawn, in pixels."""
    return _renderer().get_text_width_height_descent(text, _font(family, size_pt, bold), False)[0] if text else 0.0


def wrapped(text: str, family: str, size_pt: float, room_px: float, lines: int, bold: bool = False) -> Sequence[str]:
    """The text in as few lines as it needs, `lines` at most. Raises DoesNotFit when it needs more."""
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and width_px(longer, family, size_pt, bold) <= room_px:
            found[-1] = longer
        else:
            found.append(word)
    widest = max((width_px(line, family, size_pt, bold) for line in found), default=0.0)
    if len(found) > lines or widest > room_px:
        room = f"{lines} line{'s' * (lines > 1)} of {room_px:.0f} px"
        raise DoesNotFit(f"{text!r} does not fit into {room} at {size_pt:g} pt")
    return found
