"""The site of scenes whose words are hostile: whole, without markup that was not meant, and no slower for nothing."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from render.encoding import encoders
from render.production import manifest
from render.site import building, documents, gallery, groups, pages, pictures
from render.site.building import Asked
from render.terminal.progress import Board
from scenes import CLAIMS, SCENES
from tests.conftest import TINY_SCENE, TOLD_SCENE

HOSTILE = """
import dataclasses
words = 'Say "<script>alert(1)</script>" & \\'{{x}}\\' {{% raw %}} </title>'
SCENE = dataclasses.replace(
    SCENE, name="hostile", output="hostile", title=words, alt=words, message=words, look_for=words, source=words,
    formulas=((words, r"\\text{<script>alert(1)</script>} < 1"),), group="own",
)
"""
FAILS = """
import dataclasses
def fail(*_): raise ValueError("<b>no</b> such luck")
SCENE = dataclasses.replace(SCENE, name="fails", output="fails", derive=fail)
"""


class Read(HTMLParser):
    """A page as a browser reads it: its elements with their attributes, and the text of the scripts in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts, self._in_script = "", False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        self.scripts += data if self._in_script else ""

    def addresses(self) -> Iterator[str]:
        for _, attributes in self.elements:
            for key in ("href", "src", "srcset", "data-light", "data-dark"):
                if attributes.get(key):
                    yield attributes[key] or ""


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("scenes")
    sources = {"hostile": TOLD_SCENE.read_text() + HOSTILE, "fails": TINY_SCENE.read_text() + FAILS}
    for name, source in {**sources, "cards": TINY_SCENE.read_text()}.items():
        (folder / f"{name}.py").write_text(source)
    return {name: str(folder / f"{name}.py") for name in ("hostile", "fails", "cards")}


def asked(out: Path, scenes: dict[str, str], **more: str) -> Asked:
    return Asked(out, scenes, SCENES, CLAIMS, "hostile", **more)


def build(wanted: Asked) -> dict[str, Exception]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "claims.json is older")
        return building.build(wanted, 1, None, Board())


@pytest.fixture(scope="module")
def built(scenes: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Exception]]:
    out = tmp_path_factory.mktemp("site")
    return out, build(asked(out, scenes))


def every_page(out: Path) -> list[Path]:
    return [*out.glob("*.html"), *out.glob("scenes/*.html")]


def test_nothing_that_a_scene_says_is_markup(built: tuple[Path, dict[str, Exception]]) -> None:
    for page in every_page(built[0]):
        read = Read(page.read_text(encoding="utf-8"))
        assert read.scripts.strip() == "", page
        assert [a.get("src", "").rpartition("/")[2] for tag, a in read.elements if tag == "script"] == ["script.js"]  # type: ignore[union-attr]
        assert not [a for _, a in read.elements if any(key.startswith("on") for key in a)]
    said = (built[0] / "scenes" / "hostile.html").read_text(encoding="utf-8")
    assert "Say &#34;&lt;script&gt;alert(1)&lt;/script&gt;&#34; &amp; &#39;{x}&#39;" in said


def test_every_address_is_relative_and_there(built: tuple[Path, dict[str, Exception]]) -> None:
    for page in every_page(built[0]):
        for address in Read(page.read_text(encoding="utf-8")).addresses():
            parts = urlparse(address)
            if parts.scheme in ("http", "https", "data"):  # links of the guides to elsewhere, the empty icon
                continue
            assert not parts.scheme, (page, address)
            assert not parts.netloc, (page, address)
            if parts.path:
                assert not parts.path.startswith("/"), (page, address)
                assert (page.parent / unquote(parts.path)).is_file(), (page, address)


def test_what_cannot_be_drawn_is_said_on_its_page(built: tuple[Path, dict[str, Exception]]) -> None:
    out, missing = built
    assert list(missing) == ["fails"]
    page = (out / "scenes" / "fails.html").read_text(encoding="utf-8")
    assert "This picture could not be drawn: fails: " in page
    assert "&lt;b&gt;no&lt;/b&gt; such luck" in page
    assert '<figure class="player"' not in page
    assert "This picture could not be drawn." in (out / "index.html").read_text(encoding="utf-8")


def test_both_themes_and_cuts_are_there_where_a_scene_has_them(built: tuple[Path, dict[str, Exception]]) -> None:
    found = {path.name for path in (built[0] / "pictures").glob("*.gif")}
    assert {"hostile.gif", "hostile-dark.gif", "hostile-column.gif", "hostile-column-dark.gif"} <= found
    (cards,) = (name.removesuffix(".gif") for name in found if not name.startswith("hostile") and "dark" not in name)
    assert f"{cards}-dark.gif" in found
    page = (built[0] / "scenes" / "hostile.html").read_text(encoding="utf-8")
    assert page.count("(max-width: 40rem)") >= 4
    assert 'data-frame="0"' in page


def test_building_again_changes_no_file(scenes: dict[str, str], built: tuple[Path, dict[str, Exception]]) -> None:
    out = built[0]

    def times() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}

    before = times()
    build(asked(out, scenes))
    assert times() == before


def test_addresses_to_share_are_absolute_and_only_where_one_is_known(
    scenes: dict[str, str], built: tuple[Path, dict[str, Exception]]
) -> None:
    out = built[0]
    assert "og:" not in (out / "index.html").read_text(encoding="utf-8")
    build(asked(out, scenes, url="https://example.org/frames"))
    page = (out / "scenes" / "hostile.html").read_text(encoding="utf-8")
    assert '<meta property="og:image" content="https://example.org/frames/pictures/hostile-preview.png">' in page
    assert '<link rel="canonical" href="https://example.org/frames/scenes/hostile.html">' in page
    build(asked(out, scenes))


def test_pages_of_scenes_that_are_gone_go_and_files_of_others_stay(
    scenes: dict[str, str], built: tuple[Path, dict[str, Exception]]
) -> None:
    out = built[0]
    (out / "own.html").write_text("a page of someone else")
    build(asked(out, {name: scenes[name] for name in ("hostile", "cards")}))
    assert not (out / "scenes" / "fails.html").exists()
    assert (out / "own.html").exists()
    (out / "own.html").unlink()
    build(asked(out, scenes))


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path, scenes: dict[str, str]) -> None:
    (tmp_path / "site").write_text("")
    with pytest.raises(ValueError, match="name a folder to write to"):
        build(asked(tmp_path / "site", scenes))


def test_a_name_that_is_no_file_name_has_no_page(tmp_path: Path, scenes: dict[str, str]) -> None:
    missing: dict[str, Exception] = {}
    assert list(building._loaded({"../out": scenes["cards"], "cards": scenes["cards"]}, missing)) == ["cards"]
    assert "letters, digits" in str(missing["../out"])


def test_every_guide_is_a_page_with_a_title_and_a_first_sentence() -> None:
    papers = documents.all_of(manifest.ROOT / "docs")
    assert [paper.name for paper in papers][: len(documents.HEAD)] == list(documents.HEAD)
    for paper in papers:
        assert paper.title, paper.name
        assert paper.first_words.endswith((".", ":")), paper.name


def test_a_group_without_scenes_is_not_shown_and_an_unknown_one_is_last(
    built: tuple[Path, dict[str, Exception]],
) -> None:
    page = (built[0] / "index.html").read_text(encoding="utf-8")
    assert groups.TITLES["generative"] not in page
    assert groups.place("own") == len(groups.TITLES)


def test_the_number_of_a_card_is_that_of_the_target_its_hero_is_drawn_against() -> None:
    from render.loading import load_scene
    from render.site.pictures import Drawn

    scene = load_scene(SCENES["neural-collapse"])
    config = scene.config()
    goals = scene.targets(config)
    verdicts = [
        {"name": t.name, "value": t.goal + 1e-3, "lower_bound": 0.95, "seeds": 64, "seeds_met": 64, "failed": False}
        for t in goals.values()
    ]
    one = pages.Shown("neural-collapse", scene, config, goals, Drawn(), verdicts)
    told = gallery.verdict(one)
    assert told is not None
    assert told["text"] == "each distance between class means: at worst 5.183, theory = 5.18155 ± 0.05, 64 of 64 seeds"
    assert told["met"]
    missed = dataclasses.replace(one, verdicts=[{**verdict, "failed": True} for verdict in verdicts])
    assert not (gallery.verdict(missed) or {})["met"]
    assert gallery.verdict(dataclasses.replace(one, verdicts=[])) is None


def test_other_containers_are_drawn_where_they_are_asked_for_and_then_offered(
    scenes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "OTHERS", ["webp", "mp4"])

    def require(container: str) -> None:
        if container == "mp4":
            raise ValueError("mp4 needs the package av")

    monkeypatch.setattr(encoders, "require", require)
    only = {"hostile": scenes["hostile"]}
    missing = build(Asked(tmp_path, only, SCENES, CLAIMS, "hostile", containers=True))
    assert {name: str(error) for name, error in missing.items()} == {"mp4": "mp4 needs the package av"}
    page = (tmp_path / "scenes" / "hostile.html").read_text(encoding="utf-8")
    assert '<a href="../pictures/hostile.webp" download>WebP, light, 1100 × 540, ' in page
    assert "hostile.mp4" not in page
    build(Asked(tmp_path, only, SCENES, CLAIMS, "hostile"))
    assert "hostile.webp" in (tmp_path / "scenes" / "hostile.html").read_text(encoding="utf-8")
