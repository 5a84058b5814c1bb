"""Gradient flow in steps: what scenes whose theory is a differential equation move by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax


def rk4(velocity: Callable[[Any], Any], state: Any, dt: float) -> Any:
    """State after a time dt of d state/dt = velocity(state), by one classical Runge-Kutta step of fourth order.

    state: any pytree of arrays, velocity of the same structure; the error of a step is O(dt^5). Steps of Euler of the
    same length miss the closed forms of a flow by two to four orders of magnitude more.
    """

    def moved(by: float, along: Any) -> Any:
        return jax.tree.map(lambda now, slope: now + by * slope, state, along)

    first = velocity(state)
    second = velocity(moved(dt / 2, first))
    third = velocity(moved(dt / 2, second))
    fourth = velocity(moved(dt, third))
    return jax.tree.map(
        lambda now, a, b, c, d: now + dt / 6 * (a + 2 * b + 2 * c + d), state, first, second, third, fourth
    )
