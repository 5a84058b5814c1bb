from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given

from render.metrics import factored_output as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

factored_output = jitted(module)


@fuzz
@given(SEEDS)
def test_they_are_the_plain_expressions_and_a_rotation_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=(2, 3, 9)).astype(np.float32)
    rotation, _ = np.linalg.qr(rng.normal(size=(9, 9)))
    expected = np.einsum("bi,bi->b", u, v) / 3, (np.sum(u**2, axis=1) + np.sum(v**2, axis=1)) / 9
    for pair in ((u, v), (u @ rotation, v @ rotation), (v, u)):
        np.testing.assert_allclose(factored_output.output_and_kernel(*pair), expected, rtol=1e-4, atol=1e-5)


LOSSES = {
    "squared": lambda f: (f - 0.4) ** 2 / 2,
    "logistic": lambda f: 0.7 * jax.nn.softplus(-f) + 0.3 * jax.nn.softplus(f),
    "cosine": lambda f: jnp.cos(f),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("rate", [0.01, 1.0, 9.0])
def test_the_law_is_a_step_of_gradient_descent_whatever_the_loss(loss: str, rate: float) -> None:
    u, v = np.random.default_rng(1).normal(size=(2, 25)).astype(np.float32)

    def of(pair: tuple) -> jax.Array:
        return LOSSES[loss](factored_output.output_and_kernel(*pair)[0])

    slopes = jax.grad(of)((u, v))
    moved = factored_output.output_and_kernel(u - rate * slopes[0], v - rate * slopes[1])
    output, kernel = factored_output.output_and_kernel(u, v)
    pull = jax.grad(LOSSES[loss])(output)
    np.testing.assert_allclose(factored_output.descended(output, kernel, 25, rate, pull), moved, rtol=2e-5, atol=1e-5)


def test_for_the_squared_error_it_is_the_law_of_two_numbers() -> None:
    """f' = f (1 - eta L + eta^2 f^2/n), L' = L + eta f^2 (eta L - 4)/n: Lewkowycz et al. 2020."""
    f, kernel, n, rate = 1.7, 2.3, 64, 1.4
    expected = f * (1 - rate * kernel + rate**2 * f**2 / n), kernel + rate * f**2 / n * (rate * kernel - 4)
    np.testing.assert_allclose(factored_output.descended(f, kernel, n, rate, f), expected, rtol=1e-6)


def test_without_a_slope_and_without_weights_nothing_moves() -> None:
    np.testing.assert_allclose(factored_output.descended(1.5, 2.0, 16, 3.0, 0.0), (1.5, 2.0))
    np.testing.assert_allclose(factored_output.descended(0.0, 0.0, 16, 3.0, 1.0), (0.0, 0.0))
    np.testing.assert_allclose(factored_output.output_and_kernel(np.zeros(4), np.zeros(4)), (0.0, 0.0))
