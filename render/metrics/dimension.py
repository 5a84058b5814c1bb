"""Dimension of representations, in the numbers that are used to compare encoders without labels.

Uncentred ranks (`rankme`, `stable_rank`), the power law of a spectrum, the intrinsic dimension of a sample, and what
isotropic noise of so many points and dimensions would have.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from render.metrics.moments import Moments
from render.metrics.spectrum import entropy_rank

Number = int | float | Float[Array, ""] | Int[Array, ""]


def rankme(eigenvalues: Float[Array, " modes"]) -> Float[Array, ""]:
    """Effective rank of the features themselves, by the entropy of their singular values.

    exp(-sum_k p_k ln p_k), p_k = sigma_k / sum sigma, sigma_k^2 the eigenvalues of the *uncentred* second moment. The
    `spectrum.entropy_rank` beside it is of eigenvalues, which are squares, and centred: it is never larger for the same
    spectrum. eigenvalues (modes,), not negative -> (), 0 for an all-zero spectrum. Source: Garrido et al. 2023, Eq. 1;
    Roy & Vetterli 2007.
    """
    return entropy_rank(jnp.sqrt(eigenvalues))


def stable_rank(eigenvalues: Float[Array, " modes"]) -> Float[Array, ""]:
    """Ratio of the squared norms of the features, |Z|_F^2 / |Z|_2^2: sum_k lambda_k / lambda_1, uncentred.

    eigenvalues (modes,) of the second moment, largest first -> () in [1, modes]; 0 for an all-zero spectrum.
    Source: Rudelson & Vershynin 2007.
    """
    largest = eigenvalues[0]
    return jnp.sum(eigenvalues) / jnp.where(largest > 0, largest, 1.0)


def _line(eigenvalues: Array, floor: Number) -> tuple[Array, Array]:
    """Slope and R^2 of ln lambda_k on ln k, of the eigenvalues above the floor; 0 and 0 where fewer than three are."""
    kept = eigenvalues > floor
    count = jnp.maximum(jnp.sum(kept), 1)
    x = jnp.log(jnp.arange(1, len(eigenvalues) + 1))
    y = jnp.log(jnp.where(kept, eigenvalues, 1.0))
    x, y = (jnp.where(kept, values - jnp.sum(values * kept) / count, 0.0) for values in (x, y))
    squares, product, total = jnp.sum(x * x), jnp.sum(x * y), jnp.sum(y * y)
    slope = product / jnp.where(squares > 0, squares, 1.0)
    fit = slope * product / jnp.where(total > 0, total, 1.0)
    enough = jnp.sum(kept) > 2
    return jnp.where(enough, slope, 0.0), jnp.where(enough, fit, 0.0)


def spectral_slope(eigenvalues: Float[Array, " modes"], floor: Number = 0.0) -> Float[Array, ""]:
    """Slope of the spectrum on logarithmic axes: least squares of ln lambda_k on ln k, over eigenvalues above `floor`.

    -alpha of a power law lambda_k ~ k^-alpha. eigenvalues (modes,), largest first -> (); 0 where fewer than three are
    above the floor. Source: Agrawal et al. 2022, alpha-ReQ, which is near 1 for encoders that transfer.
    """
    return _line(eigenvalues, floor)[0]


def spectral_fit(eigenvalues: Float[Array, " modes"], floor: Number = 0.0) -> Float[Array, ""]:
    """Share of the variance of ln lambda_k that the line of `spectral_slope` explains: R^2.

    eigenvalues (modes,), largest first -> () in [0, 1]; 0 where fewer than three are above the floor, or all are equal.
    """
    return _line(eigenvalues, floor)[1]


def two_nearest_dimension(
    first: Float[Array, " points"], second: Float[Array, " points"], counted: Bool[Array, " points"]
) -> Float[Array, ""]:
    """Intrinsic dimension from the distances to the two nearest neighbours of each point: TwoNN.

    The slope, through the origin, of -ln(1 - F_i) on ln(r_2/r_1), F_i = i/N the empirical distribution, without the
    tenth of the points that have the largest ratios. first, second (points,) distances with 0 < first <= second where
    counted -> () >= 0; 0 where nothing can be said. Source: Facco et al. 2017, Eq. 5 and their algorithm.
    """
    usable = counted & (first > 0)
    ratio = jnp.where(usable, jnp.log(second / jnp.where(usable, first, 1.0)), jnp.inf)
    ratio = jnp.sort(ratio)
    count = jnp.maximum(jnp.sum(usable), 1)
    rank = jnp.arange(1, len(ratio) + 1)
    kept = rank <= jnp.floor(0.9 * count)
    x = jnp.where(kept, ratio, 0.0)
    y = jnp.where(kept, -jnp.log1p(-jnp.minimum(rank / count, 0.95)), 0.0)
    squares = jnp.sum(x * x)
    return jnp.sum(x * y) / jnp.where(squares > 0, squares, jnp.inf)


def participation_ratio_of(moments: Moments) -> Float[Array, ""]:
    """Participation ratio of the covariance of all rows without its eigenvalues: (Tr S)^2 / |S|_F^2, S the scatter.


    Costs dim^2, not dim^3. `Moments` of (points, dim) -> (), from 1 to dim; 0 for rows without variance.
    """
    total = moments.total
    largest = jnp.max(jnp.abs(total))
    relative = total / jnp.where(largest > 0, largest, 1.0)
    squares = jnp.sum(relative**2)
    return jnp.trace(relative) ** 2 / jnp.where(squares > 0, squares, 1.0)


def isotropic_participation(points: Number, dim: Number) -> Float[Array, ""]:
    """Participation ratio that isotropic Gaussian noise of so many points has, centred: (N - 1) d / (N + d).

    The ratio of the means of (Tr S)^2 and Tr S^2 of a Wishart matrix S of N - 1 degrees of freedom, to first order:
    d for many points, N - 1 for many dimensions. Two numbers -> (). Source: moments of Wishart matrices, as in Muirhead
    1982, Sec. 3.2.
    """
    return (jnp.asarray(points) - 1) * dim / (jnp.asarray(points) + dim)


def isotropic_entropy_rank(points: Number, dim: Number) -> Float[Array, ""]:
    """Entropy rank that isotropic Gaussian noise of so many points has, centred: m exp(-m/(2 M)).

    m the smaller of d and N - 1, M the larger. Two numbers -> (). Source: Page 1993 for the mean entropy, to leading
    order that of the Marchenko-Pastur law.
    """
    free = jnp.asarray(points) - 1.0
    small, large = jnp.minimum(free, dim), jnp.maximum(free, dim)
    return small * jnp.exp(-small / (2 * jnp.maximum(large, 1.0)))


__all__ = [
    "isotropic_entropy_rank",
    "isotropic_participation",
    "participation_ratio_of",
    "rankme",
    "spectral_fit",
    "spectral_slope",
    "stable_rank",
    "two_nearest_dimension",
]
