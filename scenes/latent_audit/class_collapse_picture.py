"""How class collapse is told: clouds that shrink onto their means, and the share of spread within them."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.target import Goals

STORY = Story(
    state="state",
    names=("overlap", "apart", "collapsed"),
    sentences=(
        "Much noise: the classes overlap.",
        "Less noise: each class draws in towards its mean.",
        "Every example lies on the mean of its class.",
    ),
    wide=Layout(("ab",), widths=(1.15, 1)),
    column=Layout(("a", "b"), heights=(1.7, 1)),
    strip=Strip(array="sigma", label="noise", form="{:.2f}", live=True),
    poster=(0.0, 0.6, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    clouds = (
        Threads(segments="between_means", ink="edge", width_pt=1.6),
        Points(points="features", classes="labels", size_pt=5.0, tint=0.8),
        Points(points="class_means", classes="classes", size_pt=11.0, rim=True, over=0.2),
    )
    share = (
        Level(value=goals["end"], label="collapsed: {:g}"),
        Course(array="collapse_ratio", label="share", form="number", ink="ink", bold=True),
        Course(array="ratio_theory", theory=True),
    )
    scale = Scale(log=True, ticks=(0.01, 0.1, 1.0), names=("0.01", "0.1", "1"), low=0.0018, high=1.0)
    return (
        Group(
            heading="each dot an example, a colour a class",
            note="large: their means",
            frames=(Plane(equal=True, x=Scale(low=-2.1, high=2.1), y=Scale(low=-1.35, high=1.85), marks=clouds),),
        ),
        Group(heading="share of spread within classes", frames=(Plane(y=scale, marks=share, lines="lb"),)),
    )
