"""Stages are timed, each less what was within it, and shown on a terminal."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from render import progress
from render.progress import LiveBoard, Stages


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(perf_counter=clock))
    return clock


class Recorder(Stages):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[str, int | None, int | None]] = []

    def show(self, name: str, count: int | None = None, total: int | None = None) -> None:
        self.shown.append((name, count, total))


def test_a_stage_has_its_time_and_stages_of_one_name_add_up(clock: Clock) -> None:
    stages = Stages()
    with stages("train"):
        clock.now += 2
    clock.now += 100
    with stages("train"):
        clock.now += 3
    assert stages.seconds == {"train": 5}


def test_a_stage_is_not_charged_for_the_stages_within_it(clock: Clock) -> None:
    stages = Stages()
    with stages("encode"):
        clock.now += 1
        with stages("draw"):
            clock.now += 10
            with stages("font"):
                clock.now += 100
        clock.now += 1
        with stages("draw"):
            clock.now += 20
    assert stages.seconds == {"font": 100, "draw": 30, "encode": 2}


def test_a_stage_that_fails_is_timed_too(clock: Clock) -> None:
    stages = Stages()
    with pytest.raises(ValueError, match="lost"), stages("train"):  # noqa: PT012
        clock.now += 4
        raise ValueError("lost")
    with stages("draw"):
        clock.now += 1
    assert stages.seconds == {"train": 4, "draw": 1}


def test_each_passes_items_on_one_by_one_and_times_their_making_only(clock: Clock) -> None:
    stages, made = Recorder(), []

    def items() -> Iterator[str]:
        for item in "abc":
            clock.now += 10
            made.append(item)
            yield item

    with stages("encode"):
        for count, item in enumerate(stages.each("draw", items(), 3), start=1):
            assert made[-1] == item
            assert len(made) == count
            clock.now += 1
    assert made == ["a", "b", "c"]
    assert stages.seconds == {"draw": 30, "encode": 3}
    assert [shown for shown in stages.shown if shown[1] is not None] == [("draw", k, 3) for k in range(3)]


def test_entering_a_stage_shows_it_and_the_plain_kind_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder()
    with recorder("compile"), recorder("train"):
        assert recorder.shown == [("compile", None, None), ("train", None, None)]
    with Stages()("train"):
        pass
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (10.0, "10 s"),
        (42.0, "40 s"),
        (89.0, "90 s"),
        (100.0, "2 min"),
        (185.0, "3 min"),
        (5000.0, "83 min"),
        (2e4, "6 h"),
    ],
)
def test_a_length_of_time_is_said_as_one_would(seconds: float, words: str) -> None:
    assert progress.duration(seconds) == words


def test_without_a_terminal_what_takes_long_is_a_line_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress.board(False) as board, board.line("neural-collapse") as stages:
        assert stages.foretells
        with stages("train"):
            assert not stages.foretell("train", 4.0)
            assert stages.foretell("train", 60.0, at_least=True)
            assert stages.foretell("train", 180.0)
    told = "neural-collapse trains for at least 60 s\nneural-collapse trains for about 3 min\n"
    assert capsys.readouterr() == ("", told)
    with progress.board(True) as board, board.line("neural-collapse") as stages:
        assert not stages.foretells
        stages.foretell("train", 180.0)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_what_takes_long_is_part_of_the_line() -> None:
    shown: list[str] = []
    stages = progress.ToldStages(lambda *what: shown.append(progress.in_words(*what)))
    stages.foretell("train", 180.0)
    with stages("train"):
        pass
    stages.foretell("draw", 3.0)
    stages.show("draw", 4, 80)
    assert shown == ["train for about 3 min", "train for about 3 min", "draw 5/80"]


def test_a_long_count_is_foretold_once_from_what_the_first_took(clock: Clock) -> None:
    class Listening(Recorder):
        foretells = True

        def __init__(self) -> None:
            super().__init__()
            self.told: list[tuple[str, str]] = []

        def show_foretold(self, name: str, how_long: str) -> None:
            self.told.append((name, how_long))

    def items() -> Iterator[int]:
        for item in range(100):
            clock.now += 1
            yield item

    stages = Listening()
    for _ in stages.each("draw", items(), 100):
        assert len(stages.told) <= 1
    assert stages.told == [("draw", "for about 2 min")]
    plain = Recorder()
    assert list(plain.each("draw", range(3), 3)) == [0, 1, 2]


def test_on_a_terminal_label_stage_and_a_counter_from_one_are_shown_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", terminal)
    with LiveBoard() as board, board.line("neural-collapse") as stages:
        for text, arguments in {"neural-collapse  train": ("train",), "draw 3/80": ("draw", 2, 80)}.items():
            stages.show(*arguments)
            deadline = time.monotonic() + 20
            while text not in terminal.getvalue() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert text in terminal.getvalue()
