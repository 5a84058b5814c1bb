"""How progressive differentiation is drawn: answers to eight items as a tree over time, the loss below it."""

from __future__ import annotations

from typing import Any

from render.film import Layout
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.base import Mark
from render.picture.marks.lines import Course
from render.picture.marks.paths import Paths
from render.picture.marks.points import Points
from render.picture.marks.text import Words
from render.target import Goals

from .progressive_differentiation_tree import PLACES

NAMES = ("robin", "canary", "salmon", "herring", "oak", "pine", "rose", "daisy")
INKS = ("muted", "class:0", "class:2", "class:4", "class:5")  # all, birds, trees, fish, flowers
OF_ITEMS = (1, 1, 3, 3, 2, 2, 4, 4)
TIME = Scale(low=0.0, high=1.15)  # with room for names
ALONE = Scale(low=0.0, high=1.0)
HEIGHT = Scale(low=-3.15, high=3.15)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    names = tuple(
        Words(place=(1.025, place), lines=(name,), ink=INKS[kind], bold=True, size="label")
        for name, place, kind in zip(NAMES, PLACES, OF_ITEMS, strict=True)
    )
    theory = (
        Paths(paths="theory", theory=True, width_pt=1.1, over=0.5),
        Words(place=(0.02, 0.4), lines=("theory",), ink="theory", states=(1, 2, 3)),
    )
    fallen = Words(place=(1.025, 0.05), lines=("loss",), ink="ink")
    return (
        Group(
            heading="two layers",
            note="height: the answer to each thing",
            frames=(
                Plane(x=TIME, y=HEIGHT, marks=(*_tree("two"), *theory, *names)),
                Plane(x=TIME, y=Scale(low=-0.08, high=1.08), marks=(Course(array="fallen/two", ink="ink"), fallen)),
            ),
            layout=Layout(("a", "b"), heights=(3.2, 1)),
            gap_px=8,
        ),
        Group(
            heading="one layer",
            note="all at one pace",
            frames=(
                Plane(x=ALONE, y=HEIGHT, marks=_tree("one")),
                Plane(x=ALONE, y=Scale(low=-0.08, high=1.08), marks=(Course(array="fallen/one", ink="ink"),)),
            ),
            layout=Layout(("a", "b"), heights=(3.2, 1)),
            column=Layout(("a",)),
            gap_px=8,
        ),
    )


def _tree(arm: str) -> tuple[Mark, ...]:
    """Lines of a network's answers, pale where they will go, and a dot where each is."""
    return (
        Paths(paths=f"future/{arm}", classes="kinds", roles=INKS, tint=0.24, width_pt=3.2),
        Paths(paths=f"past/{arm}", classes="kinds", roles=INKS, width_pt=3.2),
        Points(
            points=f"heads/{arm}", sizes=f"live/{arm}", classes="kinds", roles=INKS, size_pt=9.0, rim=True, over=0.6
        ),
    )
