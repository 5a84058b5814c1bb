"""Training of a small network on two moons, beside the linear classifier of the same points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import optax

from render.bounds import between, positive
from render.metrics import boundary
from render.scene import Config

from .. import networks, toys


@dataclass(frozen=True, kw_only=True)
class SimplicityBias(Config):
    """noise: of the moons before they are standardised; last_scale: of the last layer's weights at the start."""

    steps: int = 1200
    hold_ms: int = 3000
    points: int = between(320, 4, 10_000)
    noise: float = between(0.17, 0.0, 1e6)
    hidden: int = between(48, 1, 4096)
    last_scale: float = positive(0.1, low=1e-6, high=1e6)
    learning_rate: float = positive(3e-3, high=1e3)


class State(NamedTuple):
    network: networks.Layers
    opt_state: Any
    inputs: Any
    labels: Any
    linear: Any  # what the linear classifier decides on the inputs
    linear_weights: Any  # (2,), and
    linear_bias: Any  # (): of its margin, which is 0 on its line


def init(config: SimplicityBias, key: Any) -> State:
    data_key, network_key = jax.random.split(key)
    inputs, labels = toys.moons(data_key, config.points, config.noise)
    network = networks.init_mlp(network_key, (2, config.hidden, config.hidden, 2))
    network[-1]["weights"] *= config.last_scale
    weights, bias = boundary.linear_discriminant(inputs, labels, 2)
    decisions = boundary.linear_discriminant_decisions(inputs, weights, bias)
    margin = weights[1] - weights[0], bias[1] - bias[0]
    return State(network, optimiser(config).init(network), inputs, labels, decisions, *margin)


def optimiser(config: SimplicityBias) -> optax.GradientTransformation:
    return optax.adam(config.learning_rate)


def loss(network: networks.Layers, inputs: Any, labels: Any) -> Any:
    logits = networks.apply_mlp(network, inputs)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def step(config: SimplicityBias, state: State) -> State:
    network, opt_state = networks.descend(
        lambda params: loss(params, state.inputs, state.labels), optimiser(config), state.network, state.opt_state
    )
    return state._replace(network=network, opt_state=opt_state)
