"""Lengths of weights that only act by their direction, as before a normalisation: how steps and decay change them.

The loss of such weights does not change with their length, so its gradient g is at right angles to them, and a step of
gradient descent with decay, w <- w - eta (g + lambda w), changes N = |w|^2 by a law without the loss. The gradient at
the direction w/|w| is |w| g: what is called the unit gradient here.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

Number = float | Float[Array, "..."]
Numbers = Float[Array, "..."]


def squared_norm_after(squared_norm: Number, squared_gradient: Number, rate: Number, decay: Number = 0.0) -> Numbers:
    """Squared length of scale-invariant weights after one step of gradient descent with decay, exactly.

    N' = (1 - eta lambda)^2 N + eta^2 |g|^2, as w . g = 0. Arrays of shapes that broadcast -> theirs.
    Source: Tanaka & Kunin 2021 (arXiv 2105.02716), whose symmetry it is; derived here for one step.
    """
    return jnp.asarray((1 - rate * decay) ** 2 * squared_norm + rate**2 * squared_gradient)


def squared_gradient_average(average: Number, squared_unit_gradient: Number, rate: Number, decay: Number) -> Numbers:
    """Moving average of squared unit gradients after one more step; its root is |w|^2 where steps turn little.

    Q' = (1 - eta lambda)^4 Q + 2 (1 - eta lambda)^2 eta^2 |g|^2 |w|^2: the square of `squared_norm_after` without its
    term of fourth order in |g|. With a rate over sqrt Q a step is that of RMSProp. Arrays that broadcast -> theirs.
    Source: Tanaka & Kunin 2021 (arXiv 2105.02716), the analogy; derived here for one step.
    """
    kept = (1 - rate * decay) ** 2
    return jnp.asarray(kept**2 * average + 2 * kept * rate**2 * squared_unit_gradient)


def expected_squared_gradient(angle: Number, noise: Number, dim: int) -> Numbers:
    """Mean squared unit gradient of a normalised neuron on one sample: squared error, teacher of unit length.

    G(alpha) = (d - 1) (sigma^2 + 2 (1 - cos alpha)) + 2 sin^2 alpha, for inputs x ~ N(0, I_d), the answer
    (w/|w|) . x, the label t . x + sigma xi, and the loss (answer - label)^2 / 2. angle: between w and t, in radians;
    noise: sigma. Arrays that broadcast -> theirs. Derived here.
    """
    return jnp.asarray((dim - 1) * (noise**2 + 2 * (1 - jnp.cos(angle))) + 2 * jnp.sin(angle) ** 2)


def settled(rate: Number, decay: Number, noise: Number, dim: int) -> tuple[Numbers, Numbers]:
    """Squared length at which steps lengthen a neuron as much as decay shortens it, and its mean sin^2 to the teacher.

    N = eta sqrt(G / k), k = eta lambda (2 - eta lambda), where G = sigma^2 (d - 1) + (d + 1) a is
    `expected_squared_gradient` at small angles and a = eta G / (2 N) the angle that steps of this size leave: a root of
    a quadratic. Each step then turns the weights by the squared angle k, whatever the noise.
    Numbers that broadcast -> two arrays. noise > 0 or d > 1; decay > 0. Source: van Laarhoven 2017, the balance without
    the angle; Wan et al. 2020, the turn; derived here with the angle.
    """
    balance = rate * decay * (2 - rate * decay)
    half = (dim + 1) * jnp.sqrt(balance) / 4
    root = half + jnp.sqrt(half**2 + noise**2 * (dim - 1))  # of G
    return rate * root / jnp.sqrt(balance), root * jnp.sqrt(balance) / 2


__all__ = [
    "expected_squared_gradient",
    "settled",
    "squared_gradient_average",
    "squared_norm_after",
]
