"""Stages are timed, each less what was within it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from render import stages as module
from render.stages import Stages


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=clock))
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


def test_a_long_count_is_foretold_once_from_what_those_after_the_first_took(clock: Clock) -> None:
    class Listening(Recorder):
        foretells = True

        def __init__(self) -> None:
            super().__init__()
            self.told: list[tuple[str, str]] = []

        def show_foretold(self, name: str, how_long: str) -> None:
            self.told.append((name, how_long))

    def items() -> Iterator[int]:
        for item in range(100):
            clock.now += 1 if item else 60  # with the first comes what stands still
            yield item

    stages = Listening()
    for _ in stages.each("draw", items(), 100):
        assert len(stages.told) <= 1
    assert stages.told == [("draw", "for about 3 min")]  # 60 s and 99 s
    plain = Recorder()
    assert list(plain.each("draw", range(3), 3)) == [0, 1, 2]


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
    assert module.duration(seconds) == words
