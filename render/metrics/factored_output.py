"""The smallest network with a width, f = u.v/sqrt n: its output, its kernel, and what one step does to them."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def output_and_kernel(
    incoming: Float[Array, "*batch width"], readout: Float[Array, "*batch width"]
) -> tuple[Float[Array, "*batch"], Float[Array, "*batch"]]:
    """Output f = u.v/sqrt n of the network on the input 1, and its tangent kernel L = (|u|^2 + |v|^2)/n.

    A small step of rate eta down a loss moves the output by -eta L loss'(f).
    incoming u, readout v (..., width) -> (...,), (...,). Source: Lewkowycz et al. 2020.
    """
    width = incoming.shape[-1]
    output = jnp.sum(incoming * readout, axis=-1) / jnp.sqrt(width)
    return output, jnp.sum(incoming**2 + readout**2, axis=-1) / width


def descended(
    output: Float[Array, " *batch"],
    kernel: Float[Array, " *batch"],
    width: int | Float[Array, " *batch"],
    rate: float | Float[Array, " *batch"],
    pull: Float[Array, " *batch"],
) -> tuple[Float[Array, " *batch"], Float[Array, " *batch"]]:
    """Output and kernel after one step of gradient descent of any rate, exactly, whatever the loss.

    P+- = |u +- v|^2/n = L +- 2 f/sqrt n become P+- (1 -+ rate g/sqrt n)^2, where g is the slope of the loss by the
    output: u and v move by -rate g v/sqrt n and -rate g u/sqrt n.
    output f, kernel L, width n, rate, pull g, of shapes that broadcast -> output, kernel.
    Source: the two-number law of Lewkowycz et al. 2020, with g in place of f; the factors follow in one line.
    """
    root = jnp.sqrt(width)
    turn = rate * pull / root
    along = (kernel + 2 * output / root) * (1 - turn) ** 2
    against = (kernel - 2 * output / root) * (1 + turn) ** 2
    return root * (along - against) / 4, (along + against) / 2


__all__ = ["descended", "output_and_kernel"]
