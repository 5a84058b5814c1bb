"""Many scenes: the same bytes in one process and in several, and one that fails stops no other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from render.errors import TargetMissed
from render.production import batch
from render.production.batch import Forecast, Outcome, render_all
from render.production.cache import Cache
from render.production.drawings import Drawing
from render.production.edition import Edition
from tests.conftest import TINY_SCENE

Scenes = dict[str, str]
Made = tuple[Path, dict[str, Outcome]]


ODD = """
class Odd(Exception):
    def __init__(self, this, that):
        super().__init__(f"{this} and {that}")


def fail(*_):
    raise Odd("this", "that")


SCENE = dataclasses.replace(SCENE, derive=fail)
"""

STUCK = """
import pathlib, time
from render.encoding import gif
whole = gif.write


def write(*arguments):
    whole(*arguments)
    pathlib.Path({marker!r}).touch()
    time.sleep(600)


gif.write = write
"""


def variant(folder: Path, name: str, *changes: tuple[str, str], then: str = "") -> str:
    """A scene file like the tiny one but for its name, some changes, and what comes after; its path."""
    source = TINY_SCENE.read_text().replace('"shrinking"', f'"{name}"')
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    path = folder / f"{name}.py"
    path.write_text(source + then)
    return str(path)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """Two that work and, between them, two that fail: by a target, and with an error that no other process knows."""
    folder = tmp_path_factory.mktemp("scenes")
    return {
        "slow": variant(folder, "slow", ("rate: float = between(0.5,", "rate: float = between(0.4,")),
        "odd": variant(folder, "odd", then=f"\nimport dataclasses\n{ODD}"),
        "far": variant(folder, "far", ('"at most", 1e-3', '"at most", -1.0')),
        "fast": variant(folder, "fast", ("rate: float = between(0.5,", "rate: float = between(0.3,")),
    }


@pytest.fixture(scope="module")
def one_process(scenes: Scenes, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return rendered(scenes, tmp_path_factory.mktemp("one"), jobs=1)


@pytest.fixture(scope="module")
def two_processes(scenes: Scenes, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return rendered(scenes, tmp_path_factory.mktemp("two"), jobs=2)


def rendered(scenes: Scenes, folder: Path, jobs: int) -> Made:
    outcomes = list(render_all(scenes, Edition(folder), jobs=jobs))
    assert len(outcomes) == len(scenes)
    return folder, {outcome.name: outcome for outcome in outcomes}


def test_the_bytes_are_the_same_in_one_process_and_in_two(one_process: Made, two_processes: Made) -> None:
    one, two = ({path.name: path.read_bytes() for path in made[0].iterdir()} for made in (one_process, two_processes))
    pictures = {f"{name}{end}" for name in ("slow", "fast") for end in (".gif", "-preview.png")}
    assert one.keys() == pictures | {"manifest.json"}
    assert one == two  # the manifest, too


@pytest.mark.parametrize("made", ["one_process", "two_processes"])
def test_a_scene_that_fails_is_an_outcome_and_lets_the_others_finish(made: str, request: pytest.FixtureRequest) -> None:
    folder, outcomes = request.getfixturevalue(made)
    for name in ("slow", "fast"):
        outcome = outcomes[name]
        assert outcome.error is None
        assert outcome.output == name
        assert outcome.entry["name"] == name
        assert outcome.seconds.keys() >= {"import", "compile", "train", "draw", "encode"}
        assert (folder / f"{name}.gif").stat().st_size == outcome.entry["bytes"]
    assert isinstance(outcomes["far"].error, TargetMissed)
    assert "far is not written, it misses: ratio" in str(outcomes["far"].error)
    assert str(outcomes["odd"].error).endswith("this and that")
    assert "Odd" in f"{type(outcomes['odd'].error).__name__}: {outcomes['odd'].error}"


def test_an_error_comes_home_from_a_worker_with_its_traceback(two_processes: Made) -> None:
    for name, line in {"odd": 'raise Odd("this", "that")', "far": "raise TargetMissed("}.items():
        (note,) = two_processes[1][name].error.__notes__
        assert line in note


def test_what_is_left_is_guessed_from_the_last_time_and_then_from_how_fast_it_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(batch, "time", SimpleNamespace(monotonic=lambda: now[0]))
    forecast = Forecast(["a", "b", "c"], {"a": 10, "b": 20, "c": 30}, jobs=2)
    assert forecast.left_seconds() == 30  # 60 s of work for two
    now[0] += 5
    assert forecast.ended("a") == 25  # a sixth of the work took 5 s
    now[0] += 20
    assert forecast.ended("c") == pytest.approx(25 * 20 / 40)
    assert forecast.ended("b") == 0
    assert Forecast(["a", "new"], {"a": 10}, jobs=1).left_seconds() is None
    unknown = Forecast(["x", "y"], {}, jobs=1)
    assert unknown.left_seconds() is None
    now[0] += 7
    assert unknown.ended("x") == 7


def test_each_outcome_says_what_is_left(one_process: Made, two_processes: Made) -> None:
    for _, outcomes in (one_process, two_processes):
        left = [outcome.left_seconds for outcome in outcomes.values()]
        assert left[-1] == 0
        assert all(seconds > 0 for seconds in left[:-1])


INHERITS = """
import os, signal


def tell(config):
    held = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    raise ValueError(f"{os.environ.get('JAX_PLATFORMS')!r} {held or signal.getsignal(signal.SIGINT)!r}")


SCENE = dataclasses.replace(SCENE, derive=tell)
"""


def test_workers_train_where_their_parent_does_and_never_hear_ctrl_c_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAX_PLATFORMS", "")  # JAX takes what it finds
    scenes = {name: variant(tmp_path, name, then=f"\nimport dataclasses\n{INHERITS}") for name in ("one", "two")}
    for outcome in render_all(scenes, Edition(tmp_path / "out"), jobs=2):
        assert "'' True" in str(outcome.error)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_what_takes_longest_starts_first_as_far_as_that_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition, cache = Edition(tmp_path), Cache(tmp_path / "cache")
    asked = [Drawing(name, "", edition) for name in ("short", "fresh", "long", "long and fresh", "longer and fresh")]
    cache.note_durations({"short": 1.0, "long": 9.0})
    monkeypatch.setattr(batch, "render_one", lambda drawing, *_: Outcome(drawing.label))
    longest = ("longer and fresh", "long and fresh", "none of these", "short")
    order = [outcome.name for outcome in batch.draw_all(asked, 1, None, cache, longest)]
    assert order == ["longer and fresh", "long and fresh", "fresh", "long", "short"]
    assert [one.name for one in batch.draw_all(asked, 1, None, None)] == [one.label for one in asked]


def test_nothing_to_do_is_no_outcome_and_no_process(tmp_path: Path) -> None:
    assert list(render_all({}, Edition(tmp_path), jobs=4)) == []
    assert multiprocessing.active_children() == []


def test_one_scene_needs_no_process_of_its_own(scenes: Scenes, tmp_path: Path) -> None:
    with closing(render_all({"far": scenes["far"]}, Edition(tmp_path), jobs=8)) as outcomes:
        outcome = next(outcomes)
        assert multiprocessing.active_children() == []
    assert isinstance(outcome.error, TargetMissed)


def test_who_stops_listening_ends_the_workers_and_leaves_no_temporary_file(scenes: Scenes, tmp_path: Path) -> None:
    marker, out = tmp_path / "reached", tmp_path / "out"
    stuck = variant(tmp_path, "stuck", then=STUCK.format(marker=str(marker)))
    outcomes = render_all({"far": scenes["far"], "stuck": stuck}, Edition(out), jobs=2)
    assert next(outcomes).name == "far"
    deadline = time.monotonic() + 90
    while not marker.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [path.suffix for path in out.iterdir()] == [".tmp"]
    workers = [worker.pid for worker in multiprocessing.active_children()]
    assert workers
    outcomes.close()
    assert list(out.iterdir()) == []
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_running, workers))


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
