"""Checksum of an array's bytes, taken as its rows are read: CRC-32, which ZIP archives have of each member."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from render.audit.files.arrays import short

try:
    from isal.isal_zlib import crc32  # ten times as fast, so that it costs nothing beside the reading
except ImportError:  # no wheel for this machine
    from zlib import crc32

BLOCK_BYTES = 2**22
WRONG = "its bytes have another checksum than those that were written"


def damaged(path: Path, name: str, why: str) -> ValueError:
    """The error for an array whose bytes are not those that were written."""
    return ValueError(f"{path}: {name} is damaged, {why}: copy or write it again")


class Checksum:
    """CRC-32 of bytes that lie uncompressed in a file, the first `head` of them read already.

    What is read in order, from the end of the head on, is added as it comes, and compared once all of it was there;
    `verify` reads what was not. Raises ValueError where the bytes are not those that were written.
    """

    def __init__(self, path: Path, name: str, offset: int, head: bytes, length: int, expected: int) -> None:
        self._path, self._name, self._offset, self._length, self._expected = path, name, offset, length, expected
        self._head = len(head), crc32(head)
        self._at, self._crc = self._head
        self._right = self._wrong = False

    def add(self, start: int, rows: np.ndarray) -> None:
        """Rows whose bytes start at a place behind the first byte of the head."""
        if self._right:
            return
        if start == self._head[0]:
            self._at, self._crc = self._head
        if start == self._at:
            self._take(rows.reshape(-1).view(np.uint8))

    def verify(self) -> None:
        """Read what was not read in order, unless all was."""
        if self._right:
            return
        if self._wrong:
            raise damaged(self._path, self._name, WRONG)
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._offset + self._at)
            while not self._right:
                block = file.read(min(BLOCK_BYTES, self._length - self._at))
                if not block and self._at < self._length:
                    raise damaged(self._path, self._name, "it ends too early")
                self._take(block)

    def _take(self, block: bytes | np.ndarray) -> None:
        self._crc, self._at = crc32(block, self._crc), self._at + len(block)
        if self._at < self._length:
            return
        if self._crc != self._expected:
            self._wrong = True
            raise damaged(self._path, self._name, WRONG)
        self._right = True


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
