"""How information collapse is told: threads to class centres vanish, and only what tells classes apart is left."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Ball, Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.target import Goals

EVERY = 2  # of the examples, one is drawn: each thread that moves costs a GIF its bytes

STORY = Story(
    state="state",
    names=("mixed", "inside shrinks", "class only"),
    sentences=(
        "Untrained: examples of one class differ more than classes do.",
        "Class centres part, and examples draw in to them.",
        "Only the differences between classes are left.",
    ),
    wide=Layout(("ab", "ac"), widths=(1.25, 1), heights=(1.25, 1)),
    column=Layout(("a", "c"), heights=(2, 1)),
    poster=(0.0, 0.5, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    between = (
        Threads(segments="simplex", theory=True, width_pt=1.2),
        Threads(segments="threads", ink="run", tint=0.5, width_pt=0.8, every=EVERY),
        Points(points="examples", classes="labels", size_pt=3.8, tint=0.8, over=0.1, every=EVERY),
        Threads(segments="edges", ink="ink", tint=0.75, width_pt=2.0, over=0.2),
        Points(points="centres", classes="classes", size_pt=12.0, rim=True, over=0.3),
    )
    others = (Points(points="others", classes="labels", size_pt=3.0, tint=0.8, every=EVERY),)
    inside = (Course(array="inside", label="inside", form="percent", ink="run", bold=True),)
    far = Scale(low=-1.0, high=1.0)
    return (
        Group(
            heading="a thread: from an example to its class",
            note="dashed: theory",
            frames=(Ball(outline="", tilt_deg=16.0, y=Scale(low=-0.78, high=1.02), marks=between),),
        ),
        Group(heading="other directions", note="same scale", frames=(Plane(equal=True, x=far, y=far, marks=others),)),
        Group(
            heading="share of differences inside classes",
            frames=(Plane(y=Scale(low=-0.02, high=0.85), marks=inside, lines="b"),),
        ),
    )
