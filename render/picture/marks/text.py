"""Words at a place of a frame, and a number so large that it is the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.patches import Rectangle

from render.picture.ink import TextLine
from render.picture.marks.base import MOVING, Mark
from render.picture.stage import Drawn, Stage
from render.picture.words import Form, said, width_px

PLATE_PX = 6  # by which a plate is larger than its words


@dataclass(frozen=True, kw_only=True)
class Words(Mark):
    """Lines of text at a place. place: (x, y) in data coordinates. lines: the text, the first line on top.

    `{name}` and `{name:.0f}` in a line stand for the last frame's value of an array.

    states: said only in these states of the run; in all if empty. when: an array (frames,), by name, that is not 0 in
    frames where it is said. size: "note", "label", "headline" or "number". plate: on a patch of the page, which hides
    what passes behind the words.
    """

    place: tuple[float, float]
    lines: tuple[str, ...]
    ink: str = "muted"
    bold: bool = False
    size: Literal["note", "label", "headline", "number"] = "note"
    align: Literal["left", "center", "right"] = "left"
    states: tuple[int, ...] = ()
    plate: bool = False
    when: str = ""

    def draw(self, stage: Stage) -> Drawn:
        theme = stage.theme
        size = {
            "note": theme.note_pt,
            "label": theme.label_pt,
            "headline": theme.headline_pt,
            "number": theme.number_pt,
        }[self.size]
        step = size * 1.35 * 100 / 72
        x, y = stage.px(self.place)
        last = {name: array[-1] if np.ndim(array) else array for name, array in stage.film.arrays.items()}
        texts = [
            stage.write(
                x,
                y - step * row,
                line.format(**last),
                size_pt=size,
                ink=self.ink,
                bold=self.bold,
                ha=self.align,
                within=stage.composition.pixels,
                zorder=MOVING + 0.3,
            )
            for row, line in enumerate(self.lines)
        ]
        artists = [self._plate(stage, texts, (x, y), size), *texts] if self.plate else texts
        if not self.states and not self.when:
            return Drawn(artists if self.plate else ())
        said_now = stage.course(self.when) != 0 if self.when else np.ones(stage.frames, bool)
        if self.states:
            said_now &= np.isin(stage.course(stage.composition.story.state).astype(int), self.states)

        def update(frame: int) -> None:
            for artist in artists:
                artist.set_visible(bool(said_now[frame]))

        update(0)
        return Drawn(artists, update, said_now[:, None].astype(float))

    def _plate(self, stage: Stage, texts: Sequence[TextLine], place: tuple[float, float], size: float) -> Rectangle:
        widths = [width_px(text.get_text(), stage.theme.family, size, self.bold) for text in texts]
        wide, high = max(widths) + 2 * PLATE_PX, size * 1.35 * 100 / 72 * len(texts) + PLATE_PX
        share = {"left": PLATE_PX / wide, "center": 0.5, "right": 1 - PLATE_PX / wide}[self.align]
        top = place[1] + (size * 1.35 * 100 / 72 + PLATE_PX) / 2
        plate = Rectangle(
            (round(place[0] - share * wide), round(top - high)),
            round(wide),
            round(high),
            facecolor=stage.theme.page,
            edgecolor="none",
            transform=stage.composition.pixels,
            zorder=MOVING + 0.29,
        )
        stage.composition.parent.add_artist(plate)
        return plate


@dataclass(frozen=True, kw_only=True)
class Number(Mark):
    """A quantity (frames,) by name, in large type at a place in data coordinates, with a caption above it.

    inks: a role for each of its values, where it is an answer; `ink` where it is an amount.
    """

    array: str
    place: tuple[float, float] = (0.5, 0.42)
    form: Form = "number"
    caption: str = ""
    ink: str = "ink"
    inks: str = ""
    roles: tuple[str, ...] = ()
    align: Literal["left", "center", "right"] = "center"
    size: Literal["label", "number"] = "number"

    def draw(self, stage: Stage) -> Drawn:
        theme, values = stage.theme, stage.course(self.array)
        size = theme.number_pt if self.size == "number" else theme.label_pt
        x, y = stage.px(self.place)
        within = stage.composition.pixels
        text = stage.write(
            x, y, "", size_pt=size, ink=self.ink, bold=True, ha=self.align, within=within, zorder=MOVING + 0.3
        )
        if self.caption:
            above = y + 0.72 * size * 100 / 72 + 10
            stage.write(x, above, self.caption, ha=self.align, within=within)
        kinds = stage.course(self.inks).astype(int) if self.inks else None

        def update(frame: int) -> None:
            text.set_text(said(values[frame], self.form))
            if kinds is not None:
                text.set_color(theme.ink_of(self.roles[kinds[frame]]))

        update(0)
        return Drawn([text], update)
