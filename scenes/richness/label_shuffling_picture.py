"""How label shuffling is told: the spectra of two networks side by side, and what becomes of new digits."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.text import Words
from render.picture.marks.tiles import Tiles
from render.target import Goals

from .. import digits

TOLD = {"none": ("right labels", "ink"), "all": ("nonsense labels", "run")}  # the two networks that are drawn
INKS = {"none": "rival", "all": "run"}

STORY = Story(
    state="state",
    names=("learning", "one learned", "both learned"),
    sentences=(
        "Two equal networks; one is told nonsense labels.",
        "Right labels are learned fast, nonsense slowly.",
        "Both use nine. Only new digits differ.",
    ),
    wide=Layout(("aac", "aab")),
    column=Layout(("a", "b"), heights=(2.6, 1)),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_spectra(), _right("new digits right", "test_accuracy", 1.0), _right("told labels right", "fitted", 1.02))


def _spectra() -> Group:
    """The labels that each network is told, and its feature directions: how strong, and how much the answer uses."""

    def examples(run: str) -> Plane:
        title, ink = TOLD[run]
        return Plane(
            heading=title,
            ink=INKS[run],
            x=Scale(low=0.0, high=4.0),
            y=Scale(low=-0.5, high=1.0),
            marks=(
                Tiles(table="example_row", ink="ink", low=0.0, high=1.0, box=(0.0, 0.15, 4.0, 0.85)),
                Points(points="example_places", numbers=f"labels_told/{run}", ink=ink, size_pt=0.0),
            ),
        )

    key = (
        Words(place=(10.2, 0.78), lines=("used",), ink=INKS["none"], bold=True),
        Words(place=(10.2, 0.64), lines=("unused",), ink="muted", bold=True),
    )

    def directions(run: str, *key: Words) -> Plane:
        return Plane(
            lines="b",
            x=Scale(low=0.3, high=16.7),
            y=Scale(low=0.0, high=1.16),
            marks=(
                Bars(heights=f"spectrum/{run}", ink="quiet", width=0.84),
                Bars(heights=f"used/{run}", ink=INKS[run], width=0.84, over=0.1),
                Level(value=digits.CLASSES - 0.5, along="x", label="nine needed" if key else "nine", align="left"),
                *key,
            ),
        )

    return Group(
        heading="features, strongest first",
        note="rich: only the nine that are needed remain",
        frames=(examples("none"), examples("all"), directions("none", *key), directions("all")),
        layout=Layout(("ab", "cd"), heights=(1, 2.2)),
    )


def _right(heading: str, array: str, high: float) -> Group:
    """Shares of answers that are right, of both networks, over the run."""
    return Group(
        heading=heading,
        frames=(
            Plane(
                lines="b",
                y=Scale(ticks=(0.0, 1.0), names=("0", "100 %"), low=0.0, high=high),
                marks=tuple(Course(array=f"{array}/{run}", ink=ink, form="percent") for run, ink in INKS.items()),
            ),
        ),
    )
