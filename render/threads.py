"""What the command and the tests run under, unless the environment says otherwise: how many threads libraries start.

Said before NumPy and jax are loaded, by whoever starts a process; never to a user's own.
"""

from __future__ import annotations

import os

ENVIRONMENT = {
    # the matrices are small: threads of OpenBLAS in every process only wait for each other
    "OPENBLAS_NUM_THREADS": "1",
    # programs of several batches of seeds run at once, and one that calls LAPACK for a batch holds a thread of XLA's
    # while it waits for another: with no more threads than programs all of them would wait for ever
    "NPROC": str(2 * (os.cpu_count() or 1)),
}
