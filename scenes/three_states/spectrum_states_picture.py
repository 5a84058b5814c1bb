"""How the three states are told: twelve directions alike, of which training keeps as many as the classes need."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.target import Goals

STORY = Story(
    state="state",
    names=("random", "organised", "structured"),
    sentences=(
        "At the start features vary alike in every direction.",
        "Directions that tell no class from another fade.",
        "Only those that tell the classes apart are left.",
    ),
    wide=Layout(("ab", "ac"), widths=(1.15, 1)),
    column=Layout(("a", "b"), heights=(1.5, 1)),
    poster=(0.0, 0.5, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    kept = config.classes - 1
    bars = (
        Bars(heights="kept", at="kept_at", ink="run", width=0.72),
        Bars(heights="faded", at="faded_at", ink="muted", tint=0.55, width=0.72),
        Threads(segments="outline", theory=True, over=0.2),
    )
    used = (
        Level(value=goals["end"], label="theory: {:g}"),
        Course(array="participation_ratio", form="number", ink="run", bold=True),
    )
    view = (Points(points="view", classes="labels", size_pt=3.4, tint=0.8),)
    return (
        Group(
            heading="spread along each direction of the features",
            frames=(
                Plane(
                    x=Scale(low=0.4, high=config.feature_dim + 0.6), y=Scale(low=0.0, high=1.04), marks=bars, lines="b"
                ),
            ),
        ),
        Group(
            heading="directions in use",
            note="participation ratio",
            frames=(Plane(y=Scale(low=kept - 0.8, high=config.feature_dim + 0.6), marks=used, lines="b"),),
        ),
        Group(heading=f"the {config.classes} classes", note="in the plane", frames=(Plane(equal=True, marks=view),)),
    )
