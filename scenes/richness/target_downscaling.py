"""Larger targets, richer dynamics: dividing the targets makes a network lazier, and not every measure sees it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import richness
from render.scene import Scene
from render.target import Goals, Target

from .. import digits, toys
from .formulas import LOW_RANK
from .target_downscaling_picture import ALL, LEARNING, SOME, STORY, panels

RUNS = ("small", "middle", "large")  # of alpha, by which targets are divided: the largest targets first
FITTED = 0.02  # loss in units of the targets' squares: below it they are fitted
SEEDS = 32  # a seed takes over 2 s


@dataclass(frozen=True, kw_only=True)
class TargetDownscaling(digits.DigitsConfig):
    """alpha: what the targets of the second run are divided by; the first has a tenth of it, the third ten times.

    ridge: of NC1, as in `nc1`.
    """

    hold_ms: int = 3000
    steps: int = 5000
    train_points: int = 350
    batch: int = 64
    readout_scale: float = 0.9
    learning_rate: float = 2.5e-3
    alpha: float = between(2.0, 0.01, 100.0)
    ridge: float = positive(1e-4, low=1e-12, high=1e6)

    @property
    def alphas(self) -> tuple[float, float, float]:
        return self.alpha / 10, self.alpha, self.alpha * 10


class State(NamedTuple):
    """nets: all three; first_features (n, hidden): those of the start, which all three share."""

    nets: digits.State
    first_features: Any


def init(config: TargetDownscaling, key: Any) -> State:
    data_key, network_key = jax.random.split(key)
    (places,) = toys.normals(data_key, (digits.POINTS,))
    train, test = digits.split(config, places)
    targets = jax.nn.one_hot(train.labels, digits.CLASSES) / jnp.array(config.alphas)[:, None, None]
    params = digits.networks_alike(config, network_key, runs=3)
    nets = digits.start(config, params, train, test, targets, body=jnp.ones(3))
    return State(nets, digits.responses(nets, train)[0][0])


def step(config: TargetDownscaling, state: State) -> State:
    return state._replace(nets=digits.step(config, state.nets))


def other_measures(config: TargetDownscaling, features: Any, first: Any, labels: Any) -> dict[str, Any]:
    """Other measures of richness, of one net: each is lower where the net is richer."""
    return {
        "kernel_left": richness.kernel_deviation(first, features),
        "nc1_ridge": richness.nc1(features, labels, digits.CLASSES, ridge=config.ridge),
        "nc1_inverse": richness.nc1(features, labels, digits.CLASSES),
    }


def measure(config: TargetDownscaling, state: State) -> dict[str, Any]:
    nets, labels = state.nets, state.nets.train.labels
    features, outputs = digits.responses(nets, nets.train)
    low_rank = digits.low_rank(features, outputs)
    others = jax.vmap(functools.partial(other_measures, config), in_axes=(0, None, None))
    whole = digits.curves(config, features, outputs, nets.targets, modes=min(config.hidden, config.train_points))
    use = (digits.CLASSES - 1) * jnp.diff(whole["utilization"], axis=1, prepend=0.0)
    curves = {name: values[:, : config.modes] for name, values in whole.items()}
    arrays = {
        **low_rank,
        **others(features, state.first_features, labels),
        **curves,
        "use": use,
        "used": jnp.sum(whole["eigenvalues"] * use, axis=1) / jnp.sum(whole["eigenvalues"], axis=1),
        "strength": whole["eigenvalues"] / jnp.sum(whole["eigenvalues"], axis=1, keepdims=True),
        "squared_norm": jax.vmap(richness.parameter_norm)(nets.params),
    }
    losses = jax.vmap(digits.squared_error)(outputs, nets.targets) * jnp.array(config.alphas) ** 2
    return {
        "loss": losses[0],
        "loss_middle": losses[1],
        "loss_large": losses[2],
        "smallest_gap": jnp.diff(low_rank["low_rank"]).min(),
        "train_accuracy": digits.accuracies(outputs, labels).min(),
        **digits.families(RUNS, arrays),
    }


def raw(config: TargetDownscaling, state: State) -> dict[str, Any]:
    return digits.raw(state.nets, RUNS)


def derive(
    config: TargetDownscaling,
    *,
    low_rank: Mapping[str, np.ndarray],
    nc1_inverse: Mapping[str, np.ndarray],
    kernel_left: Mapping[str, np.ndarray],
    nc1_ridge: Mapping[str, np.ndarray],
    squared_norm: Mapping[str, np.ndarray],
    strength: Mapping[str, np.ndarray],
    loss: np.ndarray,
    train_accuracy: np.ndarray,
) -> dict[str, Any]:
    """Boxes of each net: its directions, as wide as they are strong; the whole box is all of their variance.

    compared (frames, measures): every measure of richness over its largest value among the nets in that frame.
    """
    shares = []
    for measure_of in (low_rank, nc1_inverse, kernel_left, nc1_ridge, squared_norm):
        values = np.stack([measure_of[run].astype(np.float64) for run in RUNS])
        shares.append(values / values.max(axis=0))
    some = np.maximum.accumulate(loss <= FITTED)
    every = some & np.maximum.accumulate(train_accuracy >= 1)
    return {
        "widths": dict(strength),
        "whole": np.ones(strength[RUNS[0]].shape[1]),
        "state": np.select([every, some], [ALL, SOME], LEARNING),
        "compared": dict(zip(RUNS, np.stack(shares, axis=-1), strict=True)),
    }


def targets(config: TargetDownscaling) -> Goals:
    idle = "arXiv 2410.04264v3, Table 2: the answer leaves features idle"
    table = "arXiv 2410.04264v3, Table 2: D_LR 0.049, 0.11, 0.56"
    return {
        "rise": Target("D_LR, smallest rise with alpha", "smallest_gap", "at least", 0.1, table, seeds=SEEDS),
        "used/small": Target("large targets: features used", "used/small", "at least", 0.8, idle, seeds=SEEDS),
        "used/large": Target("small targets: features used", "used/large", "at most", 0.5, idle, seeds=SEEDS),
        "train": Target(
            "lowest train accuracy", "train_accuracy", "at least", 1.0, "all three are fitted", seeds=SEEDS
        ),
    }


SCENE = Scene(
    name="target-downscaling",
    title="Small targets leave most features idle",
    subtitle="digits with targets divided by α: all three networks fit them, and use the less of their features, "
    "the smaller they are",
    alt="A box for each of three equal networks on digits, a column for each feature direction, filled as far as the "
    "answer uses it: with large targets {used/small:.0%} of the features are used, with middle ones {used/middle:.0%} "
    "and with small ones {used/large:.0%}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Table 2, Eq. 4, 76, App. H.2; the form of App. E.1 is measured beside Eq. 4",
    output="richness/target-downscaling",
    message="Trained on larger targets, a network uses nearly all of its features; on small ones most stay idle.",
    look_for="The upper box fills, the lower stays nearly empty, although all three networks fit their targets.",
    formulas=(LOW_RANK,),
    group="richness",
    story=STORY,
    config=TargetDownscaling,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=lambda config, state: {"ideal": digits.ideal(config)},
    derive=derive,
    panels=panels,
    targets=targets,
)
