"""A scene becomes files: what is in them, and that the old ones stay when anything goes wrong."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import resource
import signal
import xml.etree.ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from render.encoding import gif
from render.loading import configure, overrides
from render.production import manifest, outputs, runs, writing
from render.production.edition import Edition
from render.production.outputs import TargetMissed, default_folder, produce, write_still
from render.scene import Scene
from render.target import Target
from render.training import trajectory
from render.training.trajectory import NotFinite
from tests.conftest import TINY_SCENE, TOLD_SCENE
from tests.reopen import reopen

REFERENCE = str(TINY_SCENE)


@pytest.fixture(scope="module")
def made(tiny: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the light and the dark rendering, and everything measured."""
    folder = tmp_path_factory.mktemp("made")
    produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(folder), data=folder / "run.npz")
    produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(folder, "dark"))
    return folder


@pytest.fixture
def before(tmp_path: Path) -> dict[str, bytes]:
    """Old files in tmp_path / "out", by name."""
    (tmp_path / "out").mkdir()
    for name in ("shrinking.gif", "shrinking-preview.png", "run.npz"):
        (tmp_path / "out" / name).write_text(f"old {name}")
    (tmp_path / "out" / "manifest.json").write_text('{"outputs": {"shrinking": {"seed": 1}}}')
    return content(tmp_path / "out")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_are_the_gif_its_poster_and_its_data_and_nothing_temporary_is_left(made: Path) -> None:
    names = {"shrinking.gif", "shrinking-preview.png", "shrinking-dark.gif", "shrinking-dark-preview.png"}
    assert content(made).keys() == names | {"run.npz", "manifest.json"}


def test_the_entry_says_what_was_drawn_from_what_with_which_numbers(made: Path) -> None:
    entry = json.loads((made / "manifest.json").read_text())["outputs"]["shrinking"]
    expected = {"name": "shrinking", "title": "Points shrink", "source": "none", "theme": "light", "seed": 0}
    expected |= {"frames": 6, "frame_ms": 60, "hold_ms": 1500, "width": 640, "height": 360}
    assert {key: entry[key] for key in expected} == expected
    assert entry["config"] == {"seed": 0, "frames": 6, "frame_ms": 60, "hold_ms": 1500, "steps": 10, "rate": 0.5}
    drawn, poster = (made / "shrinking.gif").read_bytes(), (made / "shrinking-preview.png").read_bytes()
    assert entry["bytes"] == len(drawn)
    digests = {"shrinking.gif": sha256(drawn).hexdigest(), "shrinking-preview.png": sha256(poster).hexdigest()}
    assert entry["files"] == digests
    assert entry["versions"].keys() >= {"jax", "numpy", "matplotlib"}
    ratio, start = entry["targets"]
    assert (ratio["name"], ratio["goal"], ratio["met"]) == ("ratio", "≤ 0.001", True)
    assert start == {"name": "start", "value": 1.0, "goal": "= 1 ± 1e-06", "met": True}
    with np.load(made / "run.npz") as data:
        assert ratio["value"] == data["ratio"][-1]
        assert entry["alt"].endswith(f"the ratio of variances falls to {data['ratio'][-1]:.6f}.")


def test_the_gif_has_its_frames_and_delays_and_the_poster_is_its_last_frame(made: Path) -> None:
    with Image.open(made / "shrinking.gif") as animation, Image.open(made / "shrinking-preview.png") as poster:
        assert (animation.n_frames, animation.size, poster.size) == (6, (640, 360), (640, 360))
        delays = []
        for frame in range(6):
            animation.seek(frame)
            delays.append(animation.info["duration"])
        assert delays == [60] * 5 + [1500]
        last, drawn = (np.asarray(image.convert("RGB"), int) for image in (animation, poster))
    assert np.abs(last - drawn).mean() < 0.5  # a palette lies between them


def test_a_folder_of_cards_and_stories_reopens_as_its_manifest_says(tmp_path: Path) -> None:
    for reference in (TINY_SCENE, TOLD_SCENE):
        produce(runs.find(str(reference)), Edition(tmp_path))
    produce(runs.find(str(TOLD_SCENE)), Edition(tmp_path, cut="column", theme="dark"))
    assert reopen(tmp_path) == 3
    listed = json.loads((tmp_path / "manifest.json").read_text())
    next(iter(listed["outputs"].values()))["hold_ms"] += 10
    (tmp_path / "manifest.json").write_text(json.dumps(listed))
    with pytest.raises(AssertionError):
        reopen(tmp_path)


def test_what_was_just_written_is_up_to_date_in_each_theme(made: Path) -> None:
    assert manifest.find_current(Edition(made), REFERENCE) == "shrinking"
    assert manifest.find_current(Edition(made, "dark"), REFERENCE) == "shrinking-dark"
    assert (made / "shrinking.gif").read_bytes() != (made / "shrinking-dark.gif").read_bytes()


def test_the_data_has_everything_measured_one_row_a_frame_and_the_labels(made: Path) -> None:
    with np.load(made / "run.npz") as data:
        shapes = {name: data[name].shape for name in data}
        assert shapes == {"step": (6,), "labels": (20,), "points": (6, 20, 2), "ratio": (6,)}
        assert data["step"].tolist() == [0, 2, 4, 6, 8, 10]


def test_anyone_can_recompute_the_numbers_from_the_data(made: Path) -> None:
    with np.load(made / "run.npz") as data:
        points, labels, ratio = data["points"].astype(float), data["labels"], data["ratio"]
    for frame in range(6):
        classes = [points[frame, labels == label] for label in (0, 1)]
        within = sum(((own - own.mean(axis=0)) ** 2).sum() for own in classes)
        between = sum(len(own) * ((own.mean(axis=0) - points[frame].mean(axis=0)) ** 2).sum() for own in classes)
        assert ratio[frame] == pytest.approx(within / between, rel=1e-4)
    assert ratio[3] / ratio[2] == pytest.approx(0.5**4, rel=1e-3)  # two steps, each halving distances


def test_the_same_run_has_the_same_bytes(made: Path, tiny: Scene, tmp_path: Path) -> None:
    again = produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path), data=tmp_path / "run.npz")
    assert again.path == tmp_path / "shrinking.gif"
    for name in ("shrinking.gif", "shrinking-preview.png", "run.npz"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes(), name


def test_without_a_poster_none_is_written_and_none_is_listed(tiny: Scene, tmp_path: Path) -> None:
    produced = produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path, poster=False))
    assert content(tmp_path).keys() == {"shrinking.gif", "manifest.json"}
    assert produced.entry["files"].keys() == {"shrinking.gif"}


def test_the_entry_is_of_what_this_run_wrote_also_when_another_writes_there_meanwhile(
    tiny: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs_digest = manifest.inputs_digest

    def meanwhile(*asked: Any) -> str:  # asked for when the entry is made: the files are in place
        (tmp_path / "shrinking.gif").write_text("of another run")
        return inputs_digest(*asked)

    produced = produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path))
    monkeypatch.setattr(manifest, "inputs_digest", meanwhile)
    again = produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path))
    assert again.entry["files"] == produced.entry["files"]
    monkeypatch.undo()
    assert manifest.find_current(Edition(tmp_path), REFERENCE) is None


def test_an_experiment_never_goes_where_the_blog_is_served_from(
    tiny: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "public_folder", lambda: tmp_path)
    assert default_folder(overrides(tiny.config()), own=True) == tmp_path
    assert default_folder(overrides(configure(tiny, {"seed": 0, "frames": 6}, ["rate=0.5"])), own=True) == tmp_path
    assert default_folder(overrides(configure(tiny, {"seed": 1})), own=True) == Path("out")
    assert default_folder(overrides(configure(tiny, {}, ["rate=0.25"])), own=True) == Path("out")
    assert default_folder(overrides(tiny.config()), own=False) == Path("out")


def impossible(tiny: Scene) -> Scene:
    goal = Target("ratio", "ratio", "at most", -1.0, "a ratio of squares is no less than 0")
    return dataclasses.replace(tiny, targets=lambda config: {"ratio": goal})


def test_a_default_run_that_misses_a_target_is_not_written(
    tiny: Scene, tmp_path: Path, before: dict[str, bytes]
) -> None:
    scene = impossible(tiny)
    with pytest.raises(TargetMissed, match=r"shrinking is not written, it misses: ratio is \S+, goal ≤ -1"):
        produce(runs.of(scene, scene.config(), REFERENCE), Edition(tmp_path / "out"), data=tmp_path / "out" / "run.npz")
    with pytest.raises(TargetMissed):
        write_still(runs.of(scene, scene.config(), REFERENCE), Edition(tmp_path / "out"), at=["last"], kind="png")
    assert content(tmp_path / "out") == before


def test_with_overrides_a_missed_target_is_reported_and_the_run_is_written(tiny: Scene, tmp_path: Path) -> None:
    scene = impossible(tiny)
    produced = produce(runs.of(scene, scene.config(seed=3), REFERENCE), Edition(tmp_path))
    assert produced.path.exists()
    assert [verdict.failed for verdict in produced.verdicts] == [True]
    assert [target["met"] for target in produced.entry["targets"]] == [False]
    assert produced.entry["seed"] == 3


@pytest.mark.parametrize("value", [jnp.nan, jnp.inf])
def test_a_number_that_is_not_finite_names_scene_array_and_frame_and_nothing_is_written(
    tiny: Scene, tmp_path: Path, before: dict[str, bytes], value: float
) -> None:
    scene = dataclasses.replace(  # counts its steps: 0, 2, 4, ... are measured, so step 5 is first seen in frame 3
        tiny,
        init=lambda config, key: (tiny.init(config, key), 0),
        step=lambda config, state: (tiny.step(config, state[0]), state[1] + 1),
        measure=lambda config, state: {
            **tiny.measure(config, state[0]),
            "norms": jnp.where(state[1] >= 5, value, jnp.ones(3)),
        },
        constants=lambda config, state: tiny.constants(config, state[0]),
    )
    with pytest.raises(NotFinite, match=r"shrinking: 'norms' is not finite in frame 3 \(step 6"):
        produce(runs.of(scene, scene.config(), REFERENCE), Edition(tmp_path / "out"))
    assert content(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("owner", "writer", "name"),
    [
        (gif, "write", "shrinking.gif"),
        (writing, "write_poster", "shrinking-preview.png"),
        (outputs, "_write_data", "run.npz"),
    ],
)
def test_when_the_disk_is_full_every_old_file_stays_and_the_message_names_the_file(
    tiny: Scene,
    tmp_path: Path,
    before: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    writer: str,
    name: str,
) -> None:
    def write(path: Path, *_: object) -> None:
        path.write_bytes(b"the first bytes")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(owner, writer, write)
    with pytest.raises(OSError, match="No space left on device") as caught:
        produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path / "out"), data=tmp_path / "out" / "run.npz")
    assert caught.value.filename == str(tmp_path / "out" / name)
    assert content(tmp_path / "out") == before


@contextmanager
def no_file_above_8_kb() -> Iterator[None]:
    """The system itself refuses to write on: the GIF is larger than that, and so may be a log of these tests."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_when_the_system_refuses_to_write_on_the_old_files_stay(
    tiny: Scene, tmp_path: Path, before: dict[str, bytes]
) -> None:
    with pytest.raises(OSError, match="File too large") as caught, no_file_above_8_kb():
        produce(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path / "out"))
    assert caught.value.filename == str(tmp_path / "out" / "shrinking.gif")
    assert content(tmp_path / "out") == before


def unwritable(tmp_path: Path) -> Path:
    if os.geteuid():
        folder = tmp_path / "read-only"
        folder.mkdir(mode=0o500)
        return folder
    return next(folder for folder in map(Path, ("/proc", "/System")) if folder.is_dir())  # not even for root


def test_where_nothing_can_be_written_nothing_is_trained(
    tiny: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(*_: object) -> None:
        raise AssertionError("trained first")

    monkeypatch.setattr(trajectory, "run", trained)
    (tmp_path / "file").touch()
    good, config, sealed = tmp_path / "good", tiny.config(), unwritable(tmp_path)
    for bad in (tmp_path / "file", tmp_path / "file" / "below", sealed, sealed / "below"):
        with pytest.raises(ValueError, match=r"is a file|cannot write to"):
            produce(runs.of(tiny, config, REFERENCE), Edition(bad))
        with pytest.raises(ValueError, match=r"is a file|cannot write to"):
            produce(runs.of(tiny, config, REFERENCE), Edition(good), data=bad / "run.npz")
        with pytest.raises(ValueError, match=r"is a file|cannot write to"):
            write_still(runs.of(tiny, config, REFERENCE), Edition(bad), at=["last"], kind="png")
    with pytest.raises(ValueError, match=r"is a folder: name a \.npz file"):
        produce(runs.of(tiny, config, REFERENCE), Edition(good), data=tmp_path)
    assert not good.exists()


def test_a_film_strip_is_its_stills_one_below_the_other(tiny: Scene, tmp_path: Path) -> None:
    config = tiny.config()
    strip = write_still(runs.of(tiny, config, REFERENCE), Edition(tmp_path), at=["first", "middle", "last"], kind="png")
    stills = [
        write_still(runs.of(tiny, config, REFERENCE), Edition(tmp_path), at=[at], kind="png") for at in ("0", "3", "5")
    ]
    assert strip.name == "shrinking-first-middle-last.png"
    assert [still.name for still in stills] == ["shrinking-0.png", "shrinking-3.png", "shrinking-5.png"]
    pixels = np.asarray(Image.open(strip))
    assert pixels.shape[:2] == (3 * 360, 640)
    for part, still in zip(np.split(pixels, 3), stills, strict=True):
        np.testing.assert_array_equal(part, np.asarray(Image.open(still)))


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_still_is_of_its_kind_and_has_the_same_bytes_twice(tiny: Scene, tmp_path: Path, kind: Any) -> None:
    paths = [
        write_still(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path / run, "dark"), at=["last"], kind=kind)
        for run in "ab"
    ]
    assert paths[0] == tmp_path / "a" / f"shrinking-dark-last.{kind}"
    data = paths[0].read_bytes()
    assert data == paths[1].read_bytes()
    assert content(tmp_path / "a").keys() == {paths[0].name}
    if kind == "svg":
        assert xml.etree.ElementTree.fromstring(data).tag == "{http://www.w3.org/2000/svg}svg"
    else:
        assert data.startswith(b"%PDF-" if kind == "pdf" else b"\x89PNG\r\n")


@pytest.mark.parametrize("frame", ["6", "-1", "", "middel", "1.5"])
def test_a_frame_that_the_run_does_not_have_is_refused(tiny: Scene, tmp_path: Path, frame: str) -> None:
    with pytest.raises(ValueError, match=f"no frame '{frame}': name first, middle, last or a number from 0 to 5"):
        write_still(runs.of(tiny, tiny.config(), REFERENCE), Edition(tmp_path / "out"), at=["first", frame], kind="png")
    assert not (tmp_path / "out").exists()


def test_pictures_and_data_go_through_links_and_replace_no_fifo(tiny: Scene, tmp_path: Path) -> None:
    run, folder = runs.of(tiny, tiny.config(), REFERENCE), tmp_path / "out"
    (tmp_path / "kept").mkdir()
    folder.mkdir()
    names = ["shrinking.gif", "shrinking-preview.png", "run.npz"]
    for name in names:
        (folder / name).symlink_to(f"../kept/{name}")
    produce(run, Edition(folder), data=folder / "run.npz")
    assert all((folder / name).is_symlink() for name in names)
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {*names}
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ValueError, match=r"a FIFO, which is not written to: name a \.npz file"):
        produce(run, Edition(folder), data=tmp_path / "fifo")
    (folder / "shrinking.gif").unlink()
    os.mkfifo(folder / "shrinking.gif")
    with pytest.raises(ValueError, match="a FIFO, which is not written to"):
        produce(run, Edition(folder))
    assert (folder / "shrinking.gif").is_fifo()
