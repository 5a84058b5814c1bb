"""Merging of what is left of many rows, without the rows: moments of NumPy in float64, and the rows left out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from render.metrics.moments import Moments


class Faults(NamedTuple):
    """Count of the rows that were left out because an entry is NaN or infinite, and of such entries.

    first: where the first is, as its row, and its column among the columns of all arrays.
    """

    entries: int = 0
    rows: int = 0
    first: tuple[int, int] | None = None

    def __add__(self, other: Faults) -> Faults:  # type: ignore[override]
        places = [fault.first for fault in (self, other) if fault.first is not None]
        return Faults(self.entries + other.entries, self.rows + other.rows, min(places, default=None))


def merge(*parts: Moments) -> Moments:
    """The moments of all rows, from those of disjoint sets of them.

    For a class with counts n_1, n_2 and means m_1, m_2, where d = m_2 - m_1: m = m_1 + d n_2/(n_1 + n_2), and to the
    scatter comes d d' n_1 n_2/(n_1 + n_2). Associative and commutative up to rounding in float64. Classes may be
    missing from a part, or be fewer in it. Raises ValueError without parts, and for parts of different columns.
    Source: Chan, Golub & LeVeque 1983, Eq. 2.1, for each class by itself.
    """
    if len({part.means.shape[1] for part in parts}) != 1:
        raise ValueError(f"got parts of {[part.means.shape[1] for part in parts]} columns: expected the same of all")
    classes = max(len(part.counts) for part in parts)
    counts, means = _padded(parts[0], classes)
    scatter = parts[0].scatter.copy()
    for part in parts[1:]:
        more, centres = _padded(part, classes)
        both = counts + more
        share = more / np.maximum(both, 1)
        shift = centres - means
        pull = np.sqrt(counts * share)[:, None] * shift
        scatter += part.scatter
        scatter += pull.T @ pull
        # a class that one side does not have keeps the other's mean to the last digit
        means = np.where((counts == 0)[:, None], centres, means + share[:, None] * shift)
        counts = both
    return Moments(counts, means, scatter, max(part.epsilon for part in parts))


class Spread(NamedTuple):
    """Moments of rows, and the spread of each class over some of the first columns.

    squares (C,): sum over the rows of a class of |z - mu_c|^2 in the first `columns` columns.
    """

    moments: Moments
    squares: np.ndarray
    columns: int


def merge_spreads(*parts: Spread) -> Spread:
    """The moments and spreads of all rows, from those of disjoint sets of them.

    Of a class with mean mu over all: squares = sum_p squares_p + n_p |mu_p - mu|^2, a sum of what is not negative.
    """
    whole, columns = merge(*(part.moments for part in parts)), parts[0].columns
    if len(parts) == 1:
        return Spread(whole, parts[0].squares, columns)
    squares = np.zeros(len(whole.counts))
    for part in parts:
        counts, means = part.moments.counts, part.moments.means
        apart = means[:, :columns] - whole.means[: len(counts), :columns]
        squares[: len(counts)] += part.squares + counts * np.vecdot(apart, apart)
    return Spread(whole, squares, columns)


def _padded(part: Moments, classes: int) -> tuple[np.ndarray, np.ndarray]:
    missing = classes - len(part.counts)
    return np.pad(part.counts, (0, missing)), np.pad(part.means, ((0, missing), (0, 0)))


__all__ = ["Faults", "Spread", "merge", "merge_spreads"]
