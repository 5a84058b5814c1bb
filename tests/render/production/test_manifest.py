"""A folder's manifest loses nothing, survives damage, and knows when a picture is not what would be drawn now."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from render.production import manifest, sources
from render.production.edition import Edition

PROJECT = Path(manifest.__file__).parents[2]


LIGHT = Edition(Path())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a few lines in the place of the real one."""
    root = tmp_path / "project"
    for name in (
        *(
            "render/__init__.py",
            "render/training/trajectory.py",
            "render/picture/recording.py",
            "render/picture/figure.py",
            "render/encoding/gif.py",
        ),
        *("render/picture/panels/curves.py", "render/picture/panels/gram.py", "scenes/__init__.py", "scenes/toys.py"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"NAME = {name!r}\n")
    (root / "render" / "production").mkdir()
    (root / "render" / "production" / "writing.py").write_text(
        "from render.encoding import gif\nfrom render.picture import figure\n"
    )
    (root / "scenes" / "post").mkdir()
    for name in ("__init__.py", "mine.py", "other.py"):
        text = "from render.picture.panels import curves\nfrom .. import toys\n" if name == "mine.py" else ""
        (root / "scenes" / "post" / name).write_text(text)
    for module in (manifest, sources):
        monkeypatch.setattr(module, "ROOT", root)
    return root


@pytest.fixture
def reference(project: Path) -> str:
    return str(project / "scenes" / "post" / "mine.py")


@pytest.fixture
def folder(tmp_path: Path, reference: str) -> Path:
    """One picture, its poster and its entry, up to date."""
    folder = tmp_path / "public"
    folder.mkdir()
    add_picture(folder, reference, "light", "mine")
    return folder


def add_picture(folder: Path, reference: str, theme: str, output: str) -> None:
    gif, poster = f"GIF {output}".encode(), f"PNG {output}".encode()
    (folder / f"{output}.gif").write_bytes(gif)
    (folder / f"{output}-preview.png").write_bytes(poster)
    entry = {
        "inputs": manifest.inputs_digest(reference, Edition(folder, theme), {}),
        "files": {
            f"{output}.gif": hashlib.sha256(gif).hexdigest(),
            f"{output}-preview.png": hashlib.sha256(poster).hexdigest(),
        },
    }
    manifest.record(folder, output, entry)


def test_what_was_just_drawn_is_up_to_date(folder: Path, reference: str) -> None:
    assert manifest.find_current(Edition(folder), reference) == "mine"


def test_an_empty_or_missing_folder_has_nothing_and_says_nothing(tmp_path: Path, reference: str) -> None:
    assert manifest.find_current(Edition(tmp_path / "nowhere"), reference) is None
    assert manifest.read(tmp_path) == {}


@pytest.mark.parametrize(
    "name", ["scenes/post/mine.py", "scenes/toys.py", "render/picture/figure.py", "render/picture/panels/curves.py"]
)
def test_a_change_to_the_scene_or_to_what_it_shares_makes_it_out_of_date(
    folder: Path, project: Path, reference: str, name: str
) -> None:
    source = (project / name).read_text()
    (project / name).write_text(source + "CHANGED = 1\n")
    assert manifest.find_current(Edition(folder), reference) is None
    (project / name).write_text(source)  # by content, not by time
    assert manifest.find_current(Edition(folder), reference) == "mine"


@pytest.mark.parametrize(
    "name", ["scenes/post/other.py", "scenes/__init__.py", "render/picture/panels/gram.py", "render/new.py"]
)
def test_a_change_to_what_it_does_not_import_does_not(folder: Path, project: Path, reference: str, name: str) -> None:
    (project / name).write_text("CHANGED = 1\n")
    assert manifest.find_current(Edition(folder), reference) == "mine"


@pytest.mark.parametrize("name", ["mine.gif", "mine-preview.png"])
def test_a_file_that_is_gone_or_altered_makes_it_out_of_date(folder: Path, reference: str, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1])
    assert manifest.find_current(Edition(folder), reference) is None
    (folder / name).unlink()
    assert manifest.find_current(Edition(folder), reference) is None
    (folder / name).write_bytes(content)
    assert manifest.find_current(Edition(folder), reference) == "mine"


def test_the_poster_counts_only_for_who_wants_one(folder: Path, reference: str) -> None:
    (folder / "mine-preview.png").unlink()
    assert manifest.find_current(Edition(folder, poster=False), reference) == "mine"
    entry = manifest.read(folder)["mine"]
    del entry["files"]["mine-preview.png"]
    manifest.record(folder, "mine", entry)
    assert manifest.find_current(Edition(folder, poster=False), reference) == "mine"
    assert manifest.find_current(Edition(folder), reference) is None


def test_each_theme_has_its_own_entry(folder: Path, reference: str) -> None:
    assert manifest.find_current(Edition(folder, "dark"), reference) is None
    add_picture(folder, reference, "dark", "mine-dark")
    assert manifest.find_current(Edition(folder, "dark"), reference) == "mine-dark"
    assert manifest.find_current(Edition(folder), reference) == "mine"


def test_an_override_has_another_digest_than_the_default(reference: str) -> None:
    settings: list[dict[str, Any]] = [{}, {"seed": 1}, {"seed": 2}, {"steps": 1}]
    digests = [manifest.inputs_digest(reference, LIGHT, overrides) for overrides in settings]
    assert len(set(digests)) == len(settings)
    assert digests[0] == manifest.inputs_digest(reference, LIGHT, {})


def test_a_module_of_the_project_has_a_digest_too_and_a_module_that_is_none_has_not() -> None:
    module = PROJECT / "scenes" / "three_states" / "neural_collapse.py"
    by_name = manifest.inputs_digest("scenes.three_states.neural_collapse", LIGHT, {})
    assert by_name == manifest.inputs_digest(str(module), LIGHT, {})
    with pytest.raises(ValueError, match=r"no module scenes\.nothing"):
        manifest.inputs_digest("scenes.nothing", LIGHT, {})


def test_entries_are_kept_by_output_and_written_as_readable_json(tmp_path: Path) -> None:
    manifest.record(tmp_path, "b", {"goal": "≤ 1"})
    manifest.record(tmp_path, "a", {"goal": "≥ 2"})
    manifest.record(tmp_path, "b", {"goal": "= 3 ± 1"})
    text = (tmp_path / "manifest.json").read_text()
    assert json.loads(text) == {"outputs": {"a": {"goal": "≥ 2"}, "b": {"goal": "= 3 ± 1"}}}
    assert "±" in text
    assert text.index('"a"') < text.index('"b"')
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"3", b"{}", b'{"outputs": 3}', b'{"outputs": {"a": 3}}', b"\xff\xfe\x00", b'{"out'],
)
def test_a_corrupt_manifest_is_made_anew_with_a_warning(folder: Path, reference: str, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.warns(UserWarning, match="manifest.json cannot be read and is made anew"):
        assert manifest.find_current(Edition(folder), reference) is None
    with pytest.warns(UserWarning, match="manifest.json cannot be read and is made anew"):
        manifest.record(folder, "new", {"seed": 1})
    assert manifest.read(folder) == {"new": {"seed": 1}}


def test_pictures_without_a_manifest_are_out_of_date_with_a_warning(folder: Path, reference: str) -> None:
    (folder / "manifest.json").unlink()
    with pytest.warns(UserWarning, match=r"has pictures but no manifest\.json, which is made anew"):
        assert manifest.find_current(Edition(folder), reference) is None


def test_processes_that_record_at_once_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time\n"
        "from render.production import manifest\n"
        "folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]\n"
        "(folder / f'{name}.ready').touch()\n"
        "while not (folder / 'go').exists(): time.sleep(0.001)\n"
        "for k in range(40): manifest.record(folder, f'{name}{k}', {'by': name, 'k': k})\n"
    )
    names = ["a", "b", "c"]
    writers = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code, str(tmp_path), name], cwd=PROJECT)
        for name in names
    ]
    while not all((tmp_path / f"{name}.ready").exists() for name in names):
        assert not any(writer.poll() for writer in writers)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    expected = {f"{name}{k}": {"by": name, "k": k} for name in names for k in range(40)}
    assert json.loads((tmp_path / "manifest.json").read_text())["outputs"] == expected


def test_the_blog_is_served_from_the_checkout_or_from_here(project: Path) -> None:
    assert manifest.public_folder() == Path("public")
    (project / "pyproject.toml").touch()
    assert manifest.public_folder() == manifest.published_folder() == project / "public"


def test_an_installed_package_serves_from_here_and_reads_what_it_brought(project: Path) -> None:
    assert not manifest.in_checkout()
    assert manifest.published_folder() == Path("public")
    for inside in ("scenes", "public"):
        (project / "render" / inside).mkdir()
    (project / "pyproject.toml").touch()  # of another project, into whose folder the package was installed
    assert not manifest.in_checkout()
    assert manifest.public_folder() == Path("public")
    assert manifest.published_folder() == project / "render" / "public"


def test_whether_a_picture_is_up_to_date_is_found_without_numpy() -> None:
    """It takes as long to import as all the rest of the command."""
    asked = "import render.production.manifest, render.production.batch, sys; print('numpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=manifest.ROOT)
    assert found.stdout == "False\n"


@pytest.mark.parametrize("name", ["../secret", "a/../../secret", "/etc/passwd", ".."])
@pytest.mark.parametrize("where", ["key", "file"])
def test_an_entry_that_leads_out_of_the_folder_is_left_out(tmp_path: Path, name: str, where: str) -> None:
    good = {"inputs": "x", "files": {"a..b/c.gif": "0"}}
    bad = {name: good} if where == "key" else {"evil": {"inputs": "x", "files": {"a.gif": "0", name: "0"}}}
    (tmp_path / manifest.NAME).write_text(json.dumps({"outputs": {"a..b/c": good, **bad}}))
    with pytest.warns(UserWarning, match="names files outside its folder, in .*: these entries are left out"):
        assert manifest.read(tmp_path) == {"a..b/c": good}
    with pytest.warns(UserWarning, match="left out"):
        manifest.record(tmp_path, "new", good)
    assert list(manifest.read(tmp_path)) == ["a..b/c", "new"]


def test_a_manifest_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / manifest.NAME).symlink_to("kept/all.json")
    manifest.record(tmp_path, "a", {"inputs": "x"})
    assert (tmp_path / manifest.NAME).is_symlink()
    assert list(manifest.read(tmp_path)) == ["a"]
