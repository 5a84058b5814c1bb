"""The classifier that several scenes train on blobs: an encoder to a feature layer, and a linear classifier on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from render.bounds import between, positive, share
from render.scene import Config

from . import networks, toys


@dataclass(frozen=True, kw_only=True)
class ClassifierConfig(Config):
    """Blobs, sizes and training of the classifier.

    decay: lambda of the loss; spread and noise: of the blobs, as standard deviations; warmup: share of the steps.
    """

    steps: int = 4000
    classes: int = between(6, 2, 10, ", one colour a class")
    per_class: int = between(60, 2, 1000)
    input_dim: int = between(32, 1, 4096)
    hidden: int = between(128, 1, 4096)
    feature_dim: int = between(6, 1, 4096)
    spread: float = positive(0.4, low=1e-6, high=1e6)
    noise: float = positive(0.4, low=1e-6, high=1e6)
    decay: float = between(1e-2, 0.0, 1e3)
    learning_rate: float = positive(1e-2, high=1e3)
    warmup: float = share(0.15, high=0.99)

    def __post_init__(self) -> None:
        super().__post_init__()
        warm = round(self.warmup * self.steps)
        self.require("warmup", warm < self.steps, f"a share that leaves one of {self.steps} steps")


class State(NamedTuple):
    encoder: networks.Layers
    classifier: networks.Layers
    opt_state: Any
    inputs: Any
    labels: Any


def init(config: ClassifierConfig, key: Any) -> State:
    data_key, network_key = jax.random.split(key)
    inputs, labels = toys.blobs(
        data_key, config.classes, config.per_class, config.input_dim, config.spread, config.noise
    )
    sizes = (config.input_dim, config.hidden, config.feature_dim, config.classes)
    *encoder, classifier_layer = networks.init_mlp(network_key, sizes)
    classifier = [classifier_layer]
    return State(encoder, classifier, optimiser(config).init((encoder, classifier)), inputs, labels)


def optimiser(config: ClassifierConfig) -> optax.GradientTransformation:
    """Adam, warmed up so that the features do not overshoot at once, with cosine decay so that they settle."""
    warmup = round(config.warmup * config.steps)
    return optax.adam(optax.warmup_cosine_decay_schedule(0.0, config.learning_rate, warmup, config.steps))


def loss(config: ClassifierConfig, params: Any, inputs: Any, labels: Any, decay: float | None = None) -> Any:
    """Cross-entropy + (lambda/2)(|W|^2 + mean_i |z_i|^2): its global optimum is the simplex (Zhu et al. 2021).

    lambda is the config's decay, or `decay` in its place.
    """
    encoder, classifier = params
    features = networks.apply_mlp(encoder, inputs)
    logits = networks.apply_mlp(classifier, features)
    cross_entropy = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
    norms = jnp.sum(classifier[0]["weights"] ** 2) + jnp.mean(jnp.sum(features**2, axis=1))
    return cross_entropy + (config.decay if decay is None else decay) / 2 * norms


def simplex_margin(config: ClassifierConfig) -> float:
    """Lead of the own logit over each other one at the global optimum of `loss`, where the features are a simplex.

    Of all features and classifiers that give one lead s, the smallest sizes are those of a simplex on which both spread
    the logits evenly: |W|^2 + mean_i |z_i|^2 = 2 s (C-1) / sqrt(C), twice the nuclear norm of the logits over sqrt(C).
    The loss log(1 + (C-1) exp(-s)) + decay s (C-1) / sqrt(C) is lowest where the softmax leaves q = decay (C-1) /
    sqrt(C) to the other classes together: s = log((C-1) (1-q) / q). Where decay is so strong that q would exceed the
    (C-1)/C of a guess, the optimum is 0; without decay there is none, and s is infinite. Source: Zhu et al. 2021
    (arXiv 2105.02375), Theorem 3.1, with their lambda_H = decay over the number of points, lambda_W = decay.
    """
    others = config.classes - 1
    left = config.decay * others / math.sqrt(config.classes)
    if left == 0:
        return math.inf
    return math.log(others * (1 - left) / left) if left * config.classes < others else 0.0


def simplex_distance(config: ClassifierConfig) -> float:
    """Distance between any two class means at the global optimum of `loss`: D = sqrt(2 sqrt(C) s).

    s is the `simplex_margin`. Means of a simplex have equal singular values, here sqrt(sqrt(C) s) each, and differ from
    each other by sqrt(2) times that. Without limits on feature_dim: it takes C-1 dimensions.
    """
    return math.sqrt(2 * math.sqrt(config.classes) * simplex_margin(config))


def step(config: ClassifierConfig, state: State, decay: float | None = None) -> State:
    (encoder, classifier), opt_state = networks.descend(
        lambda params: loss(config, params, state.inputs, state.labels, decay),
        optimiser(config),
        (state.encoder, state.classifier),
        state.opt_state,
    )
    return state._replace(encoder=encoder, classifier=classifier, opt_state=opt_state)


def outputs(state: State) -> tuple[Any, Any]:
    """Features (points, dim) and logits (points, classes)."""
    features = networks.apply_mlp(state.encoder, state.inputs)
    return features, networks.apply_mlp(state.classifier, features)


def raw(config: ClassifierConfig, state: State) -> dict[str, Any]:
    """weights (dim, classes): of the classifier."""
    features, logits = outputs(state)
    weights = state.classifier[0]["weights"]
    return {"features": features, "outputs": logits, "labels": state.labels, "weights": weights}


def constants(config: ClassifierConfig, state: State) -> dict[str, Any]:
    return {"labels": state.labels}
