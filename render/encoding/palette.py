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
BINS = 2048  # cells of similar colours, at most; each counts as one colour while palettes are built
COLOUR_BITS = np.uint32(0xFFFFFF)


@dataclass(frozen=True)
class Palette:
    """Palette `colours` (size, 3) uint8; each of the clip's m colours has an `index` (m,) and squared `errors` (m,)."""

    colours: np.ndarray
    index: np.ndarray
    errors: np.ndarray

    @property
    def bits(self) -> int:
        """Bits of an index, one index kept free for transparency; GIF requires at least 2."""
        return max(2, len(self.colours).bit_length())


class Seen:
    """Colours of a clip, numbered in order of appearance, and by how many pixels each frame changes their counts."""

    def __init__(self, pixels: int) -> None:
        self._numbers = np.zeros(1 << 24, np.uint16)  # number of each 24-bit colour, from 1; 0: not seen
        self._canvas = np.zeros(pixels, np.uint16)  # colour number of each pixel; 0: no frame yet
        self.colours = np.zeros(1, np.uint32)
        self._changes: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, places: np.ndarray, colours: np.ndarray) -> np.ndarray:
        """Add a frame: the pixels at `places` of the flat canvas now have `colours`, uint32 RGBA. -> their numbers."""
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
        starts = np.append(True, colours[1:] != colours[:-1])  # sort run starts only: a first frame is mostly runs
        fresh = np.unique(colours[starts])
        known, size = len(self.colours), len(self.colours) + len(fresh)
        if size > 1 << 16:
            self._numbers, self._canvas = self._numbers.astype(np.uint32), self._canvas.astype(np.uint32)
        self._numbers[fresh] = np.arange(known, size)
        self.colours = np.concatenate([self.colours, fresh])

    def numbers(self, frame: np.ndarray) -> np.ndarray:
        """Colour number of each pixel of a frame, all of whose colours were added before."""
        return self._numbers[frame & COLOUR_BITS]

    def totals(self) -> np.ndarray:
        """Pixels of each colour, summed over all frames: (m,), by number."""
        now, total = np.zeros((2, len(self.colours)), np.int64)
        now[0] = self._canvas.size
        for numbers, change in self._changes:
            now[numbers] += change
            total += now
        return total

    def errors(self, each: np.ndarray) -> np.ndarray:
        """Squared error of each frame, from that of each colour: (m,), by number -> (frames,)."""
        changes = [change @ each[numbers] for numbers, change in self._changes]
        return np.cumsum(changes) + self._canvas.size * int(each[0])


def largest_error(decibels: float, pixels: int) -> float:
    """Squared error, summed over pixels and 3 channels, at a PSNR of `decibels`: 3 pixels 255^2 / 10^(decibels/10)."""
    return 3 * pixels * 255**2 / 10 ** (decibels / 10)


def choose(
    colours: np.ndarray,
    seen: np.ndarray,
    exact: Sequence[str] = (),
    most: int = MOST,
    close: Callable[[np.ndarray], bool] = lambda errors: True,
) -> Palette:
    """Smallest palette of at most `most` colours that reaches CLIP_DB and that `close` accepts, or else the largest.

    colours: distinct, (m,) uint32 RGBA; seen: (m,) pixels of each. Those in `exact` ("#rrggbb") and the MOST_FREQUENT
    are kept unchanged, and so are all if they are at most `most`. close: squared errors (m,) -> whether acceptable.
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
    for enough in (limit / 2, 0.0):  # seeds down to half the error nearly always suffice, and are few
        merging = Merging(bins.astype(np.float32), masses.astype(float), len(kept), most, enough)
        palette, met = _smallest(merging, points, seen, limit, close)
        if met or merging.most == most:
            break
    return palette


def _smallest(
    merging: Merging, points: np.ndarray, seen: np.ndarray, limit: float, close: Callable[[np.ndarray], bool]
) -> tuple[Palette, bool]:
    """Smallest palette with an error of at most `limit` that `close` accepts, and True; else the largest, and False."""
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
    """Palettes of every size from `least` to `most`: the means of clusters around seeds, then merged two at a time.

    points: (m, 3) whole numbers in float32; seen: (m,) float64, their masses. The first `least` points stay fixed.
    There are at most `most` seeds, and fewer once the squared error is down to `enough`. Each merge joins the two
    centres that raise the error least, by |c_1 - c_2|^2 / (1/m_1 + 1/m_2). Source: Ward 1963.
    """

    def __init__(self, points: np.ndarray, seen: np.ndarray, least: int, most: int, enough: float) -> None:
        self._seeds = points[_seeds(points, seen, least, most, enough)].astype(float)
        self.least, self.most = least, len(self._seeds)
        cluster = _nearest(points, self._seeds)
        self._masses = np.bincount(cluster, seen, self.most)
        sums = np.stack([np.bincount(cluster, seen * channel, self.most) for channel in points.T], axis=1)
        self._seeds[least:] = (sums / self._masses[:, None])[least:]
        self._merges: list[tuple[int, int, np.ndarray]] = []  # (centre that stays, one that goes, merged mean)
        self._errors = [float(seen @ ((points - self._seeds[cluster]) ** 2).sum(axis=1))]  # at size most, most - 1, ...
        self._merge()

    def size(self, error: float) -> int:
        """Smallest size with at most this error: an estimate, good to a few colours."""
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
        inverse = np.where(np.arange(self.most) < self.least, 0, 1 / masses)  # a fixed colour is infinitely heavy
        never = np.zeros(self.most)
        cost = np.stack([_ward(centres, inverse, one) for one in range(self.most)]).astype(np.float32)
        while len(self._merges) < self.most - max(self.least, 1):
            # argmin takes the first of equal costs, so that fixed colours, which come first, absorb others
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
    """Indices of seeds: the first `least` points, then always the one with most mass * squared distance to a seed."""
    channels = np.ascontiguousarray(points.T)
    seeds, nearest = list[int](), np.full(len(points), np.inf, np.float32)
    while True:
        seeds.append(len(seeds) if len(seeds) < least else int(np.argmax(seen * nearest)))
        nearest = np.minimum(nearest, _squares(channels, seeds[-1]))
        if len(seeds) >= least and (len(seeds) == most or seen @ nearest <= enough):
            return seeds


def _ward(centres: np.ndarray, inverse: np.ndarray, one: int) -> np.ndarray:
    """Increase of the error when centre `one` merges with each other one: (3, n), inverse masses (n,) -> (n,)."""
    both = inverse + inverse[one]
    cost = np.divide(_squares(centres, one), both, out=np.full(len(both), np.inf), where=both > 0)
    cost[one] = np.inf
    return cost


def _squares(channels: np.ndarray, one: int) -> np.ndarray:
    """Squared distances of points from one of them: (3, m) -> (m,)."""
    return ((channels - channels[:, one, None]) ** 2).sum(axis=0)


def _bins(colours: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean colours (bins, 3) and masses (bins,) of cubic cells, the smallest of which at most BINS are occupied."""
    points, cells, bits = _channels(colours), np.arange(len(colours)), 8
    while cells.max() >= BINS:
        bits -= 1
        mask = np.uint32((0xFF >> bits ^ 0xFF) * 0x010101)
        cells = np.unique(colours & mask, return_inverse=True)[1]
    masses = np.bincount(cells, seen)
    sums = np.stack([np.bincount(cells, seen * points[:, k]) for k in range(3)], axis=1)
    return np.round(sums / masses[:, None]), masses


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Index of the nearest centre: points (m, 3), centres (n, 3), whole numbers -> (m,); the first of equal ones."""
    scale = np.concatenate([-2 * centres.T, (centres**2).sum(axis=1)[None]]).astype(np.float32)
    rows = np.ones((len(points), 4), np.float32)
    rows[:, :3] = points
    block = 65536 // len(centres)  # small products: BLAS starts threads for large ones, which takes longer
    return np.concatenate(
        [(rows[start : start + block] @ scale).argmin(axis=1) for start in range(0, len(rows), block)]
    )


def _channels(colours: np.ndarray) -> np.ndarray:
    """(m,) uint32 RGBA -> (m, 3) uint8."""
    return np.ascontiguousarray(colours).view(np.uint8).reshape(-1, 4)[:, :3]
