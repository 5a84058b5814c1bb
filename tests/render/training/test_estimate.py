"""How long a run will take is found out from one step and one measurement, and never gets into the run's way."""

from __future__ import annotations

import dataclasses
import threading

import numpy as np
import pytest

from render.stages import Stages
from render.training import estimate, trajectory
from render.training.estimate import Forecast, Timing, is_due


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Listening(Stages):
    """Stages that keep what was foretold."""

    foretells = True

    def __init__(self) -> None:
        super().__init__()
        self.foretold: list[tuple[str, float, bool]] = []

    def foretell(self, name: str, seconds: float, at_least: bool = False) -> bool:
        self.foretold.append((name, seconds, at_least))
        return True


def taking(clock: Clock, seconds: float, called: list[int]):
    def work(count: int) -> None:
        called.append(count)
        clock.now += seconds * count

    return work


def test_the_whole_is_each_part_times_how_often_it_is_done() -> None:
    clock, called = Clock(), []
    timing = Timing({"start": 1, "step": 1000, "measurement": 80}, clock)
    for name, seconds in {"start": 2.0, "step": 0.5, "measurement": 3.0}.items():
        timing.measure(name, taking(clock, seconds, called))
    assert timing.seconds == 2 + 500 + 240
    assert called == [1, 1, 1, 1, 1]  # of what is done more than once, two that are long enough to be believed


def test_what_is_quick_is_repeated_until_it_is_to_be_believed_and_what_is_a_trifle_is_not() -> None:
    clock, called = Clock(), []
    timing = Timing({"step": 10**6, "measurement": 80}, clock)
    timing.measure("step", taking(clock, 0.001, called))
    assert len(called) > 2
    assert called[-1] * 0.001 >= estimate.ENOUGH_S
    assert timing.seconds == pytest.approx(1000)
    called.clear()
    timing.measure("measurement", taking(clock, 0.001, called))
    assert called == [1]


def test_no_more_is_done_than_the_run_itself_would() -> None:
    clock, called = Clock(), []
    timing = Timing({"step": 3}, clock)
    timing.measure("step", taking(clock, 0.001, called))
    assert called == [1]
    called.clear()
    timing = Timing({"step": 3}, clock)
    timing.measure("step", taking(clock, 4.0, called))
    assert called == [1, 1]
    called.clear()
    timing.measure("step", taking(clock, estimate.LONG_S, called))
    assert called == [1]


def test_a_first_one_that_has_to_wait_does_not_count() -> None:
    clock, took = Clock(), iter([2.0, 0.25, 3.0])

    def work(count: int) -> None:
        clock.now += next(took)

    timing = Timing({"step": 1000}, clock)
    timing.measure("step", work)
    assert timing.seconds == 250


def test_at_least_counts_what_is_believed_and_what_is_going_on_less_a_start() -> None:
    clock, seen = Clock(), []
    timing = Timing({"step": 100, "measurement": 50}, clock)

    def first(count: int) -> None:
        clock.now += 0.75
        seen.append(timing.at_least)
        clock.now += 0.25

    timing.measure("step", first)
    assert seen == [0.0, 0.0]  # a first one may only be waiting
    seen.clear()

    def work(count: int) -> None:
        clock.now += 4
        seen.append(timing.at_least)
        clock.now += 6

    timing.measure("measurement", work)
    assert seen == [100 * 1.0 + 50 * (4 - estimate.START_S)]
    assert timing.seconds == timing.at_least == 100 + 50 * 10


def test_a_forecast_times_the_scenes_own_functions(tiny) -> None:
    stages = Listening()
    config = tiny.config(frames=7, steps=50)
    forecast = Forecast(tiny, config, trajectory._optimised)
    forecast.say(stages)
    assert forecast.timing.times == {"start": 1, "step": 50, "measurement": 7}
    assert forecast.timing.each.keys() == {"start", "step", "measurement"}
    assert [(name, at_least) for name, _, at_least in stages.foretold if not at_least] == [("train", False)]
    assert stages.foretold[-1][1] == pytest.approx(forecast.timing.seconds)


def test_at_the_deadline_a_lower_bound_is_said_and_the_estimate_when_it_is_there(tiny, monkeypatch) -> None:
    monkeypatch.setattr(estimate, "DEADLINE_S", 0.0)
    said = threading.Event()

    class Telling(Listening):
        def foretell(self, name: str, seconds: float, at_least: bool = False) -> bool:
            said.set()
            return super().foretell(name, seconds, at_least)

    def find_out(self: Forecast, *_: object) -> None:
        self.timing.measure("measurement", lambda count: setattr(clock, "now", clock.now + 5))
        said.wait(60)
        self.timing.each["step"] = 1.0

    monkeypatch.setattr(Forecast, "_time", find_out)
    clock, stages = Clock(), Telling()
    monkeypatch.setattr(estimate, "Timing", lambda times: Timing(times, clock))
    Forecast(tiny, tiny.config(frames=4, steps=10), lambda lowered: lowered).say(stages)
    assert stages.foretold == [("train", 20.0, True), ("train", 30.0, False)]


def test_a_forecast_that_fails_says_nothing_and_the_run_is_what_it_is_without(tiny, monkeypatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no estimate")

    config = tiny.config(steps=20)
    alone = trajectory.run(tiny, config)
    for broken in (False, True):
        if broken:
            monkeypatch.setattr(Forecast, "_time", fails)
        stages = Listening()
        told = trajectory.run(dataclasses.replace(tiny, alt="compiled for itself"), config, stages)
        assert [name for name, _, at_least in stages.foretold if not at_least] == ([] if broken else ["train"])
        for name, array in alone.arrays.items():
            np.testing.assert_array_equal(told.arrays[name], array)


def test_a_forecast_is_due_where_somebody_is_told_and_other_work_was_asked_for(tiny) -> None:
    assert is_due(tiny.config(steps=20), Listening())
    assert is_due(tiny.config(frames=5), Listening())
    assert not is_due(tiny.config(), Listening())
    assert not is_due(tiny.config(seed=4, frame_ms=100, hold_ms=2000), Listening())
    assert not is_due(tiny.config(rate=0.25), Listening())  # another number in the same program
    assert not is_due(tiny.config(steps=20), Stages())
