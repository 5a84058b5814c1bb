"""A GPU that is asked for: what is set, and what is said where JAX sees one that runs nothing. None is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from render.production.sources import ROOT
from render.terminal import accelerator
from tests.conftest import TINY_SCENE
from tests.test_cli import end, start

SCENES = {"shrinking": str(TINY_SCENE)}

# a jax that sees a device, and then fails as it is told to
FAKE = """
import os, sys

def devices():
    if {none}:
        raise RuntimeError("no devices")
    return ["cuda:0"]

def jit(function):
    {fails}
"""
BROKEN = {
    "an error": ("raise RuntimeError('CUDA_ERROR_NO_BINARY\\\\nfor\\x1b[31m this card')", "this card"),
    "a crash": ("os.abort()", "signal 6"),
    "silence": ("import time; time.sleep(60)", "no answer in 1 s"),
    "wrong numbers": ("return lambda x: 7.5", "as 7.5"),
    "no words": ("sys.exit(9)", "exit code 9"),
}


def fake(folder: Path, fails: str, none: bool = False) -> None:
    package = folder / "jax"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(FAKE.format(fails=fails, none=none))
    (package / "numpy.py").write_text("def eye(rows): return rows\n")


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("JAX_PLATFORMS", "XLA_PYTHON_CLIENT_PREALLOCATE"):  # and are put back as they were
        monkeypatch.setenv(name, "cpu")
    return monkeypatch


@pytest.mark.parametrize("kind", BROKEN)
def test_a_device_that_runs_nothing_is_said_in_a_line_and_the_cpu_is_taken(
    kind: str, unset: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    fails, told = BROKEN[kind]
    fake(tmp_path, fails)
    unset.setenv("PYTHONPATH", str(tmp_path))
    if kind == "silence":
        unset.setattr(accelerator, "WAIT_SECONDS", 1)
    accelerator.choose("gpu")
    said = capsys.readouterr().err
    assert "JAX sees a GPU and cannot use it" in said
    assert told in said
    assert "\x1b" not in said
    assert len(said.splitlines()) == 1
    assert os.environ["JAX_PLATFORMS"] == "cpu"


@pytest.mark.parametrize(("fails", "none"), [("return lambda x: 8.0", False), ("raise RuntimeError", True)])
def test_one_that_works_and_none_at_all_are_left_to_where_training_begins(
    fails: str, none: bool, unset: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    fake(tmp_path, fails, none)
    unset.setenv("PYTHONPATH", str(tmp_path))
    accelerator.choose("gpu")
    assert capsys.readouterr().err == ""
    assert os.environ["JAX_PLATFORMS"] == "cuda"


def test_the_trial_passes_where_jax_is_as_it_should_be(unset: pytest.MonkeyPatch) -> None:
    assert accelerator.trouble() == ""  # on the CPU


def test_a_command_whose_gpu_cannot_be_used_trains_on_the_cpu(tmp_path: Path) -> None:
    # the fake is what a process sees that is told to use a GPU before it starts: the trial, and no other
    folder = tmp_path / "fake"
    fake(folder, "raise RuntimeError('no kernel image is available')")
    (folder / "sitecustomize.py").write_text(
        "import os, sys\nif os.environ.get('JAX_PLATFORMS') != 'cuda':\n    sys.path.remove(os.environ['FAKE'])\n"
    )
    run = "scene --name shrinking -q --no-cache --out out --device gpu"
    path = {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "FAKE": str(folder)}
    ended = end(start(*run.split(), cwd=tmp_path, scenes=SCENES, env=path))
    assert ended.code == 0, ended
    assert "no kernel image is available): on the CPU" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert list((tmp_path / "out").glob("*.gif"))


TELL = """
import atexit, os, sys
atexit.register(lambda: print(os.environ["JAX_DEFAULT_MATMUL_PRECISION"],
    os.environ["NVIDIA_TF32_OVERRIDE"], sys.modules["jax"].config.jax_default_matmul_precision, file=sys.stderr))
"""


def test_every_product_of_a_command_is_in_full_precision_in_its_process_and_those_it_starts(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(TELL)
    path = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    ended = end(start("check", "--name", "shrinking", "-q", cwd=tmp_path, scenes=SCENES, env=path))
    assert ended.code == 0, ended
    assert ended.err.splitlines()[-1] == "highest 0 highest"
