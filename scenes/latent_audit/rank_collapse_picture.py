"""How rank collapse is told: a cloud that is squashed to a line, and the count of directions that are in use."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.target import Goals

INKS = ("run", "rival")  # of the long and the short axis
REACH = 2.9  # of the cloud, in standard deviations of the long axis

STORY = Story(
    state="state",
    names=("two directions", "one fades", "one direction"),
    sentences=(
        "A round cloud: both directions count alike.",
        "Squashed along blue: orange carries more and more.",
        "A line: {major_share:.1f} % of the variance is along orange.",
    ),
    wide=Layout(("ab", "ac"), widths=(1.15, 1)),
    column=Layout(("a", "b"), heights=(1.7, 1)),
    strip=Strip(array="minor", label="width", form="{:.2f}", live=True),
    poster=(0.0, 0.6, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    rank = (
        Level(value=2.0, label="two"),
        Level(value=goals["end"], label="theory: {:.2f}"),
        Course(array="entropy_rank", label="", form="number", ink="ink", bold=True),
        Course(array="rank_theory", theory=True),
    )
    bars = (
        Bars(heights="start", outline=True, ink="muted", lying=True, width=0.62),
        Bars(heights="major", at="major_at", lying=True, width=0.62, ink=INKS[0]),
        Bars(heights="minor_eigenvalue", at="minor_at", lying=True, width=0.62, ink=INKS[1]),
    )
    return (
        Group(heading="a cloud and its two axes", frames=(_cloud(),)),
        Group(
            heading="directions in use",
            note="entropy rank",
            frames=(Plane(y=Scale(low=0.9, high=2.08), marks=rank, lines="b"),),
        ),
        Group(
            heading="variance along each axis",
            frames=(Plane(x=Scale(low=0.0, high=1.04), y=Scale(low=0.5, high=2.5), marks=bars),),
        ),
    )


def _cloud() -> Plane:
    return Plane(
        equal=True,
        x=Scale(low=-REACH, high=REACH),
        y=Scale(low=-0.8 * REACH, high=0.8 * REACH),
        marks=(
            Points(points="features", ink="muted", tint=0.8, size_pt=3.4),
            Threads(segments="axes", classes="axis_numbers", roles=INKS, width_pt=4.0, over=0.2),
        ),
    )
