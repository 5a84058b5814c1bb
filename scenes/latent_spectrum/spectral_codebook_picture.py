"""How the dial over label kernels is told: classes in one circle, how alike they are, how strong each direction is."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.lines import Curve
from render.picture.marks.name import Name
from render.picture.marks.points import Points
from render.picture.marks.ring import Ring
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.picture.marks.tiles import Tiles
from render.target import Goals

from .spectral_codebook_marks import ALIKE, KINDS

STORY = Story(
    state="state",
    names=("even", "cut", "gather", "alike"),
    sentences=(
        "All neighbours grow alike, evenly: nothing moves.",
        "Cut one tie: the ring opens.",
        "Tied again, each kind grows alike: they gather.",
        "Cats and dogs grow alike: their difference fades.",
    ),
    wide=Layout(("ab", "ac"), widths=(1.2, 1), heights=(1.7, 1)),
    column=Layout(("aa", "bc"), widths=(1, 1.1), heights=(1.7, 1)),
    strip=Strip(array="dial", label="dial", form="{:.0%}", ticks=(0.5,)),
    poster=(0.28, 0.7, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_circle(), _table(config.classes), _strengths(config.classes))


def _circle() -> Group:
    """The classes at their codes, and lines to the next one, in the ink of what changes where they change."""
    return Group(
        heading="a dot: a class",
        note="orange: what is changed",
        frames=(
            Plane(
                equal=True,
                x=Scale(low=-1.86, high=1.35),
                y=Scale(low=-1.15, high=1.15),
                marks=(
                    Ring(radius=1.0),
                    Threads(segments="edges", widths="plain", ink="muted", width_pt=2.0),
                    Threads(segments="edges", widths="changed", ink="run", width_pt=7.0, over=0.1),
                    Curve(x="path_x", array="path", theory=True, over=0.2),
                    Points(
                        points="codes", classes="class_numbers", sizes="dot_sizes", size_pt=24.0, rim=True, over=0.3
                    ),
                    *(Name(point=f"kind_places/{kind}", text=kind) for kind in KINDS),
                    Words(place=(0.64, 0.0), lines=("theory",), ink="theory", states=(ALIKE,)),
                ),
            ),
        ),
    )


def _table(classes: int) -> Group:
    return Group(
        heading="how alike",
        note="dark: alike",
        frames=(
            Plane(
                equal=True,
                x=Scale(low=-1.2, high=classes + 0.2),
                y=Scale(low=-0.2, high=classes + 1.2),
                marks=(
                    Tiles(table="kernel", ink="ink", low=0.0, high=1.0, box=(0.0, 0.0, float(classes), float(classes))),
                    Points(points="table_dots", classes="table_classes", size_pt=7.0),
                    Threads(segments="cells", widths="cell_widths", ink="run", width_pt=3.0, over=0.5),
                ),
            ),
        ),
    )


def _strengths(classes: int) -> Group:
    """Eigenvalues over the first; the two that the picture draws stand out."""
    return Group(
        heading="strength by direction",
        frames=(
            Plane(
                lines="b",
                x=Scale(low=0.4, high=classes - 0.4),
                y=Scale(ticks=(0.0, 0.5, 1.0), names=("0", "½", "1"), low=0.0, high=1.08),
                marks=(
                    Bars(heights="first_strength", at="first_place", ink="ink"),
                    Bars(heights="second_strength", at="second_place", ink="ink"),
                    Bars(heights="fading_strength", at="second_place", ink="run"),
                    Bars(heights="other_strengths", at="other_places", ink="muted", tint=0.5),
                    Threads(segments="theory_strength", widths="theory_shown", theory=True, width_pt=2.0, over=0.3),
                    Words(place=(2.7, 0.85), lines=("animal or car",), ink="ink", bold=True, states=(ALIKE,)),
                    Words(place=(2.7, 0.5), lines=("cat or dog",), ink="run", bold=True, states=(ALIKE,)),
                ),
            ),
        ),
    )
