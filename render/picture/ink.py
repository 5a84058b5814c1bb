"""Artists and a renderer for what matplotlib does slowly or in too many bytes: text, tables of colours, edges.

Laying out text and drawing its glyphs would take most of a frame's time; if text starts on a whole pixel, each piece is
drawn once and then copied. The artists work on every matplotlib renderer, so that stills and frames look the same.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.cbook import is_math_text
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.text import Text
from matplotlib.transforms import Bbox

MARGIN = 2  # pixels by which ink may leave a string's box
EIGHTHS = np.round(np.round(np.arange(256) * 8 / 255) * 255 / 8).astype(np.uint8)  # alpha 0..255 -> nearest eighth


class TextLine(Text):
    """One line of text that starts on a whole pixel; va "center" and "top" are those of a digit, not of the string.

    Matplotlib aligns a string by its own extents: a number would jump and blur as commas and check marks come and go.
    """

    def draw(self, renderer: RendererBase) -> None:
        text = self.get_text()
        if not text or not self.get_visible():
            return
        x, y = self._pen(renderer)
        y = renderer.get_canvas_width_height()[1] - y if renderer.flipy() else y
        context = renderer.new_gc()
        context.set_foreground(self.get_color())
        renderer.draw_text(context, x, y, text, self.get_fontproperties(), 0, self._is_math(text), self)
        context.restore()
        self.stale = False

    def get_window_extent(self, renderer: RendererBase | None = None, dpi: float | None = None) -> Bbox:
        figure = self.get_figure(root=True)
        if figure is None or not self.get_text():
            return Bbox.null()
        renderer = renderer or RendererAgg(*figure.bbox.size, figure.dpi)
        x, y = self._pen(renderer)
        width, height, descent = self._size(renderer, self.get_text())
        return Bbox.from_bounds(x, y - descent, width, height)

    def _pen(self, renderer: RendererBase) -> tuple[float, float]:
        """Start of the baseline, in pixels from the lower left; whole ones unless the renderer draws vectors."""
        x, y = self.get_transform().transform(self.get_position())
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
        drop = {"baseline": 0.0, "center": 0.5, "top": 1.0}[self.get_verticalalignment()]
        x -= share and share * self._size(renderer, self.get_text())[0]
        y -= drop and drop * self._size(renderer, "0")[1]
        return (x, y) if renderer.option_scale_image() else (round(x), round(y))

    def _is_math(self, text: str) -> bool:
        return bool(self.get_parse_math() and is_math_text(text))

    def _size(self, renderer: RendererBase, text: str) -> tuple[float, float, float]:
        return renderer.get_text_width_height_descent(text, self.get_fontproperties(), self._is_math(text))


class Cells(AxesImage):
    """A table of colours (rows, columns, 3) uint8 that fills its axes, the first row on top."""

    def make_image(
        self, renderer: RendererBase, magnification: float = 1.0, unsampled: bool = False
    ) -> tuple[np.ndarray, float, float, Any]:
        if unsampled or magnification != 1:  # a vector renderer: its units are not pixels
            return super().make_image(renderer, magnification, unsampled)
        cells, (left, bottom, right, top) = np.asarray(self.get_array()), self.axes.bbox.extents
        rows = cells.shape[0] - 1 - _cell_of_each_pixel(bottom, top, cells.shape[0])
        columns = _cell_of_each_pixel(left, right, cells.shape[1])
        opaque = np.dstack([cells, np.full(cells.shape[:2], 255, np.uint8)]).view(np.uint32)[..., 0]
        pixels = opaque[rows[:, None], columns].view(np.uint8)
        return pixels.reshape(len(rows), len(columns), 4), round(left), round(bottom), None


class Edges(LineCollection):
    """Straight lines inside their axes, whose antialiasing has eight levels of coverage.

    They look the same; an encoder meets an eighth of the colours, and the animation is a fifth smaller.
    """

    _sheet: RendererAgg | None = None

    def draw(self, renderer: RendererBase) -> None:
        if not isinstance(renderer, RendererAgg):
            super().draw(renderer)
            return
        assert self.axes is not None
        if self._sheet is None or (self._sheet.width, self._sheet.height) != (renderer.width, renderer.height):
            self._sheet = RendererAgg(renderer.width, renderer.height, renderer.dpi)
        self._sheet.clear()
        super().draw(self._sheet)
        left, bottom, right, top = (round(edge) for edge in self.axes.bbox.extents)
        height = int(renderer.height)
        pixels = np.asarray(self._sheet.buffer_rgba())[height - top : height - bottom, left:right][::-1].copy()
        pixels[..., 3] = EIGHTHS[pixels[..., 3]]
        renderer.draw_image(renderer.new_gc(), left, bottom, pixels)


def _cell_of_each_pixel(low: float, high: float, cells: int) -> np.ndarray:
    """Index of the cell, of `cells` equal ones from `low` to `high`, at the centre of each pixel: (pixels,)."""
    centres = np.arange(round(low), round(high)) + 0.5
    return np.clip((centres - low) * cells / (high - low), 0, cells - 1).astype(int)


class StampingRenderer(RendererAgg):
    """Agg renderer that copies upright text on whole pixels from cached images of digits and words: the same pixels."""

    def __init__(self, width: float, height: float, dpi: float):
        super().__init__(width, height, dpi)
        self._sizes: dict[Any, dict[str, tuple[float, float, float]]] = {}
        self._stamps: dict[Any, dict[str, tuple[np.ndarray, int]]] = {}

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        widths, heights, descents = zip(*self._sizes_of(_pieces(s, ismath), prop, ismath), strict=True)
        ascent = max(height - descent for height, descent in zip(heights, descents, strict=True))
        return sum(widths), ascent + max(descents), max(descents)

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        pieces = _pieces(s, ismath)
        widths = [width for width, _, _ in self._sizes_of(pieces, prop, ismath)]
        if angle or any(place % 1 for place in (x, y, *widths[:-1])):
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        stamps = _kept(self._stamps, prop, gc.get_rgb())
        for piece, width in zip(pieces, widths, strict=True):
            if piece not in stamps:
                stamps[piece] = self._stamp(gc, piece, prop, ismath)
            pixels, depth = stamps[piece]
            self.draw_image(gc, x - MARGIN, self.height - y - depth, pixels)
            x += width

    def _sizes_of(self, pieces: list[str], prop: FontProperties, ismath: Any) -> list[tuple[float, float, float]]:
        sizes = _kept(self._sizes, prop)
        for piece in pieces:
            if piece not in sizes:
                sizes[piece] = super().get_text_width_height_descent(piece, prop, ismath)
        return [sizes[piece] for piece in pieces]

    def _stamp(self, gc: GraphicsContextBase, piece: str, prop: FontProperties, ismath: Any) -> tuple[np.ndarray, int]:
        """Image of a piece of text, the last row first, and how many pixels it reaches below the baseline."""
        width, height, descent = self.get_text_width_height_descent(piece, prop, ismath)
        depth = MARGIN + max(math.ceil(descent), 0)
        sheet = RendererAgg(math.ceil(width) + 2 * MARGIN, math.ceil(height - descent) + MARGIN + depth, self.dpi)
        ink = sheet.new_gc()
        ink.set_foreground(gc.get_rgb(), isRGBA=True)
        sheet.draw_text(ink, MARGIN, sheet.height - depth, piece, prop, 0, ismath)
        return np.ascontiguousarray(np.asarray(sheet.buffer_rgba())[::-1]), depth


def _pieces(text: str, ismath: Any) -> list[str]:
    """Single digits of a text, which change often, and what lies between, which seldom does; digits have no kerning."""
    return [text] if ismath else re.findall(r"\d|\D+", text) or [text]


def _kept(table: dict[Any, dict[str, Any]], prop: FontProperties, *rest: Any) -> dict[str, Any]:
    """Cache of strings in this font; its key is a copy, since a font may be changed after it was used."""
    if (prop, *rest) not in table:
        table[prop.copy(), *rest] = {}
    return table[prop, *rest]
