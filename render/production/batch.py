"""Many scenes to files, in this process or in several; the same bytes either way."""

from __future__ import annotations

import dataclasses
import math
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from render.production import drawings, workers
from render.production.drawings import Drawing
from render.production.edition import Edition
from render.stages import Stages
from render.terminal.progress import Board, ToldStages

if TYPE_CHECKING:
    from render.production.cache import Cache

_told: list[Any] = []  # in a worker: the queue to which it reports its stages


@dataclass(frozen=True)
class Outcome:
    """A drawing's end: its manifest entry and output, or the error that ended it; `seconds` of each stage.

    name: the drawing's label. left_seconds: how long the remaining ones will take, None if unknown.
    """

    name: str
    output: str = ""
    entry: Mapping[str, Any] | None = None
    error: Exception | None = None
    seconds: Mapping[str, float] | None = None
    left_seconds: float | None = None


class Forecast:
    """Estimate of the time left in a batch: the scenes' last times, scaled by the pace of this batch so far.

    known: name -> seconds the last time; a scene that is not in it counts as an average one.
    """

    def __init__(self, names: Iterable[str], known: Mapping[str, float], jobs: int) -> None:
        names = list(names)
        timed = [known[name] for name in names if name in known]
        average = sum(timed) / len(timed) if timed else 1.0
        self._weights = {name: known.get(name, average) for name in names}
        self._left, self._jobs, self._start = set(names), jobs, time.monotonic()
        self._first_guess = len(timed) == len(names)

    def ended(self, name: str) -> float | None:
        """Count a scene as done. -> seconds left, None if unknown."""
        self._left.discard(name)
        return self.left_seconds()

    def left_seconds(self) -> float | None:
        left = sum(self._weights[name] for name in self._left)
        done = sum(self._weights.values()) - left
        if done:
            return (time.monotonic() - self._start) * left / done
        return left / self._jobs if self._first_guess else None


def render_one(drawing: Drawing, cache: Cache | None, stages: Stages) -> Outcome:
    """Render one scene in its default configuration; an error is part of the outcome."""
    try:
        with stages("import"):
            from render.production import outputs, runs
        run = runs.find(drawing.reference, cache=cache, stages=stages)
        produced = outputs.produce(run, drawing.edition, stages=stages)
    except Exception as error:
        return Outcome(drawing.label, error=error, seconds=stages.seconds)
    return Outcome(drawing.label, produced.output, produced.entry, seconds=stages.seconds)


def render_all(
    scenes: Mapping[str, str],
    edition: Edition,
    *,
    jobs: int = 1,
    board: Board | None = None,
    cache: Cache | None = None,
) -> Generator[Outcome, None, None]:
    """Outcomes of scenes, all in one edition, as `draw_all` gives them. scenes: name -> reference."""
    yield from draw_all(drawings.of(scenes, edition), jobs, board, cache)


def draw_all(
    asked: Sequence[Drawing],
    jobs: int = 1,
    board: Board | None = None,
    cache: Cache | None = None,
    longest: Sequence[str] = (),
) -> Generator[Outcome, None, None]:
    """Outcomes as drawings end. jobs: processes; with one, or one drawing, this process does it.

    A scene's failure does not stop the others. Scenes start by their last time, the longest first and those never timed
    before all, so that no process is left alone with a long one at the end. longest: labels in whose order those start
    that were never timed, before others.
    """
    board = board or Board()
    known = cache.durations() if cache else {}
    ranks = {label: rank for rank, label in enumerate(longest)}
    ordered = sorted(asked, key=lambda one: (-known.get(one.label, math.inf), ranks.get(one.label, len(ranks))))
    taken = {}
    if not asked:
        return
    jobs = min(jobs, len(asked))
    forecast = Forecast([drawing.label for drawing in asked], known, jobs)
    board.expect(0, len(asked), forecast.left_seconds())
    with closing(_outcomes(ordered, jobs, board, cache)) as outcomes:
        for done, outcome in enumerate(outcomes, start=1):
            if outcome.error is None and outcome.seconds:
                taken[outcome.name] = sum(outcome.seconds.values())
            left = forecast.ended(outcome.name)
            board.expect(done, len(asked), left)
            yield dataclasses.replace(outcome, left_seconds=left)
    if cache and taken:
        cache.note_durations({**known, **taken})


def _outcomes(
    asked: Sequence[Drawing],
    jobs: int,
    board: Board,
    cache: Cache | None,
) -> Generator[Outcome, None, None]:
    with board:
        if jobs <= 1:
            for drawing in asked:
                with board.line(drawing.label) as stages:
                    outcome = render_one(drawing, cache, stages)
                yield outcome
            return
        with _pool(jobs, board) as pool:
            with _interrupts_held():  # workers inherit the mask: none is interrupted before it ignores Ctrl-C
                futures = {pool.submit(_render_one_in_worker, one, cache): one.label for one in asked}
            for future in as_completed(futures):
                error = future.exception()
                if isinstance(error, Exception):  # the worker died; the scene's own errors are in its outcome
                    yield Outcome(futures[future], error=error)
                else:
                    yield future.result()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Block what interrupts during the block; it takes effect at its end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, workers.HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _render_one_in_worker(drawing: Drawing, cache: Cache | None) -> Outcome:
    tell = _told[0] if _told else None
    stages = ToldStages(lambda *shown: tell.put((drawing.label, shown))) if tell else Stages()
    try:
        outcome = render_one(drawing, cache, stages)
    finally:
        if workers.terminated:  # temporary files are gone by now: end before the pool sends another scene
            os._exit(1)
    if tell:
        tell.put((drawing.label, None))
    return outcome if outcome.error is None else dataclasses.replace(outcome, error=_portable(outcome.error))


def _portable(error: Exception) -> Exception:
    """An error that can be unpickled in another process, with its traceback as a note; others would break the pool."""
    portable, module = error, type(error).__module__
    if module != "builtins" and not module.startswith("render."):
        kind = ValueError if isinstance(error, ValueError) else RuntimeError
        portable = kind(f"{type(error).__name__}: {error}")
    portable.add_note("".join(traceback.format_exception(error)))
    return portable


@contextmanager
def _pool(jobs: int, board: Board) -> Iterator[ProcessPoolExecutor]:
    """Pool of spawned processes, which on Ctrl-C remove their temporary files and end before this one does."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as lines:
        told = context.SimpleQueue() if board.live else None
        pool = ProcessPoolExecutor(jobs, context, initializer=_start_worker, initargs=(told,))
        if told is not None:
            threading.Thread(target=_show_what_is_told, args=(told, board, lines), daemon=True).start()
        try:
            yield pool
            pool.shutdown()
        except BaseException:
            started = multiprocessing.active_children()
            for worker in started:
                worker.terminate()
            for worker in started:
                worker.join(workers.GRACE_SECONDS / len(started))
                worker.kill()
            pool.shutdown(cancel_futures=True)  # releases its semaphores, or Python warns of leaked ones
            raise


def _show_what_is_told(told: Any, board: Board, lines: ExitStack) -> None:
    """Thread's loop: show what workers report on the queue `told`, one line of the board per scene until it is done."""
    open_lines: dict[str, tuple[ExitStack, Stages]] = {}
    while True:
        name, shown = told.get()
        if name not in open_lines:
            own = lines.enter_context(ExitStack())
            open_lines[name] = own, own.enter_context(board.line(name))
        if shown is None:
            open_lines.pop(name)[0].close()
        else:
            open_lines[name][1].show(*shown)


def _start_worker(told: Any) -> None:
    """In a worker, before its first scene."""
    if told is not None:
        _told.append(told)
    workers.start()
