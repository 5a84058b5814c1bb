"""Where an audit sums up its rows: on the cores of this machine, on a GPU that JAX has here, or on a cluster.

JAX takes seconds to start a GPU, and as many to compile for it. So all else is compiled for the CPU, and what is not
large is summed up there, without asking whether there is a GPU.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from render.device import CPU, GPU, NoDevice

if TYPE_CHECKING:
    from render.audit.files.snapshots import Snapshot
    from render.audit.sums.one_pass import Passed

    Passing = Callable[..., Passed]

# Multiplications of the products X'X from which a GPU is used unasked: what ten cores take ten seconds for, at 1e11 a
# second each, which is about what JAX was seen to take for its first start on a GPU. From where on it pays was not
# measured: no GPU was at hand.
WORTH = 10**13
PLUGINS = ("jax_cuda13_plugin", "jax_cuda12_plugin")  # of JAX, without which it finds no GPU
NODES = ("/dev/nvidiactl", "/dev/dxg")  # of the system, where there is one; the second in Windows' Linux
SAID = os.environ.get("JAX_PLATFORMS")  # by the user: this module is imported before the command says it for itself


@contextmanager
def passing(
    device: str | None, workers: int | None, scheduler: str | None, snapshots: Iterable[Snapshot] | None
) -> Iterator[Passing]:
    """The function that passes over the rows of a snapshot, of any of these, while what it needs is open.

    `device`: "cpu", "gpu", or None for a GPU where there is one and the snapshots, which None stands for small ones of,
    are large enough. Raises NoDevice for a GPU that is asked for and not there, ValueError as `distributed.workers`.
    """
    if workers is not None or scheduler is not None:
        from render.audit.sums import distributed

        with distributed.workers(workers, scheduler) as pool:
            yield pool.accumulate
        return
    from render.audit.sums.one_pass import accumulate

    gpu = _gpu(asked=device == "gpu") if device == "gpu" or (device is None and _large(snapshots or ())) else None
    if gpu is None:
        yield accumulate
        return
    from render.audit.sums.on_device import OnDevice

    yield OnDevice(gpu).accumulate


def seems_there() -> bool:
    """Whether there seems to be a GPU that JAX can use; JAX is not asked."""
    return any(map(importlib.util.find_spec, PLUGINS)) and any(map(os.path.exists, NODES))


def _large(snapshots: Iterable[Snapshot]) -> bool:
    """Whether it is worth to ask for a GPU for any of them, and one seems to be there."""
    if SAID == CPU or not seems_there():
        return False
    from render.audit.sums.chunks import width

    return any(snapshot.points * width(snapshot) ** 2 >= WORTH for snapshot in snapshots)


def _gpu(asked: bool) -> Any:
    """JAX's first GPU, everything else being left to the CPU; None, which is said, where JAX cannot use one.

    Raises NoDevice if it was asked for and JAX finds none. For the command alone: it sets what JAX does here.
    """
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # else it takes most of its memory at once
    import jax

    before = jax.config.jax_platforms  # type: ignore[attr-defined]
    jax.config.update("jax_platforms", f"{CPU},{GPU}")  # the first is where programs run that nobody places
    try:
        found = jax.devices(GPU)[0]
    except Exception as error:  # a RuntimeError with many lines, or an AssertionError with none
        jax.config.update("jax_platforms", before)
        why = str(error).split("\n")[0] or type(error).__name__
        if asked:
            raise NoDevice(
                f"--device gpu: JAX finds no such device here ({why}); leave it out to audit on the CPU, or see "
                "docs.jax.dev for what a GPU needs"
            ) from error
        warnings.warn(f"a GPU is here, and JAX cannot use it ({why}): the rows are summed up on the CPU", stacklevel=2)
        return None
    return found


__all__ = ["WORTH", "passing", "seems_there"]
