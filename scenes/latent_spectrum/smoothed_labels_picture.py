"""How smoothed labels are drawn: a softmax and its wrong classes under a magnifier, cooled above, smoothed below."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.base import Mark
from render.picture.marks.slices import Slices
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .smoothed_labels_strips import STRIP, WINDOW

BETWEEN = (STRIP[0] + WINDOW[1]) / 2  # height of what is said in the lens
BESIDE = 1.09  # height of what stands in the line of the headings


def shades(count: int) -> tuple[str, ...]:
    """Inks of the own class and of the others, the likest darkest."""
    return ("quiet", *(f"ramp:{place:.3f}" for place in np.linspace(1, 0, count - 1)))


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    each = 100 * goals["kept"].goal / (config.classes - 1)
    cooled = (
        Words(place=(0.01, sum(STRIP) / 2), lines=("the right class",), ink="ink"),
        Words(place=(0.99, BETWEEN), lines=("wrong ones magnified, likest first",), ink="ink", align="right"),
    )
    smoothed = (
        Threads(segments="equal_window", theory=True, width_pt=1.8, over=0.4),
        Threads(segments="equal_strip", theory=True, width_pt=1.8, over=0.4),
        Words(place=(0.99, BETWEEN), lines=("dashed: its label",), ink="theory", align="right"),
    )
    return (
        Group(
            frames=(
                _strip(config, "cooled", "the same scores at a falling temperature", cooled),
                _strip(config, "smoothed", f"its label gives each wrong class {each:.1f} %", smoothed),
            ),
            layout=Layout(("a", "b")),
            gap_px=16,
        ),
    )


def _strip(config: Any, arm: str, note: str, marks: tuple[Mark, ...]) -> Plane:
    """The whole softmax of an arm, and under it the wrong classes alone, enlarged."""
    inks = shades(config.classes)
    return Plane(
        heading=arm,
        note=note,
        x=Scale(low=0.0, high=1.0),
        y=Scale(low=-0.04, high=1.0),
        marks=(
            Slices(corners=f"lenses/{arm}", inks=("quiet",), tint=0.35),
            Slices(corners=f"strips/{arm}", inks=inks, tint=1.0, over=0.1),
            Slices(corners=f"windows/{arm}", inks=inks, tint=1.0, over=0.1),
            *marks,
            Number(array=f"given/{arm}", form="percent", place=(0.91, BESIDE), align="left", size="label"),
            Words(place=(0.9, BESIDE), lines=("wrong",), ink="ink", align="right"),
        ),
    )


STORY = Story(
    state="state",
    names=("start", "parting", "erased"),
    sentences=(
        "At first the wrong classes get {at_first:.0f} %, the likest most.",
        "Cooling: the likest takes over. Smoothing: they get more alike.",
        "Cooled: wrong classes gone. Smoothed: all still there, all alike.",
    ),
    wide=Layout(("a",)),
    column=Layout(("a",)),
    strip=Strip(array="temperature", label="temperature", form="{:.2g}", ticks=(0.2, 0.1, 0.05, 0.02)),
    poster=(1.0,),
)
