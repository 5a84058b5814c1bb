"""Eight items of a tree: two linear layers tell halves apart, then quarters, then items; one layer all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.film import Layout, Story, Strip
from render.metrics import linear_networks
from render.metrics.linear_algebra import matmul, svd
from render.metrics.spectrum import entropy_rank
from render.scene import Config, Scene, last_frame_by, stretched_schedule
from render.target import Goals, Target

from ..flows import rk4
from .progressive_differentiation_picture import panels
from .progressive_differentiation_tree import RIGHT, STRENGTHS, TASK, course, levels_of, pictured, slow_change

OUTPUTS, ITEMS = TASK.shape
WHOLE = float(STRENGTHS @ STRENGTHS)  # |T|^2
QUIET = 7, 0.08  # frame and share of the run up to which two layers hardly move; then even
SEEN = 0.62  # of the run: by then the last items are told apart; the rest is for slow seeds


@dataclass(frozen=True, kw_only=True)
class ProgressiveDifferentiation(Config):
    """Two layers and one learn the same table of eight items by gradient flow.

    dt: time of a step. hidden: units between the two layers, at least as many as items. scale: of the first weights.
    """

    frames: int = 100
    frame_ms: int = 80
    hold_ms: int = 3000
    steps: int = 1584
    dt: float = positive(0.01, low=1e-5, high=0.1)
    hidden: int = between(16, ITEMS, 256)
    scale: float = positive(1e-3, low=1e-6, high=1.0)


class State(NamedTuple):
    """Weights of the two layers (hidden, 8) and (15, hidden), and those of the single one (15, 8)."""

    first: Any
    second: Any
    single: Any


def init(config: ProgressiveDifferentiation, key: Any) -> State:
    """A balanced start, W2'W2 = W1 W1', whose modes have nothing to do with those of the task."""

    def orthonormal(use: int, rows: int) -> Any:
        return svd(jax.random.normal(jax.random.fold_in(key, use), (rows, ITEMS)))[0]

    turn, ins, outs = orthonormal(0, config.hidden), orthonormal(1, ITEMS), orthonormal(2, OUTPUTS)
    sizes = config.scale * jax.random.uniform(jax.random.fold_in(key, 3), (ITEMS,), minval=0.5, maxval=1.5)
    return State(matmul(turn * sizes, ins.T), matmul(outs * sizes, turn.T), jnp.zeros((OUTPUTS, ITEMS)))


def step(config: ProgressiveDifferentiation, state: State) -> State:
    task = jnp.asarray(TASK, jnp.float32)

    def downhill(now: State) -> State:
        """Of |W2 W1 - T|^2/2 and of |W - T|^2/2: items are inputs of one entry each."""
        wrong = task - matmul(now.second, now.first)
        return State(matmul(now.second.T, wrong), matmul(wrong, now.first.T), task - now.single)

    return State(*rk4(downhill, state, config.dt))


def measure(config: ProgressiveDifferentiation, state: State) -> dict[str, Any]:
    task, product = jnp.asarray(TASK, jnp.float32), matmul(state.second, state.first)
    return {
        "weights": {"first": state.first, "second": state.second, "single": state.single},
        "product": product,
        "hidden_gram": matmul(state.first.T, state.first),
        "unbalanced": linear_networks.balance_gap(state.first, state.second),
        "unbalanced_relative": linear_networks.relative_balance_gap(state.first, state.second),
        "entropy_rank": entropy_rank(svd(product)[1] ** 2),
        "loss": jnp.sum((product - task) ** 2) / 2,
        "loss_single": jnp.sum((state.single - task) ** 2) / 2,
    }


def schedule(config: ProgressiveDifferentiation) -> np.ndarray:
    frame, share = QUIET
    return stretched_schedule(config, (0, frame, 99), (0, round(share * config.steps)))


def shown(config: ProgressiveDifferentiation) -> int:
    """The last frame in which anything is still to be seen."""
    return last_frame_by(SEEN * config.steps, schedule(config))


def derive(
    config: ProgressiveDifferentiation,
    *,
    weights: dict[str, np.ndarray],
    product: np.ndarray,
    hidden_gram: np.ndarray,
    loss: np.ndarray,
    loss_single: np.ndarray,
    step: np.ndarray,
) -> dict[str, Any]:
    time = config.dt * step
    answers = {"two": product.astype(np.float64), "one": weights["single"].astype(np.float64)}
    first, second = (weights[layer][0].astype(np.float64) for layer in ("first", "second"))
    gram, exact = course(first, second, time)
    learned = {name: levels_of(table) for name, table in {**answers, "exact": exact}.items()}
    halves = {name: half_times(learned[name], time) for name in ("two", "exact")}
    root = (RIGHT * STRENGTHS) @ RIGHT.T
    return {
        "time": time,
        "product_off": np.linalg.norm(answers["two"] - exact, axis=(1, 2)) / np.sqrt(WHOLE),
        "gram_off": np.abs(hidden_gram - gram).max(axis=(1, 2)) / STRENGTHS[0],
        "one_off": np.abs(learned["one"] + np.expm1(-time)[:, None]).max(axis=1),
        "loss_share": loss / (WHOLE / 2),
        "half_off": np.abs(halves["two"] / halves["exact"] - 1).max(),
        "half_ratio": (halves["two"][1:] / halves["two"][:-1]).min(),
        "root_off": np.abs(hidden_gram - root).max(axis=(1, 2)) / STRENGTHS[0],
        "slow": np.float64(slow_change(loss.astype(np.float64), answers["two"], time)),
        **pictured(answers, exact, {"two": loss, "one": loss_single}, shown(config) + 1),
    }


def half_times(learned: np.ndarray, time: np.ndarray) -> np.ndarray:
    """When each level is first half learned, between frames by a straight line: (frames, 4) -> (4,); else the end."""
    found = []
    for share in learned.T:
        frame = min(max(int(np.argmax(share >= 0.5)), 1), len(time) - 1) if (share >= 0.5).any() else len(time) - 1
        low, high = share[frame - 1], share[frame]
        part = np.clip((0.5 - low) / (high - low), 0, 1) if high > low else 1.0
        found.append(time[frame - 1] + part * (time[frame] - time[frame - 1]))
    return np.array(found)


def targets(config: ProgressiveDifferentiation) -> Goals:
    riccati, root = "matrix Riccati equation: e^{Ft}Q₀(I + Q₀'∫e^{2Fs}ds Q₀)⁻¹Q₀'e^{Ft}", "(T'T)^½"
    shares = STRENGTHS**2 / WHOLE
    rank = float(np.exp(-(shares @ np.log(shares))))
    return {
        "product": Target("W₂W₁ off the exact solution, over |T|", "product_off", "at most", 1e-4, riccati, at="every"),
        "gram": Target("hidden inner products off the exact ones", "gram_off", "at most", 1e-4, riccati, at="every"),
        "one": Target("one layer: levels off 1 − e⁻ᵗ", "one_off", "at most", 1e-4, "dW/dt = T − W", at="every"),
        "balance": Target(
            "|W₂'W₂ − W₁W₁'|, largest entry", "unbalanced", "at most", 1e-4, "gradient flow keeps it", at="every"
        ),
        "balanced": Target(
            "the same over |W₁W₁'|, at first", "unbalanced_relative", "at most", 1e-4, "balanced start", at="first"
        ),
        "small": Target(
            "loss over |T|²/2, at first", "loss_share", "within", 1.0, "a start near 0", tolerance=1e-3, at="first"
        ),
        "half": Target("time of half a level off the exact one, relative", "half_off", "at most", 0.005, riccati),
        "stages": Target("least ratio of successive half times", "half_ratio", "at least", 1.15, "ln(s/u₀)/(2s)"),
        "root": Target(f"W₁'W₁ off {root}, over the largest strength", "root_off", "at most", 0.02, root),
        "rank": Target(
            "entropy rank of squared singular values",
            "entropy_rank",
            "within",
            rank,
            "15, 7, 3, 3, 1 × 4",
            tolerance=0.05,
        ),
        "slow": Target(
            "share of the modes’ change while the loss is slow", "slow", "at most", 0.15, "plateaus are the states"
        ),
    }


SCENE = Scene(
    name="progressive-differentiation",
    title="Two layers learn big differences first, one layer all at once",
    subtitle="Gradient flow of |W₂W₁ − T|²/2 from a small balanced start, and of |W − T|²/2: 8 items, 15 properties",
    alt="What two linear layers answer to eight items draws a tree over time: animals part from plants, then birds "
    "from fish and trees from flowers, then single kinds; one layer parts all eight at once. The loss falls in steps, "
    "one a split, and only {slow:.0%} of the change happens between them; dashed is the exact solution.",
    post="Learning mechanics",
    source="Saxe, McClelland & Ganguli 2013 (arXiv 1312.6120); exact solution: Fukumizu 1998, Braun et al. 2022 "
    "(deep linear networks with prior knowledge)",
    output="dynamics/progressive-differentiation",
    message="A network of two layers learns the biggest difference between things first and finer ones later, each in "
    "its turn; a single layer learns all of them at one pace.",
    look_for="At the left the answers split in two, four and eight, and the loss below falls one step a split; at the "
    "right all eight part from the start. The names of the eight items are ours: the table knows a tree alone.",
    formulas=(
        (
            "stacked weights of both layers",
            r"Q Q^\top = e^{F t} Q_0 \left( I + Q_0^\top \int_0^t e^{2 F s} d s \, Q_0 \right)^{-1} Q_0^\top e^{F t}",
        ),
        ("a mode that starts aligned", r"u(t) = \frac{s e^{2 s t}}{e^{2 s t} - 1 + s / u_0}"),
        ("one layer, every mode", r"1 - e^{-t}"),
    ),
    group="dynamics",
    story=Story(
        state="state",
        names=("alike", "halves", "quarters", "items"),
        sentences=(
            "At first all eight things get one answer.",
            "Strongest first, since layers multiply: animal or plant.",
            "Next: bird or fish, tree or flower.",
            "Single kinds last; each split lowers loss.",
        ),
        wide=Layout(("ab",), widths=(1.75, 1)),
        column=Layout(("a", "b"), heights=(1.9, 1)),
        strip=Strip(array="time", label="time", form="{:.0f}", ticks=(2.0, 4.0, 6.0, 8.0)),
        poster=(0.72,),
    ),
    config=ProgressiveDifferentiation,
    init=init,
    step=step,
    measure=measure,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
