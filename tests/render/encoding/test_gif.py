"""What is written is reopened, by a reader and byte by byte, and held against what was drawn."""

from __future__ import annotations

import dataclasses
import struct
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import GifImagePlugin, Image

from render.encoding import gif, reading

OPAQUE = 0xFF000000


@pytest.fixture(autouse=True)
def usual_strategy(monkeypatch):
    """Pillow as it is when it is imported: readers set it for the whole process."""
    monkeypatch.setattr(GifImagePlugin, "LOADING_STRATEGY", GifImagePlugin.LoadingStrategy.RGB_AFTER_FIRST)


def packed(rgb: np.ndarray) -> np.ndarray:
    """(height, width, 3) uint8 -> (height, width) uint32, red in the lowest byte."""
    red, green, blue = (rgb[..., channel].astype(np.uint32) for channel in range(3))
    return red | green << 8 | blue << 16 | OPAQUE


@dataclass
class Parsed:
    """The blocks of a GIF89a file, read by the specification."""

    size: tuple[int, int] = (0, 0)
    palette: np.ndarray = field(default_factory=lambda: np.empty((0, 3), np.uint8))
    loop: int | None = None
    comment: bytes = b""
    delays: list[int] = field(default_factory=list)  # hundredths of a second
    disposals: list[int] = field(default_factory=list)
    places: list[tuple[int, int, int, int]] = field(default_factory=list)
    local_palettes: int = 0
    ended: bool = False


def parse(data: bytes) -> Parsed:
    assert data[:6] == b"GIF89a"
    width, height, flags = struct.unpack("<HHB", data[6:11])
    found, at = Parsed((width, height)), 13
    assert flags & 0x80
    length = 3 * 2 ** ((flags & 7) + 1)
    found.palette, at = np.frombuffer(data[at : at + length], np.uint8).reshape(-1, 3), at + length

    def sub_blocks() -> bytes:
        nonlocal at
        joined = b""
        while data[at]:
            joined += data[at + 1 : at + 1 + data[at]]
            at += 1 + data[at]
        at += 1
        return joined

    while data[at] != 0x3B:
        if data[at] == 0x21:
            kind, at = data[at + 1], at + 2
            content = sub_blocks()
            if kind == 0xF9:
                found.disposals.append(content[0] >> 2 & 7)
                found.delays.append(struct.unpack("<H", content[1:3])[0])
            elif kind == 0xFE:
                found.comment += content
            elif kind == 0xFF and content.startswith(b"NETSCAPE2.0"):
                found.loop = struct.unpack("<H", content[12:14])[0]
        else:
            assert data[at] == 0x2C
            found.places.append(struct.unpack("<HHHH", data[at + 1 : at + 9]))
            flags, at = data[at + 9], at + 11  # and the code size
            if flags & 0x80:
                found.local_palettes += 1
                at += 3 * 2 ** ((flags & 7) + 1)
            sub_blocks()
    found.ended = at == len(data) - 1
    return found


def few_colours(frames: int = 7, height: int = 23, width: int = 31, colours: int = 40) -> np.ndarray:
    """A square that moves over stripes: (frames, height, width, 3) uint8."""
    rng = np.random.default_rng(0)
    palette = rng.integers(0, 256, (colours, 3)).astype(np.uint8)
    clip = np.repeat(palette[np.arange(width) % colours][None, None], frames, axis=0).repeat(height, axis=1)
    for frame in range(frames):
        clip[frame, 4 : 4 + 5, 3 * frame : 3 * frame + 6] = palette[frame]
    return clip


def noisy(frames: int = 6, height: int = 60, width: int = 80) -> np.ndarray:
    """Thousands of colours, of which a part changes from frame to frame: (frames, height, width, 3) uint8."""
    rng = np.random.default_rng(1)
    clip = rng.integers(0, 256, (frames, height, width, 3)).astype(np.uint8)
    for frame in range(1, frames):
        stays = rng.random((height, width)) < 0.7
        clip[frame][stays] = clip[frame - 1][stays]
    return clip


def noise(spread: int, changes: Sequence[int], height: int = 60, width: int = 80) -> np.ndarray:
    """Colours near each other, and the number of pixels that may change before each frame: (frames, ..., 3) uint8."""
    rng = np.random.default_rng(spread)
    frames = [rng.integers(100, 100 + spread, (height, width, 3)).astype(np.uint8)]
    for change in changes:
        frame = frames[-1].copy()
        frame[rng.integers(0, height, change), rng.integers(0, width, change)] += 1
        frames.append(frame)
    return np.stack(frames)


def write(path: Path, clip: np.ndarray, frame_ms: int = 60, hold_ms: int = 1500, **how: Any) -> None:
    """A clip as a GIF, each frame for the same time but the last."""
    gif.write(path, map(packed, clip), [*[frame_ms] * (len(clip) - 1), hold_ms], **how)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clip.gif"


def test_few_colours_are_reproduced_exactly_in_every_frame(path):
    clip = few_colours()
    write(path, clip)
    np.testing.assert_array_equal(reading.frames(path), clip)


@pytest.mark.parametrize("colours", [2, 254, 255])
def test_up_to_255_colours_are_few(path, colours):
    rng = np.random.default_rng(2)
    palette = rng.permutation(np.stack(np.meshgrid(*[np.arange(0, 256, 32)] * 3), -1).reshape(-1, 3))[:colours]
    clip = palette.astype(np.uint8)[rng.integers(0, colours, (4, 20, 30))]
    clip[0].reshape(-1, 3)[:colours] = palette
    write(path, clip)
    np.testing.assert_array_equal(reading.frames(path), clip)


def test_the_bytes_have_size_frames_delays_an_endless_loop_and_one_palette(path):
    clip = few_colours()
    write(path, clip, 70, 2340)
    found = parse(path.read_bytes())
    assert found.size == (31, 23)
    assert len(found.places) == 7
    assert found.delays == [7] * 6 + [234]
    assert found.loop == 0
    assert found.local_palettes == 0
    assert found.ended


def test_a_reader_gets_size_frames_delays_and_loop(path):
    write(path, few_colours(), 70, 2340)
    assert reading.properties(path) == reading.Properties(7, 31, 23, (70,) * 6 + (2340,), 0)
    np.testing.assert_array_equal(reading.frame(path, 6), few_colours()[6])


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"no picture"])
def test_what_is_no_picture_is_an_oserror_to_its_reader(path, content):
    path.write_bytes(content)
    for read in (reading.properties, reading.frames):
        with pytest.raises(OSError, match=r"clip\.gif"):
            read(path)


def test_only_what_changed_is_written(path):
    clip = few_colours()
    write(path, clip)
    found = parse(path.read_bytes())
    assert found.places[0] == (0, 0, 31, 23)
    for place, before, after in zip(found.places[1:], clip, clip[1:], strict=False):
        rows, columns = np.nonzero((before != after).any(axis=2))
        assert place == (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert set(found.disposals) == {1}


@pytest.mark.parametrize(
    "comment",
    ["", "short", "Merkmale ziehen sich zusammen: Σ_W/Σ_B fällt auf 0,0003 — " * 12, "é" * 127, "é" * 128, "x" * 510],
)
def test_the_comment_holds_the_alt_text_whole(path, comment):
    write(path, few_colours(3), comment=comment)
    assert parse(path.read_bytes()).comment.decode() == comment
    with Image.open(path) as image:
        assert image.info.get("comment", b"") == comment.encode()


@pytest.mark.parametrize("still", [[0, 0, 0, 0], [0, 0, 1, 1, 1, 2], [0, 1, 1], [0]])
def test_identical_consecutive_frames_keep_their_count_and_delays(path, still):
    clip = few_colours()[still]
    write(path, clip)
    found = parse(path.read_bytes())
    assert found.delays == [6] * (len(still) - 1) + [150]
    assert len(found.places) == len(still)
    np.testing.assert_array_equal(reading.frames(path), clip)


@pytest.mark.parametrize("pixels", [2, 60], ids=["rare", "common"])
def test_exact_colours_survive_bit_for_bit_among_thousands(path, pixels):
    exact = ["#fbfaf6", "#ffffff", "#1c1b19", "#d55e00", "#0072b2", "#010203"]
    rng, clip = np.random.default_rng(3), noisy()
    frequent = rng.integers(0, 256, (300, 3)).astype(np.uint8)
    usual = rng.random(clip.shape[:3]) < 0.5
    clip[usual] = frequent[rng.integers(0, 300, usual.sum())]
    marks = np.zeros(clip.shape[:3], int)
    for index, colour in enumerate(exact):
        chosen = np.unravel_index(rng.choice(marks.size, pixels, replace=False), marks.shape)
        clip[chosen] = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
        marks[chosen] = index + 1
    assert len(np.unique(clip.reshape(-1, 3), axis=0)) > 5000
    write(path, clip, exact=exact)
    shown = reading.frames(path)
    for index in range(len(exact)):
        assert (marks == index + 1).any()
        np.testing.assert_array_equal(shown[marks == index + 1], clip[marks == index + 1])


def test_no_pixel_changes_that_did_not_change_in_the_drawing(path):
    clip = noisy()
    write(path, clip)
    shown = reading.frames(path)
    still = (clip[1:] == clip[:-1]).all(axis=-1)
    assert 0.5 < still.mean() < 0.9
    assert (shown[1:] == shown[:-1]).all(axis=-1)[still].all()


def test_a_change_that_the_palette_does_not_show_is_not_written(path):
    clip = noise(10, [4000, 3, 1, 0, 200, 1, 2, 3])
    write(path, clip)
    shown, unseen = reading.frames(path), 0
    pairs = zip(shown, shown[1:], clip, clip[1:], strict=False)
    for place, (before, after, drawn_before, drawn) in zip(parse(path.read_bytes()).places[1:], pairs, strict=True):
        rows, columns = np.nonzero((before != after).any(axis=2))
        if len(rows):
            assert place == (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
        else:
            assert place == (0, 0, 1, 1)
            unseen += (drawn_before != drawn).any()
    assert unseen


def test_one_colour_is_shown_as_one_colour_in_the_whole_clip(path):
    clip = noisy()
    write(path, clip)
    pairs = np.unique(np.stack([packed(clip).ravel(), packed(reading.frames(path)).ravel()]), axis=1)
    assert len(pairs[0]) == len(np.unique(pairs[0]))


def test_colours_of_a_smooth_clip_are_close_to_those_drawn(path):
    rows, columns = np.mgrid[0:80, 0:90]
    clip = np.stack([np.stack([2 * rows + frame, 2 * columns, rows + columns], axis=-1) for frame in range(6)]).astype(
        np.uint8
    )
    write(path, clip)
    error = reading.frames(path).astype(float) - clip
    assert 10 * np.log10(255**2 / (error**2).mean()) > 30  # decibels, PSNR


@pytest.mark.parametrize("colours", [2, 16, 100])
def test_a_smaller_palette_is_kept_to(path, colours):
    write(path, noisy(), colours=colours)
    assert len(np.unique(reading.frames(path).reshape(-1, 3), axis=0)) <= colours


@pytest.mark.parametrize("delay", [0, 7, 10, 15, -60, 65, 655_360])
@pytest.mark.parametrize("which", ["frame_ms", "hold_ms"])
def test_a_delay_that_gif_cannot_keep_raises_and_writes_nothing(path, delay, which):
    delays = {"frame_ms": 60, "hold_ms": 1500, which: delay}
    with pytest.raises(ValueError, match=f"{delay} ms.*multiples of 10"):
        write(path, few_colours(), **delays)
    assert not path.exists()


def test_the_longest_delay_is_kept(path):
    write(path, few_colours(), 20, 655_350)
    assert parse(path.read_bytes()).delays == [2] * 6 + [65_535]


def test_every_frame_has_a_delay_of_its_own(path):
    delays = [1000, 60, 60, 500, 20, 60, 3000]
    gif.write(path, map(packed, few_colours()), delays)
    assert parse(path.read_bytes()).delays == [delay // 10 for delay in delays]


@pytest.mark.parametrize("delays", [[60] * 6, [60] * 8, []])
def test_another_number_of_delays_than_of_frames_raises_and_writes_nothing(path, delays):
    with pytest.raises(ValueError, match=f"7 frames and {len(delays)} delays"):
        gif.write(path, map(packed, few_colours()), delays)
    assert not path.exists()


def test_no_frames_raise(path):
    with pytest.raises(ValueError, match="no frames"):
        gif.write(path, iter(()), [])
    assert not path.exists()


def test_a_change_of_shape_raises_with_the_frame_and_both_shapes(path):
    clip = [*map(packed, few_colours()), packed(few_colours(1, 24, 31)[0])]
    with pytest.raises(ValueError, match=r"frame 7 .*\(24, 31\).*\(23, 31\)"):
        gif.write(path, clip, [60] * 8)
    assert not path.exists()


@pytest.mark.parametrize("colours", [-1, 0, 1, 256, 1000])
def test_a_palette_of_another_size_than_2_to_255_raises(path, colours):
    with pytest.raises(ValueError, match=f"{colours} colours"):
        write(path, few_colours(), colours=colours)


def delayed(append):
    return lambda file, delta: append(file, dataclasses.replace(delta, delay=delta.delay + 10))


def recoloured(append):
    def changed(file, delta):
        append(file, dataclasses.replace(delta, indices=np.where(delta.indices == 3, 4, delta.indices)))

    return changed


def dropped(append):
    return lambda file, delta: None if delta.left == 6 else append(file, delta)


def doubled(append):
    return lambda file, delta: (append(file, delta), append(file, delta))


def garbled(append):
    def changed(file, delta):
        append(file, delta)
        if delta.left == 6:
            file.seek(-5, 1)
            file.write(b"\xff" * 3)
            file.seek(2, 1)

    return changed


@pytest.mark.parametrize("tampered", [delayed, recoloured, dropped, doubled, garbled])
def test_a_file_that_does_not_read_back_as_drawn_raises(path, monkeypatch, tampered):
    monkeypatch.setattr(gif, "_append", tampered(gif._append))
    with pytest.raises(gif.Unverified, match=r"clip\.gif"):
        write(path, few_colours())
    assert GifImagePlugin.LOADING_STRATEGY == GifImagePlugin.LoadingStrategy.RGB_AFTER_FIRST


def test_reading_back_leaves_pillow_as_it_was(path):
    write(path, few_colours())
    assert GifImagePlugin.LOADING_STRATEGY == GifImagePlugin.LoadingStrategy.RGB_AFTER_FIRST


def test_a_file_that_does_not_loop_raises(path, monkeypatch):
    header = gif._write_header

    def once(file, shape, palette, comment):
        header(file, shape, palette, comment)
        file.seek(-3, 1)
        file.write(b"\x01\x00\x00")

    monkeypatch.setattr(gif, "_write_header", once)
    with pytest.raises(gif.Unverified, match="loop"):
        write(path, few_colours())


def test_frames_are_taken_one_by_one_and_let_go(path):
    clip, alive, held = few_colours(12), [], []

    def frames():
        for rgb in clip:
            held.append([index for index, frame in enumerate(alive) if frame() is not None])
            frame = packed(rgb)
            alive.append(weakref.ref(frame))
            yield frame
            del frame

    gif.write(path, frames(), [60] * 12)
    assert len(held) == 12
    for asked_for, indices in enumerate(held):
        assert set(indices) <= {0, asked_for - 1}


def test_the_same_frames_are_the_same_bytes(tmp_path):
    for name in ("one.gif", "two.gif"):
        write(tmp_path / name, noisy(), comment="alt", exact=["#ffffff"])
    assert (tmp_path / "one.gif").read_bytes() == (tmp_path / "two.gif").read_bytes()


def decibels(shown: np.ndarray, drawn: np.ndarray) -> tuple[float, float]:
    """PSNR of a clip and of its worst frame, from decoded and drawn frames (frames, height, width, 3)."""
    errors = ((shown.astype(float) - drawn) ** 2).mean(axis=(1, 2, 3))
    clip, worst = 10 * np.log10(255**2 / np.maximum([errors.mean(), errors.max()], 1e-9))
    return clip, worst


def table(path: Path) -> tuple[int, int]:
    """Entries of the palette, and how many colours are shown."""
    return len(parse(path.read_bytes()).palette), len(np.unique(packed(reading.frames(path))))


@pytest.mark.parametrize("spread", [6, 9, 12])
def test_a_clip_is_as_close_as_it_has_to_be_and_no_closer(path, spread):
    clip = noise(spread, [900] * 7)
    assert len(np.unique(packed(clip))) > 255
    write(path, clip)
    assert 50 <= decibels(reading.frames(path), clip)[0] < 50.5


def test_a_frame_that_is_unlike_the_others_is_close_too(path):
    still = np.full((50, 60, 80, 3), 200, np.uint8)
    clip = np.concatenate([still, noise(14, []), still])
    write(path, clip)
    whole, worst = decibels(reading.frames(path), clip)
    assert whole > 60
    assert 45 <= worst < 45.5


def test_colours_too_many_to_be_close_get_the_whole_table(path):
    write(path, noisy())
    assert decibels(reading.frames(path), noisy())[0] < 50
    assert table(path) == (256, 255)


def test_a_clip_that_fewer_colours_show_as_well_gets_fewer(tmp_path):
    sizes = []
    for spread in (5, 7, 9, 11, 14):
        write(tmp_path / f"{spread}.gif", noise(spread, [900] * 7))
        sizes.append(table(tmp_path / f"{spread}.gif"))
    assert sizes == sorted(sizes)
    assert all(shown < entries <= max(4, 2 * shown) for entries, shown in sizes)
    assert len({entries for entries, _ in sizes}) > 1


def test_more_colours_than_sixteen_bits_number(path):
    rng = np.random.default_rng(4)
    first = rng.integers(0, 256, (250, 300, 3)).astype(np.uint8)
    second = first.copy()
    second[:100] = rng.integers(0, 256, (100, 300, 3))
    clip = np.stack([first, second, first])
    assert len(np.unique(packed(clip))) > 1 << 16
    write(path, clip)
    shown = reading.frames(path)
    np.testing.assert_array_equal(shown[0], shown[2])
    np.testing.assert_array_equal(shown[0, 100:], shown[1, 100:])
    assert decibels(shown, clip)[1] > 25
