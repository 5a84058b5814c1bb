"""Prototypes: shares and loss against NumPy, pull against the gradient, and where they part against eigenvalues."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from render.metrics import prototypes
from tests.render.metrics.metric_helpers import jitted

metrics = jitted(prototypes)
RNG = np.random.default_rng(0)
POINTS, CENTRES = RNG.normal(size=(40, 3)), RNG.normal(size=(4, 3))


def test_shares_are_those_of_a_mixture_of_one_width():
    squares = ((POINTS[:, None] - CENTRES) ** 2).sum(axis=2)
    weights = np.exp(-1.7 * squares / 2)
    found = metrics.soft_shares(POINTS, CENTRES, 1.7)
    np.testing.assert_allclose(found, weights / weights.sum(axis=1, keepdims=True), atol=1e-6)
    np.testing.assert_allclose(
        metrics.prototype_loss(POINTS, CENTRES, 1.7), -np.log(weights.sum(axis=1)).mean(), rtol=1e-5
    )


def test_shares_tell_prototypes_apart_that_are_nearer_than_squares_can_see():
    near = np.array([[1e-7, 0, 0], [-1e-7, 0, 0]])
    found = np.asarray(metrics.soft_shares(100 + POINTS, near, 1.0), np.float64)
    np.testing.assert_allclose(found[:, 0] - found[:, 1], np.tanh(1e-7 * (100 + POINTS[:, 0])), rtol=1e-2)


def test_the_pull_is_minus_the_gradient_over_the_sharpness_and_none_at_the_means():
    slope = jax.jit(jax.grad(prototypes.prototype_loss, argnums=1))(POINTS, CENTRES, 1.7)
    np.testing.assert_allclose(metrics.prototype_pull(POINTS, CENTRES, 1.7), -slope / 1.7, atol=1e-6)
    mean = np.repeat(POINTS.mean(axis=0)[None], 4, axis=0)
    np.testing.assert_allclose(metrics.prototype_pull(POINTS, mean, 1.7), 0, atol=1e-6)


def test_a_turn_of_all_changes_no_share_and_turns_the_pull():
    turn = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
    turned = metrics.soft_shares(POINTS @ turn, CENTRES @ turn, 0.8)
    np.testing.assert_allclose(turned, metrics.soft_shares(POINTS, CENTRES, 0.8), atol=1e-5)
    pulled = metrics.prototype_pull(POINTS @ turn, CENTRES @ turn, 0.8)
    np.testing.assert_allclose(pulled, metrics.prototype_pull(POINTS, CENTRES, 0.8) @ turn, atol=1e-5)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_two_prototypes_part_at_one_over_the_largest_eigenvalue(ratio):
    centred = POINTS - POINTS.mean(axis=0)
    largest = np.linalg.eigvalsh(np.cov(centred.T, bias=True))[-1]
    np.testing.assert_allclose(metrics.critical_sharpness(POINTS), 1 / largest, rtol=1e-5)
    found = metrics.parting_curvature(centred, ratio / largest)
    np.testing.assert_allclose(found, 1 - ratio, atol=1e-4)


def test_points_that_are_one_never_part():
    assert np.isinf(metrics.critical_sharpness(np.ones((5, 2))))
    np.testing.assert_allclose(metrics.parting_curvature(np.zeros((5, 2)), 3.0), 1, atol=1e-6)
    np.testing.assert_allclose(metrics.soft_shares(np.ones((5, 2)), np.ones((1, 2)), 3.0), 1)
