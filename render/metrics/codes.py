"""Codes on the sphere: how evenly C directions share d dimensions.

A code is a row; its length never matters, because every function but `gram` first makes it 1. A zero row is orthogonal
to all others.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from render.metrics.geometry import pairwise_cosines, unit_rows
from render.metrics.linear_algebra import eigvalsh, matmul

Count = int | Int[Array, ""]


def gram(vectors: Float[Array, "rows dim"]) -> Float[Array, "rows rows"]:
    """Inner products of all rows: X X', the table of cosines if rows have unit length. (rows, dim) -> (rows, rows)."""
    return matmul(vectors, vectors.T)


def coherence(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Largest absolute cosine between two codes.

    max_{i<j} |<x_i, x_j>| / (|x_i| |x_j|). (classes, dim) -> () in [0, 1]; 0 for a single code.
    """
    return jnp.max(jnp.abs(pairwise_cosines(codes)), initial=0.0)


def smooth_coherence(codes: Float[Array, "classes dim"], beta: float | Float[Array, ""]) -> Float[Array, ""]:
    """Coherence with a soft maximum, whose gradient reaches every pair.

    (1/beta) ln sum_{i<j} exp(beta |cos_ij|), from `coherence` to `coherence` + ln(C(C-1)/2)/beta.
    codes (classes, dim), beta > 0 -> (); 0 for a single code.
    """
    cosines = jnp.abs(pairwise_cosines(codes))
    return jax.nn.logsumexp(beta * cosines) / beta if cosines.size else jnp.zeros(())


def welch_floor(count: Count, dim: Count) -> Float[Array, ""]:
    """Least coherence that `count` codes in `dim` dimensions can have, as far as Welch's bound knows.

    sqrt((C - d) / (d (C - 1))), and 0 for C <= d, where codes can be orthogonal.
    Two numbers -> () in [0, 1]; 0 for no dimensions. Only equiangular tight frames reach it: not every (C, d) has one.
    Source: Welch 1974, the bound on the largest cross-correlation.
    """
    count, dim = jnp.asarray(count), jnp.asarray(dim)
    square = (count - dim) / jnp.maximum(dim * (count - 1), 1)
    return jnp.sqrt(jnp.where((count > dim) & (dim > 0), square, 0.0))


def welch_gap(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Coherence less its Welch floor.

    coherence - sqrt((C - d)/(d(C - 1))). (classes, dim) -> () in [0, 1]; negative only if codes are zero.
    Codes whose sum is zero have rank C-1 at most: theirs is `centred_welch_gap`.
    """
    return coherence(codes) - welch_floor(*codes.shape)


def centred_welch_floor(count: Count, dim: Count) -> Float[Array, ""]:
    """Least coherence of `count` codes that add up to zero, such as centred class means: the floor in the dimensions
    that they can span.

    sqrt((C - d') / (d' (C - 1))), d' = min(d, C - 1): a simplex's 1/(C - 1) where it has room, and where Welch's own
    bound is 0 for C = d. Two numbers -> () in [0, 1]; 0 for a single code. Source: Welch 1974, as `welch_floor`.
    """
    return welch_floor(count, jnp.minimum(dim, jnp.asarray(count) - 1))


def centred_welch_gap(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Coherence of codes that add up to zero, less its `centred_welch_floor`. (classes, dim) -> () in [0, 1]."""
    return coherence(codes) - centred_welch_floor(*codes.shape)


def closest_cosine(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Largest cosine of two codes, with its sign: max_{i<j} cos_ij. (classes, dim), two codes or more -> () in [-1, 1].

    -1/(C - 1) at least: no C codes are all farther apart than those of a simplex.
    """
    return jnp.max(pairwise_cosines(codes))


def cosine_spread(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Standard deviation of the cosines of all pairs of codes: 0 for equiangular ones, one half of NC2.

    std_{i<j} cos_ij. (classes, dim), two codes or more -> () in [0, 1]. Source: Papyan et al. 2020, Fig. 3.
    """
    return jnp.std(pairwise_cosines(codes))


def simplex_cosine_error(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Largest distance of a pair's cosine from that of a simplex: max_{i<j} |cos_ij + 1/(C - 1)|.

    (classes, dim), two codes or more -> () in [0, 2]; 0 for a simplex. Source: Papyan et al. 2020, Fig. 4, where it is
    the mean of all pairs.
    """
    return jnp.max(jnp.abs(pairwise_cosines(codes) + 1 / (codes.shape[0] - 1)))


def simplex_gram(classes: int) -> Float[Array, "classes classes"]:
    """Cosines of a simplex equiangular tight frame: 1 on the diagonal, -1/(C-1) off it. () -> (classes, classes)."""
    return jnp.where(jnp.eye(classes, dtype=bool), 1.0, -1.0 / max(classes - 1, 1))


def simplex_spectrum(shares: Float[Array, " classes"], centred: bool = True) -> Float[Array, " classes"]:
    """Spectrum of rows that lie on the corners of a simplex, a share of them at each, up to its scale.

    Eigenvalues of P^1/2 (I - 1p')(I - p1') P^1/2, P = diag(p): the covariance around the mean of all rows; without
    `centred` of P^1/2 (I - 11'/C) P^1/2, the second moment around the centre of the corners. For equal shares C - 1
    of them are equal and one is 0. shares (classes,), which add up to 1 -> (classes,), largest first, none below 0.
    """
    count = shares.shape[0]
    roots, ones = jnp.sqrt(shares), jnp.ones(count)
    if centred:
        apart = (jnp.eye(count) - jnp.outer(ones, shares)) * roots[:, None]
        matrix = matmul(apart, apart.T)
    else:
        matrix = (jnp.eye(count) - 1 / count) * jnp.outer(roots, roots)
    values = eigvalsh(matrix)[::-1]
    return jnp.where(values > 10 * count * jnp.finfo(values.dtype).eps * values[0], values, 0.0)


def simplex_error(
    codes: Float[Array, "classes dim"], present: Bool[Array, " classes"] | None = None
) -> Float[Array, ""]:
    """Relative Frobenius distance of the codes' cosines from those of a simplex.

    |G - G*|_F / |G*|_F, G the Gram of the unit codes, G* the simplex Gram, |G*|_F = C/sqrt(C-1). Divided by sqrt(C-1)
    it is the root mean square over all C^2 entries.
    codes (classes, dim) -> (); 0 for a simplex (it needs dim >= C-1), 1 if all codes are zero, sqrt(C) at most, when
    all codes coincide. Only the codes of `present` count, if it is given: C is their number.
    """
    classes = codes.shape[0]
    present = jnp.ones(classes, dtype=bool) if present is None else present
    pairs = present[:, None] & present[None, :]
    off_diagonal = -1.0 / jnp.maximum(present.sum() - 1, 1)
    simplex = jnp.where(pairs, jnp.where(jnp.eye(classes, dtype=bool), 1.0, off_diagonal), 0.0)
    difference = jnp.where(pairs, gram(unit_rows(codes)), 0.0) - simplex
    squares = jnp.sum(simplex**2)
    return jnp.linalg.norm(difference) / jnp.sqrt(jnp.where(squares > 0, squares, 1.0))


def frame_potential(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Sum of squared cosines over ordered pairs of different codes.

    sum_{i != j} <x_i, x_j>^2 / (|x_i| |x_j|)^2. (classes, dim) -> (), from max(C, C^2/d) - C to C(C-1).
    Source: Benedetto & Fickus 2003, where the sum includes the diagonal, so that the floor is max(C, C^2/d). All its
    local minima are global: tight frames for C >= d, orthogonal codes for C <= d.
    """
    return 2.0 * jnp.sum(pairwise_cosines(codes) ** 2)


def frame_potential_floor(count: Count, dim: Count) -> Float[Array, ""]:
    """Least frame potential of `count` codes in `dim` dimensions: max(C, C^2/d) - C, two numbers -> ().

    Source: Benedetto & Fickus 2003; here without the diagonal.
    """
    return jnp.maximum(jnp.asarray(count) * (jnp.asarray(count) / dim - 1.0), 0.0)


def frame_eigenvalues(codes: Float[Array, "classes dim"]) -> Float[Array, " dim"]:
    """Eigenvalues of the frame operator X'X of the unit codes, largest first.

    They add up to C; all equal C/d for a tight frame. (classes, dim) -> (dim,), none below 0.
    """
    unit = unit_rows(codes)
    return jnp.maximum(eigvalsh(matmul(unit.T, unit))[::-1], 0.0)


def tightness_error(codes: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Squared relative distance of the frame operator from that of a tight frame.

    |X'X - (C/d) I|_F^2 / (C^2/d), X the unit codes; equal to (frame potential with diagonal) / (C^2/d) - 1.
    (classes, dim) -> (), from 0 (tight; needs C >= d) to d - 1 (one direction). Smooth, unlike eigenvalues.
    """
    classes, dim = codes.shape
    unit = unit_rows(codes)
    return jnp.sum((matmul(unit.T, unit) - classes / dim * jnp.eye(dim)) ** 2) / (classes**2 / dim)


__all__ = [
    "centred_welch_floor",
    "centred_welch_gap",
    "closest_cosine",
    "coherence",
    "cosine_spread",
    "frame_eigenvalues",
    "frame_potential",
    "frame_potential_floor",
    "gram",
    "simplex_cosine_error",
    "simplex_error",
    "simplex_gram",
    "simplex_spectrum",
    "smooth_coherence",
    "tightness_error",
    "welch_floor",
    "welch_gap",
]
