"""Two arms of contrastive training that differ in the strength of their augmentations alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from render.bounds import between, positive
from render.metrics import contrastive, geometry
from render.scene import Config

from .. import networks, toys


@dataclass(frozen=True, kw_only=True)
class AlignUniform(Config):
    """Blobs in two views, an encoder to the circle, its training, and the limits of the three states.

    view_noise: standard deviation of the two views; weak_view_noise: in the arm with weak augmentations; cone_scale: of
    the last layer's weights at the start.

    random_above: uniformity while points are spreading; structured_below: alignment once partners are together.
    """

    steps: int = 1000
    frames: int = 100
    hold_ms: int = 3000
    classes: int = between(8, 1, 10, ", one colour a class")
    per_class: int = between(40, 2, 500, ": time grows with its square")
    input_dim: int = between(16, 1, 4096)
    hidden: int = between(64, 1, 4096)
    spread: float = positive(1.0, low=1e-6, high=1e6)
    noise: float = positive(0.5, low=1e-6, high=1e6)
    view_noise: float = positive(1.4, low=1e-6, high=1e6)
    weak_view_noise: float = positive(0.1, low=1e-6, high=1e6)
    cone_scale: float = positive(0.05, low=1e-6, high=1e6)
    learning_rate: float = positive(2e-3, high=1e3)
    random_above: float = between(-1.4, -1e3, 1e3)
    structured_below: float = between(0.02, -1e3, 1e3)


class Arm(NamedTuple):
    """One encoder in training, and the two views of each point that it sees."""

    encoder: networks.Layers
    opt_state: Any
    views: Any  # (2, points, input_dim)


class State(NamedTuple):
    strong: Arm
    weak: Arm
    labels: Any


def init(config: AlignUniform, key: Any) -> State:
    """Two arms that differ in the strength of their views alone, so that strength is what their difference shows.

    Both have the same points, the same two draws of noise and the same encoder, which starts in a cone, as untrained
    encoders do.
    """
    data_key, view_key, encoder_key = jax.random.split(key, 3)
    points, labels = toys.blobs(
        data_key, config.classes, config.per_class, config.input_dim, config.spread, config.noise
    )
    noise = jax.random.normal(view_key, (2, *points.shape))
    encoder = networks.init_mlp(encoder_key, (config.input_dim, config.hidden, config.hidden, 2))
    encoder[-1] = {"weights": config.cone_scale * encoder[-1]["weights"], "bias": jnp.array([1.0, 0.0])}
    strong, weak = (
        Arm(encoder, optimiser(config).init(encoder), points + strength * noise)
        for strength in (config.view_noise, config.weak_view_noise)
    )
    return State(strong, weak, labels)


def optimiser(config: AlignUniform) -> optax.GradientTransformation:
    return optax.adam(optax.cosine_decay_schedule(config.learning_rate, config.steps))


def embed(encoder: networks.Layers, views: Any) -> Any:
    """Both views on the unit circle: (2, points, 2)."""
    return jax.vmap(lambda inputs: geometry.unit_rows(networks.apply_mlp(encoder, inputs)))(views)


def loss(encoder: networks.Layers, views: Any) -> Any:
    """Alignment of the two views plus uniformity of all points of both, as in Wang & Isola 2020 with t = 2."""
    first, second = embed(encoder, views)
    return contrastive.alignment(first, second) + contrastive.circle_uniformity(jnp.concatenate([first, second]))


def step(config: AlignUniform, state: State) -> State:
    # One after the other, not vmapped: products of another shape would round the first arm's numbers otherwise.
    return state._replace(strong=train(config, state.strong), weak=train(config, state.weak))


def train(config: AlignUniform, arm: Arm) -> Arm:
    encoder, opt_state = networks.descend(
        lambda params: loss(params, arm.views), optimiser(config), arm.encoder, arm.opt_state
    )
    return arm._replace(encoder=encoder, opt_state=opt_state)
