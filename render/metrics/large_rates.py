"""Gradient descent at rates too large for the curvature at the start: exact laws of two small models.

A two-layer linear network f = u . v/sqrt n on one sample x = 1, y = 0 with the loss f^2/2, whose kernel, the only
curvature that is not zero at f = 0, is lambda = (|u|^2 + |v|^2)/n; and two weights in the plane with (u v - 1)^2/2.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

Number = float | Float[Array, "..."]
Numbers = Float[Array, "..."]


def output_and_curvature_after(
    output: Number, curvature: Number, rate: Number, width: Number
) -> tuple[Numbers, Numbers]:
    """Output f and kernel lambda of the two-layer linear network after one step of gradient descent, exactly.

    f' = f (1 - eta lambda + eta^2 f^2/n), lambda' = lambda + (eta f^2/n)(eta lambda - 4): lambda falls while
    eta lambda < 4, and a step with eta lambda < 2 and a small f makes f smaller. width: n. Arrays that broadcast ->
    two arrays. Source: Lewkowycz et al. 2020 (arXiv 2003.02218), the catapult; derived here.
    """
    power = rate * output**2 / width
    return (
        jnp.asarray(output * (1 - rate * curvature + rate * power)),
        jnp.asarray(curvature + power * (rate * curvature - 4)),
    )


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


__all__ = ["imbalance_after", "output_and_curvature_after", "valley_curvature"]
