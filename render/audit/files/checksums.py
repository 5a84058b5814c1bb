"""Checksum of an array's bytes, taken as its rows are read: CRC-32, which ZIP archives have of each member."""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from functools import cache
from pathlib import Path

import numpy as np

from render.audit.files.arrays import short

try:
    from isal.isal_zlib import crc32  # ten times as fast, so that it costs nothing beside the reading
except ImportError:  # no wheel for this machine
    from zlib import crc32

BLOCK_BYTES = 2**22
POLYNOMIAL = 0xEDB88320  # of CRC-32, the highest power, which is there, left out
WRONG = "its bytes have another checksum than those that were written"


def damaged(path: Path, name: str, why: str) -> ValueError:
    """The error for an array whose bytes are not those that were written."""
    return ValueError(f"{path}: {name} is damaged, {why}: copy or write it again")


class Checksum:
    """CRC-32 of bytes that lie uncompressed in a file, the first bytes of them, the `head`, read already.

    What is read is added as it comes, in pieces, in any order and on any thread; `verify` reads what was not, and puts
    the pieces together. It raises ValueError where the bytes are not those that were written.
    """

    def __init__(self, path: Path, name: str, offset: int, head: bytes, length: int, expected: int) -> None:
        self._path, self._name, self._offset, self._length, self._expected = path, name, offset, length, expected
        self._pieces = {0: (len(head), crc32(head))}  # where each ends, and its checksum, by where it begins
        self._right = self._wrong = False

    def add(self, start: int, rows: np.ndarray) -> None:
        """Rows whose bytes start at a place behind the first byte of the head."""
        if not self._right and start not in self._pieces and rows.nbytes:
            block = rows.reshape(-1).view(np.uint8)
            self._pieces[start] = start + len(block), crc32(block)

    def verify(self) -> None:
        """Read what was not read yet, unless it was verified before."""
        if self._right:
            return
        if self._wrong or self._whole() != self._expected:
            self._wrong = True
            raise damaged(self._path, self._name, WRONG)
        self._right, self._pieces = True, {}

    def _whole(self) -> int:
        at, crc = self._pieces[0]
        begin = sorted(self._pieces)
        while at < self._length:
            if at not in self._pieces:
                following = bisect_right(begin, at)
                stop = begin[following] if following < len(begin) else self._length
                self._pieces[at] = self._read(at, min(stop, self._length))
            stop, own = self._pieces[at]
            at, crc = stop, joined(crc, own, stop - at)
        return crc

    def _read(self, start: int, stop: int) -> tuple[int, int]:
        at, crc = start, 0
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._offset + start)
            while at < stop:
                block = file.read(min(BLOCK_BYTES, stop - at))
                if not block:
                    raise damaged(self._path, self._name, "it ends too early")
                at, crc = at + len(block), crc32(block, crc)
        return at, crc


def joined(first: int, second: int, length: int) -> int:
    """CRC-32 of bytes and of `length` more behind them, from that of each."""
    bit, shift = 3, 1 << 31  # bytes are 2^3 bits; the polynomial 1
    while length:
        shift, bit, length = _times(_power(bit), shift) if length & 1 else shift, bit + 1, length >> 1
    return _times(shift, first) ^ second


def _times(first: int, second: int) -> int:
    """Product of two polynomials over the field of two elements, modulo that of CRC-32; the highest bit is x^0."""
    product = 0
    for bit in range(31, -1, -1):
        product ^= second if first >> bit & 1 else 0
        second = second >> 1 ^ (POLYNOMIAL if second & 1 else 0)
    return product


@cache
def _power(bit: int) -> int:
    """x^(2^bit), modulo the polynomial of CRC-32."""
    return 1 << 30 if bit == 0 else _times(_power(bit - 1), _power(bit - 1))


class Members:
    """All members of a ZIP archive at once, of a format whose reader looks at no checksum: PyTorch's."""

    def __init__(self, path: Path) -> None:
        self._path, self._right = path, False

    def verify(self) -> None:
        """Read them, at the first call alone. Raises ValueError for one whose bytes are not those that were written."""
        if self._right:
            return
        try:
            with zipfile.ZipFile(self._path) as archive:
                members = archive.infolist()
                if any(member.CRC for member in members if member.file_size):  # PyTorch can be told to save none
                    for member in members:
                        if member.compress_type != zipfile.ZIP_STORED:
                            raise ValueError(f"{member.filename} is compressed, as PyTorch compresses nothing")
                        with archive.open(member) as file:
                            while file.read(BLOCK_BYTES):
                                pass
        except Exception as error:  # zipfile raises anything if it is damaged
            raise damaged(self._path, "it", short(error)) from error
        self._right = True


__all__ = ["BLOCK_BYTES", "Checksum", "Members", "damaged"]
