"""The same pass on many processes or machines: a tree of partial moments on Dask.

Each task opens the snapshot by its path, so that every worker must see the same files; what travels is the moments of a
range of rows, (columns, columns) numbers and a few points, never the rows.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from render.audit.files.addresses import located
from render.audit.files.labels import Classes
from render.audit.files.snapshots import Keys, Snapshot, open_snapshot
from render.audit.sums import outcome
from render.audit.sums.chunks import chunk_rows
from render.audit.sums.cores import cores
from render.audit.sums.one_pass import Passed, accumulate, join

TASKS_A_THREAD = 4  # enough that a slow worker does not keep the others waiting
FAN_IN = 8  # partial results that one task joins


@dataclass(frozen=True)
class Workers:
    """A Dask cluster that passes over rows, as `one_pass.accumulate` does in this process."""

    client: Any

    def accumulate(
        self,
        snapshot: Snapshot,
        *,
        classes: Classes | None = None,
        rows_at_once: int | None = None,
        normalize: bool = False,
    ) -> Passed:
        """The pass over all rows of a snapshot, in ranges on the workers, joined as a tree.

        A worker goes through as many ranges at once as it has threads, each with one thread of BLAS. Raises ValueError
        as `one_pass.accumulate` does, and without workers.
        """
        # what `scheduler_info` says is also written by a timer, which asks for no workers
        threads = sum(self.client.nthreads().values())
        if not threads:
            raise ValueError("the Dask scheduler has no workers: start some with `dask worker`")
        size = rows_at_once or chunk_rows(snapshot)
        chunks = -(-snapshot.points // size)
        step = -(-chunks // (TASKS_A_THREAD * threads)) * size
        path, keys = snapshot.path.absolute(), _anywhere(snapshot.keys)
        layer = [
            self.client.submit(
                accumulate_range,
                *(path, keys, start, min(start + step, snapshot.points), size, normalize, classes),
                pure=False,
            )
            for start in range(0, snapshot.points, step)
        ]
        while len(layer) > 1:
            groups = [layer[first : first + FAN_IN] for first in range(0, len(layer), FAN_IN)]
            layer = [self.client.submit(_join_all, group, pure=False) for group in groups]
        return outcome.of(self.client, layer[0])


def accumulate_range(
    path: Path, keys: Keys, start: int, stop: int, size: int, normalize: bool, classes: Classes | None = None
) -> Passed:
    """What one task does: pass over rows start to stop - 1 of the snapshot at `path`."""
    snapshot = open_snapshot(path, keys)
    return accumulate(snapshot, start, stop, classes=classes, rows_at_once=size, normalize=normalize, threads=1)


def _join_all(parts: list[Passed]) -> Passed:
    return join(*parts)


def _anywhere(keys: Keys) -> Keys:
    """The same keys, those that are files by their absolute path: workers may be in another folder."""

    def absolute(key: str | None) -> str | None:
        return str(located(key).absolute()) if key is not None and key.endswith(".npy") else key

    return Keys(**{role: absolute(key) for role, key in vars(keys).items()})


@contextmanager
def workers(count: int | None = None, scheduler: str | None = None) -> Iterator[Workers]:
    """A cluster of `count` processes on this machine, or the one of the scheduler at an address ("tcp://host:8786").

    Raises ValueError unless one of the two is given, if Dask is not installed, and if no scheduler answers.
    """
    if (count is None) == (scheduler is None):
        raise ValueError("name either a number of workers or the address of a scheduler")
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise ValueError(f"{error.name} is not installed: pip install 'frame-potential[dask]'") from error
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=10)
        except (OSError, ValueError) as error:
            raise ValueError(f"no Dask scheduler answers at {scheduler}: start one with `dask scheduler`") from error
        with client:
            yield Workers(client)
        return
    threads = max(cores() // (count or 1), 1)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a thread a core: those of BLAS would only wait
    options = {"threads_per_worker": threads, "dashboard_address": None, "memory_limit": 0}
    options["silence_logs"] = logging.CRITICAL
    with LocalCluster(n_workers=count, processes=True, **options) as cluster, Client(cluster) as client:
        yield Workers(client)


__all__ = ["Workers", "accumulate_range", "workers"]
