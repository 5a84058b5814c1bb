"""Nearly the same score, rich or lazy: how well a network does on new digits does not say what became of its features.

Two networks that start alike, of which one trains all layers and the other the last alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.scene import Scene, gradual_schedule
from render.target import Goals, Target

from .. import digits, networks, toys
from . import same_score_picture
from .formulas import LOW_RANK

RUNS = same_score_picture.RUNS
RANKS = digits.CLASSES - 1  # dimensions of what distinguishes ten classes
PROBED = 100  # training images, the first, on which feature directions are found: one for each of 384 takes too long
READS, LEVEL = 0.8, 0.9  # test accuracies: from the first on a network reads, from the second on it reads well
EVEN_UNTIL = 40.0  # steps, about the warm-up, in which frames are evenly spaced
SEEDS = 32  # a seed takes about 2 s


@dataclass(frozen=True, kw_only=True)
class SameScore(digits.DigitsConfig):
    """narrow: units of the first layer; `hidden` are those of the second, the features."""

    frames: int = 48
    steps: int = 800
    hold_ms: int = 3000
    hidden: int = between(384, digits.CLASSES, 1024)
    narrow: int = between(64, digits.CLASSES, 1024)
    batch: int = 64
    weight_scale: float = 0.3
    readout_scale: float = 0.3
    learning_rate: float = 8e-3
    modes: int = 40


def networks_alike(config: SameScore, key: Any, runs: int) -> networks.Layers:
    """Layers of a network, a narrow hidden one, a wide one and a last, the same in each run: arrays (runs, ...)."""
    layers = networks.init_mlp(key, (64, config.narrow, config.hidden, digits.CLASSES))
    scales = (config.weight_scale, config.weight_scale, config.readout_scale)
    scaled = [{**layer, "weights": scale * layer["weights"]} for layer, scale in zip(layers, scales, strict=True)]
    return jax.tree.map(lambda array: jnp.broadcast_to(array, (runs, *array.shape)), scaled)


def init(config: SameScore, key: Any) -> digits.State:
    data_key, network_key = jax.random.split(key)
    (places,) = toys.normals(data_key, (digits.POINTS,))
    train, test = digits.split(config, places)
    targets = jnp.stack([jax.nn.one_hot(train.labels, digits.CLASSES)] * 2)
    params = networks_alike(config, network_key, runs=2)
    return digits.start(config, params, train, test, targets, body=jnp.array([1.0, 0.0]))


def measure(config: SameScore, state: digits.State) -> dict[str, Any]:
    """Of each network: scores, both forms of D_LR, and of the PROBED images the directions of the features.

    in_modes: share of the answer in the first RANKS directions. strength (modes,): each direction's share of the
    features' variance. use (modes,): how much of it the answer uses, 0 to 1. used: how much of all their variance.
    """
    features, outputs = digits.responses(state, state.train)
    _, unseen = digits.responses(state, state.test)
    probed = min(PROBED, config.train_points)
    some = (features[:, :probed], outputs[:, :probed], state.targets[:, :probed])
    whole = digits.curves(config, *some, modes=min(config.hidden, probed))
    total = jnp.sum(whole["eigenvalues"], axis=1, keepdims=True)
    strength = whole["eigenvalues"] / total
    use = RANKS * jnp.diff(whole["utilization"], axis=1, prepend=0.0)
    low_rank = digits.low_rank(features, outputs)
    test_accuracy = digits.accuracies(unseen, state.test.labels)
    losses = jax.vmap(digits.squared_error)(outputs, state.targets)
    return {
        "loss": losses[0],
        "loss_lazy": losses[1],
        "low_rank_gap": low_rank["low_rank"][1] - low_rank["low_rank"][0],
        "test_gap": test_accuracy[0] - test_accuracy[1],
        **digits.families(
            RUNS,
            {
                **low_rank,
                "train_accuracy": digits.accuracies(outputs, state.train.labels),
                "test_accuracy": test_accuracy,
                "in_modes": whole["utilization"][:, RANKS - 1],
                "strength": strength[:, : config.modes],
                "use": use[:, : config.modes],
                "used": jnp.sum(strength * use, axis=1),
            },
        ),
    }


def raw(config: SameScore, state: digits.State) -> dict[str, Any]:
    return digits.raw(state, RUNS)


def derive(config: SameScore, *, test_accuracy: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """state (frames,): both guess (0), the rich network reads (1), the lazy one reads well, too (2); whole (modes,): 1,
    the height of a direction that is used in full.
    """
    reads = np.maximum.accumulate(test_accuracy["rich"] >= READS)
    level = reads & np.maximum.accumulate(test_accuracy["lazy"] >= LEVEL)
    return {"state": reads.astype(int) + level, "whole": np.ones(config.modes)}


def targets(config: SameScore) -> Goals:
    figure = "arXiv 2410.04264v3, Fig. 16"
    return {
        "low_rank": Target("rich: D_LR", "low_rank/rich", "at most", 0.1, f"{figure}, 0.043", seeds=SEEDS),
        "low_rank_gap": Target("D_LR, lazy − rich", "low_rank_gap", "at least", 0.25, f"{figure}, 0.47", seeds=SEEDS),
        "test/rich": Target(
            "rich: test accuracy", "test_accuracy/rich", "at least", 0.95, f"{figure}, 0.991", seeds=SEEDS
        ),
        "test/lazy": Target(
            "lazy: test accuracy", "test_accuracy/lazy", "at least", 0.9, f"{figure}, 0.968", seeds=SEEDS
        ),
        "test_gap": Target(
            "test accuracy, rich − lazy", "test_gap", "at most", 0.08, f"{figure}, 0.991 − 0.968", seeds=SEEDS
        ),
        "in_modes/rich": Target(
            "rich: answer in nine directions", "in_modes/rich", "at least", 0.9, f"{figure}, utilization", seeds=SEEDS
        ),
        "in_modes/lazy": Target(
            "lazy: answer in nine directions", "in_modes/lazy", "at most", 0.65, f"{figure}, utilization", seeds=SEEDS
        ),
    }


SCENE = Scene(
    name="same-score",
    title="Nearly equal scores, yet one leaves features idle",
    subtitle="digits, two networks that start alike; rich: all layers are trained, lazy: the last alone",
    alt="Test accuracy and the low-rank measure of two networks on digits, alike at the start: with all layers trained "
    "they end at {test_accuracy/rich:.2f} and {low_rank/rich:.2f}, with the last layer alone at "
    "{test_accuracy/lazy:.2f} and {low_rank/lazy:.2f}. Of the variance of the features the answer uses "
    "{used/rich:.0%} and {used/lazy:.0%}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 16, Eq. 4, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/same-score",
    message="Two networks score nearly alike on new digits, but only one has features that its answer uses.",
    look_for="Above, both curves end close together; below, they part.",
    formulas=(LOW_RANK,),
    group="richness",
    story=same_score_picture.STORY,
    config=SameScore,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    derive=derive,
    panels=same_score_picture.panels,
    targets=targets,
    schedule=lambda config: gradual_schedule(config, EVEN_UNTIL),
)
