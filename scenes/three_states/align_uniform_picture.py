"""The picture of alignment and uniformity: two rings joined by threads, and how far spreading and pairing have come."""

from __future__ import annotations

from typing import Any

from render.film import Layout
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.ring import Ring
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .align_uniform_rings import INNER

SPREAD, PAIRED = "rival", "run"  # inks of the two clocks, in the rings and beside them
OVER = Scale(low=0.0, high=1.0)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_rings(), _clocks(goals))


def _rings() -> Group:
    """A ring for each copy, all points pale, and threads between some of them."""
    reach = Scale(low=-1.04, high=1.04)
    said = Words(
        place=(0.0, 0.13),
        lines=("a thread joins", "noisy copies A, B", "of one example"),
        ink=PAIRED,
        align="center",
        plate=True,
    )
    return Group(
        note="outer ring: copies A; inner ring: copies B",
        frames=(
            Plane(
                x=reach,
                y=reach,
                equal=True,
                marks=(
                    Ring(radius=1.0),
                    Ring(radius=INNER),
                    Points(points="outer", ink=SPREAD, tint=0.4, size_pt=3.5, every=4),
                    Points(points="inner", ink=SPREAD, tint=0.4, size_pt=3.5, every=4),
                    Threads(segments="threads", ink=PAIRED, width_pt=1.4, over=0.1),
                    Points(points="thread_ends", ink=SPREAD, size_pt=6.0, over=0.2),
                    said,
                ),
            ),
        ),
    )


def _clocks(goals: Goals) -> Group:
    """How evenly the points are spread, and how far apart partners are, each with its optimum."""
    spread = Plane(
        heading="how evenly spread",
        lines="b",
        x=OVER,
        y=Scale(low=0.0, high=1.08),
        marks=(Course(array="spread_share", ink=SPREAD, bold=True), Level(value=1.0, label="best")),
    )
    apart = Plane(
        heading="how far apart partners are",
        x=OVER,
        y=Scale(low=-0.03),
        marks=(Course(array="alignment", ink=PAIRED, bold=True), Level(value=goals["alignment"], label="best")),
    )
    return Group(
        frames=(apart, spread),
        layout=Layout(("b", "a")),
        column=Layout(("a",)),
    )
