"""What the low-rank measure costs on many samples, beside the one matrix product Phi'Phi that it cannot do without.

A benchmark is no test: it prints, and exits 0.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from render.metrics.richness import low_rank_measure

SAMPLES, DIM, CLASSES = 100_000, 1024, 100
RUNS = 3


def measure() -> dict[str, float]:
    """Seconds of both under jit, their ratio, and the megabytes beyond the inputs, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench_richness", "--here"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def on_device(rng: np.random.Generator, shape: tuple[int, int]) -> jax.Array:
    """Normal numbers round 1, made where they stay: a copy on the way would hide as much memory in the peak."""
    entries = shape[0] * shape[1]
    buffer = np.empty(entries + 16, np.float32)
    skipped = -buffer.ctypes.data // 4 % 16  # only arrays on 64 bytes are taken as they are
    array = buffer[skipped : skipped + entries].reshape(shape)
    rng.standard_normal(dtype=np.float32, out=array)
    array += 1
    return jnp.from_dlpack(array)


def peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def seconds(function: Callable[..., jax.Array], *arrays: jax.Array) -> float:
    start = time.perf_counter()
    function(*arrays).block_until_ready()
    return time.perf_counter() - start


def measure_here() -> dict[str, float]:
    rng = np.random.default_rng(0)
    features, outputs = on_device(rng, (SAMPLES, DIM)), on_device(rng, (SAMPLES, CLASSES))
    product, low_rank = jax.jit(lambda phi: phi.T @ phi), jax.jit(low_rank_measure)
    before = peak_mb()
    seconds(low_rank, features, outputs)  # compiles: that memory counts, too
    extra_mb = peak_mb() - before
    seconds(product, features)
    # in turns and the best of each, because others work on the machine
    pairs = [(seconds(low_rank, features, outputs), seconds(product, features)) for _ in range(RUNS)]
    ours, theirs = (min(column) for column in zip(*pairs, strict=True))
    return {"seconds": ours, "product_seconds": theirs, "ratio": ours / theirs, "extra_mb": extra_mb}


if __name__ == "__main__":
    print(json.dumps(measure_here() if "--here" in sys.argv else measure()))
