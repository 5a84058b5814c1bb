"""The state that an audit is held against: opened, and refused unless its rows are the same ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.labels import SCANNED_ROWS, BadLabels, Classes, mapped
from render.audit.files.series import open_series
from render.audit.files.snapshots import Keys, Snapshot
from render.metrics.similarity import FEWEST


def open_before(path: Path, keys: Keys, after: Snapshot) -> Snapshot:
    """The state before `after`: a snapshot, or the last one of a folder of them.

    Labels are those of `after`, whether it has any or none. Raises ValueError for what cannot be opened, for another
    number of rows, for labels that differ where both have them, and for fewer rows than can be compared.
    """
    before = open_series(path, keys).snapshots[-1]
    if before.points != after.points:
        raise ValueError(
            f"{before.path}: has {before.points:,} rows and {after.path} {after.points:,}: --against compares states "
            f"of the same rows, in the same order"
        )
    if after.points < FEWEST:
        raise ValueError(f"{after.path}: has {after.points} rows: --against compares {FEWEST} at least")
    if before.labels is not None and after.labels is not None:
        _require_same_labels(before, before.labels, after, after.labels)
    return replace(before, labels=after.labels)


def _require_same_labels(before: Snapshot, one: Column, after: Snapshot, other: Column) -> None:
    first_names, second_names = _Names(one), _Names(other)
    for first in range(0, before.points, SCANNED_ROWS):
        last = min(first + SCANNED_ROWS, before.points)
        try:
            mine, theirs = first_names.of(one.read(first, last), first), second_names.of(other.read(first, last), first)
        except BadLabels:
            return  # whose report says so
        if (mine.dtype.kind == "U") != (theirs.dtype.kind == "U"):  # digits may be text in one of the two
            mine, theirs = (np.array([_plain(label) for label in labels]) for labels in (mine, theirs))
        differ = np.flatnonzero(mine != theirs)
        if len(differ):
            row = int(differ[0])
            raise ValueError(
                f"{before.path}: row {first + row:,} has label {_plain(mine[row])} and in {after.path} "
                f"{_plain(theirs[row])}: --against compares states of the same rows, in the same order"
            )


def _plain(label: object) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


class _Names:
    """What the labels of an array say, in a form in which those of another can be compared with them."""

    def __init__(self, column: Column):
        one_hot = len(column.shape) == 2 and column.shape[1] > 1
        self.classes = mapped(column, 1) if one_hot else Classes()
        self.one_hot = one_hot

    def of(self, labels: np.ndarray, first: int) -> np.ndarray:
        """(n,) numbers, or text where they are names."""
        if self.one_hot:
            return self.classes.numbers(labels, first)
        flat = labels.reshape(len(labels))
        if flat.dtype.kind == "S":
            return np.char.strip(np.char.decode(flat, "utf-8", "replace"))
        return np.char.strip(flat) if flat.dtype.kind == "U" else flat.astype(np.float64)


__all__ = ["open_before"]
