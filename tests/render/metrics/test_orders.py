"""Relative errors and observed orders against their definitions, and where they say nothing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from render.metrics.orders import observed_order, relative_error

RNG = np.random.default_rng(0)


def test_the_error_is_that_of_all_leaves_together():
    found, reference = (RNG.normal(size=(2, 3, 4)) for _ in range(2))
    expected = np.linalg.norm((found - reference).ravel()) / np.linalg.norm(reference.ravel())
    trees = [{"a": jnp.asarray(each[0]), "b": (jnp.asarray(each[1]),)} for each in (found, reference)]
    assert relative_error(*trees) == pytest.approx(expected, rel=1e-5)
    assert relative_error(jnp.asarray(found), jnp.asarray(reference)) == pytest.approx(expected, rel=1e-5)


def test_it_is_the_same_in_other_units_and_after_a_turn():
    found, reference = (jnp.asarray(RNG.normal(size=(5, 3))) for _ in range(2))
    turn = jnp.asarray(np.linalg.qr(RNG.normal(size=(3, 3)))[0])
    expected = relative_error(found, reference)
    assert relative_error(7 * found, 7 * reference) == pytest.approx(float(expected), rel=1e-5)
    assert relative_error(found @ turn, reference @ turn) == pytest.approx(float(expected), rel=1e-5)


def test_of_nothing_it_is_zero_or_infinite_and_its_gradient_is_finite_elsewhere():
    none, one = jnp.zeros(3), jnp.ones(3)
    assert relative_error(none, none) == 0
    assert relative_error(one, none) == np.inf
    assert relative_error(none, one) == 1
    assert np.isfinite(jax.grad(lambda x: relative_error(x, one))(2 * one)).all()


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 4.0])
def test_the_order_of_a_power_is_its_exponent(power):
    sizes = jnp.array([0.3, 0.1, 0.02, 0.01])
    assert observed_order(sizes, 5 * sizes**power) == pytest.approx(power, rel=1e-5)


def test_the_order_is_the_slope_of_a_fit_by_numpy_under_jit_and_vmap():
    sizes = np.geomspace(1e-3, 1, 6)
    errors = np.exp(RNG.normal(size=(4, 6)))
    expected = [np.polyfit(np.log(sizes), np.log(each), 1)[0] for each in errors]
    found = jax.jit(jax.vmap(observed_order, in_axes=(None, 0)))(jnp.asarray(sizes), jnp.asarray(errors))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_errors_of_zero_have_no_order():
    assert np.isnan(observed_order(jnp.array([0.1, 0.2]), jnp.array([0.0, 0.1])))
    assert np.isnan(observed_order(jnp.array([0.1, 0.1]), jnp.array([0.2, 0.1])))
