"""How long a run will train, found out before it does: one step and one measurement, timed in programs of their own.

They are compiled while the run's own program is, and are done before it starts: on one thread of XLA's a second program
would wait for the end of the first.
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

DEADLINE_S = 3.0  # of finding out: what is known by then is said, be it no more than a lower bound
ENOUGH_S = 0.1  # of steps or of measurements: long beside what starting a program takes
START_S = 1.0  # that a first one may have to wait on a busy machine
LONG_S = 5.0  # of a single one: too long to do it again
GROWTH = 4  # of their number until it is enough


@dataclass
class Timing:
    """What is known of a run that does each of several things so many `times`; `now` tells the time in seconds.

    each: how long each takes alone, as far as that is known; seconds: what all of it takes.
    """

    times: Mapping[str, int]
    now: Callable[[], float] = time.perf_counter
    each: dict[str, float] = field(default_factory=dict)
    _believed: set[str] = field(default_factory=set)
    _since: tuple[str, int, float] | None = None

    def measure(self, name: str, work: Callable[[int], Any]) -> None:
        """Time `work(count)`: once if all of them are a trifle at that rate, and else until it is to be believed.

        The least of at least two is taken: a first one may wait for much else, and so may any on a busy machine.
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
        """What it takes at the least: what is going on for the first time counts as long as it has, less a start."""
        since = self._since
        going = 0.0
        if since and since[0] not in self.each:
            name, count, start = since
            going = max(self.now() - start - START_S, 0.0) / count * self.times[name]
        return going + sum(self.each[name] * self.times[name] for name in self._believed)


class Forecast:
    """How long a run will train, being found out on a thread from now on; `say` waits for it, and says so.

    compiled: from a lowered program to one that runs. What goes wrong here is nobody's business: nothing is said.
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
    """Whether somebody is told, and a whole number was asked for that is not the default: more work, or less."""
    changed = overrides(config).keys() - {"seed", "frame_ms", "hold_ms"}
    return stages.foretells and any(isinstance(getattr(config, name), int) for name in changed)
