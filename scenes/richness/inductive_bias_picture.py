"""How inductive bias is told: two curves through the same points, and the waves of which each is made."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.lines import Curve
from render.picture.marks.points import Points
from render.target import Goals

INKS = {"falling": "run", "rising": "rival"}

STORY = Story(
    state="state",
    names=("neither fits", "one fits", "both fit"),
    sentences=(
        "Two models learn the same four points.",
        "One meets all points, the other still learns.",
        "Both meet every point, and differ in between.",
    ),
    wide=Layout(("ab",), widths=(1.75, 1)),
    column=Layout(("a", "b"), heights=(1.7, 1)),
    strip=Strip(array="time", label="time"),
    poster=(0.0, 0.5, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    curves = (
        *(Curve(x="grid", array=f"interpolant/{model}", theory=True) for model in INKS),
        *(Curve(x="grid", array=f"function/{model}", ink=ink, bold=True) for model, ink in INKS.items()),
        Points(points="dots", ink="ink", size_pt=12.0, rim=True, over=0.4),
    )
    return (
        Group(
            heading="two curves, four points",
            note="dashed: theory, the least weights that fit",
            frames=(Plane(marks=curves, lines=""),),
        ),
        Group(
            heading="waves, slow to fast",
            frames=(
                _waves("falling", "favours slow waves", config.modes),
                _waves("rising", "favours fast waves", config.modes),
            ),
            layout=Layout(("a", "b")),
            column=Layout(("ab",)),
        ),
    )


def _waves(model: str, heading: str, modes: int) -> Plane:
    bars = (Bars(heights=f"energies/{model}", ink=INKS[model], width=0.7),)
    across, up = Scale(low=0.4, high=modes + 0.6), Scale(low=0.0, high=1.0)
    return Plane(heading=heading, ink=INKS[model], x=across, y=up, marks=bars, lines="b")
