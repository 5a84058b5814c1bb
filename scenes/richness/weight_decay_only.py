"""Decay without learning: a measure of richness that moves when weights merely shrink measures their size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from render.bounds import between, positive
from render.metrics import eigenfunctions, geometry, richness
from render.scene import Scene, even_schedule
from render.target import Goals, Target

from .. import digits, networks, toys
from .formulas import LOW_RANK
from .weight_decay_only_picture import BEFORE, PARTLY, STORY, SWALLOWED, panels

HIDDEN_LAYERS = 3  # without biases their ReLUs make features scale as the third power of a factor on all weights


@dataclass(frozen=True, kw_only=True)
class WeightDecayOnly(digits.DigitsConfig):
    """scale: factor on all weights at the end. biases: whether there are random ones, which shrink as the weights do.

    ridge: what is added to the between-class covariance before it is inverted.
    """

    frames: int = 64
    hold_ms: int = 3000
    steps: int = 630
    scale: float = between(0.01, 1e-6, 0.999)
    biases: bool = False
    ridge: float = positive(1e-4, low=1e-12, high=1e6)


class State(NamedTuple):
    """count: steps so far."""

    params: networks.Layers
    start: networks.Layers
    count: Any
    train: digits.Samples


def init(config: WeightDecayOnly, key: Any) -> State:
    data_key, network_key = jax.random.split(key)
    widths = [*[config.hidden] * 3, digits.CLASSES]
    places, *drawn = toys.normals(data_key, (digits.POINTS,), *((width,) for width in widths))
    train, _ = digits.split(config, places)
    params = jax.tree.map(lambda array: array[0], digits.networks_alike(config, network_key, runs=1))
    if config.biases:
        params = [{**layer, "bias": bias} for layer, bias in zip(params, drawn, strict=True)]
    return State(params, params, jnp.int32(0), train)


def step(config: WeightDecayOnly, state: State) -> State:
    """One step of decay: initial weights times scale^(count/steps), since repeated float32 products add up rounding."""
    count = state.count + 1
    factor = config.scale ** (count / config.steps)
    return state._replace(params=jax.tree.map(lambda array: factor * array, state.start), count=count)


def measure(config: WeightDecayOnly, state: State) -> dict[str, Any]:
    features, outputs = networks.apply_with_features(state.params, state.train.inputs)
    labels = state.train.labels
    only = features[None], outputs[None]
    targets = jax.nn.one_hot(labels, digits.CLASSES)[None]
    inside, between = geometry.class_covariances(features, labels, digits.CLASSES)
    return {
        **digits.families(("net",), digits.curves(config, *only, targets)),
        **{name: values[0] for name, values in digits.low_rank(*only).items()},
        "variances": eigenfunctions.eigenfunctions(features, modes=config.modes)[0],
        "spread": {"inside": jnp.trace(inside), "between": jnp.trace(between)},
        "factor": config.scale ** (state.count / config.steps),
        "squared_norm": richness.parameter_norm(state.params),
        "nc1_ridge": richness.nc1(features, labels, digits.CLASSES, ridge=config.ridge),
        "nc1_inverse": richness.nc1(features, labels, digits.CLASSES),
        "nc1_quotient": geometry.within_between_ratio(features, labels, digits.CLASSES),
    }


def raw(config: WeightDecayOnly, state: State) -> dict[str, Any]:
    """weights (hidden, classes): of the last layer; parameters (all,): every weight and bias, end to end."""
    features, outputs = networks.apply_with_features(state.params, state.train.inputs)
    return {
        "features": features,
        "outputs": outputs,
        "labels": state.train.labels,
        "targets": jax.nn.one_hot(state.train.labels, digits.CLASSES),
        "weights": state.params[-1]["weights"],
        "parameters": ravel_pytree(state.params)[0],
    }


def derive(
    config: WeightDecayOnly,
    *,
    low_rank: np.ndarray,
    nc1_ridge: np.ndarray,
    nc1_inverse: np.ndarray,
    nc1_quotient: np.ndarray,
    variances: np.ndarray,
    spread: Mapping[str, np.ndarray],
    factor: np.ndarray,
) -> dict[str, np.ndarray]:
    """Distances from the start, of D_LR and of NC1 in each of its three forms."""
    low_rank, ridged, *others = (
        values.astype(np.float64) for values in (low_rank, nc1_ridge, nc1_inverse, nc1_quotient)
    )
    return {
        "score_with": ridged / ridged[0],
        "score_without": others[0] / others[0][0],
        "score_theory": factor.astype(np.float64) ** (2 * HIDDEN_LAYERS),
        "state": np.select(
            [spread["between"] < config.ridge, variances[:, digits.CLASSES - 2] < config.ridge],
            [SWALLOWED, PARTLY],
            BEFORE,
        ),
        "low_rank_change": np.abs(low_rank - low_rank[0]),
        "nc1_fall": ridged[0] / ridged,
        "nc1_change": np.max([np.abs(values / values[0] - 1) for values in others], axis=0),
    }


def targets(config: WeightDecayOnly) -> Goals:
    scale_free = "no scale of the features matters"
    return {
        "fall": Target(
            "fall of NC1 with the ridge", "nc1_fall", "at least", 1e6, "arXiv 2410.04264v3, Table 1, App. H.2"
        ),
        "low_rank": Target("change of D_LR", "low_rank_change", "at most", 1e-3, f"Eq. 4: {scale_free}", at="every"),
        "nc1": Target("change of NC1 without", "nc1_change", "at most", 1e-3, f"NC1: {scale_free}", at="every"),
    }


SCENE = Scene(
    name="weight-decay-only",
    title="Weights shrink, nothing is learned, and a score collapses",
    subtitle="an untrained net without biases on digits, every weight decayed from 1 to {scale:g} of its size",
    alt="While the weights of an untrained network shrink to {factor:.2f} of their size, NC1 with its ridge falls by a "
    "factor of {nc1_fall:.0e}; NC1 without it does not move. Beside them "
    "the spread inside classes and between them fall alike, through the ridge, {ridge:g}, to {spread/between:.0e}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Table 1, Eq. 4, App. H.2; the form of App. E.1 is measured beside Eq. 4",
    output="richness/weight-decay-only",
    message="Shrinking all weights makes a collapse score plunge though nothing is learned: a constant does.",
    look_for="The score with the constant falls twelve decades; the same score without it does not move.",
    formulas=(
        LOW_RANK,
        (
            "the score with the ridge",
            r"\operatorname{Tr} \left( \Sigma_W \left( \Sigma_B + \epsilon I \right)^{-1} \right)",
        ),
    ),
    group="richness",
    story=STORY,
    config=WeightDecayOnly,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=lambda config, state: {"ideal": digits.ideal(config)},
    derive=derive,
    schedule=even_schedule,
    panels=panels,
    targets=targets,
)
