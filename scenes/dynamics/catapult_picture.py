"""How the catapult is drawn: jumps over a valley from above, and the cut of the valley along each jump."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.arrows import Arrows
from render.picture.marks.lines import Curve
from render.picture.marks.paths import Paths, Trails
from render.picture.marks.points import Points
from render.picture.marks.slices import Slices
from render.picture.marks.text import Words
from render.target import Goals

from .catapult_jumps import FLAT, LEVELS

TINTS = np.linspace(0.32, 0.0, len(LEVELS) + 1)  # of the ground: far from the floor, and on it
BLUE = 1.1  # times these, where it is flat enough
LARGE: dict[str, Any] = {"bold": True, "size": "label"}


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_valley(), _cut())


def _valley() -> Group:
    """The loss over both weights, flat enough inside the ring, and the way of a pair."""
    shades = list(zip(map(float, TINTS[1:]), reversed(range(len(LEVELS))), strict=True))
    return Group(
        frames=(
            Plane(
                equal=True,
                x=Scale(low=-0.6, high=2.5),
                y=Scale(low=0.75, high=2.8),
                marks=(
                    Slices(corners="everywhere", inks=("muted",), tint=float(TINTS[0])),
                    *(Slices(corners=f"levels/{number}", inks=("muted",), tint=tint) for tint, number in shades),
                    Slices(corners="disc", inks=("rival",), tint=BLUE * float(TINTS[0])),
                    *(
                        Slices(corners=f"flat_levels/{number}", inks=("rival",), tint=BLUE * tint)
                        for tint, number in shades
                    ),
                    Paths(paths="valley", ink="muted", width_pt=1.4, bounds=False),
                    Paths(paths="ring", theory=True, width_pt=1.6, bounds=False),
                    Points(points="others", ink="muted", size_pt=4.5, tint=0.7),
                    Trails(points="pair", ink="run", width_pt=2.6),
                    Points(points="rests", ink="ink", size_pt=8.0, rim=True, over=0.1),
                    Points(points="pair", ink="run", size_pt=13.0, rim=True, over=0.2),
                    Words(place=(2.18, 1.0), lines=("too steep",), ink="ink", **LARGE),
                    Words(place=(-0.75, 1.0), lines=("flat enough",), ink="rival", **LARGE),
                    Words(place=(1.9, 1.94), lines=("dark: half the rate",), ink="ink"),
                    Words(place=(-0.75, 2.4), lines=("steepness 2 / rate",), ink="theory"),
                ),
            ),
        ),
        heading="loss over two weights",
    )


def _cut() -> Group:
    """The loss along the jump of now: where it starts and where it lands."""
    return Group(
        frames=(
            Plane(
                x=Scale(low=-1.15, high=1.15),
                y=Scale(low=-0.3, high=1.42),
                marks=(
                    Curve(x="cut", array="first_bowl", ink="muted", tint=0.4),
                    Curve(x="cut", array="bowl", ink="ink", bold=True),
                    Arrows(segments="jump", ink="run", tint=0.55, width_pt=3.0, head_pt=11.0, over=0.1),
                    Points(points="landing", ink="run", hollow=True, size_pt=12.0, over=0.2),
                    Points(points="ball", ink="run", size_pt=13.0, rim=True, over=0.3),
                    Words(place=(-0.58, 1.1), lines=("first",), states=(FLAT,)),
                    *(
                        Words(
                            place=(0.0, -0.19),
                            lines=(f"lands {where}",),
                            ink="run",
                            align="center",
                            when=where,
                            **LARGE,
                        )
                        for where in ("higher", "lower")
                    ),
                ),
            ),
        ),
        heading="along the jump",
    )


STORY = Story(
    state="state",
    names=("steep", "thrown", "flat"),
    sentences=(
        "Too steep for this rate: each jump lands higher.",
        "Large jumps make weights more equal: flatter ground.",
        "Flat enough: it can rest.",
    ),
    wide=Layout(("ab",), widths=(1.35, 1)),
    column=Layout(("a", "b"), heights=(1.3, 1)),
    strip=Strip(array="jumped", ticks=tuple(range(1, 20))),
    poster=(1.0,),
)
