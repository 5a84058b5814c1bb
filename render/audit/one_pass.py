"""One pass over the rows of a snapshot: their moments, and a few of the points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from render.audit.accumulators import Accumulator
from render.audit.arrays import Column
from render.audit.moments import Moments, merge
from render.audit.snapshots import Snapshot

SAMPLE_POINTS = 2048
CHUNK_ENTRIES = 2**21  # of a chunk: 8 MB in float32, which stays in cache between being read and being multiplied
MOST_ROWS = 2**14  # of a chunk, whose class sums are of the type of the data: more of them would cost digits
MOST_COLUMNS = 2**14  # whose products take 2 GB in float64
CLASS_ENTRIES = 2**24  # of the class means: 128 MB in float64


class BadLabels(ValueError):
    """Labels that number no classes; the other arrays may be fine."""


@dataclass(frozen=True)
class Sample:
    """Some of the points, the same ones of every snapshot of as many: rows (M,), features (M, d), labels (M,) or None.

    outputs (M, C) or None.
    """

    rows: np.ndarray
    features: np.ndarray
    labels: np.ndarray | None
    outputs: np.ndarray | None


@dataclass(frozen=True)
class Passed:
    """What a pass over rows leaves: the moments of [features | outputs | targets], and a sample."""

    moments: Moments
    sample: Sample


def sample_rows(points: int, most: int = SAMPLE_POINTS) -> np.ndarray:
    """Row numbers drawn without replacement, ascending; always the same for the same number of points."""
    if points <= most:
        return np.arange(points)
    return np.sort(np.random.default_rng(0).choice(points, most, replace=False, shuffle=False))


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
) -> Passed:
    """Pass over the rows from start to stop - 1 of a snapshot, in chunks.

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
    picked = sample_rows(snapshot.points)
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
        samples.append(_picked(chunk, labels, inside, inside - first))
        try:
            total.add(list(chunk.values()), labels, first, overwrite=snapshot.features.fresh or normalize)
        except ValueError as error:
            raise ValueError(f"{snapshot.path}: rows from {first} on: {error}") from error
    return Passed(total.moments(), _joined(samples))


def join(*parts: Passed) -> Passed:
    """The pass over all rows, from passes over disjoint ranges of them, in any order."""
    return Passed(merge(*(part.moments for part in parts)), _joined([part.sample for part in parts]))


def _ranges(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + size, stop)) for first in range(start, stop, size))


def _read(snapshot: Snapshot, column: Column, first: int, last: int) -> np.ndarray:
    rows = column.read(first, last)
    if len(rows) != last - first:
        raise ValueError(f"{snapshot.path}: {column.name} ends at row {first + len(rows)}: copy or write it again")
    return rows


def check_labels(where: str, labels: np.ndarray, points: int, features: int, first: int = 0) -> None:
    """Raise BadLabels for labels, from row `first` on, of a class that there cannot be among so many points."""
    row, largest = int(np.argmin(labels)), int(labels.max())
    if labels[row] < 0:
        raise BadLabels(
            f"{where}: row {first + row} has label {int(labels[row])}: number classes from 0, or leave such rows out"
        )
    if largest >= points:
        raise BadLabels(
            f"{where}: label {largest} means more classes than the {points} points: number the classes from 0 without "
            f"gaps"
        )
    most = CLASS_ENTRIES // features
    if largest >= most:
        raise BadLabels(f"{where}: label {largest} is too large: at most {most} classes of so many features")


def _unit(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(np.result_type(rows.dtype if rows.dtype.kind == "f" else np.float32, np.float32), copy=False)
    largest = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))[:, None]
    rows = rows / np.where(largest > 0, largest, 1)  # squares of small or large float32 numbers would leave its range
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows / np.where(norms > 0, norms, 1)


def _picked(chunk: dict[str, np.ndarray], labels: np.ndarray | None, rows: np.ndarray, places: np.ndarray) -> Sample:
    kept = {role: array[places] for role, array in chunk.items()}
    outputs = kept.get("outputs")
    return Sample(rows, kept["features"], None if labels is None else labels[places], outputs)


def _joined(samples: list[Sample]) -> Sample:
    """All in the order of their rows, without those that have a NaN or an infinity."""
    order = np.argsort(np.concatenate([sample.rows for sample in samples]))

    def together(name: str) -> np.ndarray | None:
        parts = [getattr(sample, name) for sample in samples]
        return None if parts[0] is None else np.concatenate(parts)[order]

    whole = Sample(*(together(name) for name in ("rows", "features", "labels", "outputs")))  # type: ignore[arg-type]
    good = np.isfinite(whole.features).all(axis=1)
    if whole.outputs is not None:
        good &= np.isfinite(whole.outputs).all(axis=1)
    return whole if good.all() else replace(whole, **{k: v[good] for k, v in vars(whole).items() if v is not None})


__all__ = ["BadLabels", "Passed", "Sample", "accumulate", "check_labels", "chunk_rows", "join", "sample_rows"]
