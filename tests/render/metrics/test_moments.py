"""Moments against NumPy in float64, and every metric of moments against the same metric of the points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.metrics import codes, eigenfunctions, geometry, richness, spectrum
from render.metrics.moments import Moments, moments_of
from tests.render.metrics.metric_helpers import SEEDS, fuzz

CLASSES, DIM = 4, 6


def labelled(seed: int = 0, points: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """Points of unequal classes, far from the origin; class 2 has none."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(points) < 0.6, 0, rng.choice([1, 3], points))
    labels[:2] = 1, 3
    means = 4 + rng.normal(size=(CLASSES, DIM))
    return (means[labels] + rng.normal(size=(points, DIM)) * np.geomspace(1, 0.1, DIM)).astype(np.float32), labels


def outputs_of(features: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(9)
    mixed = features @ rng.normal(size=(DIM, 3)) + rng.normal(size=(len(features), 3))
    return mixed.astype(np.float32)


def hosted(moments: Moments) -> Moments:
    """The same in NumPy's float64."""
    arrays = (np.asarray(array, np.float64) for array in (moments.counts, moments.means, moments.scatter))
    return Moments(*arrays, moments.epsilon)


@given(SEEDS)
@fuzz
def test_moments_are_those_of_the_definitions(seed: int) -> None:
    features, labels = labelled(seed)
    x = features.astype(float)
    means = np.stack([x[labels == c].mean(axis=0) if (labels == c).any() else np.zeros(DIM) for c in range(CLASSES)])
    within, apart, total = x - means[labels], means[labels] - x.mean(axis=0), x - x.mean(axis=0)
    found = moments_of(features, labels, CLASSES)
    for moments in (found, hosted(found)):
        np.testing.assert_array_equal(moments.counts, np.bincount(labels, minlength=CLASSES))
        assert moments.count == len(x)
        for name, expected in {
            "means": means,
            "mean": x.mean(axis=0),
            "centre": means[[0, 1, 3]].mean(axis=0),
            "scatter": within.T @ within,
            "between": apart.T @ apart,
            "total": total.T @ total,
        }.items():
            scale = np.abs(expected).max()
            np.testing.assert_allclose(getattr(moments, name), expected, atol=2e-5 * scale, err_msg=name)
    some = found.columns(slice(1, 3))
    np.testing.assert_array_equal(some.scatter, np.asarray(found.scatter)[1:3, 1:3])


def test_rows_without_labels_are_one_class_and_several_need_labels() -> None:
    features, _ = labelled()
    found = moments_of(features)
    np.testing.assert_array_equal(found.total, found.scatter)
    centred = features.astype(float) - features.astype(float).mean(axis=0)
    np.testing.assert_allclose(found.total, centred.T @ centred, rtol=1e-4, atol=1e-4)
    with pytest.raises(ValueError, match="classes=3 without labels"):
        moments_of(features, classes=3)


@pytest.mark.parametrize("counts", [[3, 3], [1, 7, 49], [10, 0, 20]])
def test_equal_class_means_lie_apart_by_exactly_nothing(counts: list[int]) -> None:
    mean = np.random.default_rng(0).normal(size=DIM)
    means = np.where(np.array(counts)[:, None] > 0, mean, 0.0)
    host = Moments(np.array(counts), means, np.eye(DIM), 1e-16)
    np.testing.assert_array_equal(host.factor, 0)
    with jax.enable_x64(True):
        assert jax.jit(geometry.within_between_ratio_of)(host) == np.inf


def test_it_is_a_pytree_that_goes_through_jit_and_vmap() -> None:
    features, labels = labelled()
    found = jax.jit(moments_of, static_argnums=2)(features, labels, CLASSES)
    assert jax.tree.map(lambda x: 2 * x, found).epsilon == found.epsilon == np.finfo(np.float32).eps
    both = jax.vmap(lambda x: geometry.collapse_ratio_of(moments_of(x, labels, CLASSES)))(
        jnp.stack([features, 3 * features])
    )
    np.testing.assert_allclose(both[1], both[0], rtol=1e-5)


PAIRS: dict[str, tuple[Callable[[Moments], Any], Callable[[Any, Any], Any]]] = {
    "within_class_variance": (
        geometry.within_class_variance_of,
        lambda x, y: geometry.within_class_variance(x, y, CLASSES),
    ),
    "within_between_ratio": (
        geometry.within_between_ratio_of,
        lambda x, y: geometry.within_between_ratio(x, y, CLASSES),
    ),
    "collapse_ratio": (geometry.collapse_ratio_of, lambda x, y: geometry.collapse_ratio(x, y, CLASSES)),
    "nc1": (richness.nc1_of, lambda x, y: richness.nc1(x, y, CLASSES)),
    "nc1_ridge": (lambda m: richness.nc1_of(m, 1e-2), lambda x, y: richness.nc1(x, y, CLASSES, 1e-2)),
    "second_moment_eigenvalues": (
        spectrum.second_moment_eigenvalues_of,
        lambda x, _: spectrum.second_moment_eigenvalues(x),
    ),
    "modes": (lambda m: spectrum.modes_of(m).values, lambda x, _: spectrum.covariance_eigenvalues(x)),
    "covariance_eigenvalues": (
        spectrum.covariance_eigenvalues_of,
        lambda x, _: np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1],
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_metric_of_moments_is_that_of_the_points(name: str) -> None:
    of_moments, of_rows = PAIRS[name]
    features, labels = labelled()
    with jax.enable_x64(True):
        x = features.astype(float)
        found = of_moments(moments_of(x, labels, CLASSES))
        np.testing.assert_allclose(found, of_rows(x, labels), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-120, 1.0, 1e120])
def test_metrics_of_products_are_those_of_the_points_at_any_scale(scale: float) -> None:
    features, labels = labelled()
    x, y = features.astype(float), outputs_of(features).astype(float)
    with jax.enable_x64(True):
        both = hosted(moments_of(np.concatenate([x, y], axis=1), labels, CLASSES))
        size = np.r_[np.full(DIM, scale), np.full(3, 1 / scale)]
        both = Moments(both.counts, both.means * size, both.scatter * np.outer(size, size), both.epsilon)
        columns = slice(0, DIM), slice(DIM, None)
        products, modes = both.products(*columns), spectrum.modes_of(both.columns(columns[0]))
        np.testing.assert_allclose(richness.low_rank_measure_of(products), richness.low_rank_measure(x, y), rtol=1e-9)
        assert richness.output_rank_of(products) == richness.output_rank(y)
        functions = eigenfunctions.eigenfunctions(x)[1]
        np.testing.assert_allclose(
            eigenfunctions.span_dimension_of(modes, products), eigenfunctions.span_dimension(functions, y), rtol=1e-9
        )
        one_hot = np.eye(CLASSES)[labels][:, [0, 1, 3]]
        np.testing.assert_allclose(
            eigenfunctions.span_dimension_of(modes, both.class_products(columns[0], np.array([0, 1, 3]))),
            eigenfunctions.span_dimension(functions, one_hot),
            rtol=1e-9,
        )


@given(rank=st.integers(1, DIM))
@fuzz
def test_the_numerical_rank_is_that_of_the_points(rank: int) -> None:
    rng = np.random.default_rng(rank)
    rows = (rng.normal(size=(80, rank)) @ rng.normal(size=(rank, DIM)) + 3).astype(np.float32)
    with jax.enable_x64(True):
        found = hosted(moments_of(rows.astype(float)))
        modes = spectrum.modes_of(Moments(found.counts, found.means, found.scatter, float(np.finfo(np.float32).eps)))
        assert spectrum.numerical_rank_of(modes) == rank == np.linalg.matrix_rank(rows - rows.mean(axis=0), tol=1e-3)


def test_columns_that_do_not_vary_are_counted_and_empty_classes_are_not() -> None:
    features, labels = labelled()
    features[:, 2], features[:, 4] = 0.5, 0  # whose means are exact in float32
    found = moments_of(features, labels, CLASSES)
    assert geometry.constant_columns_of(found) == 2
    assert geometry.classes_present_of(found) == 3


def test_ridges_below_zero_and_tolerances_beyond_digits_are_refused() -> None:
    found = moments_of(*labelled(), CLASSES)
    with pytest.raises(ValueError, match="got ridge=-1"):
        richness.nc1_of(found, -1)
    products = found.products(slice(0, 3), slice(3, None))
    modes = spectrum.modes_of(found.columns(slice(0, 3)))
    for refused in (
        lambda: richness.low_rank_measure_of(products, 0),
        lambda: richness.output_rank_of(products, 1),
        lambda: eigenfunctions.span_dimension_of(modes, products, 2),
    ):
        with pytest.raises(ValueError, match="rank_tolerance="):
            refused()


def test_cosines_of_a_simplex_and_of_any_codes() -> None:
    simplex = np.eye(5) - 1 / 5
    np.testing.assert_allclose(codes.closest_cosine(simplex), -1 / 4, rtol=1e-5)
    np.testing.assert_allclose([codes.cosine_spread(simplex), codes.simplex_cosine_error(simplex)], 0, atol=1e-6)
    np.testing.assert_allclose(codes.centred_welch_gap(simplex), 0, atol=1e-6)
    rows = np.random.default_rng(0).normal(size=(6, 3))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[np.triu_indices(6, 1)]
    np.testing.assert_allclose(codes.closest_cosine(rows), cosines.max(), rtol=1e-5)
    np.testing.assert_allclose(codes.cosine_spread(rows), cosines.std(), rtol=1e-5)
    np.testing.assert_allclose(codes.simplex_cosine_error(rows), np.abs(cosines + 1 / 5).max(), rtol=1e-5)
    np.testing.assert_allclose(codes.centred_welch_gap(rows), np.abs(cosines).max() - (3 / (3 * 5)) ** 0.5, rtol=1e-5)
    np.testing.assert_allclose(codes.centred_welch_floor(4, 9), 1 / 3, rtol=1e-6)
