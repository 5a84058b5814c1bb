"""One pass over the rows of a snapshot, on all cores: their moments, and a few of the points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from render.audit.files.labels import Classes
from render.audit.files.snapshots import Snapshot
from render.audit.sums.accumulators import Accumulator
from render.audit.sums.chunks import Chunks, chunk_rows, width
from render.audit.sums.cores import Parts, Readers, Stopped, blas_threads, cores, evenly, fitting
from render.audit.sums.merging import Faults, Spread, merge_spreads
from render.audit.sums.rows import Rows
from render.audit.sums.samples import SAMPLE_POINTS, Sample, joined
from render.metrics.moments import Moments

MOST_PARTS = 64  # of the rows, and threads: each has sums of its own, that have to be joined
FEWEST_PARTS = 8  # unless there are fewer chunks
PRODUCTS = 40  # bytes of an entry of the products, while two parts are joined
READ = 3  # chunks that a thread has: one that is read, one that was, and deviations


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


@dataclass(frozen=True)
class Part:
    """A pass over a part of the rows; its samples are put together once there is the whole."""

    spread: Spread
    faults: Faults
    rows: Rows
    samples: list[Sample]

    def __add__(self, other: Part) -> Part:
        spread = merge_spreads(self.spread, other.spread)
        return Part(spread, self.faults + other.faults, self.rows + other.rows, self.samples + other.samples)

    def whole(self) -> Passed:
        return Passed(self.spread.moments, self.faults, joined(self.samples), self.spread, self.rows)


def accumulate(
    snapshot: Snapshot,
    start: int = 0,
    stop: int | None = None,
    *,
    classes: Classes | None = None,
    rows_at_once: int | None = None,
    normalize: bool = False,
    sample_points: int = SAMPLE_POINTS,
    threads: int | None = None,
) -> Passed:
    """Pass over the rows from start to stop - 1 of a snapshot, in chunks, with a sample of so many of all its points.

    `classes` says what labels mean, numbers from 0 unless it is given. With `normalize` features are of unit length
    first. `threads`: all cores unless it is given; the numbers are the same at any number, since the rows are cut into
    parts that do not depend on it, unless there are so many columns that memory is not enough for sums of each
    thread: then fewer run, with more threads of BLAS each, and digits of float32 products may differ.

    Raises NotNumbered for labels that have to be mapped, BadLabels for those that are no classes, ValueError for
    numbers beyond the range of their type, for more than MOST_COLUMNS columns, and for a damaged file.
    """
    stop = snapshot.points if stop is None else stop
    chunks = Chunks.of(snapshot, classes, rows_at_once or chunk_rows(snapshot), normalize, sample_points)
    columns = width(snapshot)
    begin = evenly(start, stop, chunks.size, MOST_PARTS, FEWEST_PARTS, snapshot.features.places)
    parts = Parts(len(begin) - 1, Part.__add__)
    all_of = threads or cores()
    fit = fitting(all_of, PRODUCTS * columns**2 + READ * 8 * chunks.size * columns)
    some = 1 if chunks.forwards else min(fit, len(begin) - 1)
    with blas_threads(all_of // fit), Readers(some) as readers:
        return parts.result(partial(_part, chunks, begin, parts, readers), some).whole()


def _part(chunks: Chunks, begin: list[int], parts: Parts, readers: Readers, number: int) -> Part:
    """The pass over one part of the rows."""
    total, rows, samples = Accumulator(chunks.spread_columns), chunks.rows(), []
    ends = begin[number], begin[number + 1]
    reads = (partial(chunks.read, *one) for one in chunks.ranges(*ends))
    for (first, _), read in zip(chunks.ranges(*ends), readers.ahead(reads), strict=True):
        if parts.stopped():
            raise Stopped
        chunk = chunks.ready(read, first, rows)
        samples.append(chunk.sample)
        try:
            total.add(chunk.arrays, chunk.labels, chunk.places, overwrite=chunk.own)
        except ValueError as error:
            raise ValueError(f"{chunks.snapshot.path}: rows from {first} on: {error}") from error
    return Part(total.spread(), total.faults, rows, samples)


def join(*parts: Passed) -> Passed:
    """The pass over all rows, from passes over disjoint ranges of them, in any order."""
    faults = sum((part.faults for part in parts), start=Faults())
    spread = merge_spreads(*(part.spread for part in parts))
    rows = sum((part.rows for part in parts[1:]), start=parts[0].rows)
    return Passed(spread.moments, faults, joined([part.sample for part in parts]), spread, rows)


__all__ = ["Part", "Passed", "accumulate", "join"]
