"""How alike two representations of the same samples are: by their kernels, by a rotation, by who is near whom.

None of these changes where a representation is rotated, reflected, shifted or scaled as a whole. Two representations
may differ in their number of columns.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.linear_algebra import matmul, svd, triangle
from render.metrics.rows import add, centring, fold_rows, product, same_rows

FEWEST = 4  # samples with which an unbiased estimate of HSIC exists
TIED = 64.0  # eps of the largest squared length within which two squared distances count as the same


def linear_cka(first: Float[Array, "samples p"], second: Float[Array, "samples q"]) -> Float[Array, ""]:
    """Centred kernel alignment of linear kernels, from unbiased estimates of HSIC.

    CKA = H(K, L) / sqrt(H(K, K) H(L, L)), K = XX', L = YY', both with zeros for a diagonal, and
    N (N - 3) H(K, L) = tr(KL) + 1'K1 1'L1 / ((N - 1)(N - 2)) - 2 1'KL1 / (N - 2). With centred columns this is
    |Y'X|_F^2 - N/(N - 2) sum_i k_i l_i + sum_i k_i sum_i l_i / ((N - 1)(N - 2)), k_i = |x_i|^2, l_i = |y_i|^2, so that
    no kernel is formed: O(N (p + q)^2). (samples, p), (samples, q) -> () in [-1, 1], without units; 1 for a rotated
    and scaled copy; 0 if either is constant, or so even that only its diagonal varies, as N orthogonal rows are.

    Of rows that have nothing to do with each other it is 0 in the mean, with the deviation `unrelated_cka_deviation`,
    whatever N, p and q. The biased form, `kernels.linear_cka`, is then sqrt(R_X R_Y) / (N - 1) in the mean, with R the
    participation ratios of the centred features, and for isotropic features about
    sqrt(p q / ((N + p)(N + q))): 0.985 where p = q = 66 N.

    Raises ValueError for fewer than 4 samples, and for numbers of rows that differ.
    Source: Song, Smola, Gretton, Bedo & Borgwardt 2012, Eq. 5; Kornblith, Norouzi, Lee & Hinton 2019; Nguyen, Raghu &
    Kornblith 2021, Eq. 3.
    """
    first, second = same_rows(first, second)
    count = _enough(first)
    left, right = centring(first), centring(second)

    def measure(x: Array, y: Array) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        x, y = left(x), right(y)
        k, l = jnp.sum(x**2, axis=1), jnp.sum(y**2, axis=1)  # noqa: E741
        lengths = (jnp.sum(k), jnp.sum(l), jnp.sum(k * k), jnp.sum(k * l), jnp.sum(l * l))
        return (product(x, x), product(y, x), product(y, y)), lengths

    products, (k, l, kk, kl, ll) = fold_rows(measure, add, first, second)  # noqa: E741
    gram, cross, other = (jnp.sum(entries**2) for entries in products)
    of_first = _unbiased(gram, kk, k * k, count)
    of_second = _unbiased(other, ll, l * l, count)
    norm = jnp.sqrt(of_first) * jnp.sqrt(of_second)
    alike = (cross - count / (count - 2) * kl) + k * l / ((count - 1) * (count - 2))
    return jnp.where(norm > 0, jnp.clip(alike / jnp.where(norm > 0, norm, 1.0), -1.0, 1.0), norm)  # NaN stays NaN


def _unbiased(squares: Array, diagonal: Array, total: Array, count: int) -> Array:
    """N (N - 3) HSIC of a kernel with itself, 0 where it is rounding."""
    found = (squares - count / (count - 2) * diagonal) + total / ((count - 1) * (count - 2))
    rounding = found <= 64 * jnp.finfo(squares.dtype).eps * squares  # never true of NaN
    return jnp.where(rounding, 0.0, found)


def unrelated_cka_deviation(count: int) -> float:
    """Standard deviation of `linear_cka` when rows are paired at random: sqrt(2 / (N (N - 3))), exact for any features.

    Zeroed and centred, a kernel lies among the symmetric matrices whose diagonal and rows add up to nothing, of
    dimension N (N - 3)/2, which permutations leave no part of alone: the mean over all pairings of the squared cosine
    of two of them is one over that dimension (Schur's lemma). count N >= 4, else ValueError.
    """
    if count < FEWEST:
        raise ValueError(f"got {count} samples: expected {FEWEST} at least")
    return math.sqrt(2 / (count * (count - 3)))


def procrustes_residual(first: Float[Array, "samples p"], second: Float[Array, "samples q"]) -> Float[Array, ""]:
    """Share of the variance of one representation that a rotated, scaled and shifted copy of the other leaves over.

    min over s and orthogonal Q of |X - s Y Q|_F^2 / |X|_F^2 = 1 - |Y'X|_*^2 / (|X|_F |Y|_F)^2, columns centred,
    |.|_* the sum of the singular values; the narrower is filled up with columns of zeros. The same in both directions.
    (samples, p), (samples, q) -> () in [0, 1]; 0 for a rotated and scaled copy, 1 if either is constant. Of rows that
    have nothing to do with each other it is below 1, and the lower, the more columns for their number: compare it with
    that of permuted rows. Raises ValueError for fewer than 4 samples, and for numbers of rows that differ.
    Source: Schönemann 1966; Gower & Dijksterhuis 2004.
    """
    first, second = same_rows(first, second)
    _enough(first)
    x, y = _coordinates(first), _coordinates(second)
    norm = jnp.linalg.norm(x) * jnp.linalg.norm(y)
    share = jnp.sum(svd(product(x, y))[1]) / jnp.where(norm > 0, norm, 1.0)
    return jnp.clip(1.0 - share**2, 0.0, 1.0)


def procrustes_rotation(first: Float[Array, "samples p"], second: Float[Array, "samples q"]) -> Float[Array, "p q"]:
    """The matrix Q (p, q), its singular values 1, for which X Q comes nearest to Y, columns centred, up to a scale.

    Q = U V' of X'Y = U S V'. It turns the narrower space into the wider one without changing a length, or the wider
    onto the narrower. (samples, p), (samples, q) -> (p, q). Raises ValueError as `procrustes_residual` does.
    Source: Schönemann 1966, Eq. 13.
    """
    first, second = same_rows(first, second)
    _enough(first)
    left, _, right = svd(product(centring(first)(first), centring(second)(second)))
    return matmul(left, right)


def neighbours_kept(
    first: Float[Array, "samples p"], second: Float[Array, "samples q"], neighbours: int
) -> Float[Array, ""]:
    """Mean share of the k nearest samples of a sample that are among its k nearest in the other representation, too.

    (1 / (N k)) sum_i |N_k(x_i) and N_k(y_i)|, by Euclidean distance, the sample itself left out. Of samples that are
    equally far, at the last places, each counts by the share of places that there are for them. k / (N - 1) in the
    mean where rows have nothing to do with each other, and exactly that if one representation is constant.
    (samples, p), (samples, q), 1 <= k <= samples - 1 -> () in [0, 1]; O(N^2) memory. Raises ValueError for another k,
    for fewer than 4 samples, and for numbers of rows that differ.
    """
    first, second = same_rows(first, second)
    count = _enough(first)
    if not 1 <= neighbours < count:
        raise ValueError(f"got neighbours={neighbours}: expected 1 to {count - 1}, for {count} samples")
    both = jnp.minimum(_near(first, neighbours), _near(second, neighbours))
    return jnp.clip(jnp.sum(both) / (count * neighbours), 0.0, 1.0)


def _near(samples: Array, neighbours: int) -> Array:
    """For each sample (row), how far each other (column) is among its nearest: 1, 0, or a share of the last places."""
    rows = centring(samples)(samples)
    lengths = jnp.sum(rows**2, axis=1)
    distances = lengths[:, None] + lengths - 2 * matmul(rows, rows.T)
    distances = jnp.where(jnp.eye(len(rows), dtype=bool), jnp.inf, distances)
    last = jnp.sort(distances, axis=1)[:, neighbours - 1 : neighbours]
    tie = TIED * jnp.finfo(rows.dtype).eps * jnp.max(lengths)
    nearer, tied = distances < last - tie, jnp.abs(distances - last) <= tie
    places = neighbours - jnp.sum(nearer, axis=1, keepdims=True)
    return nearer + tied * jnp.minimum(places / jnp.maximum(jnp.sum(tied, axis=1, keepdims=True), 1), 1.0)


def _coordinates(samples: Array) -> Array:
    """Centred samples, in no more columns than there are samples: rotated, which nothing here sees."""
    rows = centring(samples)(samples)
    return triangle(rows.T).T if rows.shape[1] > rows.shape[0] else rows


def _enough(samples: Array) -> int:
    count = samples.shape[0]
    if count < FEWEST:
        raise ValueError(f"got {count} samples: expected {FEWEST} at least")
    return count


__all__ = [
    "linear_cka",
    "neighbours_kept",
    "procrustes_residual",
    "procrustes_rotation",
    "unrelated_cka_deviation",
]
