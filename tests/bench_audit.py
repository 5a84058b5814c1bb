"""What an audit costs: time against the bare product X'X, chunk by chunk, and memory against nothing at all.

Both read the same file in the same chunks in one process, which is fresh, on as many cores: the bare product on that
many threads of BLAS, or streamed through the same device. They are timed in turn, and so is the time of the processors
(`cpu_ratio`), because the machine may be busier at one time than at another. A small audit of the same columns and
classes goes first, because what it compiles is compiled once a process, if it is not in the cache. A benchmark is no
test: it prints and exits 0.

`python -m tests.bench_audit --columns 512 100000 300000 1000000`
`python -m tests.bench_audit --cores 1 2 all --device gpu --workers 1 2 4 --columns 512 100000 1000000`
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS, CLASSES = 512, 10
BLOCK = 20_000  # rows written at once
WARM_UP_ROWS = 4_000
ROUNDS = 3
FILES = ("features.npy", "labels.npy")
SIZES = (100_000, 300_000, 1_000_000)


def write(folder: Path, rows: int, columns: int) -> None:
    """float32 features in clusters, and their labels, never all in memory."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, rows)
    means = rng.standard_normal((CLASSES, columns), dtype=np.float32)
    with (folder / FILES[0]).open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (rows, columns)})
        for start in range(0, rows, BLOCK):
            part = labels[start : start + BLOCK]
            (means[part] + rng.standard_normal((len(part), columns), dtype=np.float32)).tofile(file)
    np.save(folder / FILES[1], labels)


def peak_mb() -> float:
    unit = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss counts bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def in_turn(*works: Callable[[], Any], rounds: int = ROUNDS) -> list[tuple[float, float]]:
    """The least seconds of each of some works, and of the processors, one after the other in each round."""
    taken: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, taken, strict=True):
            start, worked = time.perf_counter(), time.process_time()
            work()
            times.append((time.perf_counter() - start, time.process_time() - worked))
    return [(min(one[0] for one in times), min(one[1] for one in times)) for times in taken]


def product(snapshot: Any, size: int) -> None:
    """X'X, chunk by chunk, on the threads of BLAS."""
    total = np.zeros((snapshot.features.shape[1],) * 2)
    for first in range(0, snapshot.points, size):
        chunk = snapshot.features.read(first, min(first + size, snapshot.points))
        total += chunk.T @ chunk


def streamed(snapshot: Any, size: int, device: Any, readers: int) -> None:
    """X'X, chunk by chunk, on a device, in float32 in full precision, while as many threads read those that follow."""
    import jax
    import jax.numpy as jnp

    @partial(jax.jit, donate_argnums=0)
    def add(total: Any, chunk: Any) -> Any:
        return total + jnp.matmul(chunk.T, chunk, precision="highest")

    total = jnp.zeros((snapshot.features.shape[1],) * 2, jnp.float32, device=device)
    with ThreadPoolExecutor(readers) as pool:
        coming: deque[Any] = deque()
        for first in range(0, snapshot.points + readers * size, size):
            if first < snapshot.points:
                coming.append(pool.submit(snapshot.features.read, first, min(first + size, snapshot.points)))
            if first >= readers * size:
                total = add(total, jax.device_put(coming.popleft().result(), device))
    total.block_until_ready()


def child(folder: Path, cores: Sequence[int], device: str, workers: Sequence[int]) -> dict[str, Any]:
    """The figures of the snapshot in a folder, and of one beside it to warm up with; in a process of its own."""
    from threadpoolctl import threadpool_limits

    from render.audit.files.snapshots import Keys, Snapshot, open_snapshot
    from render.audit.report import audit
    from render.audit.sums.chunks import chunk_rows

    def opened(where: Path) -> Snapshot:
        return open_snapshot(where / FILES[0], Keys(labels=str(where / FILES[1])))

    libraries_mb = peak_mb()
    [(warm_up_seconds, _)] = in_turn(lambda: audit(opened(folder / "small")), rounds=1)
    snapshot = opened(folder)
    size, found = chunk_rows(snapshot), {}
    report, bare = partial(audit, snapshot), partial(product, snapshot, size)
    for count in cores:
        with threadpool_limits(count, user_api="blas"):
            found[f"{count} cores"] = _figures(*in_turn(report, bare))
    extra_mb = peak_mb() - libraries_mb
    if device:
        found[f"device {device}"] = _on_device(snapshot, device, max(cores), partial(audit, snapshot))
    for count in workers:
        from render.audit.sums import distributed

        with distributed.workers(count) as pool:
            found[f"{count} workers"] = _figures(*in_turn(partial(report, passing=pool.accumulate), bare))
    first = found[f"{cores[-1]} cores"]
    return {"rows": snapshot.points, **first, "extra_mb": extra_mb, "warm_up_seconds": warm_up_seconds, "all": found}


def _figures(ours: tuple[float, float], bare: tuple[float, float]) -> dict[str, float]:
    return {
        "seconds": ours[0],
        "product_seconds": bare[0],
        "ratio": ours[0] / bare[0],
        "cpu_ratio": ours[1] / bare[1],
    }


def _on_device(snapshot: Any, platform: str, readers: int, report: Callable[..., Any]) -> dict[str, float]:
    import jax

    from render.audit.sums.chunks import chunk_rows
    from render.audit.sums.on_device import CHUNK_ENTRIES, OnDevice

    jax.config.update("jax_platforms", "cpu,cuda" if platform == "gpu" else "cpu")
    device = jax.devices("cuda" if platform == "gpu" else "cpu")[0]
    bare = partial(streamed, snapshot, chunk_rows(snapshot, CHUNK_ENTRIES), device, readers)
    passing = OnDevice(device)
    [(first_seconds, _)] = in_turn(partial(report, passing=passing.accumulate), rounds=1)
    figures = _figures(*in_turn(partial(report, passing=passing.accumulate), bare))
    if passing.failed or passing.size:
        print(f"the device was not used as it is meant to: {passing}", file=sys.stderr)
    return figures | {"first_seconds": first_seconds}


def measure(
    rows: int, columns: int = COLUMNS, cores: Sequence[int] = (), device: str = "", workers: Sequence[int] = ()
) -> dict[str, Any]:
    """Seconds of an audit of float32 in 10 classes and of the bare product, their ratio, and memory.

    Of the last number of cores, all of them unless others are given; under "all" of each, of a device, "gpu" or "cpu"
    for JAX's, and of Dask's workers, which are held against the product on those cores. `extra_mb`: peak of memory
    beyond the interpreter with its libraries, warm-up and product included.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small").mkdir()
        write(folder / "small", WARM_UP_ROWS, columns)
        write(folder, rows, columns)
        command = [sys.executable, "-m", "tests.bench_audit", "--child", name, "--device", device or "none"]
        command += ["--cores", *map(str, cores or [_all_cores()]), "--workers", *map(str, workers)]
        environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
        how: dict[str, Any] = {"cwd": Path(__file__).parents[1], "env": environment if cores else None}
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **how)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _all_cores() -> int:
    return int(os.environ.get("OPENBLAS_NUM_THREADS") or os.cpu_count() or 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=int, default=SIZES)
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--cores", nargs="+", default=[], help="numbers, or all")
    parser.add_argument("--device", default="none", choices=["none", "gpu", "cpu"], help="of JAX, too")
    parser.add_argument("--workers", nargs="*", type=int, default=[], help="of Dask, too, in processes here")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    cores = [_all_cores() if count == "all" else int(count) for count in arguments.cores]
    device = "" if arguments.device == "none" else arguments.device
    if arguments.child:
        print(json.dumps(child(arguments.child, cores, device, arguments.workers)))
        return
    for rows in arguments.rows:
        figures = measure(rows, arguments.columns, cores, device, arguments.workers)
        several = figures.pop("all")
        print("  ".join(f"{name} {value:,.4g}" for name, value in figures.items()), flush=True)
        for where, found in several.items() if len(several) > 1 else ():
            print(f"  {where:<12}" + "  ".join(f"{name} {value:,.4g}" for name, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
