"""Named stages of a piece of work and the seconds of each; `render.terminal.progress` shows them.

Library functions take `Stages`: how they are shown decides no picture and no run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

PATIENCE_S = 3.0  # time spent on items before the rest is estimated
FEW = 5  # items, at least, from whose time the rest is estimated
WORTH_S = 10.0  # a shorter stage gets no estimate: it is over before that is read


class Stages:
    """A stopwatch of named stages; `seconds` has the time of each, less that of the stages entered within it.

    Library functions take one and enter stages; subclasses show them. foretells: whether estimates of how long a stage
    will take are shown, so that it is worth making them.
    """

    foretells = False

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._within: list[float] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self.show(name)
        self._within.append(0.0)
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            self.seconds[name] = self.seconds.get(name, 0.0) + elapsed - self._within.pop()
            if self._within:
                self._within[-1] += elapsed

    def each(self, name: str, items: Iterable[Item], total: int) -> Iterator[Item]:
        """Yield items, timing the making of each as a stage with a counter; a long stage's total time is estimated."""
        iterator, before, foretold = iter(items), self.seconds.get(name, 0.0), not self.foretells
        for count in range(total):
            with self(name):
                self.show(name, count, total)
                item = next(iterator)
            if count == 0:  # the first one includes work done once: no estimate for the others
                first = self.seconds[name] - before
            taken = self.seconds[name] - before - first
            if not foretold and count >= FEW and taken >= PATIENCE_S:
                self.foretell(name, first + taken / count * (total - 1))
                foretold = True
            yield item

    def show(self, name: str, count: int | None = None, total: int | None = None) -> None:
        """Called at each change; here nothing is shown."""

    def foretell(self, name: str, seconds: float, at_least: bool = False) -> bool:
        """Show how long a stage will take in all, or at least, if that is WORTH_S or more. -> whether it was shown."""
        if seconds < WORTH_S:
            return False
        self.show_foretold(name, f"for {'at least' if at_least else 'about'} {duration(seconds)}")
        return True

    def show_foretold(self, name: str, how_long: str) -> None:
        """Called with an estimate in words, "for about 3 min"; here nothing is shown."""


def duration(seconds: float) -> str:
    """A length of time as one would say it: 40 s, 3 min, 5 h."""
    if seconds < 90:
        return f"{max(5 * round(seconds / 5), 1)} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.0f} h"
