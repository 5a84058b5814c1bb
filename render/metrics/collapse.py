"""Neural collapse of a run, in the numbers that papers print: NC1, NC3, NC4, and distances of classes pair by pair.

Their class means are less the plain mean of the means, so that a class counts the same whatever its number of rows.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from render.metrics.geometry import unit_rows
from render.metrics.linear_algebra import matmul, svd
from render.metrics.moments import Moments


def balanced_nc1_of(moments: Moments) -> Float[Array, ""]:
    """Within-class variability against the plain between-class covariance: NC1 as it is published.

    (1/C) Tr(Sigma_W Sigma_B^+), Sigma_W = scatter/N, Sigma_B = (1/C) sum_c (mu_c - m)(mu_c - m)', m = (1/C) sum_c mu_c,
    over the C classes that have points. Singular values of the centred means up to max(classes, dim) epsilon of the
    largest count as 0. For classes of equal size it is `richness.nc1_of` divided by C; for others the two weigh classes
    differently. `Moments` of (points, dim) -> () >= 0, 0 at collapse; infinite where all means coincide and points do
    not. Source: Papyan, Han & Donoho 2020, Fig. 6; Zhu et al. 2021, Eq. 12.
    """
    present = moments.counts > 0
    apart = jnp.where(present[:, None], moments.means - moments.centre, 0.0)
    singular, axes = svd(apart)[1:]
    within = moments.scatter / moments.count
    dropped = singular <= max(apart.shape) * moments.epsilon * singular[0]  # never true of NaN
    along = jnp.sum(matmul(axes, within) * axes, axis=1)
    inside = jnp.sum(along / jnp.where(dropped, jnp.inf, singular) ** 2)  # of Sigma_B times C
    return jnp.where((jnp.trace(within) > 0) & dropped[0], jnp.inf, jnp.maximum(inside, 0.0))


def pairwise_cdnv(
    variances: Float[Array, " classes"], means: Float[Array, "classes dim"]
) -> Float[Array, "classes classes"]:
    """Class-distance normalised variance of every pair of classes.

    V_cc' = (s_c^2 + s_c'^2) / (2 |mu_c - mu_c'|^2), s_c^2 the mean squared distance of the rows of c to mu_c; infinite
    for means that coincide, 0 where the spread is 0, and on the diagonal. variances (classes,), means (classes, dim) ->
    (classes, classes) >= 0, without units. Source: Galanti, György & Hutter 2021, Def. 1.
    """
    squares = jnp.sum(means**2, axis=1)
    distances = jnp.maximum(squares[:, None] + squares[None, :] - 2 * matmul(means, means.T), 0.0)
    distances = jnp.where(distances > 1e-14 * (squares[:, None] + squares[None, :]), distances, 0.0)
    spread = jnp.maximum(variances[:, None] + variances[None, :], 0.0) / 2
    spread = jnp.where(jnp.eye(len(variances), dtype=bool), 0.0, spread)
    return jnp.where(spread > 0, spread / jnp.where(spread > 0, distances, 1.0), 0.0)


def cdnv(variances: Float[Array, " classes"], means: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Mean over all pairs of two classes of their `pairwise_cdnv`: 0 at collapse.

    variances (classes,), means (classes, dim), two classes or more -> () >= 0. Source: Galanti, György & Hutter 2021.
    """
    classes = len(variances)
    return jnp.sum(pairwise_cdnv(variances, means)) / (classes * (classes - 1))


def worst_cdnv(variances: Float[Array, " classes"], means: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Largest `pairwise_cdnv`: that of the two classes that are least apart for their spread.

    variances (classes,), means (classes, dim), two classes or more -> () >= 0.
    """
    return jnp.max(pairwise_cdnv(variances, means))


def squared_distances(rows: Float[Array, "points dim"], means: Float[Array, "classes dim"]) -> Array:
    """Squared distances of rows to means: |z_i - mu_c|^2, none below 0. -> (points, classes), in squared units."""
    squares = jnp.sum(rows**2, axis=1)[:, None] + jnp.sum(means**2, axis=1)[None, :]
    return jnp.maximum(squares - 2 * matmul(rows, means.T), 0.0)


def nearest_means(rows: Float[Array, "points dim"], means: Float[Array, "classes dim"]) -> Int[Array, " points"]:
    """Class whose mean is nearest to each row: argmin_c |z_i - mu_c|. (points, dim), (classes, dim) -> (points,)."""
    return jnp.argmin(squared_distances(rows, means), axis=1)


def nearest_mean_accuracy(
    rows: Float[Array, "points dim"],
    labels: Int[Array, " points"],
    means: Float[Array, "classes dim"],
    counted: Bool[Array, " points"],
) -> Float[Array, ""]:
    """Share of rows whose nearest class mean is that of their own class.

    mean_i [argmin_c |z_i - mu_c| = y_i], over the rows that are counted. rows (points, dim), labels (points,) from 0 to
    classes - 1, means (classes, dim), counted (points,) -> () in [0, 1]. Source: Papyan et al. 2020, the decision of
    NC4.
    """
    hits = nearest_means(rows, means) == labels
    return jnp.sum(hits & counted) / jnp.maximum(jnp.sum(counted), 1)


def left_out_recall(
    rows: Float[Array, "points dim"],
    labels: Int[Array, " points"],
    means: Float[Array, "classes dim"],
    counts: Float[Array, " classes"],
    counted: Bool[Array, " points"],
) -> Float[Array, ""]:
    """Recall of the nearest class mean, where no row is part of the mean that it is compared with; mean over classes.

    (1/C) sum_c mean_{i in c} [argmin_k |z_i - mu_k| = c], mu_c without row i: |z_i - mu_c| is then n_c/(n_c - 1) times
    as long. 1/C where labels have nothing to do with rows, however many columns there are and whatever the sizes of the
    classes. Rows of classes of one row are not counted. rows (points, dim), labels (points,), means (classes, dim),
    counts (classes,) of all rows behind the means, counted (points,) -> () in [0, 1].
    """
    own = jnp.arange(len(means))[None, :] == labels[:, None]
    counted = counted & (counts[labels] > 1)
    stretch = (counts / jnp.maximum(counts - 1, 1.0)) ** 2
    squares = squared_distances(rows, means)
    hits = (jnp.argmin(jnp.where(own, squares * stretch, squares), axis=1) == labels) & counted
    members = jnp.zeros(len(means)).at[labels].add(counted)
    found = jnp.zeros(len(means)).at[labels].add(hits)
    return jnp.sum(found / jnp.maximum(members, 1.0)) / jnp.maximum(jnp.sum(members > 0), 1)


def decisions_agreement(
    rows: Float[Array, "points dim"],
    decisions: Int[Array, " points"],
    means: Float[Array, "classes dim"],
    counted: Bool[Array, " points"],
) -> Float[Array, ""]:
    """Share of rows on which a classifier and the nearest class mean decide alike: NC4.

    mean_i [argmin_c |z_i - mu_c| = decision_i], of the rows that are counted; -1 is a decision for no class.
    rows (points, dim), decisions (points,), means (classes, dim), counted (points,) -> () in [0, 1].
    Source: Papyan et al. 2020, NC4.
    """
    return nearest_mean_accuracy(rows, decisions, means, counted)


def frobenius_self_duality(
    classifier: Float[Array, "classes dim"], centred_means: Float[Array, "classes dim"]
) -> Float[Array, ""]:
    """Distance of a classifier from its centred class means, each of Frobenius norm 1: NC3 as it is published.

    |W/|W|_F - M/|M|_F|_F, between 0 (self-dual) and 2. (classes, dim), (classes, dim) -> (). Beside it:
    `geometry.self_duality`, the largest distance of a row. Source: Papyan et al. 2020, Fig. 5.
    """
    flat = unit_rows(jnp.stack([classifier.ravel(), centred_means.ravel()]))
    return jnp.linalg.norm(flat[0] - flat[1])


def uniformity_gap(centred_means: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Mean logarithmic energy of class means on the sphere, for more classes than a simplex has room for: GNC2.

    mean_{c != c'} -ln |m_c/|m_c| - m_c'/|m_c'||. (classes, dim), two classes or more -> (); infinite where two
    directions coincide. Lower is more uniform. Source: Liu et al. 2023 and Wu & Papyan 2024, GNC2 with the logarithmic
    kernel.
    """
    return -jnp.mean(jnp.log(_distances_of_directions(centred_means)))


def uniformity_spread(centred_means: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Standard deviation over pairs of the logarithmic energies of class means on the sphere: 0 for equiangular ones.

    std_{c < c'} ln |m_c/|m_c| - m_c'/|m_c'||. (classes, dim), two classes or more -> () >= 0; infinite where two
    directions coincide. Source: Wu & Papyan 2024, who measure how even GNC2 is.
    """
    energies = -jnp.log(_distances_of_directions(centred_means))
    return jnp.where(jnp.isfinite(energies).all(), jnp.std(jnp.where(jnp.isfinite(energies), energies, 0.0)), jnp.inf)


def riesz_energy(centred_means: Float[Array, "classes dim"]) -> Float[Array, ""]:
    """Mean Riesz energy of class means on the sphere: GNC2 with the kernel 1/distance.

    mean_{c != c'} 1/|m_c/|m_c| - m_c'/|m_c'||. (classes, dim), two classes or more -> () >= 1/2; infinite where two
    directions coincide. Lower is more uniform. Source: Jiang et al. 2023 and Wu & Papyan 2024, with s = 1.
    """
    return jnp.mean(1 / _distances_of_directions(centred_means))


def _distances_of_directions(means: Float[Array, "classes dim"]) -> Float[Array, " pairs"]:
    unit = unit_rows(means)
    first, second = np.triu_indices(len(unit), k=1)
    return jnp.linalg.norm(unit[first] - unit[second], axis=1)


__all__ = [
    "balanced_nc1_of",
    "cdnv",
    "decisions_agreement",
    "frobenius_self_duality",
    "left_out_recall",
    "nearest_mean_accuracy",
    "nearest_means",
    "pairwise_cdnv",
    "riesz_energy",
    "squared_distances",
    "uniformity_gap",
    "uniformity_spread",
    "worst_cdnv",
]
