"""Two linear layers with a single output, y = a'Wx, that learn a direction b by gradient flow from a readout of zero.

Inputs are white, the loss is |W'a - b|^2/2 with W (hidden, inputs) and a (hidden,), and the first weights have equal
singular values, W = s U V' with orthonormal columns: U (hidden, r), V (inputs, r). Then W sees of b the direction
v = VV'b/|VV'b|, the readout only ever grows along u = Wb/|Wb|, and the whole flow is one of two numbers and a vector:
with alpha = a'u and m = W'u, d alpha/dt = m'(b - alpha m) and dm/dt = alpha (b - alpha m), which keep |m|^2 - alpha^2
= s^2. Derived here; time courses of the same reduced unit: Kunin et al. 2024, Dominé et al. 2024.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.linear_algebra import matmul


def tangent_kernel(weights: Float[Array, "hidden inputs"], readout: Float[Array, " hidden"]) -> Float[Array, "n n"]:
    """Tangent kernel of y = a'Wx as a matrix between inputs: K = W'W + |a|^2 I, (inputs, inputs)."""
    return matmul(weights.T, weights) + jnp.sum(readout**2) * jnp.eye(weights.shape[1])


def reduced_kernel(
    start: Float[Array, "n n"],
    scale: Float[Array, ""],
    seen: Float[Array, " n"],
    drive: Float[Array, " n"],
    readout: Float[Array, ""],
) -> Float[Array, "n n"]:
    """The kernel at any time of the flow: K = W_0'W_0 - s^2 vv' + mm' + alpha^2 I, (inputs, inputs).

    start: W_0'W_0; scale: s; seen: v, (inputs,), of length 1; drive: m, (inputs,); readout: alpha.
    """
    kept = start - scale**2 * jnp.outer(seen, seen)
    return kept + jnp.outer(drive, drive) + readout**2 * jnp.eye(len(seen))


def readout_at_end(scale: Float[Array, ""], length: Float[Array, ""]) -> Float[Array, ""]:
    """Length alpha of the readout when all is learned: the positive root of alpha^4 + s^2 alpha^2 = |b|^2.

    scale: s >= 0; length: |b|. Without first weights it is the root of |b|, and s alpha -> |b| where these are large.
    """
    half = scale**2 / 2
    return length / jnp.sqrt(half + jnp.sqrt(half**2 + length**2))  # without a difference that would cancel


def kernel_at_end(
    start: Float[Array, "n n"], scale: Float[Array, ""], seen: Float[Array, " n"], target: Float[Array, " n"]
) -> Float[Array, "n n"]:
    """The kernel when all is learned: K = W_0'W_0 - s^2 vv' + bb'/alpha^2 + alpha^2 I, alpha of `readout_at_end`.

    start: W_0'W_0, (inputs, inputs); scale: s; seen: v, (inputs,), of length 1; target: b, (inputs,).
    """
    readout = readout_at_end(scale, jnp.linalg.norm(target))
    return reduced_kernel(start, scale, seen, target / readout, readout)


__all__ = ["kernel_at_end", "readout_at_end", "reduced_kernel", "tangent_kernel"]
