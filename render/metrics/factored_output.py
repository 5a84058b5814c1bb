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

    f' = f (1 + t^2) - rate g L, L' = L (1 + t^2) - 4 t f/sqrt n, t = rate g/sqrt n, where g is the slope of the loss by
    the output: u and v move by -t v and -t u. With P+- = |u +- v|^2/n = L +- 2 f/sqrt n it says P+-' = P+- (1 -+ t)^2.
    For the loss f^2/2, g = f: L falls as long as rate L < 4, the catapult.
    output f, kernel L, width n, rate, pull g, of shapes that broadcast -> output, kernel.
    Source: Lewkowycz et al. 2020 (arXiv 2003.02218) for the squared error; derived here for any slope.
    """
    root = jnp.sqrt(width)
    turn = rate * pull / root
    return output * (1 + turn**2) - rate * pull * kernel, kernel * (1 + turn**2) - 4 * turn * output / root


__all__ = ["descended", "output_and_kernel"]
