"""Printed: the hero at several moments side by side, their steps, and the curve once below, as wide as a page.

It is laid out as on a screen on which the smallest type is what it is in pictures, and then made smaller as a whole,
so that the smallest type has SMALLEST_PT on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from render.film import Film, Layout
from render.picture import words
from render.picture.composition import Composition
from render.picture.frames import Frame
from render.picture.grid import LETTERS, Box, places
from render.picture.group import Group
from render.picture.ink import TextLine
from render.picture.marks.base import Mark
from render.picture.marks.lines import Course
from render.picture.marks.name import Name
from render.picture.marks.text import Words
from render.picture.stage import Stage
from render.picture.theme import Theme

SMALLEST_PT = 8.0
PAPER = "#ffffff"
GAP_PX, EDGE_PX, STEP_PX = 14, 4, 22
TALL = 0.85  # a hero's height over its width
CURVE_PX, BELOW_PX = 160, 10
NARROW_PX = 240  # a hero that is narrower has no room for words beside its marks: they go into the caption on paper
SLACK_PX = 1.0


class Printed(Composition):
    """The figure of a film at some frames; what has no room, such as a label in a narrow hero, is left out."""

    def __init__(self, film: Film, theme: Theme, parent: Figure, at: Sequence[int]):
        self.begin(film, theme, parent)
        self._at_frames = at
        curve = _curve(film)
        bottom = EDGE_PX + (CURVE_PX if curve is not None else 0)
        self._heroes((EDGE_PX, bottom, self.width - 2 * EDGE_PX, self.height - bottom - EDGE_PX))
        if curve is not None:
            self._course(curve, (EDGE_PX, EDGE_PX + BELOW_PX, self.width - 2 * EDGE_PX, CURVE_PX - BELOW_PX))

    def _heroes(self, box: Box) -> None:
        row = Layout((LETTERS[: len(self._at_frames)],))
        for index, (left, bottom, width, height) in places(row, box, len(self._at_frames), GAP_PX):
            frame, known = self._at_frames[index], len(self.texts)
            inner = (left, bottom + STEP_PX, width, height - STEP_PX)
            self._hero_at(frame, inner)
            self._leave_out(self.texts[known:], Bbox.from_bounds(*inner))
            self._at(left + width / 2, bottom + 10, self._moment(frame), self.theme.note_pt, "ink", ha="center")

    def _course(self, index: int, box: Box) -> None:
        """The group with the curve, whole, and a hair at each of the moments."""
        known, (left, bottom, width, height) = len(self.texts), box
        stages = self._group(index, (left, bottom, width, height - 8))
        self.show(self.film.frames - 1)
        self._leave_out(self.texts[known:], Bbox.from_bounds(*box))
        for stage in stages:
            for frame in self._at_frames:
                stage.axes.axvline(stage.time[frame], color=self.theme.muted, linewidth=self.theme.hair_pt, zorder=1.6)

    def _frame(self, frame: Frame, box: Box) -> Stage:
        if box[2] < NARROW_PX:
            marks = tuple(_unlabelled(mark) for mark in frame.marks if not isinstance(mark, Words | Name))
            frame = replace(frame, marks=marks, heading="", note="")
        return super()._frame(frame, box)

    def _moment(self, frame: int) -> str:
        """Where the run is in a frame, in the words of the strip."""
        timeline = self.story.strip
        return f"{timeline.label} {words.signed(timeline.form.format(self.film.arrays[timeline.array][frame]))}"

    def _heading(
        self, x: float, y: float, heading: str, note: str, room: float, size_pt: float, ink: str = "ink"
    ) -> None:
        for shorter in ((heading, note), (heading, "")):
            try:
                return super()._heading(x, y, *shorter, room, size_pt, ink)
            except words.DoesNotFit:
                continue
        return None

    def _leave_out(self, texts: Iterable[TextLine], box: Bbox) -> None:
        """Hide the texts that leave the box or lie on one that came before."""
        kept: list[Bbox] = []
        for text in texts:
            own = Bbox(self.pixels.inverted().transform(text.get_window_extent().get_points()))
            inside = box.x0 <= own.x0 + SLACK_PX and own.x1 <= box.x1 + SLACK_PX
            free = all(
                min(own.x1, other.x1) - max(own.x0, other.x0) <= SLACK_PX
                or min(own.y1, other.y1) - max(own.y0, other.y0) <= SLACK_PX
                for other in kept
            )
            if text.get_visible() and inside and free:
                kept.append(own)
            else:
                text.set_visible(False)


def _unlabelled(mark: Mark) -> Mark:
    return replace(mark, label="") if getattr(mark, "label", "") else mark  # type: ignore[call-arg]


def _curve(film: Film) -> int | None:
    """Number of the first group beside the hero that has a curve over the run."""
    for index, group in enumerate(film.panels[1:], start=1):
        if isinstance(group, Group) and any(isinstance(mark, Course) for each in group.frames for mark in each.marks):
            return index
    return None


def drawn(film: Film, theme: Theme, at: Sequence[int], width_in: float) -> Figure:
    """Frames of a film's hero side by side, on a figure as wide as said, in inches; call under `default_style`.

    Raises ValueError for a film in cards, which has no hero.
    """
    if film.story is None:
        raise ValueError(f"{film.title!r} is drawn in cards, which are not set for print: leave out --width")
    smaller = SMALLEST_PT / theme.note_pt
    width = round(width_in / smaller * words.DPI)
    cell = (width - 2 * EDGE_PX - GAP_PX * (len(at) - 1)) / len(at)
    height = round(TALL * cell) + STEP_PX + 2 * EDGE_PX + (CURVE_PX if _curve(film) is not None else 0)
    figure = Figure(figsize=(width / words.DPI, height / words.DPI), dpi=words.DPI)
    FigureCanvasAgg(figure)
    Printed(
        replace(film, width_px=width, height_px=height),
        theme if theme.name == "dark" else replace(theme, page=PAPER),
        figure,
        at,
    )
    figure.set_size_inches(width_in, height / words.DPI * smaller)
    for artist in figure.findobj():
        _shrink(artist, smaller)
    return figure


def _shrink(artist: Artist, by: float) -> None:
    """Make type, strokes and dots smaller; places are shares of the figure, and are so already."""
    if isinstance(artist, Text):
        artist.set_fontsize(float(artist.get_fontsize()) * by)
    elif isinstance(artist, Line2D):
        artist.set_linewidth(artist.get_linewidth() * by)
        artist.set_markersize(artist.get_markersize() * by)
        artist.set_markeredgewidth(artist.get_markeredgewidth() * by)
    elif isinstance(artist, Patch):
        artist.set_linewidth(artist.get_linewidth() * by)
    elif isinstance(artist, Collection):
        artist.set_linewidth([float(width) * by for width in np.atleast_1d(artist.get_linewidth())])
        if isinstance(artist, PathCollection):
            artist.set_sizes(artist.get_sizes() * by**2)
