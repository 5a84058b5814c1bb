"""Theory of the audit's numbers: what each should be at the end of training, and what its distance from that says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import jax
import numpy as np
import scipy.special

from render.metrics import codes

UNIFORMITY_T = 2.0
INFINITY = float("inf")


@dataclass(frozen=True)
class Setting:
    """Setting that theory depends on: numbers of points, dimensions, outputs, classes with points (0 without labels).

    `offset`: the mean of all points is longer than any principal deviation from it, so that it is a mode of its own in
    the uncentred spectrum.
    """

    points: int
    dim: int
    classes: int
    outputs: int = 0
    offset: bool = True


@dataclass(frozen=True)
class Goal:
    """Value of a number at the end of training, and the formula that it comes from."""

    value: float
    formula: str


Theory = Callable[[Setting], Goal | None]


@dataclass(frozen=True)
class Ladder:
    """Words for the distance of a number from its goal: steps of (largest distance, words), the nearest first.

    A distance gets the words of the first step that it does not exceed. It is the absolute difference, or, with
    `relative` and a goal that is not 0, the quotient of value and goal. `within` is how far off counts as met, in units
    of the goal with `relative`; None where that is for the reader to judge.
    """

    steps: tuple[tuple[float, str], ...]
    within: float | None = None
    relative: bool = False

    def verdict(self, value: float, goal: Goal) -> str:
        distance = value / goal.value if self.relative and goal.value else abs(value - goal.value)
        return next((words for limit, words in self.steps if distance <= limit), self.steps[-1][1])

    def tolerance(self, goal: Goal) -> float | None:
        """Largest absolute difference from the goal that counts as met; None where that is not said."""
        return None if self.within is None else self.within * (goal.value if self.relative and goal.value else 1.0)


MODES = Ladder(
    ((0.5, "too few modes"), (0.9, "some modes are missing"), (1.1, "as theory says"), (INFINITY, "more modes")),
    0.1,
    relative=True,
)
COLLAPSE = Ladder(
    ((0.01, "collapsed"), (0.1, "nearly collapsed"), (0.5, "in clusters"), (INFINITY, "not collapsed")), 0.01
)
SCALED = Ladder(((0, "collapsed"), (INFINITY, "judge it by its course")), 0.0)
DEAD = Ladder(((0, "none"), (INFINITY, "dead features")), 0.0)
FIT = Ladder(((0.01, "met"), (0.1, "close"), (INFINITY, "far")), 0.01)
FULL = Ladder(((0.5, "more than half are empty"), (0.999, "some are empty"), (INFINITY, "full")), relative=True)
RICH = Ladder(((0.05, "rich"), (0.3, "fairly rich"), (INFINITY, "lazy")), 0.05)
ALIGNED = Ladder(((0.02, "aligned"), (0.2, "nearly aligned"), (INFINITY, "apart")), 0.02)
SPREAD = Ladder(((0.05, "spread over the sphere"), (1.0, "partly spread"), (INFINITY, "bunched")), 0.05)


def none(_: Setting) -> None:
    """No theory says what the number should be."""


def zero(_: Setting) -> Goal:
    return Goal(0.0, "0")


def simplex(setting: Setting) -> Goal | None:
    """0, for three class means or more that have room for a simplex, C - 1 <= d; two of them always are one."""
    return zero(setting) if 2 < setting.classes <= setting.dim + 1 else None


def equal(setting: Setting) -> Goal | None:
    """0, for three class means or more; two, less their centre, are opposite and equally long whatever they are."""
    return zero(setting) if setting.classes > 2 else None


def simplex_cosine(setting: Setting) -> Goal | None:
    """-1/(C - 1), where `simplex` has room."""
    return Goal(-1 / (setting.classes - 1), "−1/(C−1)") if simplex(setting) else None


def modes(setting: Setting) -> Goal | None:
    """C - 1 modes, which centred class means span, or the d that there are."""
    return _at_most(setting.classes - 1, "C−1", setting.dim, "d") if setting.classes > 1 else None


def modes_and_mean(setting: Setting) -> Goal | None:
    """One mode more than `modes`, where nothing is centred and the mean of all points is long enough for one."""
    if setting.offset and modes(setting) and setting.dim >= setting.classes:
        return Goal(float(setting.classes), "C−1 + mean")
    return modes(setting)


def output_modes(setting: Setting) -> Goal | None:
    """C - 1 directions, or as many as there are columns of the outputs."""
    if setting.classes < 2:
        return None
    return _at_most(setting.classes - 1, "C−1", setting.outputs, "columns of the outputs")


def _at_most(value: int, formula: str, room: int, limit: str) -> Goal:
    return Goal(float(value), formula) if value <= room else Goal(float(room), limit)


def full_rank(setting: Setting) -> Goal:
    return Goal(float(min(setting.dim, setting.points - 1)), "min(d, N−1)")


def output_columns(setting: Setting) -> float:
    """The largest rank that the outputs can have."""
    return float(min(setting.outputs, setting.points - 1))


def welch_floor(setting: Setting) -> Goal | None:
    """Least coherence of so many centred class means: `codes.centred_welch_floor`."""
    return Goal(_welch_floor(setting.classes, setting.dim), "Welch floor") if setting.classes > 2 else None


@cache
def _welch_floor(classes: int, dim: int) -> float:
    with jax.enable_x64(True):
        return float(jax.jit(codes.centred_welch_floor)(classes, dim))


def sphere_uniformity(dim: int, t: float = UNIFORMITY_T) -> float:
    """Uniformity of points that are spread over the whole sphere, the least in the limit of many points.

    ln E exp(-t |x - y|^2) = -2t + ln 0F1(; d/2; t^2), x and y uniform on the unit sphere of R^d, from
    E exp(2t <x, y>) = 0F1(; d/2; t^2). dim >= 1 -> () <= 0. Source: Wang & Isola 2020, Prop. 1.
    """
    return float(np.log(scipy.special.hyp0f1(dim / 2, t * t))) - 2 * t


def sphere(setting: Setting) -> Goal:
    return Goal(sphere_uniformity(setting.dim), "−2t + ln ₀F₁(d/2; t²)")
