"""GIF encoder: one palette for the whole animation, changed pixels only, exact delays, verified before it is kept.

One palette per frame makes unchanged pixels flicker, and so does dithering. With one palette for the whole clip a pixel
changes in the file only when it changed in the drawing. Frames are consumed one by one, and only their changed pixels
are kept. A second thread encodes while earlier frames are read back.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import GifImagePlugin, Image, ImageFile

from render.encoding.encoders import Unverified
from render.encoding.palette import FRAME_DB, MOST, Palette, Seen, choose, largest_error
from render.film import Film

GAP = 4  # longest run of unchanged pixels that is written again instead of left transparent: LZW finds longer matches
AHEAD = 2  # frames queued for the encoding thread


@dataclass(frozen=True)
class Patch:
    """Changes since the previous frame: `places`, ascending int32 indices of the flat canvas, and colour `numbers`."""

    places: np.ndarray
    numbers: np.ndarray


@dataclass(frozen=True)
class Delta:
    """One frame of the file: a rectangle of palette indices (height, width) uint8; `same` is the transparent one."""

    left: int
    top: int
    indices: np.ndarray
    same: int
    delay: int


def write_film(path: Path, frames: Iterable[np.ndarray], film: Film, exact: Sequence[str], container: str) -> None:
    """A GIF of a film's drawn frames, its alt text in the comment: see `write`."""
    write(path, frames, film.delays, film.alt, exact)


def write(
    path: Path,
    frames: Iterable[np.ndarray],
    delays: Sequence[int],
    comment: str = "",
    exact: Sequence[str] = (),
    colours: int = MOST,
) -> None:
    """Write frames (height, width) uint32 RGBA, fully opaque, as an endless GIF, each for its delay.

    delays: one a frame, in milliseconds, multiples of 10 from 20. comment: alt text, in the comment block. exact:
    "#rrggbb" colours that must survive bit for bit. colours: the most that the palette may have, up to 255; it has as
    few as CLIP_DB and FRAME_DB allow. Raises ValueError for bad delays, palette or no frames, Unverified when the file
    does not read back as drawn, OSError when it cannot be written. The path is written in place: see
    `render.files.replacing`.
    """
    for delay in delays:
        if delay % 10 or not 20 <= delay <= 655_350:
            raise ValueError(f"delay of {delay} ms: a GIF's delays are multiples of 10 ms from 20 to 655350")
    if not 2 <= colours <= MOST:
        raise ValueError(f"{colours} colours: a palette has 2 to {MOST}")
    patches, seen, first, last = _taken(frames)
    if len(patches) != len(delays):
        raise ValueError(f"{len(patches)} frames and {len(delays)} delays: each frame has one")
    limit = largest_error(FRAME_DB, first.size)
    palette = choose(seen.colours, seen.totals(), exact, colours, lambda errors: seen.errors(errors).max() <= limit)
    deltas = _deltas(patches, palette, first.shape, delays)
    rgba = np.insert(palette.colours, 3, 255, axis=1).view(np.uint32)[palette.index, 0]
    reading = _read_back(path, delays, {0: first, len(patches) - 1: last}, lambda frame: rgba[seen.numbers(frame)])
    with path.open("wb") as file, closing(reading), ThreadPoolExecutor(1) as encoder:
        _write_header(file, first.shape, palette, comment)
        waiting: deque[Future[None]] = deque()
        for delta in deltas:
            waiting.append(encoder.submit(_append, file, delta))
            if len(waiting) > AHEAD:
                waiting.popleft().result()
                next(reading)
        for written in waiting:
            written.result()
            next(reading)
        file.write(b";")
        file.flush()
        next(reading, None)


def _taken(frames: Iterable[np.ndarray]) -> tuple[list[Patch], Seen, np.ndarray, np.ndarray]:
    """The changed pixels of every frame, the clip's colours, and the first and last frame."""
    patches: list[Patch] = []
    first, last, seen = None, None, None
    for frame in frames:
        if first is None or last is None or seen is None:
            first, last, seen = frame, ~frame, Seen(frame.size)  # every pixel differs from the complement
        if frame.shape != last.shape:
            raise ValueError(f"frame {len(patches)} has shape {frame.shape}, the one before {last.shape}")
        places = np.flatnonzero(frame != last).astype(np.int32)
        patches.append(Patch(places, seen.add(places, frame.ravel()[places])))
        last = frame
    if first is None or last is None or seen is None:
        raise ValueError("no frames to write")
    return patches, seen, first, last


def _deltas(
    patches: Sequence[Patch], palette: Palette, shape: tuple[int, ...], delays: Sequence[int]
) -> Iterator[Delta]:
    """Each frame as the smallest rectangle that holds all pixels whose palette index changes."""
    same, width = (1 << palette.bits) - 1, shape[1]
    shown, canvas = np.full(shape, same, np.uint8), np.full(shape, same, np.uint8)
    flat_shown, flat_canvas = shown.ravel(), canvas.ravel()
    for patch, delay in zip(patches, delays, strict=True):
        indices = palette.index[patch.numbers]
        differs = indices != flat_shown[patch.places]
        places = patch.places[differs]
        if not len(places):  # nothing changes: one transparent pixel carries the delay
            yield Delta(0, 0, np.full((1, 1), same, np.uint8), same, delay)
            continue
        flat_shown[places] = indices[differs]
        if len(places) == shown.size:
            yield Delta(0, 0, shown.copy(), same, delay)
            continue
        gaps = np.diff(places)
        short = np.flatnonzero((gaps > 1) & (gaps <= GAP + 1))
        between = places[short, None] + np.arange(1, GAP + 1, dtype=np.int32)
        drawn = np.concatenate([places, between[between < places[short + 1, None]]])
        flat_canvas[drawn] = flat_shown[drawn]
        rows = places // width
        columns = places - rows * width
        top, left = int(rows[0]), int(columns.min())
        yield Delta(left, top, canvas[top : rows[-1] + 1, left : columns.max() + 1].copy(), same, delay)
        flat_canvas[drawn] = same


def _append(file: BinaryIO, delta: Delta) -> None:
    """Control block, descriptor and LZW data of one frame (GIF89a specification, sections 20 to 23)."""
    height, width = delta.indices.shape
    bits = delta.same.bit_length()
    stays_with_a_clear_index = 0b101
    file.write(b"!\xf9\x04" + struct.pack("<BHBB", stays_with_a_clear_index, delta.delay // 10, delta.same, 0))
    file.write(b"," + struct.pack("<HHHHBB", delta.left, delta.top, width, height, 0, bits))
    tile = ImageFile._Tile("gif", (0, 0, width, height), 0, ("L", bits, 0))
    ImageFile._save(Image.fromarray(delta.indices), file, [tile])  # for a real file Pillow releases the GIL
    file.write(b"\x00")
    file.flush()


def _write_header(file: BinaryIO, shape: tuple[int, ...], palette: Palette, comment: str) -> None:
    """Logical screen with a global palette, endless loop, comment (GIF89a specification, sections 17 to 26)."""
    height, width = shape
    padded = np.zeros((1 << palette.bits, 3), np.uint8)
    padded[: len(palette.colours)] = palette.colours
    file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0b1111_0000 | palette.bits - 1, 0, 0))
    file.write(padded.tobytes() + b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
    text = comment.encode()
    if text:
        blocks = (text[start : start + 255] for start in range(0, len(text), 255))
        file.write(b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\x00")


def _read_back(
    path: Path, delays: Sequence[int], ends: Mapping[int, np.ndarray], shown: Callable[[np.ndarray], np.ndarray]
) -> Generator[None]:
    """Check of the file: number of frames, delays, endless loop, and pixels of the frames in `ends` (number -> frame).

    shown: frame as drawn -> in palette colours. Advance this generator after each written frame, and once at the end:
    a frame is decoded once, while later ones are encoded. Raises Unverified.
    """
    strategy = GifImagePlugin.LOADING_STRATEGY  # the usual one converts every frame to RGB
    GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
    try:
        with GifImagePlugin.GifImageFile(path) as file:
            for index, delay in enumerate(delays):
                file.seek(index)
                if file.info["duration"] != delay:
                    raise Unverified(f"{path.name}: frame {index} lasts {file.info['duration']} ms, not {delay}")
                if index in ends:
                    pixels = np.asarray(file.convert("RGBA")).view(np.uint32)[..., 0]
                    if not np.array_equal(pixels, shown(ends[index])):
                        raise Unverified(f"{path.name}: frame {index} does not read back as drawn")
                yield
            if file.info.get("loop") != 0:
                raise Unverified(f"{path.name}: the loop flag did not read back as endless")
            if file.n_frames != len(delays):
                raise Unverified(f"{path.name}: {file.n_frames} frames, not {len(delays)}")
    except (EOFError, OSError, SyntaxError) as error:
        raise Unverified(f"{path.name} does not read back: {error}") from error
    finally:
        GifImagePlugin.LOADING_STRATEGY = strategy
