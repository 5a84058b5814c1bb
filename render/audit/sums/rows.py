"""What a pass keeps of the rows themselves: their lengths, the sum of their directions, and keys of equal ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

NEAR = 256  # rows that are looked at together, while they are in cache
EXACT_ROWS = 100_000  # of which all keys are kept; of more rows, an even share of the different ones
SAFE = (1e-30, 1e30)  # range of a squared length in which float32 holds it and its terms


@dataclass
class Rows:
    """Sums over the features of all rows that are finite; those of disjoint sets of rows are added with `+`.

    count: of rows; zero: of those, all of whose features are 0. lengths, squares: sums of the length and its square.
    units (d,): sum of the rows of unit length. longest: the largest length and its row. hits (C,): rows by class whose
    largest output is that of their label; undecided: outputs do not say which is theirs; ignored: rows left out.
    keys (K,), rows (K,), classes (K,): keys that are the same for equal rows, the rows that have them and their
    classes, of the share `kept` of all different rows that are not zero.
    """

    kept: float = 1.0
    count: int = 0
    zero: int = 0
    lengths: float = 0.0
    squares: float = 0.0
    units: np.ndarray = field(default_factory=lambda: np.zeros(0))
    longest: tuple[float, int] = (0.0, -1)
    hits: np.ndarray = field(default_factory=lambda: np.zeros(0))
    ignored: int = 0
    undecided: bool = False
    keys: list[np.ndarray] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)
    classes: list[np.ndarray] = field(default_factory=list)

    def __add__(self, other: Rows) -> Rows:
        return Rows(
            self.kept,
            self.count + other.count,
            self.zero + other.zero,
            self.lengths + other.lengths,
            self.squares + other.squares,
            _plus(self.units, other.units),
            max(self.longest, other.longest),
            _plus(self.hits, other.hits),
            self.ignored + other.ignored,
            self.undecided or other.undecided,
            self.keys + other.keys,
            self.rows + other.rows,
            self.classes + other.classes,
        )

    def add(self, features: np.ndarray, places: np.ndarray, classes: np.ndarray | None, good: np.ndarray) -> np.ndarray:
        """Take in the `good` rows (n,) of features (n, d), with their numbers (n,) and classes (n,).

        -> which of them are good (n,): finite, too.
        """
        if not self.units.size:
            self.units = np.zeros(features.shape[1])
        classes = np.zeros(len(places), np.int64) if classes is None else classes
        if good.all() and self._take_safely(features, places, classes):
            return good
        good = good.copy()
        for start in range(0, len(features), NEAR):
            near = slice(start, start + NEAR)
            block = _wide(features[near])
            with np.errstate(all="ignore"):
                squares = np.vecdot(block, block).astype(np.float64)
            if not np.isfinite(squares).all():
                good[near] &= np.isfinite(block).all(axis=1)
            kept = good[near]
            if kept.all():
                self._take(block, squares, places[near], classes[near])
            elif kept.any():
                self._take(block[kept], squares[kept], places[near][kept], classes[near][kept])
        self.count += int(good.sum())
        return good

    def decide(self, outputs: np.ndarray, classes: np.ndarray, columns: np.ndarray, good: np.ndarray) -> None:
        """Count the rows whose largest output is in the column of their class (C,)."""
        right = classes[good][np.argmax(outputs[good], axis=1) == columns[classes[good]]]
        self.hits = _plus(self.hits, np.bincount(right, minlength=len(columns)).astype(float))

    def _take_safely(self, features: np.ndarray, places: np.ndarray, classes: np.ndarray) -> bool:
        """Take in rows whose squares are all in range: False, and nothing taken, if they are not."""
        if not len(features):
            return True
        squares = np.empty(len(features), np.result_type(features.dtype.newbyteorder("="), np.float32))
        products, units = np.empty_like(squares), np.zeros(features.shape[1])
        way = _directions(features.shape[1], squares.dtype.str)
        for start in range(0, len(features), NEAR):
            near = slice(start, start + NEAR)
            block = _wide(features[near])
            with np.errstate(all="ignore"):
                some = np.vecdot(block, block, out=squares[near])
                if not (some.min() > SAFE[0] and some.max() < SAFE[1]):  # never so for NaN
                    return False
                units += (1 / np.sqrt(some)) @ block
                np.vecdot(block, way, out=products[near])
        self.units += units
        self.count += len(features)
        self._note(np.sqrt(squares.astype(np.float64)), products, places, classes)
        return True

    def _take(self, block: np.ndarray, squares: np.ndarray, places: np.ndarray, classes: np.ndarray) -> None:
        with np.errstate(all="ignore"):
            lengths = np.sqrt(squares)
            odd = ~((squares > SAFE[0]) & (squares < SAFE[1]))
            if odd.any():  # zero rows, and those whose squares leave the range of their type
                wide = block[odd].astype(np.float64)
                largest = np.abs(wide).max(axis=1, keepdims=True)
                scaled = wide / np.where(largest > 0, largest, 1.0)
                lengths[odd] = largest[:, 0] * np.sqrt(np.vecdot(scaled, scaled))
                direction = scaled / np.where(largest > 0, np.sqrt(np.vecdot(scaled, scaled))[:, None], 1.0)
                self.units += direction.sum(axis=0)
            weights = (1 / np.where(odd, 1.0, lengths) * ~odd).astype(block.dtype)
            self.units += weights @ np.where(odd[:, None], 0, block) if odd.any() else weights @ block
            products = np.vecdot(block, _directions(block.shape[1], block.dtype.str))
        self._note(lengths, products, places, classes)

    def _note(self, lengths: np.ndarray, products: np.ndarray, places: np.ndarray, classes: np.ndarray) -> None:
        """Sums of the lengths, and keys of the rows that are kept."""
        keys = _mixed(lengths, products)
        self.zero += int(np.sum(lengths == 0))
        self.lengths += float(lengths.sum())
        with np.errstate(over="ignore"):
            self.squares += float(np.sum(lengths**2))
        top = int(np.argmax(lengths))
        self.longest = max(self.longest, (float(lengths[top]), int(places[top])))
        chosen = lengths > 0
        if self.kept < 1:
            chosen &= keys < np.uint64(self.kept * 2**64)
        self.keys.append(keys[chosen])
        self.rows.append(places[chosen])
        self.classes.append(classes[chosen])


def _plus(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    if not first.size or not second.size:
        return first if first.size else second
    size = max(len(first), len(second))
    return np.pad(first, (0, size - len(first))) + np.pad(second, (0, size - len(second)))


def _wide(block: np.ndarray) -> np.ndarray:
    """The rows in float32 or float64, in the machine's order of bytes, as products want them."""
    return block.astype(np.result_type(block.dtype.newbyteorder("="), np.float32), copy=False)


@cache
def _directions(columns: int, dtype: str) -> np.ndarray:
    """A direction whose product tells rows apart; the same in every process."""
    return np.random.default_rng(0).standard_normal(columns).astype(dtype)


def _mixed(lengths: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Keys of 64 bits, spread evenly, of two numbers that are the same for equal rows."""
    first, second = ((part.astype(np.float64) + 0.0).view(np.uint64) for part in (lengths, products))
    keys = first * np.uint64(0x9E3779B97F4A7C15) ^ second
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        keys = (keys ^ (keys >> np.uint64(shift))) * np.uint64(factor)
    return keys ^ (keys >> np.uint64(31))


def finite(arrays: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Which rows have neither a NaN nor an infinity in any of some narrow arrays: (count,)."""
    good = np.ones(count, bool)
    for array in arrays:
        if array.dtype.kind in "biu":
            continue
        with np.errstate(all="ignore"):
            doubtful = not np.isfinite(np.sum(array, dtype=np.float32 if array.dtype.itemsize < 8 else None))
        if doubtful:
            good &= np.isfinite(array).all(axis=1)
    return good


__all__ = ["EXACT_ROWS", "Rows", "finite"]
