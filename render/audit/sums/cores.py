"""Work on all cores: parts of it on threads, each with one of BLAS, and their results joined in a fixed order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
CHUNKS = 8  # of a part, where there are many: joining two parts takes as long as some
UNKNOWN_BYTES = 2**33  # of memory, where the system does not say how much there is


class _Blas:
    """The threads of BLAS in this process: its own number, which comes back once nobody asks for another."""

    def __init__(self) -> None:
        self._lock, self._users, self._limited, self._own = threading.Lock(), 0, None, 1

    @contextmanager
    def limited(self, threads: int) -> Iterator[None]:
        with self._lock:
            if not self._users:
                self._own = self._now()
                self._limited = _controller().limit(limits=threads, user_api="blas")
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users and self._limited is not None:
                    self._limited.restore_original_limits()

    def own(self) -> int:
        with self._lock:
            return self._own if self._users else self._now()

    @staticmethod
    def _now() -> int:
        libraries = [one.num_threads for one in _controller().lib_controllers if one.user_api == "blas"]
        return max(libraries) if libraries else os.cpu_count() or 1


_BLAS = _Blas()


@cache
def _controller() -> Any:
    import numpy as np  # whose BLAS has to be loaded to be found
    from threadpoolctl import ThreadpoolController

    del np
    return ThreadpoolController()


def cores() -> int:
    """Number of cores to use: as many as BLAS would, so that OPENBLAS_NUM_THREADS and its like say it for all."""
    return max(_BLAS.own(), 1)


def blas_threads(count: int) -> Any:
    """A context in which each product runs on so many threads: how it rounds depends on their number."""
    return _BLAS.limited(count)


def fitting(threads: int, bytes_each: int) -> int:
    """So many threads, or as many as half of the machine's memory is enough for; at least one."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        memory = UNKNOWN_BYTES
    return max(min(threads, memory // 2 // bytes_each), 1)


class Stopped(Exception):
    """End of a part of the work, because another part has failed or the user has stopped it."""


class Parts:
    """Parts of a piece of work, `work(0)` to `work(count - 1)`, whose results are joined by pairs of neighbours.

    The pairs are the same at any number of threads, so that what is joined rounds in the same way. `stopped()` tells
    the work that it may end early.
    """

    def __init__(self, count: int, join: Callable[[T, T], T]) -> None:
        self._count, self._join = count, join
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._waiting: dict[tuple[int, int], Any] = {}

    def stopped(self) -> bool:
        return self._ended.is_set()

    def result(self, work: Callable[[int], T], threads: int = 1) -> T:
        """The whole. Raises what the first of the parts that fail raises, by their order, whichever fails first."""
        if min(threads, self._count) <= 1:
            for part in range(self._count):
                self.take(part, work(part))
            return self.whole()
        with ThreadPoolExecutor(min(threads, self._count)) as pool:
            running = [pool.submit(self._one, work, part) for part in range(self._count)]
            try:
                for one in running:
                    one.result()
            except BaseException:
                self._ended.set()
                pool.shutdown(cancel_futures=True)
                raise
        return self.whole()

    def _one(self, work: Callable[[int], T], part: int) -> None:
        self.take(part, work(part))

    def take(self, place: int, found: Any) -> None:
        """Join a result with its neighbour, and that with its own, as long as they are there."""
        level, width = 0, self._count
        while width > 1:
            if place ^ 1 < width:
                with self._lock:
                    if (level, place ^ 1) not in self._waiting:
                        self._waiting[level, place] = found
                        return
                    other = self._waiting.pop((level, place ^ 1))
                found = self._join(other, found) if place % 2 else self._join(found, other)
            level, place, width = level + 1, place // 2, -(-width // 2)
        self._waiting[-1, 0] = found

    def whole(self) -> Any:
        return self._waiting.pop((-1, 0))


class Readers:
    """Threads that read ahead, one for each that works; they stay, and so does the memory that they read into."""

    def __init__(self, count: int) -> None:
        self._all = [ThreadPoolExecutor(1) for _ in range(count)]
        self._free: SimpleQueue[ThreadPoolExecutor] = SimpleQueue()
        for one in self._all:
            self._free.put(one)

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._all:
            one.shutdown(cancel_futures=True)

    def ahead(self, calls: Iterable[Callable[[], T]]) -> Iterator[T]:
        """Results of calls in their order, each made by one reader while the result before it is worked on."""
        some = iter(calls)
        first, *more = islice(some, 2)
        if not more:
            yield first()
            return
        reader = self._free.get()
        try:
            last = reader.submit(first)
            for call in chain(more, some):
                before, last = last, reader.submit(call)
                yield before.result()
            yield last.result()
        finally:
            self._free.put(reader)


def evenly(start: int, stop: int, size: int, most: int, fewest: int, places: Sequence[int] = ()) -> list[int]:
    """Where parts of the rows from start to stop - 1 begin, and their end: whole chunks of `size` rows.

    Up to `fewest` parts have one chunk each; more are made only for parts of CHUNKS or more, up to `most`. `places`:
    where parts can begin; anywhere if there are none. It depends on nothing else: the same on every machine.
    """
    chunks = -(-(stop - start) // size)
    parts = max(min(chunks, max(fewest, chunks // CHUNKS), most), 1)
    begin = list(range(start, stop, -(-chunks // parts) * size)) or [start]
    if places:
        inside = sorted({start, *(place for place in places if start < place < stop)})
        begin = sorted({max(place for place in inside if place <= one) for one in begin})
    return [*begin, stop]


__all__ = ["Parts", "Readers", "Stopped", "blas_threads", "cores", "evenly", "fitting"]
