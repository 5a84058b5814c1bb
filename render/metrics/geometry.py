"""Geometry of class means: neural collapse (Papyan, Han & Donoho 2020, arXiv 2008.08186) in numbers.

Labels are integers from 0 to classes - 1 and `classes` is a Python int, static under jit. A class without points has
the zero vector for its mean, and takes no part in averages over classes.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from render.metrics.linear_algebra import matmul
from render.metrics.moments import Moments, class_centre, class_counts, class_means, moments_of


def centred_class_means(
    features: Float[Array, "points dim"], labels: Int[Array, " points"], classes: int
) -> Float[Array, "classes dim"]:
    """Class means less their unweighted mean over the classes that have points.

    m_c = mu_c - (1/C) sum_k mu_k; zero for a class without points. With unbalanced classes this centre is not the
    mean of all points. features (points, dim), labels (points,) -> (classes, dim).
    """
    means, counts = class_means(features, labels, classes), class_counts(labels, classes)
    return jnp.where((counts > 0)[:, None], means - class_centre(counts, means), 0.0)


def unit_rows(vectors: Float[Array, "rows dim"]) -> Float[Array, "rows dim"]:
    """Each row divided by its Euclidean norm; a zero row stays zero, with a finite gradient.

    v_i / |v_i|. (rows, dim) -> (rows, dim).
    """
    largest = jnp.max(jnp.abs(vectors), axis=-1, keepdims=True)  # squares of small float32 numbers would underflow
    scaled = vectors / jax.lax.stop_gradient(jnp.where(largest > 0, largest, 1.0))
    squares = jnp.sum(scaled**2, axis=-1, keepdims=True)
    return scaled / jnp.sqrt(jnp.where(squares > 0, squares, 1.0))  # the root of 0 has no gradient


def pairwise_cosines(vectors: Float[Array, "rows dim"]) -> Float[Array, " pairs"]:
    """Cosines of all pairs of rows, i < j in row-major order; 0 for a pair with a zero row.

    cos_ij = <v_i, v_j> / (|v_i| |v_j|). (rows, dim) -> (rows (rows - 1) / 2,). For centred class means that form a
    simplex equiangular tight frame each is -1/(C - 1) (Papyan et al. 2020, NC2).
    """
    unit = unit_rows(vectors)
    first, second = np.triu_indices(vectors.shape[0], k=1)  # constants: to trace them would take long to compile
    return matmul(unit, unit.T)[first, second]


def pairwise_distances(vectors: Float[Array, "rows dim"]) -> Float[Array, " pairs"]:
    """Euclidean distances between all pairs of rows, i < j in row-major order, as `pairwise_cosines` has them.

    |v_i - v_j|, of the differences themselves: expanded into squares, near rows would lose their digits. 0 for equal
    rows, with a finite gradient. (rows, dim) -> (rows (rows - 1) / 2,).
    """
    first, second = np.triu_indices(vectors.shape[0], k=1)
    differences = vectors[first] - vectors[second]
    largest = jnp.max(jnp.abs(differences), axis=-1, keepdims=True)  # as in `unit_rows`
    scale = jax.lax.stop_gradient(jnp.where(largest > 0, largest, 1.0))
    squares = jnp.sum((differences / scale) ** 2, axis=-1)
    return jnp.where(squares > 0, scale[:, 0] * jnp.sqrt(jnp.where(squares > 0, squares, 1.0)), 0.0)


def norm_variation(vectors: Float[Array, "rows dim"]) -> Float[Array, ""]:
    """Coefficient of variation of the rows' norms: std(|v_c|) / mean(|v_c|), the equinorm half of NC2.

    (rows, dim) -> () >= 0; 0 when all rows are zero. Source: Papyan et al. 2020, Fig. 2.
    """
    norms = jnp.linalg.norm(vectors, axis=-1)
    mean = norms.mean()
    return norms.std() / jnp.where(mean > 0, mean, 1.0)


def class_covariances(
    features: Float[Array, "points dim"], labels: Int[Array, " points"], classes: int
) -> tuple[Float[Array, "dim dim"], Float[Array, "dim dim"]]:
    """Within-class and between-class covariance; their sum is the covariance of all points (1/N).

    Sigma_W = (1/N) sum_i (z_i - mu_{y_i})(z_i - mu_{y_i})'
    Sigma_B = (1/N) sum_c n_c (mu_c - mu)(mu_c - mu)', mu the mean of all points
    features (points, dim), labels (points,) -> two (dim, dim). Source: Papyan et al. 2020, NC1.
    """
    moments = moments_of(features, labels, classes)
    return moments.scatter / moments.count, moments.between / moments.count


def within_class_variance_of(moments: Moments) -> Float[Array, ""]:
    """Mean squared distance of a point to the mean of its class: Tr Sigma_W = Tr(scatter) / N.

    `Moments` of (points, dim) -> () >= 0, in squared units of the features.
    """
    return jnp.maximum(jnp.trace(moments.scatter), 0.0) / moments.count


def within_class_variance(
    features: Float[Array, "points dim"],
    labels: Int[Array, " points"],
    classes: int,
    normalize_means: bool = False,
) -> Float[Array, ""]:
    """Mean squared distance of a point to the mean of its class, from the points: `within_class_variance_of`.

    (1/N) sum_i |z_i - mu_{y_i}|^2. features (points, dim), labels (points,) -> (), in squared units of the features.
    With `normalize_means` distances are to mu_c/|mu_c| instead: the trace of no covariance, and meant for features of
    unit length, where it keeps away from 0 unless a class has a single direction.
    A form of its own, because a trace of points needs no (dim, dim) products, and squares that are added up row by row
    are exactly 0 for constant features.
    """
    if normalize_means:
        means = unit_rows(class_means(features, labels, classes))
    else:
        features = features - features[:1]  # constant features then are 0, and their means free of rounding
        means = class_means(features, labels, classes)
    return jnp.mean(jnp.sum((features - means[labels]) ** 2, axis=1))


def _quotient(within: Float[Array, ""], between: Float[Array, ""]) -> Float[Array, ""]:
    return within / jnp.where(within > 0, between, 1.0)


def within_between_ratio_of(moments: Moments) -> Float[Array, ""]:
    """Ratio of the traces of within-class and between-class covariance, NC1 as a quotient.

    Tr(Sigma_W) / Tr(Sigma_B) = Tr(scatter) / sum_c n_c |mu_c - mu|^2; 0 at collapse (constant features are collapsed),
    infinite when all class means coincide and the points do not. `Moments` of (points, dim) -> () >= 0.
    Source: Papyan et al. 2020, NC1.
    """
    return _quotient(jnp.maximum(jnp.trace(moments.scatter), 0.0), jnp.sum(moments.factor**2))


def within_between_ratio(
    features: Float[Array, "points dim"], labels: Int[Array, " points"], classes: int
) -> Float[Array, ""]:
    """Ratio of the traces of within-class and between-class covariance, from points: `within_between_ratio_of`.

    features (points, dim), labels (points,) -> () >= 0. A form of its own, because traces of points need no (dim, dim)
    products.
    """
    means = class_means(features, labels, classes)
    within = jnp.sum((features - means[labels]) ** 2)
    between = jnp.sum((means[labels] - features.mean(axis=0)) ** 2)
    return _quotient(within, between)


def _share(within: Float[Array, ""], total: Float[Array, ""]) -> Float[Array, ""]:
    return within / jnp.where(total > 0, total, jnp.inf)


def collapse_ratio_of(moments: Moments) -> Float[Array, ""]:
    """Share of the variance that lies within classes: Tr Sigma_W / (Tr Sigma_W + Tr Sigma_B).

    0 at collapse, 1 when all class means coincide; 0 for constant features. `Moments` of (points, dim) -> () in [0, 1].
    """
    within = jnp.maximum(jnp.trace(moments.scatter), 0.0)
    return _share(within, within + jnp.sum(moments.factor**2))


def collapse_ratio(
    features: Float[Array, "points dim"],
    labels: Int[Array, " points"],
    classes: int,
    normalize_means: bool = False,
) -> Float[Array, ""]:
    """Share of the variance that lies within classes, from points: `collapse_ratio_of`.

    Tr Sigma_W / Tr Sigma. features (points, dim), labels (points,) -> () in [0, 1]; 0 for constant features.
    With `normalize_means`, Tr Sigma_W is `within_class_variance` around means of unit length. Then within + between =
    total no longer holds, and the ratio can exceed 1.
    A form of its own for the reasons of `within_class_variance`.
    """
    within = within_class_variance(features, labels, classes, normalize_means)
    shifted = features - features[:1]  # as there: constant features leave no rounding to divide by
    total = jnp.mean(jnp.sum((shifted - shifted.mean(axis=0)) ** 2, axis=1))
    return _share(within, total)


def constant_columns_of(moments: Moments) -> Float[Array, ""]:
    """Number of columns that do not vary by more than the last digits of what they hold.

    Those of standard deviation up to 2 eps |mean|. `Moments` of (points, dim) -> (), from 0 to dim.
    """
    deviations = jnp.sqrt(jnp.maximum(jnp.diag(moments.total), 0.0) / moments.count)
    return jnp.sum(deviations <= 2 * moments.epsilon * jnp.abs(moments.mean)).astype(deviations.dtype)


def classes_present_of(moments: Moments) -> Float[Array, ""]:
    """Number of classes that have points: `Moments` of C classes -> (), from 0 to C."""
    return jnp.sum(moments.counts > 0).astype(moments.means.dtype)


def self_duality(
    classifier: Float[Array, "classes dim"], centred_means: Float[Array, "classes dim"]
) -> Float[Array, ""]:
    """Largest distance between a classifier row and its centred class mean, both of unit length (NC3).

    max_c | w_c/|w_c| - m_c/|m_c| |, between 0 (self-dual) and 2 (opposite).
    classifier (classes, dim), centred_means (classes, dim) -> (). Source: Papyan et al. 2020, NC3, rows compared
    one by one rather than in Frobenius norm.
    """
    return jnp.max(jnp.linalg.norm(unit_rows(classifier) - unit_rows(centred_means), axis=-1))


def nearest_class_centre_agreement(
    features: Float[Array, "points dim"],
    labels: Int[Array, " points"],
    logits: Float[Array, "points classes"],
) -> Float[Array, ""]:
    """Share of points on which the classifier and the nearest class mean decide alike (NC4).

    mean_i [argmax_c logits_ic = argmin_c |z_i - mu_c|]; classes without points are never the nearest.
    features (points, dim), labels (points,), logits (points, classes) -> () in [0, 1]. Source: Papyan et al. 2020, NC4.
    """
    classes = logits.shape[1]
    means = class_means(features, labels, classes)
    squared = jnp.sum((features[:, None, :] - means[None, :, :]) ** 2, axis=-1)
    squared = jnp.where(class_counts(labels, classes) > 0, squared, jnp.inf)
    return jnp.mean(jnp.argmin(squared, axis=1) == jnp.argmax(logits, axis=1))


def accuracy(logits: Float[Array, "points classes"], labels: Int[Array, " points"]) -> Float[Array, ""]:
    """Share of points whose largest logit is that of their label. (points, classes), (points,) -> () in [0, 1]."""
    return jnp.mean(jnp.argmax(logits, axis=1) == labels)


__all__ = [
    "accuracy",
    "centred_class_means",
    "class_counts",
    "class_covariances",
    "class_means",
    "classes_present_of",
    "collapse_ratio",
    "collapse_ratio_of",
    "constant_columns_of",
    "nearest_class_centre_agreement",
    "norm_variation",
    "pairwise_cosines",
    "pairwise_distances",
    "self_duality",
    "unit_rows",
    "within_between_ratio",
    "within_between_ratio_of",
    "within_class_variance",
    "within_class_variance_of",
]
