"""Gradient descent on two weights whose product should be 1, at rates too large for the curvature at the start.

The loss is (u v - 1)^2/2. What steps do to outputs and kernels of wider networks: `factored_output.descended`.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

Number = float | Float[Array, "..."]
Numbers = Float[Array, "..."]


def imbalance_after(imbalance: Number, error: Number, rate: Number) -> Numbers:
    """Difference u^2 - v^2 of two weights after one step of gradient descent on (u v - 1)^2/2, exactly.

    D' = D (1 - eta^2 e^2), e = u v - 1: gradient flow keeps it, and steps across the valley u v = 1 make it smaller
    while eta |e| < 1, so that they end where the valley is wider. Arrays that broadcast -> theirs. Derived here.
    """
    return jnp.asarray(imbalance * (1 - (rate * error) ** 2))


def valley_curvature(imbalance: Number) -> Numbers:
    """Curvature u^2 + v^2 of the valley u v = 1 where u^2 - v^2 is the imbalance D: sqrt(D^2 + 4), 2 at least.

    Gradient descent at a rate over 2/curvature leaves it. Arrays -> theirs.
    """
    return jnp.sqrt(jnp.asarray(imbalance) ** 2 + 4)


__all__ = ["imbalance_after", "valley_curvature"]
