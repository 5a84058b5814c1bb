"""How the same score is told: two scores that meet above two measures that part, and the features of both networks."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.lines import Course
from render.target import Goals

RUNS = ("rich", "lazy")
INKS = {"rich": "run", "lazy": "rival"}

STORY = Story(
    state="state",
    names=("guessing", "learning", "level"),
    sentences=(
        "Two networks start alike.",
        "The rich one learns sooner.",
        "Scores meet, features part.",
    ),
    wide=Layout(("ab",), widths=(1.6, 1)),
    column=Layout(("a", "b"), heights=(2.2, 1)),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_curves(), _boxes())


def _curves() -> Group:
    over = Scale(low=0.0, high=1.0)

    def both(array: str, form: Any = None) -> tuple[Course, ...]:
        return tuple(
            Course(array=f"{array}/{run}", ink=ink, label=run, form=form, bold=True) for run, ink in INKS.items()
        )

    return Group(
        frames=(
            Plane(
                heading="score on new digits",
                x=over,
                y=Scale(ticks=(0, 1), names=("0", "100 %"), low=0.0, high=1.02),
                lines="lb",
                marks=both("test_accuracy", "percent"),
            ),
            Plane(
                heading="features left idle",
                note="D_LR",
                x=over,
                y=Scale(ticks=(0, 0.5), names=("none", "many"), low=-0.02, high=0.55),
                lines="lb",
                marks=both("low_rank"),
            ),
        ),
        layout=Layout(("a", "b")),
    )


def _boxes() -> Group:
    """A box a network, a column a feature direction, filled as far as the answer uses it."""
    notes = {"rich": "all layers train", "lazy": "last layer only"}

    def box(run: str) -> Plane:
        marks = (
            Bars(heights="whole", packed=f"strength/{run}", ink="quiet"),
            Bars(heights=f"use/{run}", packed=f"strength/{run}", ink=INKS[run], over=0.1),
        )
        return Plane(heading=run, note=notes[run], x=Scale(low=0.0, high=1.0), y=Scale(low=0.0, high=1.0), marks=marks)

    return Group(
        heading="features: filled as far as used",
        frames=tuple(map(box, RUNS)),
        layout=Layout(("a", "b")),
        column=Layout(("ab",)),
    )
