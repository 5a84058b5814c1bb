"""How grokking is told: every sum as a dot that grows when it is answered right, and what changes in between."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.target import Goals

KINDS = ("ink", "run")  # inks of the sums that are trained on, and of those that are new

STORY = Story(
    state="state",
    names=("fitting", "by heart", "understood"),
    sentences=(
        "A network is shown {shown_share:.0f} % of the sums; orange ones are new.",
        "By heart: trained sums are right, new ones wrong.",
        "Understood, {delay:.0f} × later: new sums are right, too.",
    ),
    wide=Layout(("ab", "ac"), widths=(1.1, 1)),
    column=Layout(("a", "b"), heights=(1.9, 1)),
    poster=(0.1, 0.5, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    last = config.modulus - 1
    sums = (Points(points="grid", classes="kinds", roles=KINDS, sizes="dots", size_pt=232 / config.modulus),)
    scale = Scale(low=-0.7, high=last + 0.7)
    shares = Scale(ticks=(0.0, 1.0), names=("0", "all"), low=-0.04, high=1.06)
    accuracies = (
        Course(array="accuracy", label="trained", form="percent", ink="ink", bold=True),
        Course(array="test_accuracy", label="new", form="percent", ink="run", bold=True),
    )
    beyond = (Course(array="low_rank", form="number", ink="rival", bold=True),)
    return (
        Group(
            heading=f"a dot: a + b mod {config.modulus}",
            note="large: answered right",
            frames=(Plane(equal=True, x=scale, y=scale, marks=sums),),
        ),
        Group(heading="answers right", frames=(Plane(y=shares, marks=accuracies, lines="lb"),)),
        Group(
            heading="features beyond what is needed",
            frames=(Plane(y=Scale(low=0.0), marks=beyond, lines="b"),),
        ),
    )
