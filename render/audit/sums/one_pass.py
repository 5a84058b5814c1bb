"""One pass over the rows of a snapshot: their moments, and a few of the points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.labels import check_labels
from render.audit.files.snapshots import Snapshot
from render.audit.sums.accumulators import Accumulator
from render.audit.sums.merging import Faults, merge
from render.audit.sums.samples import SAMPLE_POINTS, Sample, joined, picked_of, sample_rows
from render.metrics.moments import Moments

CHUNK_ENTRIES = 2**21  # of a chunk: 8 MB in float32, which stays in cache between being read and being multiplied
MOST_ROWS = 2**14  # of a chunk, whose class sums are of the type of the data: more of them would cost digits
MOST_COLUMNS = 2**14  # whose products take 2 GB in float64


@dataclass(frozen=True)
class Passed:
    """Result of a pass over rows: moments of [features | outputs | targets], rows that were left out, a sample."""

    moments: Moments
    faults: Faults
    sample: Sample


def chunk_rows(snapshot: Snapshot) -> int:
    """Rows to read at once: 8 MB or MOST_ROWS, not fewer than there are columns, in whole blocks of the file."""
    columns = sum(column.shape[1] for role, column in snapshot.columns.items() if role != "labels")
    block = max(column.block for column in snapshot.columns.values())
    rows = max(min(CHUNK_ENTRIES // columns, MOST_ROWS), columns, 256)
    return -(-rows // block) * block


def accumulate(
    snapshot: Snapshot,
    start: int = 0,
    stop: int | None = None,
    *,
    rows_at_once: int | None = None,
    normalize: bool = False,
    sample_points: int = SAMPLE_POINTS,
) -> Passed:
    """Pass over the rows from start to stop - 1 of a snapshot, in chunks, with a sample of so many of all its points.

    With `normalize` features are of unit length first. Raises BadLabels for labels that are negative or that number
    more classes than there are points, ValueError for numbers beyond the range of their type, for more than
    MOST_COLUMNS columns, and for a damaged file.
    """
    columns = sum(column.shape[1] for role, column in snapshot.columns.items() if role != "labels")
    if columns > MOST_COLUMNS:
        raise ValueError(
            f"{snapshot.path}: {columns:,} columns in all are too many, their products would take "
            f"{8 * columns**2 / 1e9:,.0f} GB: project them onto {MOST_COLUMNS:,} or fewer"
        )
    stop = snapshot.points if stop is None else stop
    size = rows_at_once or chunk_rows(snapshot)
    total, samples = Accumulator(), []
    picked = sample_rows(snapshot.points, sample_points)
    for first, last in _ranges(start, stop, size):
        chunk = {role: _read(snapshot, column, first, last) for role, column in snapshot.columns.items()}
        labels = chunk.pop("labels", None)
        if labels is not None:
            assert snapshot.labels is not None
            check_labels(
                f"{snapshot.path}: {snapshot.labels.name}", labels, snapshot.points, snapshot.features.shape[1], first
            )
            labels = labels.astype(np.int64, copy=False)
        if normalize:
            chunk["features"] = _unit(chunk["features"])
        inside = picked[np.searchsorted(picked, first) : np.searchsorted(picked, last)]
        samples.append(picked_of(chunk, labels, inside, inside - first))
        try:
            total.add(list(chunk.values()), labels, first, overwrite=snapshot.features.fresh or normalize)
        except ValueError as error:
            raise ValueError(f"{snapshot.path}: rows from {first} on: {error}") from error
    return Passed(total.moments(), total.faults, joined(samples))


def join(*parts: Passed) -> Passed:
    """The pass over all rows, from passes over disjoint ranges of them, in any order."""
    faults = sum((part.faults for part in parts), start=Faults())
    return Passed(merge(*(part.moments for part in parts)), faults, joined([part.sample for part in parts]))


def _ranges(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + size, stop)) for first in range(start, stop, size))


def _read(snapshot: Snapshot, column: Column, first: int, last: int) -> np.ndarray:
    rows = column.read(first, last)
    if len(rows) != last - first:
        raise ValueError(f"{snapshot.path}: {column.name} ends at row {first + len(rows)}: copy or write it again")
    return rows


def _unit(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(np.result_type(rows.dtype if rows.dtype.kind == "f" else np.float32, np.float32), copy=False)
    largest = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))[:, None]
    rows = rows / np.where(largest > 0, largest, 1)  # squares of small or large float32 numbers would leave its range
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows / np.where(norms > 0, norms, 1)


__all__ = ["Passed", "accumulate", "chunk_rows", "join"]
