"""What the README shows, works."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from click import Group

import cli
from render import manifest
from render.checks import check
from render.loading import load_scene
from scenes import SCENES

README = (manifest.ROOT / "README.md").read_text()


def test_the_worked_example_is_a_scene_that_renders_and_meets_its_target_on_eight_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    path = tmp_path / "mercedes.py"
    path.write_text(code)
    monkeypatch.setattr(sys, "argv", ["render", "scene", "--file", str(path), "--out", str(tmp_path / "made")])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 0
    assert (tmp_path / "made" / "mercedes.gif").exists()
    (verdict,) = check(load_scene(str(path)), seeds=8)
    assert verdict.met == 8


def test_every_command_of_the_readme_parses() -> None:
    commands = re.findall(r"^render (.*?)(?:  +#.*)?$", README, flags=re.MULTILINE)
    assert len(commands) >= 7
    for line in commands:
        verb, *arguments = line.replace("'", "").split()
        assert isinstance(cli.render, Group)
        cli.render.commands[verb].make_context(verb, arguments)  # raises for an option that does not exist


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (manifest.ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", README):
        if target in ("is", "leaves"):  # prose: "make" the program
            continue
        assert f"\n{target}:" in makefile


def test_the_readme_shows_every_animation() -> None:
    for name, reference in SCENES.items():
        assert f"public/{load_scene(reference).output}.gif" in README, name
