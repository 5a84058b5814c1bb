"""How weight decay alone is told: a score with a constant in it plunges while the shape of the features stays."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.text import Words
from render.target import Goals

BEFORE, PARTLY, SWALLOWED = range(3)

STORY = Story(
    state="state",
    names=("full", "smaller", "swallowed"),
    sentences=(
        "No training: all weights just shrink.",
        "The spread shrinks, the {ridge:g} in the score does not.",
        "The {ridge:g} outweighs all spread: only size counts.",
    ),
    wide=Layout(("ab",), widths=(1.5, 1)),
    column=Layout(("a", "b"), heights=(1.5, 1)),
    strip=Strip(array="factor", label="weights ×", form="{:.2f}", live=True),
    poster=(0.0, 0.5, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    constant = f"{config.ridge:g}"
    scores = (
        Course(array="score_theory", theory=True),
        Course(array="score_without", label=f"without {constant}", ink="rival", bold=True),
        Course(array="score_with", label=f"with {constant}", ink="run", bold=True),
        Words(place=(0.02, 1e-10), lines=("score: spread inside",)),
        Words(place=(0.02, 1.5e-11), lines=(f"over between + {constant}",)),
    )
    spread = (
        Level(value=config.ridge, label=constant),
        Course(array="largest_variance", label="spread", ink="ink", bold=True),
    )
    return (
        Group(
            heading="collapse score over its start",
            note="dashed: size alone",
            frames=(
                Plane(
                    y=Scale(
                        log=True, ticks=(1.0, 1e-6, 1e-12), names=("same", "a millionth", "a trillionth"), high=8.0
                    ),
                    marks=scores,
                    lines="l",
                ),
            ),
        ),
        Group(
            heading="spread of features",
            note="widest direction",
            frames=(Plane(y=Scale(log=True), marks=spread, lines="b"),),
        ),
    )
