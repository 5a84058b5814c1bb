from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.special import i0
from scipy.stats import ortho_group

from render.metrics import contrastive as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

contrastive = jitted(module)
series = jax.jit(module.circle_uniformity, static_argnames="t")  # t decides how many terms there are


def on_sphere(rng: np.random.Generator, points: int, dim: int) -> np.ndarray:
    rows = rng.normal(size=(points, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def on_circle(points: int) -> np.ndarray:
    angles = 2 * np.pi * np.arange(points) / points
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@fuzz
@given(SEEDS, st.floats(0.1, 10))
def test_both_losses_are_plain_expressions_in_any_axes_and_order(seed: int, t: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = on_sphere(rng, 12, 3), on_sphere(rng, 12, 3)
    alignment = np.mean(np.linalg.norm(first - second, axis=1) ** 2)
    uniformity = np.log(np.mean(np.exp(-t * pdist(first) ** 2)))
    rotation, order = ortho_group.rvs(3, random_state=seed), rng.permutation(12)
    for one, two in ((first, second), ((first @ rotation)[order], (second @ rotation)[order])):
        np.testing.assert_allclose(contrastive.alignment(jnp.asarray(one), jnp.asarray(two)), alignment, rtol=1e-4)
        np.testing.assert_allclose(contrastive.uniformity(jnp.asarray(one), t), uniformity, rtol=1e-4, atol=1e-5)


def test_alignment_at_its_ends() -> None:
    points = jnp.asarray(on_circle(9))
    assert contrastive.alignment(points, points) == 0
    np.testing.assert_allclose(contrastive.alignment(points, -points), 4, rtol=1e-6)


@pytest.mark.parametrize("t", [0.5, 2.0, 4.0])
@pytest.mark.parametrize("count", [30, 640])
def test_equal_spacing_reaches_the_optimum(count: int, t: float) -> None:
    expected = np.log((count * np.exp(-2 * t) * i0(2 * t) - 1) / (count - 1))
    np.testing.assert_allclose(contrastive.circle_uniformity_optimum(count, t), expected, atol=1e-5)
    np.testing.assert_allclose(contrastive.uniformity(jnp.asarray(on_circle(count)), t), expected, atol=1e-5)


def test_the_optimum_of_640_points() -> None:
    np.testing.assert_allclose(contrastive.circle_uniformity_optimum(640), -1.5810, atol=5e-5)
    collapsed = jnp.asarray(np.repeat(on_circle(8), 80, axis=0))  # eight points where 640 could be: hardly worse
    np.testing.assert_allclose(contrastive.uniformity(collapsed) + 1.5810, 0.0017, atol=1e-4)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_optimum_of_few_points(count: int) -> None:
    expected = np.log(np.mean(np.exp(-2 * pdist(on_circle(count)) ** 2)))
    np.testing.assert_allclose(contrastive.circle_uniformity_optimum(count), expected, rtol=1e-5)


@fuzz
@given(SEEDS)
def test_nothing_on_the_circle_passes_the_optimum(seed: int) -> None:
    points = on_sphere(np.random.default_rng(seed), 12, 2)
    floor = np.log(np.mean(np.exp(-2 * pdist(on_circle(12)) ** 2)))
    assert contrastive.uniformity(jnp.asarray(points)) >= floor - 1e-5


def test_coincident_points_and_single_points() -> None:
    same = jnp.asarray(np.tile(on_sphere(np.random.default_rng(0), 1, 3), (50, 1)))
    np.testing.assert_allclose(contrastive.uniformity(same), 0, atol=1e-5)
    assert np.isfinite(jax.grad(contrastive.uniformity)(same)).all()
    assert contrastive.uniformity(same[:1]) == 0
    assert contrastive.circle_uniformity_optimum(1) == 0


def test_uniformity_does_not_underflow() -> None:
    np.testing.assert_allclose(contrastive.uniformity(jnp.array([[1.0, 0.0], [-1.0, 0.0]]), 100.0), -400, rtol=1e-6)


def test_gradient_of_uniformity_near_coincidence_is_exact() -> None:
    rng = np.random.default_rng(1)
    points = (np.array([1.0, 0.0]) + 1e-3 * rng.normal(size=(20, 2))).astype(np.float32)
    exact = points.astype(float)
    difference = exact[:, None] - exact[None]
    weight = np.exp(-2 * np.sum(difference**2, axis=-1)) * (1 - np.eye(20))
    expected = -8 * np.sum(weight[..., None] * difference, axis=1) / weight.sum()
    np.testing.assert_allclose(jax.grad(contrastive.uniformity)(jnp.asarray(points)), expected, atol=1e-6)


@fuzz
# few points far apart cancel in the series: their potential is what is left of n^2 less n
@given(SEEDS, st.sampled_from([12, 40]), st.sampled_from([0.5, 2.0, 4.0]))
def test_the_series_on_the_circle_is_the_sum_over_pairs(seed: int, count: int, t: float) -> None:
    points = on_sphere(np.random.default_rng(seed), count, 2)
    expected = np.log(np.mean(np.exp(-t * pdist(points) ** 2)))
    np.testing.assert_allclose(series(jnp.asarray(points), t), expected, rtol=1e-3, atol=1e-4)


def test_the_series_on_the_circle_has_the_gradient_of_the_sum_over_pairs() -> None:
    points = jnp.asarray(on_sphere(np.random.default_rng(0), 30, 2))
    along = jnp.stack([-points[:, 1], points[:, 0]], axis=1)  # off the circle they differ
    series, pairs = (jax.jit(jax.grad(f))(points) for f in (module.circle_uniformity, module.uniformity))
    np.testing.assert_allclose((series * along).sum(axis=1), (pairs * along).sum(axis=1), atol=1e-5)


def test_the_series_on_the_circle_is_0_where_all_points_coincide() -> None:
    same = jnp.asarray(np.repeat([[0.6, 0.8]], 50, axis=0))
    np.testing.assert_allclose(series(same), 0, atol=1e-5)
    assert series(same[:1]) == 0
