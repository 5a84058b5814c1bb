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
        "Spread shrinks; the {ridge:g} does not.",
        "The {ridge:g} outweighs it: only size counts.",
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
        Words(place=(0.02, 1e-10), lines=("score = spread inside",)),
        Words(place=(0.02, 1.5e-11), lines=(f"÷ (between + {constant})",)),
    )
    spread = (
        Level(value=config.ridge, label=f"+ {constant}"),
        Course(array="spread/inside", label="inside", ink="ink", bold=True),
        Course(array="spread/between", label="between", ink="muted", bold=True),
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
            heading="spread in score",
            note="summed; most directions have less",
            frames=(Plane(y=Scale(log=True, ticks=(1.0, 1e-4, 1e-8), names=("1", "", "")), marks=spread, lines="lb"),),
        ),
    )
