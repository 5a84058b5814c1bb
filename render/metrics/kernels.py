"""Label kernels, the codebooks that they have, how well few dimensions give them back, and how alike two kernels are.

A kernel is a symmetric matrix of similarities, between classes unless said otherwise. Eigenvalues are ordered largest
first, by value and not by magnitude.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.geometry import unit_rows
from render.metrics.linear_algebra import eigh, matmul
from render.metrics.rows import centred_products

Number = float | Float[Array, ""]


def line_distances(count: int) -> Float[Array, "count count"]:
    """Distances of places on a line: |i - j|, () -> (count, count)."""
    places = jnp.arange(count, dtype=float)
    return jnp.abs(places[:, None] - places[None, :])


def cycle_distances(count: int) -> Float[Array, "count count"]:
    """Distances of places on a cycle, in steps: min(|i - j|, count - |i - j|), () -> (count, count)."""
    distances = line_distances(count)
    return jnp.minimum(distances, count - distances)


def gaussian_kernel(distances: Float[Array, "count count"], width: Number) -> Float[Array, "count count"]:
    """Similarities that fall off with distance: exp(-(d/width)^2), without the usual factor 1/2.

    distances (count, count), width > 0 in their units -> (count, count) in [0, 1].
    """
    return jnp.exp(-((distances / width) ** 2))


def graded_kernel(count: int, width: Number, cyclic: bool = False) -> Float[Array, "count count"]:
    """Similarities of ordered classes: exp(-(d/width)^2), d = |i - j|, or steps round the cycle with `cyclic`.

    count, width in steps -> (count, count) in [0, 1]. On the line it is positive definite, on a cycle not always.
    """
    return gaussian_kernel(cycle_distances(count) if cyclic else line_distances(count), width)


def double_centre(kernel: Float[Array, "count count"]) -> Float[Array, "count count"]:
    """Kernel of the same vectors with their mean taken away: J K J, J = I - 11'/C.

    (count, count) -> (count, count); rows and columns of the result add up to 0. Less the overall mean alone, K would
    keep them non-zero, and could gain a negative eigenvalue.
    """
    centred = kernel - kernel.mean(axis=0, keepdims=True)
    return centred - centred.mean(axis=1, keepdims=True)


def _modes(kernel: Float[Array, "count count"]) -> tuple[Float[Array, " count"], Float[Array, "count count"]]:
    """Eigenvalues largest first, and the eigenvectors as columns in that order."""
    values, vectors = eigh(kernel)
    return values[::-1], vectors[:, ::-1]


def classical_mds(kernel: Float[Array, "count count"], dims: int) -> Float[Array, "count dims"]:
    """Classical multidimensional scaling: points whose inner products come nearest to the double-centred kernel.

    V Lambda^(1/2), the first `dims` eigenpairs of J K J, negative eigenvalues taken as 0.
    kernel (count, count), need not be centred; dims <= count -> (count, dims), centred, columns orthogonal and
    shorter one by one, in units of sqrt(kernel). Unique up to the sign of each column, and up to a rotation among
    columns of the same eigenvalue. Source: Torgerson 1952.
    """
    values, vectors = _modes(double_centre(kernel))
    return vectors[:, :dims] * jnp.sqrt(jnp.maximum(values[:dims], 0.0))


def spectral_codebook(kernel: Float[Array, "count count"], dims: int) -> Float[Array, "count dims"]:
    """Codes of a label kernel: the rows of `classical_mds`, made of unit length.

    kernel (count, count), dims <= count -> (count, dims); a row that is zero stays zero.
    """
    return unit_rows(classical_mds(kernel, dims))


def low_rank_gram(kernel: Float[Array, "count count"], weights: Float[Array, " modes"]) -> Float[Array, "count count"]:
    """The kernel from its first modes, each with a weight of its own, so that a mode can fade in.

    sum_k w_k lambda_k v_k v_k', largest lambda first. kernel (count, count), weights (modes,), modes <= count ->
    (count, count). With d ones it is the best approximation of rank d of a positive semi-definite kernel
    (Eckart & Young 1936).
    """
    values, vectors = _modes(kernel)
    modes = weights.shape[0]
    return matmul(vectors[:, :modes] * (weights * values[:modes]), vectors[:, :modes].T)


def gram_error(approximation: Float[Array, "count count"], target: Float[Array, "count count"]) -> Float[Array, ""]:
    """Relative Frobenius distance of two Gram matrices: |A - T|_F / |T|_F.

    Two (count, count) -> () >= 0, and at most 1 for a low-rank part of T; |A|_F if T is zero.
    """
    norm = jnp.linalg.norm(target)
    return jnp.linalg.norm(approximation - target) / jnp.where(norm > 0, norm, 1.0)


def kernel_alignment(first: Float[Array, "count count"], second: Float[Array, "count count"]) -> Float[Array, ""]:
    """Kernel-target alignment: the cosine between two kernels as vectors.

    <K, K'>_F / (|K|_F |K'|_F). Two (count, count) -> () in [-1, 1], in [0, 1] for positive semi-definite ones, 1 when
    one is a positive multiple of the other, 0 if either is zero. Nothing is centred here: centre first for CKA.
    Source: Cristianini, Shawe-Taylor, Elisseeff & Kandola 2001.
    """
    unit = unit_rows(jnp.stack([first.ravel(), second.ravel()]))
    return jnp.sum(unit[0] * unit[1])


def linear_cka(first: Float[Array, "samples p"], second: Float[Array, "samples q"]) -> Float[Array, ""]:
    """Centred kernel alignment of the linear kernels of two representations of the same samples.

    CKA(XX', YY') = |Y'X|_F^2 / (|X'X|_F |Y'Y|_F), columns centred: `kernel_alignment` of the double-centred (samples,
    samples) kernels, which are never formed. (samples, p), (samples, q) -> () in [0, 1]; 1 when one is a rotated and
    scaled copy of the other, 0 if either is constant. Raises ValueError for numbers of rows that differ.
    Source: Kornblith, Norouzi, Lee & Hinton 2019; arXiv 2410.04264v3, Eq. 7.
    """
    gram, cross, other_gram = centred_products(first, second)
    norm = jnp.linalg.norm(gram) * jnp.linalg.norm(other_gram)
    return jnp.clip(jnp.sum(cross**2) / jnp.where(norm > 0, norm, 1.0), 0.0, 1.0)


def soft_assignment(
    feature: Float[Array, " dim"], codes: Float[Array, "classes dim"], temperature: Number
) -> Float[Array, " classes"]:
    """Mass that each class gets from a feature: a softmax over its cosines to the codes.

    p_c = exp(cos(z, x_c)/tau) / sum_k exp(cos(z, x_k)/tau). feature (dim,), codes (classes, dim), tau > 0 ->
    (classes,), adding up to 1; all equal for a zero feature. The largest logit is taken away before exp, so that no
    temperature overflows. Source: Hinton, Vinyals & Dean 2015, the softmax with a temperature.
    """
    return jax.nn.softmax(matmul(unit_rows(codes), unit_rows(feature[None, :])[0]) / temperature)


def dark_mass(probabilities: Float[Array, " classes"]) -> Float[Array, ""]:
    """Mass that is not on the heaviest class: 1 - max_c p_c, (classes,) -> () in [0, 1 - 1/C].

    Added up from the other classes, for 1 - max has no digits left in float32 when it is small.
    """
    heaviest = jnp.arange(probabilities.shape[0]) == jnp.argmax(probabilities)
    return jnp.sum(jnp.where(heaviest, 0.0, probabilities))


__all__ = [
    "classical_mds",
    "cycle_distances",
    "dark_mass",
    "double_centre",
    "gaussian_kernel",
    "graded_kernel",
    "gram_error",
    "kernel_alignment",
    "line_distances",
    "linear_cka",
    "low_rank_gram",
    "soft_assignment",
    "spectral_codebook",
]
