"""Many scenes to files, in this process or in several; the same bytes either way."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from render.progress import Stages

GRACE_SECONDS = 1.5  # for workers to clean up after themselves when interrupted
_terminated: list[int] = []  # in a worker: the signal that told it to end


@dataclass(frozen=True)
class Outcome:
    """A scene's end: its manifest entry and output, or the error that ended it; `seconds` of each stage."""

    name: str
    output: str = ""
    entry: Mapping[str, Any] | None = None
    error: Exception | None = None
    seconds: Mapping[str, float] | None = None


def render_one(name: str, reference: str, folder: Path, theme: str, poster: bool, stages: Stages) -> Outcome:
    """Render one scene in its default configuration; an error is part of the outcome."""
    try:
        with stages("import"):
            from render import outputs
            from render.loading import load_scene

            scene = load_scene(reference)
        produced = outputs.produce(scene, scene.config(), reference, folder, theme, poster, stages=stages)
    except Exception as error:
        return Outcome(name, error=error, seconds=stages.seconds)
    return Outcome(name, produced.output, produced.entry, seconds=stages.seconds)


def render_all(
    scenes: Mapping[str, str],
    folder: Path,
    theme: str,
    poster: bool,
    jobs: int,
    stages_of: Callable[[str], Any],
) -> Generator[Outcome, None, None]:
    """Outcomes as they come. scenes: name -> reference. jobs: processes; with one, or one scene, this process does it.

    stages_of(label): a context manager that gives the Stages to show. One scene's failure lets the others finish.
    """
    if min(jobs, len(scenes)) <= 1:
        for name, reference in scenes.items():
            with stages_of(name) as stages:
                outcome = render_one(name, reference, folder, theme, poster, stages)
            yield outcome
        return
    with _pool(min(jobs, len(scenes))) as pool:
        futures = {
            pool.submit(_render_one_in_worker, name, reference, folder, theme, poster): name
            for name, reference in scenes.items()
        }
        with stages_of(f"{len(scenes)} scenes, {jobs} at a time") as stages:
            for count, future in enumerate(as_completed(futures), start=1):
                stages.show("done", count - 1, len(scenes))
                error = future.exception()
                if isinstance(error, Exception):  # the worker died; the scene's own errors are in its outcome
                    yield Outcome(futures[future], error=error)
                else:
                    yield future.result()


def _render_one_in_worker(name: str, reference: str, folder: Path, theme: str, poster: bool) -> Outcome:
    try:
        outcome = render_one(name, reference, folder, theme, poster, Stages())
    finally:
        if _terminated:  # and unwound: the pool must not hand this process the next scene
            os._exit(1)
    return outcome if outcome.error is None else dataclasses.replace(outcome, error=_portable(outcome.error))


def _portable(error: Exception) -> Exception:
    """An error that another process can unpickle, its traceback as a note; one that it cannot would break the pool."""
    portable, module = error, type(error).__module__
    if module != "builtins" and not module.startswith("render."):
        kind = ValueError if isinstance(error, ValueError) else RuntimeError
        portable = kind(f"{type(error).__name__}: {error}")
    portable.add_note("".join(traceback.format_exception(error)))
    return portable


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are started afresh, and on Ctrl-C clean up and end before this one does."""
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_on_termination_unwind)
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        workers = multiprocessing.active_children()
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(GRACE_SECONDS / len(workers))
            worker.kill()
        pool.shutdown(cancel_futures=True)  # gives its semaphores back, which Python would complain of on stderr
        raise


def _on_termination_unwind() -> None:
    """In a worker: leave Ctrl-C to the parent, and turn its SIGTERM into an exception, so that temporary files go."""

    def unwind(number: int, frame: FrameType | None) -> None:
        _terminated.append(number)
        raise SystemExit(number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, unwind)
