"""Dimensions without labels: closed forms, what noise has, planted surfaces, degenerate cases."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from sklearn.neighbors import NearestNeighbors

from render.metrics import codes, contrastive, dimension, spectrum
from render.metrics.moments import moments_of


def test_equal_modes_have_as_many_of_each_rank() -> None:
    for rank in (dimension.rankme, dimension.stable_rank):
        np.testing.assert_allclose(rank(np.array([4.0] * 7 + [0.0] * 3)), 7, rtol=1e-5)
        assert rank(np.zeros(4)) == 0
        assert rank(np.array([3.0, 0.0])) == pytest.approx(1)


def test_rankme_is_of_singular_values() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 8)) + 2
    singular = np.linalg.svd(rows, compute_uv=False)
    np.testing.assert_allclose(dimension.rankme(singular**2 / 50), np.exp(scipy.stats.entropy(singular)), rtol=1e-5)
    assert dimension.rankme(singular**2) >= spectrum.entropy_rank(singular**2)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_a_power_law_has_its_slope_and_a_fit_of_one(alpha: float) -> None:
    values = np.arange(1, 101.0) ** -alpha
    np.testing.assert_allclose(dimension.spectral_slope(values), -alpha, rtol=1e-4)
    np.testing.assert_allclose(dimension.spectral_fit(values), 1, rtol=1e-4)
    rounding = np.r_[values, np.full(20, 1e-12)]
    np.testing.assert_allclose(dimension.spectral_slope(rounding, 1e-9), -alpha, rtol=1e-4)
    assert dimension.spectral_slope(values[:2]) == dimension.spectral_fit(np.zeros(5)) == 0


@pytest.mark.parametrize(("true", "dim"), [(1, 5), (2, 10), (5, 20)])
def test_the_dimension_of_a_flat_surface_is_found(true: int, dim: int) -> None:
    rng = np.random.default_rng(0)
    rows = rng.uniform(size=(2000, true)) @ np.linalg.qr(rng.normal(size=(dim, dim)))[0][:true]
    near = NearestNeighbors(n_neighbors=3).fit(rows).kneighbors(rows)[0][:, 1:]
    found = dimension.two_nearest_dimension(near[:, 0], near[:, 1], np.ones(2000, bool))
    np.testing.assert_allclose(found, true, rtol=0.12)
    half = np.r_[near, np.ones((500, 2))], np.r_[np.ones(2000, bool), np.zeros(500, bool)]
    np.testing.assert_allclose(dimension.two_nearest_dimension(*half[0].T, half[1]), found, rtol=1e-4)
    assert dimension.two_nearest_dimension(np.zeros(4), np.ones(4), np.ones(4, bool)) == 0


@pytest.mark.parametrize(("points", "dim"), [(100, 50), (400, 64), (60, 200)])
def test_isotropic_noise_has_the_ranks_that_are_said_of_it(points: int, dim: int) -> None:
    ranks = []
    for seed in range(8):
        values = np.linalg.eigvalsh(np.cov(np.random.default_rng(seed).normal(size=(dim, points))))
        values = np.maximum(values, 0)
        ranks.append([values.sum() ** 2 / (values**2).sum(), np.exp(scipy.stats.entropy(values))])
    found = dimension.isotropic_participation(points, dim), dimension.isotropic_entropy_rank(points, dim)
    np.testing.assert_allclose(found, np.mean(ranks, axis=0), rtol=0.03)


@pytest.mark.parametrize("centred", [True, False])
def test_the_spectrum_of_a_simplex_is_that_of_rows_on_its_corners(centred: bool) -> None:
    counts = np.array([50, 20, 20, 10])
    corners = np.eye(4) - 0.25
    rows = np.repeat(corners, counts, axis=0)
    rows = rows - rows.mean(axis=0) if centred else rows
    expected = np.linalg.eigvalsh(rows.T @ rows / 100)[::-1]
    np.testing.assert_allclose(codes.simplex_spectrum(counts / 100, centred), expected, atol=1e-6)
    np.testing.assert_allclose(codes.simplex_spectrum(np.full(5, 0.2)), [0.2] * 4 + [0], atol=1e-6)


def test_the_mean_cosine_of_the_sum_is_that_of_all_pairs() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 5)) + 1
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = contrastive.mean_cosine(unit.sum(axis=0), 60)
    np.testing.assert_allclose(found, (unit @ unit.T)[np.triu_indices(60, 1)].mean(), rtol=1e-5)
    assert contrastive.mean_cosine(unit[0], 1) == 0


def test_points_that_are_not_counted_change_neither_uniformity_nor_alignment() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 6))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    counted = np.arange(40) % 4 > 0
    np.testing.assert_allclose(
        contrastive.uniformity(rows, 2.0, counted), contrastive.uniformity(rows[counted]), rtol=1e-5
    )
    found = contrastive.alignment(rows, rows[::-1], counted)
    np.testing.assert_allclose(found, contrastive.alignment(rows[counted], rows[::-1][counted]), rtol=1e-5)
    assert contrastive.uniformity(rows, 2.0, np.arange(40) == 3) == 0


@pytest.mark.parametrize(("shape", "classes"), [((200, 6), 3), ((5, 40), 1), ((50, 1), 2)])
def test_the_participation_ratio_of_moments_is_that_of_their_eigenvalues(shape: tuple[int, int], classes: int) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, shape[0])
    rows = rng.normal(size=shape) * np.linspace(0.1, 1, shape[1]) + 3 * labels[:, None]
    values = np.linalg.eigvalsh(np.cov(rows.T, bias=True).reshape(shape[1], shape[1]))
    moments = moments_of(rows, labels, classes) if classes > 1 else moments_of(rows)
    assert dimension.participation_ratio_of(moments) == pytest.approx(values.sum() ** 2 / (values**2).sum(), rel=1e-5)


def test_the_participation_ratio_of_moments_has_its_closed_forms() -> None:
    axes = np.concatenate([np.eye(5), -np.eye(5)])  # equal variance along each of five
    for scale in (1.0, 1e-18, 1e18):  # whose squares' squares leave the range of float32
        assert dimension.participation_ratio_of(moments_of(scale * axes)) == pytest.approx(5, rel=1e-6)
        assert dimension.participation_ratio_of(moments_of(scale * axes[:, :1])) == pytest.approx(1, rel=1e-6)
    assert dimension.participation_ratio_of(moments_of(np.ones((4, 3)))) == 0
