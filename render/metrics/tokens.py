"""Tokens under self-attention: what they have in common, and the exact law of a layer for tokens equally far apart.

A layer has identity queries, keys and values: token i attends with softmax(sharpness <x_i, x_j>), and a set of tokens,
n unit vectors of one common cosine c keeps that form. All of it is then one number, the mean part over the
centred part, omega = (1 + (n - 1) c)/(1 - c): 1 for orthogonal tokens, infinite when all are one. That such tokens
stay equally far apart: Geshkovski et al. 2023 (arXiv 2312.10794); the laws of a layer are derived here.
Functions of omega take JAX arrays, and NumPy's in their own precision.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.linear_algebra import matmul
from render.metrics.namespace import namespace_of

Number = Any  # a number, or an array of any shape


def attended(tokens: Float[Array, "n dim"], sharpness: Number) -> Float[Array, "n dim"]:
    """The average of all tokens that each one attends to: softmax(sharpness X X') X.

    (n, dim) -> (n, dim); the mean of all for sharpness 0, the tokens themselves for unit rows and infinite sharpness.
    """
    return matmul(jax.nn.softmax(sharpness * matmul(tokens, tokens.T), axis=1), tokens)


def mean_and_centred(tokens: Float[Array, "n dim"]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """What tokens have in common, and what not: n |mean|^2, and the sum of |x_i - mean|^2 over n - 1.

    (n, dim) -> (), (). Both are eigenvalues of the Gram matrix of tokens equally far apart: the first of the vector of
    ones, the second of all others. The second is 0 where all tokens are one, and for a single one.
    """
    count = tokens.shape[0]
    mean = jnp.mean(tokens, axis=0)
    return count * jnp.sum(mean**2), jnp.sum((tokens - mean) ** 2) / max(count - 1, 1)


def logit_derivative(tokens: Float[Array, "n dim"], sharpness: Number) -> Float[Array, ""]:
    """Squared derivative of all averages by the logits that make them, at the tokens' own logits.

    Sum over i of |d softmax(z_i) X / d z_i|_F^2 at z_i = sharpness X x_i, by forward differentiation.
    (n, dim) -> (); 0 where all tokens are one: then no logit changes an average.
    """

    def average(logits: Array) -> Array:
        return matmul(jax.nn.softmax(logits), tokens)

    logits = sharpness * matmul(tokens, tokens.T)
    return jnp.sum(jax.vmap(jax.jacfwd(average))(logits) ** 2)


def equidistant_attention(ratio: Number, count: int, sharpness: Number) -> tuple[Any, Any, Any]:
    """(p, q, kappa): the weight of a token on itself and on each other one, and how much attention keeps of a distance.

    With eps = 1 - c = n/(omega + n - 1): p = 1/(1 + (n - 1) e^(-sharpness eps)), q = p e^(-sharpness eps),
    kappa = p - q, without cancellation. ratio is omega, of any shape, as are the results; kappa falls to 0 as
    tokens merge.
    """
    xp = namespace_of(ratio)
    gap = sharpness * count / (ratio + count - 1)
    own = 1 / (1 + (count - 1) * xp.exp(-gap))
    return own, own * xp.exp(-gap), -xp.expm1(-gap) * own


def equidistant_layer(ratio: Number, count: int, sharpness: Number, skip: Number, gain: Number) -> Any:
    """omega after a layer x <- unit(skip x + gain Ax): omega ((skip + gain)/(skip + gain kappa))^2, which only grows.

    Without skip it tends to omega^3/sharpness^2: doubly exponential. ratio: omega before it, of any shape.
    """
    kept = equidistant_attention(ratio, count, sharpness)[2]
    return ratio * ((skip + gain) / (skip + gain * kept)) ** 2


def equidistant_split_layer(ratio: Number, count: int, sharpness: Number, gain: Number) -> Any:
    """omega after a layer in which the mean is replaced and only what is centred is added up.

    x <- unit(x - mean x + gain (Ax - mean Ax) + mean Ax) has omega/(1 + gain kappa)^2, which only falls.
    """
    return ratio / (1 + gain * equidistant_attention(ratio, count, sharpness)[2]) ** 2


def equidistant_participation(ratio: Number, count: int) -> Any:
    """Participation ratio of the Gram matrix's eigenvalues: n for omega = 1, 1 for infinite omega, n - 1 for 0.

    n^2/(a^2 + (n - a)^2/(n - 1)), a = n omega/(omega + n - 1), the eigenvalue of what is common.
    """
    common = count * ratio / (ratio + count - 1)
    return count**2 / (common**2 + (count - common) ** 2 / max(count - 1, 1))


def equidistant_derivative(ratio: Number, count: int, sharpness: Number) -> Any:
    """`logit_derivative` of tokens equally far apart, in closed form.

    n eps [p^2 (1 - kappa)^2 (1 - 1/n) + (n - 1) q^2 ((1 + kappa^2)(1 - 1/n) + 2 kappa/n)].
    """
    own, other, kept = equidistant_attention(ratio, count, sharpness)
    gap, rest = count / (ratio + count - 1), 1 - 1 / count
    from_own = own**2 * (1 - kept) ** 2 * rest
    return count * gap * (from_own + (count - 1) * other**2 * ((1 + kept**2) * rest + 2 * kept / count))


__all__ = [
    "attended",
    "equidistant_attention",
    "equidistant_derivative",
    "equidistant_layer",
    "equidistant_participation",
    "equidistant_split_layer",
    "logit_derivative",
    "mean_and_centred",
]
