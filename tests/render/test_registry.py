"""Scenes are found by name: the command's own first, then those of packages that are installed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from render import registry
from render.registry import Registry, entry_of, installed
from render.scene import Scene
from scenes import ENTRIES, LONGEST


def install(folder: Path, name: str, source: str) -> None:
    """A package with scenes of its own, as an installer would leave it."""
    (folder / f"{name}.py").write_text(source)
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{name} = {name}:SCENES\n")


def test_the_project_names_no_module_that_could_be_another_s() -> None:
    """A user's own `scenes` or `cli` would be loaded in its place: all that is named lies in the package `render`."""
    project = tomllib.loads((Path(registry.__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert not {"scripts", "gui-scripts"} & project.keys()
    assert project["entry-points"] == {registry.GROUP: {"frame-potential": "render.scenes:SCENES"}}


def test_scenes_of_other_packages_are_added_to_the_own_and_replace_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "theirs_b", 'SCENES = {"twice": "theirs_b.twice", "mine": "theirs_b.mine"}')
    install(tmp_path, "theirs_a", 'SCENES = {"twice": "theirs_a.twice"}')
    monkeypatch.syspath_prepend(tmp_path)
    assert {name: module for name, module in installed().items() if module.startswith("theirs_")} == {
        "twice": "theirs_a.twice",
        "mine": "theirs_b.mine",
    }
    found = Registry({"z": "own.z", "mine": "own.mine"})
    assert list(found)[:2] == ["z", "mine"]
    assert found["mine"] == "own.mine"
    assert found["twice"] == "theirs_a.twice"
    assert "no-such" not in found
    assert found.get("no-such") is None


def test_a_package_whose_scenes_cannot_be_loaded_is_left_out_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "theirs_broken", "raise RuntimeError('not today')")
    install(tmp_path, "theirs_list", "SCENES = ['a']")
    install(tmp_path, "theirs_whole", 'SCENES = {"whole": "theirs_whole.whole"}')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(UserWarning, match="are left out") as warned:
        assert installed()["whole"] == "theirs_whole.whole"
    said = [str(warning.message) for warning in warned]
    assert said[0] == "the scenes of theirs_broken:SCENES are left out: RuntimeError: not today"
    assert said[1].startswith("the scenes of theirs_list:SCENES are left out: AttributeError")


def test_own_names_are_known_without_looking_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "installed", lambda: pytest.fail("it looks"))
    assert Registry({"a": "own.a"})["a"] == "own.a"
    assert "a" in Registry({"a": "own.a"})


def test_an_entry_is_what_the_scene_tells(tiny: Scene) -> None:
    told = entry_of("tests.tiny_scene", tiny)
    assert told == ("tests.tiny_scene", "Points shrink", "none", "shrinking", 6, 2)


def test_scenes_that_start_first_are_scenes() -> None:
    assert set(LONGEST) <= ENTRIES.keys()
    assert len(set(LONGEST)) == len(LONGEST)
