"""Encoder of lossless animations, WebP and APNG: every colour and delay as it was drawn, verified by reading back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageSequence
from PIL.PngImagePlugin import PngInfo

from render.encoding.encoders import Unverified
from render.film import Film

FORMATS = {"webp": "WEBP", "apng": "PNG"}


def write_film(path: Path, frames: Iterable[np.ndarray], film: Film, exact: Sequence[str], container: str) -> None:
    """Write frames (height, width) uint32 RGBA, fully opaque, as an endless WebP or APNG, each for its delay.

    Equal frames in a row become one that stands for all of their delays. exact: of no interest, all colours are. Alt
    text is in APNG's text chunk. Raises ValueError for no frames, Unverified, OSError.
    """
    kept, delays = _distinct(frames, film.delays)
    first, *others = (_image(frame) for frame in kept)
    options: dict[str, Any] = {"save_all": True, "append_images": others, "duration": delays, "loop": 0}
    if container == "webp":
        options |= {"lossless": True, "quality": 50, "method": 2, "minimize_size": False}
    else:
        texts = PngInfo()
        texts.add_itxt("Description", film.alt)
        options |= {"pnginfo": texts, "disposal": 0, "blend": 0}
    first.save(path, FORMATS[container], **options)
    _read_back(path, kept, delays)


def _distinct(frames: Iterable[np.ndarray], delays: Sequence[int]) -> tuple[list[np.ndarray], list[int]]:
    """Frames that differ from the one before, and for how long each is seen: Pillow merges others, or refuses them."""
    kept: list[np.ndarray] = []
    seen: list[int] = []
    for frame, delay in zip(frames, delays, strict=True):
        if kept and np.array_equal(kept[-1], frame):
            seen[-1] += delay
        else:
            kept.append(frame.copy())
            seen.append(delay)
    if not kept:
        raise ValueError("no frames to write")
    return kept, seen


def _image(frame: np.ndarray) -> Image.Image:
    rgb = np.ascontiguousarray(frame.view(np.uint8).reshape(*frame.shape, 4)[..., :3])
    return Image.fromarray(rgb)


def _read_back(path: Path, frames: Sequence[np.ndarray], delays: Sequence[int]) -> None:
    """Check of every frame's pixels and delay, of their number, and of the loop. Raises Unverified."""
    try:
        with Image.open(path) as file:
            read = list(_shown(file))
            loop = file.info.get("loop")
    except (EOFError, OSError, SyntaxError) as error:
        raise Unverified(f"{path.name} does not read back: {error}") from error
    if [delay for _, delay in read] != list(delays):
        raise Unverified(f"{path.name}: delays do not read back as they are, of {len(read)} frames for {len(frames)}")
    if loop != 0:
        raise Unverified(f"{path.name}: the loop flag did not read back as endless")
    for index, (frame, (pixels, _)) in enumerate(zip(frames, read, strict=True)):
        if not np.array_equal(pixels, np.asarray(_image(frame))):
            raise Unverified(f"{path.name}: frame {index} does not read back as drawn")


def _shown(file: Image.Image) -> Iterator[tuple[np.ndarray, int]]:
    for frame in ImageSequence.Iterator(file):
        pixels = np.asarray(frame.convert("RGB"))  # decoded before its delay is known
        yield pixels, round(frame.info["duration"])
