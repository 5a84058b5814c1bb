"""How the late pitchfork is drawn: the fork over the dial and the split below it, the data and its blur beside."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.blobs import Blobs
from render.picture.marks.lines import Course, Curve
from render.picture.marks.name import Name
from render.picture.marks.paths import Paths
from render.picture.marks.points import Points
from render.picture.marks.slices import Slices
from render.picture.marks.text import Words
from render.target import Goals

DIAL = Scale(low=0.0, high=1.17)  # with room for what stands at the right end
REACH, WIDE = 2.1, 1.75  # of the data and its blur, along its widest direction and across
PAIR = ("ink", "class:0", "class:1")  # both in one, and each


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_fork(), _data())


def _fork() -> Group:
    fork = Plane(
        x=DIAL,
        y=Scale(low=-1.6, high=1.6),
        marks=(
            Slices(corners="waiting", inks=("quiet",), tint=0.45),
            Course(array="part/upper", ink="class:0", bold=True),
            Course(array="part/lower", ink="class:1", bold=True),
            Curve(x="fork_x", array="fork/upper", theory=True),
            Curve(x="fork_x", array="fork/lower", theory=True),
            Paths(paths="trunk_future", ink="ink", tint=0.24, width_pt=4.2),
            Paths(paths="trunk", ink="ink", width_pt=4.2, over=0.2),
            Points(points="heads", ink="ink", sizes="unparted", size_pt=9.0, over=0.3),
            Words(place=(0.265, 1.4), lines=("theory: parting from 1",), ink="theory"),
            Words(place=(0.8, 0.0), lines=("seen from {escape:.2f}",), ink="ink", bold=True, size="label", states=(2,)),
        ),
    )
    split = Plane(
        x=DIAL,
        y=Scale(low=1.5e-5, high=8.0, log=True),
        marks=(
            Slices(corners="waiting_log", inks=("quiet",), tint=0.45),
            Paths(paths="levels", ink="edge", bounds=False),
            Paths(paths="first_size", ink="edge", bounds=False),
            Course(array="split", ink="ink"),
            Course(array="split_law", theory=True),
            Name(point="seen_at", text="seen", ink="muted", bold=False),
            Name(point="first_at", text="first size", ink="muted", bold=False),
            Words(place=(0.0, 2.5), lines=("split size, log",), ink="ink"),
            Words(place=(0.7, 2.9), lines=("theory",), ink="theory", align="right", states=(2,)),
        ),
    )
    return Group(
        heading="two centres",
        note="where they are, by sharpness",
        frames=(fork, split),
        layout=Layout(("a", "b"), heights=(1.7, 1)),
        gap_px=8,
    )


def _data() -> Group:
    plane = Plane(
        equal=True,
        x=Scale(low=-WIDE, high=WIDE),
        y=Scale(low=-REACH, high=REACH),
        marks=(
            Blobs(centres="blurs", shapes="blur_shapes", ink="muted", tint=0.16),
            Points(points="data", ink="muted", tint=0.6, size_pt=4.0, over=0.1),
            Points(points="data", classes="sides", roles=PAIR[1:], sizes="told", tint=0.8, size_pt=4.4, over=0.2),
            Paths(paths="ring", theory=True, over=0.3),
            Points(points="centres", classes="kinds", roles=PAIR, sizes="live", size_pt=13.0, rim=True, over=0.4),
        ),
    )
    said = (
        Words(place=(0.0, 0.75), lines=("disc: blur of a centre, 1/√β",)),
        Words(place=(0.0, 0.28), lines=("dashed: widest spread, √λ₁",), ink="theory"),
    )
    return Group(
        heading="the data",
        frames=(plane, Bare(marks=said)),
        layout=Layout(("a", "b"), heights=(5.5, 1)),
        column=Layout(("a",)),
        gap_px=8,
    )


STORY = Story(
    state="state",
    names=("shrinks", "grows, unseen", "seen"),
    sentences=(
        "Blur wider than the data: any split of two centres shrinks.",
        "Blur narrower: a split can grow, but hardly any is left.",
        "Seen late: it had to grow back.",
    ),
    wide=Layout(("ba",), widths=(1, 2.3)),
    column=Layout(("a", "b"), heights=(1.2, 1)),
    strip=Strip(array="ratio", label="sharpness", form="{:.2f}", live=True),
    poster=(0.8,),
)
