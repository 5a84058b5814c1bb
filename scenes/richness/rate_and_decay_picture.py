"""How rate and decay are told: a bar for each network, as high as the directions that its answers use."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.text import Words
from render.target import Goals

MANY, FEWER, FEWEST = range(3)
RATES, DECAYS = ("small", "middle", "large"), ("none", "some", "much")
TINTS = ("ramp:0.4", "ramp:0.7", "ramp:1")
NEEDED = 9  # directions, by ten classes

STORY = Story(
    state="state",
    names=("many", "fewer", "fewest"),
    sentences=(
        "One start; answers use many directions.",
        "Training packs answers into fewer directions ...",
        "... fewest with large steps or much decay.",
    ),
    wide=Layout(("ab",), widths=(1.8, 1)),
    column=Layout(("a", "b"), heights=(2, 1)),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_bars(), _boxes())


def _bars() -> Group:
    def arm(heading: str, runs: tuple[str, ...], level: str) -> Plane:
        bars = tuple(
            mark
            for place, (run, ink) in enumerate(zip(runs, TINTS, strict=True), start=1)
            for mark in (
                Bars(heights=f"bar/{run}", at=f"bar_at/{place}", ink=ink),
                Words(
                    place=(place, 3.0),
                    lines=(f"{{modes_used/{run}:.1f}}",),
                    ink="page",
                    bold=True,
                    size="label",
                    align="center",
                    states=(FEWEST,),
                ),
            )
        )
        return Plane(
            heading=heading,
            x=Scale(ticks=(1, 2, 3), names=runs, low=0.5, high=3.5),
            y=Scale(low=0.0, high=40.0),
            lines="b",
            marks=(*bars, Level(value=float(NEEDED), label=level)),
        )

    return Group(
        heading="directions used",
        frames=(arm("step size", RATES, "{}"), arm("weight decay", DECAYS, "{} needed")),
        layout=Layout(("ab",)),
        gap_px=30,
    )


def _boxes() -> Group:
    """What is counted: the answer's share in every direction, of the smallest and of the largest steps."""

    def box(run: str, heading: str, ink: str) -> Plane:
        return Plane(
            heading=heading,
            x=Scale(low=0.4, high=24.6),
            y=Scale(low=0.0, high=1.08),
            lines="b",
            marks=(Bars(heights=f"use/{run}", ink=ink),),
        )

    return Group(
        heading="a bar: a direction",
        note="as high as used",
        frames=(box("small", "small steps", TINTS[0]), box("large", "large steps", TINTS[-1])),
        layout=Layout(("a", "b")),
        column=Layout(("ab",)),
    )
