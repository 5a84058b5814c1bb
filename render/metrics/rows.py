"""Inner products of columns over many samples, by blocks of rows.

What is asked of n samples of dimension p here costs O(n p) reads and O(p^2) memory beside them: rows are centred block
by block, because a centred copy would double what the samples take, and n m m' taken away from a finished product would
cancel all digits of float32 where the mean is large.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.linear_algebra import matmul, svd, triangle

BLOCK_ENTRIES = 2**22  # of a block, all arrays together: 16 MB in float32


class Centring(NamedTuple):
    """Shift and scale that make columns centred and of order one: (rows - origin - mean) / scale."""

    origin: Float[Array, " dim"]
    mean: Float[Array, " dim"]
    scale: Float[Array, ""]

    def __call__(self, rows: Float[Array, "rows dim"]) -> Float[Array, "rows dim"]:
        return (rows - self.origin - self.mean) / self.scale


class Products(NamedTuple):
    """Inner products of the centred columns of X (samples, p) and Y (samples, q), each array divided by one number.

    gram X'X (p, p), cross Y'X (q, p), other Y'Y (q, q); without units.
    """

    gram: Float[Array, "p p"]
    cross: Float[Array, "q p"]
    other: Float[Array, "q q"]


def _block_rows(*arrays: Array) -> int:
    """Number of rows in a block: BLOCK_ENTRIES in all, and no fewer than columns, which is what a factor has."""
    columns = sum(array.size // array.shape[0] for array in arrays)
    return max(BLOCK_ENTRIES // max(columns, 1), columns)


def fold_rows(measure: Callable[..., Any], combine: Callable[[Any, Any], Any], *arrays: Array) -> Any:
    """`measure` of blocks of rows, put together by `combine`, which has to be associative.

    combine(...combine(measure(block 1), measure(block 2))..., measure(last block)): the blocks hold the same rows of
    each array; the last may be smaller, a single one holds all. Arrays (samples, ...) -> as `measure`, a pytree.
    """
    count, size = arrays[0].shape[0], _block_rows(*arrays)
    if count <= size:
        return measure(*arrays)

    def block(index: Any) -> Any:
        return measure(*(jax.lax.dynamic_slice_in_dim(array, index * size, size) for array in arrays))

    whole, rest = divmod(count, size)
    total = jax.lax.fori_loop(1, whole, lambda index, total: combine(total, block(index)), block(0))
    return combine(total, measure(*(array[-rest:] for array in arrays))) if rest else total


def map_rows(
    function: Callable[[Float[Array, "rows dim"]], Float[Array, "rows results"]], samples: Float[Array, "samples dim"]
) -> Float[Array, "samples results"]:
    """A function of rows, each by itself, applied block by block: (samples, dim) -> (samples, results)."""
    count, size = samples.shape[0], _block_rows(samples)
    if count <= size:
        return function(samples)

    def body(index: int, results: Array) -> Array:
        # both slices stop short of the end alike: the last block does some rows again, and no block is smaller
        rows = function(jax.lax.dynamic_slice_in_dim(samples, index * size, size))
        return jax.lax.dynamic_update_slice_in_dim(results, rows, index * size, axis=0)

    form = jax.eval_shape(function, samples)
    return jax.lax.fori_loop(0, -(-count // size), body, jnp.zeros(form.shape, form.dtype))


def add(first: Any, second: Any) -> Any:
    """Sum of two pytrees of the same structure, leaf by leaf."""
    return jax.tree.map(jnp.add, first, second)


def product(first: Float[Array, "samples p"], second: Float[Array, "samples q"]) -> Float[Array, "p q"]:
    """Inner products of columns: X'Y, (samples, p) and (samples, q) -> (p, q), in full float32 on any device."""
    return matmul(first.T, second)


def centring(samples: Float[Array, "samples dim"]) -> Centring:
    """Shift and scale after which each column has mean zero and no entry is above 2 in magnitude.

    origin = x_1, mean = (1/n) sum_i (x_i - origin), scale = max_ij |x_ij - origin_j|, or 1 if that is zero. The first
    row goes first: constant columns then are exactly 0, and the mean has the digits of the deviations, not those of the
    offset. samples (samples, dim), finite, one row at least -> a `Centring`.
    """
    origin = samples[0]

    def measure(rows: Array) -> tuple[Array, Array]:
        return jnp.sum(rows - origin, axis=0), jnp.max(jnp.abs(rows - origin))

    def combine(first: tuple[Array, Array], second: tuple[Array, Array]) -> tuple[Array, Array]:
        return first[0] + second[0], jnp.maximum(first[1], second[1])

    total, largest = fold_rows(measure, combine, samples)
    return Centring(origin, total / samples.shape[0], jnp.where(largest > 0, largest, 1.0))


def scaling(samples: Float[Array, "samples dim"]) -> Centring:
    """Scale without a shift, after which no entry is above 1 in magnitude. (samples, dim) -> a `Centring`."""
    largest = fold_rows(lambda rows: jnp.max(jnp.abs(rows)), jnp.maximum, samples)
    zero = jnp.zeros(samples.shape[1], samples.dtype)
    return Centring(zero, zero, jnp.where(largest > 0, largest, 1.0))


def centred_products(first: Float[Array, "samples p"], second: Float[Array, "samples q"]) -> Products:
    """Inner products X'X, Y'X and Y'Y of the centred columns, each array first divided by its largest deviation.

    (samples, p), (samples, q) -> (p, p), (q, p), (q, q), without units; constant columns give exact zeros. Raises
    ValueError for arrays that are no matrices with the same number of rows.
    """
    first, second = same_rows(first, second)
    left, right = centring(first), centring(second)

    def measure(x: Array, y: Array) -> Products:
        x, y = left(x), right(y)
        return Products(product(x, x), product(y, x), product(y, y))

    return fold_rows(measure, add, first, second)


def triangular_factor(shifts: tuple[Centring, ...], *arrays: Float[Array, "samples _"]) -> Float[Array, "rank columns"]:
    """A few rows with the inner products of many: R of the QR decomposition of [X_1, X_2, ...], each shifted first.

    R'R = [X_1, X_2, ...]'[X_1, X_2, ...], R upper triangular with signs as they come. Block by block, each factored
    together with the R of those before, so that the squares of small singular values are never formed: they keep twice
    the digits that X'X has. Arrays (samples, p_j) -> (min(samples, columns), columns), columns = sum_j p_j.
    Source: Demmel, Grigori, Hoemmen & Langou 2012, sequential TSQR.
    """

    def measure(*rows: Array) -> Array:
        block = jnp.concatenate([shift(x) for shift, x in zip(shifts, rows, strict=True)], axis=1)
        # QR wants columns that are contiguous: without the barrier all samples would be transposed, not each block
        return triangle(jax.lax.optimization_barrier(block.ravel()).reshape(block.shape))

    return fold_rows(measure, lambda a, b: triangle(jnp.concatenate([a, b])), *arrays)


def principal_axes(
    shift: Centring, samples: Float[Array, "samples dim"]
) -> tuple[Float[Array, " modes"], Float[Array, "modes dim"]]:
    """Singular values and right singular vectors of the shifted samples, largest first; 0 for what is rounding.

    (samples, dim) -> (modes,), (modes, dim), modes = min(samples, dim), in units of `shift.scale`. Rounding is a
    singular value up to (dim + sqrt(samples)) eps of the largest: that of column norms grows with their length.
    """
    count, dim = samples.shape
    singular, axes = svd(triangular_factor((shift,), samples))[1:]
    rounding = singular <= (dim + count**0.5) * jnp.finfo(singular.dtype).eps * singular[0]  # never true of NaN
    return jnp.where(rounding, 0.0, singular), axes


def same_rows(*arrays: Float[Array, "samples _"]) -> tuple[Array, ...]:
    """The arrays on the device; ValueError unless all are matrices with one number of rows, one at least."""
    shapes = [jnp.shape(array) for array in arrays]
    if any(len(shape) != 2 for shape in shapes) or len({shape[0] for shape in shapes}) > 1 or shapes[0][0] == 0:
        named = ", ".join(map(str, shapes))
        raise ValueError(f"got shapes {named}: expected (samples, columns) with the same samples, one at least")
    return tuple(jnp.asarray(array) for array in arrays)


__all__ = [
    "Centring",
    "Products",
    "add",
    "centred_products",
    "centring",
    "fold_rows",
    "map_rows",
    "principal_axes",
    "product",
    "same_rows",
    "scaling",
    "triangular_factor",
]
