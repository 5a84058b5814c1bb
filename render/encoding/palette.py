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
COLOUR_BITS = np.uint32(0xFFFFFF)


@dataclass(frozen=True)
class Palette:
    """colours: (size, 3) uint8. For each of the clip's colours, (m,): `index` of the one shown, `errors`, squared."""

    colours: np.ndarray
    index: np.ndarray
    errors: np.ndarray

    @property
    def bits(self) -> int:
        """Of an index, with room for one that is no colour; a GIF's have at least two."""
        return max(2, len(self.colours).bit_length())


class Seen:
    """The colours of a clip, numbered as they appear, and how many more or fewer pixels each frame has of them."""

    def __init__(self, pixels: int) -> None:
        self._numbers = np.zeros(1 << 24, np.uint16)  # of each 24-bit colour, from 1; 0: never seen
        self._canvas = np.zeros(pixels, np.uint16)  # of each pixel's colour; 0: before the first frame
        self.colours = np.zeros(1, np.uint32)
        self._changes: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, places: np.ndarray, colours: np.ndarray) -> np.ndarray:
        """Take a frame: `places` of the flat canvas turned into `colours`, uint32 RGBA; these are their numbers."""
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
        """(m,) by number: in how many pixels of all frames each is seen."""
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

    colours: distinct, (m,) uint32 RGBA; seen: (m,) pixels of each. Those of `exact` ("#rrggbb") that occur and the most
    frequent stay as they are; all of them when there are no more than `most`. close: judges squared errors (m,).
    """
    points, occur = _channels(colours), np.flatnonzero(seen)
    if len(occur) <= most:
        index = np.maximum(np.cumsum(seen > 0) - 1, 0).astype(np.uint8)
        return Palette(points[occur], index, np.zeros(len(colours), np.int64))
    wanted = np.array([int.from_bytes(bytes.fromhex(colour[1:]), "little") for colour in exact], np.uint32)
    rank = np.where(np.isin(colours & COLOUR_BITS, wanted) & (seen > 0), np.inf, seen)
    order = np.argsort(-rank, kind="stable")
    kept, rest = np.split(order[: len(occur)], [min(int(np.isinf(rank).sum()) + MOST_FREQUENT, most)])
    limit = largest_error(CLIP_DB, int(seen.sum()))
    bins, masses = _bins(colours[rest], seen[rest])
    bins, masses = np.concatenate([points[kept], bins]), np.concatenate([seen[kept], masses])
    for enough in (limit / 2, 0.0):  # seeds for half the error are nearly always enough, and are few
        merging = Merging(bins.astype(np.float32), masses.astype(float), len(kept), most, enough)
        palette, met = _smallest(merging, points, seen, limit, close)
        if met or merging.most == most:
            break
    return palette


def _smallest(
    merging: Merging, points: np.ndarray, seen: np.ndarray, limit: float, close: Callable[[np.ndarray], bool]
) -> tuple[Palette, bool]:
    """The smallest palette that keeps within `limit` and is `close`, and True; else the largest, and False."""
    fails, meets = merging.least - 1, merging.most
    tried: dict[int, Palette] = {}
    size = merging.size(limit)
    while True:
        centres = merging.centres(size)
        index = _nearest(points, centres)
        apart = points - centres[index]
        errors = np.einsum("ij,ij->i", apart, apart).astype(np.int64)
        tried[size] = Palette(centres.astype(np.uint8), index.astype(np.uint8), errors)
        error = float(errors @ seen)
        far = error > limit or not close(errors)
        fails, meets = (size, meets) if far else (fails, size)
        if meets - fails <= 1 and meets in tried:
            return tried[meets], meets > fails
        guess = (fails + meets) // 2
        if error > limit or not far:
            guess = merging.size(limit * merging.error(size) / max(error, 1))
        size = min(max(guess, fails + 1), max(meets - 1, fails + 1))


class Merging:
    """A palette of every size from `least` to `most`: seeds and their means, then two centres at a time become one.

    points: (m, 3) whole numbers in float32; seen: (m,) float64. The first `least` of them stay as they are. The seeds
    are at most `most`, and fewer when they bring the squared error to `enough`. Merging is Ward's (1963): those two
    centres that make the error grow least, by their squared distance over the sum of the inverse masses.
    """

    def __init__(self, points: np.ndarray, seen: np.ndarray, least: int, most: int, enough: float) -> None:
        self._seeds = points[_seeds(points, seen, least, most, enough)].astype(float)
        self.least, self.most = least, len(self._seeds)
        cluster = _nearest(points, self._seeds)
        self._masses = np.bincount(cluster, seen, self.most)
        sums = np.stack([np.bincount(cluster, seen * channel, self.most) for channel in points.T], axis=1)
        self._seeds[least:] = (sums / self._masses[:, None])[least:]
        self._merges: list[tuple[int, int, np.ndarray]] = []  # which centre takes in which, and where it is then
        self._errors = [float(seen @ ((points - self._seeds[cluster]) ** 2).sum(axis=1))]  # of most, most - 1, ...
        self._merge()

    def size(self, error: float) -> int:
        """The smallest with no more than an error, by an estimate that is good to a few colours."""
        return self.most - max(int(np.searchsorted(self._errors, error, side="right")) - 1, 0)

    def error(self, size: int) -> float:
        return self._errors[self.most - size]

    def centres(self, size: int) -> np.ndarray:
        """(size, 3) whole numbers in float32."""
        centres, left = self._seeds.copy(), np.ones(self.most, bool)
        for stays, goes, centre in self._merges[: self.most - size]:
            centres[stays], left[goes] = centre, False
        return np.round(centres[left]).astype(np.float32)

    def _merge(self) -> None:
        centres, masses = np.ascontiguousarray(self._seeds.T), self._masses.copy()
        inverse = np.where(np.arange(self.most) < self.least, 0, 1 / masses)  # what cannot move is infinitely heavy
        never = np.zeros(self.most)
        cost = np.stack([_ward(centres, inverse, one) for one in range(self.most)]).astype(np.float32)
        while len(self._merges) < self.most - max(self.least, 1):
            # of equals the first, so that those that stay as they are take in others
            stays, goes = divmod(int(cost.argmin()), self.most)
            self._errors.append(self._errors[-1] + float(cost[stays, goes]))
            if inverse[stays]:
                mass = masses[stays] + masses[goes]
                centres[:, stays] = (masses[stays] * centres[:, stays] + masses[goes] * centres[:, goes]) / mass
                masses[stays], inverse[stays] = mass, 1 / mass
            self._merges.append((stays, goes, centres[:, stays].copy()))
            never[goes] = cost[goes] = cost[:, goes] = np.inf
            cost[stays] = cost[:, stays] = _ward(centres, inverse, stays) + never


def _seeds(points: np.ndarray, seen: np.ndarray, least: int, most: int, enough: float) -> list[int]:
    """The first `least` points; then always the one that adds most to the squared error from the nearest seed."""
    channels = np.ascontiguousarray(points.T)
    seeds, nearest = list[int](), np.full(len(points), np.inf, np.float32)
    while True:
        seeds.append(len(seeds) if len(seeds) < least else int(np.argmax(seen * nearest)))
        nearest = np.minimum(nearest, _squares(channels, seeds[-1]))
        if len(seeds) >= least and (len(seeds) == most or seen @ nearest <= enough):
            return seeds


def _ward(centres: np.ndarray, inverse: np.ndarray, one: int) -> np.ndarray:
    """What merging one centre with each other costs: (3, n) and inverse masses (n,) -> (n,)."""
    both = inverse + inverse[one]
    cost = np.divide(_squares(centres, one), both, out=np.full(len(both), np.inf), where=both > 0)
    cost[one] = np.inf
    return cost


def _squares(channels: np.ndarray, one: int) -> np.ndarray:
    """Squared distances of points from one of them: (3, m) -> (m,)."""
    return ((channels - channels[:, one, None]) ** 2).sum(axis=0)


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
