from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.stats import ortho_group
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestCentroid

from render.metrics import geometry as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

geometry = jitted(module)


def labelled(seed: int, points: int = 45, dim: int = 5, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Unbalanced classes, each with a point at least, apart from the origin."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), rng.integers(0, classes, points - classes)])
    centres = rng.normal(size=(classes, dim))
    features = centres[labels] + rng.normal(size=(points, dim)) + 1.0
    return features.astype(np.float32), labels


def means_of(features: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    return np.stack([features[labels == c].mean(axis=0, dtype=float) for c in range(classes)])


def simplex(classes: int) -> np.ndarray:
    return np.eye(classes) - 1 / classes


def whitened_classes(classes: int, per_class: int, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Noise of exactly zero mean and covariance sigma^2 I round the corners of a polygon of radius 1."""
    rng = np.random.default_rng(0)
    angles = 2 * np.pi * np.arange(classes) / classes
    centres = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rows = []
    for centre in centres:
        noise = rng.normal(size=(per_class, 2))
        noise -= noise.mean(axis=0)
        left, _, right = np.linalg.svd(noise, full_matrices=False)
        rows.append(centre + sigma * np.sqrt(per_class) * left @ right)
    return np.concatenate(rows), np.repeat(np.arange(classes), per_class)


def test_counts_and_means_are_those_of_each_class() -> None:
    features, labels = labelled(0)
    np.testing.assert_array_equal(geometry.class_counts(labels, 6), np.bincount(labels, minlength=6))
    found = geometry.class_means(features, labels, 6)
    np.testing.assert_allclose(found[:4], means_of(features, labels, 4), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[4:], 0)


def test_means_take_numpy_float64() -> None:
    found = geometry.class_means(np.ones((3, 2)), np.zeros(3, dtype=int), 1)
    np.testing.assert_array_equal(found, np.ones((1, 2)))


def test_centred_means_leave_absent_classes_out() -> None:
    features, labels = labelled(1)
    means = means_of(features, labels, 4)
    found = geometry.centred_class_means(features, labels, 5)
    np.testing.assert_allclose(found[:4], means - means.mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found[4], 0)


def test_a_single_class_has_a_zero_centred_mean() -> None:
    features, _ = labelled(1)
    found = geometry.centred_class_means(features, np.zeros(45, dtype=int), 1)
    np.testing.assert_allclose(found, np.zeros((1, 5)), atol=1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_unit_rows_at_any_scale(scale: float) -> None:
    rows = np.random.default_rng(2).normal(size=(6, 3))
    expected = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = geometry.unit_rows((rows * scale).astype(np.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_unit_rows_leave_zero_rows_with_a_finite_gradient() -> None:
    rows = jnp.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(geometry.unit_rows(rows), [[0, 0], [0.6, 0.8]], rtol=1e-6)
    slope = jax.grad(lambda x: geometry.unit_rows(x)[:, 0].sum())(rows)
    assert np.isfinite(slope).all()
    # d(x/r)/dx = y^2/r^3, d(x/r)/dy = -xy/r^3
    np.testing.assert_allclose(slope[1], [16 / 125, -12 / 125], rtol=1e-5)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_cosines_of_a_simplex(classes: int) -> None:
    found = geometry.pairwise_cosines(jnp.asarray(3.0 * simplex(classes)))
    np.testing.assert_allclose(found, np.full(classes * (classes - 1) // 2, -1 / (classes - 1)), atol=1e-6)


@fuzz
@given(SEEDS, st.floats(0.01, 100))
def test_cosines_are_those_of_scikit_learn_at_any_scale(seed: int, scale: float) -> None:
    rows = np.random.default_rng(seed).normal(size=(6, 4)).astype(np.float32)
    expected = cosine_similarity(rows.astype(float))[np.triu_indices(6, 1)]
    np.testing.assert_allclose(geometry.pairwise_cosines(rows * np.float32(scale)), expected, atol=1e-5)


def test_cosines_with_a_zero_row_and_with_one_row() -> None:
    np.testing.assert_array_equal(geometry.pairwise_cosines(jnp.array([[0.0, 0.0], [1.0, 2.0]])), [0.0])
    assert geometry.pairwise_cosines(jnp.ones((1, 3))).shape == (0,)


@fuzz
@given(SEEDS, st.sampled_from([1e-30, 1e-3, 1.0, 1e30]))
def test_distances_are_those_of_scipy_at_any_scale(seed: int, scale: float) -> None:
    rows = np.random.default_rng(seed).normal(size=(6, 4)).astype(np.float32) * np.float32(scale)
    np.testing.assert_allclose(geometry.pairwise_distances(rows), pdist(rows.astype(float)), rtol=1e-5)


def test_near_rows_far_from_zero_keep_the_digits_of_their_distance() -> None:
    rows = jnp.array([[1000.0, 0.0], [1000.0, 0.0625]])
    np.testing.assert_array_equal(geometry.pairwise_distances(rows), [0.0625])


def test_equal_rows_have_distance_0_and_a_finite_gradient_and_one_row_has_none() -> None:
    rows = jnp.array([[1.0, 2.0], [1.0, 2.0], [4.0, 6.0]])
    np.testing.assert_array_equal(geometry.pairwise_distances(rows), [0.0, 5.0, 5.0])
    slope = jax.grad(lambda x: geometry.pairwise_distances(x).sum())(rows)
    np.testing.assert_allclose(slope, [[-0.6, -0.8], [-0.6, -0.8], [1.2, 1.6]], rtol=1e-6)
    assert geometry.pairwise_distances(jnp.ones((1, 3))).shape == (0,)


def test_norm_variation() -> None:
    rows = np.random.default_rng(3).normal(size=(8, 3)).astype(np.float32)
    norms = np.linalg.norm(rows.astype(float), axis=1)
    np.testing.assert_allclose(geometry.norm_variation(rows), norms.std() / norms.mean(), rtol=1e-5)
    np.testing.assert_allclose(geometry.norm_variation(jnp.asarray(5 * simplex(4))), 0, atol=1e-6)
    assert geometry.norm_variation(jnp.zeros((3, 2))) == 0


@fuzz
@given(SEEDS)
def test_covariances_add_up_to_the_total(seed: int) -> None:
    features, labels = labelled(seed)
    within, between = geometry.class_covariances(features, labels, 4)
    np.testing.assert_allclose(within + between, np.cov(features.T.astype(float), bias=True), rtol=1e-4, atol=1e-4)
    assert np.linalg.matrix_rank(np.asarray(between, dtype=float), tol=1e-4) <= 3


def test_within_covariance_is_the_weighted_mean_of_the_classes() -> None:
    features, labels = labelled(4)
    within, _ = geometry.class_covariances(features, labels, 6)
    parts = [np.mean(labels == c) * np.cov(features[labels == c].T.astype(float), bias=True) for c in range(4)]
    np.testing.assert_allclose(within, np.sum(parts, axis=0), rtol=1e-4, atol=1e-5)


@fuzz
@given(SEEDS, st.floats(0.1, 10))
def test_ratios_and_their_invariances(seed: int, scale: float) -> None:
    features, labels = labelled(seed)
    means = means_of(features, labels, 4)[labels]
    within = np.sum((features - means) ** 2) / 45
    between = np.sum((means - features.mean(axis=0, dtype=float)) ** 2) / 45
    order = np.random.default_rng(seed).permutation(45)
    rotation = ortho_group.rvs(5, random_state=seed)
    moved = (scale * (features @ rotation) + 0.5)[order].astype(np.float32)
    for these, names, unit in ((features, labels, 1.0), (moved, labels[order], scale**2)):
        np.testing.assert_allclose(geometry.within_class_variance(these, names, 4), within * unit, rtol=1e-3)
        np.testing.assert_allclose(geometry.within_between_ratio(these, names, 4), within / between, rtol=1e-3)
        np.testing.assert_allclose(geometry.collapse_ratio(these, names, 4), within / (within + between), rtol=1e-3)


@pytest.mark.parametrize("sigma", [0.58, 0.2, 0.035])
def test_collapse_ratio_of_whitened_noise_round_unit_means(sigma: float) -> None:
    features, labels = whitened_classes(3, 34, sigma)
    features = jnp.asarray(features)
    np.testing.assert_allclose(geometry.within_class_variance(features, labels, 3), 2 * sigma**2, rtol=1e-5)
    expected = 2 * sigma**2 / (2 * sigma**2 + 1)
    np.testing.assert_allclose(geometry.collapse_ratio(features, labels, 3), expected, rtol=1e-5)
    # means are of unit length already, so the other convention says the same
    np.testing.assert_allclose(geometry.collapse_ratio(features, labels, 3, normalize_means=True), expected, rtol=1e-4)


def test_normalized_means_break_the_decomposition() -> None:
    features = 0.1 * jnp.asarray(whitened_classes(3, 20, 0.3)[0])
    labels = np.repeat(np.arange(3), 20)
    assert geometry.collapse_ratio(features, labels, 3) < 0.2
    # each mean is 0.1 from the origin: 0.9 from the mean of unit length, and sigma^2 = 0.03^2 in each direction
    within = geometry.within_class_variance(features, labels, 3, normalize_means=True)
    np.testing.assert_allclose(within, 0.9**2 + 2 * 0.03**2, rtol=1e-4)
    ratio = geometry.collapse_ratio(features, labels, 3, normalize_means=True)
    np.testing.assert_allclose(ratio, (0.9**2 + 2 * 0.03**2) / (0.1**2 + 2 * 0.03**2), rtol=1e-4)
    assert ratio > 1


def test_ratios_of_degenerate_features() -> None:
    labels = np.array([0, 0, 1, 1])
    constant = jnp.full((4, 3), 0.1)
    assert geometry.within_class_variance(constant, labels, 2) == 0
    assert geometry.collapse_ratio(constant, labels, 2) == 0
    assert geometry.within_between_ratio(jnp.zeros((4, 3)), labels, 2) == 0
    coincident = jnp.array([[1.0], [-1.0], [1.0], [-1.0]])
    assert geometry.collapse_ratio(coincident, labels, 2) == 1
    assert geometry.within_between_ratio(coincident, labels, 2) == np.inf
    collapsed = jnp.array([[1.0], [1.0], [-1.0], [-1.0]])
    assert geometry.collapse_ratio(collapsed, labels, 2) == 0
    assert geometry.within_between_ratio(collapsed, labels, 2) == 0
    np.testing.assert_allclose(geometry.collapse_ratio(collapsed, np.zeros(4, dtype=int), 1), 1)  # one class


def test_self_duality() -> None:
    rows = np.random.default_rng(5).normal(size=(4, 3)).astype(np.float32)
    np.testing.assert_allclose(geometry.self_duality(7 * rows, rows), 0, atol=1e-6)
    np.testing.assert_allclose(geometry.self_duality(-rows, rows), 2, rtol=1e-6)
    quarter = np.concatenate([rows[:3], [[0, 0, 1]]]), np.concatenate([rows[:3], [[0, 2, 0]]])
    np.testing.assert_allclose(geometry.self_duality(*map(jnp.asarray, quarter)), np.sqrt(2), rtol=1e-6)


def test_nearest_centre_agrees_with_scikit_learn() -> None:
    features, labels = labelled(6)
    nearest = NearestCentroid().fit(features, labels).predict(features)
    logits = np.random.default_rng(6).normal(size=(45, 4)).astype(np.float32)
    expected = np.mean(nearest == logits.argmax(axis=1))
    found = geometry.nearest_class_centre_agreement(features, labels, jnp.asarray(logits))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert geometry.nearest_class_centre_agreement(features, labels, jnp.eye(4)[nearest]) == 1


def test_a_class_without_points_is_never_the_nearest() -> None:
    features = jnp.array([[0.1], [3.0]])  # the absent third class would have its mean at 0
    assert geometry.nearest_class_centre_agreement(features, np.array([1, 1]), jnp.eye(3)[jnp.array([1, 1])]) == 1


def test_accuracy() -> None:
    logits = jnp.array([[2.0, 1.0], [0.0, 1.0], [5.0, -1.0], [0.0, 3.0]])
    assert geometry.accuracy(logits, jnp.array([0, 1, 1, 1])) == 0.75
