"""Cards: a film laid out as panels in boxes, each with a title, live numbers, axes and a caption."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from render.film import Badge, Film, Layout
from render.picture.grid import LETTERS, Box, places
from render.picture.ink import TextLine
from render.picture.panels.base import MINUS, MOVING_ZORDER, Panel, Readout
from render.picture.theme import Theme

HEADER_PX = 74
MARGIN_PX = 16
GAP_PX = 12
TITLE_PX = 28  # of a card
VALUE_PX = 88  # room for a live number and its check mark


class Cards:
    """A scene's figure, drawn into `parent`: `moving` artists, in drawing order, and `show(frame)` to place them."""

    def __init__(self, film: Film, theme: Theme, parent: Figure | SubFigure):
        self.film, self.theme, self.parent = film, theme, parent
        self.width, self.height = film.width_px, film.height_px
        self.pixels = Affine2D().scale(1 / self.width, 1 / self.height) + parent.transSubfigure
        self._updates: list[Callable[[int], None]] = []
        self.moving: list[Artist] = []

        parent.set_facecolor(theme.page)
        self._header()
        for panel, (left, bottom, width, height) in zip(film.panels, self._places(len(film.panels)), strict=True):
            assert isinstance(panel, Panel)  # groups are for films that tell a story
            self._card(panel, left, bottom, width, height)
        self.moving.sort(key=lambda artist: artist.get_zorder())
        self.show(0)

    def show(self, frame: int) -> None:
        """Put every moving artist where this frame has it."""
        for update in self._updates:
            update(frame)

    def _header(self) -> None:
        theme, film = self.theme, self.film
        top = self.height - 14
        self._text(MARGIN_PX + 2, top, film.title, theme.title_pt, theme.ink, va="top", weight="bold")
        self._text(MARGIN_PX + 2, top - 33, film.subtitle, theme.subtitle_pt, theme.muted, va="top")
        if film.frames > 1:
            self._counter(top - 33)  # close to what else moves: a GIF's frame is the rectangle around all that changed
        if film.badge:
            self._badge(film.badge, self.width - MARGIN_PX - 2, top - 4)

    def _counter(self, top: float) -> None:
        theme, name, steps = self.theme, self.film.step_name, self.film.arrays["step"]
        counter = self._text(self.width - MARGIN_PX - 2, top, "", theme.subtitle_pt, theme.muted, ha="right", va="top")
        self._moves(counter, lambda frame: counter.set_text(f"{name} {steps[frame]:,} of {steps[-1]:,}"))

    def _badge(self, badge: Badge, right: float, top: float) -> None:
        theme, states = self.theme, self.film.arrays[badge.array]
        colours = [theme.met if colour == "met" else theme.series[colour] for colour in badge.colours]
        word = self._text(right, top, "", theme.subtitle_pt + 1, theme.ink, ha="right", va="top", weight="bold")

        def update(frame: int) -> None:
            word.set_text(badge.words[states[frame]])
            word.set_color(colours[states[frame]])

        self._moves(word, update)

    def _card(self, panel: Panel, left: float, bottom: float, width: float, height: float) -> None:
        theme, top = self.theme, bottom + height
        self.parent.add_artist(
            FancyBboxPatch(
                (left, bottom),
                width,
                height,
                boxstyle="round,pad=0,rounding_size=7",
                facecolor=theme.card,
                edgecolor=theme.edge,
                linewidth=theme.thin_pt,
                transform=self.pixels,
                zorder=0.5,
            )
        )
        self._text(left + 12, top - 9, panel.title, theme.card_title_pt, theme.ink, va="top", weight="bold")
        columns = panel.readout_columns
        rows = -(-len(panel.readouts) // columns)
        for index, readout in enumerate(panel.readouts):
            row, column = divmod(index, columns)
            cell = (width - 24) / columns
            x = left + 12 + column * cell
            middle = top - TITLE_PX - panel.readout_px * (row + 0.5)
            self._readout(readout, x, x + cell - (8 if column < columns - 1 else 0), middle)
        if panel.caption:
            self.parent.text(
                left + 12,
                bottom + 10,
                panel.caption,
                fontsize=theme.small_pt,
                color=theme.muted,
                va="bottom",
                transform=self.pixels,
            )

        insets = panel.insets
        inner_height = height - TITLE_PX - panel.readout_px * rows - 6 - insets.bottom
        axes = self.parent.add_axes(
            (
                (left + insets.left) / self.width,
                (bottom + insets.bottom) / self.height,
                (width - insets.left - insets.right) / self.width,
                max(inner_height, 1) / self.height,
            ),
            zorder=1,
        )
        moving = panel.build(axes, self.film.arrays, theme)
        self.moving += moving.artists
        self._updates.append(moving.update)

    def _readout(self, readout: Readout, left: float, right: float, y: float) -> None:
        """One row: swatch, label, goal, and the value that moves."""
        theme, values, target = self.theme, self.film.arrays[readout.array], readout.target
        if readout.colour:
            swatch = FancyBboxPatch(
                (left, y - 2), 14, 3, "square,pad=0", color=theme.series[readout.colour], transform=self.pixels, lw=0
            )
            self.parent.add_artist(swatch)
        self._text(left + (20 if readout.colour else 0), y, readout.label, theme.text_pt, theme.ink)
        goal = readout.goal_text.replace("-", MINUS)
        self._text(right - VALUE_PX - 8, y, goal, theme.small_pt, theme.muted, ha="right")
        number = self._text(right - VALUE_PX, y, "", theme.text_pt, theme.ink, weight="bold")

        def update(frame: int) -> None:
            value = float(values[frame])
            met = target is not None and target.met(value)
            number.set_text(readout.form.format(value).replace("-", MINUS) + (" ✓" if met else ""))
            number.set_color(theme.met if met else theme.ink)

        self._moves(number, update)

    def _moves(self, artist: Artist, update: Callable[[int], None]) -> None:
        artist.set_zorder(MOVING_ZORDER)
        self.moving.append(artist)
        self._updates.append(update)

    def _text(self, x: float, y: float, text: str, size: float, colour: str, **how: Any) -> Text:
        how = {"va": "center", **how}
        line = TextLine(x, y, text, fontsize=size, color=colour, transform=self.pixels, **how)
        line.set_figure(self.parent)
        self.parent.texts.append(line)
        return line

    def _places(self, panels: int) -> list[Box]:
        """Left, bottom, width and height in pixels of each panel's card, from the letters of the layout."""
        film = self.film
        body = (MARGIN_PX, MARGIN_PX, self.width - 2 * MARGIN_PX, self.height - HEADER_PX - MARGIN_PX)
        for letter in LETTERS[:panels]:
            if letter not in "".join(film.layout):
                raise ValueError(f"{film.title}: layout {film.layout} has no {letter!r} for one of {panels} panels")
        return [box for _, box in places(Layout(film.layout, film.widths, film.heights), body, panels, GAP_PX)]
