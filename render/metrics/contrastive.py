"""Alignment and uniformity on the unit sphere (Wang & Isola 2020, arXiv 2005.10242): both are losses, to descend."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jaxtyping import Array, Bool, Float

from render.metrics.linear_algebra import matmul

Number = float | Float[Array, ""]


def alignment(
    first: Float[Array, "points dim"],
    second: Float[Array, "points dim"],
    counted: Bool[Array, " points"] | None = None,
) -> Float[Array, ""]:
    """Mean squared distance between the two views of each point.

    (1/N) sum_i |x_i - y_i|^2, alpha = 2 in the source. Two (points, dim), rows of unit length -> () in [0, 4];
    0 when views agree. Only the points that are `counted` (points,), if that is given. Source: Wang & Isola 2020.
    """
    squares = jnp.sum((first - second) ** 2, axis=1)
    if counted is None:
        return jnp.mean(squares)
    return jnp.sum(jnp.where(counted, squares, 0.0)) / jnp.maximum(jnp.sum(counted), 1)


def mean_cosine(sum_of_units: Float[Array, " dim"], count: Number) -> Float[Array, ""]:
    """Mean cosine of all pairs of different rows, from the sum of the rows of unit length alone.

    (N |m|^2 - 1) / (N - 1), m = (1/N) sum_i z_i/|z_i|: exact, without a single pair. sum_of_units (dim,), count N of
    the rows that are not zero -> () in [-1/(N - 1), 1]; 0 for fewer than two.
    """
    squares = jnp.sum((sum_of_units / jnp.maximum(count, 1)) ** 2)
    return jnp.where(count > 1, (count * squares - 1) / jnp.maximum(count - 1, 1), 0.0)


def uniformity(
    points: Float[Array, "points dim"], t: Number = 2.0, counted: Bool[Array, " points"] | None = None
) -> Float[Array, ""]:
    """How far points are from spread over the sphere: the logarithm of their mean Gaussian potential.

    ln mean_{i<j} exp(-t |x_i - x_j|^2). (points, dim), rows of unit length -> () in [-4t, 0], lower is more uniform;
    0 when all points coincide, and for a single one. Only the points that are `counted` (points,) are there, if that is
    given. Time and memory grow with points^2. Source: Wang & Isola 2020.
    """
    count = points.shape[0]
    if count < 2:
        return jnp.zeros(())
    squares = jnp.sum(points**2, axis=1)
    # Squared distances, never their root: its gradient is infinite where points coincide.
    distances = squares[:, None] + squares[None, :] - matmul(2.0 * points, points.T)
    exponents = jnp.where(jnp.eye(count, dtype=bool), -jnp.inf, -t * distances)
    if counted is None:
        return jax.nn.logsumexp(exponents) - jnp.log(count * (count - 1.0))
    exponents = jnp.where(counted[:, None] & counted[None, :], exponents, -jnp.inf)
    there = jnp.sum(counted) * jnp.ones((), exponents.dtype)
    pairs = jnp.maximum(there * (there - 1), 1.0)
    return jnp.where(there > 1, jax.nn.logsumexp(exponents) - jnp.log(pairs), 0.0)


def circle_uniformity(points: Float[Array, "points 2"], t: float = 2.0) -> Float[Array, ""]:
    """The uniformity of points on the unit circle, in time and memory that grow with points, not with their square.

    exp(-t |x - y|^2) = e^(-2t) sum_k I_k(2t) e^(ik(theta_x - theta_y)) (Jacobi & Anger), so that the sum over all pairs
    is e^(-2t) (I_0 n^2 + 2 sum_k I_k |sum_j z_j^k|^2), z_j the point as a complex number and I_k the modified Bessel
    function; k runs until I_k is lost in float32. (points, 2), rows of unit length -> (), as `uniformity`, with fewer
    digits where few points lie far apart: the points' potentials with themselves are subtracted from the sum.
    """
    count = points.shape[0]
    if count < 2:
        return jnp.zeros(())
    weights = scipy.special.ive(np.arange(200), 2 * t)  # e^(-2t) I_k(2t), k = 0, 1, ...
    weights = weights[: np.flatnonzero(weights > 1e-9 * weights[0])[-1] + 1]
    angle = jnp.arctan2(points[:, 1], points[:, 0])
    phases = jnp.arange(1, len(weights))[:, None] * angle
    squares = jnp.cos(phases).sum(axis=1) ** 2 + jnp.sin(phases).sum(axis=1) ** 2
    pairs = weights[0] * count**2 + 2 * matmul(jnp.asarray(weights[1:], points.dtype), squares)
    return jnp.log((pairs - count) / (count * (count - 1.0)))


def circle_uniformity_optimum(count: int, t: Number = 2.0) -> Float[Array, ""]:
    """Least uniformity of `count` points on the unit circle, which equally spaced ones reach.

    ln((1/(n-1)) sum_{k=1}^{n-1} exp(-2t (1 - cos(2 pi k/n)))), which beyond a dozen points (for t = 2) is
    ln((n e^(-2t) I0(2t) - 1)/(n-1)), I0 the modified Bessel function; for more and more points ln(e^(-2t) I0(2t)).
    count, t > 0 -> () <= 0; 0 for a single point. Equal spacing is optimal for every potential that is completely
    monotone in the squared distance (Cohn & Kumar 2007).
    """
    if count < 2:
        return jnp.zeros(())
    angles = 2.0 * jnp.pi * jnp.arange(1, count) / count
    return jax.nn.logsumexp(-2.0 * t * (1.0 - jnp.cos(angles))) - jnp.log(count - 1.0)


__all__ = ["alignment", "circle_uniformity", "circle_uniformity_optimum", "mean_cosine", "uniformity"]
