from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ortho_group

from render.metrics import richness as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

richness = jitted(module)
POINTS, DIM, CLASSES = 60, 7, 3
FORMS = ("projection", "practical")


def centred(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(axis=0)


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    return np.sum(first * second) / np.linalg.norm(first) / np.linalg.norm(second)


def span(outputs: np.ndarray, tolerance: float = 0.05) -> np.ndarray:
    """The (samples, samples) projection onto the span of the centred outputs."""
    left, singular, _ = np.linalg.svd(centred(outputs), full_matrices=False)
    basis = left[:, singular > tolerance * singular[0]]
    return basis @ basis.T


def kernel(rows: np.ndarray) -> np.ndarray:
    return centred(rows) @ centred(rows).T


def data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of unequal variance with an offset, and outputs that are partly linear in them."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(POINTS, DIM)) @ np.diag(np.geomspace(1, 0.1, DIM)) + 2
    outputs = features @ rng.normal(size=(DIM, CLASSES)) + 0.3 * rng.normal(size=(POINTS, CLASSES))
    return features.astype(np.float32), outputs.astype(np.float32)


def labelled(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(CLASSES), rng.integers(0, CLASSES, POINTS - CLASSES)])
    centres = 2 * rng.normal(size=(CLASSES, DIM))
    return (centres[labels] + rng.normal(size=(POINTS, DIM)) + 1).astype(np.float32), labels


def covariances(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sigma_W and Sigma_b, each class with its share of the points."""
    features = features.astype(float)
    means = np.stack([features[labels == label].mean(axis=0) for label in labels])
    return np.cov((features - means).T, bias=True), np.cov(means.T, bias=True)


def collapsed(counts: list[int], lengths: np.ndarray | float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every point on the mean of its class, the means a simplex if of one length; outputs span C - 1 dimensions."""
    classes = len(counts)
    corners = (np.eye(classes) - 1 / classes) * np.reshape(lengths, (-1, 1))
    axes = ortho_group.rvs(classes + 4, random_state=0)[:classes]
    labels = np.repeat(np.arange(classes), counts)
    features = (corners @ axes)[labels]
    outputs = corners[labels] @ ortho_group.rvs(classes, random_state=1) + 0.1
    return features.astype(np.float32), outputs.astype(np.float32), labels


def whitened(count: int, dim: int) -> np.ndarray:
    """Features whose columns are exactly orthogonal and of the same length, without mean."""
    return np.linalg.qr(centred(np.random.default_rng(0).normal(size=(count, dim))))[0].astype(np.float32)


@fuzz
@given(SEEDS)
def test_against_the_operators_themselves(seed: int) -> None:
    features, outputs = data(seed)
    x, y = features.astype(float), outputs.astype(float)
    expected = 1 - cosine(kernel(x), span(y))
    np.testing.assert_allclose(richness.low_rank_measure(features, outputs), expected, atol=2e-6)
    practical = 1 - cosine(kernel(x), kernel(y))
    np.testing.assert_allclose(richness.low_rank_measure(features, outputs, form="practical"), practical, atol=2e-6)
    mixed = x @ np.random.default_rng(seed).normal(size=(DIM, DIM))
    left = cosine(kernel(x), kernel(mixed))
    np.testing.assert_allclose(richness.kernel_deviation(features, mixed.astype(np.float32)), left, atol=2e-6)
    for tolerance in (0.05, 0.5):
        rank = round(np.trace(span(y, tolerance)))
        assert richness.output_rank(outputs, rank_tolerance=tolerance) == rank


@pytest.mark.parametrize("classes", [2, 10])
def test_collapse_onto_a_simplex_is_richest(classes: int) -> None:
    features, outputs, labels = collapsed([12] * classes)
    for form in FORMS:
        np.testing.assert_allclose(richness.low_rank_measure(features, outputs, form=form), 0, atol=1e-6)
    np.testing.assert_allclose(richness.nc1(features, labels, classes), 0, atol=1e-8)
    assert richness.output_rank(outputs) == classes - 1


@pytest.mark.parametrize(("counts", "lengths"), [([3, 10, 40], 1.0), ([17, 18, 18], np.array([1, 2, 4]))])
def test_collapse_that_is_unbalanced_or_no_simplex_is_not(counts: list[int], lengths: Any) -> None:
    features, outputs, labels = collapsed(counts, lengths)
    np.testing.assert_allclose(richness.nc1(features, labels, 3), 0, atol=1e-8)
    found = richness.low_rank_measure(features, outputs)
    assert found > 0.02
    np.testing.assert_allclose(found, 1 - cosine(kernel(features.astype(float)), span(outputs)), atol=1e-6)


@pytest.mark.parametrize("rank", [2, 8])
def test_whitened_features_of_which_some_are_the_outputs(rank: int) -> None:
    features = whitened(50, 8)
    for form in FORMS:
        found = richness.low_rank_measure(features, features[:, :rank], form=form)
        np.testing.assert_allclose(found, 1 - np.sqrt(rank / 8), atol=1e-6)


@pytest.mark.parametrize(("tolerance", "expected"), [(0.05, 0.0), (0.002, 1 - np.sqrt(0.9))])
def test_a_weak_tenth_direction_counts_in_full_or_not_at_all(tolerance: float, expected: float) -> None:
    modes = whitened(80, 10)
    outputs = modes * np.where(np.arange(10) < 9, 1, 0.01).astype(np.float32)
    found = richness.low_rank_measure(modes[:, :9], outputs, rank_tolerance=tolerance)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@fuzz
@given(SEEDS, st.sampled_from([1e-15, 1e-3, 1.0, 1e15]), st.sampled_from([1e-15, 1.0, 1e15]))
def test_rotation_scale_offset_and_order_do_not_matter(seed: int, scale: float, other: float) -> None:
    features, outputs = data(seed)
    order = np.random.default_rng(seed).permutation(POINTS)
    moved = scale * ((features + 5) @ ortho_group.rvs(DIM, random_state=seed))[order]
    mirrored = other * ((outputs - 3) @ ortho_group.rvs(CLASSES, random_state=seed))[order]
    moved, mirrored = moved.astype(np.float32), mirrored.astype(np.float32)
    for form in FORMS:
        expected = richness.low_rank_measure(features, outputs, form=form)
        np.testing.assert_allclose(richness.low_rank_measure(moved, mirrored, form=form), expected, atol=5e-6)
    np.testing.assert_allclose(richness.kernel_deviation(features[order], moved), 1, atol=5e-6)


@fuzz
@given(SEEDS)
def test_no_invertible_map_of_the_outputs_matters_to_the_projection(seed: int) -> None:
    features = data(seed)[0]
    rng = np.random.default_rng(seed)
    outputs = np.linalg.qr(rng.normal(size=(POINTS, CLASSES)))[0]
    turns = ortho_group.rvs(CLASSES, size=2, random_state=seed)
    mapped = outputs @ turns[0] @ np.diag([3, 1, 0.3]) @ turns[1]
    outputs, mapped = outputs.astype(np.float32), mapped.astype(np.float32)
    expected = richness.low_rank_measure(features, outputs)
    np.testing.assert_allclose(richness.low_rank_measure(features, mapped), expected, atol=5e-6)


def test_a_stretch_of_the_outputs_matters_to_the_practical_form() -> None:
    features = whitened(50, 8)
    stretched = features[:, :2] * np.array([1, 5], np.float32)
    expected = 1 - (1 + 25) / np.sqrt(8 * (1 + 625))
    np.testing.assert_allclose(richness.low_rank_measure(features, stretched, form="practical"), expected, atol=1e-6)
    np.testing.assert_allclose(richness.low_rank_measure(features, stretched), 1 - np.sqrt(2 / 8), atol=1e-6)


def test_a_large_mean_takes_no_digits() -> None:
    features, outputs = data(3)
    features, outputs = (centred(features) * 2 + 3e4).astype(np.float32), outputs - np.float32(1e3)
    expected = 1 - cosine(kernel(features.astype(float)), span(outputs.astype(float)))
    np.testing.assert_allclose(richness.low_rank_measure(features, outputs), expected, atol=2e-6)


@pytest.mark.parametrize(("points", "dim", "classes"), [(12, 30, 3), (12, 5, 40), (2, 3, 3)])
def test_more_columns_than_samples(points: int, dim: int, classes: int) -> None:
    rng = np.random.default_rng(1)
    features, outputs = (rng.normal(size=(points, width)).astype(np.float32) for width in (dim, classes))
    expected = 1 - cosine(kernel(features.astype(float)), span(outputs.astype(float)))
    np.testing.assert_allclose(richness.low_rank_measure(features, outputs), expected, atol=3e-6)


def test_outputs_and_features_of_low_rank() -> None:
    features, outputs = data(4)
    expected = 1 - cosine(kernel(features.astype(float)), span(outputs[:, :2].astype(float)))
    doubled = np.concatenate([outputs[:, :2], outputs[:, :1] - outputs[:, 1:2]], axis=1)
    np.testing.assert_allclose(richness.low_rank_measure(features, doubled), expected, atol=3e-6)
    flat = np.repeat(features[:, :1], DIM, axis=1)
    expected = 1 - cosine(kernel(flat.astype(float)), span(outputs.astype(float)))
    np.testing.assert_allclose(richness.low_rank_measure(flat, outputs), expected, atol=3e-6)


def test_a_single_sample_is_constant() -> None:
    assert richness.low_rank_measure(np.ones((1, 2), np.float32), np.ones((1, 2), np.float32)) == 1


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3])
def test_what_is_constant_has_nothing_in_common_with_anything(value: float) -> None:
    features, outputs = data(5)
    same, still = np.full_like(features, value), np.full_like(outputs, value)
    for form in FORMS:
        for first, second in ((features, still), (same, outputs), (same, still)):
            assert richness.low_rank_measure(first, second, form=form) == 1
    assert richness.kernel_deviation(same, features) == 0
    assert richness.output_rank(still) == 0
    for ridge in (0.0, 1e-4):
        assert richness.nc1(same, np.arange(POINTS) % 3, 3, ridge=ridge) == 0


def test_a_network_that_diverged_does_not_look_lazy() -> None:
    features, outputs = data(6)
    broken, wrong = features.copy(), outputs.copy()
    broken[3, 2] = wrong[0, 1] = np.nan
    for form in FORMS:
        assert np.isnan(richness.low_rank_measure(broken, outputs, form=form))
        assert np.isnan(richness.low_rank_measure(features, wrong, form=form))
    for ridge in (0.0, 1e-4):
        assert np.isnan(richness.nc1(broken, np.arange(POINTS) % 3, 3, ridge=ridge))


@fuzz
@given(SEEDS)
def test_nc1_is_the_trace_with_either_inverse(seed: int) -> None:
    features, labels = labelled(seed)
    within, between = covariances(features, labels)
    inverse = np.linalg.pinv(between, rcond=1e-9, hermitian=True)
    np.testing.assert_allclose(richness.nc1(features, labels, CLASSES), np.trace(inverse @ within), rtol=1e-3)
    for ridge in (1e-4, 0.5):
        expected = np.trace(np.linalg.inv(between + ridge * np.eye(DIM)) @ within)
        np.testing.assert_allclose(richness.nc1(features, labels, CLASSES, ridge=ridge), expected, rtol=1e-4)


@fuzz
@given(SEEDS, st.sampled_from([1e-15, 1e-3, 1e15]))
def test_only_the_ridge_sees_features_shrink(seed: int, scale: float) -> None:
    features, labels = labelled(seed)
    names = np.random.default_rng(seed).permutation(CLASSES)[labels]
    moved = (scale * ((features + 3) @ ortho_group.rvs(DIM, random_state=seed))).astype(np.float32)
    np.testing.assert_allclose(richness.nc1(moved, names, CLASSES), richness.nc1(features, labels, CLASSES), rtol=1e-3)
    if scale < 1:
        within, between = covariances(features, labels)
        expected = scale**2 * np.trace(np.linalg.inv(scale**2 * between + 1e-4 * np.eye(DIM)) @ within)
        np.testing.assert_allclose(richness.nc1(moved, names, CLASSES, ridge=1e-4), expected, rtol=1e-3)


def test_nc1_of_a_single_class_and_with_classes_that_have_no_points() -> None:
    features, labels = labelled(7)
    assert richness.nc1(features, np.zeros(POINTS, int), 1) == np.inf
    np.testing.assert_allclose(
        richness.nc1(features, labels * 4, 12), richness.nc1(features, labels, CLASSES), rtol=1e-5
    )


def test_parameter_norm_adds_up_all_arrays() -> None:
    rng = np.random.default_rng(8)
    weights, bias = rng.normal(size=(4, 5)), rng.normal(size=5)
    parameters = {"layer": [jnp.asarray(weights), jnp.asarray(bias)], "scale": jnp.asarray(-2.0)}
    expected = np.sum(weights**2) + np.sum(bias**2) + 4
    np.testing.assert_allclose(richness.parameter_norm(parameters), expected, rtol=1e-6)
    assert richness.parameter_norm({}) == 0


def test_senseless_arguments_are_refused() -> None:
    features, outputs = data(9)
    with pytest.raises(ValueError, match="expected 'projection' or 'practical'"):
        module.low_rank_measure(features, outputs, form="cheap")  # type: ignore[arg-type]
    for tolerance in (1e-5, 1.0):
        with pytest.raises(ValueError, match=f"got rank_tolerance={tolerance}"):
            module.low_rank_measure(features, outputs, tolerance)
    for other in (outputs[:-1], outputs[:, 0]):
        with pytest.raises(ValueError, match="with the same samples"):
            module.low_rank_measure(features, other)
    with pytest.raises(ValueError, match="one at least"):
        module.low_rank_measure(features[:0], outputs[:0])
    with pytest.raises(ValueError, match=r"got ridge=-1\.0"):
        module.nc1(features, np.zeros(POINTS, int), 1, ridge=-1.0)


@pytest.mark.parametrize(("layers", "eq_4", "appendix"), [(2, 0.0761, 0.0280), (3, 0.1153, 0.0103)])
def test_unequal_targets_leave_a_rich_network_above_zero(layers: int, eq_4: float, appendix: float) -> None:
    """Of a balanced diagonal network, features are the strengths a of the targets to the power (L - 1)/L (Eq. 57)."""
    targets = np.array([1, 0.8, 0.5, 0.3])
    spread = targets ** ((layers - 1) / layers)
    points = np.random.default_rng(0).normal(size=(50, 4))
    white = np.linalg.qr(points - points.mean(axis=0))[0]
    features, outputs = jnp.asarray(white * spread), jnp.asarray(white * targets)
    practical = 1 - (spread**2 * targets**2).sum() / np.sqrt((spread**4).sum() * (targets**4).sum())
    plain = 1 - (spread**2).sum() / np.sqrt(4 * (spread**4).sum())
    assert (plain, practical) == pytest.approx((eq_4, appendix), abs=1e-4)
    assert richness.low_rank_measure(features, outputs) == pytest.approx(plain, abs=1e-4)
    assert richness.low_rank_measure(features, outputs, form="practical") == pytest.approx(practical, abs=1e-4)
