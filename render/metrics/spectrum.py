"""Spectra of representations, and how many dimensions they fill.

Three things are called effective rank in the literature; here they have three names: `participation_ratio`,
`entropy_rank` and `effective_dimension`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from render.metrics.linear_algebra import eigh, eigvalsh
from render.metrics.moments import Moments, moments_of
from render.metrics.rows import principal_axes, same_rows, scaling

Number = float | Float[Array, ""] | Int[Array, ""]


class Modes(NamedTuple):
    """Principal components of a covariance: eigenvalues (dim,), largest first, and axes (dim, dim) in columns.

    floor (): the eigenvalue up to which one is rounding.
    """

    values: Float[Array, " dim"]
    axes: Float[Array, "dim dim"]
    floor: Float[Array, ""]


def modes_of(moments: Moments) -> Modes:
    """Principal components of all rows: eigenvalues and eigenvectors of the covariance total/N, none below 0.

    `Moments` of (points, dim) -> `Modes`, in squared units of the features; axes are unique up to their sign, and those
    of equal eigenvalue up to a rotation.
    """
    return _modes(moments.total / moments.count, rounding_of(moments))


@jax.jit  # so that moments that are NumPy's stay so up to here, and give the same digits as without JAX
def _modes(covariance: Array, floor: Array) -> Modes:
    values, axes = eigh(covariance)
    values = jnp.where(values > jnp.finfo(values.dtype).tiny, values, 0.0)
    return Modes(values[::-1], axes[:, ::-1], jnp.asarray(floor))


def rounding_of(moments: Moments) -> Any:
    """Eigenvalue of the covariance up to which one is rounding.

    epsilon |Sigma_W|_F + d eps (|Sigma_B|_F + |Sigma_W|_F): products of deviations within classes have the digits that
    `Moments.epsilon` says, all else has those of the moments' type. `Moments` of (points, dim) -> () >= 0, in squared
    units of the features.
    """
    within, between = (_norm(matrix) / moments.count for matrix in (moments.scatter, moments.between))
    own = float(jnp.finfo(moments.scatter.dtype).eps)
    return moments.epsilon * within + own * moments.scatter.shape[0] * (between + within)


def _norm(matrix: Any) -> Any:
    """Frobenius norm, also of numbers whose squares leave the range of their type; of NumPy and JAX alike."""
    largest = abs(matrix).max()
    return largest * ((matrix / (largest + (largest == 0))) ** 2).sum() ** 0.5


def numerical_rank_of(modes: Modes) -> Float[Array, ""]:
    """Number of directions in which features vary by more than rounding: eigenvalues above the floor.

    `Modes` of dim dimensions -> (), from 0 to dim.
    """
    return jnp.sum(modes.values > modes.floor).astype(modes.values.dtype)


def covariance_eigenvalues_of(moments: Moments) -> Float[Array, " dim"]:
    """Eigenvalues of the covariance total/N, largest first, none below 0; `modes_of` has their axes as well.

    `Moments` of (points, dim) -> (dim,), in squared units of the features.
    """
    return jnp.maximum(eigvalsh(moments.total / moments.count)[::-1], 0.0)


def covariance_eigenvalues(features: Float[Array, "points dim"]) -> Float[Array, " dim"]:
    """Eigenvalues of the feature covariance (1/N), largest first, none below 0.

    eig((1/N) sum_i (z_i - mean)(z_i - mean)'). features (points, dim) -> (dim,), in squared units of the features.
    """
    return covariance_eigenvalues_of(moments_of(features))


def second_moment_eigenvalues_of(moments: Moments) -> Float[Array, " dim"]:
    """Eigenvalues of the uncentred second moment total/N + mu mu', largest first; 0 for what is rounding.

    Rounding is an eigenvalue up to that of the covariance (`rounding_of`), and d eps of the largest more.
    `Moments` of (points, dim) -> (dim,), in squared units of the features.
    """
    mean = moments.mean
    values = eigvalsh(moments.total / moments.count + jnp.outer(mean, mean))[::-1]
    floor = rounding_of(moments) + len(values) * jnp.finfo(values.dtype).eps * values[0]
    return jnp.where(values > floor, values, 0.0)


def second_moment_eigenvalues(features: Float[Array, "points dim"]) -> Float[Array, " modes"]:
    """Eigenvalues of the uncentred second moment, largest first: the spectrum that `effective_dimension` is for.

    eig((1/N) sum_i z_i z_i') = s^2/N, s the singular values of the features: their squares are not formed before, for
    the first mode is often so large that what float32 leaves of the others would be rounding. So it is better than
    `second_moment_eigenvalues_of` of the same points. 0 where s is rounding, up to (dim + sqrt(N)) eps of the largest.
    features (points, dim) -> (min(points, dim),), in squared units of the
    features.
    """
    (features,) = same_rows(features)
    shift = scaling(features)
    return (principal_axes(shift, features)[0] * shift.scale) ** 2 / features.shape[0]


def relative_eigenvalues(eigenvalues: Float[Array, " modes"]) -> Float[Array, " modes"]:
    """Eigenvalues in units of the first: rho_k / rho_1.

    eigenvalues (modes,), largest first, not negative -> (modes,) from 1 down; all 0 for an all-zero spectrum.
    Source: arXiv 2410.04264v3, the third of the three curves.
    """
    return eigenvalues / jnp.where(eigenvalues[0] > 0, eigenvalues[0], 1.0)


def participation_ratio(eigenvalues: Float[Array, " modes"]) -> Float[Array, ""]:
    """How many modes share the variance, by the second moment of the spectrum.

    (sum_k lambda_k)^2 / sum_k lambda_k^2: 1 for a single mode, d for d equal ones; 0 for an all-zero spectrum.
    eigenvalues (modes,), not negative -> (). Source: Gao et al. 2017 (bioRxiv 214262), there the dimensionality D.
    """
    largest = jnp.max(eigenvalues)
    relative = eigenvalues / jnp.where(largest > 0, largest, 1.0)
    squares = jnp.sum(relative**2)
    return jnp.sum(relative) ** 2 / jnp.where(squares > 0, squares, 1.0)


def participation_ratio_of(moments: Moments) -> Float[Array, ""]:
    """The same of the covariance of all rows, without its eigenvalues: (Tr S)^2 / |S|_F^2, S the total scatter.

    Costs dim^2, not dim^3. `Moments` of (points, dim) -> (), from 1 to dim; 0 for rows without variance.
    """
    total = moments.total
    largest = jnp.max(jnp.abs(total))
    relative = total / jnp.where(largest > 0, largest, 1.0)
    squares = jnp.sum(relative**2)
    return jnp.trace(relative) ** 2 / jnp.where(squares > 0, squares, 1.0)


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


def learnability(eigenvalues: Float[Array, " modes"], samples: Number) -> Float[Array, " modes"]:
    """How much of each eigenfunction kernel regression learns from n samples: n units, shared among the modes.

    L_k = rho_k / (rho_k + kappa), kappa > 0 the root of sum_k L_k = n, by bisection between its bounds
    rho_min (K - n)/n and sum_k rho_k / n, K the number of positive rho_k.
    eigenvalues (modes,), not negative, samples n with 0 < n < K -> (modes,) in [0, 1), adding up to n; a mode of
    eigenvalue 0 has none. Raises ValueError for another n; where it is traced, and cannot be looked at, all are NaN.
    Source: arXiv 2410.04264v3, Eq. 15.
    """
    largest = jnp.max(eigenvalues)
    relative = eigenvalues / jnp.where(largest > 0, largest, 1.0)
    positive = relative > 0
    count = jnp.sum(positive)
    possible = (samples > 0) & (samples < count)
    if not isinstance(possible, jax.core.Tracer) and not possible:
        raise ValueError(f"got samples={samples}: expected more than 0 and fewer than the {count} positive eigenvalues")

    def shares(kappa: Array) -> Array:
        return jnp.where(positive, relative / jnp.where(positive, relative + kappa, 1.0), 0.0)

    def halve(_: int, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = jnp.sqrt(low) * jnp.sqrt(high)  # kappa ranges over many powers of ten
        enough = jnp.sum(shares(middle)) > samples
        return jnp.where(enough, middle, low), jnp.where(enough, high, middle)

    low = jnp.min(jnp.where(positive, relative, jnp.inf)) * (count - samples) / samples
    low, high = jax.lax.fori_loop(0, 50, halve, (low, jnp.sum(relative) / samples))
    return jnp.where(possible, shares(jnp.sqrt(low) * jnp.sqrt(high)), jnp.nan)


def generalization_error(
    eigenvalues: Float[Array, " modes"], coefficients: Float[Array, " modes"], samples: Number
) -> Float[Array, ""]:
    """Error that kernel regression without ridge and noise is expected to have after n samples.

    sum_k (1 - L_k)^2 c_k^2 / (1 - sum_k L_k^2 / n), L_k the `learnability`. 1 / denominator is how much the modes that
    are not learned disturb the others; near as many samples as modes it is large.
    eigenvalues (modes,), not negative, coefficients c_k (modes,) of the target in the eigenfunctions, samples n with
    0 < n < K, the number of positive eigenvalues -> (), in squared units of the target. Raises ValueError for another
    n; where it is traced, and cannot be looked at, NaN.
    Source: arXiv 2410.04264v3, Eq. 16.
    """
    learned = learnability(eigenvalues, samples)
    # sum L_k = n, so that this is the denominator without a difference of two numbers near 1
    disturbance = jnp.sum(learned * (1 - learned)) / samples
    return jnp.sum(((1 - learned) * coefficients) ** 2) / disturbance


__all__ = [
    "Modes",
    "covariance_eigenvalues",
    "covariance_eigenvalues_of",
    "effective_dimension",
    "entropy",
    "entropy_rank",
    "generalization_error",
    "learnability",
    "modes_of",
    "numerical_rank_of",
    "participation_ratio",
    "participation_ratio_of",
    "relative_eigenvalues",
    "rounding_of",
    "second_moment_eigenvalues",
    "second_moment_eigenvalues_of",
]
