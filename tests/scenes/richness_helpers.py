"""What the scenes on digits measure, in NumPy and float64 and from the definitions."""

from __future__ import annotations

import functools

import jax
import numpy as np
from sklearn.datasets import load_digits

from render.scene import flat
from tests.oracles import low_rank, nc1, practical, relative_eigenvalues, share_in_modes

__all__ = ["check_runs", "images", "low_rank", "nc1", "practical", "relative_eigenvalues", "responses"]
__all__ += ["share_in_modes", "trained"]


def responses(params: list, inputs: np.ndarray, run: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Features and outputs of a ReLU network; of one run where parameters have a row a run."""
    layers = [{name: np.asarray(array, np.float64) for name, array in layer.items()} for layer in params]
    if run is not None:
        layers = [{name: array[run] for name, array in layer.items()} for layer in layers]
    features = np.asarray(inputs, np.float64)
    for layer in layers[:-1]:
        features = np.maximum(features @ layer["weights"] + layer["bias"], 0)
    return features, features @ layers[-1]["weights"] + layers[-1]["bias"]


@functools.cache
def images() -> dict[bytes, int]:
    """Each image of scikit-learn's digits, as bytes of float32 pixels from 0 to 1, and its label."""
    data = load_digits()
    return {(row / 16).astype(np.float32).tobytes(): label for row, label in zip(data.data, data.target, strict=True)}


def trained(scene, config, steps: int, seed: int = 0) -> tuple:
    """The state after some steps, and what the scene measures of it, families by their paths."""

    def program(key):
        state = jax.lax.fori_loop(0, steps, lambda _, state: scene.step(config, state), scene.init(config, key))
        return state, scene.measure(config, state)

    state, measured = jax.device_get(jax.jit(program)(jax.random.key(seed)))
    return state, flat(measured)


def check_runs(state, measured: dict, names: tuple[str, ...], modes: int = 24) -> None:
    """Both forms of D_LR and the three curves of each run are those of the features and outputs that NumPy gets."""
    for run, name in enumerate(names):
        features, outputs = responses(state.params, state.train.inputs, run)
        expected = {
            "low_rank": low_rank(features, outputs),
            "low_rank_practical": practical(features, outputs),
            "quality": share_in_modes(features, state.targets[run], modes),
            "utilization": share_in_modes(features, outputs, modes),
            "eigenvalues": relative_eigenvalues(features, modes),
        }
        for array, values in expected.items():
            np.testing.assert_allclose(measured[f"{array}/{name}"], values, atol=2e-3, err_msg=f"{array}, {name}")
