"""Grokking: sums are learned by heart at once, understood much later, and the low-rank measure falls in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.metrics import eigenfunctions, geometry, richness, spectrum
from render.scene import Config, Scene, last_frame_by, strictly
from render.target import Goals, Target

from .. import networks, toys
from .formulas import LOW_RANK
from .grokking_picture import STORY, panels

WIDTHS = (112, 96)
WRONG, RIGHT = 0.34, 0.72  # size of the dot of a pair that is answered wrong, and of one that is just right
SHADES = 6  # of sizes above: few, since a GIF pays for each
SEEN = 2600  # steps after which no sum turns, on every seed that was tried
UNDERSTOOD = 0.95  # test accuracy from which on the sums count as understood


@dataclass(frozen=True, kw_only=True)
class Grokking(Config):
    """modulus: of the sums; share: of the pairs that are trained on; weight_std: of the weights times sqrt(fan-in)."""

    frames: int = 72
    hold_ms: int = 3000
    steps: int = 3000
    modulus: int = between(23, 5, 60)
    share: float = between(0.6, 0.2, 0.9)
    weight_std: float = positive(0.35, low=1e-6, high=1e6)
    learning_rate: float = positive(5e-3, high=1e3)
    decay: float = between(0.6, 0.0, 1e3)

    @property
    def train_pairs(self) -> int:
        return round(self.share * self.modulus**2)


class Pairs(NamedTuple):
    """inputs (n, 2 p): one-hot a, then one-hot b; labels (n,): a + b mod p."""

    inputs: Any
    labels: Any


class State(NamedTuple):
    """Network in training, and its data. order (p²,): the pairs, as a p + b, those that are trained on first."""

    weights: Any
    opt_state: Any
    order: Any


def init(config: Grokking, key: Any) -> State:
    p = config.modulus
    shapes = (2 * p, WIDTHS[0]), WIDTHS, (WIDTHS[1], p)
    *weights, places = toys.normals(key, *shapes, (p**2,))
    fan_ins = 1, *WIDTHS  # the first is 1: a one-hot input reaches a unit through one weight
    weights = [config.weight_std * w / fan_in**0.5 for w, fan_in in zip(weights, fan_ins, strict=True)]
    return State(weights, optimiser(config).init(weights), jnp.argsort(places))


def optimiser(config: Grokking) -> optax.GradientTransformation:
    return optax.adamw(config.learning_rate, weight_decay=config.decay)


def pairs(config: Grokking, numbers: Any) -> Pairs:
    first, second = jnp.divmod(numbers, config.modulus)
    one_hot = [jax.nn.one_hot(part, config.modulus) for part in (first, second)]
    return Pairs(jnp.concatenate(one_hot, axis=1), (first + second) % config.modulus)


def network(weights: Any, inputs: Any) -> tuple[Any, Any]:
    """Features (n, 96) and outputs (n, p). The square makes products of a and b, the ReLU layer what D_LR looks at."""
    features = jax.nn.relu((inputs @ weights[0]) ** 2 @ weights[1])
    return features, features @ weights[2]


def squared_error(outputs: Any, labels: Any) -> Any:
    """Loss mean_i |f_i - f*_i|^2, with one-hot targets: (n, p), (n,) -> ()."""
    return jnp.mean(jnp.sum((outputs - jax.nn.one_hot(labels, outputs.shape[1])) ** 2, axis=1))


def step(config: Grokking, state: State) -> State:
    """One step of AdamW on all pairs that are trained on."""
    train = pairs(config, state.order[: config.train_pairs])

    def loss(weights: Any) -> Any:
        return squared_error(network(weights, train.inputs)[1], train.labels)

    weights, opt_state = networks.descend(loss, optimiser(config), state.weights, state.opt_state)
    return state._replace(weights=weights, opt_state=opt_state)


def measure(config: Grokking, state: State) -> dict[str, Any]:
    p, n = config.modulus, config.train_pairs
    inputs, labels = pairs(config, state.order)
    every_feature, every_output = network(state.weights, inputs)
    features, outputs, targets = every_feature[:n], every_output[:n], jax.nn.one_hot(labels[:n], p)
    right = jax.nn.one_hot(labels, p, dtype=bool)
    own, others = (jnp.max(every_output, where=where, axis=1, initial=-jnp.inf) for where in (right, ~right))
    margins = own - others
    eigenvalues, functions = eigenfunctions.eigenfunctions(features)
    return {
        "loss": squared_error(outputs, labels[:n]),
        "test_loss": squared_error(every_output[n:], labels[n:]),
        "accuracy": geometry.accuracy(outputs, labels[:n]),
        "test_accuracy": geometry.accuracy(every_output[n:], labels[n:]),
        "low_rank": richness.low_rank_measure(features, outputs),
        "low_rank_practical": richness.low_rank_measure(features, outputs, form="practical"),
        "quality": eigenfunctions.cumulative_quality(functions, targets),
        "utilization": eigenfunctions.cumulative_utilization(functions, outputs),
        "relative_eigenvalues": spectrum.relative_eigenvalues(eigenvalues),
        "margins": jnp.zeros(p**2).at[state.order].set(margins).reshape(p, p),
    }


def raw(config: Grokking, state: State) -> dict[str, Any]:
    """Arrays of training pairs (a, b), and prefixed test_ those of the others; weights (64, p): of the last layer."""
    inputs, labels = pairs(config, state.order)
    features, outputs = network(state.weights, inputs)
    numbers = jnp.stack(jnp.divmod(state.order, config.modulus), axis=1)
    arrays = {"features": features, "outputs": outputs, "labels": labels, "pairs": numbers}
    rows = {"": slice(config.train_pairs), "test_": slice(config.train_pairs, None)}
    parts = {f"{part}{name}": array[of] for part, of in rows.items() for name, array in arrays.items()}
    return {**parts, "weights": state.weights[-1]}


def constants(config: Grokking, state: State) -> dict[str, Any]:
    modes = min(WIDTHS[1], config.train_pairs)
    kinds = jnp.ones(config.modulus**2, jnp.int32).at[state.order[: config.train_pairs]].set(0)
    return {"fewest": jnp.minimum(jnp.arange(1, modes + 1) / (config.modulus - 1), 1.0), "kinds": kinds}


def derive(
    config: Grokking,
    *,
    step: np.ndarray,
    margins: np.ndarray,
    accuracy: np.ndarray,
    test_accuracy: np.ndarray,
    low_rank: np.ndarray,
) -> dict[str, np.ndarray]:
    """State of each frame, every pair's dot, and two numbers on the time from learning by heart to understanding.

    delay: steps until test accuracy UNDERSTOOD over steps until training accuracy 1. fall: decrease of D_LR from the
    latter frame up to this one, at most up to the former. Both are zero in frames before they are defined.
    """
    frames = np.arange(config.frames)
    low_rank = low_rank.astype(np.float64)
    by_heart, understood = _first(accuracy >= 1), _first(test_accuracy >= UNDERSTOOD)
    seen = np.minimum(frames, understood)
    delay = step[understood] / max(step[by_heart], 1) if by_heart < understood < config.frames else 0.0
    sure = np.round(SHADES * np.clip(2 * margins, 0, 1)) / SHADES
    return {
        "grid": np.stack(np.divmod(np.arange(config.modulus**2), config.modulus), axis=1).astype(np.float64),
        "dots": np.where(margins > 0, RIGHT + (1 - RIGHT) * sure, WRONG).reshape(len(margins), -1),
        "shown_share": np.asarray(100 * config.share),
        "state": np.where(frames >= understood, 2, np.where(frames >= by_heart, 1, 0)),
        "delay": np.where(frames >= understood, delay, 0.0),
        "fall": np.where(frames >= by_heart, low_rank[min(by_heart, config.frames - 1)] - low_rank[seen], 0.0),
    }


def schedule(config: Grokking) -> np.ndarray:
    """Cubic spacing: dense early, and with enough frames for the late turn, which geometric spacing would skip over."""
    return strictly(config.steps * np.linspace(0, 1, config.frames) ** 3, config)


def shown(config: Grokking) -> int:
    """The last frame in which a sum may still turn right: of step SEEN or before it."""
    return last_frame_by(SEEN, schedule(config))


def _first(holds: np.ndarray) -> int:
    """First frame in which `holds` is true; the number of frames if there is none."""
    return int(np.argmax(holds)) if holds.any() else len(holds)


def targets(config: Grokking) -> Goals:
    table = "arXiv 2410.04264v3, Table 3: D_LR falls from 0.51 to 0.11"
    late = "generalisation long after memorisation: Power et al. 2022"
    return {
        "delay": Target("test 95 % over train 100 %, in steps", "delay", "at least", 10, late),
        "fall": Target("D_LR falls between them by", "fall", "at least", 0.15, table),
        "low_rank": Target("D_LR at the end", "low_rank", "at most", 0.10, table),
    }


SCENE = Scene(
    name="grokking",
    title="Learned by heart at once, understood much later",
    subtitle="a + b mod {modulus}, squared error, weight decay {decay}: train pairs by heart first, then a low-rank "
    "solution, then the test",
    alt="A table of all sums mod {modulus} is learned by heart where it is trained on, and long after, {delay:.0f} "
    "times as many steps in, everywhere: between the two the low-rank measure falls by {fall:.2f}, and it ends at "
    "{low_rank:.3f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Table 3 and Eq. 4, App. E.1; Power et al. 2022 (arXiv 2201.02177)",
    output="richness/grokking",
    message="A network learns sums by heart at once, and answers new ones much later, when its features get simple.",
    look_for="Dots of shown sums grow at once, orange ones only when the curve of needless features has fallen.",
    formulas=(LOW_RANK,),
    group="richness",
    story=STORY,
    config=Grokking,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
