"""The sums of `accumulators` on a device of JAX: rows go there, and come back as sums in float64.

Products are of float32 for float32 data, in full precision, and are added up in float64 where they are made: brought
back from every chunk they would take as long as the rows took to get there, where rows are wide.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.audit.sums.accumulators import SAFE_SQUARES, Accumulator
from render.audit.sums.chunks import Chunk
from render.audit.sums.merging import Faults, Spread, merge_spreads

BLOCK = 1024  # rows whose products are summed in the type of the data
WAITING = 2  # chunks that the device has before what it says of the first is looked at
FIRST = 8  # chunks of which it is looked at at once: the references of the first may be no guide to the rest
FEWEST_CLASSES = 16  # that there is room for on the device; for more it doubles, since each size is compiled anew


class Sums(NamedTuple):
    """What lies on the device, in float64: products (k, k), sums by class (C, k), squares by class (C,)."""

    products: Any
    sums: Any
    squares: Any


class Told(NamedTuple):
    """What the device says of a chunk: whether it was added, and whether its references lie far from the means."""

    added: Any
    far: Any


class DeviceAccumulator(Accumulator):
    """Sum of chunks of rows on a device, `rows` of them at a time: `add_chunk`, then `spread()`, and `faults`.

    References, what is left out, and when sums are started anew are the host's, as of any other accumulator. A chunk
    whose squares leave the range of float32 is added up on the host.
    """

    def __init__(self, device: jax.Device, rows: int, spread_columns: int = 0) -> None:
        super().__init__(spread_columns)
        self._device, self._rows = device, -(-rows // min(BLOCK, rows)) * min(BLOCK, rows)
        self._aside = Accumulator(spread_columns)
        self._waiting: deque[tuple[Told, Chunk]] = deque()
        self._given = 0
        self._there: Sums | None = None
        self._there_references: Any = None

    def add_chunk(self, chunk: Chunk) -> None:
        """Send rows to the device; of those before, what it has said by now is looked at.

        Raises ValueError as `add` does, with the rows that it is of, and RuntimeError where the device fails, such as
        for want of memory.
        """
        labels = np.zeros(len(chunk.places), np.int64) if chunk.labels is None else chunk.labels
        if not len(labels):
            return
        self._begin(chunk.arrays)
        if not chunk.good.all():
            self.faults += _faults(chunk)
        good = labels[chunk.good]
        self._grow(int(labels.max()) + 1)
        fresh = self._refer([array[chunk.good] for array in chunk.arrays] if self._new(good) else [], good)
        with jax.enable_x64(True):
            self._make_room()
            if fresh.any() or self._there_references is None:
                self._there_references = self._put(_padded(self._references, self._room_for))
            self._counts += np.bincount(good, minlength=len(self._counts))
            own = np.where(chunk.good, labels, self._room_for)  # out of range: those are not added
            arrays = [self._put(_filled(array, self._rows)) for array in chunk.arrays]
            counts = self._put(_padded(self._counts, self._room_for).astype(np.float64))
            own = self._put(_filled(own, self._rows, self._room_for).astype(np.int32))
            self._there, told = _add(
                self._there, self._there_references, counts, arrays, own, min(BLOCK, self._rows), self._spread_columns
            )
        self._waiting.append((told, chunk))
        self._given += 1
        self._look(WAITING if self._given > FIRST else 0)

    def spread(self) -> Spread:
        """The moments of all rows so far, and the sums of squares of each class around its mean."""
        self._look(0)
        self._fetch()
        whole = super().spread()
        return merge_spreads(whole, self._aside.spread()) if self._aside.used else whole

    @property
    def _room_for(self) -> int:
        """Classes that there is room for on the device."""
        return max(FEWEST_CLASSES, 1 << (len(self._counts) - 1).bit_length())

    def _new(self, labels: np.ndarray) -> bool:
        """Whether a class comes that has no reference."""
        return bool(len(labels)) and (labels.max() >= len(self._known) or not self._known[labels].all())

    def _put(self, array: np.ndarray) -> Any:
        return jax.device_put(array, self._device)

    def _make_room(self) -> None:
        room, columns = self._room_for, self._references.shape[1]
        if self._there is None:
            shapes = (columns, columns), (room, columns), (room,)
            self._there = Sums(*(jnp.zeros(shape, jnp.float64, device=self._device) for shape in shapes))
        elif (more := room - len(self._there.squares)) > 0:
            products, sums, squares = self._there
            self._there = Sums(products, jnp.pad(sums, ((0, more), (0, 0))), jnp.pad(squares, (0, more)))
            self._there_references = None

    def _look(self, most: int) -> None:
        """Hear what the device says of all chunks but so many, and start sums anew where they lie far from the means.

        That is not said in time for the chunks that are there already, which costs no more than the one before did.
        """
        if self._hear(most) and self._counts.sum() >= sum(part.moments.count for part in self._closed):
            self._hear(0)
            self._fetch()
            self._settle()
            if not self._counts.any():
                self._there = self._there_references = None

    def _hear(self, most: int) -> bool:
        """Take what was not added there, and say whether references lie far from the means."""
        far = False
        while len(self._waiting) > most:
            told, chunk = self._waiting.popleft()
            if bool(told.added):
                far |= bool(told.far)
                continue
            arrays, places = [array[chunk.good] for array in chunk.arrays], chunk.places[chunk.good]
            labels = np.zeros(len(places), np.int64) if chunk.labels is None else chunk.labels[chunk.good]
            self._counts -= np.bincount(labels, minlength=len(self._counts))
            try:
                self._aside.add(arrays, labels, places)
            except ValueError as error:
                raise ValueError(f"rows from {chunk.first} on: {error}") from error
        return far

    def _fetch(self) -> None:
        """Bring the sums here."""
        if self._there is not None:
            products, sums, squares = (np.array(one) for one in self._there)
            self._products, self._sums = products, sums[: len(self._counts)]
            self._squares = squares[: len(self._counts)]


@partial(jax.jit, static_argnums=(5, 6), donate_argnums=0)
def _add(
    before: Sums, references: Any, counts: Any, arrays: list[Any], labels: Any, block: int, spread_columns: int
) -> tuple[Sums, Told]:
    """Sums with those of a chunk: arrays (n, k_j) side by side, labels (n,), those that are no class left out."""
    kind, classes = references.dtype, len(references)
    there = (labels < classes)[:, None]
    rows = jnp.concatenate([array.astype(kind) for array in arrays], axis=1)
    rows = jnp.where(there, rows - references[jnp.minimum(labels, classes - 1)], 0)

    blocks = rows.reshape(-1, block, rows.shape[1])

    def with_block(index: Any, total: Any) -> Any:
        some = blocks[index]
        return total + jnp.matmul(some.T, some, precision=jax.lax.Precision.HIGHEST).astype(jnp.float64)

    zero = jnp.zeros((rows.shape[1], rows.shape[1]), jnp.float64)
    more = jax.lax.fori_loop(0, len(blocks), with_block, zero)
    squares = jnp.sum(rows[:, :spread_columns] ** 2, axis=1)
    sums = jax.ops.segment_sum(rows.astype(jnp.float64), labels, classes)
    own = jax.ops.segment_sum(squares.astype(jnp.float64), labels, classes)
    trace = jnp.trace(more)
    added = ((SAFE_SQUARES[0] < trace) & (trace < SAFE_SQUARES[1])) | (jnp.max(jnp.abs(rows)) == 0)
    after = Sums(*(old + jnp.where(added, new, 0) for old, new in zip(before, (more, sums, own), strict=True)))
    offset = jnp.sum(after.sums**2 / jnp.maximum(counts, 1)[:, None], axis=0)
    return after, Told(added, jnp.any(2 * offset > jnp.diag(after.products)))


def _faults(chunk: Chunk) -> Faults:
    """The rows of a chunk that are not finite."""
    rows = np.flatnonzero(~chunk.good)
    wrong = ~np.isfinite(np.concatenate([array[rows].astype(np.float64) for array in chunk.arrays], axis=1))
    row, column = map(int, np.argwhere(wrong)[0])
    return Faults(int(wrong.sum()), len(rows), (int(chunk.places[rows[row]]), column))


def _padded(array: np.ndarray, length: int) -> np.ndarray:
    return np.pad(array, [(0, length - len(array)), *[(0, 0)] * (array.ndim - 1)])


def _filled(array: np.ndarray, length: int, value: int = 0) -> np.ndarray:
    """Rows up to a length, since each length is compiled anew; in the machine's order of bytes, as JAX has them."""
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if len(array) == length:
        return array
    whole = np.full((length, *array.shape[1:]), value, array.dtype)
    whole[: len(array)] = array
    return whole


__all__ = ["DeviceAccumulator"]
