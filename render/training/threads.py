"""What the command, the tests and the benchmark run under, unless the environment says otherwise: threads, device.

Said before NumPy and jax are loaded, by whoever starts a process; never to a user's own.
"""

from __future__ import annotations

import os

from render.device import CPU

# More than the batches of matrices that one program ever factors at once. Each holds a thread of XLA's while it waits
# for others that do its parts: with no more threads than such calls all of them would wait for ever. What the project
# has itself factors no batch (`render.metrics.linear_algebra`); a scene of a user's own may. A single thread does the
# parts itself, and a network as small as those here trains faster on it.
CALLS = 8


def environment(programs: int = 1, large: bool = False) -> dict[str, str]:
    """Variables for a process that runs so many compiled programs at once, on matrices that are small, or `large`."""
    variables = {"NPROC": str(CALLS * programs if programs > 1 else 1), "JAX_PLATFORMS": CPU}
    variables["TF_CPP_MIN_LOG_LEVEL"] = "3"  # XLA's log says on stderr that a busy machine compiles slowly
    if not large:  # threads of OpenBLAS in every process would only wait for each other
        variables["OPENBLAS_NUM_THREADS"] = "1"
    return variables


def programs_at_once() -> int:
    """How many programs may run at once so that none waits for another for ever, 1 or more."""
    return max(int(os.environ.get("NPROC") or os.cpu_count() or 1) // CALLS, 1)
