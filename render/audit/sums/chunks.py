"""Chunks of the rows of a snapshot: read, and made ready to be added up, with what a pass keeps of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.labels import Classes, check_numbers
from render.audit.files.snapshots import Snapshot
from render.audit.sums.rows import EXACT_ROWS, Rows, finite
from render.audit.sums.samples import Sample, picked_of, sample_rows

CHUNK_ENTRIES = 2**21  # of a chunk: 8 MB in float32, which stays in cache between being read and being multiplied
MOST_ROWS = 2**14  # of a chunk, whose class sums are of the type of the data: more of them would cost digits
MOST_COLUMNS = 2**14  # whose products take 2 GB in float64

Read = dict[str, np.ndarray]


@dataclass(frozen=True)
class Chunk:
    """Some of the rows, without those that are ignored: arrays (n, k_j) that lie side by side, and their `sample`.

    first: the number of the first row that was read; labels (n,) from 0, or None; places (n,): the rows' numbers; good
    (n,): those without a NaN or an infinity. own: nobody else has the first array, so that it may be written to.
    """

    first: int
    arrays: list[np.ndarray]
    labels: np.ndarray | None
    places: np.ndarray
    good: np.ndarray
    own: bool
    sample: Sample


@dataclass(frozen=True)
class Chunks:
    """The rows of a snapshot, `size` at a time: `read` first, on any thread, then `ready` for what was read.

    picked: rows of the sample; kept: share of the different rows of which keys are kept.
    """

    snapshot: Snapshot
    classes: Classes
    size: int
    normalize: bool
    picked: np.ndarray
    kept: float

    @classmethod
    def of(cls, snapshot: Snapshot, classes: Classes | None, size: int, normalize: bool, sample_points: int) -> Chunks:
        """Raises ValueError for more than MOST_COLUMNS columns."""
        columns = width(snapshot)
        if columns > MOST_COLUMNS:
            raise ValueError(
                f"{snapshot.path}: {columns:,} columns in all are too many, their products would take "
                f"{8 * columns**2 / 1e9:,.0f} GB: project them onto {MOST_COLUMNS:,} or fewer"
            )
        picked = sample_rows(snapshot.points, sample_points)
        kept = min(1.0, EXACT_ROWS / snapshot.points)
        return cls(snapshot, classes or Classes(), size, normalize, picked, kept)

    @property
    def spread_columns(self) -> int:
        """Columns whose spread within classes is wanted."""
        return self.snapshot.features.shape[1] if self.snapshot.labels else 0

    @property
    def forwards(self) -> bool:
        """Whether an array can only be read from its first row on."""
        return any(column.forwards for column in self.snapshot.columns.values())

    def rows(self) -> Rows:
        """What is kept of the rows, before the first."""
        return Rows(self.kept)

    def ranges(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        return ((first, min(first + self.size, stop)) for first in range(start, stop, self.size))

    def read(self, first: int, last: int) -> Read:
        """The arrays by their role, of rows first to last - 1. Raises ValueError for a damaged file."""
        return {role: self._read(column, first, last) for role, column in self.snapshot.columns.items()}

    def _read(self, column: Column, first: int, last: int) -> np.ndarray:
        rows = column.read(first, last)
        if len(rows) != last - first:
            raise ValueError(
                f"{self.snapshot.path}: {column.name} ends at row {first + len(rows)}: copy or write it again"
            )
        return rows

    def ready(self, chunk: Read, first: int, rows: Rows) -> Chunk:
        """What was read from row `first` on, and of its rows what is kept is added to `rows`.

        Raises NotNumbered for labels that have to be mapped, BadLabels for those that are no classes.
        """
        last = first + len(chunk["features"])
        raw, labels = chunk.pop("labels", None), None
        if raw is not None:
            labels = self.classes.numbers(raw, first)
            if self.classes.values is None:
                check_numbers(labels, self.snapshot.points, self.snapshot.features.shape[1])
        if self.normalize:
            chunk["features"] = unit_rows(chunk["features"])
        good = finite([array for role, array in chunk.items() if role != "features"], last - first)
        inside = self.picked[np.searchsorted(self.picked, first) : np.searchsorted(self.picked, last)]
        own = self.snapshot.features.fresh or self.normalize
        places = np.arange(first, last)
        if labels is not None and (labels < 0).any():
            kept = labels >= 0
            rows.ignored += int((~kept).sum())
            inside = inside[kept[inside - first]]
            sample = picked_of(chunk, labels, inside, inside - first)
            places, own = np.flatnonzero(kept) + first, True
            chunk, labels, good = {role: array[kept] for role, array in chunk.items()}, labels[kept], good[kept]
        else:
            sample = picked_of(chunk, labels, inside, inside - first)
        good = rows.add(chunk["features"], places, labels, good)
        self._decide(chunk, labels, good, rows)
        return Chunk(first, list(chunk.values()), labels, places, good, own, sample)

    def _decide(self, chunk: Read, labels: np.ndarray | None, good: np.ndarray, rows: Rows) -> None:
        """Count the rows whose outputs say their class."""
        if labels is None or "outputs" not in chunk or not len(labels):
            return
        told = self.classes.outputs(int(labels.max()) + 1, chunk["outputs"].shape[1])
        if told is not None:
            rows.decide(chunk["outputs"], labels, told, good)
        else:
            rows.undecided = True


def width(snapshot: Snapshot) -> int:
    """Columns of a row [features | outputs | targets]."""
    return sum(column.shape[1] for role, column in snapshot.columns.items() if role != "labels")


def chunk_rows(snapshot: Snapshot, entries: int = CHUNK_ENTRIES) -> int:
    """Rows to read at once: 8 MB or MOST_ROWS, not fewer than there are columns, in whole blocks of the file."""
    columns = width(snapshot)
    block = max(column.block for column in snapshot.columns.values())
    rows = max(min(entries // columns, MOST_ROWS), columns, 256)
    return -(-rows // block) * block


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows divided by their length, in float32 at least; zero rows stay zero. (n, d) -> (n, d)."""
    rows = rows.astype(np.result_type(rows.dtype if rows.dtype.kind == "f" else np.float32, np.float32), copy=False)
    largest = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))[:, None]
    with np.errstate(invalid="ignore"):  # of infinity, which is NaN then: such rows are left out
        rows = rows / np.where(largest > 0, largest, 1)  # squares of small or large float32 would leave its range
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows / np.where(norms > 0, norms, 1)


__all__ = ["MOST_COLUMNS", "Chunk", "Chunks", "chunk_rows", "unit_rows", "width"]
