"""NumPy's files: `.npy`, and `.npz`, whose checksums are verified over all that is read of them.

Nothing here can run code: headers are parsed as literals, and an array of Python objects, which is a pickle, is listed
but never read.
"""

from __future__ import annotations

import math
import struct
import zipfile
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from render.audit.files.arrays import Arrays, Column, Stream, naming, short
from render.audit.files.checksums import BLOCK_BYTES, Checksum
from render.audit.files.remote import Unreachable
from render.audit.files.segments import Lying

MOST_DEFLATED = 1040  # bytes that deflate makes of one, at most
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # that NumPy writes


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
        except Unreachable:
            raise
        except Exception as error:
            raise ValueError(short(error)) from error
        return cls(*form, file.tell() - before)


def _column(path: Path, name: str, header: _Header, start: int, checksum: Checksum | None = None) -> Column:
    """An array that lies uncompressed in a file, its header at `start`."""
    shape, dtype = header.shape, header.dtype
    lying = Lying(path, start + header.length, shape, dtype, header.fortran)
    row_bytes = math.prod(shape[1:]) * dtype.itemsize

    def read(first: int, stop: int) -> np.ndarray:
        rows = lying.rows(first, stop)
        if checksum is not None and (not header.fortran or len(shape) < 2):
            checksum.add(header.length + first * row_bytes, rows)
        return rows

    across = naming(path, name, lying.across)
    column = Column(name, shape, dtype, naming(path, name, read), fresh=True, across=across)
    return column if checksum is None else replace(column, verify=checksum.verify)


def open_npy(path: Path) -> Arrays:
    """The array of a `.npy` file. Raises ValueError for another format and for a file that is cut short."""
    with path.open("rb") as file:
        try:
            header = _Header.of(file)
        except Unreachable:
            raise
        except ValueError as error:
            raise ValueError(f"{path}: is no array in NumPy's format ({error}): write it with numpy.save") from error
    have = path.stat().st_size
    if have < header.total_bytes and not header.dtype.hasobject:
        raise ValueError(
            f"{path}: is cut short: {header.shape} {header.dtype} takes {header.total_bytes} bytes, and {have} are "
            f"there; copy or write it again"
        )
    return Arrays({path.stem: _column(path, path.stem, header, 0)}, alone=True)


def open_npz(path: Path) -> Arrays:
    """The named arrays of a `.npz` file; compressed ones are read forwards. Raises ValueError if it is damaged."""
    columns, where = {}, ""
    with path.open("rb") as raw:
        try:
            with zipfile.ZipFile(raw) as archive:
                for member in archive.infolist():
                    name = member.filename.removesuffix(".npy")
                    where = f"{name}: "
                    if name != member.filename:
                        columns[name] = _member(path, name, archive, member, raw)
                    else:  # no array, unless its name is what is damaged: there are two of it, which are compared
                        archive.open(member).close()
        except Exception as error:  # zipfile, zlib and struct raise anything if it is damaged
            why = f"{where}{short(error)}"
            raise ValueError(
                f"{path}: is damaged or no .npz ({why}): copy it again, or write it with numpy.savez"
            ) from error
    return Arrays(columns)


def _member(path: Path, name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, raw: IO[bytes]) -> Column:
    if member.compress_type not in METHODS:
        raise ValueError(f"is compressed by method {member.compress_type}, and NumPy stores or deflates")
    with archive.open(member) as file:
        header = _Header.of(file)
    size = member.file_size
    if member.header_offset + member.compress_size > path.stat().st_size:
        raise ValueError(f"promises {member.compress_size} bytes, and the file has not as many")
    if not header.dtype.hasobject:
        if size < header.total_bytes:
            raise ValueError("is cut short")
        if size > header.total_bytes:
            raise ValueError(f"has {size} bytes, and {header.shape} {header.dtype} takes {header.total_bytes}")
    if size > MOST_DEFLATED * max(member.compress_size, 1):
        raise ValueError(f"promises {size} bytes, and {member.compress_size} are there: they cannot hold as many")
    if member.compress_type == zipfile.ZIP_DEFLATED:
        return _compressed(path, name, header)
    start = _start_of(member, raw)
    raw.seek(start)
    return _column(path, name, header, start, Checksum(path, name, start, raw.read(header.length), size, member.CRC))


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
    right: list[bool] = []  # once zipfile has read all of it, and compared its checksum

    def blocks() -> Generator[np.ndarray]:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            file.read(header.length)
            for start in range(0, length, rows):
                count = min(rows, length - start)
                flat = np.frombuffer(file.read(count * row_bytes), dtype)
                if start + count == length:
                    right.append(True)
                yield flat.reshape(count, *shape[1:], order="F" if by_columns else "C")

    def verify() -> None:
        if not right:
            column.read(0, 1)  # a stream goes on from there
            for start in range(1, length, rows):
                column.read(start, min(start + rows, length))

    column = Column(name, shape, dtype, naming(path, name, Stream(length, blocks)), verify=verify)
    return column


__all__ = ["open_npy", "open_npz"]
