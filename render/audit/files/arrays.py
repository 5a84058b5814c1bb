"""Arrays in files, read by rows: what every format gives, and what those share that can only be read forwards."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

LONGEST = 200  # characters of what a decoder says
Reader = Callable[[int, int], np.ndarray]


class Lack(NamedTuple):
    """Rows that a file does not hold: a sentence on them, and whether whoever wrote it said what they count as."""

    sentence: str
    meant: bool


Lacking = Callable[[str], Lack | None]


@dataclass(frozen=True)
class Column:
    """One array of a file: what it is called there, its form, and how to read some of its rows.

    `read(start, stop)` gives rows start to stop - 1 as a NumPy array of their own. `block`: rows are stored in blocks
    of so many, and reads that keep to them decode nothing twice. `fresh`: no one else holds what `read` gives.
    `across(start, stop)` gives those rows of the second axis, of all of the first, where that is possible.
    `places`: rows from which reading can begin without what is before them, where that is not all of them.
    `lacking(role)`: on rows that are not in the file and count as something else; ValueError where they cannot.
    `verify()` raises ValueError unless all bytes have the checksum that the file gives; reads no more than it must.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    read: Reader
    block: int = 1
    fresh: bool = False
    across: Reader | None = None
    places: tuple[int, ...] = ()
    lacking: Lacking = lambda role: None
    verify: Callable[[], None] = lambda: None

    @property
    def forwards(self) -> bool:
        """Whether rows can only be read one after another, from the first on: on one thread at a time."""
        return isinstance(getattr(self.read, "__wrapped__", self.read), Stream)

    def __str__(self) -> str:
        return f"{self.name} {self.shape} {self.dtype}"


class Source(Protocol):
    """A file with arrays in it."""

    def find(self, key: str, role: str) -> Column | None:
        """The array of this name, for features, labels, outputs, targets or the step; None if there is none."""

    def listed(self) -> list[str]:
        """What is there, each array with its shape and dtype."""


@dataclass(frozen=True)
class Arrays:
    """A file of named arrays. With `alone` it holds a single array that has no name: that is the features."""

    columns: Mapping[str, Column]
    alone: bool = False

    def find(self, key: str, role: str) -> Column | None:
        if self.alone and key == role == "features":
            return next(iter(self.columns.values()))
        return self.columns.get(key)

    def listed(self) -> list[str]:
        return [str(column) for column in self.columns.values()]


class Stream:
    """Rows of what can only be read forwards, from blocks of any size: `stream(start, stop)`.

    The last rows asked for are kept, so that they can be asked for again; going further back starts anew. Once the last
    of the `count` rows has been read, or none could be, nothing is kept: no rows and no open file. `first`: the row
    that blocks begin with.
    """

    def __init__(self, count: int, blocks: Callable[[], Generator[np.ndarray]], first: int = 0) -> None:
        self._count, self._open, self._first = count, blocks, first
        self._blocks: Generator[np.ndarray] | None = None
        self._rows, self._at = np.empty(0), first

    @property
    def held(self) -> tuple[int, int]:
        """The first of the rows that are kept, and the row behind the last."""
        return self._at, self._at + len(self._rows)

    def __call__(self, start: int, stop: int) -> np.ndarray:
        if start < self._at:
            self._close()
        rows = None
        try:
            rows = self._forwards(start, stop)
        finally:
            if rows is None or stop >= self._count:
                self._close()
        return rows

    def _forwards(self, start: int, stop: int) -> np.ndarray:
        blocks = self._blocks = self._blocks or self._open()
        while self._at + len(self._rows) <= start:
            self._at += len(self._rows)
            self._rows = next(blocks)
        parts = [self._rows[start - self._at :]]
        while sum(map(len, parts)) < stop - start:
            parts.append(next(blocks))
        self._rows, self._at = (np.concatenate(parts) if len(parts) > 1 else parts[0]), start
        return self._rows[: stop - start]

    def _close(self) -> None:
        if self._blocks is not None:
            self._blocks.close()
        self._blocks, self._rows, self._at = None, np.empty(0), self._first


class Streams:
    """Rows of what can be read forwards from several places, such as the groups of rows of a table; on any thread.

    places: rows from which reading can begin, ascending, from 0; blocks(k): from the k-th of them on. Each thread has a
    stream of its own, which goes on where it was unless a place is nearer.
    """

    def __init__(self, count: int, places: Sequence[int], blocks: Callable[[int], Generator[np.ndarray]]) -> None:
        self._count, self._places, self._blocks = count, places, blocks
        self._own = threading.local()

    def __call__(self, start: int, stop: int) -> np.ndarray:
        nearest = max(bisect_right(self._places, start) - 1, 0)
        stream: Stream | None = getattr(self._own, "stream", None)
        if stream is None or start < stream.held[0] or stream.held[1] < self._places[nearest]:
            stream = Stream(self._count, partial(self._blocks, nearest), self._places[nearest])
            self._own.stream = stream
        return stream(start, stop)


def naming(path: Path, name: str, read: Reader) -> Reader:
    """A reader like `read`, whose errors are ValueErrors that name file and array, whatever its decoder raises."""

    def named(start: int, stop: int) -> np.ndarray:
        try:
            return read(start, stop)
        except Exception as error:  # a decoder that is given damaged bytes raises anything
            if isinstance(error, ValueError) and str(path) in str(error):
                raise
            why = "it ends too early" if isinstance(error, StopIteration) else short(error)
            raise ValueError(
                f"{path}: {name}: rows {start} to {stop - 1} cannot be read, the file may be damaged ({why}): copy or "
                f"write it again"
            ) from error

    named.__wrapped__ = read  # type: ignore[attr-defined]
    return named


def naming_lack(path: Path, name: str, lacking: Lacking) -> Lacking:
    """The same for what says which rows a file lacks."""

    def named(role: str) -> Lack | None:
        try:
            return lacking(role)
        except Exception as error:
            if isinstance(error, ValueError) and str(path) in str(error):
                raise
            raise ValueError(f"{path}: {name} is damaged ({short(error)}): copy or write it again") from error

    return named


def short(error: BaseException) -> str:
    """The first line of what an error says, or its name; not all of what it quotes from the file."""
    line = str(error).split("\n")[0].rstrip(".") or type(error).__name__
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


__all__ = ["Arrays", "Column", "Lack", "Source", "Stream", "Streams", "naming", "naming_lack", "short"]
