"""What is installed from a wheel works as it does in a checkout; `make test-wheel` runs it, the suite does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import audit_example

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds, and nothing of the checkout."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, PROJECT], check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", target, wheel], check=True)
    return target


def render(installed: Path, cwd: Path, *arguments: str) -> str:
    """What the installed command prints, run where nothing of the checkout can be found."""
    code = f"import sys; sys.path[:] = [{str(installed)!r}] + [p for p in sys.path if p != {str(PROJECT)!r}]; "
    code += "import render; assert render.__file__.startswith(sys.path[0]), render.__file__; import cli; cli.main()"
    environment = {**os.environ, "FRAME_POTENTIAL_CACHE": str(cwd / "cache"), "PYTHONPATH": ""}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=True).stdout


def test_every_module_of_the_checkout_is_in_the_wheel(installed: Path) -> None:
    for package in ("render", "scenes"):
        names = {path.relative_to(PROJECT) for path in (PROJECT / package).rglob("*.py")}
        assert names == {path.relative_to(installed) for path in (installed / package).rglob("*.py")}


def test_the_fonts_and_their_licence_are_in_the_wheel(installed: Path) -> None:
    fonts = Path("render", "picture", "fonts")
    held = {path.name: path.read_bytes() for path in (installed / fonts).iterdir()}
    assert held == {path.name: path.read_bytes() for path in (PROJECT / fonts).iterdir()}
    assert held.keys() == {"DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf", "LICENSE"}


def test_the_installed_command_lists_scenes_draws_one_and_audits(installed: Path, tmp_path: Path) -> None:
    assert "neural-collapse" in render(installed, tmp_path, "list")
    render(installed, tmp_path, "scene", "--name", "rank-collapse", "--out", "drawn")
    assert (tmp_path / "drawn" / "jax-welch" / "rank-collapse.gif").stat().st_size > 10_000
    np_save = "import numpy as np; np.save('z.npy', np.random.default_rng(0).normal(size=(50, 4)))"
    subprocess.run([sys.executable, "-c", np_save], cwd=tmp_path, check=True)
    assert "participation_ratio" in render(installed, tmp_path, "audit", "z.npy", "--no-picture")


def test_scenes_are_found_by_their_entry_point(installed: Path) -> None:
    (points,) = installed.glob("frame_potential-*.dist-info/entry_points.txt")
    assert "[frame_potential.scenes]" in points.read_text()


def test_the_jax_example_of_the_docs_collapses_and_its_audit_is_drawn(installed: Path, tmp_path: Path) -> None:
    run = audit_example.run("jax", tmp_path, installed)
    assert len(list(run.glob("*.npz"))) == 81
    alarms = ("--fail-on", "collapse_ratio>0.02", "--fail-on", "low_rank_measure>0.1")
    render(installed, tmp_path, "audit", str(run), *alarms)
    drawn = {file.name for file in (tmp_path / "out").iterdir()}
    assert drawn == {f"digits-audit.{kind}" for kind in ("gif", "png", "json")}


def test_the_torch_example_of_the_docs_runs(installed: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    run = audit_example.run("torch", tmp_path, installed)
    assert len(list(run.glob("*.npz"))) == 21
    render(installed, tmp_path, "audit", str(run), "--no-picture")
