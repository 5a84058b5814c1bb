"""The pass of `one_pass` with its products on a device of JAX, such as a GPU: rows stream through it.

Threads of the host read and prepare chunks; meanwhile others are copied to the device, and those before are summed up
there. What is kept of the rows themselves, their lengths and keys, is made by the host, as in a pass without a device.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from render.audit.files.labels import Classes
from render.audit.files.snapshots import Snapshot
from render.audit.sums.chunks import Chunk, Chunks, chunk_rows
from render.audit.sums.cores import Parts, blas_threads, cores
from render.audit.sums.device_sums import DeviceAccumulator
from render.audit.sums.one_pass import Passed, accumulate
from render.audit.sums.rows import Rows
from render.audit.sums.samples import SAMPLE_POINTS, joined

CHUNK_ENTRIES = 2**23  # of a chunk: 32 MB in float32, which are long in coming beside the start of a program
FEWEST_ROWS = 256  # of a chunk: where memory is not enough for their sums, it is not for those of one
MOST_READERS = 16  # threads that read: more of them would wait for memory


@dataclass
class OnDevice:
    """A device that passes over rows, as `one_pass.accumulate` does in this process.

    Where its memory is not enough, chunks are halved, and then, as where it fails in another way, this and all later
    passes are the CPU's: a warning says so. `size`: rows of a chunk, once they were halved.
    """

    device: Any
    size: int | None = None
    failed: bool = False

    def accumulate(
        self,
        snapshot: Snapshot,
        *,
        classes: Classes | None = None,
        rows_at_once: int | None = None,
        normalize: bool = False,
        sample_points: int = SAMPLE_POINTS,
    ) -> Passed:
        """The pass over all rows of a snapshot. Raises ValueError as `one_pass.accumulate` does."""
        how: dict[str, Any] = {"classes": classes, "normalize": normalize, "sample_points": sample_points}
        wanted = min(rows_at_once or chunk_rows(snapshot, CHUNK_ENTRIES), snapshot.points)
        while not self.failed:
            size = min(wanted, self.size or wanted)
            try:
                return self._pass(Chunks.of(snapshot, classes, size, normalize, sample_points))
            except RuntimeError as error:  # JAX's, of any failure
                if not _out_of_memory(error):
                    self._fail(f"cannot be used ({_short(error)})")
                elif size // 2 < FEWEST_ROWS:
                    self._fail(f"has not enough memory for chunks of {size:,} rows")
                else:
                    self.size = size // 2
                    _say(f"{self.name} has not enough memory for chunks of {size:,} rows: trying {self.size:,}")
        return accumulate(snapshot, rows_at_once=rows_at_once, **how)

    @property
    def name(self) -> str:
        return f"the device {self.device.platform} ({self.device.device_kind})"

    def _fail(self, why: str) -> None:
        self.failed = True
        _say(f"{self.name} {why}: the rows are summed up on the CPU")

    def _pass(self, chunks: Chunks) -> Passed:
        points, samples = chunks.snapshot.points, []
        total = DeviceAccumulator(self.device, chunks.size, chunks.spread_columns)
        kept: Parts = Parts(-(-points // chunks.size), Rows.__add__)
        readers = 1 if chunks.forwards else min(cores(), MOST_READERS)
        with blas_threads(1):
            for number, (chunk, rows) in enumerate(_prepared(chunks, readers)):
                kept.take(number, rows)
                samples.append(chunk.sample)
                _adding(chunks, total.add_chunk, chunk)
        spread = _adding(chunks, total.spread)
        return Passed(spread.moments, total.faults, joined(samples), spread, kept.whole())


def _adding(chunks: Chunks, add: Callable[..., Any], *what: Any) -> Any:
    try:
        return add(*what)
    except ValueError as error:
        raise ValueError(f"{chunks.snapshot.path}: {error}") from error


def _prepared(chunks: Chunks, readers: int) -> Iterator[tuple[Chunk, Rows]]:
    """All chunks in their order, read and prepared ahead on so many threads, and what is kept of the rows of each."""

    def prepare(first: int, last: int) -> tuple[Chunk, Rows]:
        rows = chunks.rows()
        return chunks.ready(chunks.read(first, last), first, rows), rows

    with ThreadPoolExecutor(readers) as pool:
        coming: deque[Future] = deque()
        try:
            for one in chunks.ranges(0, chunks.snapshot.points):
                coming.append(pool.submit(partial(prepare, *one)))
                if len(coming) > readers:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _out_of_memory(error: RuntimeError) -> bool:
    return "RESOURCE_EXHAUSTED" in str(error) or "out of memory" in str(error).lower()


def _say(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=2)


def _short(error: RuntimeError) -> str:
    return str(error).split("\n")[0][:200] or type(error).__name__


__all__ = ["OnDevice"]
