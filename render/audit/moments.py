"""What is left of many rows: counts, means and scatter by class, which are merged without the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Faults(NamedTuple):
    """Rows that were left out because an entry is NaN or infinite. `first`: row, and column among all columns."""

    entries: int = 0
    rows: int = 0
    first: tuple[int, int] | None = None

    def __add__(self, other: Faults) -> Faults:  # type: ignore[override]
        places = [fault.first for fault in (self, other) if fault.first is not None]
        return Faults(self.entries + other.entries, self.rows + other.rows, min(places, default=None))


@dataclass(frozen=True)
class Moments:
    """All that is left of N rows of k columns in C classes.

    counts (C,); means (C, k), zero for a class without rows; scatter (k, k) = sum_i (z_i - mu_{y_i})(z_i - mu_{y_i})',
    the rows' deviations from their own class mean; both float64. Rows without labels are one class. `epsilon` is that
    of the numbers that products were taken of.
    """

    counts: np.ndarray
    means: np.ndarray
    scatter: np.ndarray
    epsilon: float
    faults: Faults = Faults()

    @property
    def count(self) -> int:
        return int(self.counts.sum())

    @property
    def mean(self) -> np.ndarray:
        """Mean of all rows: (k,)."""
        return self.counts @ self.means / max(self.count, 1)

    @property
    def between(self) -> np.ndarray:
        """sum_c n_c (mu_c - mu)(mu_c - mu)': (k, k)."""
        deviations = np.sqrt(self.counts)[:, None] * (self.means - self.mean)
        return deviations.T @ deviations

    @property
    def total(self) -> np.ndarray:
        """Scatter around the mean of all rows: within + between, (k, k)."""
        return self.scatter + self.between


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
    faults = sum((part.faults for part in parts[1:]), start=parts[0].faults)
    return Moments(counts, means, scatter, max(part.epsilon for part in parts), faults)


def _padded(part: Moments, classes: int) -> tuple[np.ndarray, np.ndarray]:
    missing = classes - len(part.counts)
    return np.pad(part.counts, (0, missing)), np.pad(part.means, ((0, missing), (0, 0)))


__all__ = ["Faults", "Moments", "merge"]
