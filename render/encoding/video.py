"""Encoder of videos, MP4 (H.264) and WebM (VP9), of a constant rate: every delay is a whole number of pictures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio.v3 as iio
import numpy as np

from render.encoding.encoders import Unverified
from render.film import Film

CODECS: dict[str, tuple[str, dict[str, str]]] = {
    "mp4": ("libx264", {"crf": "18", "preset": "veryfast", "tune": "animation"}),
    "webm": ("libvpx-vp9", {"crf": "24", "b:v": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}),
}
PIXELS = "yuv420p"  # colours at half the resolution: what every browser plays, Safari too
BT709, RANGE = 1, 1  # said in the file, or a player guesses by the size: primaries, transfer and matrix; 16 to 235
LEAST_DB = 30.0  # of the first and the last picture, read back: more than 3 % of full scale off, and it is another one


def write_film(path: Path, frames: Iterable[np.ndarray], film: Film, exact: Sequence[str], container: str) -> None:
    """Write frames (height, width) uint32 RGBA as a video without sound, each shown for its delay.

    The rate is that of the largest delay that divides all others; a frame is as many pictures as its delay holds. An
    odd width or height grows by one pixel, its last line twice, since colours are kept of 2 by 2 pixels. exact: no
    colour is. Raises ValueError for no frames, Unverified, OSError.
    """
    unit = math.gcd(*film.delays) or 10
    rate, counts = Fraction(1000, unit), [delay // unit for delay in film.delays]
    codec, options = CODECS[container]
    first = last = None
    with av.open(str(path), "w", format=container) as file:
        stream = None
        time = 0
        for frame, count in zip(frames, counts, strict=True):
            last = _even(frame)
            if stream is None:
                first = last
                stream = _stream(file, codec, rate, options, last.shape)
            for _ in range(count):
                picture = av.VideoFrame.from_ndarray(last, format="rgb24").reformat(format=PIXELS, dst_colorspace=BT709)
                picture.pts, time = time, time + 1
                file.mux(stream.encode(picture))
        if stream is None or first is None or last is None:
            raise ValueError("no frames to write")
        file.mux(stream.encode())
    _read_back(path, container, sum(film.delays), unit, first, last)


def _stream(file: Any, codec: str, rate: Fraction, options: dict[str, str], shape: tuple[int, ...]) -> Any:
    stream = file.add_stream(codec, rate=rate, options=options)
    stream.height, stream.width = shape[:2]
    stream.pix_fmt = PIXELS
    stream.codec_context.time_base = 1 / rate
    stream.codec_context.color_range = RANGE
    stream.codec_context.colorspace = stream.codec_context.color_primaries = stream.codec_context.color_trc = BT709
    return stream


def _even(frame: np.ndarray) -> np.ndarray:
    """The frame (height, width, 3), both even."""
    rgb = np.ascontiguousarray(frame).view(np.uint8).reshape(*frame.shape, 4)[..., :3]
    return np.ascontiguousarray(np.pad(rgb, [(0, frame.shape[0] % 2), (0, frame.shape[1] % 2), (0, 0)], mode="edge"))


def _read_back(path: Path, container: str, duration: int, unit: int, first: np.ndarray, last: np.ndarray) -> None:
    """Check of the number of pictures, size, and the first and last picture. Raises Unverified."""
    try:
        with iio.imopen(path, "r", plugin="pyav") as file:
            count, start, end = 0, None, None
            for end in file.iter(format="rgb24"):
                start, count = end if start is None else start, count + 1
    except (av.FFmpegError, OSError, IndexError) as error:
        raise Unverified(f"{path.name} does not read back: {error}") from error
    if count * unit != duration:
        raise Unverified(f"{path.name}: lasts {count * unit} ms, not {duration}")
    for name, drawn, read in (("first", first, start), ("last", last, end)):
        if read is None or drawn.shape != read.shape or _decibels(drawn, read) < LEAST_DB:
            raise Unverified(f"{path.name}: the {name} picture does not read back as drawn")


def _decibels(drawn: np.ndarray, read: np.ndarray) -> float:
    """Peak signal to noise ratio."""
    error = np.mean((drawn.astype(np.float32) - read) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)
