"""Environment variables of the command, the tests and the benchmark: threads and device, unless they are set already.

Entry points set them before NumPy and jax are loaded; the library never changes the environment of a user's process.
"""

from __future__ import annotations

import os

from render.device import CPU

# More threads than a program ever runs batched factorisations at once. Each of these holds an XLA thread while it waits
# for other threads to factor its matrices: with no more threads than such calls, all would wait for ever. The project
# itself factors no batch (`render.metrics.linear_algebra`), but a user's scene may. A single thread does all of the
# work itself, and small networks train faster on it.
CALLS = 8


def environment(programs: int = 1, large: bool = False) -> dict[str, str]:
    """Variables for a process that runs `programs` compiled programs at once, on small matrices unless `large`."""
    variables = {"NPROC": str(CALLS * programs if programs > 1 else 1), "JAX_PLATFORMS": CPU}
    variables["TF_CPP_MIN_LOG_LEVEL"] = "3"  # else XLA warns on stderr when a busy machine compiles slowly
    if not large:  # threads of OpenBLAS in every process would only wait for each other
        variables["OPENBLAS_NUM_THREADS"] = "1"
    return variables


def programs_at_once() -> int:
    """Number of programs that can run at once without deadlock, 1 or more: XLA's threads / CALLS."""
    return max(int(os.environ.get("NPROC") or os.cpu_count() or 1) // CALLS, 1)
