"""Every container holds the frames that were drawn, for their delays, and refuses what it cannot hold."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from render.encoding import encoders, lossless
from render.encoding.encoders import ENCODERS, Unverified
from tests.render.encoding.test_gif import packed

DELAYS = [1000, 60, 60, 60, 3000]
VIDEOS = ("mp4", "webm")


@pytest.fixture(autouse=True)
def known_codecs(request):
    if set(VIDEOS) & set(getattr(request.node, "callspec", SimpleNamespace(params={})).params.values()):
        pytest.importorskip("av", reason="PyAV is not installed: the extra 'video'")


def film(delays=DELAYS):
    return SimpleNamespace(delays=list(delays), alt="A square that moves, 3 × 3 “steps”")


def drawn(count: int = 5, height: int = 40, width: int = 62, equal: bool = False) -> list[np.ndarray]:
    """A square that moves over a smooth ground of many colours."""
    rows, columns = np.mgrid[:height, :width]
    ground = np.stack([2 * rows + 60, 3 * columns, 255 - 2 * rows], axis=-1).astype(np.uint8)
    found = []
    for frame in range(count):
        ground_now = ground.copy()
        at = 0 if equal else 8 * frame
        ground_now[10:20, at : at + 10] = (200, 30, 40)
        found.append(packed(ground_now))
    return found


def rgb(frame: np.ndarray) -> np.ndarray:
    return frame.view(np.uint8).reshape(*frame.shape, 4)[..., :3]


def written(tmp_path, container, frames, delays=DELAYS):
    path = tmp_path / f"clip.{container}"
    encoders.write(path, iter(frames), film(delays), (), container)
    return path


@pytest.mark.parametrize("container", [name for name in ENCODERS if name not in VIDEOS])
def test_a_picture_plays_every_frame_for_its_delay(tmp_path, container):
    frames = drawn()
    with Image.open(written(tmp_path, container, frames)) as file:
        assert file.size == (62, 40)
        assert file.info.get("loop") == 0
        for number, (frame, delay) in enumerate(zip(frames, DELAYS, strict=True)):
            file.seek(number)
            read = np.asarray(file.convert("RGB")).astype(int)
            assert file.info["duration"] == delay
            assert np.abs(read - rgb(frame)).max() <= (0 if container != "gif" else 40)


@pytest.mark.parametrize("container", [*VIDEOS])
@pytest.mark.parametrize("size", [(40, 62), (41, 63)])
def test_a_video_has_as_many_equal_pictures_as_delays_hold(tmp_path, container, size):
    frames = drawn(height=size[0], width=size[1])
    delays = [200, 60, 60, 60, 300]
    path = written(tmp_path, container, frames, delays)
    pictures = iio.imread(path, plugin="pyav")
    assert len(pictures) == sum(delays) // 20
    assert iio.immeta(path, plugin="pyav")["fps"] == pytest.approx(50)
    assert pictures.shape[1:3] == tuple(side + side % 2 for side in size)
    starts = np.cumsum([0, *delays[:-1]]) // 20
    for start, frame in zip(starts, frames, strict=True):
        off = np.abs(pictures[start, : size[0], : size[1]].astype(int) - rgb(frame))
        assert off.mean() < 6


@pytest.mark.parametrize("container", ["webp", "apng"])
def test_equal_frames_are_one_for_all_of_their_delays(tmp_path, container):
    frames = drawn(4, equal=True)
    frames[3] = drawn(4)[3]
    with Image.open(written(tmp_path, container, frames, [60, 70, 80, 90])) as file:
        assert file.n_frames == 2
        file.load()
        assert file.info["duration"] == 210


def test_an_apng_holds_the_alt_text(tmp_path):
    with Image.open(written(tmp_path, "apng", drawn())) as file:
        assert file.text["Description"] == film().alt


@pytest.mark.parametrize("container", [*ENCODERS])
def test_a_film_without_frames_is_refused(tmp_path, container):
    with pytest.raises(ValueError, match="no frames"):
        written(tmp_path, container, [], [])


@pytest.mark.parametrize("container", ["webp", "apng"])
def test_what_reads_back_otherwise_is_refused(tmp_path, container, monkeypatch):
    shown = lossless._shown
    monkeypatch.setattr(lossless, "_shown", lambda file: [(pixels ^ 1, delay) for pixels, delay in shown(file)])
    with pytest.raises(Unverified, match="frame 0"):
        written(tmp_path, container, drawn())
    monkeypatch.setattr(lossless, "_shown", lambda file: [*shown(file)][1:])
    with pytest.raises(Unverified, match="delays"):
        written(tmp_path, container, drawn())


@pytest.mark.parametrize("container", VIDEOS)
def test_a_video_of_another_picture_is_refused(tmp_path, container, monkeypatch):
    from render.encoding import video

    monkeypatch.setattr(video, "_decibels", lambda *pictures: 12.0)
    with pytest.raises(Unverified, match="first picture"):
        written(tmp_path, container, drawn(2), [60, 60])


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.delitem(sys.modules, "render.encoding.video", raising=False)
    with pytest.raises(ValueError, match=r"^mp4 needs the package av: pip install 'frame-potential\[video\]'$"):
        encoders.require("mp4")
