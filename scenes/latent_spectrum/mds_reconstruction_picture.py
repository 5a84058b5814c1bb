"""How the reconstruction is told: the table and what is rebuilt of it, the patterns that are added, what is missing."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

import numpy as np

from render.film import Layout, Story, Strip
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.points import Points
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.picture.marks.tiles import Tiles
from render.target import Goals

MORE, LESS = "class:9", "class:4"  # more alike than the average, and less: hues that are no run's
NAMED = ("1", "2", "3", "4")  # numbers of modes whose least error is marked
BAR, DASH = 0.5, (-0.75, 0.6)  # half the height of the bar of what is missing, and the ends of a dashed line across it

STORY = Story(
    state="state",
    names=("ends", "middle", "corners", "the rest"),
    sentences=(
        "One pattern parts the ends; a second fades in.",
        "Two part the middle from the ends as well.",
        "Three: only the corners are a little pale.",
        "Four rebuild it; the rest are too faint.",
    ),
    wide=Layout(("ab", "ac"), widths=(1.4, 1), heights=(1.15, 1)),
    column=Layout(("a", "b", "c"), heights=(3.9, 0.9, 1.05)),
    strip=Strip(array="budget", label="patterns", ticks=(2, 3, 4)),
    poster=(0.3,),
)


def standing(least: np.ndarray) -> dict[str, np.ndarray]:
    """What stands still: the edges of a table, the dashed lines at the least errors and the places of their names."""
    corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]], float)
    low, high = DASH
    return {
        "edges": np.stack([corners[:-1], corners[1:]], axis=1),
        "least_lines": np.stack([np.stack([least, np.full_like(least, end)], axis=1) for end in (low, high)], axis=1),
        "least_names": np.stack([least, np.full_like(least, low - 0.4)], axis=1),
    }


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_tables(config), _patterns(config), _missing())


def _tables(config: Any) -> Group:
    """The table that is to be rebuilt, and the sum of the patterns so far, on one scale."""
    unit = Scale(low=0.0, high=1.0)
    below = Scale(low=-0.09, high=1.0)

    def table(name: str, heading: str, *words: Words) -> Plane:
        tiles = Tiles(table=name, ink=MORE, below=LESS, high=0.85, low=-0.85)
        return Plane(heading=heading, x=unit, y=below, equal=True, marks=(tiles, *words))

    return Group(
        frames=(
            table(
                "target",
                f"how alike {config.classes} classes are",
                Words(place=(0.0, -0.06), lines=("more",), ink=MORE, bold=True),
                Words(place=(0.2, -0.06), lines=("or",)),
                Words(place=(0.3, -0.06), lines=("less than average",), ink=LESS, bold=True),
            ),
            table("gram", "rebuilt"),
        ),
        layout=Layout(("ab",)),
        gap_px=24,
    )


def _patterns(config: Any) -> Group:
    """The modes that can be seen on the tables' scale, framed once they are added."""
    count = len(NAMED)
    square = Scale(low=-0.04, high=1.04)
    letters = ascii_lowercase[:count]
    return Group(
        heading="strongest patterns",
        note="framed: added",
        frames=tuple(
            Plane(
                x=square,
                y=square,
                equal=True,
                marks=(
                    Tiles(table=f"mode/{k}", ink=MORE, below=LESS, high=0.85, low=-0.85),
                    Threads(segments="edges", ink="edge", over=0.1),
                    Threads(segments="edges", ink="ink", widths=f"added/{k}", width_pt=2.6, over=0.2),
                ),
            )
            for k in range(count)
        ),
        layout=Layout((letters,)),
        gap_px=10,
    )


def _missing() -> Group:
    """The share of the table that the sum lacks, against the least that so many patterns can leave."""
    return Group(
        heading="still missing",
        note="dashed: theory for 1, 2, 3, 4",
        frames=(
            Plane(
                x=Scale(low=0.0, high=1.0, ticks=(0, 1), names=("0", "100 %")),
                y=Scale(low=-1.4, high=0.7),
                marks=(
                    Bars(heights="missing", at="bar", lying=True, width=2 * BAR, ink="muted"),
                    Threads(segments="least_lines", theory=True, over=0.2),
                    Points(points="least_names", names=NAMED, size_pt=0.0, ink="ink"),
                ),
            ),
            Bare(marks=(Number(array="error", form="percent", place=(0.5, 0.5)),)),
        ),
        layout=Layout(("ab",), widths=(2.6, 1.1)),
    )
