"""Small networks and the one optimiser step that training scenes share."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from . import toys

Layers = list[dict[str, Any]]


def init_mlp(key: Any, sizes: tuple[int, ...]) -> Layers:
    """He-normal weights (std sqrt(2 / fan_in)) and zero biases: sizes (in, hidden..., out) -> a layer per gap."""
    shapes = list(itertools.pairwise(sizes))
    return [
        {"weights": weights * (2.0 / fan_in) ** 0.5, "bias": jnp.zeros(fan_out)}
        for weights, (fan_in, fan_out) in zip(toys.normals(key, *shapes), shapes, strict=True)
    ]


def apply_mlp(layers: Layers, inputs: Any) -> Any:
    """ReLU between layers, none after the last: (points, in) -> (points, out)."""
    for layer in layers[:-1]:
        inputs = jax.nn.relu(inputs @ layer["weights"] + layer["bias"])
    return inputs @ layers[-1]["weights"] + layers[-1]["bias"]


def apply_with_features(layers: Layers, inputs: Any) -> tuple[Any, Any]:
    """As `apply_mlp`, and what enters the last layer: (points, in) -> features (points, width), (points, out)."""
    features = jax.nn.relu(apply_mlp(layers[:-1], inputs))
    return features, apply_mlp(layers[-1:], features)


def descend(
    loss: Callable[[Any], Any], optimiser: optax.GradientTransformation, params: Any, opt_state: Any
) -> tuple[Any, Any]:
    """One optimiser step on `loss(params)`: the new parameters and optimiser state."""
    updates, opt_state = optimiser.update(jax.grad(loss)(params), opt_state, params)
    return optax.apply_updates(params, updates), opt_state
