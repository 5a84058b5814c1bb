"""The classifier that several scenes train on blobs: an encoder to a feature layer, and a linear classifier on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from render.panels.base import Readout
from render.panels.scatter import Scatter
from render.scene import Config
from scenes import networks, toys


@dataclass(frozen=True, kw_only=True)
class ClassifierConfig(Config):
    """decay: lambda of the loss; spread and noise: of the blobs, as standard deviations; warmup: share of the steps."""

    steps: int = 4000
    classes: int = 6
    per_class: int = 60
    input_dim: int = 32
    hidden: int = 128
    feature_dim: int = 8
    spread: float = 0.4
    noise: float = 0.4
    decay: float = 1e-2
    learning_rate: float = 1e-2
    warmup: float = 0.15

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("classes", 2 <= self.classes <= 10, "2 to 10, one colour a class")
        self.require("per_class", 2 <= self.per_class <= 1000, "2 to 1000")
        for field in ("input_dim", "hidden", "feature_dim"):
            self.require(field, 1 <= getattr(self, field) <= 4096, "1 to 4096")
        for field in ("spread", "noise", "learning_rate"):
            self.require(field, getattr(self, field) > 0, "a positive number")
        self.require("warmup", 0 <= self.warmup < 1, "a share of the steps, from 0 to below 1")
        self.require("decay", self.decay >= 0, "zero or a positive number")


class State(NamedTuple):
    encoder: networks.Layers
    classifier: networks.Layers
    moments: Any
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


def loss(config: ClassifierConfig, params: Any, inputs: Any, labels: Any) -> Any:
    """Cross-entropy + (lambda/2)(|W|^2 + mean_i |z_i|^2): its global optimum is the simplex (Zhu et al. 2021)."""
    encoder, classifier = params
    features = networks.apply_mlp(encoder, inputs)
    logits = networks.apply_mlp(classifier, features)
    cross_entropy = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
    norms = jnp.sum(classifier[0]["weights"] ** 2) + jnp.mean(jnp.sum(features**2, axis=1))
    return cross_entropy + config.decay / 2 * norms


def step(config: ClassifierConfig, state: State) -> State:
    (encoder, classifier), moments = networks.descend(
        lambda params: loss(config, params, state.inputs, state.labels),
        optimiser(config),
        (state.encoder, state.classifier),
        state.moments,
    )
    return state._replace(encoder=encoder, classifier=classifier, moments=moments)


def outputs(state: State) -> tuple[Any, Any]:
    """Features (points, dim) and logits (points, classes)."""
    features = networks.apply_mlp(state.encoder, state.inputs)
    return features, networks.apply_mlp(state.classifier, features)


def constants(config: ClassifierConfig, state: State) -> dict[str, Any]:
    return {"labels": state.labels}


def view_panel(readout: Readout) -> Scatter:
    """Features and class means in the plane, against the simplex: what `render.views.simplex_view` derives."""
    return Scatter(
        title="features and class means, in the plane",
        points="view",
        labels="labels",
        means="view_means",
        ghosts="ghosts",
        caption="rings: a perfect simplex in the same projection",
        readouts=(readout,),
    )
