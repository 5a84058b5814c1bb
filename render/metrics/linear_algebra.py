"""Products in full float32, and factorisations of one matrix after another.

A GPU, left alone, rounds the factors of a product to fewer bits than float32 has. And a CPU on which jaxlib factors a
whole batch at once shares the batch among XLA's threads, and one of them waits: where several batches are factored at
the same time, as many as there are threads, all of them wait for ever. Under `vmap` the functions here factor one
matrix after another on a CPU, so that none waits. They differentiate in both modes, to any order.
Where other code of a program factors batches, by `jnp.linalg` under `vmap`, the environment's NPROC=1, set before JAX
is imported, gives XLA a single thread, which does not wait for others.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

matmul = functools.partial(jnp.matmul, precision="highest")
"""Product of matrices or vectors, as `@`, in the full precision of its factors on any device."""

Factors = tuple[Array, Array, Array]


def one_by_one(function: Callable[[Array], Any]) -> Callable[[Array], Any]:
    """The same function of an array, which under `vmap` on a CPU takes the arrays of a batch one after another.

    It does not differentiate backwards: who needs that gives a `jax.custom_jvp` round it.
    """
    single = jax.custom_batching.custom_vmap(function)

    @single.def_vmap
    def rule(size: int, batched: list[bool], batch: Array) -> tuple[Any, Any]:
        results = jax.lax.platform_dependent(
            batch, cpu=functools.partial(jax.lax.map, single), default=jax.vmap(function)
        )
        return results, jax.tree.map(lambda _: True, results)

    return functools.update_wrapper(lambda array: single(array), function)


def _reciprocal(differences: Array) -> Array:
    """1 / differences of pairs, (n, n) -> (n, n); 0 on the diagonal."""
    diagonal = jnp.eye(len(differences), dtype=differences.dtype)
    return 1 / (diagonal + differences) - diagonal


@jax.custom_jvp
@one_by_one
def _eigh(matrix: Array) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eigh(matrix, symmetrize_input=False)
    return values, vectors


@_eigh.defjvp
def _eigh_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Any, Any]:
    values, vectors = _eigh(*primals)
    turned = matmul(matmul(vectors.T, tangents[0]), vectors)
    return (values, vectors), (jnp.diagonal(turned), matmul(vectors, _reciprocal(values - values[:, None]) * turned))


def eigh(matrix: Float[Array, "n n"]) -> tuple[Float[Array, " n"], Float[Array, "n n"]]:
    """Eigenvalues of a symmetric matrix, smallest first, and its eigenvectors as columns: as `jnp.linalg.eigh`."""
    return _eigh((matrix + matrix.T) / 2)


def eigvalsh(matrix: Float[Array, "n n"]) -> Float[Array, " n"]:
    """Eigenvalues of a symmetric matrix, smallest first: (n, n) -> (n,)."""
    return eigh(matrix)[0]


@jax.custom_jvp
@one_by_one
def svd(matrix: Float[Array, "m n"]) -> tuple[Float[Array, "m k"], Float[Array, " k"], Float[Array, "k n"]]:
    """The reduced singular value decomposition U, s, V' of A = U diag(s) V', s largest first.

    (m, n) -> (m, k), (k,), (k, n), k = min(m, n): as `jnp.linalg.svd` without `full_matrices`.
    """
    left, singular, right = jnp.linalg.svd(matrix, full_matrices=False)
    return left, singular, right


@svd.defjvp
def _svd_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Factors, Factors]:
    (change,) = tangents
    left, singular, right = svd(*primals)
    turned = matmul(matmul(left.T, change), right.T)
    shares = _reciprocal((singular + singular[:, None]) * (singular - singular[:, None]))
    rest = 1 / jnp.where(singular == 0, jnp.inf, singular)
    columns, rows = singular * turned, singular[:, None] * turned
    left_change = matmul(left, shares * (columns + columns.T))
    right_change = matmul(right.T, shares * (rows + rows.T))
    if left.shape[0] > len(singular):  # the part outside the span of the left vectors
        outside = matmul(change, right.T)
        left_change += (outside - matmul(left, matmul(left.T, outside))) * rest
    if right.shape[1] > len(singular):
        outside = matmul(change.T, left)
        right_change += (outside - matmul(right.T, matmul(right, outside))) * rest
    return (left, singular, right), (left_change, jnp.diagonal(turned), right_change.T)


@one_by_one
def _inverse(triangle: Array) -> Array:
    return jax.scipy.linalg.solve_triangular(triangle, jnp.eye(len(triangle), dtype=triangle.dtype))


@jax.custom_jvp
def _inverse_of(triangle: Array) -> Array:
    return _inverse(triangle)


@_inverse_of.defjvp
def _inverse_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    inverse = _inverse_of(*primals)
    return inverse, -matmul(matmul(inverse, tangents[0]), inverse)


@jax.custom_jvp
@one_by_one
def _qr(matrix: Array) -> tuple[Array, Array]:
    q, r = jnp.linalg.qr(matrix)
    return q, r


@_qr.defjvp
def _qr_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    q, r = _qr(*primals)
    return (q, r), _qr_changes(q, r, *tangents)


def _qr_changes(q: Array, r: Array, change: Array) -> tuple[Array, Array]:
    """dQ and dR of A = QR: the first columns turn Q, and the others of a wide matrix only follow."""
    columns = q.shape[1]
    relative = matmul(change[:, :columns], _inverse_of(r[:, :columns]))
    seen = matmul(q.T, relative)
    below = jnp.tril(seen, -1)
    turn = below - below.T
    return relative - matmul(q, seen - turn), matmul(q.T, change) - matmul(turn, r)


@jax.custom_jvp
@one_by_one
def triangle(matrix: Float[Array, "m n"]) -> Float[Array, "k n"]:
    """R of the QR decomposition A = QR, upper triangular with signs as they come, so that R'R = A'A.

    (m, n) -> (k, n), k = min(m, n): as `jnp.linalg.qr` with mode "r".
    """
    return jnp.linalg.qr(matrix, mode="r")


@triangle.defjvp
def _triangle_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    q, r = _qr(*primals)
    return r, _qr_changes(q, r, *tangents)[1]


@jax.custom_jvp
def pseudo_inverse(matrix: Float[Array, "n n"]) -> Float[Array, "n n"]:
    """Pseudo-inverse of a symmetric matrix: eigenvalues up to 10 n eps of the largest, in magnitude, count as 0."""
    values, vectors = eigh(matrix)
    sizes = jnp.abs(values)
    dropped = sizes <= 10 * len(values) * jnp.finfo(values.dtype).eps * jnp.max(sizes)  # never true of NaN
    return matmul(vectors / jnp.where(dropped, jnp.inf, values), vectors.T)


@pseudo_inverse.defjvp
def _pseudo_inverse_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """Golub & Pereyra 1973: where the rank does not change."""
    (matrix,), change = primals, (tangents[0] + tangents[0].T) / 2
    inverse = pseudo_inverse(matrix)
    within = matmul(matrix, inverse)
    outside = jnp.eye(len(within), dtype=within.dtype) - within
    aside = matmul(matmul(matmul(inverse, inverse), change), outside)
    return inverse, aside + aside.T - matmul(matmul(inverse, change), inverse)


__all__ = ["eigh", "eigvalsh", "matmul", "one_by_one", "pseudo_inverse", "svd", "triangle"]
