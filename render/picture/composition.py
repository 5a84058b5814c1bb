"""Composition: a film that tells, laid out: title, a sentence a state, the hero and its company, and the strip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D, Transform

from render.film import CUTS, Film, Layout, Story
from render.picture import strip, words
from render.picture.frames import Frame
from render.picture.grid import LETTERS, Box, places
from render.picture.group import Group
from render.picture.ink import TextLine
from render.picture.marks.base import MOVING
from render.picture.stage import Stage
from render.picture.strip import MARGIN_PX
from render.picture.theme import Theme

GAP_PX = 26  # between groups
HEADING_PX = 27


class Composition:
    """A film's figure, drawn into `parent`: `moving` artists, in drawing order, and `show(frame)` to place them.

    poster: frames of the hero that stand side by side instead, and do not move.
    """

    moving: list[Artist]

    def __init__(self, film: Film, theme: Theme, parent: Figure | SubFigure, poster: Sequence[int] = ()):
        self.begin(film, theme, parent)
        top = self._header(poster[-1] if poster else None)
        bottom = MARGIN_PX if poster else strip.draw(self) if film.frames > 1 else self._foot()
        self.body: Box = (MARGIN_PX, bottom, self.width - 2 * MARGIN_PX, top - bottom)
        if poster:
            self._side_by_side(poster)
            return
        layout = self.story.column if film.cut == "column" else self.story.wide
        for index, box in places(layout, self.body, len(film.panels), GAP_PX):
            self.boxes[index] = box
            self.stages[index] = self._group(index, box)
        raised = [text for text in self.texts if text.get_zorder() >= MOVING]  # stands still, over what moves
        self.moving = sorted(dict.fromkeys([*self.moving, *raised]), key=_order)
        self.show(0)

    def begin(self, film: Film, theme: Theme, parent: Figure | SubFigure) -> None:
        """Set up what groups are drawn with: nothing is drawn yet."""
        assert film.story is not None
        self.film, self.theme, self.parent = film, theme, parent
        self.story: Story = film.story
        self.width, self.height = film.width_px, film.height_px
        self.pixels = Affine2D().scale(1 / self.width, 1 / self.height) + parent.transSubfigure
        self.moving = []
        self.texts: list[TextLine] = []
        self.boxes: dict[int, Box] = {}
        self.stages: dict[int, list[Stage]] = {}
        self.dial: set[TextLine] = set()  # texts of the strip that say where the run is
        self._updates: list[Callable[[int], None]] = []

        words.load_fonts()
        parent.set_facecolor(theme.page)
        self.states = np.asarray(film.arrays[self.story.state][: film.frames]).astype(int)

    def _side_by_side(self, frames: Sequence[int]) -> None:
        """The hero once for each of the frames, under the name of the state that it is in."""
        row = Layout((LETTERS[: len(frames)],))
        for index, (left, bottom, width, height) in places(row, self.body, len(frames), GAP_PX):
            name = self.story.names[self.states[frames[index]]]
            self._at(left, bottom + height - 10, name, self.theme.label_pt, "ink", bold=True)
            self.boxes[index] = (left, bottom, width, height - HEADING_PX)
            self.stages[index] = self._hero_at(frames[index], self.boxes[index])

    def _hero_at(self, frame: int, box: Box) -> list[Stage]:
        """The hero in one frame, without its heading, where it stays."""
        stages = self._group(0, box, headed=False)
        self.show(frame)
        self._updates.clear()
        return stages

    def show(self, frame: int) -> None:
        """Put every moving artist where this frame has it."""
        for update in self._updates:
            update(frame)

    def moves(self, artist: Artist, update: Callable[[int], None]) -> None:
        """Draw an artist anew in each frame, placed by `update`."""
        if artist.get_zorder() < MOVING:
            artist.set_zorder(MOVING)
        self.moving.append(artist)
        self._updates.append(update)

    def says(self, text: TextLine, lines: Sequence[str]) -> None:
        """Give a text its line of each frame."""
        lines = [words.signed(line) for line in lines]
        if len(set(lines)) > 1:
            self.moves(text, lambda frame: text.set_text(lines[frame]))

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size_pt: float,
        colour: str,
        within: Transform,
        bold: bool = False,
        **how: Any,
    ) -> TextLine:
        """A line of text, centred on y unless said; one that moves is told to `moves` by who writes it."""
        line = TextLine(
            x,
            y,
            words.signed(text),
            fontsize=size_pt,
            color=colour,
            transform=within,
            family=self.theme.family,
            weight="bold" if bold else "normal",
            parse_math=False,  # a name or a price may have dollars
            **{"va": "center", "zorder": 2.9, **how},
        )
        line.set_figure(self.parent)
        self.parent.texts.append(line)
        self.texts.append(line)
        return line

    def _at(self, x: float, y: float, text: str, size_pt: float, ink: str, **how: Any) -> TextLine:
        return self.write(x, y, text, size_pt, self.theme.ink_of(ink), self.pixels, **how)

    def _header(self, frame: int | None = None) -> float:
        """Title and sentence; -> the height in pixels down to which they reach. frame: if the sentence is of one."""
        theme, room = self.theme, self.width - 2 * MARGIN_PX
        lines = 2 if self.film.cut == "column" or self.height > CUTS["wide"][1] else 1
        top = self.height - 14.0
        for line in self._fitting(self.film.title, theme.headline_pt, room, lines, bold=True):
            self._at(MARGIN_PX, top - 15, line, theme.headline_pt, "ink", bold=True)
            top -= 33
        told = [self._fitting(said, theme.sentence_pt, room, lines) for said in self.story.sentences]
        for row in range(max(map(len, told))):
            rows = [lines[row] if row < len(lines) else "" for lines in told]
            text = self._at(MARGIN_PX, top - 14, rows[0], theme.sentence_pt, "ink")
            if frame is None:
                self.says(text, [rows[state] for state in self.states])
            else:
                text.set_text(rows[self.states[frame]])
            top -= 27
        return top - 10

    def _foot(self) -> float:
        """The line under a still, which has no time: what it is of. -> the height above which there is room."""
        self._at(MARGIN_PX, 18, self.film.subtitle, self.theme.note_pt, "muted")
        return 40.0

    def _fitting(self, text: str, size_pt: float, room: float, lines: int, bold: bool = False) -> Sequence[str]:
        try:
            return words.wrapped(text, self.theme.family, size_pt, room, lines, bold)
        except words.DoesNotFit as error:
            raise self.refusal(str(error)) from None

    def refusal(self, why: str) -> words.DoesNotFit:
        """The error that says which scene's text has no room, and in which cut."""
        return words.DoesNotFit(f"{getattr(self.film, 'name', self.film.title)}: {why}, in the {self.film.cut} cut")

    def _group(self, index: int, box: Box, headed: bool = True) -> list[Stage]:
        group, (left, bottom, width, height) = self.film.panels[index], box
        assert isinstance(group, Group)
        theme = self.theme
        if headed and (group.heading or group.note):
            self._heading(left, bottom + height - 10, group.heading, group.note, width, theme.label_pt)
            height -= HEADING_PX
        inner = places(group.in_cut(self.film.cut), (left, bottom, width, height), len(group.frames), group.gap_px)
        return [self._frame(group.frames[index], place) for index, place in inner]

    def _heading(
        self, x: float, y: float, heading: str, note: str, room: float, size_pt: float, ink: str = "ink"
    ) -> None:
        theme = self.theme
        note = note if self.film.cut == "wide" else ""  # a column has no room for what is said beside a heading
        wide = words.width_px(heading, theme.family, size_pt, bold=True)
        gap = 10 if heading and note else 0
        if wide + gap + words.width_px(note, theme.family, theme.note_pt) > room + 1:
            text = f"{heading} {note}".strip()
            raise self.refusal(f"{text!r} does not fit into {room:.0f} px")
        if heading:
            self._at(x, y, heading, size_pt, ink, bold=True)
        if note:
            self._at(x + wide + gap, y, note, theme.note_pt, "muted")

    def _frame(self, frame: Frame, box: Box) -> Stage:
        axes = self.parent.add_axes((0, 0, 1, 1), zorder=1)
        axes.axis("off")
        axes.set_facecolor("none")
        stage = Stage(self, axes, frame.projection(self.film.frames))
        stage.ends = [end for mark in frame.marks for end in mark.ends(stage)]
        left, below, right, above = frame.insets(stage)
        x, y, width, height = box
        if frame.heading or frame.note:
            self._heading(x, y + height - 11, frame.heading, frame.note, width, self.theme.note_pt + 0.6, frame.ink)
        inner = (x + left, y + below, max(width - left - right, 20), max(height - below - above, 20))
        axes.set_position(
            (inner[0] / self.width, inner[1] / self.height, inner[2] / self.width, inner[3] / self.height)
        )
        frame.prepare(stage)
        for mark in frame.marks:
            drawn = mark.draw(stage)
            stage.drawn.append(drawn)
            for artist in drawn.artists:
                if artist.get_zorder() < MOVING:
                    artist.set_zorder(MOVING)
                self.moving.append(artist)
            self._updates.append(drawn.update)
        stage.place_ends()
        return stage

    def band(self, left: float, bottom: float, width: float, height: float, colour: str) -> Rectangle:
        """A filled rectangle at pixels."""
        patch = Rectangle((left, bottom), width, height, facecolor=colour, edgecolor="none", transform=self.pixels)
        patch.set_zorder(1.0)
        self.parent.add_artist(patch)
        return patch

    def visible_texts(self) -> list[TextLine]:
        """Every text that is seen now."""
        return [text for text in self.texts if text.get_visible() and text.get_text().strip()]


def _order(artist: Artist) -> tuple[float, float]:
    """Place in the order in which the whole figure is drawn: what is in axes is drawn with them."""
    own = artist.get_zorder()
    return (artist.axes.get_zorder(), own) if artist.axes else (own, own)
