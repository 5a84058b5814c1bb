"""Eigenfunctions of a representation, and how many of them targets and outputs need.

Features are functions of a sample, and so are the eigenfunctions of their kernel: found on some samples, they can be
evaluated on others. Inner products are averages over samples, and the constant function is taken out first: where it is
kept it is the first eigenfunction in practice, and says nothing. Source of all: arXiv 2410.04264v3.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.linear_algebra import matmul, svd
from render.metrics.richness import RANK_TOLERANCE, check_tolerance, span
from render.metrics.rows import Products, centring, map_rows, principal_axes, same_rows, triangular_factor
from render.metrics.spectrum import Modes, entropy_rank

DEPENDENT = 1e-4  # share of a function outside the span of those before, below which it is rounding


def eigenfunctions(
    features: Float[Array, "points dim"], samples: Float[Array, "samples dim"] | None = None, modes: int | None = None
) -> tuple[Float[Array, " modes"], Float[Array, "samples modes"]]:
    """Eigenvalues and eigenfunctions of the kernel of the features, evaluated on other samples or on the same.

    rho_k = s_k^2 / n, e_k(x) = (Phi(x) - mean)'u_k / sqrt(rho_k), with s_k and u_k the singular values and vectors of
    the centred (dim, n) features, and their mean. On the same samples (1/n) sum_i e_j(x_i) e_k(x_i) = 1 for j = k, else
    0; on others only nearly so. Where s_k is rounding, up to (dim + sqrt(n)) eps of the largest, rho_k and e_k are 0.
    features (points, dim), samples (samples, dim) or None for the features themselves, modes up to min(points, dim),
    which is also the default -> (modes,), largest first, in squared units of the features, and (samples, modes), each
    column unique up to its sign, columns of equal eigenvalue up to a rotation. Raises ValueError for another number of
    modes or of columns. Source: arXiv 2410.04264v3, Algorithm 1, Eq. 6 and 60.
    """
    (features,) = same_rows(features)
    (samples,) = same_rows(features if samples is None else samples)
    count, dim = features.shape
    modes = min(count, dim) if modes is None else modes
    if not 1 <= modes <= min(count, dim) or samples.shape[1] != dim:
        raise ValueError(
            f"got modes={modes} and samples {samples.shape} for features {features.shape}: "
            f"expected 1 to {min(count, dim)} modes and {dim} columns"
        )
    shift = centring(features)
    singular, axes = (found[:modes] for found in principal_axes(shift, features))
    scaled = (axes / jnp.where(singular == 0, jnp.inf, singular)[:, None] * count**0.5).T
    functions = map_rows(lambda rows: matmul(shift(rows), scaled), samples)
    return (singular * shift.scale) ** 2 / count, functions


def _orthonormal(columns: Float[Array, "rows modes"]) -> Float[Array, "rows modes"]:
    """Gram-Schmidt in order; a column that depends on those before it becomes zero, and takes nothing from the next.

    A QR decomposition would put an arbitrary direction in its place.
    """

    def body(index: int, basis: Array) -> Array:
        column = columns[:, index]
        norm = jnp.linalg.norm(column)
        column = column / jnp.where(norm > 0, norm, 1.0)
        for _ in range(2):  # once leaves rounding in nearly dependent columns, twice is enough
            column = column - matmul(basis, matmul(basis.T, column))
        left = jnp.linalg.norm(column)
        return basis.at[:, index].set(jnp.where(left <= DEPENDENT, 0.0, column / left))

    return jax.lax.fori_loop(0, columns.shape[1], body, jnp.zeros_like(columns))


def _shares(functions: Array, values: Array, rank_tolerance: float) -> tuple[Array, Array]:
    """<e_k|P_H e_k> for the span H of the values, from a triangle with their inner products, and dim H."""
    check_tolerance(rank_tolerance)
    functions, values = same_rows(functions, values)
    factor = triangular_factor((centring(functions), centring(values)), functions, values)
    modes = functions.shape[1]
    basis = _orthonormal(factor[:, :modes])
    span, singular, _ = svd(factor[:, modes:])
    kept = ~(singular <= rank_tolerance * singular[0])  # true of NaN, which shall come out
    return jnp.sum(jnp.where(kept, matmul(basis.T, span) ** 2, 0.0), axis=1), jnp.sum(kept)


def _cumulative(functions: Array, values: Array, rank_tolerance: float) -> Array:
    """sum_{j <= k} <e_j|P_H e_j> / dim H: (modes,)."""
    shares, rank = _shares(functions, values, rank_tolerance)
    return jnp.cumsum(shares) / jnp.maximum(rank, 1)


def cumulative_quality(
    functions: Float[Array, "samples modes"],
    targets: Float[Array, "samples classes"],
    rank_tolerance: float = RANK_TOLERANCE,
) -> Float[Array, " modes"]:
    """How much of the targets' span lies in the first k eigenfunctions, Pi*(k).

    sum_{j <= k} <e_j|P_H e_j> / dim H, P_H the projection onto the span H of the centred targets: Eq. 75 as it stands.
    Eq. 5 prints the bracket squared, which reaches 1 only where each e_j lies in H or is orthogonal to it. The
    functions are first centred and orthogonalised in order (App. J.3.1), which changes nothing on the samples that they
    were found on, and without which the curve passes 1 on others; one that depends on those before it adds nothing.
    functions (samples, modes) from `eigenfunctions`, targets (samples, classes) on the same samples -> (modes,), never
    falling, up to 1, which it reaches when the functions span the targets; 0 for constant targets. dim H counts
    singular values above `rank_tolerance` of the largest: lower it for classes with less than 1/400 of the points of
    the largest. Raises ValueError for numbers of rows that differ, or a tolerance not from 0.001 up to 1.
    Source: arXiv 2410.04264v3, Eq. 5, 75.
    """
    return _cumulative(functions, targets, rank_tolerance)


def cumulative_utilization(
    functions: Float[Array, "samples modes"],
    outputs: Float[Array, "samples classes"],
    rank_tolerance: float = RANK_TOLERANCE,
) -> Float[Array, " modes"]:
    """How much of the outputs' span lies in the first k eigenfunctions, Pi^(k).

    As `cumulative_quality`, with H the span of the centred outputs: which of its features the last layer uses. On the
    samples that the functions were found on, outputs of a linear last layer are reached in full, so it ends at 1.
    functions (samples, modes), outputs (samples, classes) -> (modes,). Raises ValueError as `cumulative_quality` does.
    Source: arXiv 2410.04264v3, Eq. 5, 76.
    """
    return _cumulative(functions, outputs, rank_tolerance)


def span_dimension(
    functions: Float[Array, "samples modes"],
    values: Float[Array, "samples classes"],
    rank_tolerance: float = RANK_TOLERANCE,
) -> Float[Array, ""]:
    """How many eigenfunctions hold the span of some values: the dimension of quality or of utilization.

    Entropy rank of the shares <e_k|P_H e_k>, H the span of the centred values: the targets for the quality, the outputs
    for the utilization. functions (samples, modes) from `eigenfunctions`, values (samples, classes) -> (), from 1 to
    modes; 0 for constant values. Raises ValueError as `cumulative_quality` does. Source: arXiv 2410.04264v3, Eq. 5, 8.
    A form of its own beside `span_dimension_of`: a triangle of points has twice the digits of their products.
    """
    return entropy_rank(_shares(functions, values, rank_tolerance)[0])


def span_dimension_of(modes: Modes, products: Products, rank_tolerance: float = RANK_TOLERANCE) -> Float[Array, ""]:
    """How many eigenfunctions hold the span of some values, from moments alone: `span_dimension`.

    Shares sum_j |v_j'Y'X u_k|^2 / (lambda_j rho_k), up to a factor: rho_k, u_k the modes above rounding; lambda_j, v_j
    the eigenpairs of Y'Y that count for the rank. `Modes` of features, `Products` of the features and (samples,
    classes) values -> (). Raises ValueError for a tolerance not from 0.001 up to 1.
    """
    check_tolerance(rank_tolerance)
    known = modes.values > modes.floor
    scaled = modes.axes / jnp.sqrt(jnp.where(known, modes.values / modes.values[0], jnp.inf))
    values, vectors, _ = span(products.other, rank_tolerance)
    return entropy_rank(jnp.sum(matmul(matmul(vectors.T, products.cross), scaled) ** 2 / values[:, None], axis=0))


__all__ = ["cumulative_quality", "cumulative_utilization", "eigenfunctions", "span_dimension", "span_dimension_of"]
