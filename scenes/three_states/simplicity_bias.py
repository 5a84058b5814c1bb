"""Simplicity bias: on two moons a network first becomes the linear classifier, then bends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.metrics import boundary, geometry
from render.picture.panels.base import Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.picture.panels.region import Region
from render.scene import Config, Scene
from render.target import Goals, Target

from .. import networks, toys

REACH, SIDE = 2.4, 130


@dataclass(frozen=True, kw_only=True)
class SimplicityBias(Config):
    """noise: of the moons before they are standardised; last_scale: of the last layer's weights at the start."""

    steps: int = 1200
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


def init(config: SimplicityBias, key: Any) -> State:
    data_key, network_key = jax.random.split(key)
    inputs, labels = toys.moons(data_key, config.points, config.noise)
    network = networks.init_mlp(network_key, (2, config.hidden, config.hidden, 2))
    network[-1]["weights"] *= config.last_scale
    return State(network, optimiser(config).init(network), inputs, labels, linear_decisions(inputs, labels))


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


def linear_decisions(inputs: Any, labels: Any) -> Any:
    """Decisions of linear discriminant analysis, which class means and a shared covariance alone determine."""
    weights, bias = boundary.linear_discriminant(inputs, labels, 2)
    return boundary.linear_discriminant_decisions(inputs, weights, bias)


def measure(config: SimplicityBias, state: State) -> dict[str, Any]:
    ticks = jnp.linspace(-REACH, REACH, SIDE)
    grid = jnp.stack(jnp.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    logits = networks.apply_mlp(state.network, grid)
    margin = (logits[:, 1] - logits[:, 0]).reshape(SIDE, SIDE)
    decided = networks.apply_mlp(state.network, state.inputs)
    return {
        "margin": margin,
        "loss": loss(state.network, state.inputs, state.labels),
        "accuracy": geometry.accuracy(decided, state.labels),
        "agreement": jnp.mean(jnp.argmax(decided, axis=1) == state.linear),
        "complexity": boundary.boundary_complexity((margin > 0).astype(jnp.int32)),
    }


def raw(config: SimplicityBias, state: State) -> dict[str, Any]:
    """weights (width, 2): of the last layer."""
    features, outputs = networks.apply_with_features(state.network, state.inputs)
    return {"features": features, "outputs": outputs, "labels": state.labels, "weights": state.network[-1]["weights"]}


def constants(config: SimplicityBias, state: State) -> dict[str, Any]:
    return {
        "points": state.inputs,
        "labels": state.labels,
        "linear_accuracy": jnp.mean(state.linear == state.labels),
    }


def derive(
    config: SimplicityBias,
    *,
    agreement: np.ndarray,
    accuracy: np.ndarray,
    complexity: np.ndarray,
    linear_accuracy: np.ndarray,
) -> dict[str, np.ndarray]:
    peak = int(agreement.argmax())
    solved = np.flatnonzero(accuracy >= 0.95)
    return {
        "peak_agreement": agreement.max(),
        "gap_at_peak": np.abs(accuracy[peak] - linear_accuracy),
        "frames_before_solved": np.float64((solved[0] if len(solved) else config.frames) - peak),
        "complexity_ratio": complexity[-1] / complexity[peak],
        "complexity_growth": complexity / complexity[peak],
        "linear_level": np.full(config.frames, linear_accuracy),
    }


def targets(config: SimplicityBias) -> Goals:
    linear = "Fisher 1936: class means and a shared covariance"
    later = "the boundary bends later"
    return {
        "peak": Target(
            "agreement with the linear classifier, peak",
            "peak_agreement",
            "at least",
            0.96,
            linear,
            read_off=("agreement",),
        ),
        "gap": Target("accuracy against the linear classifier's, at the peak", "gap_at_peak", "at most", 0.02, linear),
        "order": Target(
            "frames from the peak to accuracy 0.95", "frames_before_solved", "at least", 1, "simple comes first"
        ),
        "accuracy": Target(
            "train accuracy", "accuracy", "at least", 0.98, "the network bends until it fits the points"
        ),
        "bends": Target(
            "boundary complexity, end over peak",
            "complexity_ratio",
            "at least",
            1.3,
            later,
            read_off=("complexity_growth",),
        ),
    }


def panels(config: SimplicityBias, goals: Goals) -> tuple[Panel, ...]:
    return (
        Region(
            title="decision regions",
            margin="margin",
            points="points",
            labels="labels",
            reach=REACH,
        ),
        History(
            title="first the linear classifier, then the labels",
            curves=(
                Curve("agreement", "second", Level(goals["peak"])),
                Curve("accuracy", "accent", theory="linear_level"),
            ),
            readouts=(
                Readout(
                    "agreement with the linear classifier",
                    "agreement",
                    "{:.3f}",
                    note=f"peaks {goals['peak'].goal_text}",
                    colour="second",
                ),
                Readout(
                    "train accuracy (dashed: the linear classifier's)",
                    "accuracy",
                    "{:.3f}",
                    goals["accuracy"],
                    colour="accent",
                ),
            ),
        ),
        History(
            title="boundary complexity",
            curves=(Curve("complexity_growth", "accent", Level(goals["bends"], "end ≥ {}", above=False)),),
            readouts=(Readout("flips, over those at the peak", "complexity_growth", "{:.2f}", note=""),),
        ),
        History(
            title="loss",
            curves=(Curve("loss", "third"),),
            readouts=(Readout("cross-entropy", "loss", "{:.3f}", colour="third"),),
        ),
    )


SCENE = Scene(
    name="simplicity-bias",
    title="Networks fit low-order structure first",
    subtitle="two moons: for a moment the network is the linear classifier that class means and covariance determine",
    alt="The decision boundary of a small network on two moons first becomes the straight line of the linear "
    "classifier and then bends around the moons: train accuracy ends at {accuracy:.3f}.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, simplicity bias; Kalimeris et al. 2019 (arXiv 1905.11604)",
    output="ts-simplicity-bias",
    layout=("abb", "acd"),
    widths=(1.24, 1, 1),
    config=SimplicityBias,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
