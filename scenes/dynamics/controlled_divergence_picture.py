"""How controlled divergence is drawn: a ball on each of two losses over the same output, and the kernel below."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Course, Curve
from render.picture.marks.paths import Paths
from render.picture.marks.points import Points
from render.picture.marks.slices import Slices
from render.picture.marks.text import Words
from render.target import Goals

from .controlled_divergence_view import LEFT, RIGHT, TOPS

HEADINGS = {
    "ce": ("cross-entropy", "straight sides"),
    "mse": ("squared error", "steeper and steeper"),
}
INKS = {"ce": "rival", "mse": "run"}
TICKS = {"ce": (40.0, "loss 40"), "mse": (8000.0, "loss 8,000")}
SLOPES = {
    "ce": ((-31.0, 31.0, "slope 0.7"), (84.0, 15.0, "slope 0.3")),
    "mse": ((58.0, 1100.0, "slope 50"), (108.0, 5000.0, "slope 100")),
}


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    jumps = Group(frames=(_jumps("ce"), _jumps("mse")), layout=Layout(("ab",)), column=Layout(("a", "b")), gap_px=30)
    return (jumps, _kernel())


def _jumps(name: str) -> Plane:
    """A loss over the output as ground, and the ball that descends it."""
    ink, top = INKS[name], TOPS[name]
    tick, label = TICKS[name]
    heading, note = HEADINGS[name]
    slopes = tuple(Words(place=(x, y), lines=(said,), ink=ink, bold=True) for x, y, said in SLOPES[name])
    last = {
        "ce": Words(
            place=(20, 0.88 * top), lines=("at rest: {rest:.1f}",), ink="ink", bold=True, size="label", when="rested"
        ),
        "mse": Words(
            place=(60, 0.88 * top),
            lines=("gone: {away:,.0f}",),
            ink="ink",
            bold=True,
            size="label",
            align="center",
            when="left",
        ),
    }
    return Plane(
        heading=heading,
        note=note,
        ink=ink,
        x=Scale(low=LEFT, high=RIGHT, ticks=(0.0, 100.0), names=("output 0", "100")),
        y=Scale(low=-0.05 * top, high=top, ticks=(tick,), names=(label,)),
        marks=(
            Slices(corners=f"ground/{name}", inks=(ink,), tint=0.12, over=-1.0),
            Curve(x="across", array=f"hill/{name}", ink=ink, bold=True),
            Paths(paths=f"arcs/{name}", ink=ink, tint=0.35, width_pt=1.6, bounds=False),
            Paths(paths=f"now/{name}", ink="ink", width_pt=2.0, over=0.1, bounds=False),
            Points(points=f"landed/{name}", ink=ink, size_pt=6.0, over=0.2),
            Points(points=f"ball/{name}", ink=ink, size_pt=15.0, rim=True, over=0.4),
            *slopes,
            last[name],
        ),
    )


def _kernel() -> Group:
    """How far a unit of slope moves the output under cross-entropy, with the limit of infinite width."""
    return Group(
        frames=(
            Plane(
                x=Scale(low=0.0, high=1.0),
                y=Scale(low=0.0, high=2.5, ticks=(0.0, 2.0)),
                lines="l",
                marks=(
                    Course(array="kernel_now", ink="rival", label="λ", form="number"),
                    Paths(paths="kernel_limit", theory=True, width_pt=1.6, over=0.5, bounds=False),
                    Words(place=(0.01, 1.1), lines=("infinite width",), ink="theory"),
                ),
            ),
        ),
        heading="cross-entropy: jump for the same slope",
        note="tangent kernel λ",
    )


STORY = Story(
    state="state",
    names=("start", "first", "second", "bouncing", "rest"),
    sentences=(
        "Same network, same rate: each ball is its output.",
        "First jump: both land far beyond the bottom.",
        "The bowl is steeper there: its ball is thrown out.",
        "Straight sides: slope at most 0.7, so jumps stay bounded.",
        "Bounces shrink the weights: jumps shorten, then stop.",
    ),
    wide=Layout(("a", "b"), heights=(2.1, 1)),
    column=Layout(("a",)),
    strip=Strip(array="made", label="step", form="{:.0f}", ticks=(1, 2, 3, 5, 10, 20)),
    poster=(1.0,),
)
