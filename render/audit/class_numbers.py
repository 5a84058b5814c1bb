"""Numbers about classes: their spread and their means, from moments."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.audit.moments import Moments
from render.metrics import codes, geometry

NC1_RIDGE = 1e-4  # that of arXiv 2410.04264v3, App. H.2


def run(function: Any, *arrays: np.ndarray) -> dict[str, np.ndarray]:
    """A compiled function of small arrays, in float64, back in NumPy."""
    with jax.enable_x64(True):
        return jax.device_get(function(*arrays))


def geometry_of(means: np.ndarray) -> dict[str, np.ndarray]:
    """Cosines of all pairs of centred class means (C, d), C of 2 or more, and the numbers that sum them up."""
    return run(_geometry, means)


@jax.jit
def _geometry(means: Any) -> dict[str, Any]:
    classes, dim = means.shape
    cosines = geometry.pairwise_cosines(means)
    coherence, floor = codes.coherence(means), codes.welch_floor(classes, min(dim, classes - 1))
    return {
        "cosines": cosines,
        "class_cosine_largest": cosines.max(),
        "class_cosine_spread": cosines.std(),
        "class_cosine_error": jnp.max(jnp.abs(cosines + 1 / (classes - 1))),
        "norm_variation": geometry.norm_variation(means),
        "class_simplex_error": codes.simplex_error(means),
        "class_coherence": coherence,
        "class_welch_gap": coherence - floor,
    }


def variances(moments: Moments, x: slice) -> dict[str, float]:
    """Spread within classes against that between their means, of the columns x, for two classes or more."""
    within = moments.scatter[x, x] / moments.count
    inside = max(float(np.trace(within)), 0.0)
    shares = moments.counts / moments.count
    # a factor of the between-class covariance, (C, d): its singular values keep twice the digits of the product's
    factor = np.sqrt(shares)[:, None] * (moments.means[:, x] - moments.mean[x])
    outside = float(np.sum(factor**2))
    return {
        "within_class_variance": inside,
        "within_between_ratio": _quotient(inside, outside),
        "collapse_ratio": inside / (inside + outside) if inside + outside > 0 else 0.0,
        "nc1": _nc1(within, factor, 0.0, moments.epsilon),
        "nc1_ridge": _nc1(within, factor, NC1_RIDGE, moments.epsilon),
    }


def _quotient(above: float, below: float) -> float:
    if above == 0:
        return 0.0
    return above / below if below > 0 else float("inf")


def _nc1(within: np.ndarray, factor: np.ndarray, ridge: float, epsilon: float) -> float:
    """Tr(Sigma_b^+ Sigma_W), or Tr((Sigma_b + ridge I)^-1 Sigma_W), with Sigma_b = factor'factor: `richness.nc1`."""
    singular, axes = np.linalg.svd(factor, full_matrices=False)[1:]
    along = np.einsum("kd,de,ke->k", axes, within, axes, optimize=True)
    inside = max(float(np.trace(within)), 0.0)
    if ridge:
        return float(np.sum(along / (singular**2 + ridge))) + max(inside - float(along.sum()), 0.0) / ridge
    kept = singular > max(factor.shape) * epsilon * singular[0]
    if not kept.any():
        return float("inf") if inside > 0 else 0.0
    return float(np.sum(along[kept] / singular[kept] ** 2))


__all__ = ["geometry_of", "run", "variances"]
