"""What the scenes on digits measure, in NumPy and float64 and from the definitions."""

from __future__ import annotations

import functools

import jax
import numpy as np
from sklearn.datasets import load_digits

from render.scene import flat


def low_rank(features: np.ndarray, outputs: np.ndarray) -> float:
    """1 - CKA(Phi Phi', P), with the whole (n, n) matrices: P projects onto the centred outputs' larger directions."""
    phi = features - features.mean(axis=0)
    left, singular, _ = np.linalg.svd(outputs - outputs.mean(axis=0), full_matrices=False)
    basis = left[:, singular > 0.05 * singular[0]]
    kernel, projection = phi @ phi.T, basis @ basis.T
    return 1 - (kernel * projection).sum() / np.linalg.norm(kernel) / np.linalg.norm(projection)


def practical(features: np.ndarray, outputs: np.ndarray) -> float:
    """The same with the outputs' own kernel."""
    kernels = [(x - x.mean(axis=0)) @ (x - x.mean(axis=0)).T for x in (features, outputs)]
    return 1 - (kernels[0] * kernels[1]).sum() / np.linalg.norm(kernels[0]) / np.linalg.norm(kernels[1])


def share_in_modes(features: np.ndarray, functions: np.ndarray, modes: int) -> np.ndarray:
    """Share of the span of the centred functions in the first k left singular vectors of the centred features."""
    modes_of_features = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)[0][:, :modes]
    left, singular, _ = np.linalg.svd(functions - functions.mean(axis=0), full_matrices=False)
    basis = left[:, singular > 0.05 * singular[0]]
    return np.cumsum(((modes_of_features.T @ basis) ** 2).sum(axis=1)) / basis.shape[1]


def relative_eigenvalues(features: np.ndarray, modes: int) -> np.ndarray:
    singular = np.linalg.svd(features - features.mean(axis=0), compute_uv=False)
    return (singular[:modes] / singular[0]) ** 2


def nc1(features: np.ndarray, labels: np.ndarray, ridge: float) -> float:
    """Tr(Sigma_b^+ Sigma_W), or with a ridge Tr((Sigma_b + ridge I)^-1 Sigma_W)."""
    means = np.stack([features[labels == label].mean(axis=0) for label in range(10)])
    within = np.cov((features - means[labels]).T, bias=True)
    between = np.cov(means[labels].T, bias=True)
    if ridge:
        return np.trace(np.linalg.solve(between + ridge * np.eye(len(between)), within))
    return np.trace(np.linalg.pinv(between, rcond=1e-6, hermitian=True) @ within)


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
