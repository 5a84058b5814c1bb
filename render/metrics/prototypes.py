"""Prototypes as a probe of points: soft shares, the loss that they descend, and when they can part.

K prototypes m_k of equal weight and of one width 1/sqrt(beta), beta the sharpness, share each point by
r_ik = softmax_k(-beta |x_i - m_k|^2/2). While beta is small all lie on the mean; at beta = 1/lambda_max(Cov) they can
part, along the first eigenvector of the covariance (Rose, Gurewitz & Fox 1990).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.linear_algebra import eigvalsh, matmul

Number = float | Float[Array, ""]


def soft_shares(
    points: Float[Array, "points dim"], prototypes: Float[Array, "count dim"], sharpness: Number
) -> Float[Array, "points count"]:
    """How much of each point each prototype has: softmax_k beta (x.m_k - |m_k|^2/2), rows add up to 1.

    points (n, d), prototypes (K, d), sharpness beta -> (n, K). |x - m|^2 itself would lose prototypes that are nearer
    to each other than float32 sees beside |x|^2; what it has besides is the same for all of them.
    """
    return jax.nn.softmax(sharpness * (matmul(points, prototypes.T) - jnp.sum(prototypes**2, axis=1) / 2))


def prototype_loss(
    points: Float[Array, "points dim"], prototypes: Float[Array, "count dim"], sharpness: Number
) -> Float[Array, ""]:
    """Loss of a mixture of one width: -mean_i ln sum_k exp(-beta |x_i - m_k|^2/2), ln K less for equal weights.

    points (n, d), prototypes (K, d), sharpness beta -> (). Minus its gradient is beta times `prototype_pull`.
    """
    reach = matmul(points, prototypes.T) - jnp.sum(prototypes**2, axis=1) / 2 - jnp.sum(points**2, axis=1)[:, None] / 2
    return -jnp.mean(jax.nn.logsumexp(sharpness * reach, axis=1))


def prototype_pull(
    points: Float[Array, "points dim"], prototypes: Float[Array, "count dim"], sharpness: Number
) -> Float[Array, "count dim"]:
    """Where each prototype is drawn: mean_i r_ik (x_i - m_k), 0 where expectation-maximisation stands still.

    points (n, d), prototypes (K, d), sharpness beta -> (K, d).
    """
    shares = soft_shares(points, prototypes, sharpness)
    drawn = matmul(shares.T, points) - jnp.sum(shares, axis=0)[:, None] * prototypes
    return drawn / points.shape[0]


def critical_sharpness(points: Float[Array, "points dim"]) -> Float[Array, ""]:
    """The sharpness at which prototypes can part: 1/lambda_max of the points' covariance (divisor n).

    (n, d) -> (), in units of 1/length^2; infinite where all points are one.
    """
    centred = points - jnp.mean(points, axis=0)
    return 1 / eigvalsh(matmul(centred.T, centred) / points.shape[0])[-1]


def parting_curvature(points: Float[Array, "points dim"], sharpness: Number) -> Float[Array, ""]:
    """How stable two prototypes are at the origin: 2/beta times the least eigenvalue of the loss's Hessian there.

    It is 1 - beta lambda_max(Cov) where the mean of the points is 0: below 0 they part.
    points (n, d), sharpness beta > 0 -> (). The Hessian is by automatic differentiation.
    """
    size = 2 * points.shape[1]

    def loss(flat: Array) -> Array:
        return prototype_loss(points, flat.reshape(2, -1), sharpness)

    return 2 / sharpness * eigvalsh(jax.hessian(loss)(jnp.zeros(size, points.dtype)))[0]


__all__ = ["critical_sharpness", "parting_curvature", "prototype_loss", "prototype_pull", "soft_shares"]
