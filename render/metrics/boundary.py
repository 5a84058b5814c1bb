"""Decision boundaries: how long one is, and the linear classifier that the first two moments determine."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from render.metrics.geometry import class_counts, class_means
from render.metrics.linear_algebra import matmul, pseudo_inverse


def boundary_complexity(decisions: Int[Array, "side side"]) -> Float[Array, ""]:
    """Length of the decision boundary on a grid, in sides of the grid.

    (number of neighbouring cells, across and down, that are decided differently) / side.
    decisions (side, side) -> (): 0 without a boundary, 1 for a straight one along the grid, 2 for its diagonal.
    """
    across = jnp.sum(decisions[:, 1:] != decisions[:, :-1])
    down = jnp.sum(decisions[1:, :] != decisions[:-1, :])
    return (across + down) / decisions.shape[0]


def linear_discriminant(
    features: Float[Array, "points dim"], labels: Int[Array, " points"], classes: int
) -> tuple[Float[Array, "classes dim"], Float[Array, " classes"]]:
    """Linear discriminant analysis: the classifier that class means and one shared covariance determine.

    w_c = S^+ (mu_c - mu) and b_c = ln(n_c/N) - w_c . (mu_c + mu)/2, S the within-class covariance (1/N), mu the mean of
    all points: the usual S^+ mu_c and ln(n_c/N) - mu_c' S^+ mu_c / 2, less what is the same for every class.
    features (points, dim), labels (points,) -> weights (classes, dim), bias (classes,). A class without points has
    b_c = -inf and is never decided for. S^+ is a pseudo-inverse: directions without spread within classes are ignored,
    as scikit-learn does, and with no spread at all the largest class wins everywhere.
    Source: Hastie, Tibshirani & Friedman 2009, Section 4.3.
    """
    centre = features.mean(axis=0)  # far from the origin, the quadratic terms of all classes would cancel
    means = class_means(features - centre, labels, classes)
    within = features - centre - means[labels]
    spread = jnp.sqrt(jnp.mean(within**2, axis=0))
    scale = jnp.where(spread > 0, spread, 1.0)  # features in different units must not decide what counts as singular
    covariance = matmul((within / scale).T, within / scale) / features.shape[0]
    weights = matmul(means / scale, pseudo_inverse(covariance)) / scale
    priors = class_counts(labels, classes) / features.shape[0]
    bias = jnp.log(priors) - 0.5 * jnp.sum(weights * means, axis=1) - matmul(weights, centre)
    return weights, bias


def linear_discriminant_decisions(
    points: Float[Array, "points dim"], weights: Float[Array, "classes dim"], bias: Float[Array, " classes"]
) -> Int[Array, " points"]:
    """What a linear classifier decides: argmax_c (w_c . x + b_c), the first of equal ones.

    points (points, dim), weights (classes, dim), bias (classes,) -> (points,), from 0 to classes - 1.
    """
    return jnp.argmax(matmul(points, weights.T) + bias, axis=1)


__all__ = ["boundary_complexity", "linear_discriminant", "linear_discriminant_decisions"]
