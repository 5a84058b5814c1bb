"""What is happening, live on a terminal: a line for each piece of work, with the stage that it is in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from render.stages import Stages


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
        left = f", {duration(left_seconds)} left" if left_seconds is not None and done < total else ""
        self._progress.update(self._all, description=f"{done} of {total} done{left}")


def duration(seconds: float) -> str:
    """Seconds in words, as rough as a guess is: about 40 s, about 3 min."""
    if seconds < 90:
        return f"about {max(5 * round(seconds / 5), 1)} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {seconds / 3600:.0f} h"


def board(quiet: bool) -> Board:
    """Live lines on a terminal, silence elsewhere."""
    return Board() if quiet or not sys.stderr.isatty() else LiveBoard()


class ToldStages(Stages):
    """Stages that tell a listener what is to be shown: (name, count, total)."""

    def __init__(self, listener: Callable[[str, int | None, int | None], Any]) -> None:
        super().__init__()
        self._listener = listener

    def show(self, name: str, count: int | None = None, total: int | None = None) -> None:
        self._listener(name, count, total)


def in_words(name: str, count: int | None = None, total: int | None = None) -> str:
    return name if count is None else f"{name} {count + 1}/{total}"
