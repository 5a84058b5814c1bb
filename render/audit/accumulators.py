"""Moments of labelled rows in one pass: chunks go in, in any order and on any machine, and what they leave is merged.

A row is [features | outputs | targets], so that one product of a chunk with itself holds every covariance and cross
covariance that a report asks for. Products are taken of deviations from a reference close to the mean of the row's
class, in float32 for float32 data, and added up in float64: the scatter within classes keeps its digits where it is a
millionth of the scatter between them, which the difference of two totals would not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse

SAFE_SQUARES = (1e-24, 1e34)  # range of a chunk's sum of squares in which no product that counts leaves float32


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


class Accumulator:
    """Takes chunks of rows, one after another: `add`, and `moments()` at the end.

    Within it the references a_c stay what they were when a class first came, so that a chunk costs one product, one
    subtraction and one sum by class: R = sum (z - a_y)(z - a_y)' and s_c = sum_{y = c} (z - a_c), from which
    mu_c = a_c + s_c/n_c and scatter = R - sum_c s_c s_c'/n_c. Where references turn out to lie far from the means, so
    that this difference would cost digits, it is taken early, and new references come from the means so far.
    """

    def __init__(self) -> None:
        self._closed: list[Moments] = []
        self._faults = Faults()
        self._counts = np.zeros(0, np.int64)
        self._known = np.zeros(0, bool)  # classes that have a reference
        self._references = np.zeros((0, 0))
        self._sums = np.zeros((0, 0))
        self._products = np.zeros((0, 0))
        self._deviations = np.zeros((0, 0))

    def add(self, arrays: Sequence[np.ndarray], labels: np.ndarray | None = None, first_row: int = 0) -> None:
        """Take in rows: arrays (n, k_j) side by side, labels (n,) from 0 or None; `first_row` is for `Faults`.

        Products are in float64 if any array has more digits than float32. Rows with a NaN or an infinity are counted
        and left out. Raises ValueError for columns that differ from those before.
        """
        kind = np.result_type(*(np.float32 if _is_short(array.dtype) else np.float64 for array in arrays))
        columns = sum(array.shape[1] for array in arrays)
        if not self._counts.size:
            self._references = np.zeros((0, columns), kind)
            self._sums, self._products = np.zeros((0, columns)), np.zeros((columns, columns))
        if self._references.shape[1] != columns or self._references.dtype != kind:
            raise ValueError(f"got {columns} columns of {kind}, expected {self._references.shape[1]} as before")
        labels = np.zeros(len(arrays[0]), np.int64) if labels is None else labels
        if len(labels):
            self._take(arrays, labels, first_row, kind)

    def moments(self) -> Moments:
        """The moments of all rows so far. Raises ValueError before the first."""
        if not self._counts.size:
            raise ValueError("no rows were added: add some first")
        return merge(*self._closed, self._open())

    def _take(self, arrays: Sequence[np.ndarray], labels: np.ndarray, first_row: int, kind: np.dtype) -> None:
        members = _members(labels, max(int(labels.max()) + 1, len(self._counts)))
        sizes = np.bincount(labels, minlength=members.shape[0])
        known = self._known
        self._refer(arrays, members, sizes)
        deviations = self._deviate(arrays, labels)
        with np.errstate(all="ignore"):
            products = deviations.T @ deviations
            squares = float(np.trace(products))
        if not SAFE_SQUARES[0] < squares < SAFE_SQUARES[1]:
            # rare: NaN, infinity, numbers whose squares float32 does not hold, or rows that are all alike
            finite = np.isfinite(deviations)
            if not finite.all():
                self._known = np.pad(known, (0, len(sizes) - len(known)))  # references shall come from good rows
                self._leave_out(arrays, labels, first_row, kind)
                return
            wide = deviations.astype(np.float64)
            with np.errstate(all="ignore"):
                products = wide.T @ wide
            if not np.isfinite(products).all():
                raise ValueError("squares of the numbers leave the range of float64: divide them")
        self._products += products
        self._sums += members @ deviations
        self._counts += sizes
        self._settle()

    def _refer(self, arrays: Sequence[np.ndarray], members: scipy.sparse.csc_matrix, sizes: np.ndarray) -> None:
        """Give each class that is new its mean in this chunk for a reference."""
        more = len(sizes) - len(self._counts)
        self._counts, self._known = np.pad(self._counts, (0, more)), np.pad(self._known, (0, more))
        self._sums = np.pad(self._sums, ((0, more), (0, 0)))
        self._references = np.pad(self._references, ((0, more), (0, 0)))
        new = (sizes > 0) & ~self._known
        if new.any():
            with np.errstate(all="ignore"):
                rows = [members[new] @ array.astype(np.float64) / sizes[new, None] for array in arrays]
                means = np.concatenate(rows, axis=1).astype(self._references.dtype)
            self._references[new] = np.where(np.isfinite(means), means, 0.0)
            self._known = self._known | new

    def _deviate(self, arrays: Sequence[np.ndarray], labels: np.ndarray) -> np.ndarray:
        """Rows less the reference of their class, in a buffer that is used again."""
        if self._deviations.shape[0] != len(labels):
            self._deviations = np.empty((len(labels), self._references.shape[1]), self._references.dtype)
        out = self._deviations
        if len(self._references) > 1:
            np.take(self._references, labels, axis=0, out=out, mode="clip")  # the default mode makes a copy
        else:
            out[:] = self._references
        start = 0
        with np.errstate(all="ignore"):
            for array in arrays:
                part = out[:, start : start + array.shape[1]]
                np.subtract(array, part, out=part, casting="unsafe")
                start += array.shape[1]
        return out

    def _leave_out(self, arrays: Sequence[np.ndarray], labels: np.ndarray, first_row: int, kind: np.dtype) -> None:
        """Take the chunk without the rows that have a NaN or an infinity; as it is if it has none."""
        finite = np.concatenate([np.isfinite(array) for array in arrays], axis=1)
        kept = finite.all(axis=1)
        if kept.all():  # a difference left the range of float32
            raise ValueError("numbers come near the largest that float32 holds: divide them, or save them as float64")
        row, column = map(int, np.argwhere(~finite)[0])
        self._faults += Faults(int((~finite).sum()), int((~kept).sum()), (first_row + row, column))
        if kept.any():
            self._take([array[kept] for array in arrays], labels[kept], first_row, kind)

    def _settle(self) -> None:
        """Close what was summed up if references lie so far off that half of a column's square is their distance.

        Not before as many rows have come as were closed before: it costs as much as a chunk.
        """
        if self._counts.sum() < sum(part.count for part in self._closed):
            return
        sizes = np.maximum(self._counts, 1)
        offset = np.sum(self._sums**2 / sizes[:, None], axis=0)
        if np.any(2 * offset > np.diag(self._products)):
            part = self._open()
            self._closed = [merge(*self._closed, part)]
            present = self._counts > 0
            self._references[present] = part.means[present]
            self._counts, self._sums = np.zeros_like(self._counts), np.zeros_like(self._sums)
            self._products = np.zeros_like(self._products)
            self._faults = Faults()

    def _open(self) -> Moments:
        sizes = np.maximum(self._counts, 1)[:, None]
        pull = self._sums / np.sqrt(sizes)
        means = np.where(self._counts[:, None] > 0, self._references + self._sums / sizes, 0.0)
        epsilon = float(np.finfo(self._references.dtype).eps)
        return Moments(self._counts, means, self._products - pull.T @ pull, epsilon, self._faults)


def _is_short(dtype: np.dtype) -> bool:
    """Whether float32 holds every number of this type."""
    return dtype.itemsize <= 2 or (dtype.kind == "f" and dtype.itemsize == 4)


def _members(labels: np.ndarray, classes: int) -> scipy.sparse.csc_matrix:
    """Which row is of which class, (classes, rows): a product with it sums rows by class, reading them in order."""
    ones, ends = np.ones(len(labels), np.float32), np.arange(len(labels) + 1)
    return scipy.sparse.csc_matrix((ones, labels, ends), shape=(classes, len(labels)))


__all__ = ["Accumulator", "Faults", "Moments", "merge"]
