"""How target downscaling is told: how much of each network's features the answer uses, in one box a network."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.text import Number, Words
from render.target import Goals

LEARNING, SOME, ALL = range(3)
ENDS = {"small": "rich", "middle": "", "large": "lazy"}  # by the run: the largest targets, divided by the least, first

STORY = Story(
    state="state",
    names=("learning", "large targets fitted", "all"),
    sentences=(
        "Equal networks; only the size of the targets differs.",
        "Large targets draw nearly all features into use.",
        "All fit; small targets leave most features idle.",
    ),
    wide=Layout(("ab",), widths=(2.6, 1)),
    column=Layout(("ab",), widths=(2.4, 1)),
    poster=(1.0,),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (
        Group(
            heading="a column: a feature direction",
            note="wider if stronger; filled as far as the answer uses it",
            frames=tuple(_box(run, alpha) for run, alpha in zip(ENDS, config.alphas, strict=True)),
            layout=Layout(tuple("abc")),
        ),
        Group(
            heading="features used",
            frames=tuple(_number(run, end) for run, end in ENDS.items()),
            layout=Layout(tuple("abc")),
        ),
    )


def _box(run: str, alpha: float) -> Plane:
    marks = (
        Bars(heights="whole", packed=f"widths/{run}", ink="quiet"),
        Bars(heights=f"use/{run}", packed=f"widths/{run}", ink="run", over=0.1),
    )
    return Plane(
        heading=f"targets × {1 / alpha:g}", x=Scale(low=0.0, high=1.0), y=Scale(low=0.0, high=1.0), marks=marks
    )


def _number(run: str, end: str) -> Bare:
    said = (Words(place=(0.5, 0.06), lines=(end,), ink="ink", bold=True, size="label", align="center", states=(ALL,)),)
    number = Number(array=f"used/{run}", form="percent", ink="run", place=(0.5, 0.5))
    return Bare(marks=(number, *said) if end else (number,))
