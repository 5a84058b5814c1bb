"""How many modes a graded label kernel needs: its Gram of rank d, d on a dial, against Eckart & Young's optimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive, share
from render.metrics import kernels, linear_algebra
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Insets, Panel, Readout
from render.picture.panels.heatmap import Heatmap
from render.picture.panels.history import Curve, History
from render.picture.panels.readouts import Readouts
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

RESOLVED = 1e-6  # share of the largest entry below which float32 resolves nothing
DIGITS = 6  # an alignment of 1 - 10^-DIGITS or more is complete


@dataclass(frozen=True, kw_only=True)
class MdsReconstruction(Config):
    """A graded kernel and a dial of ranks.

    width: of the kernel, in classes; rest: share of the way from one rank to the next during which the rank stays.
    """

    steps: int = 79
    classes: int = between(10, 3, 16)
    width: float = positive(2.6, low=1e-2, high=1e2)
    rest: float = share(0.35, high=0.99)


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


def derive(
    config: MdsReconstruction,
    *,
    target: np.ndarray,
    weights: np.ndarray,
    gram: np.ndarray,
    error: np.ndarray,
    alignment: np.ndarray,
) -> dict[str, np.ndarray]:
    target, weights = target.astype(np.float64), weights.astype(np.float64)
    energies = np.linalg.eigvalsh(target)[::-1] ** 2
    energies /= energies.sum()
    tail = (1 - weights) ** 2 @ energies  # for weights 0 and 1: Eckart & Young's squared error
    whole = (weights % 1 == 0).all(axis=1)
    ranks = weights.sum(axis=1)
    off_error = np.abs(error.astype(np.float64) ** 2 - tail)
    off_alignment = np.abs(alignment - np.sqrt(1 - np.minimum(tail, 1)))
    full = ranks >= config.classes - 1  # a centred kernel has rank C - 1: no mode is left
    missing = target - gram
    largest = np.abs(missing).max(axis=(1, 2))
    return {
        "missing": missing / np.maximum(largest, RESOLVED * 10 * np.abs(target).max())[:, None, None],
        "largest_missing": largest,
        "eckart_young": np.maximum(np.sqrt(tail), RESOLVED),
        "alignment_theory": np.sqrt(1 - np.minimum(tail, 1)),
        "ranks_shown": np.float64(len(np.unique(ranks[whole]))),
        "error_off": off_error[whole].max(),
        "alignment_off": off_alignment[whole].max(),
        "full_error": error[full].max(),
        "full_alignment": alignment[full].min(),
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


def panels(config: MdsReconstruction, goals: Goals) -> tuple[Panel, ...]:
    last = config.classes - 1
    square = Insets(left=14, right=40, bottom=34)
    return (
        Heatmap(
            title="double-centred kernel",
            values="target",
            key=True,
            insets=square,
            caption=f"to rebuild: {config.classes} by {config.classes} classes",
        ),
        Heatmap(
            title="its first modes: rank d", values="gram", key=True, insets=square, caption="the next mode fades in"
        ),
        Heatmap(
            title="what is missing",
            values="missing",
            insets=Insets(left=14, right=14, bottom=34),
            caption="magnified to its largest entry",
        ),
        Readouts(
            title="what rank d keeps",
            readouts=(
                Readout("rank d", "budget", "{:.2f}", note=f"1 to {config.classes}"),
                Readout("relative error", "error", "{:.5f}", goals["error"]),
                Readout("Eckart–Young", "eckart_young", "{:.5f}"),
                Readout("alignment", "alignment", "{:.6f}", goals["aligned"], f"≥ 1 − 1e-{DIGITS}"),
                Readout("√(1 − error²)", "alignment_theory", "{:.6f}"),
                Readout("largest entry missing", "largest_missing", "{:.5f}"),
            ),
        ),
        Bars(
            title="eigenvalues, spent ones filled",
            series=(Heights("eigenvalues", "rest"), Heights("spent")),
            overlay=True,
            x_axis=Axis(f"mode; the last is zero: the kernel is centred, its rank is {last}"),
            y_axis=Axis(scale="log", floor=1e-5),
        ),
        History(
            title="relative error of the Gram over rank",
            curves=(Curve("mean_centred_error", "third"), Curve("error", "accent", theory="eckart_young")),
            x="budget",
            x_axis=Axis(f"rank d; dashed: at whole ranks the least possible (down to {RESOLVED:g})"),
            y_axis=Axis(scale="log", floor=RESOLVED),
            readouts=(
                Readout("double-centred", "error", "{:.4f}", goals["error"], "", colour="accent"),
                Readout("overall mean only", "mean_centred_error", "{:.4f}", colour="third"),
            ),
            readout_columns=2,
        ),
    )


SCENE = Scene(
    name="mds-reconstruction",
    title="Few modes rebuild a graded label kernel",
    subtitle="{classes} ordered classes, rank d on a dial: at whole ranks the error is Eckart and Young's least",
    alt="A graded kernel of {classes} classes is rebuilt mode by mode beside the original: the relative error follows "
    "the optimum of Eckart and Young down to {error:.6f} at full rank, while centring by the overall mean alone stops "
    "at {mean_centred_error:.3f}.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, reconstruction from the spectrum; Eckart & Young 1936; "
    "Torgerson 1952 (classical scaling)",
    output="mds-reconstruction",
    layout=("abcd", "eeff"),
    widths=(1, 1, 0.9, 1.12),
    heights=(1.12, 1),
    config=MdsReconstruction,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
