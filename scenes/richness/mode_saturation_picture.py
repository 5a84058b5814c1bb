"""How the saturation of modes is told: a fan of curves, coarse waves before fine ones, and the function they make."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Course, Curve
from render.picture.marks.text import Words
from render.target import Goals

COARSE, FINE, ALL = range(3)

STORY = Story(
    state="state",
    names=("coarse waves", "finer ones", "all of them"),
    sentences=(
        "The coarsest wave comes first.",
        "The finer a wave, the later it is learned.",
        "All waves are learned: the function is the target.",
    ),
    wide=Layout(("ab",), widths=(1.05, 1)),
    column=Layout(("a", "b"), heights=(1.35, 1)),
    poster=(0.0, 0.6, 1.0),
)


def ramp(config: Any, mode: int) -> str:
    """The ink of a mode, from 1: the finer, the darker."""
    return f"ramp:{(mode - 1) / max(config.modes - 1, 1):.3f}"


def half_time(config: Any, eigenvalue: float) -> float:
    """The place on the strip, 0 to 1, at which theory has half of a mode: 1 - exp(-rho rate step) = 1/2."""
    step = np.log(2) / (eigenvalue * config.rate)
    return float(np.log1p(step / config.even_until) / np.log1p(config.steps / config.even_until))


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    modes = range(1, config.modes + 1)
    fan = (
        *(Course(array=f"share/{mode}", ink=ramp(config, mode)) for mode in modes),
        *(Course(array=f"share_theory/{mode}", theory=True) for mode in (1, config.modes)),
        _named(config, 1, "coarsest", 0.88, "right"),
        _named(config, config.modes, "finest", 0.3, "left"),
    )
    shares = Scale(ticks=(0.0, 1.0), names=("0", "all"), low=-0.03, high=1.06)
    made = (
        Curve(x="inputs", array="target", theory=True, label="target"),
        Curve(x="inputs", array="output", bold=True, ink="run"),
    )
    return (
        Group(heading="share of each wave learned", note="dashed: theory", frames=(_plane(shares, fan),)),
        Group(heading="their sum", frames=(Plane(marks=made, lines="b"),)),
    )


def _plane(shares: Scale, marks: tuple) -> Plane:
    return Plane(x=Scale(low=0.0, high=1.02), y=shares, marks=marks, lines="lb")


def _named(config: Any, mode: int, name: str, height: float, align: Any) -> Words:
    side = -0.03 if align == "right" else 0.03
    place = half_time(config, mode**-config.exponent) + (height - 0.5) * 0.25 + side
    return Words(place=(place, height), lines=(name,), ink="ink", size="label", align=align)
