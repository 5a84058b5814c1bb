from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.metrics import large_rates as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

laws = jitted(module)
RATES = st.floats(0.05, 2.0)


@fuzz
@given(SEEDS, RATES)
def test_a_step_of_two_weights_shrinks_their_difference_of_squares(seed: int, rate: float) -> None:
    u, v = np.random.default_rng(seed).normal(size=2)
    error = u * v - 1
    after = u - rate * error * v, v - rate * error * u
    found = laws.imbalance_after(u**2 - v**2, error, rate)
    np.testing.assert_allclose(found, after[0] ** 2 - after[1] ** 2, rtol=1e-4, atol=1e-4)


def test_the_valley_is_as_steep_as_its_weights_say_and_least_where_they_are_equal() -> None:
    places = np.linspace(-1.0, 1.0, 9)
    u, v = np.exp(places), np.exp(-places)
    np.testing.assert_allclose(laws.valley_curvature(u**2 - v**2), u**2 + v**2, rtol=1e-5)
    assert float(laws.valley_curvature(0.0)) == 2.0
    for one, other in zip(u, v, strict=True):
        hessian = np.array([[other**2, 2 * one * other - 1], [2 * one * other - 1, one**2]])
        assert np.linalg.eigvalsh(hessian)[-1] == pytest.approx(one**2 + other**2)


def test_what_is_zero_stays() -> None:
    assert float(laws.imbalance_after(0.0, 0.7, 1.0)) == 0.0
    assert float(laws.imbalance_after(1.5, 0.0, 1.0)) == 1.5
