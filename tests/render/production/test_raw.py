"""Raw arrays: of the very run that is measured, at three frames, when they are asked for and never otherwise."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render.production import outputs, raw, runs
from render.production.cache import Cache
from render.production.edition import Edition
from render.scene import Scene
from render.stages import Stages
from render.training import trajectory
from render.training.checks import check
from scenes import SCENES
from tests.conftest import TINY_SCENE


@pytest.fixture(scope="module")
def with_raw(tiny: Scene) -> Scene:
    return dataclasses.replace(tiny, raw=lambda config, state: {"features": state.points, "total": state.points.sum()})


def refuses(*_: object) -> Any:
    raise AssertionError("raw arrays that nobody asked for")


@pytest.mark.parametrize(("frames", "kept"), [(7, [0, 3, 6]), (2, [0, 1, 1])])
def test_they_are_of_the_first_the_middle_and_the_last_frame_of_that_run(with_raw, frames, kept):
    run = trajectory.run(with_raw, with_raw.config(seed=5, frames=frames))
    found = raw.raw_arrays(with_raw, run.config, run.arrays)
    assert set(found) == {"raw/frame", "raw/features", "raw/total"}
    assert found["raw/frame"].tolist() == kept
    np.testing.assert_array_equal(found["raw/features"], run.arrays["points"][kept])
    np.testing.assert_allclose(found["raw/total"], run.arrays["points"][kept].sum(axis=(1, 2)), rtol=1e-5, atol=1e-5)


def test_a_run_a_check_and_a_picture_never_ask_for_them(tiny, tmp_path):
    scene = dataclasses.replace(tiny, raw=refuses)
    check(scene, seeds=2)
    outputs.produce(runs.of(scene, scene.config(), str(TINY_SCENE)), Edition(tmp_path))


def test_a_scene_without_them_is_not_run_again(tiny, tiny_run, monkeypatch):
    monkeypatch.setattr(trajectory, "run_raw", refuses)
    assert raw.raw_arrays(tiny, tiny_run.config, tiny_run.arrays) == {}


def test_what_would_take_too_much_memory_is_left_out_and_nothing_is_trained_for_it(with_raw, tiny_run, monkeypatch):
    monkeypatch.setattr(raw, "LIMIT_BYTES", 491)  # three frames of 20 points in the plane and a number: 492 bytes
    monkeypatch.setattr(trajectory, "run_raw", refuses)
    with pytest.warns(UserWarning, match="shrinking: raw arrays are left out: they would take 4.92e-07 GB"):
        assert raw.raw_arrays(with_raw, tiny_run.config, tiny_run.arrays) == {}


def test_a_run_that_is_not_the_one_recorded_to_the_last_bit_is_told(with_raw, tiny_run):
    ratio = np.array(tiny_run.arrays["ratio"])
    ratio[3] = np.nextafter(ratio[3], 1)
    with pytest.warns(UserWarning, match="rounded otherwise than the one recorded: 'ratio' differs by up to"):
        found = raw.raw_arrays(with_raw, tiny_run.config, {**tiny_run.arrays, "ratio": ratio})
    assert found.keys() == {"raw/frame", "raw/features", "raw/total"}


def test_the_file_holds_them_beside_what_is_measured(with_raw, tmp_path):
    outputs.produce(runs.of(with_raw, with_raw.config(), str(TINY_SCENE)), Edition(tmp_path), data=tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as data:
        assert set(data) == {"step", "labels", "points", "ratio", "raw/frame", "raw/features", "raw/total"}
        np.testing.assert_array_equal(data["raw/features"], data["points"][data["raw/frame"]])


def test_a_run_out_of_the_cache_has_them_too_whatever_its_delays(tmp_path: Path, monkeypatch):
    reference, cache = SCENES["mds-reconstruction"], Cache(tmp_path)
    options: dict[str, Any] = {"steps": 40, "frames": 20}
    trained = runs.find(reference, options, ("classes=5",), cache)
    expected = trained.raw(trained.recording(Stages()), Stages())
    monkeypatch.setattr(trajectory, "run", refuses)
    kept = runs.find(reference, {**options, "frame_ms": 200}, ("classes=5",), cache)
    found = kept.raw(kept.recording(Stages()), Stages())
    assert found.keys() == expected.keys() == {"raw/frame", "raw/kernel"}
    assert found["raw/kernel"].shape == (3, 5, 5)
    np.testing.assert_array_equal(found["raw/kernel"], expected["raw/kernel"])
