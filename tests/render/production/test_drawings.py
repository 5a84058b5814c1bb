"""What a batch draws: the best scene in both themes where the blog serves it, and each scene once elsewhere."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from render.production import drawings, manifest
from render.production.batch import draw_all
from render.production.edition import Edition
from scenes import BEST, SCENES
from tests.conftest import TINY_SCENE, TOLD_SCENE

TWO = {"shrinking": str(TINY_SCENE), "gathering": str(TOLD_SCENE)}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edition:
    """What the blog serves, in an empty folder."""
    monkeypatch.setattr(manifest, "public_folder", lambda: tmp_path / "public")
    return Edition(tmp_path / "public")


def test_one_scene_is_drawn_in_both_themes_and_known_to_be_current(served: Edition) -> None:
    asked = drawings.of(TWO, served, dark=["gathering", "of another registry"])
    assert [drawing.label for drawing in asked] == ["shrinking", "gathering", "gathering, dark"]
    assert not any(drawing.is_current for drawing in asked)
    names = {outcome.name: outcome for outcome in draw_all(asked[1:])}
    assert {name: outcome.output for name, outcome in names.items()} == {
        "gathering": "told/gathering",
        "gathering, dark": "told/gathering-dark",
    }
    assert [drawing.is_current for drawing in asked] == [False, True, True]
    entries = manifest.read(served.folder)
    assert {key: entry["theme"] for key, entry in entries.items()} == {
        "told/gathering": "light",
        "told/gathering-dark": "dark",
    }
    (served.folder / "told" / "gathering-dark-preview.png").write_bytes(b"another")
    assert [drawing.is_current for drawing in asked] == [False, True, False]


@pytest.mark.parametrize(
    "looks", [{"theme": "dark"}, {"cut": "column"}, {"container": "webp"}, {"folder": Path("out")}]
)
def test_elsewhere_and_in_other_looks_each_scene_is_drawn_once(served: Edition, looks: dict) -> None:
    asked = drawings.of(TWO, dataclasses.replace(served, **looks), dark=["gathering"])
    assert [drawing.label for drawing in asked] == list(TWO)


def test_the_served_folder_is_known_by_any_of_its_names(served: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(served.folder.parent)
    asked = drawings.of(TWO, Edition(Path("public"), poster=False), dark=["shrinking"])
    assert [drawing.edition.output("shrinking") for drawing in asked[1:]] == ["shrinking", "shrinking-dark"]
    assert asked[2].edition.files("shrinking-dark") == ["shrinking-dark.gif"]


def test_the_best_picture_is_committed_in_both_themes() -> None:
    asked = drawings.of({BEST[0]: SCENES[BEST[0]]}, Edition(manifest.public_folder()), dark=BEST[:1])
    assert [drawing.edition.theme for drawing in asked] == ["light", "dark"]
    outputs = manifest.read(manifest.public_folder())
    light, dark = (drawing.edition.output("richness/rich-vs-lazy") for drawing in asked)
    same = ("name", "title", "alt", "message", "targets", "config", "frames", "width", "height")
    assert {key: outputs[light][key] for key in same} == {key: outputs[dark][key] for key in same}
    assert all((manifest.public_folder() / name).is_file() for name in outputs[dark]["files"])
