"""`render.show`: what is there is shown as it is, the rest from the cache or trained, and what is wrong in one line."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jax
import numpy as np
import pytest
from PIL import Image

import render
from render import notebook
from render.notebook import Shown, show
from render.production import batch, manifest
from render.production.cache import Cache
from render.production.edition import Edition
from render.scene import Scene
from tests.conftest import TINY_SCENE, TOLD_SCENE

PROJECT = Path(render.__file__).parents[1]


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of what the blog serves, and a package that adds two scenes to the group."""
    modules = {"gathering": TOLD_SCENE, "shrinking": TINY_SCENE}
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "__init__.py").write_text(f"SCENES = {{n: 'theirs.' + n for n in {list(modules)}}}\n")
    for name, source in modules.items():
        (tmp_path / "theirs" / f"{name}.py").write_text(source.read_text())
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(notebook, "installed", lambda: {name: f"theirs.{name}" for name in modules})
    monkeypatch.setattr(manifest, "public_folder", lambda: tmp_path / "public")
    monkeypatch.setenv("FRAME_POTENTIAL_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "public"
    for name in ("theirs", *(f"theirs.{name}" for name in modules)):
        sys.modules.pop(name, None)


class Picture(HTMLParser):
    """The one tag of what a notebook is given, its attributes and the animation in it."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self.tags: list[dict[str, str | None]] = []
        self.feed(shown._repr_html_())
        (self.attributes,) = self.tags
        head, _, data = str(self.attributes["src"]).partition(",")
        assert head == "data:image/gif;base64"
        self.gif = base64.b64decode(data)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag == "img"
        self.tags.append(dict(attributes))

    def handle_data(self, data: str) -> None:
        raise AssertionError(f"text beside the picture: {data!r}")


def test_a_picture_that_is_there_and_current_is_shown_as_it_is(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (drawn,) = batch.render_all({"gathering": "theirs.gathering"}, Edition(public))
    assert drawn.error is None
    with monkeypatch.context() as patch:
        patch.setattr(notebook, "_drawn", lambda *_: pytest.fail("it is drawn again"))
        shown = show("gathering")
    assert Picture(shown).gif == (public / "told" / "gathering.gif").read_bytes()
    assert shown._repr_png_() == (public / "told" / "gathering-preview.png").read_bytes()
    assert (shown.name, shown.alt, shown.missed) == ("gathering", drawn.entry["alt"], ())
    assert (shown.met, shown.targets, shown.size) == (2, 2, (1100, 540))
    (public / "told" / "gathering.gif").write_bytes(b"another")
    again = show("gathering")
    assert again == shown  # the same bytes, drawn from the run that was kept
    assert (public / "told" / "gathering.gif").read_bytes() == b"another"


def test_a_run_is_trained_once_and_then_kept_whatever_its_looks(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    light = show("shrinking", seed=3)
    assert len(list(Cache.of_user().folder.glob("*.recording"))) == 1
    assert not list(Cache.of_user().folder.glob("programs/*"))
    assert not public.exists()
    with monkeypatch.context() as patch:
        patch.setattr("render.training.trajectory.run", lambda *_: pytest.fail("it trains again"))
        dark = show("shrinking", theme="dark", seed=3)
    assert light.gif != dark.gif
    assert light.alt == dark.alt
    assert show("shrinking").gif != light.gif


def test_a_file_and_a_scene_of_one_s_own_are_shown_and_never_kept(public: Path, tiny: Scene, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(TINY_SCENE.read_text())
    by_value = show(tiny, frames=6)
    assert by_value.frames == 6
    for reference in (own, str(own)):
        assert show(reference, frames=6) == by_value
    own.write_text(TINY_SCENE.read_text().replace('"shrinking"', '"changed"'))
    assert show(own).name == "changed"
    assert not list(Cache.of_user().files())


def test_a_target_that_is_missed_is_said_and_no_error(public: Path, tmp_path: Path) -> None:
    far = tmp_path / "far.py"
    far.write_text(TINY_SCENE.read_text().replace('"at most", 1e-3', '"at most", -1.0'))
    shown = show(far)
    assert (shown.targets - shown.met, len(shown.missed)) == (1, 1)
    assert "goal ≤ -1" in shown.missed[0]


@pytest.mark.parametrize("said", ["""a "b" 'c' <script>alert(1)</script> & &lt;""", '"><img src=x onerror=alert(1)>'])
def test_nothing_that_a_scene_says_becomes_markup(public: Path, tiny: Scene, said: str) -> None:
    alt = said.replace("{", "{{").replace("}", "}}")
    shown = show(dataclasses.replace(tiny, alt=alt, title=said), frames=4)
    assert Picture(shown).attributes["alt"] == said
    assert said in repr(shown)


def test_it_is_said_in_a_line_and_saved(public: Path, tiny: Scene, tmp_path: Path) -> None:
    shown = show(tiny, frames=4)
    assert repr(shown).startswith(f"<shrinking: {shown.title}; 4 frames, ")
    assert len(repr(shown)) < 200
    path = shown.save(tmp_path / "kept" / "it.gif")
    assert path.read_bytes() == shown.gif
    with Image.open(io.BytesIO(shown.gif)) as animation, Image.open(io.BytesIO(shown.poster)) as poster:
        assert animation.size == poster.size == shown.size
    with pytest.raises(ValueError, match=r"it\.mp4: an animation is saved as \.gif"):
        shown.save("it.mp4")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"scene": "shrinkin"}, "there is no scene called 'shrinkin'; did you mean 'shrinking'?"),
        ({"scene": "xyz"}, "there is no scene called 'xyz'; there are gathering, shrinking"),
        ({"scene": ""}, "there is no scene called ''"),
        ({"scene": 3}, "a scene is its name, the path of a .py file or a render.scene.Scene, not int"),
        ({"scene": "no/such.py"}, "no/such.py is no file"),
        ({"scene": Path()}, ". is no Python module"),
        ({"scene": "shrinking", "theme": "drak"}, "theme is 'drak': say 'light' or 'dark'"),
        ({"scene": "shrinking", "theme": None}, "theme is None"),
        ({"scene": "shrinking", "cut": "tall"}, "cut is 'tall': say 'wide' or 'column'"),
        ({"scene": "shrinking", "sede": 3}, "shrinking has no 'sede'; did you mean 'seed'? it has seed, frames"),
        ({"scene": "shrinking", "thema": "dark"}, "shrinking has no 'thema'; did you mean 'theme'?"),
        ({"scene": "shrinking", "seed": "3"}, "seed='3' is not accepted: seed takes a value of type int"),
        ({"scene": "shrinking", "seed": -1}, "seed=-1 is not accepted"),
        ({"scene": "shrinking", "seed": None}, "seed is None: leave it out"),
        ({"scene": "shrinking", "seed": {3}}, "seed={3} is not accepted: seed takes a value of type int"),
        ({"scene": "shrinking", "seed": np.arange(2)}, "is not accepted: seed takes a value of type int"),
        ({"scene": "shrinking", "frame_ms": 5}, "frame_ms=5 is not accepted"),
    ],
)
def test_what_there_is_not_is_one_line(public: Path, asked: dict, says: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        show(**asked)
    assert says in str(refused.value)


def test_numbers_of_numpy_are_numbers(public: Path) -> None:
    assert show("shrinking", seed=np.int64(3), frames=np.int32(4)) == show("shrinking", seed=3, frames=4)


def test_a_run_has_the_command_s_numbers_whatever_the_notebook_has_set(
    public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = show("shrinking", seed=5)
    Cache.of_user().clear()
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    try:
        jax.config.update("jax_enable_x64", True)
        assert show("shrinking", seed=5) == known
        assert jax.config.jax_enable_x64
        assert jax.config.jax_default_device is None
    finally:
        jax.config.update("jax_enable_x64", False)


def test_what_is_served_is_shown_without_jax_or_a_drawing_library() -> None:
    code = (
        "import sys, json, warnings; warnings.simplefilter('ignore'); import render\n"
        "from render.production import manifest; from render.production.edition import Edition\n"
        "from scenes import SCENES, BEST; edition = Edition(manifest.public_folder())\n"
        "manifest.find_current = lambda edition, reference: edition.output('richness/rich-vs-lazy')\n"
        "shown = [render.show(BEST[0], theme=theme) for theme in ('light', 'dark')]\n"
        "print(json.dumps([[repr(one) for one in shown], sorted({'jax', 'matplotlib'} & set(sys.modules))]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    shown, loaded = json.loads(ended.stdout)
    assert loaded == []
    assert all(text.startswith("<rich-vs-lazy: The richer network learns the wrong thing; 80 frames") for text in shown)


def test_it_is_what_render_hands_on() -> None:
    assert render.show is show
