"""How the Heaviside scene is told: the strongest feature bends, with the units it is made of, until it is the step."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.lines import Curve
from render.picture.marks.text import Number, Words
from render.target import Goals

EVERY = 2  # of the units that are measured, one is drawn: each that moves costs a GIF its bytes
REACH = 2.0  # of the axis: what spikes beyond it is cut off

STORY = Story(
    state="state",
    names=("a slope", "bending", "the step"),
    sentences=(
        "At first it is a slope.",
        "The units bend at the jump, and it with them.",
        "Alone it is now the step that was to be learned.",
    ),
    wide=Layout(("ab",), widths=(2.3, 1)),
    column=Layout(("ab",), widths=(2.3, 1)),
    poster=(0.0, 0.4, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    lines = (
        *(Curve(x="inputs", array=f"unit/{k}", ink="muted", tint=0.38) for k in range(1, config.units + 1, EVERY)),
        Curve(x="inputs", array="function/1", ink="run", bold=True, label="strongest feature"),
        Curve(x="inputs", array="target", theory=True, label="target"),
    )
    share = (
        Bars(heights="share", ink="run", width=0.8),
        Bars(heights="at_start", ink="page", outline=True, width=0.8, over=0.2),
    )
    number = (
        Number(array="first_quality", form="percent", ink="run", place=(0.5, 0.3)),
        Words(place=(0.5, 0.85), lines=("line: at first",), align="center"),
    )
    return (
        Group(
            heading="over the input",
            note="thin: units of the last layer",
            frames=(Plane(y=Scale(low=-REACH, high=REACH), marks=lines, lines="b"),),
        ),
        Group(
            heading="share of target",
            frames=(
                Bare(marks=number),
                Plane(x=Scale(low=0.3, high=1.7), y=Scale(low=0.0, high=1.02), marks=share, lines="b"),
            ),
            layout=Layout(("a", "b"), heights=(1, 2.4)),
        ),
    )
