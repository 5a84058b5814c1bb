"""Task alignment: regression that learns some directions first, on a target that lies in these or in the last ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import spectrum
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

from .. import toys
from .task_alignment_picture import BETTER, FALLING, START, STORY, TARGETS, WORSE, panels

FIRST = 4  # samples from which errors are judged: with fewer, their mean over the draws says little
MANY = 16  # samples from which each direction's share is judged
GROUPS = 10  # of directions, as many as bars can be told apart
HARMED = 1.2  # error from which one sees that it is worse than knowing nothing


@dataclass(frozen=True, kw_only=True)
class TaskAlignment(Config):
    """Regression without ridge on Gaussian features, one sample more a step.

    dim: number of directions; exponent: their strengths are k^-exponent. draws: independent sets of samples.
    """

    hold_ms: int = 3000
    frames: int = 81
    steps: int = 80
    dim: int = between(100, 20, 400, of=GROUPS)
    exponent: float = between(1.5, 0.0, 3.0)
    draws: int = between(128, 2, 512)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("steps", self.steps < self.dim, "less than dim: samples stay fewer than directions")


class State(NamedTuple):
    """rows (draws, samples, dim), standard normal; projection (draws, dim, dim), onto the features of those seen."""

    samples: Any
    rows: Any
    projection: Any


def strengths(config: TaskAlignment) -> Any:
    """Eigenvalues of the features, (dim,), largest first."""
    return jnp.arange(1.0, config.dim + 1) ** -config.exponent


def coefficients(config: TaskAlignment) -> dict[str, Any]:
    """Targets of length 1 by name, (dim,): their squares fall as the strengths do, or rise as these fall."""
    early = jnp.sqrt(strengths(config) / jnp.sum(strengths(config)))
    return dict(zip(TARGETS, (early, early[::-1]), strict=True))


def init(config: TaskAlignment, key: Any) -> State:
    (rows,) = toys.normals(key, (config.draws, config.steps, config.dim))
    return State(jnp.int32(0), rows, jnp.zeros((config.draws, config.dim, config.dim)))


def step(config: TaskAlignment, state: State) -> State:
    """One sample more in every draw: what is new in its features is added to the projection (Gram and Schmidt)."""
    features = jnp.sqrt(strengths(config)) * state.rows[:, state.samples]
    new = features
    for _ in range(2):  # once leaves what float32 rounds off large directions
        new = new - jnp.einsum("dij,dj->di", state.projection, new)
    unit = new / jnp.linalg.norm(new, axis=1, keepdims=True)
    return state._replace(samples=state.samples + 1, projection=state.projection + unit[:, :, None] * unit[:, None, :])


def measure(config: TaskAlignment, state: State) -> dict[str, Any]:
    """Shares learned of every direction, (dim,); errors, and what is answered, as lengths in groups of directions.

    The answer to a target c is M c, M = D^1/2 P D^-1/2, of the projection P and the strengths D, and its error is
    |c - M c|^2; a direction's share is M_kk. Both are means over the draws.
    """
    values, some = strengths(config), jnp.maximum(state.samples, 1)  # of no samples, no law speaks
    root = jnp.sqrt(values)
    diagonal = jnp.diagonal(state.projection, axis1=1, axis2=2)
    found: dict[str, dict[str, Any]] = {"error": {}, "expected_error": {}, "answer": {}}
    for name, target in coefficients(config).items():
        answer = root * (state.projection @ (target / root))
        found["error"][name] = jnp.mean(jnp.sum((target - answer) ** 2, axis=1))
        expected = spectrum.generalization_error(values, target, some)
        found["expected_error"][name] = jnp.where(state.samples > 0, expected, jnp.sum(target**2))
        found["answer"][name] = grouped(jnp.sqrt(jnp.mean(answer**2, axis=0)))
    return {
        "samples": state.samples,
        "trace_off": jnp.abs(jnp.sum(diagonal, axis=1) - state.samples).max() / some,
        "learned": diagonal.mean(axis=0),
        "expected_learned": jnp.where(state.samples > 0, spectrum.learnability(values, some), 0.0),
        **found,
    }


def grouped(lengths: Any) -> Any:
    """Lengths in groups of neighbouring directions: (dim,) -> (GROUPS,)."""
    return jnp.sqrt(jnp.sum(lengths.reshape(GROUPS, -1) ** 2, axis=1))


def raw(config: TaskAlignment, state: State) -> dict[str, Any]:
    return {"rows": state.rows}


def constants(config: TaskAlignment, state: State) -> dict[str, Any]:
    return {"target": {name: grouped(target) for name, target in coefficients(config).items()}}


def derive(
    config: TaskAlignment,
    *,
    samples: np.ndarray,
    error: dict[str, np.ndarray],
    expected_error: dict[str, np.ndarray],
    learned: np.ndarray,
    expected_learned: np.ndarray,
) -> dict[str, Any]:
    """ratio: errors over what is expected, from FIRST samples on. better_from: samples from which on the late target's
    error stays below 1.
    """
    late = error["late"].astype(np.float64)
    off = np.abs(learned.astype(np.float64) - expected_learned).max(axis=1)
    peak, harmed = int(late.argmax()), late >= 1
    better = int(np.flatnonzero(harmed)[-1]) + 1 if harmed.any() else 0
    frames = np.arange(config.frames)
    worse = np.maximum.accumulate(late >= HARMED)
    return {
        "ratio": {name: judged(error[name].astype(np.float64) / expected_error[name], samples) for name in TARGETS},
        "learned_off": off[samples >= MANY].max(initial=0.0),
        "worst": late.max(),
        "better_from": np.float64(samples[min(better, config.frames - 1)]),
        "state": np.select([frames >= better, worse & (frames > peak), worse], [BETTER, FALLING, WORSE], START),
        "along": np.linspace(0, 1, config.frames),
        "direction": np.arange(1.0, config.dim + 1),
        "group": (np.arange(GROUPS) + 0.5) * config.dim / GROUPS + 0.5,
    }


def judged(ratio: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """1 where there are fewer samples than FIRST. ratio, samples (frames,) -> (frames,)."""
    return np.where(samples >= FIRST, ratio, 1.0)


def targets(config: TaskAlignment) -> Goals:
    law, share = "arXiv 2410.04264v3, Eq. 16", "arXiv 2410.04264v3, Eq. 15"
    return {
        "trace": Target(
            "shares learned, sum over samples − 1, any draw", "trace_off", "at most", 1e-4, "tr M = n", at="every"
        ),
        "early": Target("early: error over Eq. 16", "ratio/early", "within", 1, law, tolerance=0.2, at="every"),
        "late": Target("late: error over Eq. 16", "ratio/late", "within", 1, law, tolerance=0.1, at="every"),
        "learned": Target(f"share learned, off Eq. 15, n ≥ {MANY}", "learned_off", "at most", 0.06, share),
        "worst": Target(
            "late: largest error", "worst", "at least", 1.5, f"{law}: 1.64 at n = 26", read_off=("error/late",)
        ),
    }


SCENE = Scene(
    name="task-alignment",
    title="More data first hurts, if a task is learned last",
    subtitle="regression without ridge on {dim} Gaussian features of strengths k^−{exponent:g}, {draws} draws",
    alt="The error of a regression on two targets as samples grow to {samples}: on the one that lies in what it learns "
    "first it falls at once, to {error/early:.2f}; on the one in what it learns last it rises to {worst:.2f}, "
    "where knowing nothing has 1, and ends at {error/late:.2f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Eq. 15 and 16 (task-model alignment)",
    output="richness/task-alignment",
    message="Where a task lies in what a model learns last, more data first makes it worse than knowing nothing.",
    look_for="One curve falls at once; the other rises above the level of knowing nothing, while answers grow where "
    "its task has nothing.",
    formulas=(
        ("share of a strength that n samples learn", r"L_k = \frac{\rho_k}{\rho_k + \kappa}, \quad \sum_k L_k = n"),
        ("error that is left", r"\frac{\sum_k \left( 1 - L_k \right)^2 c_k^2}{1 - \frac{1}{n} \sum_k L_k^2}"),
    ),
    group="richness",
    story=STORY,
    config=TaskAlignment,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    step_name="sample",
    panels=panels,
    targets=targets,
)
