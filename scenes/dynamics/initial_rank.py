"""First weights of equal size and different rank: how far the direction that a network uses must turn to its task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import kernels, single_output
from render.metrics.linear_algebra import svd
from render.metrics.orders import relative_error
from render.scene import Config, Scene, last_frame_by, stretched_schedule
from render.target import Goals, Target

from .. import flows, toys
from .initial_rank_dials import ARMS, pictured
from .initial_rank_picture import STORY, panels

INPUTS = 16
FRAMES = (0, 12, 26, 40, 48, 52, 64)  # numbers of frames, and the shares of the run at which they are: evenly between,
SHARES = (0.0, 0.0165, 0.045, 0.1, 0.16, 0.25)  # and slower as the turning slows down
SEEN = SHARES[-1]  # later nothing turns any more


@dataclass(frozen=True, kw_only=True)
class InitialRank(Config):
    """Networks y = a'Wx of 16 inputs that learn one direction by gradient flow, from first weights of several ranks.

    hidden: units. size: Frobenius norm of the first weights; length: of the direction to be learned. dt: time of a
    step.
    """

    frames: int = 65
    frame_ms: int = 80
    hold_ms: int = 3000
    steps: int = 4000
    hidden: int = between(32, INPUTS, 512)
    size: float = positive(4.0, high=20.0, low=1e-2)
    length: float = positive(4.0, high=20.0, low=1e-2)
    dt: float = positive(0.01, high=0.1, low=1e-5)


class State(NamedTuple):
    """flow: weights (arms, hidden, inputs) and readout (arms, hidden); weights_start, as weights.

    parts (inputs, inputs): the directions of which starts are made, as columns; target (inputs,).
    """

    flow: tuple[Any, Any]
    weights_start: Any
    parts: Any
    target: Any


def init(config: InitialRank, key: Any) -> State:
    """Every start of rank r has r of the sixteen parts of the target; the last one has the target as its direction."""
    draw, signs = jax.random.fold_in(key, 0), jax.random.fold_in(key, 1)
    tall, square = toys.normals(draw, (config.hidden, INPUTS), (INPUTS, INPUTS))
    units, parts = orthonormal(tall), orthonormal(square)
    towards = parts @ (2.0 * jax.random.bernoulli(signs, shape=(INPUTS,)) - 1) / INPUTS**0.5
    starts = []
    for arm, rank in ARMS.items():
        directions = towards[:, None] if arm == "task" else parts[:, :rank]
        starts.append(config.size / rank**0.5 * units[:, :rank] @ directions.T)
    weights = jnp.stack(starts)
    return State((weights, jnp.zeros((len(ARMS), config.hidden))), weights, parts, config.length * towards)


def orthonormal(draw: Any) -> Any:
    """The matrix with orthonormal columns that is nearest to a draw: U V' of its U diag(s) V'."""
    left, _, right = svd(draw)
    return left @ right


def velocity(target: Any, flow: tuple[Any, Any]) -> tuple[Any, Any]:
    """Down |W'a - b|^2/2: dW/dt = a (b - W'a)', da/dt = W (b - W'a), for every arm."""
    weights, readout = flow
    left = target - jnp.einsum("khi,kh->ki", weights, readout)
    return readout[:, :, None] * left[:, None, :], jnp.einsum("khi,ki->kh", weights, left)


def step(config: InitialRank, state: State) -> State:
    return state._replace(flow=flows.rk4(lambda flow: velocity(state.target, flow), state.flow, config.dt))


def measure(config: InitialRank, state: State) -> dict[str, Any]:
    """Of each arm: the kernel, the direction that it uses, and what is kept on the way."""
    found = jax.vmap(lambda *arm: measured(state.target, *arm))(*state.flow, state.weights_start)
    return {
        "loss": jnp.sum((state.target - jnp.einsum("khi,kh->ki", *state.flow)) ** 2) / (2 * len(ARMS)),
        **found,
    }


def measured(target: Any, weights: Any, readout: Any, start: Any) -> dict[str, Any]:
    """drive: m = W'u, the direction of the inputs that is used; u: the direction along which the readout grows."""
    along = start @ target / jnp.linalg.norm(start @ target)
    scale = jnp.linalg.norm(start.T @ along)
    first, seen = start.T @ start, start.T @ along / scale
    drive, strength = weights.T @ along, readout @ along
    kernel = single_output.tangent_kernel(weights, readout)
    end = single_output.kernel_at_end(first, scale, seen, target)
    kept = weights @ weights.T - jnp.outer(readout, readout) - start @ start.T
    return {
        "drive": drive,
        "seen": seen,
        "alignment": kernels.kernel_alignment(kernel, first),
        "end_alignment": kernels.kernel_alignment(end, first),
        "end_off": relative_error(kernel, end),
        "readout_off": jnp.abs(
            readout @ readout / single_output.readout_at_end(scale, jnp.linalg.norm(target)) ** 2 - 1
        ),
        "kept_off": jnp.max(jnp.abs(kept)),
        "form_off": relative_error(kernel, single_output.reduced_kernel(first, scale, seen, drive, strength)),
        "drive_kept_off": jnp.abs((drive @ drive - strength**2) / scale**2 - 1),
    }


def schedule(config: InitialRank) -> np.ndarray:
    return stretched_schedule(config, FRAMES, tuple(round(share * config.steps) for share in SHARES))


def shown(config: InitialRank) -> int:
    """The last frame in which anything is still to be seen."""
    return last_frame_by(SEEN * config.steps, schedule(config))


def constants(config: InitialRank, state: State) -> dict[str, Any]:
    return {"target": state.target, "parts": state.parts}


def raw(config: InitialRank, state: State) -> dict[str, Any]:
    return {"weights": state.flow[0], "readout": state.flow[1], "targets": state.target}


def derive(
    config: InitialRank,
    *,
    drive: np.ndarray,
    seen: np.ndarray,
    alignment: np.ndarray,
    end_alignment: np.ndarray,
    target: np.ndarray,
    parts: np.ndarray,
    step: np.ndarray,
) -> dict[str, Any]:
    """drive, seen (frames, arms, inputs); alignment (frames, arms) with the first kernel, end_alignment in theory."""
    found, expected = alignment.astype(np.float64), end_alignment[0].astype(np.float64)
    sixteen, four, one, task = found.T
    return {
        "kept": dict(zip(ARMS, found.T, strict=True)),
        "alignment_off": np.abs(found - expected),
        "unturned": np.minimum(sixteen, task),
        "apart": np.minimum(sixteen - four, four - one),
        "time": step * config.dt,
        **pictured(
            drive.astype(np.float64),
            seen[0].astype(np.float64),
            target.astype(np.float64),
            parts.astype(np.float64),
            found,
            expected,
        ),
    }


def targets(config: InitialRank) -> Goals:
    end = "K = W₀ᵀW₀ − σ²vvᵀ + bbᵀ/α² + α²I, α⁴ + σ²α² = |b|²"
    turned = "alignment with the first kernel: 0.984, 0.704, 0.110, 0.980 in closed form"
    return {
        "end": Target("kernel off its end, relative, worst arm", "end_off", "at most", 1e-3, end),
        "alignment": Target("alignment off its end, worst arm", "alignment_off", "at most", 1e-3, end),
        "readout": Target("|a|² off α², relative, worst arm", "readout_off", "at most", 1e-3, end),
        "kept": Target("WWᵀ − aaᵀ off its start", "kept_off", "at most", 1e-3, "kept by the flow", at="every"),
        "form": Target(
            "kernel off α and m alone, relative",
            "form_off",
            "at most",
            1e-3,
            "K = W₀ᵀW₀ − σ²vvᵀ + mmᵀ + α²I",
            at="every",
        ),
        "drive": Target(
            "|m|² − α² off its start, relative", "drive_kept_off", "at most", 1e-4, "kept by the flow", at="every"
        ),
        "unturned": Target("16 directions, or the task: least alignment", "unturned", "at least", 0.9, turned),
        "one": Target("1 direction: alignment", "kept/one", "at most", 0.5, turned),
        "apart": Target("alignment, 16 less 4 and 4 less 1, smaller", "apart", "at least", 0.1, turned),
    }


SCENE = Scene(
    name="initial-rank",
    title="The less of the task a start sees, the further it must turn",
    subtitle="y = aᵀWx, 16 white inputs, gradient flow from a = 0 and |W| = {size:g} in 16, 4, 1 directions, or in the "
    "task’s own",
    alt="Four dials whose hand is the direction of the inputs that a network uses, turning to that of its task: by "
    "{turned/four:.0f}° from a start in 4 directions, {turned/one:.0f}° from one, and not at all from 16, or where the "
    "one direction is the task; its kernel keeps an alignment of {kept/four:.2f}, {kept/one:.2f}, {kept/sixteen:.2f} "
    "and {kept/task:.2f} with the first.",
    post="Learning mechanics",
    source="How connectivity structure shapes rich and lazy learning, Liu et al. 2023, arXiv 2310.08513",
    output="dynamics/initial-rank",
    message="Of starts of equal size, those in few directions see little of a task, and have to turn far and give up "
    "their features, unless their one direction is the task.",
    look_for="The shaded angles are as large as the empty boxes are many; the last dial has one direction, too, and "
    "need not turn.",
    formulas=(
        ("the angle to turn, of a start that sees r of 16 parts", r"\arccos \sqrt{r / 16}"),
        ("the readout at the end", r"\alpha^4 + \sigma^2 \alpha^2 = |b|^2"),
        (
            "the kernel at the end",
            r"K = W_0^\top W_0 - \sigma^2 v v^\top + \frac{b b^\top}{\alpha^2} + \alpha^2 I",
        ),
    ),
    group="dynamics",
    story=STORY,
    config=InitialRank,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    raw=raw,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
