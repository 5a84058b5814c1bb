"""Spectra of representations, and how many dimensions they fill.

Three things are called effective rank in the literature; here they have three names: `participation_ratio`,
`entropy_rank` and `effective_dimension`.
"""

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


def entropy(weights: Float[Array, " modes"]) -> Float[Array, ""]:
    """Shannon entropy of non-negative weights, first divided by their sum.

    -sum_k p_k ln p_k, p = weights / sum(weights), with 0 ln 0 = 0.
    weights (modes,) -> () in nats, from 0 (one weight has it all) to ln(modes) (all equal); 0 for all-zero weights.
    """
    largest = jnp.max(weights, initial=0.0)
    relative = weights / jnp.where(largest > 0, largest, 1.0)
    total = jnp.sum(relative)
    shares = relative / jnp.where(total > 0, total, 1.0)
    return 0.0 - jnp.sum(shares * jnp.log(jnp.where(shares > 0, shares, 1.0)))  # a plain minus shows -0.0


def entropy_rank(eigenvalues: Float[Array, " modes"]) -> Float[Array, ""]:
    """How many modes share the variance, by the entropy of the spectrum.

    exp(-sum_k p_k ln p_k), p = lambda / sum(lambda): 1 for a single mode, d for d equal ones; 0 for an all-zero
    spectrum. eigenvalues (modes,), not negative -> (). Never below `participation_ratio`.
    Source: Roy & Vetterli 2007, the effective rank, there of singular values.
    """
    return jnp.where(jnp.any(eigenvalues > 0), jnp.exp(entropy(eigenvalues)), 0.0)


def effective_dimension(eigenvalues: Float[Array, " modes"]) -> Float[Array, ""]:
    """One for the first mode, and the entropy rank of the others.

    1 + exp(entropy of lambda_2, lambda_3, ...), for an *uncentred* spectrum, whose first mode is close to the constant
    and would hide the rest; of a centred one take `entropy_rank`.
    eigenvalues (modes,), largest first, not negative -> () in [1, modes]; 1 when nothing follows the first mode.
    Source: arXiv 2410.04264v3, Eq. 9.
    """
    return 1.0 + entropy_rank(eigenvalues[1:])


__all__ = ["covariance_eigenvalues", "effective_dimension", "entropy", "entropy_rank", "participation_ratio"]
