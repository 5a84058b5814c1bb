"""What was asked for becomes a recording: trained once, then taken from the cache without jax."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from render.picture.recording import Recording, to_bytes
from render.production import runs
from render.production.cache import Cache
from render.production.manifest import ROOT
from render.stages import Stages
from render.training import trajectory
from scenes import SCENES
from tests.conftest import TINY_SCENE

REFERENCE = SCENES["dark-knowledge"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def trained(cache: Cache) -> Recording:
    return runs.find(REFERENCE, cache=cache).recording(Stages())


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(trajectory, "run", run)


@pytest.mark.usefixtures("no_training")
def test_the_second_time_nothing_is_trained_and_the_recording_is_the_same(cache: Cache, trained: Recording) -> None:
    run = runs.find(REFERENCE, {"seed": None}, cache=cache)
    assert run.overrides == {}
    assert to_bytes(run.recording(Stages())) == to_bytes(trained)


@pytest.mark.usefixtures("no_training")
def test_other_delays_are_another_configuration_of_the_same_run(cache: Cache, trained: Recording) -> None:
    run = runs.find(REFERENCE, {"frame_ms": 200, "hold_ms": 4000}, cache=cache)
    assert run.overrides == {"frame_ms": 200, "hold_ms": 4000}
    recording = run.recording(Stages())
    assert recording.config == {**trained.config, "frame_ms": 200, "hold_ms": 4000}
    assert recording.overrides == run.overrides
    default = runs.find(REFERENCE, {"frame_ms": trained.config["frame_ms"]}, cache=cache)
    assert default.overrides == {}


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("options", [{"seed": 1}, {"frames": 20}])
def test_another_run_is_trained(cache: Cache, trained: Recording, options: Mapping[str, Any]) -> None:
    run = runs.find(REFERENCE, options, cache=cache)
    assert run.overrides == options
    with pytest.raises(AssertionError, match="trained again"):
        run.recording(Stages())
    with pytest.raises(AssertionError, match="trained again"):
        runs.find(REFERENCE, cache=None).recording(Stages())


def test_a_delay_that_no_gif_has_is_refused_before_the_cache_is_asked(cache: Cache) -> None:
    with pytest.raises(ValueError, match=r"frame_ms=15 is not accepted: frame_ms takes a multiple of 10"):
        runs.find(REFERENCE, {"frame_ms": 15}, cache=cache)


def test_a_scene_of_the_users_own_is_never_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    runs.find(str(TINY_SCENE), cache=cache).recording(Stages())
    assert [path for path in cache.files() if path.suffix == ".recording"] == []


def test_a_run_from_the_cache_imports_no_jax(cache: Cache, trained: Recording, tmp_path: Path) -> None:
    script = f"""
import json, sys
from pathlib import Path
from render.production import outputs, runs
from render.production.cache import Cache
from render.production.edition import Edition
run = runs.find({REFERENCE!r}, cache=Cache(Path({str(cache.folder)!r})))
outputs.produce(run, Edition(Path({str(tmp_path)!r}), "dark"))
print(json.dumps([name for name in ("jax", "optax", "sklearn", {REFERENCE!r}) if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert json.loads(done.stdout) == []
    assert (tmp_path / f"{trained.output}-dark.gif").exists()


def test_the_same_bytes_from_the_cache_as_from_training(cache: Cache, trained: Recording, tmp_path: Path) -> None:
    from render.production import outputs
    from render.production.edition import Edition

    for folder, run in {"kept": runs.find(REFERENCE, cache=cache), "new": runs.find(REFERENCE)}.items():
        outputs.produce(run, Edition(tmp_path / folder))
    kept, new = ({path.name: path.read_bytes() for path in (tmp_path / f).rglob("*.*")} for f in ("kept", "new"))
    assert kept == new


def test_compiled_programs_are_kept_for_another_process(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from render.production import runs
from render.production.cache import Cache
from render.stages import Stages
runs.find({str(TINY_SCENE)!r}, cache=Cache(Path({str(tmp_path)!r}))).recording(Stages())
"""
    kept = []
    for _ in range(2):
        subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=ROOT, check=True)
        kept.append({path: path.stat().st_mtime_ns for path in Cache(tmp_path).files()})
    assert kept[0]
    assert kept[0] == kept[1]
