from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from sklearn.datasets import make_moons
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from render.metrics import boundary as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

boundary = jitted(module)


def unbalanced(seed: int, points: int = 80, dim: int = 4, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(classes, size=points, p=[0.6, 0.3, 0.1])
    labels[:classes] = np.arange(classes)
    mixing = rng.normal(size=(dim, dim)) + 2 * np.eye(dim)
    features = rng.normal(size=(classes, dim))[labels] + rng.normal(size=(points, dim)) @ mixing
    return features.astype(np.float32), labels


def decide(features: np.ndarray, labels: np.ndarray, classes: int, points: np.ndarray) -> np.ndarray:
    weights, bias = boundary.linear_discriminant(jnp.asarray(features), jnp.asarray(labels), classes)
    return np.asarray(boundary.linear_discriminant_decisions(jnp.asarray(points), weights, bias))


def test_complexity_of_known_boundaries() -> None:
    across = np.arange(20)[None, :] >= np.full(20, 7)[:, None]
    assert boundary.boundary_complexity(jnp.asarray(across, dtype=int)) == 1
    assert boundary.boundary_complexity(jnp.asarray(across.T, dtype=int)) == 1
    assert boundary.boundary_complexity(jnp.zeros((20, 20), dtype=int)) == 0
    assert boundary.boundary_complexity(jnp.zeros((1, 1), dtype=int)) == 0
    board = np.indices((20, 20)).sum(axis=0) % 2
    np.testing.assert_allclose(boundary.boundary_complexity(jnp.asarray(board)), 2 * 19)
    diagonal = np.tri(20, dtype=int)
    np.testing.assert_allclose(boundary.boundary_complexity(jnp.asarray(diagonal)), 2 * 19 / 20)


@fuzz
@given(SEEDS)
def test_complexity_counts_neighbours_whatever_classes_are_called(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = rng.integers(0, 4, size=(9, 9))
    flips = sum(
        int(grid[i, j] != grid[i + down, j + 1 - down])
        for down in (0, 1)
        for i in range(9 - down)
        for j in range(8 + down)
    )
    renamed = rng.permutation(4)[grid]
    for these in (grid, renamed, grid.T, grid[::-1]):
        np.testing.assert_allclose(boundary.boundary_complexity(jnp.asarray(these)), flips / 9, rtol=1e-6)


@fuzz
@given(SEEDS)
def test_discriminant_decides_as_scikit_learn(seed: int) -> None:
    features, labels = unbalanced(seed)
    # this solver's covariance is divided by N in every version of scikit-learn; the default's was not
    oracle = LinearDiscriminantAnalysis(solver="lsqr").fit(features.astype(float), labels)
    points = np.random.default_rng(seed).normal(scale=4, size=(500, 4))
    # points that lie on a boundary within float32 may go either way
    scores = np.sort(oracle.decision_function(points), axis=1)
    clear = scores[:, -1] - scores[:, -2] > 1e-3
    np.testing.assert_array_equal(decide(features, labels, 3, points)[clear], oracle.predict(points)[clear])


def test_discriminant_on_moons() -> None:
    features, labels = make_moons(320, noise=0.18, random_state=0)
    oracle = LinearDiscriminantAnalysis().fit(features, labels)
    np.testing.assert_array_equal(decide(features, labels, 2, features), oracle.predict(features))


def test_boundary_of_two_classes_in_closed_form() -> None:
    features = np.array([[-1.0], [-3.0], [2.0], [4.0], [3.0], [3.0]])
    labels = np.array([0, 0, 1, 1, 1, 1])
    weights, bias = boundary.linear_discriminant(jnp.asarray(features), jnp.asarray(labels), 2)
    # means -2 and 3, pooled variance (1 + 1 + 1 + 1)/6 = 2/3: w_c = 1.5 mu_c up to a shift, b = -1.5 mu^2/2 + ln prior
    slope, step = np.diff(weights[:, 0])[0], np.diff(bias)[0]
    np.testing.assert_allclose(slope, 7.5, rtol=1e-5)
    np.testing.assert_allclose(step, -1.5 * (9 - 4) / 2 + np.log(2), rtol=1e-4)


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_units_offset_and_order_change_no_decision(offset: float) -> None:
    features, labels = unbalanced(1)
    plain = decide(features, labels, 3, features)
    order = np.random.default_rng(1).permutation(80)
    moved = features * np.array([1.0, 1e-4, 1e3, 0.1]) + offset * np.array([1.0, 1e-4, 1e3, 0.1])
    np.testing.assert_array_equal(decide(moved[order], labels[order], 3, moved), plain)


def test_degenerate_features() -> None:
    features, labels = unbalanced(2)
    plain = decide(features, labels, 3, features)
    doubled = np.concatenate([features, features[:, :1], np.full((80, 1), 0.7)], axis=1)  # rank-deficient
    np.testing.assert_array_equal(decide(doubled, labels, 3, doubled), plain)
    absent = decide(features, np.where(labels == 1, 3, labels), 5, features)  # classes 1 and 4 have no points
    np.testing.assert_array_equal(absent, np.where(plain == 1, 3, plain))
    largest = np.bincount(labels).argmax()
    assert (decide(np.ones((80, 2)), labels, 3, features[:, :2]) == largest).all()  # no spread at all
    assert (decide(features, np.zeros(80, dtype=int), 1, features) == 0).all()
    few = decide(features[:3], labels[:3], 3, features)  # as many points as classes: no spread within
    assert set(few.tolist()) <= {0, 1, 2}
