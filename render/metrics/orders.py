"""How far one result is off another, and with which power of a small quantity that falls."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree


def relative_error(found: PyTree[Array], reference: PyTree[Array]) -> Float[Array, ""]:
    """Distance of a result from its reference in units of the reference: |x - r| / |r|, Frobenius, over all leaves.

    found, reference: pytrees of arrays of the same shapes. 0 where both are zero, infinite where only the reference is.
    """

    def square(tree: PyTree[Array]) -> Array:
        return sum((jnp.sum(leaf**2) for leaf in jax.tree.leaves(tree)), start=jnp.zeros(()))

    off, size = square(jax.tree.map(jnp.subtract, found, reference)), square(reference)
    ratio = jnp.sqrt(off / jnp.where(size > 0, size, 1.0))
    return jnp.where((size > 0) | (off == 0), ratio, jnp.inf)


def observed_order(sizes: Float[Array, " n"], errors: Float[Array, " n"]) -> Float[Array, ""]:
    """Order of an approximation: the least-squares slope of ln error over ln size.

    sizes, errors: (n,) positive, n >= 2 of them different, such as step sizes and what they leave: of errors that are
    c h^p it is p. NaN where an error is 0 or all sizes are one.
    """
    across, up = jnp.log(sizes), jnp.log(errors)
    across = across - jnp.mean(across)
    slope = jnp.sum(across * (up - jnp.mean(up))) / jnp.sum(across**2)
    return jnp.where(jnp.all(errors > 0), slope, jnp.nan)


__all__ = ["observed_order", "relative_error"]
