"""How alike two states of the same rows are: three numbers, what they are of unrelated rows, and the turn between."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np

from render.metrics import similarity

NEIGHBOURS = 10
MOST_NEIGHBOURED = 1024  # rows of the sample whose neighbours are looked for: the time grows with the square


@dataclass(frozen=True)
class Likeness:
    """One number of a comparison: what it is, by which formula, and what it is of rows that are unrelated."""

    name: str
    meaning: str
    definition: str
    unrelated: str
    source: str


LIKENESSES = (
    Likeness(
        "cka",
        "linear CKA, unbiased: how alike all inner products of two rows are; 1 where they are the same up to a scale",
        "H(K, L)/sqrt(H(K, K) H(L, L)), K = XX', L = YY', both without their diagonals, H the unbiased estimate of "
        "HSIC; of the sample's M rows",
        "0 in the mean, with a deviation of sqrt(2/(M (M − 3))), whatever the number of columns",
        "Kornblith, Norouzi, Lee & Hinton 2019; Song, Smola, Gretton, Bedo & Borgwardt 2012",
    ),
    Likeness(
        "procrustes_residual",
        "share of the variance that is left over when one state is rotated, scaled and shifted onto the other",
        "1 − |Y'X|_*²/(|X|_F |Y|_F)², columns centred, |.|_* the sum of the singular values; of the sample's M rows",
        "that of the same rows in another order, which is below 1, and the lower, the more columns there are",
        "Schönemann 1966; Gower & Dijksterhuis 2004",
    ),
    Likeness(
        "neighbours_kept",
        f"share of the {NEIGHBOURS} nearest other rows of a row that are among its {NEIGHBOURS} nearest in the other "
        f"state, too",
        f"(1/(M k)) sum over i of |N_k(x_i) and N_k(y_i)|, Euclidean, k = {NEIGHBOURS} or a quarter of the rows; of "
        f"{MOST_NEIGHBOURED:,} rows of the sample at most",
        "k/(M − 1)",
        "",
    ),
)
_cka, _procrustes = jax.jit(similarity.linear_cka), jax.jit(similarity.procrustes)
_residual = jax.jit(similarity.procrustes_residual)
_kept = jax.jit(similarity.neighbours_kept, static_argnums=2)
NAMES = tuple(one.name for one in LIKENESSES)
CHANGE = "_change"  # behind the name of a number: by how much it has grown since


@dataclass(frozen=True)
class Laid:
    """Two states of M rows, each centred and of total variance 1, the first laid onto the second.

    values, unrelated: by name, of NAMES, here and of unrelated rows; deviation: of the CKA of unrelated rows, and
    kept_deviation: of their neighbours kept. before, after (M, d): `before` turned into the space of `after`.
    rotation (d', d) that did it. scale: how many times longer the rows of `after` are. largest_change: of an entry,
    over the largest, before the turn; infinite where the numbers of columns differ.
    """

    values: dict[str, float]
    unrelated: dict[str, float]
    deviation: float
    kept_deviation: float
    before: np.ndarray
    after: np.ndarray
    rotation: np.ndarray
    scale: float
    largest_change: float


def lay(first: np.ndarray, second: np.ndarray) -> Laid:
    """Lay the rows (M, d') of one state onto those (M, d) of another: both (M, ...), finite, M >= 4."""
    count = len(first)
    x, x_deviation = _unit(first)
    y, y_deviation = _unit(second)
    x_narrow, x_basis = _narrowed(x)
    y_narrow, y_basis = _narrowed(y)
    near = (
        np.unique(np.linspace(0, count - 1, MOST_NEIGHBOURED).astype(int)) if count > MOST_NEIGHBOURED else slice(None)
    )
    among = count if isinstance(near, slice) else len(near)
    k = max(1, min(NEIGHBOURS, (among - 1) // 4))
    shuffled = np.random.default_rng(0).permutation(count)
    with jax.enable_x64(True):
        cka = float(_cka(x_narrow, y_narrow))
        residual, turned = jax.device_get(_procrustes(x_narrow, y_narrow))
        by_chance = float(_residual(x_narrow[shuffled], y_narrow))
        kept = float(_kept(x_narrow[near], y_narrow[near], k))
    rotation = _widened(_widened(turned, x_basis).T, y_basis).T
    chance = k / (among - 1)
    return Laid(
        dict(zip(NAMES, (cka, float(residual), kept), strict=True)),
        dict(zip(NAMES, (0.0, by_chance, chance), strict=True)),
        similarity.unrelated_cka_deviation(count),
        float(np.sqrt(chance * (1 - chance) / (among * k))),
        x @ rotation,
        y,
        rotation,
        y_deviation / x_deviation if x_deviation and y_deviation else float("nan"),
        _largest_change(first, second),
    )


def _unit(rows: np.ndarray) -> tuple[np.ndarray, float]:
    """Rows in float64, centred and of total variance 1, and the deviation that they had; zeros and 0 for constants."""
    rows = rows.astype(np.float64)
    rows = rows - rows[0]  # constants then are exactly 0
    rows -= rows.mean(axis=0)
    largest = float(np.abs(rows).max(initial=0.0))
    if not largest:
        return rows, 0.0
    rows /= largest
    deviation = float(np.sqrt(np.mean(np.sum(rows**2, axis=1))))
    return rows / deviation, deviation * largest


def _narrowed(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows in no more columns than there are rows, and the axes (d, M) that these are of; None for those they had."""
    if rows.shape[1] <= rows.shape[0]:
        return rows, None
    basis = np.linalg.qr(rows.T)[0]
    return rows @ basis, basis


def _widened(turn: np.ndarray, basis: np.ndarray | None) -> np.ndarray:
    return turn if basis is None else basis @ turn


def _largest_change(first: np.ndarray, second: np.ndarray) -> float:
    if first.shape != second.shape:
        return float("inf")
    first, second = first.astype(np.float64), second.astype(np.float64)
    largest = max(float(np.abs(first).max()), float(np.abs(second).max()))
    return float(np.abs(second - first).max()) / largest if largest else 0.0


__all__ = ["CHANGE", "LIKENESSES", "NAMES", "Laid", "Likeness", "lay"]
