"""What tests of the grammar share: a film of a few marks in one frame, and its picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from render.film import Film, Layout, Story
from render.picture import figure
from render.picture.composition import Composition
from render.picture.frames import Frame, Plane
from render.picture.group import Group
from render.picture.marks.base import Mark
from render.picture.stage import Drawn, Stage
from render.picture.theme import LIGHT, Theme

FRAMES = 4
STATES = np.array([0, 0, 1, 1])


def film(*panels: Group, story: dict[str, Any] | None = None, **fields: Any) -> Film:
    """A film of four frames in two states, of these groups."""
    arrays = {"step": np.arange(FRAMES), "state": STATES, **fields.pop("arrays", {})}
    told = {"state": "state", "names": ("before", "after"), "sentences": ("It was so.", "Now it is not.")}
    letters = Layout(("abcdefgh"[: len(panels)],))
    return Film(
        **{
            "title": "A title",
            "subtitle": "",
            "alt": "",
            "layout": ("a",),
            "frame_ms": 60,
            "hold_ms": 3000,
            "width_px": 1100,
            "height_px": 540,
            "panels": panels,
            "arrays": arrays,
            "story": Story(**{"wide": letters, "column": letters, **told, **(story or {})}),
            **fields,
        }
    )


def of_marks(*marks: Mark, frame: type[Frame] = Plane, arrays: dict[str, np.ndarray] | None = None, **how: Any) -> Film:
    """A film of one group of one frame with these marks. how: fields of the frame."""
    return film(Group(frames=(frame(marks=marks, **how),)), arrays=arrays or {})


def picture_of(shown: Film, theme: Theme = LIGHT) -> Composition:
    with figure.default_style():
        return Composition(shown, theme, Figure(figsize=(shown.width_px / 100, shown.height_px / 100), dpi=100))


def drawn(*marks: Mark, theme: Theme = LIGHT, **how: Any) -> tuple[Composition, Stage, Drawn]:
    """Picture, stage and what the first of the marks has drawn."""
    picture = picture_of(of_marks(*marks, **how), theme)
    ((stage,),) = picture.stages.values()
    return picture, stage, next(iter(stage.drawn), Drawn())


def written(picture: Composition) -> list[str]:
    """What can be read now."""
    return [text.get_text() for text in picture.visible_texts()]
