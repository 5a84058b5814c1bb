"""The encoder: one palette for the whole animation, changed pixels only, exact delays, verified before it is kept.

A palette a frame makes pixels flicker that do not move; dithering does too. Here a colour is mapped once for the whole
clip, so a pixel changes in the file when it changed in the drawing and at no other time. Frames are taken one by one:
what is held is their changed pixels.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import GifImagePlugin, Image

TRANSPARENT = 255  # the last palette index; colours take those before it
MOST_FREQUENT = 64  # colours kept exactly: they cover nearly all pixels, the rest is antialiasing
LLOYD_ROUNDS = 8
OPAQUE = np.uint32(0xFF000000)


class Unverified(RuntimeError):
    """A written file did not read back as what was drawn."""


@dataclass(frozen=True)
class Patch:
    """What changed from the frame before: a rectangle, which of its pixels, and their colours in row-major order."""

    left: int
    top: int
    width: int
    height: int
    changed: np.ndarray  # packed bits
    colours: np.ndarray  # uint32


def write(
    path: Path,
    frames: Iterable[np.ndarray],
    frame_ms: int,
    hold_ms: int,
    comment: str = "",
    exact: Sequence[str] = (),
    colours: int = TRANSPARENT,
) -> None:
    """Write frames (height, width) uint32 RGBA, fully opaque, as an endless GIF; the last is held for `hold_ms`.

    frame_ms, hold_ms: multiples of 10 from 20. comment: alt text, in the comment block. exact: "#rrggbb" colours that
    must survive bit for bit. colours: size of the palette, up to 255 (one index means "as before").
    Raises ValueError for bad delays, palette or no frames, Unverified when the file does not read back as drawn,
    OSError when it cannot be written. The path is written in place: see `render.files.replacing`.
    """
    for delay in (frame_ms, hold_ms):
        if delay % 10 or not 20 <= delay <= 655_350:
            raise ValueError(f"delay of {delay} ms: a GIF's delays are multiples of 10 ms from 20 to 655350")
    if not 2 <= colours <= TRANSPARENT:
        raise ValueError(f"{colours} colours: a palette has 2 to {TRANSPARENT}")

    patches, counts, first, last = [], _Counts(), None, None
    for frame in frames:
        if last is not None and frame.shape != last.shape:
            raise ValueError(f"frame {len(patches)} has shape {frame.shape}, the one before {last.shape}")
        patches.append(_difference(last, frame))
        counts.add(patches[-1].colours)
        first, last = (frame if first is None else first), frame
    if first is None or last is None:
        raise ValueError("no frames to write")

    palette = choose_palette(*counts.total(), exact, colours)
    table = _lookup_table(counts.total()[0], palette)
    delays = [frame_ms] * (len(patches) - 1) + [hold_ms]
    height, width = first.shape
    with path.open("wb") as file:
        _write_header(file, width, height, palette, comment)
        for patch, delay in zip(patches, delays, strict=True):
            file.writelines(_encoded(patch, table, delay))
        file.write(b";")
    _verify(path, delays, [palette[table[frame & ~OPAQUE]] for frame in (first, last)])


def choose_palette(colours: np.ndarray, counts: np.ndarray, exact: Sequence[str], size: int) -> np.ndarray:
    """Up to `size` colours (n, 3) uint8: those of `exact` that occur, the most frequent, and centres of the rest.

    colours: distinct, (m,) uint32 RGBA; counts: (m,) pixels of each. The centres are a weighted k-means.
    """
    if len(colours) <= size:
        return _channels(colours)
    wanted = np.array([int.from_bytes(bytes.fromhex(c[1:]), "little") for c in exact], np.uint32) | OPAQUE
    order = np.argsort(-counts, kind="stable")
    order = np.concatenate([order[np.isin(colours[order], wanted)], order[~np.isin(colours[order], wanted)]])
    kept, rest = np.split(order, [min(MOST_FREQUENT, size // 2) + int(np.isin(colours, wanted).sum())])
    kept = kept[:size]
    if len(kept) == size:
        return _channels(colours[kept])
    centres = _weighted_kmeans(_channels(colours[rest]).astype(float), counts[rest].astype(float), size - len(kept))
    return np.concatenate([_channels(colours[kept]), np.round(centres).astype(np.uint8)])


def _weighted_kmeans(points: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    """Lloyd's algorithm from greedy seeds: points (m, 3), weights (m,), heaviest first -> centres (size, 3).

    Each seed is the point that adds most to the error of the seeds before it: rare colours far from all others count.
    """
    from scipy.spatial import cKDTree

    seeds, nearest_squared = [], np.full(len(points), np.inf)
    for seed in range(size):
        seeds.append(int(np.argmax(weights * nearest_squared)) if seed else 0)
        nearest_squared = np.minimum(nearest_squared, ((points - points[seeds[-1]]) ** 2).sum(axis=1))
    centres = points[seeds]
    for _ in range(LLOYD_ROUNDS):
        nearest = cKDTree(centres).query(points)[1]
        mass = np.bincount(nearest, weights, len(centres))
        sums = np.stack([np.bincount(nearest, weights * points[:, k], len(centres)) for k in range(3)], axis=1)
        centres = np.where(mass[:, None] > 0, sums / np.maximum(mass, 1e-9)[:, None], centres)
    return centres


def _lookup_table(colours: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Palette index of every 24-bit colour that occurs: (2^24,) uint8."""
    from scipy.spatial import cKDTree

    table = np.zeros(1 << 24, np.uint8)
    table[colours & ~OPAQUE] = cKDTree(palette.astype(float)).query(_channels(colours).astype(float))[1]
    return table


def _channels(colours: np.ndarray) -> np.ndarray:
    """(m,) uint32 RGBA -> (m, 3) uint8."""
    return np.ascontiguousarray(colours).view(np.uint8).reshape(-1, 4)[:, :3]


def _difference(before: np.ndarray | None, frame: np.ndarray) -> Patch:
    changed = np.ones(frame.shape, bool) if before is None else frame != before
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):  # nothing moved: one pixel that says "as before" keeps the frame and its delay
        return Patch(0, 0, 1, 1, np.packbits([False]), np.empty(0, np.uint32))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    changed, crop = changed[top:bottom, left:right], frame[top:bottom, left:right]
    return Patch(int(left), int(top), int(right - left), int(bottom - top), np.packbits(changed.ravel()), crop[changed])


class _Counts:
    """How many pixels each colour has had, kept merged."""

    def __init__(self) -> None:
        self._colours, self._counts = np.empty(0, np.uint32), np.empty(0, np.int64)
        self._pending: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, pixels: np.ndarray) -> None:
        self._pending.append(np.unique(pixels, return_counts=True))
        if len(self._pending) >= 32:
            self.total()

    def total(self) -> tuple[np.ndarray, np.ndarray]:
        """Distinct colours, sorted, and their counts."""
        if self._pending:
            parts = [(self._colours, self._counts), *self._pending]
            self._colours, inverse = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
            weights = np.concatenate([part[1] for part in parts])
            self._counts = np.bincount(inverse, weights, len(self._colours)).astype(np.int64)
            self._pending = []
        return self._colours, self._counts


def _write_header(file: BinaryIO, width: int, height: int, palette: np.ndarray, comment: str) -> None:
    """Logical screen with a global palette of 256, endless loop, comment (GIF89a specification, sections 18 to 26)."""
    padded = np.zeros((256, 3), np.uint8)
    padded[: len(palette)] = palette
    file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0b1111_0111, 0, 0) + padded.tobytes())
    file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
    text = comment.encode()
    if text:
        blocks = (text[start : start + 255] for start in range(0, len(text), 255))
        file.write(b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\x00")


def _encoded(patch: Patch, table: np.ndarray, delay: int) -> list[bytes]:
    """Control block, descriptor and LZW data of one frame, by Pillow."""
    size = patch.width * patch.height
    indices = np.full(size, TRANSPARENT, np.uint8)
    indices[np.unpackbits(patch.changed, count=size).view(bool)] = table[patch.colours & ~OPAQUE]
    image = Image.frombytes("L", (patch.width, patch.height), indices.tobytes())
    return GifImagePlugin.getdata(image, (patch.left, patch.top), duration=delay, transparency=TRANSPARENT, disposal=1)


def _verify(path: Path, delays: Sequence[int], ends: Sequence[np.ndarray]) -> None:
    """Reopen with imageio: size, frame count, delays, endless loop, and the pixels of the first and last frame."""
    import imageio.v3 as iio

    with iio.imopen(path, "r", plugin="pillow") as file:
        shape = file.properties(index=...).shape
        found = [file.metadata(index=index, exclude_applied=False)["duration"] for index in range(shape[0])]
        if found != list(delays):
            raise Unverified(f"{path.name}: delays read back as {found} ms, not {list(delays)}")
        if file.metadata(index=0).get("loop") != 0:
            raise Unverified(f"{path.name}: the loop flag did not read back as endless")
        for index, drawn in zip((0, len(delays) - 1), ends, strict=True):
            if not np.array_equal(file.read(index=index, mode="RGB"), drawn):
                raise Unverified(f"{path.name}: frame {index} does not read back as drawn")
