"""What is installed from a wheel works as it does in a checkout; `make test-wheel` runs it, the suite does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests import audit_example

PROJECT = Path(__file__).parent.parent
UV = [sys.executable, "-m", "uv"]


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel: where its modules are, and its command."""

    modules: Path
    command: tuple[str | Path, ...]

    def run(self, cwd: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the command in a folder, with nothing of the checkout on the path."""
        environment = {**os.environ, "FRAME_POTENTIAL_CACHE": str(cwd / "cache"), "PYTHONPATH": "", **variables}
        return subprocess.run(
            [*self.command, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )

    def render(self, cwd: Path, *arguments: str | Path, **variables: str) -> str:
        """What the command prints, which must succeed."""
        ended = self.run(cwd, *arguments, **variables)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


CHECKOUT = Installed(PROJECT, (sys.executable, PROJECT / "cli.py"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and with the wheel that is built from it: what an old build/ holds is in neither."""
    folder = tmp_path_factory.mktemp("built")
    here = ["--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder]
    subprocess.run([*UV, "build", *here, PROJECT], check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment of its own, in a folder with a space, which has its dependencies from that of the tests."""
    folder = tmp_path_factory.mktemp("installed") / "an environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", wheel], check=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    modules = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    (modules / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(modules, (folder / "bin" / "render",))


def files_in(folder: Path) -> dict[str, Path]:
    """Every file of a folder by its path in there."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path for path in found}


def test_the_wheel_holds_the_checkout_as_one_package_and_nothing_else(wheel: Path) -> None:
    """Data too, whichever is added: all that lies in render/ is in the package."""
    whole = {f"render/{name}": path for name, path in files_in(PROJECT / "render").items()}
    whole |= {f"render/scenes/{name}": path for name, path in files_in(PROJECT / "scenes").items()}
    whole |= {f"render/public/seeds/{name}": path for name, path in files_in(PROJECT / "public" / "seeds").items()}
    whole |= {"render/cli.py": PROJECT / "cli.py", "render/public/claims.json": PROJECT / "public" / "claims.json"}
    with zipfile.ZipFile(wheel) as file:
        held = {name: file.read(name) for name in file.namelist() if ".dist-info/" not in name}
    (script,) = (name for name in held if ".data/" in name)
    assert script.endswith(".data/scripts/render")
    assert held.pop(script) == (PROJECT / "render" / "terminal" / "render").read_bytes()
    assert held == {name: path.read_bytes() for name, path in whole.items()}


def test_the_sdist_holds_no_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        tops = {name.split("/")[1] for name in file.getnames() if "/" in name}
    assert {"render", "scenes", "cli.py", "public"} <= tops
    assert not {"tests", "Makefile", ".ci"} & tops


def test_the_command_lists_scenes_and_audits(installed: Installed, tmp_path: Path) -> None:
    assert "neural-collapse" in installed.render(tmp_path, "list")
    np.save(tmp_path / "z.npy", np.random.default_rng(0).normal(size=(50, 4)))
    assert "participation_ratio" in installed.render(tmp_path, "audit", "z.npy", "--no-picture")


def test_pictures_are_those_of_the_checkout_and_are_known_to_be_up_to_date(
    installed: Installed, tmp_path: Path
) -> None:
    ask = ["all", "--only", "[cr]*-collapse", "--out", "drawn"]
    installed.render(tmp_path, *ask, "--jobs", "2")
    beside = tmp_path / "of the checkout"
    beside.mkdir()
    CHECKOUT.render(beside, *ask)
    drawn, expected = files_in(tmp_path / "drawn"), files_in(beside / "drawn")
    assert drawn.keys() == expected.keys()
    assert len(drawn) == 5
    for name in drawn.keys() - {"manifest.json"}:
        assert drawn[name].read_bytes() == expected[name].read_bytes(), name
    entries, theirs = (json.loads(files["manifest.json"].read_bytes())["outputs"] for files in (drawn, expected))
    assert entries == theirs
    assert "2 of 2 up to date" in installed.render(tmp_path, *ask)
    again = installed.render(tmp_path, "scene", "--name", "rank-collapse", "--out", "again", "--timings")
    assert "train" not in again, "it is in the cache"


def test_a_scene_of_a_file_imports_the_package(installed: Installed, tmp_path: Path) -> None:
    scene = tmp_path / "mine.py"
    text = (PROJECT / "tests" / "tiny_scene.py").read_text()
    scene.write_text(text.replace("import jax\n", "import jax\n\nimport render.scenes.toys  # of the wheel\n", 1))
    installed.render(tmp_path, "scene", "--file", "mine.py", "--out", "drawn")
    assert (tmp_path / "drawn" / "shrinking.gif").stat().st_size > 1_000


def test_the_ledger_is_read_from_the_package_and_made_anew_in_a_checkout_alone(
    installed: Installed, tmp_path: Path
) -> None:
    said, there = installed.run(tmp_path, "claims"), CHECKOUT.run(tmp_path, "claims")
    assert said.stdout == there.stdout
    assert len(said.stdout.splitlines()) > 100
    about = "render: warning: claims.json was made with other versions of packages than are installed"
    assert said.stderr.startswith(about) if there.stderr else not said.stderr
    refused = installed.run(tmp_path, "claims", "--refresh")
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert "public/claims.json, public/seeds/ and the table in docs/ledger.md of a checkout" in line
    assert not (tmp_path / "public").exists()


def test_modules_of_the_user_s_neither_break_the_command_nor_are_broken(installed: Installed, tmp_path: Path) -> None:
    """Of the names that a checkout has beside `render`, and of folders that only its root has."""
    for name in ("scenes", "public", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("whose = 'mine'\n")
    for name in ("cli", "setup"):
        (tmp_path / f"{name}.py").write_text("whose = 'mine'\n")
    for path in ("", str(tmp_path)):
        assert "rank-collapse" in installed.render(tmp_path, "list", "--long", PYTHONPATH=path)
        met = installed.render(tmp_path, "check", "--name", "rank-collapse", "--seeds", "1", PYTHONPATH=path)
        assert "4 of 4 targets met" in met
    code = "import cli, scenes, public, tests, setup, render.scenes\n"
    code += "assert {m.whose for m in (cli, scenes, public, tests, setup)} == {'mine'}; print(render.scenes.__file__)"
    python = installed.modules.parents[2] / "bin" / "python"
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(installed.modules)


@pytest.mark.parametrize("name", ["render.py", "render/__init__.py"])
def test_a_render_of_the_user_s_shadows_the_package_in_one_line(
    name: str, installed: Installed, tmp_path: Path
) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("print('this must not run')\n")
    (tmp_path / "cli.py").write_text("print('nor this')\n")
    ended = installed.run(tmp_path, "list", PYTHONPATH=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, "")
    place = f"render: {mine} stands before this command's package of the same name"
    assert ended.stderr == f"{place}: rename it, or take its folder off PYTHONPATH\n"
    assert "rank-collapse" in installed.render(tmp_path, "list")  # from the folder alone it is not found


def test_without_the_package_the_command_says_for_which_python(tmp_path: Path) -> None:
    alone = tmp_path / "render"
    alone.write_bytes((PROJECT / "render" / "terminal" / "render").read_bytes())
    bare = [sys.executable, "-I", "-S", alone]
    ended = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == f"render: its package is not installed for {sys.executable}\n"


def test_a_tool_of_its_own_draws_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """As someone who has only the wheel: in a clean environment, linked, with the newest versions or the lowest.

    $UV_RESOLUTION says which. To uv all that a tool depends on is indirect, so what it may take is resolved before.
    """
    (tmp_path / "empty").mkdir()
    places = {"UV_TOOL_DIR": str(tmp_path / "the tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    environment = {**os.environ, **places, "PYTHONPATH": ""}
    allowed = tmp_path / "allowed.txt"
    resolve = [*UV, "pip", "compile", "--quiet", "--python", sys.executable, "--output-file", allowed]
    subprocess.run([*resolve, PROJECT / "pyproject.toml"], env=environment, check=True, stdout=subprocess.DEVNULL)
    install = [*UV, "tool", "install", "--quiet", "--python", sys.executable, "--constraints", allowed, wheel]
    subprocess.run(install, env=environment, cwd=tmp_path, check=True)
    if os.environ.get("UV_RESOLUTION") == "lowest-direct":
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
        (lowest,) = (line.partition(">=")[2] for line in project["dependencies"] if line.startswith("jax>="))
        assert [*(tmp_path / "the tools").rglob(f"jax-{lowest}*.dist-info")], "jax is not the lowest"
    command = tmp_path / "bin" / "render"
    assert command.is_symlink()
    tool = Installed(tmp_path, (command,))
    told = tool.render(tmp_path / "empty", "scene", "--name", "neural-collapse")
    assert told.startswith("public/ts-neural-collapse.gif ")
    drawn = files_in(tmp_path / "empty" / "public")
    assert drawn.keys() == {"manifest.json", "ts-neural-collapse.gif", "ts-neural-collapse-preview.png"}


def test_the_jax_example_of_the_docs_collapses_and_its_audit_is_drawn(installed: Installed, tmp_path: Path) -> None:
    run = audit_example.run("jax", tmp_path, installed.modules)
    assert len(list(run.glob("*.npz"))) == 81
    alarms = ("--fail-on", "collapse_ratio>0.02", "--fail-on", "low_rank_measure>0.1")
    installed.render(tmp_path, "audit", str(run), *alarms)
    drawn = {file.name for file in (tmp_path / "out").iterdir()}
    assert drawn == {f"digits-audit.{kind}" for kind in ("gif", "png", "json")}


def test_the_torch_example_of_the_docs_runs(installed: Installed, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    run = audit_example.run("torch", tmp_path, installed.modules)
    assert len(list(run.glob("*.npz"))) == 21
    installed.render(tmp_path, "audit", str(run), "--no-picture")
