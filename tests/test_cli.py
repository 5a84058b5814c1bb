"""The command: what it refuses, what it prints, where it writes, how it ends."""

from __future__ import annotations

import errno
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cli
from render import loading
from render.encoding import gif
from render.production import manifest
from render.training import trajectory
from tests.conftest import TINY_SCENE, TOLD_SCENE

PROJECT = Path(cli.__file__).parent
PATIENCE_SECONDS = 90

# the command with another registry, given as its first argument, that hears Ctrl-C even where the tests were started
# without it, as by `nohup`: a process inherits that, and Python then has no handler of its own
COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import json, sys, cli
cli.SCENES = json.loads(sys.argv.pop(1)) or cli.SCENES
cli.main()
"""

load_once = functools.cache(loading.load_scene)  # a scene that was loaded before is compiled already


@dataclass
class Ended:
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """The command in this process, run in an empty folder, with the tiny scene in its registry."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(cli, "SCENES", {**cli.SCENES, "shrinking": str(TINY_SCENE), "gathering": str(TOLD_SCENE)})
    monkeypatch.setattr(manifest, "public_folder", lambda: tmp_path / "public")
    monkeypatch.setattr(loading, "load_scene", load_once)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # which the command replaces

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["render", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return Ended(stopped.value.code, *capsys.readouterr())

    return run


def start(*arguments: object, cwd: Path, scenes: dict[str, str] | None = None, **more: Any) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), **more.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, json.dumps(scenes or {}), *map(str, arguments)],
        cwd=cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


def end(process: subprocess.Popen[str]) -> Ended:
    """Waits for the process and for all that it started: they share its output."""
    try:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return Ended(process.returncode, out, err)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def require_refused(ended: Ended, *says: str) -> None:
    """Exit code 2 and one line on stderr."""
    assert ended.code == 2, ended
    assert ended.out == ""
    assert re.fullmatch(r"render: [^\n]+\n", ended.err), ended.err
    assert "Traceback" not in ended.err
    for part in says:
        assert part in ended.err


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny scene, rendered by the command; not to be written to."""
    folder = tmp_path_factory.mktemp("rendered")
    ended = end(start("all", "--out", folder, cwd=folder, scenes={"shrinking": str(TINY_SCENE)}))
    assert ended.code == 0, ended
    return folder


@pytest.fixture
def public(rendered: Path, tmp_path: Path) -> Path:
    """A copy of `rendered`, where the command writes unless told otherwise."""
    return shutil.copytree(rendered, tmp_path / "public")


def variant(path: Path, *changes: tuple[str, str], then: str = "") -> Path:
    """The tiny scene with changes, and with what comes after."""
    source = TINY_SCENE.read_text()
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    path.write_text(source + then)
    return path


def unwritable(tmp_path: Path) -> Path:
    if os.geteuid():
        folder = tmp_path / "read-only"
        folder.mkdir(mode=0o500)
        return folder
    return next(folder for folder in map(Path, ("/proc", "/System")) if folder.is_dir())  # not even for root


# What is refused


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--name neural-colapse", "no scene called 'neural-colapse'. Did you mean 'neural-collapse'?"),
        ("--name zzz", "no scene called 'zzz'. `render list` shows them all."),
        ("", "name one scene: --name NAME, or --file PATH"),
        ("--name shrinking --file mine.py", "name one scene"),
        ("--name shrinking --frames 0", "frames=0 is not accepted: frames takes 2 to 2000"),
        ("--name shrinking --frames 1", "frames=1 is not accepted"),
        ("--name shrinking --frames -3", "frames=-3 is not accepted"),
        ("--name shrinking --frames 1e9", "'--frames': '1e9' is not a valid integer"),
        ("--name shrinking --frames 1000000000", "frames=1000000000 is not accepted"),
        ("--name shrinking --frame-ms 7", "frame_ms=7 is not accepted: frame_ms takes a multiple of 10 from 20"),
        ("--name shrinking --hold-ms 65", "hold_ms=65 is not accepted"),
        ("--name shrinking --frames 20 --steps 18", "steps=18 is not accepted: steps takes at least frames - 1 = 19"),
        ("--name shrinking --seed -1", "seed=-1 is not accepted"),
        ("--name shrinking --set rat=0.4", "shrinking has no 'rat'; did you mean 'rate'?"),
        ("--name shrinking --set rate=fast", "--set rate=fast: rate takes a value of type float"),
        ("--name shrinking --set rate", "--set rate: write it as key=value"),
        ("--name shrinking --theme blue", "'--theme': 'blue' is not one of 'light', 'dark'"),
        ("--name shrinking --smooth", "No such option"),
        ("--file missing.py", "missing.py is no file"),
    ],
)
@pytest.mark.parametrize("verb", ["scene", "figure"])
def test_a_bad_option_is_refused_in_one_line_and_nothing_is_written(
    command: Command, tmp_path: Path, verb: str, options: str, says: str
) -> None:
    require_refused(command(verb, *options.split()), says)
    assert [*Path().iterdir()] == []
    assert not (tmp_path / "public").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("scen", "No such command 'scen'"),
        ("figure --name shrinking --at 6", "no frame '6': name first, middle, last or a number from 0 to 5"),
        ("figure --name shrinking --at first,,last", "no frame ''"),
        ("figure --name shrinking --format gif", "'gif' is not one of 'png', 'svg', 'pdf'"),
        ("all --only nothing-*", "no scene matches 'nothing-*'"),
        ("all --jobs 0", "'--jobs'"),
        ("check --name shrinkin", "Did you mean 'shrinking'?"),
        ("check --seeds 0", "--seeds 0: a number from 1 to 10000"),
        ("check --seeds many", "--seeds many: a number from 1 to 10000"),
        ("check --first-seed -1", "'--first-seed'"),
        ("check --name shrinking --first-seed 4294967296", "a seed is an integer from 0 to 2^32 - 1"),
        ("check --name shrinking --json .", ". is a folder: name a file for --json"),
    ],
)
def test_a_bad_verb_or_its_options_are_refused_in_one_line(command: Command, arguments: str, says: str) -> None:
    require_refused(command(*arguments.split()), says)
    assert [*Path().iterdir()] == []


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("", "is no scene: it does not define SCENE"),
        ("SCENE = 'this'", "is no scene"),
        ("import nothing_of_this_name", "cannot be imported: ModuleNotFoundError"),
        ("def f(:", "cannot be imported: SyntaxError"),
        ("import sys; sys.exit()", "cannot be imported: SystemExit"),
    ],
)
def test_a_file_that_is_no_scene_is_refused(command: Command, tmp_path: Path, source: str, says: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(source)
    require_refused(command("scene", "--file", path), str(path), says)
    assert [*Path().iterdir()] == []


def test_a_folder_that_is_a_file_or_cannot_be_written_to_is_refused_before_anything_trains(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(*_: object) -> None:
        raise AssertionError("trained first")

    monkeypatch.setattr(trajectory, "run", trained)
    monkeypatch.setattr(trajectory, "run_seeds", trained)
    file = tmp_path / "taken"
    file.write_text("mine")
    for bad, says in ((file, "is a file"), (file / "below", "is a file"), (unwritable(tmp_path), "cannot write to")):
        for verb in ("scene", "figure"):
            require_refused(command(verb, "--name", "shrinking", "--out", bad), says)
        require_refused(command("all", "--only", "shrinking", "--out", bad), says)
        require_refused(command("scene", "--name", "shrinking", "--data", bad / "run.npz"), says)
        require_refused(command("check", "--name", "shrinking", "--json", bad / "report.json"), says)
    require_refused(command("scene", "--name", "shrinking", "--data", tmp_path), "is a folder: name a .npz file")
    assert file.read_text() == "mine"
    assert [*Path().iterdir()] == []


def test_as_a_process_of_its_own_it_refuses_alike(tmp_path: Path) -> None:
    lines = ["scene --file missing.py", f"scene --file {TINY_SCENE} --frames 1e9"]
    for process in [start(*line.split(), cwd=tmp_path) for line in lines]:
        require_refused(end(process))
    assert [*tmp_path.iterdir()] == []


# What is not imported

AT_EXIT = """
import atexit, sys
atexit.register(lambda: print("IMPORTED", *sorted({"jax", "matplotlib", "cli"} & sys.modules.keys()), file=sys.stderr))
"""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("--help", 0, "render check --name neural-collapse --seeds 8"),
        ("--version", 0, "render, version "),
        ("scene --help", 0, "--frame-ms"),
        ("scene --help", 0, "its code is run"),
        ("figure --help", 0, "--at"),
        ("scene --name shrinkin", 2, "Did you mean 'shrinking'?"),
        ("all --out {rendered} --jobs 2", 0, "1 of 1 up to date in "),
        ("scene --name shrinking --out {rendered}", 0, "shrinking.gif is up to date; --force renders it again"),
        ("COMPLETE scene --name shr", 0, "plain,shrinking"),
        ("COMPLETE check --name ", 0, "plain,shrinking"),
        ("COMPLETE sc", 0, "plain,scene"),
    ],
)
def test_without_anything_to_draw_neither_jax_nor_matplotlib_is_imported(
    rendered: Path, tmp_path: Path, arguments: str, code: int, says: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(AT_EXIT)
    words, environment = arguments.format(rendered=rendered), {"PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"}
    if words.startswith("COMPLETE"):
        words = words.replace("COMPLETE", "render")
        environment |= {"_RENDER_COMPLETE": "bash_complete", "COMP_WORDS": words}
        environment["COMP_CWORD"] = str(len(words.split(" ")) - 1)
        words = ""
    before = content(rendered)
    ended = end(start(*words.split(), cwd=tmp_path, env=environment, scenes={"shrinking": str(TINY_SCENE)}))
    assert ended.code == code, ended
    assert says in ended.out + ended.err
    assert ended.err.splitlines()[-1] == "IMPORTED cli"
    assert content(rendered) == before


@pytest.mark.parametrize("arguments", ["list", "check --name neural-colapse"])
def test_no_scene_is_imported_to_list_them_or_to_correct_a_name(tmp_path: Path, arguments: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        AT_EXIT.replace('"cli"', '"cli", "numpy", *__import__("scenes").SCENES.values()')
    )
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"}
    ended = end(start(*arguments.split(), cwd=tmp_path, env=environment))
    assert ended.err.splitlines()[-1] == "IMPORTED cli"
    if arguments == "list":
        rows = [line for line in ended.out.splitlines() if line.strip()]
        assert [row.split()[0] for row in rows if row.startswith("  ")] == list(cli.SCENES)
        (row,) = [row for row in rows if "neural-collapse" in row]
        assert re.split(r"  +", row.strip())[1:] == ["Training with decay puts all classes equally far apart"]
    else:
        assert "Did you mean 'neural-collapse'?" in ended.err


def test_completion_offers_every_scene_and_only_those_that_fit(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "SCENES", {"aa": "", "ab": "", "b": ""})
    monkeypatch.setenv("_RENDER_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_CWORD", "3")
    for typed, offered in {"": ["aa", "ab", "b"], "a": ["aa", "ab"], "c": []}.items():
        monkeypatch.setenv("COMP_WORDS", f"render scene --name {typed}")
        assert command().out.split() == [f"plain,{name}" for name in offered]


# Scenes and experiments


def test_a_default_run_goes_to_the_public_folder_and_is_not_drawn_twice(command: Command, tmp_path: Path) -> None:
    ended = command("scene", "--name", "shrinking")
    assert (ended.code, ended.err) == (0, "")
    size = (tmp_path / "public" / "shrinking.gif").stat().st_size
    line = rf"\S*/public/shrinking\.gif  6 frames  {size / 1000:.0f} kB  2 of 2 targets met  \d+\.\d s\n"
    assert re.fullmatch(line, ended.out)
    assert [*Path().iterdir()] == []
    made = content(tmp_path / "public")
    assert made.keys() == {"shrinking.gif", "shrinking-preview.png", "manifest.json"}
    again = command("scene", "--name", "shrinking")
    assert "is up to date" in again.out
    assert content(tmp_path / "public") == made


def test_options_equal_to_the_default_make_no_experiment(command: Command, tmp_path: Path) -> None:
    ended = command("scene", "--name", "shrinking", "--seed", 0, "--steps", 10, "--set", "rate=0.5", "--quiet")
    assert ended == Ended(0, "", "")
    assert (tmp_path / "public" / "shrinking.gif").exists()
    assert [*Path().iterdir()] == []


def test_an_experiment_goes_to_out_with_its_targets_shown_and_not_enforced(command: Command, public: Path) -> None:
    before = content(public)
    ended = command("scene", "--name", "shrinking", "--seed", 7, "--set", "rate=0.99", "--frames", 4)
    assert (ended.code, ended.err) == (0, "")
    first, second = ended.out.splitlines()
    assert first.startswith("out/shrinking.gif  4 frames  ")
    assert "1 of 2 targets met" in first
    assert re.fullmatch(r"  not met with this configuration: ratio is 0\.\d+, goal ≤ 0\.001", second)
    entry = json.loads(Path("out/manifest.json").read_text())["outputs"]["shrinking"]
    assert (entry["seed"], entry["config"]["rate"], entry["config"]["frames"]) == (7, 0.99, 4)
    assert content(public) == before


def test_an_experiment_that_is_told_where_goes_there(command: Command, tmp_path: Path) -> None:
    ended = command("scene", "--name", "shrinking", "--seed", 7, "--out", tmp_path / "there", "--no-poster")
    assert ended.code == 0
    assert content(tmp_path / "there").keys() == {"shrinking.gif", "manifest.json"}
    assert [*Path().iterdir()] == []


def test_a_scene_of_ones_own_goes_to_out_with_its_data_timings_and_theme(command: Command) -> None:
    options = "--theme dark --data out/run.npz --timings --no-poster"
    ended = command("scene", "--file", TINY_SCENE, *options.split())
    assert ended.code == 0
    assert content(Path("out")).keys() == {"shrinking-dark.gif", "run.npz", "manifest.json"}
    for stage in ("import", "compile", "train", "derive", "draw", "encode"):
        assert re.search(rf"\b{stage} \d+\.\d\d s", ended.out.splitlines()[-1])
    with np.load("out/run.npz") as data:
        assert set(data) == {"step", "labels", "points", "ratio"}
        points, own, ratio = data["points"].astype(float), data["labels"][:, None] == [0, 1], data["ratio"]
        assert len(points) == len(ratio) == len(data["step"]) == 6
    means = np.einsum("fnd,nc->fcd", points, own) / own.sum(axis=0)[:, None]
    within = ((points - np.einsum("fcd,nc->fnd", means, own)) ** 2).sum(axis=(1, 2))
    between = ((means - points.mean(axis=1, keepdims=True)) ** 2).sum(axis=2) @ own.sum(axis=0)
    np.testing.assert_allclose(ratio, within / between, rtol=1e-4)


def test_force_draws_again_what_is_up_to_date(command: Command, public: Path) -> None:
    before = content(public)
    for verb in (["scene", "--name", "shrinking"], ["all", "--only", "shrinking"]):
        assert "up to date" in command(*verb).out
        assert "targets met" in command(*verb, "--force").out
    assert content(public) == before


def test_all_draws_the_best_scene_in_both_themes_into_what_is_served_and_knows_it_is_there(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cli.own, "BEST", ("shrinking", "gathering"))
    drawn = {f"shrinking{theme}{end}" for theme in ("", "-dark") for end in (".gif", "-preview.png")}
    for out in ((), ("--force",)):
        assert "2 animations" in command("all", "--only", "shrinking", "--jobs", 1, *out).out
        assert content(tmp_path / "public").keys() == {*drawn, "manifest.json"}
    assert command("all", "--only", "shrinking").out == f"2 of 2 up to date in {tmp_path / 'public'}\n"
    (tmp_path / "public" / "shrinking-dark.gif").unlink()
    assert "shrinking-dark.gif  " in command("all", "--only", "shrinking").out
    command("all", "--only", "shrinking", "--out", "elsewhere")
    assert content(Path("elsewhere")).keys() == {"shrinking.gif", "shrinking-preview.png", "manifest.json"}


def test_a_figure_goes_to_out_under_the_name_of_its_frames(command: Command) -> None:
    ended = command("figure", "--name", "shrinking", "--at", "first,4", "--format", "svg", "--theme", "dark")
    assert ended == Ended(0, "out/shrinking-dark-first-4.svg\n", "")
    assert content(Path("out")).keys() == {"shrinking-dark-first-4.svg"}


# What is told


def test_each_container_has_its_own_entry_and_is_not_written_twice(command: Command, tmp_path: Path) -> None:
    asked, public = ("scene", "--name", "gathering", "--container"), tmp_path / "public"
    for container in ("gif", "webp", "apng"):
        assert f"gathering.{container}  " in command(*asked, container).out
        assert "is up to date" in command(*asked, container).out
    outputs = json.loads((public / "manifest.json").read_text())["outputs"]
    assert {key: entry["container"] for key, entry in outputs.items()} == {
        "told/gathering": "gif",
        "told/gathering.apng": "apng",
        "told/gathering.webp": "webp",
    }
    assert {path.name for path in (public / "told").iterdir()} == {
        "gathering-preview.png",
        *(f"gathering.{container}" for container in ("gif", "webp", "apng")),
    }
    refused = command(*asked, "avi")
    assert refused.code == 2
    assert "'avi' is not one of 'gif', 'webp', 'apng', 'mp4', 'webm'" in refused.err


def test_both_cuts_of_a_story_stand_side_by_side_and_are_not_drawn_twice(command: Command, tmp_path: Path) -> None:
    names, public = set(), tmp_path / "public"
    for cut, suffix, size in (("wide", "", (1100, 540)), ("column", "-column", (640, 760))):
        assert "2 of 2 targets met" in command("scene", "--name", "gathering", "--cut", cut).out
        names |= {f"gathering{suffix}.gif", f"gathering{suffix}-preview.png"}
        assert content(public / "told").keys() == names
        entry = json.loads((public / "manifest.json").read_text())["outputs"][f"told/gathering{suffix}"]
        assert (entry["cut"], entry["width"], entry["height"]) == (cut, *size)
        assert entry["message"] == "Points of a class end where their mean is."
        looks = {"words", "live_numbers", "panels", "hero_share", "hero_fill", "smallest_type_px", "still_frames"}
        assert entry["look"].keys() == looks
        assert entry["duration_ms"] == 1000 + 9 * 60 + 2 * 440 + 3000
        with Image.open(public / "told" / f"gathering{suffix}.gif") as animation:
            assert (animation.size, animation.info["duration"]) == (size, 1000)
    before = content(public / "told")
    for cut in ("wide", "column"):
        assert "is up to date" in command("scene", "--name", "gathering", "--cut", cut).out
    assert content(public / "told") == before


def test_a_sheet_is_written_and_nothing_else(command: Command, tmp_path: Path) -> None:
    for name in ("gathering", "shrinking"):
        assert command("scene", "--name", name, "--sheet") == Ended(0, f"out/sheets/{name}.png\n", "")
    assert {str(path) for path in Path().rglob("*.*")} == {"out/sheets/gathering.png", "out/sheets/shrinking.png"}
    assert not (tmp_path / "public").exists()
    elsewhere = tmp_path / "elsewhere"
    assert command("scene", "--file", TOLD_SCENE, "--sheet", "--out", elsewhere, "--quiet") == Ended(0, "", "")
    assert [path.name for path in elsewhere.rglob("*.*")] == ["gathering.png"]


def test_a_sheet_goes_to_no_folder_that_cannot_be_written_to(command: Command, tmp_path: Path) -> None:
    folder = unwritable(tmp_path)
    ended = command("scene", "--name", "gathering", "--sheet", "--out", folder)
    require_refused(ended, "cannot write to", "name another folder")


@pytest.mark.parametrize("verb", ["scene", "figure"])
def test_a_scene_in_cards_has_no_column(command: Command, tmp_path: Path, verb: str) -> None:
    ended = command(verb, "--name", "shrinking", "--cut", "column")
    require_refused(ended, "'Points shrink' is drawn in cards, which have no cut 'column': take wide")
    assert [*Path().iterdir()] == []
    assert not (tmp_path / "public").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Points gather at their means", "Points gather " + "and gather " * 16, "Points gather and gather"),
        ("They come nearer.", "They come " + "nearer and " * 30 + "nearer.", "They come nearer and"),
    ],
)
@pytest.mark.parametrize("cut", ["wide", "column"])
def test_a_title_or_a_sentence_without_room_is_refused_and_nothing_is_written(
    command: Command, tmp_path: Path, old: str, new: str, says: str, cut: str
) -> None:
    path = tmp_path / "too_long.py"
    path.write_text(TOLD_SCENE.read_text().replace(f'"{old}"', f'"{new}"'))
    ended = command("scene", "--file", path, "--cut", cut)
    require_refused(ended, "render: gathering: ", says, "does not fit into", " px at ", f"in the {cut} cut")
    assert [*Path().iterdir()] == []


def test_a_figure_of_a_story_has_the_cut_in_its_name(command: Command) -> None:
    ended = command("figure", "--name", "gathering", "--cut", "column", "--format", "svg", "--at", "first,last")
    assert ended == Ended(0, "out/told/gathering-column-first-last.svg\n", "")


def test_a_figure_for_print_has_the_width_and_the_dots_that_were_asked_for(command: Command) -> None:
    for width, dpi, pixels in (("3.25in", [], 975), ("8.255cm", ["--dpi", "200"], 650)):
        ended = command("figure", "--name", "gathering", "--at", "first,last", "--width", width, *dpi)
        assert ended == Ended(0, "out/told/gathering-first-last.png\n", "")
        with Image.open("out/told/gathering-first-last.png") as still:
            assert still.width == pixels


@pytest.mark.parametrize("width", ["3.25", "wide", "0.5in", "1e9in", "-3in", "nanin"])
def test_a_width_that_is_no_length_is_refused(command: Command, width: str) -> None:
    ended = command("figure", "--name", "gathering", f"--width={width}")
    require_refused(ended, f"{width!r}: a length from 1in to 40in, as 3.25in, 8cm or 82mm")


def test_the_list_says_of_every_scene_what_there_is_to_know(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    collapse = "scenes.three_states.neural_collapse"
    monkeypatch.setattr(cli, "SCENES", {"neural-collapse": collapse, "shrinking": str(TINY_SCENE)})
    rows = json.loads(command("list", "--json").out)
    assert [row["name"] for row in rows] == ["neural-collapse", "shrinking"]
    assert rows[-1] == {
        "name": "shrinking",
        "title": "Points shrink",
        "post": "none",
        "output": "shrinking",
        "frames": 6,
        "targets": ["ratio ≤ 0.001", "start = 1 ± 1e-06"],
    }
    assert command("list").out.splitlines()[-2:] == ["none", "  shrinking        Points shrink"]
    assert command("list", "--long").out.splitlines()[-1].split() == ["shrinking.gif,", "6", "frames,", "2", "targets"]


# All scenes


def test_all_draws_what_is_out_of_date_and_only_what_matches(
    command: Command, public: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scenes = {name: str(variant(tmp_path / f"{name}.py", ('"shrinking"', f'"{name}"'))) for name in ("swift", "b")}
    monkeypatch.setattr(cli, "SCENES", {"shrinking": str(TINY_SCENE), **scenes})
    before = content(public)
    ended = command("all", "--only", "s*", "--jobs", 1)
    assert ended.code == 0
    assert ended.out.splitlines()[0].startswith("1 of 2 up to date in ")
    assert re.findall(r"(\w+)\.gif", ended.out) == ["swift"]
    assert re.search(r"swift\.gif .* \[1 of 1\]\n1 animation, \d+\.\d MB, in \S+/: open", ended.out)
    assert content(public).keys() == before.keys() | {"swift.gif", "swift-preview.png"}
    (public / "shrinking.gif").unlink()
    assert re.findall(r"(\w+)\.gif", command("all", "--only", "s*", "--jobs", 1).out) == ["shrinking"]
    assert (public / "shrinking.gif").read_bytes() == before["shrinking.gif"]


def test_the_summary_names_what_is_not_as_committed(command: Command, rendered: Path, public: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(public), *identity, *arguments], check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "as drawn here")
    assert "committed" not in command("all", "--only", "shrinking", "--force", "--jobs", 1).out
    (public / "shrinking.gif").write_bytes(b"as drawn elsewhere")
    git("commit", "--all", "-m", "as drawn elsewhere")
    said = command("all", "--only", "shrinking", "--force", "--jobs", 1).out.splitlines()
    assert said[-2].startswith("1 file is not the committed one")
    assert said[-1] == "  shrinking.gif"


def test_a_scene_that_fails_lets_the_others_finish_and_gives_its_exit_code(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = variant(tmp_path / "far.py", ('"shrinking"', '"far"'), ('"at most", 1e-3', '"at most", -1.0'))
    odd = variant(tmp_path / "odd.py", ("{ratio:.6f}", "{no_such_array}"))
    monkeypatch.setattr(cli, "SCENES", {"far": str(far), "shrinking": str(TINY_SCENE)})
    ended = command("all", "--jobs", 1)
    assert ended.code == 3
    assert re.fullmatch(r"render: far: far is not written, it misses: ratio is \S+, goal ≤ -1\n", ended.err)
    assert "shrinking.gif" in ended.out
    monkeypatch.setattr(cli, "SCENES", {"far": str(far), "odd": str(odd)})
    ended = command("all", "--jobs", 1, "--traceback")
    assert ended.code == 1  # they fail for different reasons
    assert "render: odd: KeyError: 'no_such_array'" in ended.err
    assert ended.err.count("Traceback (most recent call last)") == 2
    assert content(tmp_path / "public").keys() == {"shrinking.gif", "shrinking-preview.png", "manifest.json"}


def test_two_at_once_into_one_folder_both_end_well_and_no_file_is_torn(rendered: Path, tmp_path: Path) -> None:
    other = variant(tmp_path / "other.py", ('"shrinking"', '"other"'))
    scenes, out = {"shrinking": str(TINY_SCENE), "other": str(other)}, tmp_path / "out"
    arguments = ["all", "--out", out, "--force", "--jobs", 1]
    for process in [start(*arguments, cwd=tmp_path, scenes=scenes) for _ in range(2)]:
        ended = end(process)
        assert (ended.code, ended.err) == (0, "")
    entries = json.loads((out / "manifest.json").read_text())["outputs"]
    assert entries.keys() == {"shrinking", "other"}
    for output, entry in entries.items():
        assert entry["files"].keys() == {f"{output}.gif", f"{output}-preview.png"}
        for name, digest in entry["files"].items():
            assert sha256((out / name).read_bytes()).hexdigest() == digest
    assert (out / "shrinking.gif").read_bytes() == (rendered / "shrinking.gif").read_bytes()
    assert len(content(out)) == 5  # and nothing temporary


def test_a_corrupt_manifest_is_made_anew_with_one_warning(rendered: Path, public: Path, tmp_path: Path) -> None:
    (public / "manifest.json").write_text('{"outputs": {"shrin')
    ended = end(start("all", "--out", public, cwd=tmp_path, scenes={"shrinking": str(TINY_SCENE)}))
    assert ended.code == 0
    assert ended.err == f"render: warning: {public / 'manifest.json'} cannot be read and is made anew\n"
    assert content(public) == content(rendered)


def test_a_missing_manifest_is_made_anew_with_one_warning(command: Command, rendered: Path, public: Path) -> None:
    (public / "manifest.json").unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        ended = command("all", "--only", "shrinking")
    assert ended.code == 0
    assert ended.err == f"render: warning: {public} has pictures but no manifest.json, which is made anew\n"
    assert content(public) == content(rendered)


# Targets and checks


def test_a_default_run_that_misses_a_target_exits_with_3_and_the_old_file_stays(
    command: Command, public: Path, tmp_path: Path
) -> None:
    before = content(public)
    far = variant(tmp_path / "far.py", ('"at most", 1e-3', '"at most", -1.0'))
    for verb in ("scene", "figure"):
        ended = command(verb, "--file", far, "--out", public)
        assert (ended.code, ended.out) == (3, "")
        assert re.fullmatch(r"render: shrinking is not written, it misses: ratio is \S+, goal ≤ -1\n", ended.err)
    assert content(public) == before


def test_a_check_that_holds_exits_with_0_and_says_of_each_target_how_it_holds(command: Command) -> None:
    ended = command("check", "--name", "shrinking", "--seeds", 2, "--first-seed", 3)
    assert (ended.code, ended.err) == (0, "")
    heading, ratio, figures, start, _, _, count = ended.out.splitlines()
    assert (heading, ratio, start) == ("shrinking", "  ✓ ratio", "  ✓ start (first frame)")
    assert re.fullmatch(
        r"      worst \S+ \(seed [34]\), goal ≤ 0.001, margin \S+, met on 2 of 2, bound ≥ 22.3 %", figures
    )
    assert count == "2 of 2 targets met"


def test_a_check_that_misses_exits_with_3_and_its_json_says_where(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = variant(tmp_path / "far.py", ('"at most", 1e-3', '"at most", -1.0'))
    monkeypatch.setattr(cli, "SCENES", {"shrinking": str(TINY_SCENE), "far": str(far)})
    ended = command("check", "--json", "reports/all.json")
    assert (ended.code, ended.err) == (3, "")
    assert "MISSED" in ended.out
    assert "3 of 4 targets met" in ended.out
    report = json.loads(Path("reports/all.json").read_text())
    assert {name: [verdict["failed"] for verdict in found] for name, found in report.items()} == {
        "shrinking": [False, False],
        "far": [True, False],
    }
    missed = report["far"][0]
    assert missed["value"] > 0
    assert missed["margin"] == pytest.approx(-1 - missed["value"])
    assert (missed["seeds"], missed["seeds_met"], missed["goal"]) == (1, 0, "≤ -1")
    assert command("check", "--name", "far", "--quiet") == Ended(3, "", "")


def test_own_seeds_and_json_on_stdout_and_nothing_else_there(command: Command) -> None:
    ended = command("check", "--name", "shrinking", "--seeds", "own", "--json", "-")
    assert (ended.code, ended.err) == (0, "")
    verdicts = json.loads(ended.out)["shrinking"]
    assert [(verdict["seeds"], verdict["seeds_met"]) for verdict in verdicts] == [(4, 4), (4, 4)]
    assert verdicts[0]["worst_seed"] in range(4)


def test_a_target_with_a_share_fails_nothing_on_fewer_seeds_than_its_own(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goal = '1e-3, "every step shrinks the points", seeds=4'
    far = variant(tmp_path / "far.py", (goal, '-1.0, "", seeds=2, share=0.5'))
    monkeypatch.setattr(cli, "SCENES", {"far": str(far)})
    assert command("check", "--seeds", 1).code == 0
    ended = command("check", "--seeds", "own")
    assert ended.code == 3
    assert "met on 0 of 2 (needs 50%)" in ended.out


# Bad luck

FALLS = """
def measure_until_small(config, state):
    measured = measure(config, state)
    return {**measured, "logarithm": jnp.where(measured["ratio"] < 1e-4, jnp.nan, 1.0)}


SCENE = __import__("dataclasses").replace(SCENE, name="falls", measure=measure_until_small)
"""


def test_a_number_that_is_not_finite_exits_with_1_and_names_scene_array_and_frame(
    command: Command, public: Path, tmp_path: Path
) -> None:
    assert command("scene", "--file", TINY_SCENE, "--data", "run.npz", "--quiet").code == 0
    with np.load("run.npz") as data:
        frame = int(np.argmax(data["ratio"] < 1e-4))
    assert 0 < frame < 5
    before = content(public)
    ended = command("scene", "--file", variant(tmp_path / "falls.py", then=FALLS), "--out", public)
    assert (ended.code, ended.out) == (1, "")
    says = rf"render: falls: 'logarithm' is not finite in frame {frame} \(step {2 * frame}, seed 0\); [^\n]+\n"
    assert re.fullmatch(says, ended.err)
    assert content(public) == before


def test_a_full_disk_exits_with_1_and_the_old_files_stay(
    command: Command, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(path: Path, *_: object) -> None:
        path.write_bytes(b"the first bytes")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(gif, "write", write)
    before = content(public)
    ended = command("scene", "--name", "shrinking", "--force")
    assert ended == Ended(1, "", f"render: {public / 'shrinking.gif'}: No space left on device\n")
    assert content(public) == before


# where there is no such device, the test of `produce` against a limit of the system says the same
@pytest.mark.parametrize("device", [path for path in (Path("/dev/full"), Path(os.devnull)) if path.exists()][:1])
def test_a_device_that_takes_nothing_exits_with_1_and_the_old_files_stay(
    command: Command, public: Path, monkeypatch: pytest.MonkeyPatch, device: Path
) -> None:
    whole = gif.write

    def write(path: Path, *arguments: Any) -> None:
        path.unlink()  # the temporary file that is there already
        path.symlink_to(device)
        whole(path, *arguments)

    monkeypatch.setattr(gif, "write", write)
    before = content(public)
    ended = command("scene", "--name", "shrinking", "--force")
    assert (ended.code, ended.out) == (1, "")
    assert re.fullmatch(r"render: [^\n]+\n", ended.err)
    if device.name == "full":
        assert ended.err == f"render: {public / 'shrinking.gif'}: No space left on device\n"
    assert content(public) == before


def test_an_error_that_nobody_foresaw_is_one_line_and_its_traceback_is_there_for_the_asking(
    command: Command, tmp_path: Path
) -> None:
    path = variant(tmp_path / "odd.py", ("{ratio:.6f}", "{no_such_array}"))
    ended = command("scene", "--file", path)
    assert ended == Ended(1, "", "render: KeyError: 'no_such_array' (--traceback shows the rest)\n")
    ended = command("scene", "--file", path, "--traceback")
    assert ended.code == 1
    assert ended.err.startswith("Traceback (most recent call last)")
    assert ended.err.endswith("render: KeyError: 'no_such_array' (--traceback shows the rest)\n")


# Ctrl-C

PAUSE = """
import dataclasses, pathlib, time
from render.picture import figure
from render.encoding import gif


def pause(*_):
    pathlib.Path({marker!r}).touch()
    time.sleep(600)
"""
MOMENTS = {
    "compile": "SCENE = dataclasses.replace(SCENE, init=pause)",
    "train": """
def slowly(config, state):
    jax.debug.callback(pause)
    return step(config, state)


SCENE = dataclasses.replace(SCENE, step=slowly)
""",
    "draw": """
frames = figure.frames


def two(*arguments):
    for count, frame in enumerate(frames(*arguments)):
        yield frame
        if count == 1:
            pause()


figure.frames = two
""",
    "encode": """
write = gif.write


def written(path, *arguments):
    write(path, *arguments)
    pause()


gif.write = written
""",
}


@dataclass
class Interrupted:
    ended: Ended
    temporary: list[str]  # when the signal was sent
    before: dict[str, bytes]
    after: dict[str, bytes]


@pytest.fixture(scope="module")
def interrupted(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Interrupted]]:
    """The command, interrupted at each moment, and "pool": two processes while they encode. All run at once."""
    processes: dict[str, subprocess.Popen[str]] = {}
    folders: dict[str, Path] = {}
    markers: dict[str, list[Path]] = {}
    for moment in [*MOMENTS, "pool"]:
        folder = tmp_path_factory.mktemp(moment)
        folders[moment] = shutil.copytree(rendered, folder / "out")
        names = ["shrinking"] if moment != "pool" else ["shrinking", "other"]
        markers[moment] = [folder / f"{name}-reached" for name in names]
        scenes = {}
        for name, marker in zip(names, markers[moment], strict=True):
            then = PAUSE.format(marker=str(marker)) + MOMENTS.get(moment, MOMENTS["encode"])
            scenes[name] = str(variant(folder / f"{name}.py", ('"shrinking"', f'"{name}"'), then=then))
        verb = ["all", "--jobs", 2] if moment == "pool" else ["scene", "--file", scenes["shrinking"]]
        arguments = [*verb, "--out", folders[moment]]
        processes[moment] = start(*arguments, cwd=folder, scenes=scenes, start_new_session=True)
    results = {}
    try:
        for moment, process in processes.items():
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not all(marker.exists() for marker in markers[moment]):
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline, moment
                time.sleep(0.01)
            temporary = [path.name for path in folders[moment].glob(".*.tmp")]
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the command and to all it started
            results[moment] = Interrupted(end(process), temporary, content(rendered), content(folders[moment]))
        yield results
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


@pytest.mark.parametrize("moment", [*MOMENTS, "pool"])
def test_ctrl_c_exits_with_130_and_leaves_the_old_file_and_nothing_temporary(
    interrupted: dict[str, Interrupted], moment: str
) -> None:
    result = interrupted[moment]
    assert result.ended.code == 130, result.ended
    assert result.ended.out == ""
    assert result.ended.err.strip() == "render: interrupted; every file is whole, the old one or the new"
    assert len(result.temporary) == {"draw": 1, "encode": 1, "pool": 2}.get(
        moment, 0
    )  # there was something to clean up
    assert result.after == result.before
