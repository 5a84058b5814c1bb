"""Labels that a snapshot can have, and the classes that they number: whole numbers, names, or one-hot rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from render.audit.files.arrays import Column
from render.printable import printable

CLASS_ENTRIES = 2**24  # of the class means: 128 MB in float64
MOST_VALUES = 10**6  # different labels that are told apart
SCANNED_ROWS = 2**18  # of labels, read at once


class BadLabels(ValueError):
    """Labels that name no classes; the other arrays may be fine."""


class NotNumbered(ValueError):
    """Whole numbers that are classes, but not from 0 without large gaps: they have to be mapped."""


@dataclass(frozen=True)
class Classes:
    """Which class a label means.

    values: the labels in order, of which the k-th is class k; None where whole numbers from 0 are the classes
    themselves. ignored: labels whose rows are left out, as text. titles: names in place of
    the labels, if there are any.
    """

    values: np.ndarray | None = None
    ignored: tuple[str, ...] = ()
    one_hot: bool = False
    titles: tuple[str, ...] = ()

    def numbers(self, labels: np.ndarray, first: int = 0) -> np.ndarray:
        """Class of each label (n,) or row (n, columns): (n,), -1 for those that are ignored.

        Raises NotNumbered where whole numbers have to be mapped first, BadLabels for labels that are no classes.
        """
        flat = _flat(labels, self.one_hot, first)
        found = flat.astype(np.int64, copy=False) if self.values is None else np.searchsorted(self.values, flat)
        left_out = _ignored(self.ignored, flat) if self.ignored else None
        kept = found if left_out is None else found[~left_out]
        if kept.min(initial=0) < 0:  # of those that are mapped none is
            raise NotNumbered("negative")
        return found if left_out is None else np.where(left_out, -1, found)

    def name(self, number: int) -> str:
        """What a class is called: its title, or its label as text."""
        if number < len(self.titles):
            return printable(self.titles[number])
        return printable(_text(self.values[number])) if self.values is not None else str(number)

    def outputs(self, classes: int, columns: int) -> np.ndarray | None:
        """Column of the outputs that stands for each class: (classes,); None where that cannot be known.

        A whole number is the column's own; names stand in their order, if there is a column for each.
        """
        if self.values is not None and (self.values.dtype.kind in "US" or self.one_hot):
            return np.arange(classes) if classes <= columns == len(self.values) else None
        numbers = np.arange(classes) if self.values is None else self.values.astype(np.int64)
        return numbers if len(numbers) and numbers.min() >= 0 and numbers.max() < columns else None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _like(ignored: Iterable[str], labels: np.ndarray) -> np.ndarray:
    """The ignored labels in the type of the labels; those that it cannot hold are not among them."""
    if labels.dtype.kind in "US":
        return np.array([text.encode() if labels.dtype.kind == "S" else text for text in ignored])
    numbers = [float(text) for text in ignored if _is_number(text)]
    return np.array(numbers)


def _ignored(ignored: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """Which labels are among those that are ignored: (n,)."""
    if not ignored:
        return np.zeros(len(labels), bool)
    found = np.isin(labels, _like(ignored, labels))
    return found | np.isnan(labels) if "nan" in ignored and labels.dtype.kind == "f" else found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _flat(labels: np.ndarray, one_hot: bool, first: int) -> np.ndarray:
    """A label a row: of (n, 1) that column, of one-hot rows where their 1 is."""
    if one_hot:
        good = ((labels == 0) | (labels == 1)).all(axis=1) & (labels.sum(axis=1) == 1)
        if not good.all():
            raise BadLabels(
                f"row {first + int(np.argmin(good))} is no one-hot row: give labels as a column of whole numbers or "
                f"names"
            )
        return np.argmax(labels, axis=1)
    flat = labels.reshape(len(labels))
    return flat.astype(np.int64) if flat.dtype.kind == "b" else np.char.strip(flat) if flat.dtype.kind == "U" else flat


def numbered(column: Column, ignored: Sequence[str] = ()) -> Classes | None:
    """The classes of labels whose form says that they are whole numbers, unread; None for others."""
    if column.dtype.kind in "biu" and (len(column.shape) == 1 or column.shape[1] == 1):
        return Classes(ignored=tuple(ignored))
    return None


def mapped(column: Column, features: int, ignored: Sequence[str] = ()) -> Classes:
    """The classes of labels of any kind, in one pass over them alone.

    Raises BadLabels for fractions, NaN, rows that are not one-hot, and more classes than there can be of so many
    features.
    """
    one_hot = len(column.shape) == 2 and column.shape[1] > 1
    values = np.zeros(0, np.int64)
    if one_hot:
        return Classes(np.arange(column.shape[1]), tuple(ignored), one_hot)
    for first, labels in _scanned(column):
        flat = _flat(labels, one_hot, first)
        kept = flat[~_ignored(ignored, flat)]
        if kept.dtype.kind not in "iuUS":
            kept = kept.astype(np.float64)
            wrong = kept[~(np.isfinite(kept) & (kept == np.rint(kept)))]
            if len(wrong):
                same = np.isnan(flat) if np.isnan(wrong[0]) else flat == wrong[0]
                raise BadLabels(
                    f"row {first + int(np.argmax(same))} has label {wrong[0]:g}: labels are whole numbers, names or "
                    f"one-hot rows"
                )
        values = np.unique(np.concatenate([values, kept])) if len(values) else np.unique(kept)
        if len(values) > min(MOST_VALUES, CLASS_ENTRIES // features):
            raise BadLabels(
                f"more than {min(MOST_VALUES, CLASS_ENTRIES // features):,} different labels are too many classes of "
                f"so many features"
            )
    return Classes(values, tuple(ignored))


def _scanned(column: Column) -> Iterator[tuple[int, np.ndarray]]:
    count = column.shape[0]
    return ((first, column.read(first, min(first + SCANNED_ROWS, count))) for first in range(0, count, SCANNED_ROWS))


def check_numbers(labels: np.ndarray, points: int, features: int) -> None:
    """Raise NotNumbered for classes that leave more gaps than there can be among so many points."""
    largest = int(labels.max(initial=0))
    if largest >= points or largest >= CLASS_ENTRIES // features:
        raise NotNumbered(f"label {largest}")


__all__ = ["BadLabels", "Classes", "NotNumbered", "check_numbers", "mapped", "numbered"]
