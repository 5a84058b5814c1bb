"""A step of the flow against solutions that are known, and the order at which its error falls."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from scenes import flows


def end(steps: int) -> float:
    """dx/dt = x^2 from 1/2 to t = 1, whose solution is 1/(2 - t)."""
    state = {"x": np.float64(0.5)}
    for _ in range(steps):
        state = flows.rk4(lambda now: {"x": now["x"] ** 2}, state, 1 / steps)
    return float(state["x"])


def test_the_error_falls_with_the_fourth_power_of_the_step():
    errors = [abs(end(steps) - 1.0) for steps in (8, 16, 32)]
    orders = np.log2([errors[0] / errors[1], errors[1] / errors[2]])
    np.testing.assert_allclose(orders, 4, atol=0.2)


def test_a_pytree_turns_round_a_circle():
    state = (jnp.ones(3), jnp.zeros(3))
    for _ in range(100):
        state = flows.rk4(lambda now: (-now[1], now[0]), state, 0.01)
    np.testing.assert_allclose(state[0], np.cos(1), atol=1e-6)
    np.testing.assert_allclose(state[1], np.sin(1), atol=1e-6)
