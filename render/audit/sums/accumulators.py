"""Moments of labelled rows in one pass: chunks go in, and moments come out that can be merged with those of others.

A row is [features | outputs | targets], so that one product of a chunk with itself holds every covariance and cross
covariance that a report asks for. Products are taken of deviations from a reference close to the mean of the row's
class, in float32 for float32 data, and added up in float64: the scatter within classes keeps its digits where it is a
millionth of the scatter between them, which the difference of two totals would not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse

from render.audit.sums.merging import Faults, Spread, merge_spreads
from render.metrics.moments import Moments

NEAR = 512  # rows whose references are looked up at once, and which are added up at once
NARROW = 64  # columns whose rows are added up in float64: next to reading them it costs nothing
MANY = 64  # classes from which sums of each of a few rows would be more than the rows
FIRST, ENOUGH = 1024, 32  # rows of a chunk that references are taken of, where each new class has so many among them
SAFE_SQUARES = (1e-24, 1e34)  # range of a chunk's sum of squares in which no product that counts leaves float32


class Accumulator:
    """Sum of chunks of rows that are given one after another: `add`, then `moments()` at the end, and `faults`.

    With `spread_columns` the spread of each class over so many of the first columns is kept, too: `spread()`.

    The references a_c stay what they were when a class first came, so that a chunk costs one product, one
    subtraction and one sum by class: R = sum (z - a_y)(z - a_y)' and s_c = sum_{y = c} (z - a_c), from which
    mu_c = a_c + s_c/n_c and scatter = R - sum_c s_c s_c'/n_c. Where references turn out to lie far from the means, so
    that this difference would cost digits, it is taken early, and new references come from the means so far.
    """

    def __init__(self, spread_columns: int = 0) -> None:
        self.faults = Faults()
        self._spread_columns = spread_columns
        self._closed: list[Spread] = []
        self._squares = np.zeros(0)
        self._counts = np.zeros(0, np.int64)
        self._known = np.zeros(0, bool)  # classes that have a reference
        self._references = np.zeros((0, 0))
        self._sums = np.zeros((0, 0))
        self._products = np.zeros((0, 0))
        self._buffer = np.zeros((0, 0))

    def add(
        self,
        arrays: Sequence[np.ndarray],
        labels: np.ndarray | None = None,
        first_row: int | np.ndarray = 0,
        overwrite: bool = False,
    ) -> None:
        """Take in rows: arrays (n, k_j) side by side, labels (n,) from 0 or None; `first_row`, or the number
        of each row, is for `Faults`.

        Products are in float64 if any array has more digits than float32. Rows with a NaN or an infinity are counted
        and left out. With `overwrite` a single array may be written to, which saves a copy of it. Raises ValueError for
        columns that differ from those before.
        """
        self._begin(arrays)
        labels = np.zeros(len(arrays[0]), np.int64) if labels is None else labels.astype(np.int64, copy=False)
        if len(labels):
            new = self._refer(arrays, labels)
            kind = self._references.dtype
            own = overwrite and len(arrays) == 1 and arrays[0].dtype == kind and arrays[0].flags.writeable
            taken = self._deviate(arrays, labels, arrays[0] if own else self._room(len(labels)))
            self._take(*taken, labels, new, first_row)

    @property
    def used(self) -> bool:
        """Whether rows were added, be it none."""
        return bool(self._products.size)

    def _begin(self, arrays: Sequence[np.ndarray]) -> None:
        """Set the form of all rows by that of the first ones, or hold these against it."""
        kind = np.result_type(*(np.float32 if _is_short(array.dtype) else np.float64 for array in arrays))
        columns = sum(array.shape[1] for array in arrays)
        if not self._counts.size:
            self._references = np.zeros((0, columns), kind)
            self._sums, self._products = np.zeros((0, columns)), np.zeros((columns, columns))
        if self._references.shape[1] != columns or self._references.dtype != kind:
            raise ValueError(f"got {columns} columns of {kind}, expected {self._references.shape[1]} as before")

    def moments(self) -> Moments:
        """The moments of all rows so far. Raises ValueError before the first."""
        if not self._counts.size:
            raise ValueError("no rows were added: add some first")
        return self.spread().moments

    def spread(self) -> Spread:
        """The moments of all rows so far, and the sums of squares of each class around its mean."""
        if not self._counts.size:
            if not self._products.size:
                raise ValueError("no rows were added: add some first")
            self._counts, self._known = np.zeros(1, np.int64), np.zeros(1, bool)  # chunks without a single row
            self._references = np.zeros((1, len(self._products)), self._references.dtype)
            self._sums, self._squares = np.zeros((1, len(self._products))), np.zeros(1)
        return merge_spreads(*self._closed, self._open())

    def _take(
        self,
        deviations: np.ndarray,
        squares_of_rows: np.ndarray,
        sums: np.ndarray,
        labels: np.ndarray,
        new: np.ndarray,
        first_row: int | np.ndarray,
    ) -> None:
        with np.errstate(all="ignore"):
            products = deviations.T @ deviations
            squares = float(np.trace(products))
        if not SAFE_SQUARES[0] < squares < SAFE_SQUARES[1]:
            # rare: NaN, infinity, numbers whose squares float32 does not hold, or rows that are all alike
            finite = np.isfinite(deviations)
            if not finite.all():
                deviations, labels = self._without_faults(deviations, labels, finite, new, first_row)
            wide = deviations.astype(np.float64)
            with np.errstate(all="ignore"):
                products = wide.T @ wide
            if not np.isfinite(products).all():
                raise ValueError("squares of the numbers leave the range of float64: divide them")
            squares_of_rows = np.vecdot(wide[:, : self._spread_columns], wide[:, : self._spread_columns])
            sums = _members(labels, len(self._sums)) @ wide
        self._products += products
        self._sums += sums
        if self._spread_columns:
            self._squares += np.bincount(labels, squares_of_rows, minlength=len(self._counts))
        self._counts += np.bincount(labels, minlength=len(self._counts))
        self._settle()

    def _refer(self, arrays: Sequence[np.ndarray], labels: np.ndarray) -> np.ndarray:
        """References of the classes that are new: their means in this chunk. Returns which classes those are, (C,)."""
        sizes = np.bincount(labels, minlength=len(self._counts))
        self._grow(len(sizes))
        new = (sizes > 0) & ~self._known
        if new.any():
            few = np.bincount(labels[:FIRST], minlength=len(sizes))
            if few[new].min() >= ENOUGH:
                arrays, labels, sizes = [array[:FIRST] for array in arrays], labels[:FIRST], few
            members = _members(labels, len(sizes))
            with np.errstate(all="ignore"):
                rows = [members[new] @ array.astype(np.float64) / sizes[new, None] for array in arrays]
                means = np.concatenate(rows, axis=1).astype(self._references.dtype)
            self._references[new] = np.where(np.isfinite(means), means, 0.0)
            self._known |= new
        return new

    def _grow(self, classes: int) -> None:
        """Make room for so many classes, unless there is."""
        more = classes - len(self._counts)
        if more > 0:
            self._counts, self._known = np.pad(self._counts, (0, more)), np.pad(self._known, (0, more))
            self._sums, self._squares = np.pad(self._sums, ((0, more), (0, 0))), np.pad(self._squares, (0, more))
            self._references = np.pad(self._references, ((0, more), (0, 0)))

    def _room(self, rows: int) -> np.ndarray:
        """A buffer for deviations, used again and again."""
        if len(self._buffer) != rows:
            self._buffer = np.empty((rows, self._references.shape[1]), self._references.dtype)
        return self._buffer

    def _deviate(
        self, arrays: Sequence[np.ndarray], labels: np.ndarray, out: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows less the reference of their class, (n, k), their squared lengths over the columns of the spread, (n,),
        and their sums by class, (C, k); a few at once, so that what was read or written is in cache when it is used.

        Long sums of float32 lose digits: of all rows at once they are of few of each class, or in float64.
        """
        squares, sums = np.zeros(len(labels), out.dtype), np.zeros_like(self._sums)
        narrow, many = out.shape[1] <= NARROW, len(sums) > MANY and np.bincount(labels).max() <= NEAR
        members = _members(labels[:NEAR], len(sums))
        for first in range(0, len(labels), NEAR):
            near = slice(first, first + NEAR)
            references, start = self._references[labels[near]], 0
            with np.errstate(all="ignore"):
                for array in arrays:
                    columns = slice(start, start + array.shape[1])
                    np.subtract(array[near], references[:, columns], out=out[near, columns], casting="unsafe")
                    start = columns.stop
                if self._spread_columns:
                    spread = out[near, : self._spread_columns]
                    np.vecdot(spread, spread, out=squares[near])
                if not (narrow or many):
                    if len(labels[near]) != members.shape[1]:
                        members = _members(labels[near], len(sums))
                    members.indices = labels[near]  # a new one would take longer than its product
                    sums += members @ out[near]
        if narrow or many:
            sums += _members(labels, len(sums)) @ (out.astype(np.float64) if narrow else out)
        return out, squares, sums

    def _without_faults(
        self,
        deviations: np.ndarray,
        labels: np.ndarray,
        finite: np.ndarray,
        new: np.ndarray,
        first_row: int | np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Deviations and labels of the finite rows; the others are counted, and left out of new classes' references."""
        kept = finite.all(axis=1)
        row, column = map(int, np.argwhere(~finite)[0])
        where = int(first_row[row]) if isinstance(first_row, np.ndarray) else first_row + row
        self.faults += Faults(int((~finite).sum()), int((~kept).sum()), (where, column))
        deviations, labels = deviations[kept].astype(np.float64), labels[kept]
        sizes = np.bincount(labels, minlength=len(new))
        shift = _members(labels, len(new)) @ deviations / np.maximum(sizes, 1)[:, None]
        moved = (self._references + shift * new[:, None]).astype(self._references.dtype)
        deviations -= (moved.astype(np.float64) - self._references)[labels]
        self._references, self._known = moved, self._known & ~(new & (sizes == 0))
        return deviations.astype(moved.dtype), labels

    def _settle(self) -> None:
        """Start new sums around better references, once the distance of the old ones from the means costs digits.

        That is where it makes up half of the sum of squares of a column. What was summed up is turned into moments and
        kept. Since that costs as much as a chunk, it waits for as many rows as were summed up before.
        """
        if self._counts.sum() < sum(part.moments.count for part in self._closed):
            return
        sizes = np.maximum(self._counts, 1)
        offset = np.sum(self._sums**2 / sizes[:, None], axis=0)
        if np.any(2 * offset > np.diag(self._products)):
            part = self._open()
            self._closed = [merge_spreads(*self._closed, part)]
            present = self._counts > 0
            self._references[present] = part.moments.means[present]
            self._counts, self._sums = np.zeros_like(self._counts), np.zeros_like(self._sums)
            self._products, self._squares = np.zeros_like(self._products), np.zeros_like(self._squares)

    def _open(self) -> Spread:
        sizes = np.maximum(self._counts, 1)[:, None]
        pull = self._sums / np.sqrt(sizes)
        means = np.where(self._counts[:, None] > 0, self._references + self._sums / sizes, 0.0)
        epsilon = float(np.finfo(self._references.dtype).eps)
        moved = pull[:, : self._spread_columns]
        squares = np.maximum(self._squares - np.vecdot(moved, moved), 0.0)
        return Spread(Moments(self._counts, means, self._products - pull.T @ pull, epsilon), squares, moved.shape[1])


def _is_short(dtype: np.dtype) -> bool:
    """Whether float32 holds every number of this type."""
    return dtype.itemsize <= 2 or (dtype.kind == "f" and dtype.itemsize == 4)


def _members(labels: np.ndarray, classes: int) -> scipy.sparse.csc_matrix:
    """Membership of rows in classes, 0 or 1, (classes, rows): its product with rows sums them by class, in order."""
    members = scipy.sparse.csc_matrix((classes, len(labels)), dtype=np.float32)
    # set one by one: what is given to it at once, SciPy copies and checks, which takes as long as a sum by class
    members.data, members.indices = np.ones(len(labels), np.float32), labels
    members.indptr = np.arange(len(labels) + 1, dtype=np.int64)
    return members


__all__ = ["Accumulator"]
