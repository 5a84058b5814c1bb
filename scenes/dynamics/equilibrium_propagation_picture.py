"""How equilibrium propagation is drawn: the network itself, whose neurons fill the rings that backprop sets them."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.arrows import Arrows
from render.picture.marks.base import Mark
from render.picture.marks.points import Points
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .equilibrium_propagation_drawn import BACK, GRADIENT, OUTPUT

LARGE_PT, SMALL_PT = 27.5, 20.0  # of the largest ring

STORY = Story(
    state="state",
    names=("rest", "nudge", "back", "gradient"),
    sentences=(
        "At rest. Rings: the gradient, how far backprop would move each neuron.",
        "The output is nudged towards the right answer …",
        "… each layer moves, and pushes the one before it.",
        "… until all have moved as backprop says.",
    ),
    wide=Layout(("ab",), widths=(1.7, 1)),
    column=Layout(("a", "b"), heights=(1.35, 1)),
    strip=Strip(ticks=(10, 20, 40)),
    poster=(0.98,),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (
        Group(heading="same weights both ways", frames=(_network("same", LARGE_PT),)),
        Group(heading="other weights backwards", frames=(_network("other", SMALL_PT),)),
    )


def _network(arm: str, size_pt: float) -> Plane:
    """Neurons in their layers: rings that stand, discs that grow in them, and what is sent from layer to layer."""
    whole = arm == "same"
    marks: list[Mark] = [
        Threads(segments=f"ties/{arm}", ink="quiet", width_pt=1.0),
        Threads(segments=f"ties/{arm}", ink="muted", width_pt=4.0, widths=f"running/{arm}", over=-0.2),
        Points(points=f"neurons/{arm}", ink="page", sizes=f"rings/{arm}", size_pt=size_pt, over=0.05),
        Points(points=f"neurons/{arm}", ink="rival", sizes=f"right/{arm}", size_pt=size_pt, over=0.1),
        Points(points=f"neurons/{arm}", ink="run", sizes=f"wrong/{arm}", size_pt=size_pt, over=0.1),
        Points(points=f"neurons/{arm}", theory=True, sizes=f"rings/{arm}", size_pt=size_pt, over=0.2),
    ]
    if whole:
        marks += [
            Arrows(segments="nudge", width_pt=3.4, head_pt=14.0),
            Words(place=(4.42, 3.05), lines=("nudge",), ink="ink", bold=True),
            Words(place=(4.36, 5.0), lines=("ring: backprop",), ink="theory"),
            Words(place=(4.36, 0.0), lines=("disc: moved",), ink="rival"),
        ]
    else:
        wrong = ("orange: wrong way",)
        marks += [
            Words(place=(2.5, 5.9), lines=wrong, ink="run", bold=True, align="center", states=(OUTPUT, BACK, GRADIENT))
        ]
    ticks, names = ((1, 2, 3, 4), ("layer 1", "2", "3", "output")) if whole else ((), ())
    return Plane(
        x=Scale(low=0.5, high=5.3 if whole else 4.5, ticks=ticks, names=names),
        y=Scale(low=-0.6, high=5.7 if whole else 6.2),
        marks=tuple(marks),
    )
