"""What is happening, live on a terminal: a line for each piece of work, with the stage that it is in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from render.printable import printable
from render.stages import Stages, duration


class Board:
    """Display of the stages of work in progress, one line a piece; this one shows nothing. Use as a context manager."""

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
            TextColumn("{task.description}  {task.fields[stage]}", markup=False),  # a folder may be called [/red]
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
        task = self._progress.add_task(printable(label), stage="", total=None)
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
    """Board without a terminal: one line on stderr for a stage that will take long, and nothing else."""

    @contextmanager
    def line(self, label: str) -> Iterator[Stages]:
        yield NotingStages(printable(label))


class NotingStages(Stages):
    """Stages that say on stderr how long one will take: "neural-collapse trains for about 3 min"."""

    foretells = True

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label

    def show_foretold(self, name: str, how_long: str) -> None:
        print(f"{self._label} {name}s {how_long}", file=sys.stderr, flush=True)


def board(quiet: bool) -> Board:
    """The board for stderr: live lines on a terminal, and elsewhere only estimates of long stages."""
    if quiet:
        return Board()
    return LiveBoard() if sys.stderr.isatty() else NotingBoard()


class ToldStages(Stages):
    """Stages that pass on what is to be shown to a listener: (name, count, total)."""

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
