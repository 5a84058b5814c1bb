"""What each number of a report should be, by theory, and what it says in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.special

UNIFORMITY_T = 2.0


@dataclass(frozen=True)
class Setting:
    """What theory values depend on: numbers of points, dimensions, outputs, classes with points (0 without labels).

    `offset`: the mean of all points is longer than any principal deviation from it, so that it is a mode of its own in
    the uncentred spectrum.
    """

    points: int
    dim: int
    classes: int
    outputs: int = 0
    offset: bool = True


Theory = Callable[[Setting], float | None]


@dataclass(frozen=True)
class Ladder:
    """Verdicts: the first whose limit a distance from theory does not pass. within: the distance that counts as met."""

    steps: tuple[tuple[float, str], ...]
    within: float | None = None

    def verdict(self, distance: float) -> str:
        return next((words for limit, words in self.steps if distance <= limit), self.steps[-1][1])


@dataclass(frozen=True)
class Entry:
    """How a number is to be read.

    theory: its value at the end of training, by theory; formula: of that value. Its distance is put on the ladder: the
    value itself where theory says 0, the quotient where it says another number and `relative`, else the absolute
    difference. `sampled`: from a sample of the points. possible: the most that a relative number can be.
    """

    name: str
    meaning: str
    theory: Theory
    formula: str
    ladder: Ladder | None = None
    relative: bool = False
    sampled: bool = False
    possible: Callable[[Setting], float] | None = None

    def verdict(self, value: float, setting: Setting) -> str:
        goal = self.theory(setting)
        if goal is None or self.ladder is None:
            most = (self.possible or _rank)(setting)
            return f"{value / most:.0%} of what is possible" if self.relative and most else ""
        distance = value / goal if self.relative and goal else abs(value - goal)
        return self.ladder.verdict(distance)

    def reason(self, setting: Setting) -> str:
        """The formula of the theory value there is: where C−1 modes have no room, what has none is why."""
        goal = self.theory(setting)
        if goal is None:
            return ""
        if "mean" in self.formula and goal == setting.classes - 1:
            return "C−1"
        if self.formula.startswith("C−1") and goal < setting.classes - 1 + (
            self.theory is _modes_and_mean and setting.offset
        ):
            return "d" if goal == setting.dim else "columns of the outputs"
        return self.formula

    def tolerance(self, setting: Setting) -> float | None:
        """How far from its theory value the number may be and still count as met; None where that is not said."""
        goal = self.theory(setting)
        if goal is None or self.ladder is None or self.ladder.within is None:
            return None
        return self.ladder.within * (goal if self.relative and goal else 1.0)


def sphere_uniformity(dim: int, t: float = UNIFORMITY_T) -> float:
    """Uniformity of points that are spread over the whole sphere, the least in the limit of many points.

    ln E exp(-t |x - y|^2) = -2t + ln 0F1(; d/2; t^2), x and y uniform on the unit sphere of R^d, from
    E exp(2t <x, y>) = 0F1(; d/2; t^2). dim >= 1 -> () <= 0. Source: Wang & Isola 2020, Prop. 1.
    """
    return float(np.log(scipy.special.hyp0f1(dim / 2, t * t))) - 2 * t


def _none(_: Setting) -> None:
    return None


def _zero(_: Setting) -> float:
    return 0.0


def _modes(setting: Setting) -> float | None:
    return float(min(setting.classes - 1, setting.dim)) if setting.classes > 1 else None


def _modes_and_mean(setting: Setting) -> float | None:
    return float(min(setting.classes - 1 + setting.offset, setting.dim)) if setting.classes > 1 else None


def _cosine(setting: Setting) -> float | None:
    return -1 / (setting.classes - 1) if _simplex(setting) is not None else None


def _simplex(setting: Setting) -> float | None:
    """0, where a simplex of so many class means has room, C - 1 <= d, and two of them are not always one."""
    return 0.0 if 2 < setting.classes <= setting.dim + 1 else None


def _equal(setting: Setting) -> float | None:
    """0, where there are more class means than two, whose centre makes them equal."""
    return 0.0 if setting.classes > 2 else None


def welch_floor(setting: Setting) -> float | None:
    """sqrt((C - d')/(d'(C - 1))), d' = min(d, C - 1): `codes.welch_floor` of centred class means."""
    if setting.classes < 3:
        return None
    classes, dim = setting.classes, min(setting.dim, setting.classes - 1)
    return float(((classes - dim) / (dim * (classes - 1))) ** 0.5)


def _output_rank(setting: Setting) -> float | None:
    return float(min(setting.classes - 1, setting.outputs)) if setting.classes > 1 else None


def _rank(setting: Setting) -> float:
    return float(min(setting.dim, setting.points - 1))


INFINITY = float("inf")
MODES = Ladder(
    ((0.5, "too few modes"), (0.9, "some modes are missing"), (1.1, "as theory says"), (INFINITY, "more modes")), 0.1
)
COLLAPSE = Ladder(
    ((0.01, "collapsed"), (0.1, "nearly collapsed"), (0.5, "in clusters"), (INFINITY, "not collapsed")), 0.01
)
SCALED = Ladder(((0, "collapsed"), (INFINITY, "judge it by its course")), 0.0)
DEAD = Ladder(((0, "none"), (INFINITY, "dead features")), 0.0)
FIT = Ladder(((0.01, "met"), (0.1, "close"), (INFINITY, "far")), 0.01)

ENTRIES = (
    Entry("classes_present", "classes that have points", _none, ""),
    Entry("participation_ratio", "modes that share the variance, by its squares", _modes, "C−1", MODES, relative=True),
    Entry("entropy_rank", "modes that share the variance, by entropy", _modes, "C−1", MODES, relative=True),
    Entry(
        "effective_dimension",
        "one and the entropy rank of the rest, uncentred",
        _modes_and_mean,
        "C−1 + mean",
        MODES,
        True,
    ),
    Entry(
        "numerical_rank",
        "directions with more than rounding in them",
        _rank,
        "min(d, N−1)",
        Ladder(((0.5, "more than half are empty"), (0.999, "some are empty"), (INFINITY, "full"))),
        relative=True,
    ),
    Entry("constant_columns", "features that never change", _zero, "0", DEAD),
    Entry(
        "within_class_variance",
        "mean squared distance to the class mean; depends on their scale",
        _zero,
        "0",
        SCALED,
    ),
    Entry("within_between_ratio", "spread within classes over that between, NC1", _zero, "0", COLLAPSE),
    Entry("collapse_ratio", "share of the variance within classes", _zero, "0", COLLAPSE),
    Entry("nc1", "the same, direction by direction: Tr Σ_B⁺Σ_W", _zero, "0", COLLAPSE),
    Entry("nc1_ridge", "with a ridge of 1e-4; depends on the scale of the features", _zero, "0", SCALED),
    Entry("class_cosine_largest", "cosine of the two class means closest to each other", _cosine, "−1/(C−1)", FIT),
    Entry("class_cosine_spread", "standard deviation of all such cosines: equiangular at 0, NC2", _simplex, "0", FIT),
    Entry("class_cosine_error", "distance from −1/(C−1) of the cosine that is farthest", _simplex, "0", FIT),
    Entry("norm_variation", "spread of the class means' lengths: equinorm at 0, NC2", _equal, "0", FIT),
    Entry("class_simplex_error", "distance of the class means from a simplex", _simplex, "0", FIT),
    Entry("class_coherence", "largest |cosine| of two class means", welch_floor, "Welch floor", FIT),
    Entry("class_welch_gap", "how far that is above the Welch floor", _equal, "0", FIT),
    Entry(
        "low_rank_measure",
        "D_LR: 0 if features hold only what outputs need",
        _zero,
        "0",
        Ladder(((0.05, "rich"), (0.3, "fairly rich"), (INFINITY, "lazy")), 0.05),
    ),
    Entry(
        "output_rank",
        "directions that the outputs span",
        _output_rank,
        "C−1",
        MODES,
        relative=True,
        possible=lambda setting: float(min(setting.outputs, setting.points - 1)),
    ),
    Entry("quality_dimension", "eigenfunctions that hold the targets", _modes, "C−1", MODES, relative=True),
    Entry("utilization_dimension", "eigenfunctions that the outputs use", _modes, "C−1", MODES, relative=True),
    Entry(
        "alignment",
        "mean squared distance of two points of a class, unit length",
        _zero,
        "0",
        Ladder(((0.02, "aligned"), (0.2, "nearly aligned"), (INFINITY, "apart")), 0.02),
        sampled=True,
    ),
    Entry(
        "uniformity",
        "ln of the mean Gaussian potential, unit length",
        lambda setting: sphere_uniformity(setting.dim),
        "−2t + ln ₀F₁(d/2; t²)",
        Ladder(((0.05, "spread over the sphere"), (1.0, "partly spread"), (INFINITY, "bunched")), 0.05),
        sampled=True,
    ),
)

__all__ = ["ENTRIES", "Entry", "Setting", "sphere_uniformity", "welch_floor"]
