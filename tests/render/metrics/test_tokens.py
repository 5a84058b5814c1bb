"""Tokens equally far apart stay so, by a law of one number; what a Gram matrix says of any tokens."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import ortho_group

from render.metrics import tokens as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

tokens = jitted(module)
N = 6


def equidistant(cosine: float, count: int = N) -> np.ndarray:
    """Unit rows whose cosines are all the same."""
    gram = (1 - cosine) * np.eye(count) + cosine
    values, vectors = np.linalg.eigh(gram)
    return vectors * np.sqrt(np.maximum(values, 0))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def averages(rows: np.ndarray, sharpness: float) -> np.ndarray:
    return softmax(sharpness * rows @ rows.T, axis=1) @ rows


def omega(cosine: float, count: int = N) -> np.ndarray:
    return np.array((1 + (count - 1) * cosine) / (1 - cosine))


def common_cosine(rows: np.ndarray) -> float:
    cosines = (rows @ rows.T)[np.triu_indices(len(rows), k=1)]
    assert np.ptp(cosines) < 1e-12
    return float(cosines.mean())


cosines = pytest.mark.parametrize("cosine", [-0.15, 0.0, 0.6, 0.999])


@cosines
@pytest.mark.parametrize(("skip", "gain", "sharpness"), [(0.0, 1.0, 5.0), (1.0, 0.2, 1.0), (1.0, 0.7, 6.0)])
def test_a_layer_of_equidistant_tokens_multiplies_omega_as_the_law_says(cosine, skip, gain, sharpness):
    rows = equidistant(cosine)
    after = unit(skip * rows + gain * averages(rows, sharpness))
    law = module.equidistant_layer(omega(cosine), N, sharpness, skip, gain)
    np.testing.assert_allclose(law, omega(common_cosine(after)), rtol=1e-6)
    assert law > omega(cosine)


@cosines
def test_with_the_mean_apart_omega_only_falls(cosine):
    rows = equidistant(cosine)
    mixed = averages(rows, 1.0)
    after = unit(rows - rows.mean(0) + 0.2 * (mixed - mixed.mean(0)) + mixed.mean(0))
    law = module.equidistant_split_layer(omega(cosine), N, 1.0, 0.2)
    np.testing.assert_allclose(law, omega(common_cosine(after)), rtol=1e-9)
    assert law < omega(cosine)


def test_without_skip_omega_grows_with_its_cube_once_it_is_large():
    large = np.array([1e6, 1e8])
    np.testing.assert_allclose(module.equidistant_layer(large, 32, 5.0, 0.0, 1.0), large**3 / 25, rtol=1e-4)


@cosines
def test_weights_participation_and_derivative_are_those_of_the_tokens_themselves(cosine):
    rows, sharpness = equidistant(cosine), 3.0
    weights = softmax(sharpness * rows @ rows.T, axis=1)
    own, other, kept = module.equidistant_attention(omega(cosine), N, sharpness)
    np.testing.assert_allclose([own, other, kept], [weights[0, 0], weights[0, 1], weights[0, 0] - weights[0, 1]])
    values = np.linalg.eigvalsh(rows @ rows.T)
    np.testing.assert_allclose(
        module.equidistant_participation(omega(cosine), N), values.sum() ** 2 / (values**2).sum(), rtol=1e-9
    )
    mixed = weights @ rows
    squares = ((rows[None] - mixed[:, None]) ** 2).sum(axis=2)  # d mixed_i / d z_ij = A_ij (x_j - mixed_i)
    expected = (weights**2 * squares).sum()
    np.testing.assert_allclose(module.equidistant_derivative(omega(cosine), N, sharpness), expected, rtol=1e-9)
    np.testing.assert_allclose(tokens.logit_derivative(jnp.asarray(rows), sharpness), expected, rtol=1e-3, atol=1e-9)
    mean, centred = tokens.mean_and_centred(jnp.asarray(rows))
    np.testing.assert_allclose([mean, centred], [1 + (N - 1) * cosine, 1 - cosine], rtol=1e-3, atol=1e-6)


@fuzz
@given(SEEDS, st.floats(0.1, 8))
def test_plain_expressions_of_any_tokens_in_any_axes_and_order(seed: int, sharpness: float) -> None:
    rng = np.random.default_rng(seed)
    rows = unit(rng.normal(size=(7, 4)))
    rotation, order = ortho_group.rvs(4, random_state=seed), rng.permutation(7)
    mixed, weights = averages(rows, sharpness), softmax(sharpness * rows @ rows.T, axis=1)
    slope = (weights**2 * ((rows[None] - mixed[:, None]) ** 2).sum(axis=2)).sum()
    parts = 7 * (rows.mean(0) ** 2).sum(), ((rows - rows.mean(0)) ** 2).sum() / 6
    turned = jnp.asarray((rows @ rotation)[order])
    np.testing.assert_allclose(tokens.attended(turned, sharpness), (mixed @ rotation)[order], atol=1e-5)
    np.testing.assert_allclose(tokens.logit_derivative(turned, sharpness), slope, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(tokens.mean_and_centred(turned), parts, rtol=1e-4, atol=1e-5)


def test_one_place_and_one_token() -> None:
    same = jnp.tile(jnp.array([[0.6, 0.8]]), (5, 1))
    np.testing.assert_allclose(tokens.attended(same, 3.0), same, atol=1e-6)
    np.testing.assert_allclose(tokens.logit_derivative(same, 3.0), 0, atol=1e-12)
    np.testing.assert_allclose(tokens.mean_and_centred(same), (5, 0), atol=1e-6)
    np.testing.assert_allclose(tokens.mean_and_centred(same[:1]), (1, 0), atol=1e-6)
    own, other, kept = module.equidistant_attention(np.array(np.inf), 5, 3.0)
    np.testing.assert_allclose([own, other, kept], [0.2, 0.2, 0.0])
    assert module.equidistant_participation(np.array(1.0), 5) == pytest.approx(5)
    assert module.equidistant_participation(np.array(0.0), 5) == pytest.approx(4)
    assert float(module.equidistant_participation(1e9, 5)) == pytest.approx(1)


def test_the_law_works_under_jit_on_arrays_of_any_shape() -> None:
    ratios = np.geomspace(0.1, 1e4, 6).reshape(2, 3)
    for name in ("equidistant_layer", "equidistant_derivative", "equidistant_split_layer"):
        rest = {"equidistant_layer": (2.0, 1.0, 0.3), "equidistant_split_layer": (2.0, 0.3)}.get(name, (2.0,))
        expected = getattr(module, name)(ratios, N, *rest)
        np.testing.assert_allclose(getattr(tokens, name)(jnp.asarray(ratios), N, *rest), expected, rtol=1e-4)
