"""The network on handwritten digits that several scenes train, a few variants at once, and what they measure on it."""

from __future__ import annotations

import functools
import gzip
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.flatten_util import ravel_pytree

from render.bounds import between, positive
from render.metrics import eigenfunctions, geometry, richness, spectrum
from render.scene import Config

from . import networks

CLASSES = 10
POINTS = 1797


@dataclass(frozen=True, kw_only=True)
class DigitsConfig(Config):
    """weight_scale, readout_scale: factors on the weights of He, of the hidden layers and of the last.

    warmup: number of steps in which the rate rises from 0.
    memory: decay of Adam's second moment; a long one meets small late gradients with steps that are too large.
    modes: number of eigenfunctions on the axis of the three curves.
    """

    train_points: int = between(1200, 100, POINTS - 100)
    hidden: int = between(128, CLASSES, 1024)
    batch: int = between(128, 1, POINTS - 100)
    weight_scale: float = positive(1.0, low=1e-6, high=1e6)
    readout_scale: float = positive(1.0, low=1e-6, high=1e6)
    learning_rate: float = positive(4e-3, high=1e3)
    warmup: int = between(50, 0, 10**6)
    memory: float = between(0.999, 0.0, 0.999999)
    modes: int = between(24, CLASSES, 100)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("batch", self.batch <= self.train_points, "1 to train_points")
        self.require("warmup", self.warmup < self.steps, "0 to steps - 1")
        self.require("modes", self.modes <= self.hidden, f"{CLASSES} to hidden, at most 100")


class Samples(NamedTuple):
    """inputs (n, 64), labels (n,)."""

    inputs: Any
    labels: Any


class State(NamedTuple):
    """Networks in training, a row of params, opt_state, targets (runs, n, classes) and body (runs,) for each run.

    body: 1 where all layers are trained, 0 where only the last one is. count: steps so far.
    """

    params: Any
    opt_state: Any
    count: Any
    train: Samples
    test: Samples
    targets: Any
    body: Any


@functools.cache
def handwritten() -> tuple[np.ndarray, np.ndarray]:
    """The handwritten digits that scikit-learn ships: 8x8 pixels from 0 to 16, and which digit each is, as uint8.

    -> images (1797, 64), labels (1797,), those of `load_digits`. Constants, no draw: a scene shuffles and splits them.
    """
    spec = importlib.util.find_spec("sklearn")  # only its data file is read: to import it takes longer than to train
    assert spec is not None
    assert spec.origin is not None
    with gzip.open(Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    return table[:, :-1], table[:, -1]


def split(config: DigitsConfig, places: Any) -> tuple[Samples, Samples]:
    """Train and test samples, pixels from 0 to 1, in random order: that of the sort keys `places` (POINTS,)."""
    images, names = handwritten()
    order = jnp.argsort(places)
    inputs, labels = jnp.asarray(images)[order] / 16, jnp.asarray(names)[order].astype(jnp.int32)
    n = config.train_points
    return Samples(inputs[:n], labels[:n]), Samples(inputs[n:], labels[n:])


def label_in_pixels(inputs: Any, labels: Any, amplitude: float) -> Any:
    """Images whose first ten pixels are the label, one-hot times an amplitude: (n, 64), (n,) -> (n, 64)."""
    return jnp.concatenate([amplitude * jax.nn.one_hot(labels, CLASSES), inputs[:, CLASSES:]], axis=1)


def networks_alike(config: DigitsConfig, key: Any, runs: int) -> networks.Layers:
    """Layers of a network, three hidden ones and a last, with the same weights in each run: arrays (runs, ...)."""
    sizes = (64, config.hidden, config.hidden, config.hidden, CLASSES)
    layers = networks.init_mlp(key, sizes)
    scales = [config.weight_scale] * 3 + [config.readout_scale]
    scaled = [{**layer, "weights": scale * layer["weights"]} for layer, scale in zip(layers, scales, strict=True)]
    return jax.tree.map(lambda array: jnp.broadcast_to(array, (runs, *array.shape)), scaled)


def start(config: DigitsConfig, params: Any, train: Samples, test: Samples, targets: Any, body: Any) -> State:
    opt_state = jax.vmap(optimiser(config).init)(params)
    return State(params, opt_state, jnp.int32(0), train, test, targets, body)


def optimiser(config: DigitsConfig) -> optax.GradientTransformation:
    """Adam with a warm-up and cosine decay to 0."""
    rate = optax.warmup_cosine_decay_schedule(0.0, config.learning_rate, config.warmup, config.steps)
    return optax.adam(rate, b2=config.memory)


def squared_error(outputs: Any, targets: Any) -> Any:
    """mean_i |f_i - f*_i|^2: two (n, classes) -> ()."""
    return jnp.mean(jnp.sum((outputs - targets) ** 2, axis=1))


def step(config: DigitsConfig, state: State) -> State:
    """One step of Adam for every run, all on the same minibatch: the next `batch` rows, cyclically."""
    rows = (state.count * config.batch + jnp.arange(config.batch)) % config.train_points
    inputs = state.train.inputs[rows]

    def descend(params: Any, opt_state: Any, targets: Any, body: Any) -> tuple[Any, Any]:
        def loss(params: Any) -> Any:
            *hidden, last = params
            kept = jax.tree.map(lambda array: body * array + (1 - body) * jax.lax.stop_gradient(array), hidden)
            return squared_error(networks.apply_mlp([*kept, last], inputs), targets)

        return networks.descend(loss, optimiser(config), params, opt_state)

    params, opt_state = jax.vmap(descend)(state.params, state.opt_state, state.targets[:, rows], state.body)
    return state._replace(params=params, opt_state=opt_state, count=state.count + 1)


def responses(state: State, samples: Samples) -> tuple[Any, Any]:
    """Features (runs, n, hidden) and outputs (runs, n, classes) of every run."""
    return jax.vmap(lambda params: networks.apply_with_features(params, samples.inputs))(state.params)


def curves(config: DigitsConfig, features: Any, outputs: Any, targets: Any, modes: int = 0) -> dict[str, Any]:
    """The three curves of each run over its first modes, each (runs, modes): quality, utilization, eigenvalues.

    modes: how many in place of the config's.
    """

    def of_run(features: Any, outputs: Any, targets: Any) -> dict[str, Any]:
        values, functions = eigenfunctions.eigenfunctions(features, modes=modes or config.modes)
        return {
            "quality": eigenfunctions.cumulative_quality(functions, targets),
            "utilization": eigenfunctions.cumulative_utilization(functions, outputs),
            "eigenvalues": spectrum.relative_eigenvalues(values),
        }

    return jax.vmap(of_run)(features, outputs, targets)


def low_rank(features: Any, outputs: Any) -> dict[str, Any]:
    """D_LR of each run, (runs,), in both forms."""

    def of_run(features: Any, outputs: Any) -> dict[str, Any]:
        return {
            "low_rank": richness.low_rank_measure(features, outputs),
            "low_rank_practical": richness.low_rank_measure(features, outputs, form="practical"),
        }

    return jax.vmap(of_run)(features, outputs)


def accuracies(outputs: Any, labels: Any) -> Any:
    """Accuracy of each run: (runs, n, classes), (n,) or (runs, n) -> (runs,)."""
    return jax.vmap(geometry.accuracy, in_axes=(0, 0 if labels.ndim == 2 else None))(outputs, labels)


def families(runs: Sequence[str], arrays: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Families of arrays: {name: (runs, ...)} -> {name: {run: its row}}, so that panels draw the runs by name."""
    return {name: {run: values[row] for row, run in enumerate(runs)} for name, values in arrays.items()}


def raw(state: State, names: tuple[str, ...]) -> dict[str, Any]:
    """Of each run: features, outputs and targets (n, ...) of what is trained on, weights (hidden, classes) of the last
    layer, parameters (all,), every weight and bias end to end, and test_outputs; labels and test_labels of the images.
    """
    features, outputs = responses(state, state.train)
    arrays = {
        "features": features,
        "outputs": outputs,
        "targets": state.targets,
        "weights": state.params[-1]["weights"],
        "parameters": jax.vmap(lambda params: ravel_pytree(params)[0])(state.params),
        "test_outputs": responses(state, state.test)[1],
    }
    of_runs = {f"{array}_{name}": values[row] for array, values in arrays.items() for row, name in enumerate(names)}
    return {"labels": state.train.labels, "test_labels": state.test.labels, **of_runs}


def ideal(config: DigitsConfig) -> Any:
    """Quality and utilization at collapse: the C-1 dimensions are the first modes, min(k/(C-1), 1)."""
    return jnp.minimum(jnp.arange(1, config.modes + 1) / (CLASSES - 1), 1.0)


def constants(config: DigitsConfig, state: State) -> dict[str, Any]:
    return {"ideal": ideal(config)}
