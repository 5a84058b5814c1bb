"""How flipped rules are drawn: circles in the plane of two weights, the same starts without the flip, two errors."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Course
from render.picture.marks.paths import Paths, Trails
from render.picture.marks.points import Points
from render.picture.marks.ring import Ring
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.target import Goals

SIDES = ("rival", "run")  # inside the edge, and outside
EDGE = 2**0.5  # radius of the circle that touches the curve of solutions a w = 1
PLANE: dict[str, Any] = {"equal": True, "x": Scale(low=-2.5, high=2.5), "y": Scale(low=-2.5, high=2.5)}
CURVE = "class:2"


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_planes(), _errors())


def _curve() -> tuple[Paths, Paths]:
    axes = Paths(paths="axes", ink="grid", width_pt=1.4, over=-1.0, bounds=False)
    return axes, Paths(paths="solutions", ink=CURVE, tint=0.45, width_pt=6.0, over=-0.5, bounds=False)


def _dots(arm: str, tail: int) -> tuple[Trails, Points]:
    tails = Trails(points=f"dots/{arm}", classes="sides", roles=SIDES, frames=tail, tint=0.35, width_pt=1.6, over=0.0)
    return tails, Points(points=f"dots/{arm}", classes="sides", roles=SIDES, size_pt=5.5, over=0.2)


def _planes() -> Group:
    """The flipped arm, where weights move on circles, and the same starts under gradient flow."""
    return Group(
        frames=(
            Plane(
                heading="rule of a: sign flipped",
                note="w learns as usual",
                **PLANE,
                marks=(
                    Paths(paths="rings", ink="quiet", width_pt=1.4, bounds=False),
                    *_curve(),
                    Ring(radius=EDGE, theory=True),
                    *_dots("flipped", 20),
                    *_followed("small", "rival"),
                    *_followed("large", "run"),
                    Threads(segments="arrows", ink="ink", width_pt=2.0, over=0.5),
                    Words(place=(1.5, 0.98), lines=("solutions",), ink=CURVE, bold=True, size="label"),
                    Words(place=(-0.95, 1.3), lines=("edge (theory)",), ink="theory", align="right"),
                    Words(place=(2.55, -0.25), lines=("w",), bold=True),
                    Words(place=(-0.3, 2.4), lines=("a",), bold=True),
                ),
            ),
            Plane(heading="not flipped: all learn", **PLANE, marks=(*_curve(), *_dots("gradient", 12))),
        ),
        layout=Layout(("ab",), widths=(1.25, 1)),
        column=Layout(("ab",), widths=(1.7, 1)),
    )


def _followed(name: str, ink: str) -> tuple[Trails, Points]:
    """A large dot, and all of the way that it has come."""
    way = Trails(points=name, ink=ink, width_pt=2.6, over=0.3)
    return way, Points(points=name, ink=ink, size_pt=12.0, rim=True, over=0.6)


def _errors() -> Group:
    """What the two followed networks still have wrong."""
    return Group(
        frames=(
            Plane(
                y=Scale(ticks=(0.0,), low=-0.12, high=3.7),
                lines="l",
                marks=(
                    Course(array="error/small", ink="rival", label="small"),
                    Course(array="law/small", theory=True, label="theory"),
                    Course(array="error/large", ink="run", label="large"),
                    Course(array="law/large", theory=True),
                ),
            ),
        ),
        heading="errors",
        note="of the two big dots",
    )


STORY = Story(
    state="state",
    names=("start", "stopping", "circling"),
    sentences=(
        "Each dot is a tiny network: a times w should be 1.",
        "Flipped, each step goes sideways: no dot leaves its circle.",
        "Large circles met a solution; small ones never do.",
    ),
    wide=Layout(("ab",), widths=(2.7, 1)),
    column=Layout(("a", "b"), heights=(2.4, 1)),
    strip=Strip(array="time", label="time", form="{:.0f}", ticks=(2, 4, 6)),
    poster=(1.0,),
)
