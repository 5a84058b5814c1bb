"""What the README shows, works."""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click import Group

import cli
from render.film import CUTS
from render.ledger import readme
from render.loading import load_scene
from render.picture.recording import record
from render.production import manifest
from render.training import trajectory
from render.training.checks import check
from scenes import BEST, SCENES
from tests.conftest import default_data
from tests.looks.rules import faults

PUBLIC = manifest.public_folder()
POSTS_NAMES = """
feature_spectrum effective_rank boundary_complexity equiangularity align_loss uniform_loss spectral_codebook gram_error
alignment class_covariances soft_assignment l2_normalize gram class_means within_class_variance collapse_ratio
covariance_eigs simplex_gram simplex_error coherence welch_floor welch_gap smooth_coherence_loss frame_potential
latent_geometry_report
"""
README = (manifest.ROOT / "README.md").read_text()


def test_the_worked_example_is_a_scene_that_renders_and_meets_its_target_on_eight_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r'```python\n(""".*?)```', README, flags=re.DOTALL)
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
    (code,) = re.findall(r'```python\n(""".*?)```', README, flags=re.DOTALL)
    (told,) = re.findall(r"```python\n(from render.film import .*?)```", README, flags=re.DOTALL)
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
    (code,) = re.findall(r"```python\n(import numpy as np\n\nrun = .*?)```", README, flags=re.DOTALL)
    np.savez(tmp_path / "run.npz", **default_data("rich-vs-lazy"))
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    recomputed, measured = re.fullmatch(r"recomputed (.*), measured (.*)\n", capsys.readouterr().out).groups()
    assert float(recomputed) == pytest.approx(float(measured), abs=2e-5)
    assert 0 < float(measured) <= 0.05


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
        if target in ("is", "it", "leaves"):  # prose: "make" the program
            continue
        assert f"\n{target}:" in makefile


def test_the_gallery_shows_the_best_by_poster_and_links_every_animation() -> None:
    outputs = manifest.read(PUBLIC)
    assert len(BEST) == 6
    for name, reference in SCENES.items():
        output = load_scene(reference).output
        entry = outputs[output]
        if name in BEST:
            assert f"[![{entry['alt']}](public/{output}-preview.png)](public/{output}.gif)" in README, name
            assert f"\n{entry['message']} [Play it](public/{output}.gif)." in README, name
        else:
            assert f"\n- [{entry['title']}](public/{output}.gif) (`{name}`)" in README, name


def test_the_first_picture_is_the_best_one_and_the_only_scene_that_plays() -> None:
    best = load_scene(SCENES[BEST[0]]).output
    playing = re.findall(r"!\[[^]]*\]\(public/([^)]*)\.gif\)", README)
    assert playing[0] == best
    assert set(playing) & manifest.read(PUBLIC).keys() == {best}


def test_what_is_served_is_small() -> None:
    sizes = {output: (PUBLIC / f"{output}.gif").stat().st_size for output in manifest.read(PUBLIC)}
    assert max(sizes.values()) <= 900_000
    assert sum(size for output, size in sizes.items() if not output.startswith("richness/")) <= 9_000_000


def test_every_name_of_the_posts_is_a_metric_of_ours() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (.*?) \|$", README.partition("the posts print")[2], flags=re.MULTILINE)
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
