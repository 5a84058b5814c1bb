"""What an audit costs: time against the bare product X'X, chunk by chunk, and memory against nothing at all.

Both read the same file in the same chunks in one process, which is fresh. A small audit of the same columns and classes
goes first, because what it compiles is compiled once a process, if it is not in the cache. A benchmark is no test: it
prints and exits 0. `python -m tests.bench_audit --columns 512 100000 300000 1000000`
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS, CLASSES = 512, 10
BLOCK = 20_000  # rows written at once
WARM_UP_ROWS = 4_000
ROUNDS = 3
FILES = ("features.npy", "labels.npy")


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


def child(folder: Path) -> dict[str, float]:
    """The figures of the snapshot in a folder, and of one beside it to warm up with; in a process of its own."""
    from render.audit.files.snapshots import Keys, Snapshot, open_snapshot
    from render.audit.report import audit
    from render.audit.sums.chunks import chunk_rows

    def opened(where: Path) -> Snapshot:
        return open_snapshot(where / FILES[0], Keys(labels=str(where / FILES[1])))

    libraries_mb = peak_mb()
    start = time.perf_counter()
    audit(opened(folder / "small"))
    warm_up_seconds = time.perf_counter() - start
    snapshot = opened(folder)
    size = chunk_rows(snapshot)
    product_seconds, seconds = [], []
    for _ in range(ROUNDS):  # in turn, because the machine may be busier at one time than at another
        start = time.perf_counter()
        total = np.zeros((snapshot.features.shape[1],) * 2)
        for first in range(0, snapshot.points, size):
            chunk = snapshot.features.read(first, min(first + size, snapshot.points))
            total += chunk.T @ chunk
        product_seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
        audit(snapshot)
        seconds.append(time.perf_counter() - start)
    return {
        "rows": snapshot.points,
        "seconds": min(seconds),
        "product_seconds": min(product_seconds),
        "ratio": min(seconds) / min(product_seconds),
        "extra_mb": peak_mb() - libraries_mb,
        "warm_up_seconds": warm_up_seconds,
    }


def measure(rows: int, columns: int = COLUMNS) -> dict[str, float]:
    """Seconds of an audit of float32 in 10 classes and of the bare product, their ratio, and memory.

    `extra_mb`: peak of memory beyond the interpreter with its libraries, warm-up and product included.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small").mkdir()
        write(folder / "small", WARM_UP_ROWS, columns)
        write(folder, rows, columns)
        command = [sys.executable, "-m", "tests.bench_audit", "--child", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(child(arguments.child)))
        return
    for figures in (measure(rows, arguments.columns) for rows in arguments.rows):
        print("  ".join(f"{name} {value:,.4g}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
