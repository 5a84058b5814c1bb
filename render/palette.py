"""The palette of a clip: the fewest colours that keep the clip, and every frame of it, close to what was drawn.

Closeness is the peak signal-to-noise ratio over the pixels of all frames, so a colour counts for as long as it is seen.
Distances are between whole numbers, exact in float32: no library's order of sums changes a palette.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

CLIP_DB, FRAME_DB = 50.0, 45.0  # decibels of the clip, and of its worst frame
MOST = 255  # a GIF's table has 256 entries, and one of them says "as before"
MOST_FREQUENT = 16  # colours kept exactly: they cover nine pixels in ten, most of the others are antialiasing
BINS = 2048  # cells of similar colours, each seeking the palette as one
LLOYD_ROUNDS = 4
COLOUR_BITS = np.uint32(0xFFFFFF)


@dataclass(frozen=True)
class Palette:
    """colours: (size, 3) uint8. For each of the clip's colours, (m,): `index` of the one shown, `errors`, squared."""

    colours: np.ndarray
    index: np.ndarray
    errors: np.ndarray

    @property
    def bits(self) -> int:
        """Of an index, when one more than the colours is needed; a GIF's have at least two."""
        return max(2, len(self.colours).bit_length())


class Seen:
    """The colours of a clip, numbered as they appear, and how many more or fewer pixels each frame has of them."""

    def __init__(self, pixels: int) -> None:
        self._numbers = np.zeros(1 << 24, np.uint16)  # of each 24-bit colour, from 1; 0: never seen
        self._canvas = np.zeros(pixels, np.uint16)  # of each pixel's colour; 0: before the first frame
        self.colours = np.zeros(1, np.uint32)
        self._changes: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, places: np.ndarray, colours: np.ndarray) -> np.ndarray:
        """Take a frame: `places` of the flat canvas turned into `colours`, uint32 RGBA. Returns their numbers."""
        colours = colours & COLOUR_BITS
        numbers = self._numbers[colours]
        unknown = np.flatnonzero(numbers == 0)
        if len(unknown):
            self._learn(colours[unknown])
            numbers = numbers.astype(self._numbers.dtype, copy=False)
            numbers[unknown] = self._numbers[colours[unknown]]
        change = np.bincount(numbers, minlength=len(self.colours))
        change -= np.bincount(self._canvas[places], minlength=len(self.colours))
        changed = np.flatnonzero(change)
        self._changes.append((changed.astype(numbers.dtype), change[changed].astype(np.int32)))
        self._canvas[places] = numbers
        return numbers

    def _learn(self, colours: np.ndarray) -> None:
        starts = np.append(True, colours[1:] != colours[:-1])  # a first frame is mostly runs
        fresh = np.unique(colours[starts])
        known, size = len(self.colours), len(self.colours) + len(fresh)
        if size > 1 << 16:
            self._numbers, self._canvas = self._numbers.astype(np.uint32), self._canvas.astype(np.uint32)
        self._numbers[fresh] = np.arange(known, size)
        self.colours = np.concatenate([self.colours, fresh])

    def numbers(self, frame: np.ndarray) -> np.ndarray:
        """Of each pixel's colour, for colours that were added."""
        return self._numbers[frame & COLOUR_BITS]

    def totals(self) -> np.ndarray:
        """(m,) by number: the pixels of all frames in which each is seen."""
        now, total = np.zeros((2, len(self.colours)), np.int64)
        now[0] = self._canvas.size
        for numbers, change in self._changes:
            now[numbers] += change
            total += now
        return total

    def errors(self, each: np.ndarray) -> np.ndarray:
        """(frames,): squared error of each frame when each colour's is known, (m,) by number."""
        changes = [change @ each[numbers] for numbers, change in self._changes]
        return np.cumsum(changes) + self._canvas.size * int(each[0])


def largest_error(decibels: float, pixels: int) -> float:
    """The squared error, summed over pixels and three channels, at which the PSNR is so many decibels."""
    return 3 * pixels * 255**2 / 10 ** (decibels / 10)


def choose(
    colours: np.ndarray,
    seen: np.ndarray,
    exact: Sequence[str] = (),
    most: int = MOST,
    close: Callable[[np.ndarray], bool] = lambda errors: True,
) -> Palette:
    """The smallest palette of up to `most` colours that reaches CLIP_DB and is `close`, or else the largest.

    colours: distinct, (m,) uint32 RGBA; seen: (m,) pixels of each, over all frames. Those of `exact` ("#rrggbb") that
    occur and the most frequent stay as they are; all of them when there are no more than `most`. close: judges the
    squared errors (m,). The others are k-means about greedy seeds, of which those of a smaller palette are the first.
    """
    points, occur = _channels(colours), np.flatnonzero(seen)
    if len(occur) <= most:
        index = np.maximum(np.cumsum(seen > 0) - 1, 0).astype(np.uint8)
        return Palette(points[occur], index, np.zeros(len(colours), np.int32))
    wanted = np.array([int.from_bytes(bytes.fromhex(colour[1:]), "little") for colour in exact], np.uint32)
    rank = np.where(np.isin(colours & COLOUR_BITS, wanted), np.inf, seen)
    order = np.argsort(-rank, kind="stable")[: len(occur)]
    kept, rest = np.split(order, [min(int(np.isinf(rank).sum()) + MOST_FREQUENT, most)])
    bins, masses = _bins(colours[rest], seen[rest])
    bins, masses = np.concatenate([points[kept], bins]).astype(np.float32), np.concatenate([seen[kept], masses])
    seeds, left = _greedy_seeds(bins, masses, len(kept), most)
    limit = largest_error(CLIP_DB, int(seen.sum()))

    def palette(size: int) -> tuple[Palette, bool]:
        centres = _kmeans(bins, masses, bins[seeds[:size]], min(len(kept), size))
        index = _nearest(points, centres)
        apart = points - centres[index]
        errors = np.einsum("ij,ij->i", apart, apart).astype(np.int32)
        good = float(errors @ seen) <= limit and close(errors)
        return Palette(centres.astype(np.uint8), index.astype(np.uint8), errors), good

    # k-means about halves the error of its seeds: begin where that is enough, and widen the steps from there
    size, stride = len(kept) + int(np.searchsorted(-left, -2 * limit)), 8
    fails, meets, largest, best = len(kept) - 1, most + 1, None, None
    while meets - fails > 1:
        size = min(max(size, fails + 1), meets - 1)
        found, good = palette(size)
        if good:
            meets, best = size, found
        else:
            fails, largest = size, found
        bracketed = fails >= len(kept) and meets <= most
        size, stride = (fails + meets) // 2 if bracketed else size + (-stride if good else stride), 2 * stride
    chosen = best or largest
    assert chosen is not None
    return chosen


def _greedy_seeds(points: np.ndarray, masses: np.ndarray, kept: int, most: int) -> tuple[list[int], np.ndarray]:
    """The first `kept` points; then always the one that adds most to the error of the seeds before it.

    Returns the seeds and the error that is left once the kept ones, and each after them, are there.
    """
    seeds: list[int] = []
    left: list[float] = []
    nearest = np.full(len(points), np.inf, np.float32)
    while len(seeds) < min(most, len(points)):
        seeds.append(len(seeds) if len(seeds) < kept else int(np.argmax(masses * nearest)))
        nearest = np.minimum(nearest, ((points - points[seeds[-1]]) ** 2).sum(axis=1))
        if len(seeds) >= kept:
            left.append(float(masses @ nearest))
    return seeds, np.array(left)


def _kmeans(points: np.ndarray, masses: np.ndarray, centres: np.ndarray, kept: int) -> np.ndarray:
    """Lloyd's rounds, in whole numbers, of all centres but the first `kept`: (size, 3) float32."""
    for _ in range(LLOYD_ROUNDS):
        nearest = _nearest(points, centres)
        mass = np.bincount(nearest, masses, len(centres))
        sums = np.stack([np.bincount(nearest, masses * points[:, k], len(centres)) for k in range(3)], axis=1)
        means = np.round(sums / np.maximum(mass, 1)[:, None]).astype(np.float32)
        moves = (mass > 0) & (np.arange(len(centres)) >= kept)
        centres = np.where(moves[:, None], means, centres)
    return centres


def _bins(colours: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Up to BINS points (bins, 3) and masses (bins,): means of the colours in cells as small as that allows."""
    points, cells, bits = _channels(colours), np.arange(len(colours)), 8
    while cells.max() >= BINS:
        bits -= 1
        mask = np.uint32((0xFF >> bits ^ 0xFF) * 0x010101)
        cells = np.unique(colours & mask, return_inverse=True)[1]
    masses = np.bincount(cells, seen)
    sums = np.stack([np.bincount(cells, seen * points[:, k]) for k in range(3)], axis=1)
    return np.round(sums / masses[:, None]), masses


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(m,): which of centres (n, 3) is nearest to each of points (m, 3), all whole numbers; the first of equals."""
    scale = np.concatenate([-2 * centres.T, (centres**2).sum(axis=1)[None]]).astype(np.float32)
    rows = np.ones((len(points), 4), np.float32)
    rows[:, :3] = points
    block = 65536 // len(centres)  # small products: for large ones the library starts threads, which takes longer
    return np.concatenate(
        [(rows[start : start + block] @ scale).argmin(axis=1) for start in range(0, len(rows), block)]
    )


def _channels(colours: np.ndarray) -> np.ndarray:
    """(m,) uint32 RGBA -> (m, 3) uint8."""
    return np.ascontiguousarray(colours).view(np.uint8).reshape(-1, 4)[:, :3]
