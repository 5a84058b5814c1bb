"""Distances from points to the two that are nearest, all against all."""

from __future__ import annotations

import numpy as np

CANDIDATES = 3  # of which the two nearest are taken, by their exact distances
NEGLIGIBLE = 1e-10  # share of a squared distance that a wrong choice among points as near as that may change


def two_nearest(rows: np.ndarray) -> np.ndarray:
    """Distances |z_i - z_j| of each of some points to the nearest other one and the next.

    rows (M, d) in float64, M > 2, best less their mean -> (M, 2), ascending. Candidates come from one product of
    matrices, |z_i|^2 + |z_j|^2 - 2 z_i z_j; since that loses digits where points lie closer together than they are
    long, distances are then taken of the differences, and where rounding may have hidden a nearer point, of all that
    may be it.
    """
    squares = np.vecdot(rows, rows)
    apart = rows @ rows.T
    apart *= -2
    apart += squares[:, None]
    apart += squares
    np.fill_diagonal(apart, np.inf)
    lost = (rows.shape[1] + 8) * np.finfo(float).eps * (squares + squares.max())
    everyone = np.arange(len(rows))
    exact, said = np.full((len(rows), CANDIDATES), np.inf), np.zeros(len(rows))
    for turn in range(min(CANDIDATES, len(rows) - 1)):
        candidate = np.argmin(apart, axis=1)
        said = apart[everyone, candidate]  # no other point is nearer than that, but for rounding
        apart[everyone, candidate] = np.inf
        difference = rows - rows[candidate]
        exact[:, turn] = np.vecdot(difference, difference)
    found = np.sort(exact, axis=1)[:, :2]
    doubtful = (said - lost < found[:, 1]) & (lost > NEGLIGIBLE * found[:, 1])
    for row in np.flatnonzero(doubtful):
        others = np.flatnonzero(apart[row] - lost[row] < found[row, 1])
        others = others[others != row]
        difference = rows[others] - rows[row]
        found[row] = np.sort(np.concatenate([exact[row], np.vecdot(difference, difference)]))[:2]
    return np.sqrt(found)


__all__ = ["two_nearest"]
