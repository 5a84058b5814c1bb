"""Theory of the audit's numbers: what each should be at the end of training, and what its distance from that says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps

import jax
import numpy as np
import scipy.special

from render.audit.ladders import Goal
from render.metrics import codes, dimension, spectrum

UNIFORMITY_T = 2.0
CLASSIFIER, CONTRASTIVE, TABLE = GOALS = ("classifier", "contrastive", "table")
MOST_CORNERS = 1024  # of a simplex whose spectrum is taken
ISOTROPIC = "of isotropic noise's"


@dataclass(frozen=True)
class Setting:
    """Setting that theory depends on: numbers of points, dimensions, outputs, classes with points (0 without labels).

    `offset`: the mean of all points is longer than any principal deviation from it, so that it is a mode of its own in
    the uncentred spectrum. `goal`: what the run claims to become, one of GOALS. `shares`: of the points in each class,
    largest first, where they differ.
    """

    points: int
    dim: int
    classes: int
    outputs: int = 0
    offset: bool = True
    goal: str = CLASSIFIER
    shares: tuple[float, ...] = ()


Theory = Callable[[Setting], Goal | None]


def none(_: Setting) -> None:
    """No theory says what the number should be."""


def claimed_by(*goals: str) -> Callable[[Theory], Theory]:
    """A theory that is only of runs that claim one of some goals."""

    def limited(theory: Theory) -> Theory:
        @wraps(theory)
        def found(setting: Setting) -> Goal | None:
            return theory(setting) if setting.goal in goals else None

        return found

    return limited


def zero(_: Setting) -> Goal:
    return Goal(0.0, "0")


def one(_: Setting) -> Goal:
    return Goal(1.0, "1")


collapsed = claimed_by(CLASSIFIER)(zero)
agreed = claimed_by(CLASSIFIER)(one)
aligned = claimed_by(CLASSIFIER, CONTRASTIVE)(zero)
found = claimed_by(CONTRASTIVE)(one)

no_direction = claimed_by(CONTRASTIVE, TABLE)(zero)


@claimed_by(CLASSIFIER)
def simplex(setting: Setting) -> Goal | None:
    """0, for three class means or more that have room for a simplex, C - 1 <= d; two of them always are one."""
    return zero(setting) if 2 < setting.classes <= setting.dim + 1 else None


@claimed_by(CLASSIFIER)
def equal(setting: Setting) -> Goal | None:
    """0, for three class means or more; two, less their centre, are opposite and equally long whatever they are."""
    return zero(setting) if setting.classes > 2 else None


def simplex_cosine(setting: Setting) -> Goal | None:
    """-1/(C - 1), where `simplex` has room."""
    return Goal(-1 / (setting.classes - 1), "−1/(C−1)") if simplex(setting) else None


def simplex_energy(setting: Setting) -> Goal | None:
    """-1/2 ln(2C/(C - 1)), where `simplex` has room: the logarithm of the distance of two corners."""
    if not simplex(setting):
        return None
    return Goal(-0.5 * float(np.log(2 * setting.classes / (setting.classes - 1))), "−½ ln(2C/(C−1))")


def simplex_riesz_energy(setting: Setting) -> Goal | None:
    """sqrt((C - 1)/(2C)), where `simplex` has room: one over the distance of two corners."""
    if not simplex(setting):
        return None
    return Goal(float(np.sqrt((setting.classes - 1) / (2 * setting.classes))), "√((C−1)/2C)")


@claimed_by(CLASSIFIER)
def modes(setting: Setting) -> Goal | None:
    """C - 1 modes, which centred class means span, or the d that there are."""
    return _at_most(setting.classes - 1, "C−1", setting.dim, "d") if setting.classes > 1 else None


def participation(setting: Setting) -> Goal | None:
    """That of a simplex at these shares of the classes; of isotropic noise for a run that claims no classes."""
    if setting.goal == CLASSIFIER:
        return _of_simplex(setting, 0)
    value = _as_float(dimension.isotropic_participation, setting.points, setting.dim)
    return Goal(value, "(N−1)d/(N+d)", ISOTROPIC)


def entropy_rank(setting: Setting) -> Goal | None:
    """That of a simplex at these shares of the classes; of isotropic noise for a run that claims no classes."""
    if setting.goal == CLASSIFIER:
        return _of_simplex(setting, 1)
    value = _as_float(dimension.isotropic_entropy_rank, setting.points, setting.dim)
    return Goal(value, "m exp(−m/2M)", ISOTROPIC)


def _of_simplex(setting: Setting, which: int) -> Goal | None:
    """What centred class means span: C - 1 modes, or the d that there are; fewer where classes differ in size."""
    if setting.shares and 1 < setting.classes <= min(setting.dim + 1, MOST_CORNERS):
        return Goal(simplex_ranks(setting.shares)[which], "simplex at these shares")
    return modes(setting)


@claimed_by(CLASSIFIER)
def modes_and_mean(setting: Setting) -> Goal | None:
    """One mode more than `modes`, where nothing is centred and the mean of all points is long enough for one."""
    if setting.shares and 1 < setting.classes <= min(setting.dim, MOST_CORNERS):
        ranks = simplex_ranks(setting.shares)
        value = 1 + ranks[1] if setting.offset else ranks[2]
        return Goal(value, "simplex at these shares" + " + mean" * setting.offset)
    if setting.offset and modes(setting) and setting.dim >= setting.classes:
        return Goal(float(setting.classes), "C−1 + mean")
    return modes(setting)


@cache
def simplex_ranks(shares: tuple[float, ...]) -> tuple[float, float, float]:
    """Participation ratio and entropy rank of `codes.simplex_spectrum`; effective dimension of the uncentred one."""
    with jax.enable_x64(True):
        found = _simplex_ranks(np.array(shares))
        return tuple(map(float, found))  # type: ignore[return-value]


@jax.jit
def _simplex_ranks(shares: jax.Array) -> tuple[jax.Array, ...]:
    centred, plain = codes.simplex_spectrum(shares), codes.simplex_spectrum(shares, centred=False)
    ranks = spectrum.participation_ratio(centred), spectrum.entropy_rank(centred)
    return (*ranks, spectrum.effective_dimension(plain))


@cache
def _as_float(formula: Callable[[int, int], jax.Array], *values: int) -> float:
    with jax.enable_x64(True):
        return float(jax.jit(formula)(*map(float, values)))


@claimed_by(CLASSIFIER)
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


@claimed_by(CLASSIFIER)
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


@claimed_by(CONTRASTIVE, TABLE)
def sphere(setting: Setting) -> Goal:
    return Goal(sphere_uniformity(setting.dim), "−2t + ln ₀F₁(d/2; t²)")
