"""One pass over the rows of a snapshot: their moments, and a few of the points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.labels import Classes, check_numbers
from render.audit.files.snapshots import Snapshot
from render.audit.sums.accumulators import Accumulator
from render.audit.sums.merging import Faults, Spread, merge_spreads
from render.audit.sums.rows import EXACT_ROWS, Rows, finite
from render.audit.sums.samples import SAMPLE_POINTS, Sample, joined, picked_of, sample_rows
from render.metrics.moments import Moments

CHUNK_ENTRIES = 2**21  # of a chunk: 8 MB in float32, which stays in cache between being read and being multiplied
MOST_ROWS = 2**14  # of a chunk, whose class sums are of the type of the data: more of them would cost digits
MOST_COLUMNS = 2**14  # whose products take 2 GB in float64


@dataclass(frozen=True)
class Passed:
    """Result of a pass over rows: moments of [features | outputs | targets], rows that were left out, a sample.

    spread: the same moments, with that of each class over the features; rows: sums over the rows themselves.
    """

    moments: Moments
    faults: Faults
    sample: Sample
    spread: Spread
    rows: Rows


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
    classes: Classes | None = None,
    rows_at_once: int | None = None,
    normalize: bool = False,
    sample_points: int = SAMPLE_POINTS,
) -> Passed:
    """Pass over the rows from start to stop - 1 of a snapshot, in chunks, with a sample of so many of all its points.

    `classes` says what labels mean, numbers from 0 unless it is given. With `normalize` features are of unit length
    first. Raises NotNumbered for labels that have to be mapped, BadLabels for those that are no classes, ValueError for
    numbers beyond the range of their type, for more than MOST_COLUMNS columns, and for a damaged file.
    """
    columns = sum(column.shape[1] for role, column in snapshot.columns.items() if role != "labels")
    if columns > MOST_COLUMNS:
        raise ValueError(
            f"{snapshot.path}: {columns:,} columns in all are too many, their products would take "
            f"{8 * columns**2 / 1e9:,.0f} GB: project them onto {MOST_COLUMNS:,} or fewer"
        )
    stop = snapshot.points if stop is None else stop
    size = rows_at_once or chunk_rows(snapshot)
    dim = snapshot.features.shape[1]
    classes = classes or Classes()
    total, samples = Accumulator(dim if snapshot.labels else 0), []
    rows = Rows(min(1.0, EXACT_ROWS / snapshot.points))
    picked = sample_rows(snapshot.points, sample_points)
    for first, last in _ranges(start, stop, size):
        chunk = {role: _read(snapshot, column, first, last) for role, column in snapshot.columns.items()}
        raw, labels = chunk.pop("labels", None), None
        if raw is not None:
            labels = classes.numbers(raw, first)
            if classes.values is None:
                check_numbers(labels, snapshot.points, dim)
        if normalize:
            chunk["features"] = unit_rows(chunk["features"])
        good = finite([array for role, array in chunk.items() if role != "features"], last - first)
        inside = picked[np.searchsorted(picked, first) : np.searchsorted(picked, last)]
        own = snapshot.features.fresh or normalize
        if labels is not None and (labels < 0).any():
            kept = labels >= 0
            rows.ignored += int((~kept).sum())
            inside = inside[kept[inside - first]]
            samples.append(picked_of(chunk, labels, inside, inside - first))
            places, own = np.flatnonzero(kept) + first, True
            chunk, labels, good = {role: array[kept] for role, array in chunk.items()}, labels[kept], good[kept]
        else:
            samples.append(picked_of(chunk, labels, inside, inside - first))
            places = np.arange(first, last)
        good = rows.add(chunk["features"], places, labels, good)
        decisions = None if labels is None or "outputs" not in chunk else chunk["outputs"]
        if decisions is not None and labels is not None and len(labels):
            told = classes.outputs(int(labels.max()) + 1, decisions.shape[1])
            if told is not None:
                rows.decide(decisions, labels, told, good)
            else:
                rows.undecided = True
        try:
            total.add(list(chunk.values()), labels, places, overwrite=own)
        except ValueError as error:
            raise ValueError(f"{snapshot.path}: rows from {first} on: {error}") from error
    spread = total.spread()
    return Passed(spread.moments, total.faults, joined(samples), spread, rows)


def join(*parts: Passed) -> Passed:
    """The pass over all rows, from passes over disjoint ranges of them, in any order."""
    faults = sum((part.faults for part in parts), start=Faults())
    spread = merge_spreads(*(part.spread for part in parts))
    rows = sum((part.rows for part in parts[1:]), start=parts[0].rows)
    return Passed(spread.moments, faults, joined([part.sample for part in parts]), spread, rows)


def _ranges(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + size, stop)) for first in range(start, stop, size))


def _read(snapshot: Snapshot, column: Column, first: int, last: int) -> np.ndarray:
    rows = column.read(first, last)
    if len(rows) != last - first:
        raise ValueError(f"{snapshot.path}: {column.name} ends at row {first + len(rows)}: copy or write it again")
    return rows


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows divided by their length, in float32 at least; zero rows stay zero. (n, d) -> (n, d)."""
    rows = rows.astype(np.result_type(rows.dtype if rows.dtype.kind == "f" else np.float32, np.float32), copy=False)
    largest = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))[:, None]
    rows = rows / np.where(largest > 0, largest, 1)  # squares of small or large float32 numbers would leave its range
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows / np.where(norms > 0, norms, 1)


__all__ = ["Passed", "accumulate", "chunk_rows", "join", "unit_rows"]
