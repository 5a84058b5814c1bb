"""Estimate of how long a run will train, made before it starts: single steps and measurements, timed in small programs.

These are compiled while the run's own program is, and have finished before it starts: if XLA has one thread, a second
program waits for the end of the first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
from jax import lax

from render.loading import overrides
from render.scene import Config, Scene
from render.stages import WORTH_S, Stages

DEADLINE_S = 3.0  # for timing: after that a lower bound is shown
ENOUGH_S = 0.1  # a timed call this long makes the cost of starting a program negligible
START_S = 1.0  # delay that a first call may have on a busy machine
LONG_S = 5.0  # a call this long is not repeated
GROWTH = 4  # factor on the count of a call that was shorter than ENOUGH_S


@dataclass
class Timing:
    """Timing of a run that consists of several kinds of work, each done `times` times; `now`: a clock in seconds.

    each: seconds that one of a kind takes, for the kinds timed so far; seconds: of all of them together.
    """

    times: Mapping[str, int]
    now: Callable[[], float] = time.perf_counter
    each: dict[str, float] = field(default_factory=dict)
    _believed: set[str] = field(default_factory=set)
    _since: tuple[str, int, float] | None = None

    def measure(self, name: str, work: Callable[[int], Any]) -> None:
        """Time `work(count)`: once if at that rate the total is negligible, else with larger counts until reliable.

        The shortest of two calls or more counts: the first, or any on a busy machine, may be delayed by other work.
        """
        count, most, calls = 1, self.times[name], 0
        while True:
            start = self.now()
            self._since = name, count, start
            work(count)
            took, self._since = self.now() - start, None
            calls += 1
            self.each[name] = min(self.each.get(name, took), took / count)
            if calls > 1 or took >= LONG_S:
                self._believed.add(name)
            trifle = self.each[name] * most < WORTH_S / 10
            if trifle or most == 1 or took >= LONG_S or (calls > 1 and (took >= ENOUGH_S or count == most)):
                return
            count = count if took >= ENOUGH_S else min(GROWTH * count, most)

    @property
    def seconds(self) -> float:
        return sum(taken * self.times[name] for name, taken in self.each.items())

    @property
    def at_least(self) -> float:
        """Lower bound on `seconds`: from reliable times, and from the time so far, less START_S, of a first call."""
        since = self._since
        going = 0.0
        if since and since[0] not in self.each:
            name, count, start = since
            going = max(self.now() - start - START_S, 0.0) / count * self.times[name]
        return going + sum(self.each[name] * self.times[name] for name in self._believed)


class Forecast:
    """Estimate of how long a run will train, made on a thread from construction on; `say` waits for it and shows it.

    compiled: lowered program -> executable. Errors are swallowed: then no estimate is shown.
    """

    def __init__(self, scene: Scene, config: Config, compiled: Callable[[Any], Any]) -> None:
        self.timing = Timing({"start": 1, "step": config.steps, "measurement": config.frames})
        self._may_run, self._failed = threading.Event(), False
        self._thread = threading.Thread(target=self._find_out, args=(scene, config, compiled), daemon=True)
        self._thread.start()

    def say(self, stages: Stages) -> None:
        self._may_run.set()
        start, early = self.timing.now(), True
        while self._thread.is_alive():  # in short turns, so that Ctrl-C is heard
            self._thread.join(0.1)
            if early and self._thread.is_alive() and self.timing.now() - start >= DEADLINE_S:
                early = not stages.foretell("train", self.timing.at_least, at_least=True)
        if not self._failed:
            stages.foretell("train", self.timing.seconds)

    def _find_out(self, scene: Scene, config: Config, compiled: Callable[[Any], Any]) -> None:
        try:
            self._time(scene, config, compiled)
        except Exception:
            self._failed = True

    def _time(self, scene: Scene, config: Config, compiled: Callable[[Any], Any]) -> None:
        def init(seed: Any) -> Any:
            return scene.init(config, jax.random.key(seed))

        def steps(state: Any, count: Any) -> Any:
            return lax.fori_loop(0, count, lambda _, inner: scene.step(config, inner), state)

        shapes = jax.eval_shape(init, 0)
        programs = [
            compiled(jax.jit(program).lower(*given))
            for program, given in (
                (init, (0,)),
                (steps, (shapes, 1)),
                (lambda state: scene.measure(config, state), (shapes,)),
            )
        ]
        self._may_run.wait()
        state = None

        def begin(_: int) -> None:
            nonlocal state
            state = jax.block_until_ready(programs[0](0))

        def advance(count: int) -> None:
            nonlocal state
            state = jax.block_until_ready(programs[1](state, count))

        def measure(count: int) -> None:
            for _ in range(count):
                jax.block_until_ready(programs[2](state))

        for name, work in (("start", begin), ("step", advance), ("measurement", measure)):
            self.timing.measure(name, work)


def is_due(config: Config, stages: Stages) -> bool:
    """Whether estimates are shown and an integer field, such as `steps`, is not at its default: more work, or less."""
    changed = overrides(config).keys() - {"seed", "frame_ms", "hold_ms"}
    return stages.foretells and any(isinstance(getattr(config, name), int) for name in changed)
