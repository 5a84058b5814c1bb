"""Named stages of a piece of work and the seconds of each; what shows them on a terminal is in `render.progress`.

Library functions take `Stages`: how they are shown decides no picture and no run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


class Stages:
    """A stopwatch of named stages; `seconds` has the time of each, less that of the stages entered within it.

    Library functions take one and enter stages; subclasses show them.
    """

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
        """Pass items on; making each is a stage of its own, shown with a counter."""
        iterator = iter(items)
        for count in range(total):
            with self(name):
                self.show(name, count, total)
                item = next(iterator)
            yield item

    def show(self, name: str, count: int | None = None, total: int | None = None) -> None:
        """Called at each change; here nothing is shown."""
