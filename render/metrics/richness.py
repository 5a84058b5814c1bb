"""How rich the dynamics of a network are, from its last layer alone: no labels, accuracy or initial kernel are needed.

`features` are the activations that enter the last layer, `outputs` what leaves it, one row a sample. Columns are
centred first, which takes the constant function out of both. Beside the low-rank measure: what else is used for
richness. Source of all: arXiv 2410.04264v3.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from render.metrics.kernels import linear_cka
from render.metrics.linear_algebra import eigh, matmul, svd
from render.metrics.moments import Moments
from render.metrics.rows import Products, add, centred_products, centring, fold_rows, product, same_rows

RANK_TOLERANCE = 0.05


def check_tolerance(rank_tolerance: float) -> None:
    """Raise ValueError for a share of the largest singular value that float32 cannot tell from rounding, or not < 1."""
    if not 1e-3 <= rank_tolerance < 1:
        raise ValueError(f"got rank_tolerance={rank_tolerance}: expected from 0.001 up to 1, such as {RANK_TOLERANCE}")


def span(
    gram: Float[Array, "dim dim"], rank_tolerance: float
) -> tuple[Float[Array, " dim"], Float[Array, "dim dim"], Float[Array, ""]]:
    """Directions that count for the rank of centred columns Y, from their products Y'Y.

    Eigenvalues above rank_tolerance^2 of the largest, infinite in place of the others; eigenvectors in columns; their
    number. (dim, dim) -> (dim,), (dim, dim), ().
    """
    values, vectors = eigh(gram)
    dropped = values <= rank_tolerance**2 * values[-1]  # never true of NaN: it shall come out, not look like rank 0
    return jnp.where(dropped, jnp.inf, values), vectors, jnp.sum(~dropped)


def output_rank_of(products: Products, rank_tolerance: float = RANK_TOLERANCE) -> Float[Array, ""]:
    """Number of dimensions that the centred outputs span, of their products: as `output_rank`.

    `Products` of features and outputs (samples, classes), rank_tolerance from 0.001 up to 1 -> (), from 0 to classes.
    Raises ValueError for another tolerance.
    """
    check_tolerance(rank_tolerance)
    return span(products.other, rank_tolerance)[2].astype(products.other.dtype)


def output_rank(outputs: Float[Array, "samples classes"], rank_tolerance: float = RANK_TOLERANCE) -> Float[Array, ""]:
    """Number of dimensions that the centred outputs span: singular values above `rank_tolerance` of the largest.

    outputs (samples, classes), rank_tolerance from 0.001 up to 1 -> (), from 0 (constant outputs) to classes. Raises
    ValueError for another tolerance.
    """
    return output_rank_of(centred_products(outputs, outputs), rank_tolerance)


def low_rank_measure(
    features: Float[Array, "samples dim"],
    outputs: Float[Array, "samples classes"],
    rank_tolerance: float = RANK_TOLERANCE,
    form: Literal["projection", "practical"] = "projection",
) -> Float[Array, ""]:
    """The low-rank measure D_LR of richness: 0 if the features are nothing but what the outputs need, isotropically.

    1 - CKA(Phi Phi', P) = 1 - |B'Phi|_F^2 / (|Phi'Phi|_F sqrt(r)), B an orthonormal basis of the span of the centred
    outputs and P = BB'. r counts singular values above `rank_tolerance` of the largest: even at collapse outputs keep
    weak directions, such as their sum, that would count in full. The practical form has the outputs' own Gram matrix
    f f' in place of P: cheaper, and the same only where the outputs are isotropic on their span.
    features (samples, dim), outputs (samples, classes) -> () in [0, 1], 0 is richest. No scale of either and no
    rotation of the features matter, and in the projection form no invertible linear map of the outputs that leaves r.
    Constant features or outputs (all-zero ones too) have nothing in common with anything: 1. NaN only from NaN.
    Raises ValueError for numbers of rows that differ, another form, or a tolerance not from 0.001 up to 1.
    Source: arXiv 2410.04264v3, Eq. 4; its practical form App. E.1.
    """
    if form not in ("projection", "practical"):
        raise ValueError(f"got form={form!r}: expected 'projection' or 'practical'")
    check_tolerance(rank_tolerance)
    if form == "practical":
        return 1.0 - linear_cka(features, outputs)
    return low_rank_measure_of(centred_products(features, outputs), rank_tolerance)


def low_rank_measure_of(products: Products, rank_tolerance: float = RANK_TOLERANCE) -> Float[Array, ""]:
    """The low-rank measure D_LR, in its projection form, of products of features and outputs: `low_rank_measure`.

    1 - sum_{j <= r} |v_j'Y'X|^2 / lambda_j / (|X'X|_F sqrt(r)), lambda_j, v_j the eigenpairs of Y'Y that count.
    `Products` of (samples, dim) and (samples, classes) -> () in [0, 1]. Raises ValueError for another tolerance.
    """
    check_tolerance(rank_tolerance)
    values, vectors, rank = span(products.other, rank_tolerance)
    overlap = jnp.sum(matmul(vectors.T, products.cross) ** 2 / values[:, None])
    norm = jnp.linalg.norm(products.gram) * jnp.sqrt(rank)
    return jnp.clip(1.0 - overlap / jnp.where(norm > 0, norm, 1.0), 0.0, 1.0)


def kernel_deviation(
    initial_features: Float[Array, "samples dim"], features: Float[Array, "samples dim"]
) -> Float[Array, ""]:
    """How much of the kernel at initialisation is left, S_init: the CKA of the kernels then and now.

    CKA(Phi_0 Phi_0', Phi Phi'), on the same samples: 1 for a kernel that has not moved but for its scale, lower is
    richer; 0 if either is constant. Two (samples, dim) -> () in [0, 1]. Raises ValueError as `linear_cka` does.
    Source: arXiv 2410.04264v3, there S_init, with Eq. 7.
    """
    return linear_cka(initial_features, features)


def nc1_of(moments: Moments, ridge: float = 0.0) -> Float[Array, ""]:
    """Within-class variance in units of the between-class covariance, direction by direction, of moments: `nc1`.

    Tr(Sigma_b^+ Sigma_W), or Tr((Sigma_b + ridge I)^-1 Sigma_W) for a ridge above 0, in squared units of the features.
    Singular values of the centred class means up to max(classes, dim) epsilon of the largest count as 0, with a ridge,
    too: of features of order 1e13 or more their squares would be no small part of it.
    `Moments` of (points, dim) -> () >= 0. Raises ValueError for a negative ridge.
    """
    _check_ridge(ridge)
    within = moments.scatter / moments.count
    factor = moments.factor / moments.count**0.5
    singular, axes = svd(factor)[1:]
    rounding = max(factor.shape) * moments.epsilon
    singular = jnp.where(singular <= rounding * singular[0], 0.0, singular)
    along = jnp.sum(matmul(axes, within) * axes, axis=1)
    return _nc1(along, jnp.maximum(jnp.trace(within), 0.0), singular, rounding, ridge or None)


def _check_ridge(ridge: float) -> None:
    if not ridge >= 0:
        raise ValueError(f"got ridge={ridge}: expected 0, for the pseudo-inverse, or more")


def _nc1(along: Array, total: Array, singular: Array, rounding: float, ridge: float | Array | None) -> Array:
    """Sum over the axes of Sigma_b, of eigenvalues singular^2, of the variance within classes along each of them.

    along (axes,) of a total () in all directions. Without a ridge singular values up to `rounding` of the largest count
    as 0.
    """
    if ridge is None:
        dropped = singular <= rounding * singular[0]  # never true of NaN
        inside = jnp.sum(along / jnp.where(dropped, jnp.inf, singular) ** 2)
        return jnp.where((total > 0) & dropped[0], jnp.inf, inside)
    outside = jnp.maximum(total - jnp.sum(along), 0.0)
    return jnp.sum(along / (singular**2 + ridge)) + jnp.where(outside > 0, outside / ridge, outside)


def nc1(
    features: Float[Array, "samples dim"], labels: Int[Array, " samples"], classes: int, ridge: float = 0.0
) -> Float[Array, ""]:
    """Within-class variance measured in units of the between-class covariance, direction by direction.

    Tr(Sigma_b^+ Sigma_W), with both as in `geometry.class_covariances`; or Tr((Sigma_b + ridge I)^-1 Sigma_W) for a
    ridge above 0. Singular values of the centred class means below rounding (max(classes, dim) eps of the largest)
    count as 0. The pseudo-inverse knows no scale; with the ridge, in squared units of the features, it falls when they
    merely shrink. Beside it: `geometry.within_between_ratio`, the quotient of the traces, and
    `geometry.within_class_variance`, Tr Sigma_W alone.
    features (samples, dim), labels (samples,) from 0 to classes - 1 -> () >= 0, 0 at collapse and for constant
    features; infinite without a ridge when all class means coincide and the points do not. Raises ValueError for a
    negative ridge. Source: arXiv 2410.04264v3, App. H.2, where the ridge is 1e-4.
    A form of its own beside `nc1_of`: no (dim, dim) matrix is formed, and what varies little keeps its digits.
    """
    _check_ridge(ridge)
    (features,) = same_rows(features)
    labels = jnp.asarray(labels)
    shift, count = centring(features), features.shape[0]

    def class_sums(rows: Array, names: Array) -> tuple[Array, Array]:
        members = jax.nn.one_hot(names, classes, dtype=rows.dtype)
        return product(members, shift(rows)), members.sum(axis=0)

    sums, counts = fold_rows(class_sums, add, features, labels)
    means, shares = sums / jnp.maximum(counts, 1.0)[:, None], counts / count
    between = jnp.sqrt(shares)[:, None] * (means - matmul(shares, means))
    singular, axes = svd(between)[1:]

    def within(rows: Array, names: Array) -> tuple[Array, Array]:
        residuals = shift(rows) - means[names]
        along = matmul(residuals, axes.T)
        return jnp.sum(along**2, axis=0) / count, jnp.sum(residuals**2) / count

    along, total = fold_rows(within, add, features, labels)
    rounding = max(between.shape) * float(jnp.finfo(between.dtype).eps)
    return _nc1(along, total, singular, rounding, ridge / shift.scale / shift.scale if ridge else None)


def parameter_norm(parameters: PyTree[Float[Array, "*_"]]) -> Float[Array, ""]:
    """Squared norm of all parameters: sum of theta^2 over all entries of all arrays.

    A pytree of arrays -> (); 0 without arrays. Source: arXiv 2410.04264v3, among the metrics that it compares.
    """
    return sum((jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(parameters)), start=jnp.zeros(()))


__all__ = [
    "kernel_deviation",
    "low_rank_measure",
    "low_rank_measure_of",
    "nc1",
    "nc1_of",
    "output_rank",
    "output_rank_of",
    "parameter_norm",
]
