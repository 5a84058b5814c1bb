"""Toy data have the distribution that they say, in any program."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from scenes import toys


def test_blobs_have_their_shapes_and_labels_in_order():
    inputs, labels = toys.blobs(jax.random.key(0), 3, 5, 7, 1.0, 0.1)
    assert inputs.shape == (15, 7)
    assert inputs.dtype == np.float32
    np.testing.assert_array_equal(labels, [0] * 5 + [1] * 5 + [2] * 5)


@pytest.mark.parametrize(("spread", "noise"), [(0.4, 0.4), (3.0, 0.1), (0.1, 2.0)])
def test_points_of_a_blob_are_gaussian_about_its_centre(spread, noise):
    classes, per_class, dim = 20, 400, 50
    inputs = np.asarray(toys.blobs(jax.random.key(1), classes, per_class, dim, spread, noise)[0], np.float64)
    blobs = inputs.reshape(classes, per_class, dim)
    centres = blobs.mean(axis=1)
    within = (blobs - centres[:, None]).ravel()
    # Standard errors: of a standard deviation s over n samples s / sqrt(2 n), of a mean s / sqrt(n).
    between = np.hypot(spread, noise / per_class**0.5)
    assert centres.std() == pytest.approx(between, abs=5 * between / (2 * classes * dim) ** 0.5)
    assert abs(centres.mean()) < 5 * between / (classes * dim) ** 0.5
    assert within.std() == pytest.approx(noise, rel=0.01)
    assert np.mean(within**4) / np.mean(within**2) ** 2 == pytest.approx(3, abs=0.1)
    assert np.mean(np.abs(within) < noise) == pytest.approx(0.6827, abs=0.01)


def test_coordinates_of_the_noise_are_uncorrelated():
    inputs = np.asarray(toys.blobs(jax.random.key(2), 4, 5000, 6, 1.0, 0.5)[0], np.float64).reshape(4, 5000, 6)
    residuals = (inputs - inputs.mean(axis=1, keepdims=True)).reshape(-1, 6)
    np.testing.assert_allclose(np.cov(residuals.T), 0.25 * np.eye(6), atol=0.01)


def test_without_noise_every_point_is_its_centre():
    inputs, labels = map(np.asarray, toys.blobs(jax.random.key(3), 4, 6, 3, 1.0, 0.0))
    for label in range(4):
        assert len(np.unique(inputs[labels == label], axis=0)) == 1
    assert len(np.unique(inputs, axis=0)) == 4


def test_a_key_names_the_data():
    one, again, other = (np.asarray(toys.blobs(jax.random.key(seed), 3, 5, 7, 1.0, 0.1)[0]) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.1


def test_centres_and_noise_do_not_share_their_randomness():
    inputs = np.asarray(toys.blobs(jax.random.key(4), 200, 1, 40, 1.0, 1.0)[0], np.float64)
    centres = np.asarray(toys.blobs(jax.random.key(4), 200, 1, 40, 1.0, 0.0)[0], np.float64)
    assert abs(np.corrcoef(centres.ravel(), (inputs - centres).ravel())[0, 1]) < 0.06


def test_a_batch_of_keys_is_the_data_of_each():
    keys = jax.vmap(jax.random.key)(np.arange(4, dtype=np.uint32))
    inputs, labels = jax.jit(jax.vmap(lambda key: toys.blobs(key, 3, 5, 7, 1.0, 0.1)))(keys)
    assert inputs.shape == (4, 15, 7)
    for seed in range(4):
        alone, of_class = toys.blobs(jax.random.key(seed), 3, 5, 7, 1.0, 0.1)
        np.testing.assert_allclose(inputs[seed], alone, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(labels[seed], of_class)


@pytest.mark.parametrize(("count", "dim"), [(3, 2), (34, 2), (500, 8)])
def test_whitened_points_have_mean_zero_and_unit_covariance(count, dim):
    mixed = jax.random.normal(jax.random.key(4), (count, dim)) @ jax.random.normal(jax.random.key(5), (dim, dim)) + 3
    white = np.asarray(toys.whiten(mixed), np.float64)
    np.testing.assert_allclose(white.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(dim), atol=1e-5)
    # A linear map of the centred points: it adds nothing to their span.
    centred = np.asarray(mixed - mixed.mean(axis=0), np.float64)
    fit = centred @ np.linalg.lstsq(centred, white, rcond=None)[0]
    np.testing.assert_allclose(fit, white, atol=1e-4)
