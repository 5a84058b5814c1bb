"""How simplex descent is told: a table of cosines that turns one colour, and all angles on one ray of a protractor."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.points import Points
from render.picture.marks.ring import Ring
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.picture.marks.tiles import Tiles
from render.target import Goals

from .welch_lines import RADII, RAY, at_angles

STORY = Story(
    state="state",
    names=("uneven", "evening out", "one angle"),
    sentences=(
        "Some point alike, others apart.",
        "Those alike part, those opposed come nearer.",
        "All equal: the narrowest can be no wider.",
    ),
    wide=Layout(("ab",), widths=(1.05, 1)),
    column=Layout(("a", "b"), heights=(1.35, 1)),
    poster=(0.0, 0.35, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    table = (
        Tiles(table="table", ink="run", below="rival", low=-0.8, high=0.8, box=(0.0, 0.0, 1.0, 1.0)),
        Points(points="rows", classes="code_numbers", size_pt=17.0),
        Points(points="columns", classes="code_numbers", size_pt=17.0),
    )
    return (
        Group(
            heading="every two of four directions",
            note="orange: alike, blue: opposed",
            frames=(Plane(equal=True, x=Scale(low=-0.16, high=1.02), y=Scale(low=-0.02, high=1.16), marks=table),),
        ),
        Group(heading="a dot: the angle of two", frames=(_protractor(config),)),
    )


def _protractor(config: Any) -> Plane:
    pairs = config.classes * (config.classes - 1) // 2
    theory = np.rad2deg(np.arccos(-1 / (config.classes - 1)))
    x, y = (RAY + 0.05) * at_angles(np.array(theory))
    return Plane(
        equal=True,
        x=Scale(low=-1.12, high=1.12),
        y=Scale(low=-0.14, high=1.3),
        marks=(
            *(Ring(radius=float(radius), angles=(0.0, 180.0), ink="grid") for radius in np.linspace(*RADII, pairs)),
            Threads(segments="floor", ink="edge"),
            Words(place=(1.0, -0.08), lines=("0°",), align="right"),
            Words(place=(-1.0, -0.08), lines=("180°",), align="left"),
            Words(
                place=(float(x), float(y) + 0.06),
                lines=(f"theory: all {pairs} here",),
                ink="theory",
                size="label",
                align="center",
            ),
            Threads(segments="ray", theory=True, width_pt=1.6),
            Points(points="protractor", ink="run", size_pt=10.0, rim=True, over=0.3),
        ),
    )
