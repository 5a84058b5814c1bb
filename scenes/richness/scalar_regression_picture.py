"""How scalar regression is told: how much of each feature direction an answer uses, for one number and ten classes."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.threads import Threads
from render.target import Goals

MANY, ONE, BOTH = range(3)
INKS = {"scalar": "run", "classes": "rival"}

STORY = Story(
    state="state",
    names=("many", "one", "one and nine"),
    sentences=(
        "Untrained: answers use many directions.",
        "The number needs one; the classes, more.",
        "Ten shares of one: nine are free.",
    ),
    wide=Layout(("ab",), widths=(1.6, 1)),
    column=Layout(("a", "b"), heights=(1.7, 1)),
    poster=(0.0, 0.4, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    used = (
        Level(value=goals["modes/scalar"], label="theory: {:g}"),
        Level(value=goals["modes/classes"], label="theory: {:g}"),
        Course(array="modes_used/scalar", form="number", ink=INKS["scalar"], bold=True),
        Course(array="modes_used/classes", form="number", ink=INKS["classes"], bold=True),
    )
    return (
        Group(
            heading="bar: use of a direction",
            frames=(_bars(config, "scalar", "asked: one number"), _bars(config, "classes", "asked: ten classes")),
            layout=Layout(("a", "b")),
        ),
        Group(
            heading="directions in use",
            frames=(Plane(y=Scale(log=True), marks=used, lines="b"),),
        ),
    )


def _bars(config: Any, run: str, heading: str) -> Plane:
    marks = (
        Bars(heights=f"use/{run}", ink=INKS[run], width=0.78),
        Threads(segments=f"slots/{run}", theory=True, width_pt=1.4, over=0.2),
    )
    across = Scale(low=0.4, high=config.modes + 0.6)
    return Plane(heading=heading, ink=INKS[run], x=across, y=Scale(low=0.0, high=1.06), marks=marks, lines="b")
