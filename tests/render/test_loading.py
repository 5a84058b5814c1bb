"""What a user types becomes a scene and its config, or a ValueError that says what to type instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import scenes
from render.loading import configure, is_file_reference, load_scene, overrides
from render.scene import Config, Scene
from tests.conftest import TINY_SCENE


@dataclass(frozen=True, kw_only=True)
class Kinds(Config):
    rate: float = 0.5
    kernel: str = "rbf"
    whiten: bool = False


@pytest.fixture
def kinds() -> Scene:
    return Scene(
        name="kinds",
        title="",
        subtitle="",
        alt="",
        post="",
        source="",
        output="kinds",
        layout=(),
        config=Kinds,
        init=lambda config, key: None,
        step=lambda config, state: state,
        measure=lambda config, state: {},
        panels=lambda config, goals: (),
    )


def test_a_scene_is_loaded_by_dotted_path_and_by_file() -> None:
    assert load_scene("scenes.three_states.neural_collapse").name == "neural-collapse"
    assert load_scene(str(TINY_SCENE)).name == "shrinking"


def test_a_file_of_a_package_finds_its_neighbours() -> None:
    scene = load_scene(str(Path(scenes.__file__).parent / "three_states" / "neural_collapse.py"))
    assert scene.name == "neural-collapse"


@pytest.mark.parametrize(
    ("reference", "is_file"),
    [("scenes.three_states.neural_collapse", False), ("mine.py", True), ("/a/b/mine.py", True), ("a/mine", True)],
)
def test_a_file_is_told_from_a_module(reference: str, is_file: bool) -> None:
    assert is_file_reference(reference) is is_file


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.py", None, "is no file: name a Python module that defines SCENE"),
        ("notes.txt", "SCENE = 1", "is no Python module: a scene is a .py file"),
        ("empty.py", "", "is no scene: it does not define SCENE"),
        ("number.py", "SCENE = 3", "is no scene: it does not define SCENE, a render.scene.Scene"),
        ("syntax.py", "SCENE = (", "cannot be imported: SyntaxError: "),
        ("imports.py", "import no_such_module_anywhere", "cannot be imported: ModuleNotFoundError: No module named"),
        ("fails.py", "1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        ("script.py", "raise SystemExit(0)", "cannot be imported: SystemExit: 0"),
    ],
)
def test_a_file_that_is_no_scene_is_named_with_what_is_wrong(
    tmp_path: Path, name: str, content: str | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match=re.escape(f"{path} {says}")):
        load_scene(str(path))


def test_a_folder_is_no_scene(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no file"):
        load_scene(str(tmp_path))


def test_ctrl_c_while_a_scene_is_imported_is_not_taken_for_a_mistake_in_it(tmp_path: Path) -> None:
    path = tmp_path / "interrupted.py"
    path.write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_scene(str(path))


def test_options_that_were_not_given_leave_the_default(kinds: Scene) -> None:
    assert configure(kinds, {"seed": None, "frames": 12, "steps": None}) == Kinds(frames=12)
    assert configure(kinds, {}) == Kinds()


def test_settings_are_typed_by_the_field(kinds: Scene) -> None:
    config = configure(kinds, {}, ["rate=1e-3", "kernel=a=b", "whiten=TRUE", "steps=99"])
    assert config == Kinds(rate=0.001, kernel="a=b", whiten=True, steps=99)
    assert configure(kinds, {}, ["whiten=true", "whiten=false"]).whiten is False  # the last one counts
    assert type(configure(kinds, {}, ["rate=2"]).rate) is float


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("rate", "--set rate: write it as key=value"),
        ("", "write it as key=value"),
        ("=3", "kinds has no ''; it has seed, frames, frame_ms, hold_ms, steps, rate, kernel, whiten"),
        ("rat=3", "--set rat=3: kinds has no 'rat'; did you mean 'rate'? it has seed, "),
        ("rate=fast", "--set rate=fast: rate takes a value of type float"),
        ("rate=", "--set rate=: rate takes a value of type float"),
        ("whiten=yes", "--set whiten=yes: whiten takes a value of type bool"),
        ("steps=1.5", "--set steps=1.5: steps takes a value of type int"),
        ("steps=1e3", "--set steps=1e3: steps takes a value of type int"),
        ("rate=nan", "rate=nan is not accepted: rate takes a finite number"),
        ("rate=1e999", "rate=inf is not accepted"),
        ("frames=1", "frames=1 is not accepted: frames takes 2 to 2000"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_the_way_out(kinds: Scene, setting: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        configure(kinds, {}, [setting])


def test_overrides_are_the_fields_that_differ_from_the_default() -> None:
    assert overrides(Kinds()) == {}
    assert overrides(Kinds(seed=0, rate=0.5, kernel="rbf")) == {}
    assert overrides(Kinds(seed=7, rate=0.25)) == {"seed": 7, "rate": 0.25}
