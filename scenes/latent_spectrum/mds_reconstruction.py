"""How many modes a graded label kernel needs: its Gram of rank d, d on a dial, against Eckart & Young's optimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive, share
from render.metrics import kernels, linear_algebra
from render.scene import Config, Scene, strictly
from render.target import Goals, Target

from .mds_reconstruction_picture import NAMED, STORY, panels, standing

PACE = (12.0, 11.0, 10.0, 1.0)  # frames from one rank to the next, relative: the first modes, and each that follows
DIGITS = 6  # an alignment of 1 - 10^-DIGITS or more is complete


@dataclass(frozen=True, kw_only=True)
class MdsReconstruction(Config):
    """A graded kernel and a dial of ranks.

    width: of the kernel, in classes; rest: share of the way from one rank to the next during which the rank stays.
    """

    hold_ms: int = 3000
    steps: int = 1800
    classes: int = between(10, 3, 16)
    width: float = positive(2.6, low=1e-2, high=1e2)
    rest: float = share(0.05, high=0.99)


class State(NamedTuple):
    notch: Any
    kernel: Any


def init(config: MdsReconstruction, key: Any) -> State:
    return State(jnp.zeros((), int), kernels.graded_kernel(config.classes, config.width))


def step(config: MdsReconstruction, state: State) -> State:
    return state._replace(notch=state.notch + 1)


def budget_at(config: MdsReconstruction, notch: Any) -> Any:
    """Rank from 1 to C: stays at each whole number for a while, then rises as the next mode fades in."""
    rank = 1 + (config.classes - 1) * (notch / config.steps)
    whole = jnp.floor(rank)
    return whole + jnp.clip((rank - whole - config.rest) / (1 - config.rest), 0, 1)


def measure(config: MdsReconstruction, state: State) -> dict[str, Any]:
    target = kernels.double_centre(state.kernel)
    budget = budget_at(config, state.notch)
    weights = jnp.clip(budget - jnp.arange(config.classes), 0, 1)
    gram = kernels.low_rank_gram(target, weights)
    eigenvalues = linear_algebra.eigvalsh(target)[::-1]
    # with only its overall mean subtracted the kernel has a negative eigenvalue, which no Gram of codes can have
    mean_centred = state.kernel - state.kernel.mean()
    positive = linear_algebra.eigvalsh(mean_centred)[::-1] > 0
    return {
        "budget": budget,
        "weights": weights,
        "gram": gram,
        "error": kernels.gram_error(gram, target),
        "alignment": kernels.kernel_alignment(gram, target),
        "eigenvalues": eigenvalues,
        "spent": weights * eigenvalues,
        "mean_centred_error": kernels.gram_error(kernels.low_rank_gram(mean_centred, weights * positive), mean_centred),
    }


def raw(config: MdsReconstruction, state: State) -> dict[str, Any]:
    """kernel (classes, classes): before it is centred."""
    return {"kernel": state.kernel}


def constants(config: MdsReconstruction, state: State) -> dict[str, Any]:
    return {"target": kernels.double_centre(state.kernel)}


def schedule(config: MdsReconstruction) -> np.ndarray:
    """Notches of the frames, (frames,): the first modes come slowly, as PACE says, and every whole rank has a frame."""
    gaps = config.classes - 1
    pace = np.array([PACE[min(gap, len(PACE) - 1)] for gap in range(gaps)])
    frames = np.concatenate([[0.0], np.cumsum(pace)]) / pace.sum()
    risen = np.interp(np.linspace(0, 1, config.frames), frames, np.arange(gaps + 1))
    for whole in range(1, gaps):
        risen[np.abs(risen - whole).argmin()] = whole + config.rest / 4
    risen[[0, -1]] = 0, gaps
    return strictly(np.maximum.accumulate(risen) / gaps * config.steps, config)


def derive(
    config: MdsReconstruction, *, target: np.ndarray, weights: np.ndarray, error: np.ndarray, alignment: np.ndarray
) -> dict[str, Any]:
    target, weights = target.astype(np.float64), weights.astype(np.float64)
    values, vectors = (part[..., ::-1] for part in np.linalg.eigh(target))
    energies = values**2 / (values**2).sum()
    tail = (1 - weights) ** 2 @ energies  # for weights 0 and 1: Eckart & Young's squared error
    whole = (weights % 1 == 0).all(axis=1)
    ranks = weights.sum(axis=1)
    off_error = np.abs(error.astype(np.float64) ** 2 - tail)
    off_alignment = np.abs(alignment - np.sqrt(1 - np.minimum(tail, 1)))
    full = ranks >= config.classes - 1  # a centred kernel has rank C - 1: no mode is left
    least = np.sqrt(np.maximum(1 - np.cumsum(energies), 0))[: len(NAMED)]
    return {
        "mode": {str(k): values[k] * np.outer(vectors[:, k], vectors[:, k]) for k in range(config.classes)},
        "added": {str(k): np.repeat(weights[:, k, None], 4, axis=1) for k in range(config.classes)},
        "missing": error[:, None],
        "bar": np.zeros(1),
        "state": np.minimum((weights == 1).sum(axis=1), len(STORY.names)) - 1,
        "ranks_shown": np.float64(len(np.unique(ranks[whole]))),
        "error_off": off_error[whole].max(),
        "alignment_off": off_alignment[whole].max(),
        "full_error": error[full].max(),
        "full_alignment": alignment[full].min(),
        **standing(least),
    }


def targets(config: MdsReconstruction) -> Goals:
    """Targets on one seed each, since nothing is random."""
    tail, least = "Eckart & Young 1936: Σ_{k>d} λ_k² / Σ λ_k²", "rank C−1 is all of a centred kernel"
    whole = 1 - 10**-DIGITS
    return {
        "ranks": Target("ranks shown whole", "ranks_shown", "at least", config.classes, "d = 1 .. C", seeds=1),
        "least_error": Target("error² off Eckart–Young, any rank", "error_off", "at most", 1e-5, tail, seeds=1),
        "best_aligned": Target(
            "alignment off √(1 − error²), any rank", "alignment_off", "at most", 1e-5, tail, seeds=1
        ),
        "centred_error": Target("error from rank C−1 on", "full_error", "at most", 1e-5, least, seeds=1),
        "centred_aligned": Target("alignment from rank C−1 on", "full_alignment", "at least", whole, least, seeds=1),
        "error": Target("error at rank C", "error", "at most", 1e-5, least, seeds=1),
        "aligned": Target("alignment at rank C", "alignment", "at least", whole, least, seeds=1),
    }


SCENE = Scene(
    name="mds-reconstruction",
    title="A few patterns rebuild the table, each weaker than the last",
    subtitle="{classes} ordered classes, rank d on a dial: at whole ranks the error is Eckart and Young's least",
    alt="A table of how alike {classes} ordered classes are, and beside it the same table rebuilt from its patterns "
    "(modes), strongest first: what is missing shrinks along a bar onto the least that is possible, and is {error:.6f} "
    "of the table in the end.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, reconstruction from the spectrum; Eckart & Young 1936; "
    "Torgerson 1952 (classical scaling)",
    output="mds-reconstruction",
    message="A table of similarities is the sum of simple patterns, each weaker than the one before: four of them "
    "rebuild it.",
    look_for="Each pattern that is added, in a frame below, brings the right table nearer to the left one, and the bar "
    "of what is missing shrinks to the next dashed line.",
    formulas=(("least squared error at rank d", r"\frac{\sum_{k > d} \lambda_k^2}{\sum_k \lambda_k^2}"),),
    group="spectrum",
    story=STORY,
    config=MdsReconstruction,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
