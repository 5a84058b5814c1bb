"""Arrays in files, read by rows: `.npy` and `.npz`, of which no more than the rows asked for is ever in memory.

Nothing here can run code: headers are parsed as literals, and an array of Python objects, which is a pickle, is listed
but never read.
"""

from __future__ import annotations

import math
import struct
import threading
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Protocol

import numpy as np

BLOCK_BYTES = 2**22  # of what can only be read forwards

Reader = Callable[[int, int], np.ndarray]


@dataclass(frozen=True)
class Column:
    """One array of a file: what it is called there, its form, and how to read some of its rows.

    `read(start, stop)` gives rows start to stop - 1 as a NumPy array of their own. `block`: rows are stored in blocks
    of so many, and reads that keep to them decode nothing twice. `fresh`: no one else holds what `read` gives.
    `across(start, stop)` gives those rows of the second axis, of all of the first, where that is possible.
    `places`: rows from which reading can begin without what is before them, where that is not all of them.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    read: Reader
    block: int = 1
    fresh: bool = False
    across: Reader | None = None
    places: tuple[int, ...] = ()

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
            why = "it ends too early" if isinstance(error, StopIteration) else _short(error)
            raise ValueError(
                f"{path}: {name}: rows {start} to {stop - 1} cannot be read, the file may be damaged ({why}): copy or "
                f"write it again"
            ) from error

    named.__wrapped__ = read  # type: ignore[attr-defined]
    return named


@dataclass(frozen=True)
class _Header:
    """Header of an array in NumPy's format: its shape, order and dtype, and how many bytes the header itself takes."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype
    length: int

    @property
    def total_bytes(self) -> int:
        return self.length + math.prod(self.shape) * self.dtype.itemsize

    @classmethod
    def of(cls, file: IO[bytes]) -> _Header:
        """The header that starts here. Raises ValueError if it is none: NumPy's parser raises anything."""
        before = file.tell()
        try:
            version = np.lib.format.read_magic(file)
            if version == (1, 0):
                form = np.lib.format.read_array_header_1_0(file)
            elif version == (2, 0):
                form = np.lib.format.read_array_header_2_0(file)
            else:
                raise ValueError(f"version {version} of the format is for records with named fields")
            if min(form[0], default=0) < 0:
                raise ValueError(f"its shape is {form[0]}")
        except Exception as error:
            raise ValueError(_short(error)) from error
        return cls(*form, file.tell() - before)


def _column(path: Path, name: str, header: _Header, offset: int) -> Column:
    """An array that lies uncompressed at an offset of a file."""
    shape, dtype = header.shape, header.dtype
    row = math.prod(shape[1:])

    def read(start: int, stop: int) -> np.ndarray:
        count = stop - start
        if header.fortran and len(shape) > 1:
            whole = np.memmap(path, dtype, "r", offset, shape, "F")
            return np.array(whole[start:stop], order="C")
        rows = np.fromfile(path, dtype, count * row, offset=offset + start * row * dtype.itemsize)
        return rows.reshape(count, *shape[1:])

    def across(start: int, stop: int) -> np.ndarray:
        whole = np.memmap(path, dtype, "r", offset, shape, "F" if header.fortran else "C")
        return np.array(whole[:, start:stop], order="C")

    return Column(name, shape, dtype, naming(path, name, read), fresh=True, across=naming(path, name, across))


def open_npy(path: Path) -> Arrays:
    """The array of a `.npy` file. Raises ValueError for another format and for a file that is cut short."""
    with path.open("rb") as file:
        try:
            header = _Header.of(file)
        except ValueError as error:
            raise ValueError(f"{path}: is no array in NumPy's format ({error}): write it with numpy.save") from error
    have = path.stat().st_size
    if have < header.total_bytes and not header.dtype.hasobject:
        raise ValueError(
            f"{path}: is cut short: {header.shape} {header.dtype} takes {header.total_bytes} bytes, and {have} are "
            f"there; copy or write it again"
        )
    return Arrays({path.stem: _column(path, path.stem, header, header.length)}, alone=True)


def open_npz(path: Path) -> Arrays:
    """The named arrays of a `.npz` file; compressed ones are read forwards. Raises ValueError if it is damaged."""
    columns, where = {}, ""
    with path.open("rb") as raw:
        try:
            with zipfile.ZipFile(raw) as archive:
                for member in archive.infolist():
                    name = member.filename.removesuffix(".npy")
                    if name != member.filename:
                        where = f"{name}: "
                        columns[name] = _member(path, name, archive, member, raw)
        except Exception as error:  # zipfile, zlib and struct raise anything if it is damaged
            why = f"{where}{_short(error)}"
            raise ValueError(
                f"{path}: is damaged or no .npz ({why}): copy it again, or write it with numpy.savez"
            ) from error
    return Arrays(columns)


def _member(path: Path, name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, raw: IO[bytes]) -> Column:
    with archive.open(member) as file:
        header = _Header.of(file)
    if member.file_size < header.total_bytes and not header.dtype.hasobject:
        raise ValueError("is cut short")
    if member.compress_type == zipfile.ZIP_STORED:
        return _column(path, name, header, _start_of(member, raw) + header.length)
    return _compressed(path, name, header)


def _start_of(member: zipfile.ZipInfo, raw: IO[bytes]) -> int:
    """Where a stored member begins: behind its local header, whose extra field the directory does not know."""
    raw.seek(member.header_offset + 26)
    name, extra = struct.unpack("<HH", raw.read(4))
    return member.header_offset + 30 + name + extra


def _compressed(path: Path, name: str, header: _Header) -> Column:
    shape, dtype = header.shape, header.dtype
    length = shape[0] if shape else 1
    row_bytes = math.prod(shape[1:]) * dtype.itemsize
    # what is stored by columns has no rows until all of it is there
    by_columns = header.fortran and len(shape) > 1
    rows = length if by_columns else max(BLOCK_BYTES // max(row_bytes, 1), 1)

    def blocks() -> Generator[np.ndarray]:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            file.read(header.length)
            for start in range(0, length, rows):
                count = min(rows, length - start)
                flat = np.frombuffer(file.read(count * row_bytes), dtype)
                yield flat.reshape(count, *shape[1:], order="F" if by_columns else "C")

    return Column(name, shape, dtype, naming(path, name, Stream(length, blocks)))


def _short(error: BaseException) -> str:
    return str(error).split("\n")[0].rstrip(".") or type(error).__name__


__all__ = ["Arrays", "Column", "Source", "Stream", "Streams", "naming", "open_npy", "open_npz"]
