"""A network learns a step: its first eigenfunctions, drawn as functions, turn from waves into the step itself."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.metrics import eigenfunctions, richness, spectrum
from render.scene import Config, Scene
from render.target import Goals, Target

from .. import networks
from .heaviside_features_picture import STORY, panels

COLOURS = {"1": "accent", "2": "second", "3": "third"}  # of the eigenfunctions that are drawn as functions
SHOWN = len(COLOURS)
UNITS = 24  # of the last layer, that are measured one by one
BENDING, STEP = 0.85, 0.97  # of the target, in the first eigenfunction: it is no slope any more, it is the step


@dataclass(frozen=True, kw_only=True)
class HeavisideFeatures(Config):
    """width: of each of three hidden layers; points: inputs, evenly spaced on [-1, 1]; modes: of the curves over k."""

    frames: int = 72
    hold_ms: int = 3000
    steps: int = 1500
    width: int = between(64, 4, 512)
    points: int = between(256, 16, 2000, of=2)
    modes: int = between(10, SHOWN, 512)
    learning_rate: float = positive(1e-2, high=1e3)

    @property
    def units(self) -> int:
        """How many units of the last layer are measured one by one."""
        return min(UNITS, self.width)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("modes", self.modes <= min(self.width, self.points), f"{SHOWN} to width and points")


class State(NamedTuple):
    layers: networks.Layers
    opt_state: Any


def init(config: HeavisideFeatures, key: Any) -> State:
    """Weights and biases uniform within 1/sqrt(fan-in): without biases all functions would be odd at the start."""
    sizes = (1, config.width, config.width, config.width, 1)
    shapes = [shape for fans in itertools.pairwise(sizes) for shape in (fans, fans[1:])]
    counts = np.cumsum([math.prod(shape) for shape in shapes])
    parts = jnp.split(jax.random.uniform(key, (counts[-1],), minval=-1, maxval=1), counts[:-1])
    drawn = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    layers = [
        {"weights": weights / fan_in**0.5, "bias": bias / fan_in**0.5}
        for weights, bias, fan_in in zip(drawn[::2], drawn[1::2], sizes[:-1], strict=True)
    ]
    return State(layers, optax.adam(config.learning_rate).init(layers))


def data(config: HeavisideFeatures) -> tuple[Any, Any]:
    """Inputs and targets, both (points, 1)."""
    inputs = jnp.linspace(-1, 1, config.points)[:, None]
    return inputs, jnp.where(inputs > 0, 1.0, -1.0)


def network(layers: networks.Layers, inputs: Any) -> tuple[Any, Any]:
    """Features (points, width) and outputs (points, 1)."""
    for layer in layers[:-1]:
        inputs = jnp.tanh(inputs @ layer["weights"] + layer["bias"])
    return inputs, inputs @ layers[-1]["weights"] + layers[-1]["bias"]


def loss(config: HeavisideFeatures, layers: networks.Layers) -> Any:
    inputs, targets = data(config)
    return jnp.mean((network(layers, inputs)[1] - targets) ** 2)


def step(config: HeavisideFeatures, state: State) -> State:
    """One step of Adam on all points."""
    optimiser = optax.adam(config.learning_rate)
    return State(*networks.descend(lambda layers: loss(config, layers), optimiser, state.layers, state.opt_state))


def measure(config: HeavisideFeatures, state: State) -> dict[str, Any]:
    inputs, targets = data(config)
    features, outputs = network(state.layers, inputs)
    eigenvalues, functions = eigenfunctions.eigenfunctions(features, modes=config.modes)
    quality = eigenfunctions.cumulative_quality(functions, targets)
    utilization = eigenfunctions.cumulative_utilization(functions, outputs)
    return {
        "loss": loss(config, state.layers),
        "output": outputs[:, 0],
        "functions": functions[:, :SHOWN].T,
        "units": features[:, : config.units].T,
        "quality": quality,
        "utilization": utilization,
        "first_quality": quality[0],
        "first_utilization": utilization[0],
        "relative_eigenvalues": spectrum.relative_eigenvalues(eigenvalues),
        "low_rank": richness.low_rank_measure(features, outputs),
    }


def raw(config: HeavisideFeatures, state: State) -> dict[str, Any]:
    """weights (width, 1): of the last layer."""
    inputs, targets = data(config)
    features, outputs = network(state.layers, inputs)
    return {"features": features, "outputs": outputs, "targets": targets, "weights": state.layers[-1]["weights"]}


def constants(config: HeavisideFeatures, state: State) -> dict[str, Any]:
    inputs, targets = data(config)
    return {"inputs": inputs[:, 0], "target": targets[:, 0]}


def derive(
    config: HeavisideFeatures, *, functions: np.ndarray, units: np.ndarray, first_quality: np.ndarray
) -> dict[str, Any]:
    """Eigenfunctions without flips, each (frames, points), and how often each changes sign, (frames,).

    functions (frames, shown, points) have any sign. In the first frame each is turned so that it ends above zero, in
    the others so that it is nearest to the frame before.
    """
    functions = functions.astype(np.float64)
    overlaps = np.sum(functions[1:] * functions[:-1], axis=2)
    signs = np.where(np.concatenate([functions[:1, :, -1], overlaps]) < 0, -1, 1).cumprod(axis=0)
    changes = np.count_nonzero(np.diff(functions > 0, axis=2), axis=2).astype(np.float64)
    best = np.maximum.accumulate(first_quality)
    return {
        "unit": {str(k + 1): units[:, k] for k in range(units.shape[1])},
        "share": first_quality[:, None],
        "at_start": first_quality[:1],
        "state": (best >= BENDING).astype(int) + (best >= STEP),
        "function": {name: signs[:, k, None] * functions[:, k] for k, name in enumerate(COLOURS)},
        "sign_changes": dict(zip(COLOURS, changes.T, strict=True)),
    }


def targets(config: HeavisideFeatures) -> Goals:
    figure = "arXiv 2410.04264v3, Fig. 9: the first eigenfunction becomes the target"
    waves = "arXiv 2410.04264v3, Fig. 9: at first like polynomials of degree k"
    quality = Target("quality of e₁ alone", "first_quality", "at least", 0.97, figure)
    utilization = Target("utilisation of e₁ alone", "first_utilization", "at least", 0.97, figure)
    changes = {
        f"sign_changes/{k}": Target(
            f"sign changes of e{'₁₂₃'[k - 1]}, start", f"sign_changes/{k}", "within", k, waves, at="first"
        )
        for k in range(1, SHOWN + 1)
    }
    return {"quality": quality, "utilization": utilization, **changes}


SCENE = Scene(
    name="heaviside-features",
    title="The strongest feature becomes the target itself",
    subtitle="a tanh network of width {width} learns a step on [−1, 1]: features start as waves and end as the step",
    alt="The first eigenfunction of a network's features, drawn over the input with units of the last layer behind it, "
    "starts as a slope; while the network learns a step, it becomes that dashed step: a bar of its share of the target "
    "rises to {first_quality:.3f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 9, Algorithm 1 and Eq. 4, 6, 75, 76",
    output="richness/heaviside-features",
    message="While a network learns a step, its strongest feature turns from a slope into that very step.",
    look_for="The thick line lies along the dashed step at the end; its bar fills up.",
    formulas=(
        (
            "share of the target in the first k features",
            r"\Pi^*(k) = \frac{1}{\dim H} \sum_{j \le k} \langle e_j, P_H e_j \rangle",
        ),
    ),
    group="richness",
    story=STORY,
    config=HeavisideFeatures,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
