"""Where programs run, by what JAX is told: no GPU is needed here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from render import device
from render.production import cache, manifest
from render.production.edition import Edition
from render.production.sources import ROOT
from render.terminal import accelerator
from render.training import threads
from scenes import SCENES
from tests.conftest import TINY_SCENE
from tests.test_cli import end, require_refused, start

# told at the end of a process: what the environment says of devices, and which JAX has started
TELL = """
import atexit, os, sys


def tell():
    jax = sys.modules.get("jax")
    started = [device.platform for device in jax.devices()] if jax else []
    print(os.environ.get("JAX_PLATFORMS"), *started, file=sys.stderr)


atexit.register(tell)
"""
VERBS = ("scene --name shrinking", "figure --name shrinking", "all", "check", "claims --refresh")


@pytest.fixture
def unsaid(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("JAX_PLATFORMS", "XLA_PYTHON_CLIENT_PREALLOCATE", *accelerator.ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_command_trains_on_the_cpu_unless_it_is_told_otherwise(unsaid: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unsaid.setenv("CUDA_VISIBLE_DEVICES", "")  # JAX, left to choose, finds the CPU on any machine
    (tmp_path / "sitecustomize.py").write_text(TELL)
    path = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    cases = {
        "scene --name shrinking -q --out one": ({}, "cpu cpu"),
        "check --name shrinking -q": ({"JAX_PLATFORMS": ""}, " cpu"),
        "figure --name shrinking -q --no-cache --device cpu": ({"JAX_PLATFORMS": "cuda"}, "cpu cpu"),
        "list --json": ({}, "cpu cpu"),
    }
    scenes = {"shrinking": str(TINY_SCENE)}
    running = [
        start(*words.split(), cwd=tmp_path, scenes=scenes, env=path | said) for words, (said, _) in cases.items()
    ]
    for ended, (_, told) in zip([end(process) for process in running], cases.values(), strict=True):
        assert ended.code == 0, ended
        assert ended.err.splitlines()[-1] == told


def test_a_gpu_that_is_not_there_is_one_line_and_nothing_is_written(unsaid: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unsaid.setenv("CUDA_VISIBLE_DEVICES", "")
    scenes = {"shrinking": str(TINY_SCENE), "align-uniform": SCENES["align-uniform"]}  # its targets are computed
    running = [start(*verb.split(), "--device", "gpu", cwd=tmp_path, scenes=scenes) for verb in VERBS]
    running.append(start("check", cwd=tmp_path, scenes=scenes, env={"JAX_PLATFORMS": "gpv"}))
    *asked, unknown = [end(process) for process in running]
    for ended in asked:
        require_refused(ended, "--device gpu: JAX finds no such device here")
    require_refused(unknown, "JAX_PLATFORMS=gpv: JAX finds no such device here")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_device_is_chosen_before_jax_is_imported_and_for_all_that_is_started(unsaid: pytest.MonkeyPatch) -> None:
    unsaid.setenv("JAX_PLATFORMS", "cpu")
    device.choose("gpu")
    assert os.environ["JAX_PLATFORMS"] == "cuda"
    assert os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    device.choose("cpu")
    assert os.environ["JAX_PLATFORMS"] == "cpu"
    assert threads.environment()["JAX_PLATFORMS"] == "cpu"


def test_runs_and_pictures_of_another_device_are_others(unsaid: pytest.MonkeyPatch) -> None:
    def keys() -> tuple[str, str]:
        reference = SCENES["dark-knowledge"]
        return cache.run_key(reference, {}, []), manifest.inputs_digest(reference, Edition(Path()), {})

    unsaid_keys = keys()
    unsaid.setenv("JAX_PLATFORMS", "cpu")
    assert keys() == unsaid_keys
    unsaid.setenv("JAX_PLATFORMS", "cuda")
    assert not set(keys()) & set(unsaid_keys)


def test_a_process_of_the_users_own_is_left_alone(unsaid: pytest.MonkeyPatch) -> None:
    script = """
import os, json, sys
before = dict(os.environ)
from render import Recorder
from render.metrics import report
import jax
print(json.dumps([dict(os.environ) == before, jax.config.jax_platforms, jax.config.jax_default_matmul_precision]))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, None, None]
