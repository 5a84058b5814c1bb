"""How the unreachable floor is drawn: a column of dots for five, six and seven lines, and the lines above them."""

from __future__ import annotations

from typing import Any

from render.film import Layout
from render.picture.frames import Ball, Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.base import Mark
from render.picture.marks.points import Points
from render.picture.marks.slices import Slices
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .unreachable_floor_columns import HALF

ARMS = {"five": 5, "six": 6, "seven": 7}
LOW, HIGH = 0.66, 2.45  # of the floor: what is seen
GAPS = (0.5, 1.5)  # between columns
ENDS = (("{above/five:.0f} % above", 1.24), ("reached", 1.13), ("{above/seven:.0f} % above", 1.385))  # and how high


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_columns(), _lines())


def _columns() -> Group:
    """A dot for each two lines, the orange line at the narrowest, and what no set can reach tinted."""
    dots = tuple(
        Points(points=f"dots/{arm}", classes=f"kinds/{arm}", roles=("muted", "run"), size_pt=7.0, rim=True, over=0.2)
        for arm in ARMS
    )
    ends = tuple(
        Words(
            place=(column, height),
            lines=(said,),
            ink="run",
            bold=True,
            size="label",
            align="center",
            states=(2,),
        )
        for column, (said, height) in enumerate(ENDS)
    )
    return Group(
        frames=(
            Plane(
                x=Scale(low=-0.5, high=2.5),
                y=Scale(low=LOW, high=HIGH, log=True),
                marks=(
                    Slices(corners="beyond", inks=("quiet",), tint=1.0),
                    Threads(segments="floors", theory=True, width_pt=2.0, over=0.3),
                    Threads(segments="worst", ink="run", width_pt=2.4, over=0.1),
                    *dots,
                    *(Words(place=(x, 1.0), lines=("floor",), ink="theory", bold=True, align="center") for x in GAPS),
                    Words(place=(2 - HALF + 0.02, 1.1), lines=("out of reach",), ink="ink"),
                    Words(place=(2 - HALF, 0.78), lines=("unequal pairs",), ink="ink", bold=True, states=(2,)),
                    *ends,
                ),
            ),
        ),
    )


def _lines() -> Group:
    """The lines in space, and how they spread over its three directions."""
    frames: list[Ball | Plane] = []
    for arm, count in ARMS.items():
        lines = Threads(segments=f"diameters/{arm}", ink="muted", width_pt=2.2)
        marks: list[Mark] = [
            Bars(heights=f"spread/{arm}", ink="rival", width=0.7),
            Threads(segments="even", theory=True, over=0.2),
        ]
        if arm == "five":
            marks += [
                Words(place=(-0.5, 2.5), lines=("spread in each direction",)),
                Words(place=(3.9, 1.0), lines=("even",), ink="theory"),
                Words(place=(3.9, 0.35), lines=("uneven",), ink="rival", bold=True, states=(2,)),
            ]
        bars = Plane(x=Scale(low=0.4, high=5.6), y=Scale(low=0.0, high=2.7), marks=tuple(marks))
        frames += [Ball(heading=f"{count} lines", marks=(lines,)), bars]
    return Group(
        frames=tuple(frames),
        layout=Layout(("abcdef",), widths=(1, 1.2, 1, 1.2, 1, 1.2)),
        column=Layout(("ace",)),
        gap_px=10,
    )
