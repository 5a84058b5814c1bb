"""Rows of an array that lies uncompressed in a file, in C or in Fortran order.

They are read and never mapped: a file that is cut while it is mapped ends the process, and not the reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Lying:
    """An array in a file: where its first byte is, its shape and dtype, and whether its first axis moves fastest."""

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool = False

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Rows start to stop - 1 of the first axis, as an array of their own."""
        count, row = stop - start, math.prod(self.shape[1:])
        if not self.fortran or len(self.shape) < 2:
            return self._read(start * row, count * row).reshape(count if self.shape else (), *self.shape[1:])
        flat = self._read(start, count, self.shape[0], row)
        return np.array(flat.reshape(*self.shape[:0:-1], count).T, order="C")

    def across(self, start: int, stop: int) -> np.ndarray:
        """Rows start to stop - 1 of the second axis, of all of the first."""
        first, second, *rest = self.shape
        count, inner = stop - start, math.prod(rest)
        if not self.fortran:
            return self._read(start * inner, count * inner, second * inner, first).reshape(first, count, *rest)
        flat = self._read(start * first, count * first, second * first, inner)
        return np.array(flat.reshape(*rest[::-1], count, first).T, order="C")

    def _read(self, first: int, count: int, stride: int = 0, times: int = 1) -> np.ndarray:
        """So many entries from the first on, so many times, each a stride behind the one before: (times * count,)."""
        if count == stride:  # they follow each other
            count, times = count * times, 1
        size = self.dtype.itemsize
        found = np.empty((times, count * size), np.uint8)
        with self.path.open("rb", buffering=0) as file:
            for turn, part in enumerate(found):
                file.seek(self.offset + (first + turn * stride) * size)
                _fill(file, memoryview(part.data))
        return found.reshape(-1).view(self.dtype)


def _fill(file, part: memoryview) -> None:  # type: ignore[no-untyped-def]
    while part:
        got = file.readinto(part)
        if not got:
            raise ValueError("it ends too early")
        part = part[got:]


__all__ = ["Lying"]
