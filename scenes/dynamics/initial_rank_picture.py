"""How the rank of the start is drawn: four dials, above each what its start sees of the task, below what it keeps."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.arrows import Arrows
from render.picture.marks.base import Mark
from render.picture.marks.ring import Ring
from render.picture.marks.slices import Slices
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .initial_rank_dials import APART, BAR, BAR_AT, BOXES_AT, PAIRS

HEADINGS = {"sixteen": "16 directions", "four": "4 directions", "one": "1 direction", "task": "1: the task"}

STORY = Story(
    state="state",
    names=("start", "turning", "lagging", "turned"),
    sentences=(
        "Equal sizes. Filled: what each start sees of the task.",
        "The directions that the networks use turn to the task …",
        "… those that saw least of it have furthest to go.",
        "Starts that see little turn far and keep little.",
    ),
    wide=Layout(("a",)),
    column=Layout(("a",)),
    strip=Strip(array="time", label="time", form="{:.2g}", ticks=(1.0, 2.0, 4.0)),
    poster=(0.96,),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (Group(frames=(_pair(0), _pair(1)), layout=Layout(("ab",)), column=Layout(("a", "b"))),)


def _pair(pair: int) -> Plane:
    """Two dials: boxes, hand, angle and bar of each."""
    marks: list[Mark] = [
        Slices(corners=f"boxes/{pair}", inks=("quiet",), tint=0.7),
        Slices(corners=f"filled/{pair}", inks=("run",), tint=1.0, over=0.05),
        Slices(corners=f"angle/{pair}", inks=("run",), tint=0.16),
        Slices(corners=f"swept/{pair}", inks=("run",), tint=0.4, over=0.02),
        Threads(segments=f"task_at/{pair}", theory=True, width_pt=1.6, over=0.05),
        Arrows(segments=f"hands/{pair}", ink="run", width_pt=4.5, over=0.1),
        Slices(corners=f"tracks/{pair}", inks=("quiet",), tint=0.7),
        Slices(corners=f"bars/{pair}", inks=("muted",), tint=1.0, over=0.05),
        Threads(segments=f"ends/{pair}", theory=True, width_pt=1.6, over=0.3),
    ]
    for place, arm in enumerate(PAIRS[pair]):
        left = APART * place
        marks += [
            Ring(radius=1.0, centre=(left, 0.0), angles=(0.0, 90.0)),
            Words(place=(left, BOXES_AT + 0.2), lines=(HEADINGS[arm],), ink="ink", bold=True, size="label"),
            Number(array=f"turned/{arm}", place=(left + 1.25, 1.0), form="degrees", ink="run", align="right"),
        ]
    marks += [Words(place=(0.0, 1.18), lines=("task",), ink="theory", align="center")]
    if pair == 0:
        marks += [Words(place=(0.0, BAR_AT + BAR + 0.11), lines=("features kept",), ink="ink")]
    else:
        marks += [Words(place=(0.08, BAR_AT + BAR + 0.11), lines=("theory",), ink="theory")]
    return Plane(
        x=Scale(low=-0.12, high=APART + 1.26), y=Scale(low=BAR_AT - 0.06, high=1.66), equal=True, marks=tuple(marks)
    )
