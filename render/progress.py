"""What is happening and how long it took: named stages, shown live on a terminal, timed everywhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

Item = TypeVar("Item")

PATIENCE_S = 3.0  # of drawing, before it is said how long the rest will take
FEW = 5  # items by whose time the rest is guessed, at least
WORTH_S = 10.0  # what takes less is over before anybody has read how long it takes


class Stages:
    """A stopwatch of named stages; `seconds` has the time of each, less that of the stages entered within it.

    Library functions take one and enter stages; subclasses show them. foretells: whether it is of use to find out how
    long a stage will take.
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
        """Pass items on; making each is a stage of its own, shown with a counter, and foretold where it takes long."""
        iterator, before, foretold = iter(items), self.seconds.get(name, 0.0), not self.foretells
        for count in range(total):
            with self(name):
                self.show(name, count, total)
                item = next(iterator)
            if count == 0:  # which is made with all that stands still, and says nothing of the others
                first = self.seconds[name] - before
            taken = self.seconds[name] - before - first
            if not foretold and count >= FEW and taken >= PATIENCE_S:
                self.foretell(name, first + taken / count * (total - 1))
                foretold = True
            yield item

    def show(self, name: str, count: int | None = None, total: int | None = None) -> None:
        """Called at each change; here nothing is shown."""

    def foretell(self, name: str, seconds: float, at_least: bool = False) -> bool:
        """Say how long a stage will take in all, or at least, if that is long enough to be of interest; whether so."""
        if seconds < WORTH_S:
            return False
        self.show_foretold(name, f"for {'at least' if at_least else 'about'} {duration(seconds)}")
        return True

    def show_foretold(self, name: str, how_long: str) -> None:
        """Called with what was foretold, in words; here nothing is shown."""


class Board:
    """Where the stages of what is being done are shown, a line for each; here nowhere. Use as a context manager."""

    live = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @contextmanager
    def line(self, label: str) -> Iterator[Stages]:
        """Stages that are shown under `label` for as long as the block takes."""
        yield Stages()

    def expect(self, done: int, total: int, left_seconds: float | None) -> None:
        """Show how many of all lines are done, and how long the others will take."""


class LiveBoard(Board):
    """Lines of the terminal: label, stage, frame counter, elapsed time; each is gone when its block ends."""

    live = True

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}  {task.fields[stage]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._all: Any = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextmanager
    def line(self, label: str) -> Iterator[Stages]:
        task = self._progress.add_task(label, stage="", total=None)
        try:
            yield ToldStages(lambda *shown: self._progress.update(task, stage=in_words(*shown)))
        finally:
            self._progress.remove_task(task)

    def expect(self, done: int, total: int, left_seconds: float | None) -> None:
        if self._all is None:
            self._all = self._progress.add_task("", stage="", total=None)
        left = f", about {duration(left_seconds)} left" if left_seconds is not None and done < total else ""
        self._progress.update(self._all, description=f"{done} of {total} done{left}")


class NotingBoard(Board):
    """Where there is no terminal: nothing but how long it takes, a line on stderr where that is long."""

    @contextmanager
    def line(self, label: str) -> Iterator[Stages]:
        yield NotingStages(label)


class NotingStages(Stages):
    """Stages that say on stderr how long one will take: "neural-collapse trains for about 3 min"."""

    foretells = True

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label

    def show_foretold(self, name: str, how_long: str) -> None:
        print(f"{self._label} {name}s {how_long}", file=sys.stderr, flush=True)


def board(quiet: bool) -> Board:
    """Live lines on a terminal, and elsewhere no more than how long it takes."""
    if quiet:
        return Board()
    return LiveBoard() if sys.stderr.isatty() else NotingBoard()


def duration(seconds: float) -> str:
    """A length of time as one would say it: 40 s, 3 min, 5 h."""
    if seconds < 90:
        return f"{max(5 * round(seconds / 5), 1)} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.0f} h"


class ToldStages(Stages):
    """Stages that tell a listener what is to be shown: (name, count, total)."""

    foretells = True

    def __init__(self, listener: Callable[[str, int | None, int | None], Any]) -> None:
        super().__init__()
        self._listener = listener
        self._foretold: dict[str, str] = {}

    def show(self, name: str, count: int | None = None, total: int | None = None) -> None:
        self._listener(f"{name} {self._foretold[name]}" if name in self._foretold else name, count, total)

    def show_foretold(self, name: str, how_long: str) -> None:
        self._foretold[name] = how_long
        self.show(name)


def in_words(name: str, count: int | None = None, total: int | None = None) -> str:
    return name if count is None else f"{name} {count + 1}/{total}"
