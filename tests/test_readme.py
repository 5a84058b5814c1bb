"""What the README and the pages in docs/ show, works."""

from __future__ import annotations

import dataclasses
import functools
import html
import importlib
import re
import sys
import types
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click import Group
from markdown_it import MarkdownIt

import cli
from render.encoding.encoders import ENCODERS
from render.film import CUTS
from render.ledger import containers, readme
from render.loading import load_scene
from render.picture.recording import record
from render.production import manifest
from render.production.edition import Edition
from render.training import trajectory
from render.training.checks import check
from scenes import BEST, ENTRIES, SCENES
from tests.conftest import default_data
from tests.looks.rules import faults

PUBLIC = manifest.public_folder()
POSTS_NAMES = """
feature_spectrum effective_rank boundary_complexity equiangularity align_loss uniform_loss spectral_codebook gram_error
alignment class_covariances soft_assignment l2_normalize gram class_means within_class_variance collapse_ratio
covariance_eigs simplex_gram simplex_error coherence welch_floor welch_gap smooth_coherence_loss frame_potential
latent_geometry_report
"""
PAGES = [manifest.ROOT / "README.md", *sorted((manifest.ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text()
ALL = "\n".join(page.read_text() for page in PAGES)


def test_the_worked_example_is_a_scene_that_renders_and_meets_its_target_on_eight_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r'```python\n(""".*?)```', ALL, flags=re.DOTALL)
    path = tmp_path / "mercedes.py"
    path.write_text(code)
    monkeypatch.setattr(sys, "argv", ["render", "scene", "--file", str(path), "--out", str(tmp_path / "made")])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 0
    assert (tmp_path / "made" / "mercedes.gif").exists()
    (verdict,) = check(load_scene(str(path)), seeds=8)
    assert verdict.held == 8


@pytest.mark.parametrize("cut", CUTS)
def test_the_worked_example_told_as_a_story_keeps_the_law_of_looks(cut: str) -> None:
    (code,) = re.findall(r'```python\n(""".*?)```', ALL, flags=re.DOTALL)
    (told,) = re.findall(r"```python\n(from render.film import .*?)```", ALL, flags=re.DOTALL)
    names: dict[str, Any] = {"__name__": "mercedes"}
    sys.modules["mercedes"] = types.ModuleType("mercedes")  # where dataclasses look up annotations
    exec(code, names)
    exec(told, names)
    fields = {name: names[name] for name in ("panels", "derive", "shown")}
    scene = dataclasses.replace(names["SCENE"], story=names["STORY"], **fields)
    recording = record(trajectory.run(scene, names["Mercedes"](hold_ms=3000)))
    assert faults(recording.in_cut(cut)) == []


def test_the_worked_example_recomputes_the_low_rank_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(import numpy as np\n\nrun = .*?)```", ALL, flags=re.DOTALL)
    np.savez(tmp_path / "run.npz", **default_data("rich-vs-lazy"))
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    recomputed, measured = re.fullmatch(r"recomputed (.*), measured (.*)\n", capsys.readouterr().out).groups()
    assert float(recomputed) == pytest.approx(float(measured), abs=2e-5)
    assert 0 < float(measured) <= 0.05


def test_every_command_of_the_pages_parses() -> None:
    commands = re.findall(r"^render (.*?)(?:  +#.*)?$", ALL, flags=re.MULTILINE)
    assert len(commands) >= 20
    for line in commands:
        verb, *arguments = line.replace("'", "").split()
        assert isinstance(cli.render, Group)
        cli.render.commands[verb].make_context(verb, arguments)  # raises for an option that does not exist


def test_every_make_target_of_the_pages_exists() -> None:
    makefile = (manifest.ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", ALL):
        if target in ("is", "it", "leaves"):  # prose: "make" the program
            continue
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_one_title_and_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    title, sentence = text.split("\n\n")[:2]
    assert re.fullmatch("# [^\n]+", title)
    assert len(re.findall("^# ", prose, flags=re.MULTILINE)) == 1
    assert page == PAGES[0] or re.fullmatch(r"[A-Z`][^|#<]+\.", sentence), sentence
    links = re.findall(r"\]\(([^)]+)\)", prose) + re.findall(r'(?:href|src|srcset)="([^"]+)"', prose)
    for link in links:
        assert (page.parent / link.partition("#")[0]).exists(), link


def test_the_readme_leads_to_every_page() -> None:
    assert {page.name for page in PAGES[1:]} == set(re.findall(r"\(docs/([a-z-]+\.md)\)", README))


def test_the_readme_is_short_and_does_not_grow_with_the_scenes() -> None:
    assert len(README.encode()) <= 10_000
    outputs = manifest.read(PUBLIC)
    more = {f"new/{k}": {**outputs["dark-knowledge"], "name": f"new-{k}"} for k in range(40)}
    assert readme.gallery(outputs | more, BEST) == readme.gallery(outputs, BEST)
    assert readme.best(outputs | more, BEST[0]) == readme.best(outputs, BEST[0])
    assert readme.everything(outputs | more, [*SCENES, "new-3"]).count("<li>") == len(SCENES) + 1


def test_the_readme_shows_the_best_and_public_links_every_animation() -> None:
    outputs = manifest.read(PUBLIC)
    listed = (PUBLIC / "README.md").read_text()
    assert len(BEST) == 6
    assert readme.best(outputs, BEST[0]) in README
    assert readme.gallery(outputs, BEST) in README
    assert readme.everything(outputs, SCENES) in listed
    for name, reference in SCENES.items():
        output = load_scene(reference).output
        entry = {key: html.escape(str(value)) for key, value in outputs[output].items()}
        assert f'<a href="{output}.gif">{entry["title"]}</a> (<code>{name}</code>)' in listed, name
        if name in BEST:
            poster = f'<img src="public/{output}-preview.png" alt="{entry["alt"]}">'
            assert f'<a href="public/{output}.gif">{poster}</a><br><b>{entry["title"]}</b>' in README, name
            assert f"<br>{entry['message']}</td>" in README, name


def test_the_best_picture_is_the_only_one_that_plays_and_follows_theme_and_motion() -> None:
    best = f"public/{load_scene(SCENES[BEST[0]]).output}"
    shown = re.findall(r'(?:src|srcset)="([^"]+)"|!\[[^]]*\]\(([^)]+)\)', README)
    assert {one or other for one, other in shown if (one or other).endswith(".gif")} == {
        f"{best}.gif",
        f"{best}-dark.gif",
    }
    sources = re.findall(r'<source media="([^"]+)" srcset="([^"]+)">', README)
    still, dark = "(prefers-reduced-motion: reduce)", "(prefers-color-scheme: dark)"
    assert sources == [
        (f"{still} and {dark}", f"{best}-dark-preview.png"),
        (still, f"{best}-preview.png"),
        (dark, f"{best}-dark.gif"),
    ]


class Tags(HTMLParser):
    """What a browser makes of a page: (tag, attributes), and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(MarkdownIt().render(text))
        self.close()

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("part", ["best", "gallery", "everything"])
@pytest.mark.parametrize(
    "said",
    [
        """a "b" 'c' <script>alert(1)</script> {{ x }} {% y %} & &lt; `d` **e** [f](g) | h""",
        "one\n\n<script>alert(1)</script>\n\n# two",
        '"><img src=x onerror=alert(1)>',
        "<!-- end of gallery --> -->",
    ],
)
def test_nothing_that_a_scene_says_becomes_markup(part: str, said: str, tmp_path: Path) -> None:
    entry = {"theme": "light", "name": "odd", "title": said, "alt": said, "message": said, "post": said}
    outputs = {"odd": entry, "odd-dark": {**entry, "theme": "dark"}}
    make = {"best": lambda: readme.best(outputs, "odd")}
    make |= {other: functools.partial(getattr(readme, other), outputs, ["odd"]) for other in ("gallery", "everything")}
    page = tmp_path / "page.md"
    page.write_text(f"# A\n\n<!-- {part} -->\n<!-- end of {part} -->\n\nThe *end*.\n")
    for _ in range(2):  # what was written between the marks is found again
        readme.replace_between(page, part, make[part]())
    seen = Tags(page.read_text())
    assert {tag for tag, _ in seen.found} <= {
        *("h1", "p", "em", "picture", "source", "img"),
        *("table", "tr", "td", "a", "br", "b", "h2", "ul", "li", "code"),
    }
    kept = {"media", "srcset", "src", "alt", "href", "width"}
    assert {key for _, attributes in seen.found for key in attributes} <= kept
    assert [tag for tag, _ in seen.found][-2:] == ["p", "em"]  # and the page goes on as it was
    one_line = " ".join(said.split())
    for tag, attributes in seen.found:
        assert tag != "img" or attributes["alt"] == one_line
    assert seen.text.count(one_line) == {"best": 0, "gallery": 2, "everything": 3}[part]


def test_a_scene_that_is_not_drawn_is_left_out_and_one_without_a_dark_picture_is_light_for_all() -> None:
    outputs = manifest.read(PUBLIC)
    light = {output: entry for output, entry in outputs.items() if entry["theme"] == "light"}
    assert "dark" not in readme.best(light, BEST[0]).replace("dark-knowledge", "")
    assert readme.best({}, BEST[0]) == ""
    assert readme.gallery({}, BEST) == "<table>\n</table>"
    assert readme.gallery(outputs, ["no-such", BEST[1]]).count("<td ") == 1


@pytest.mark.parametrize("container", ENCODERS)
def test_the_docs_have_the_bytes_of_every_scene_in_every_container(container: str) -> None:
    page = (manifest.ROOT / "docs" / "containers.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.partition("<!-- containers -->")[2].partition("<!-- end of containers -->")[0].split("\n")
        if line
    ]
    column = rows[0].index(container)
    sizes = {row[0]: int(row[column].replace(",", "")) for row in rows[2:]}
    assert list(sizes) == [*SCENES, "all"]
    assert all(size > 10 for size in sizes.values())
    assert abs(sizes.pop("all") - sum(sizes.values())) <= len(sizes)


def test_a_scene_that_a_container_lacks_is_told_before_a_table_is_made() -> None:
    entry = {"name": "a", "theme": "light", "bytes": 12_499, "container": "gif"}
    both = {"a": entry, "a.webp": {**entry, "container": "webp", "cut": "wide"}}
    with pytest.raises(ValueError, match=r"a is not drawn as apng, mp4, webm: `make containers` draws it"):
        containers.table([both], ["a"])
    with pytest.raises(ValueError, match="no scene is drawn"):
        containers.table([both], [])
    others = {f"a.{name}": {**entry, "container": name} for name in ENCODERS}
    column = {"a-column.gif": {**entry, "cut": "column", "bytes": 1}, "a-dark": {**entry, "theme": "dark", "bytes": 1}}
    told = containers.table([both, others | column], ["a"])
    assert told.splitlines()[2:] == ["| a | 12 | 12 | 12 | 12 | 12 |", "| all | 12 | 12 | 12 | 12 | 12 |"]


def test_what_is_served_is_small() -> None:
    sizes = {output: (PUBLIC / f"{output}.gif").stat().st_size for output in manifest.read(PUBLIC)}
    assert max(sizes.values()) <= 900_000
    large = {"richness/": 5_000_000, "dynamics/": 4_000_000, "": 9_000_000}  # by folder, and of all others
    for folder in large:
        taken = {name: size for name, size in sizes.items() if name.startswith(folder)}
        assert sum(taken.values()) <= large[folder], folder
        sizes = {name: size for name, size in sizes.items() if name not in taken}


def test_every_name_of_the_posts_is_a_metric_of_ours() -> None:
    rows = re.findall(
        r"^\| `(\w+)`[^|]*\| (.*?) \|$",
        (manifest.ROOT / "docs" / "metrics.md").read_text().partition("the posts print")[2],
        flags=re.MULTILINE,
    )
    posts = {name for name, _ in rows}
    assert posts == set(POSTS_NAMES.split())
    for _, ours in rows:
        for path in re.findall(r"`(\w+)\.(\w+)`", ours):
            module = importlib.import_module(f"render.metrics.{path[0]}")
            assert path[1] in module.__all__
            assert callable(getattr(module, path[1]))


def test_text_between_marks_is_replaced_and_the_rest_is_left(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- x -->\nold\n<!-- end of x -->\nb\n")
    readme.replace_between(path, "x", "new")
    assert path.read_text() == "a\n<!-- x -->\nnew\n<!-- end of x -->\nb\n"
    with pytest.raises(ValueError, match="no lines <!-- y -->"):
        readme.replace_between(path, "y", "new")


def test_the_gallery_is_written_for_what_is_served_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = tmp_path / "public"
    public.mkdir()
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    monkeypatch.setattr(manifest, "public_folder", lambda: public)
    empty = "a\n" + "".join(f"<!-- {mark} -->\n<!-- end of {mark} -->\n" for mark in ("best", "gallery")) + "b\n"
    pages = [tmp_path / "README.md", public / "README.md"]
    readme.refresh_gallery(Edition(public), SCENES, BEST)  # nothing to write to: a folder of pictures alone
    for page in pages:
        page.write_text(empty)
    (public / manifest.NAME).write_text((PUBLIC / manifest.NAME).read_text())
    for other in (Edition(public, theme="dark"), Edition(public, container="webp"), Edition(public, cut="column")):
        readme.refresh_gallery(other, SCENES, BEST)
    readme.refresh_gallery(Edition(tmp_path / "out"), SCENES, BEST)
    assert [page.read_text() for page in pages] == [empty, empty]
    readme.refresh_gallery(Edition(public), SCENES, BEST)
    top, listed = (page.read_text() for page in pages)
    assert top.count("<picture>") == 1
    assert top.count("<td ") == len(BEST)
    assert listed.count("<li>") == len(SCENES)
    assert listed.count("<h2>") == len({entry.post for entry in ENTRIES.values()})
    assert (top.startswith("a\n"), listed.endswith("b\n")) == (True, True)
