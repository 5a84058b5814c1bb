"""Spectra of representations, and how many dimensions they fill."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def covariance_eigenvalues(features: Float[Array, "points dim"]) -> Float[Array, " dim"]:
    """Eigenvalues of the feature covariance (1/N), largest first, none below 0.

    eig((1/N) sum_i (z_i - mean)(z_i - mean)'). features (points, dim) -> (dim,), in squared units of the features.
    """
    centred = features - features.mean(axis=0)
    covariance = centred.T @ centred / features.shape[0]
    return jnp.maximum(jnp.linalg.eigvalsh(covariance)[::-1], 0.0)


def participation_ratio(eigenvalues: Float[Array, " modes"]) -> Float[Array, ""]:
    """How many modes share the variance, by the second moment of the spectrum.

    (sum_k lambda_k)^2 / sum_k lambda_k^2: 1 for a single mode, d for d equal ones; 0 for an all-zero spectrum.
    eigenvalues (modes,), not negative -> (). Source: Gao et al. 2017 (bioRxiv 214262), there the dimensionality D.
    """
    largest = jnp.max(eigenvalues)
    relative = eigenvalues / jnp.where(largest > 0, largest, 1.0)
    squares = jnp.sum(relative**2)
    return jnp.sum(relative) ** 2 / jnp.where(squares > 0, squares, 1.0)


__all__ = ["covariance_eigenvalues", "participation_ratio"]
