"""Frame Potential: animated figures of how representations form, measured live and checked against theory."""

import os

# Before jax starts its threads: programs of several batches of seeds run at once, and one that calls LAPACK for a batch
# holds a thread while it waits for another. With no more threads than programs all of them would wait for ever.
os.environ.setdefault("NPROC", str(2 * (os.cpu_count() or 1)))
