"""Neural collapse in the papers' numbers: closed forms, plain NumPy, invariances, degenerate cases."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given
from scipy.stats import ortho_group

from render.metrics import collapse, geometry, richness
from render.metrics.moments import moments_of
from tests.render.metrics.metric_helpers import SEEDS, fuzz

CLASSES, DIM = 4, 6


def labelled(seed: int, points: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.r_[np.arange(CLASSES), rng.integers(0, CLASSES, points - CLASSES)]
    means = 2 * rng.normal(size=(CLASSES, DIM))
    return (means[labels] + rng.normal(size=(points, DIM))).astype(np.float32), labels


def simplex() -> np.ndarray:
    return (np.eye(CLASSES, DIM) - np.eye(CLASSES, DIM).mean(axis=0)).astype(np.float32)


def test_of_equal_classes_nc1_is_that_of_the_other_paper_over_the_classes() -> None:
    features, _ = labelled(0)
    labels = np.arange(120) % CLASSES
    moments = moments_of(features, labels, CLASSES)
    np.testing.assert_allclose(collapse.balanced_nc1_of(moments), richness.nc1_of(moments) / CLASSES, rtol=1e-4)


@fuzz
@given(SEEDS)
def test_nc1_is_its_definition_and_knows_no_rotation_and_no_scale(seed: int) -> None:
    features, labels = labelled(seed)
    means = np.array([features[labels == c].astype(float).mean(axis=0) for c in range(CLASSES)])
    within, apart = features - means[labels], means - means.mean(axis=0)
    expected = np.trace(within.T @ within @ np.linalg.pinv(apart.T @ apart, rcond=1e-6)) / len(labels)
    turned = (7 * features @ ortho_group.rvs(DIM, random_state=seed) + 2).astype(np.float32)
    for rows in (features, turned):
        found = jax.jit(collapse.balanced_nc1_of)(moments_of(rows, labels, CLASSES))
        np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_nc1_of_collapse_is_zero_and_of_means_that_coincide_infinite() -> None:
    labels = np.arange(40) % CLASSES
    assert collapse.balanced_nc1_of(moments_of(simplex()[labels], labels, CLASSES)) == pytest.approx(0, abs=1e-6)
    half = np.random.default_rng(0).integers(-4, 5, (20, DIM)).astype(np.float32)
    twice = moments_of(np.concatenate([half, half]), np.arange(40) // 20, 2)
    assert collapse.balanced_nc1_of(twice) == np.inf


def test_cdnv_is_its_definition_pair_by_pair() -> None:
    rng = np.random.default_rng(0)
    variances, means = rng.uniform(1, 2, CLASSES), rng.normal(size=(CLASSES, DIM))
    expected = np.zeros((CLASSES, CLASSES))
    for a in range(CLASSES):
        for b in range(CLASSES):
            if a != b:
                expected[a, b] = (variances[a] + variances[b]) / (2 * np.sum((means[a] - means[b]) ** 2))
    np.testing.assert_allclose(collapse.pairwise_cdnv(variances, means), expected, rtol=1e-5)
    np.testing.assert_allclose(collapse.cdnv(variances, means), expected.sum() / CLASSES / (CLASSES - 1), rtol=1e-5)
    np.testing.assert_allclose(collapse.worst_cdnv(variances, means), expected.max(), rtol=1e-5)
    assert collapse.worst_cdnv(np.zeros(2), np.ones((2, 3))) == 0
    assert collapse.worst_cdnv(np.ones(2), np.ones((2, 3))) == np.inf


def test_the_nearest_mean_finds_the_rows_of_well_separated_classes_and_nothing_in_noise() -> None:
    labels = np.arange(200) % CLASSES
    rows = 5 * simplex()[labels] + 0.1 * np.random.default_rng(0).normal(size=(200, DIM))
    everyone = np.ones(200, bool)
    means, counts = np.array([rows[labels == c].mean(axis=0) for c in range(CLASSES)]), np.full(CLASSES, 50.0)
    assert collapse.nearest_mean_accuracy(rows, labels, means, everyone) == 1
    assert collapse.left_out_recall(rows, labels, means, counts, everyone) == 1
    noise = np.random.default_rng(1).normal(size=(200, 300))
    own = np.array([noise[labels == c].mean(axis=0) for c in range(CLASSES)])
    assert collapse.nearest_mean_accuracy(noise, labels, own, everyone) > 0.8  # each row is part of its mean
    assert collapse.left_out_recall(noise, labels, own, counts, everyone) < 0.35


def test_rows_that_are_not_counted_and_classes_of_one_row_change_nothing() -> None:
    features, labels = labelled(3)
    means = np.array([features[labels == c].mean(axis=0) for c in range(CLASSES)])
    counts, counted = np.bincount(labels).astype(float), np.arange(120) % 3 > 0
    found = collapse.nearest_mean_accuracy(features, labels, means, counted)
    nearest = ((features[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    np.testing.assert_allclose(found, (nearest == labels)[counted].mean(), rtol=1e-6)
    more = np.r_[features, 9 * np.ones((1, DIM), np.float32)], np.r_[labels, CLASSES]
    with_single = collapse.left_out_recall(*more, np.r_[means, more[0][-1:]], np.r_[counts, 1], np.ones(121, bool))
    assert with_single == pytest.approx(
        float(collapse.left_out_recall(features, labels, means, counts, np.ones(120, bool))), abs=0.02
    )


def test_self_duality_in_frobenius_norm_is_zero_for_a_multiple_and_two_for_the_opposite() -> None:
    means = simplex()
    assert collapse.frobenius_self_duality(3 * means, means) == pytest.approx(0, abs=1e-6)
    assert collapse.frobenius_self_duality(-means, means) == pytest.approx(2, abs=1e-6)
    assert collapse.frobenius_self_duality(0 * means, means) == pytest.approx(1, abs=1e-6)
    assert geometry.self_duality(3 * means, means) == pytest.approx(0, abs=1e-6)


def test_the_energy_of_a_simplex_is_that_of_its_edges() -> None:
    expected = -0.5 * np.log(2 * CLASSES / (CLASSES - 1))
    np.testing.assert_allclose(collapse.uniformity_gap(4 * simplex()), expected, rtol=1e-5)
    assert collapse.uniformity_gap(np.ones((3, 2))) == np.inf
    np.testing.assert_allclose(collapse.uniformity_spread(4 * simplex()), 0, atol=1e-6)
    np.testing.assert_allclose(collapse.riesz_energy(4 * simplex()), np.exp(expected), rtol=1e-5)
    assert collapse.uniformity_spread(np.ones((3, 2))) == collapse.riesz_energy(np.ones((3, 2))) == np.inf
