"""How the balance of steps and decay is drawn: spokes and a circle, push and pull over length, and no decay."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.arrows import Arrows
from render.picture.marks.level import Level
from render.picture.marks.lines import Curve
from render.picture.marks.points import Points
from render.picture.marks.ring import Ring
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.target import Goals

REACH, REACH_WITHOUT = 1.74, 2.05  # of the planes, in radii of the circle
ROLES = ("rival", "run")  # of neurons that start shorter than the circle, and longer
TALLEST = 3.0  # of what is added to a length, over where the two are equal
EVERY = 5  # neurons to one that is drawn
LARGE: dict[str, Any] = {"bold": True, "size": "label"}


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_circle(), _balance(), _without())


def _circle() -> Group:
    """Neurons as spokes, two of them large with what pushes and pulls them."""
    side = Scale(low=-REACH, high=REACH)
    few: dict[str, Any] = {"classes": "long", "roles": ROLES, "every": EVERY}
    return Group(
        frames=(
            Plane(
                equal=True,
                x=side,
                y=side,
                marks=(
                    Ring(radius=1.0, theory=True),
                    Threads(segments="spokes", tint=0.35, width_pt=1.0, **few),
                    Points(points="tips/decay", size_pt=5.5, tint=0.8, over=0.1, **few),
                    Threads(segments="chosen_spokes", ink="ink", width_pt=2.4, over=0.2),
                    Arrows(segments="pushes", ink="rival", width_pt=5.0, head_pt=14.0, over=0.3),
                    Arrows(segments="pulls", ink="run", width_pt=5.0, head_pt=14.0, over=0.3),
                    Points(points="chosen", ink="ink", size_pt=9.0, rim=True, over=0.4),
                    Words(place=(2.6, 0.42), lines=("steps", "push"), ink="rival", align="right", **LARGE),
                    Words(place=(-2.6, 0.42), lines=("decay", "pulls"), ink="run", **LARGE),
                    Words(place=(0.8, -0.92), lines=("equal",), ink="theory"),
                ),
            ),
        ),
        heading="spoke: a neuron’s weights",
    )


def _balance() -> Group:
    """What a step adds to a length and takes from it, and where the two are equal."""
    return Group(
        frames=(
            Plane(
                x=Scale(low=0.3, high=1.9, ticks=(0.4, 1.85), names=("short", "long")),
                y=Scale(low=0.0, high=TALLEST),
                lines="lb",
                marks=(
                    Curve(x="length", array="push_theory", theory=True),
                    Curve(x="length", array="length", ink="run", tint=0.5),
                    Points(points="pulled", ink="run", size_pt=5.0, every=EVERY),
                    Points(points="pushed", ink="rival", size_pt=5.0, every=EVERY, over=0.1),
                    Level(value=1.0, along="x", label="equal", side="bottom"),
                    Words(place=(0.33, 2.8), lines=("push",), ink="rival", **LARGE),
                    Words(place=(1.88, 2.1), lines=("pull",), ink="run", align="right", **LARGE),
                ),
            ),
        ),
        heading="change in a step",
    )


def _without() -> Group:
    """The same neurons and samples without decay."""
    side = Scale(low=-REACH_WITHOUT, high=REACH_WITHOUT)
    return Group(
        frames=(
            Plane(
                equal=True,
                x=side,
                y=side,
                marks=(
                    Ring(radius=1.0, theory=True),
                    Points(points="tips/steps", ink="rival", size_pt=4.5, tint=0.8, every=EVERY),
                    Words(place=(0.0, -2.5), lines=("ever longer",), ink="rival", align="center", **LARGE),
                ),
            ),
        ),
        heading="without decay",
    )


STORY = Story(
    state="state",
    names=("start", "settling", "settled"),
    sentences=(
        "Steps push weights outwards, decay pulls them in.",
        "Short weights: the push wins. Long ones: the pull.",
        "Push equals pull: one length for all.",
    ),
    wide=Layout(("abc",), widths=(1.0, 0.62, 0.4)),
    column=Layout(("a", "b"), heights=(2.2, 1)),
    strip=Strip(ticks=(10, 100, 1000)),
    poster=(1.0,),
)
