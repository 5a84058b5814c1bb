"""How token collapse is drawn: tokens on a ball tied to their averages, soft and sharp, and the widest angle of two."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Ball, Plane, Scale
from render.picture.group import Group
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.name import Name
from render.picture.marks.paths import Trails
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.target import Goals

INKS = {"soft": "run", "sharp": "rival"}

STORY = Story(
    state="state",
    names=("apart", "closing in", "soft: one", "sharp: one"),
    sentences=(
        "Each token is tied to the average that it attends to.",
        "Each layer moves it there, and averages lie close together …",
        "… so soft attention makes all one, and sharp makes clusters.",
        "Clusters wait, then join: sharpness only takes longer.",
    ),
    wide=Layout(("ab",), widths=(2.1, 1)),
    column=Layout(("a", "b"), heights=(1.5, 1)),
    strip=Strip(label="layer", ticks=(10, 20, 40, 80)),
    poster=(0.0, 0.3, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (
        Group(
            frames=(
                _ball(config, "soft", "soft attention"),
                _ball(config, "sharp", "sharp"),
            ),
            layout=Layout(("ab",), widths=(1.6, 1)),
            column=Layout(("ab",), widths=(1.35, 1)),
        ),
        Group(heading="widest angle of two", frames=(_angles(),)),
    )


def _ball(config: Any, arm: str, heading: str) -> Ball:
    """Tokens, the ways that they have come, and threads to their averages."""
    ink, large = INKS[arm], arm == "soft"
    return Ball(
        heading=heading,
        ink=ink,
        marks=(
            Trails(points=f"dots/{arm}", ink=ink, tint=0.3, width_pt=1.6 if large else 1.2),
            Threads(segments=f"ties/{arm}", ink="muted", tint=0.7, width_pt=1.1 if large else 0.9, over=0.1),
            Points(points=f"hubs/{arm}", ink="ink", size_pt=4.6 if large else 3.4, over=0.2),
            Points(points=f"dots/{arm}", ink=ink, sizes=f"depth/{arm}", size_pt=9 if large else 6, rim=True, over=0.3),
            Name(point=f"end/{arm}", text=f"all {config.count} here", ink=ink, over=0.4),
        ),
    )


def _angles() -> Plane:
    return Plane(
        x=Scale(low=0.0, high=1.0),
        y=Scale(low=-4.0, high=184.0, ticks=(0, 90, 180), names=("0°", "90°", "180°")),
        lines="lb",
        marks=(
            Level(value=0.0, label="all one"),
            Course(array="widest/sharp", ink="rival", label="sharp"),
            Course(array="widest/soft", ink="run", label="soft", bold=True, over=0.1),
        ),
    )
