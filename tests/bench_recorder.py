"""What a recorder costs: a log by kind, a run with and without one, and its size on disk.

Logs of all kinds are taken in turn, because the machine may be busier at one time than at another; told are the least
time on the clock and the median time of the processors, of all but the first of each kind, which compiles. A benchmark
is no test: it prints and exits 0.
`python -m tests.bench_recorder --points 4096 --columns 512`
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

from render import Recorder

ROUNDS = 15
CLASSES, LAYERS = 10, 4
KINDS: dict[str, dict[str, Any]] = {
    "no numbers": {"numbers": False},
    "numbers": {},
    "numbers and an alarm": {"alarms": ["mean_cosine>2"]},
    "all numbers": {"numbers": "all"},
    "four layers, no numbers": {"numbers": False},
    "four layers, numbers": {},
}


def logs(points: int, columns: int) -> dict[str, tuple[float, float, float, float]]:
    """By kind: milliseconds of the first log, of the fastest of the others, of processors' time, and MB of a step."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, points)
    means = rng.standard_normal((CLASSES, columns), dtype=np.float32)
    rows = means[labels] + rng.standard_normal((points, columns), dtype=np.float32)
    given = {"labels": labels, "outputs": rows[:, :CLASSES], "weights": means}
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    worked: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as name:
        recorders = {kind: Recorder(f"{name}/{kind}", points, **how) for kind, how in KINDS.items()}
        for step in range(1 + ROUNDS):
            for kind, rec in recorders.items():
                layers = {f"h{k}": rows for k in range(LAYERS)} if kind.startswith("four") else None
                start, working = time.perf_counter(), time.process_time()
                rec.log(step, None if layers else rows, layers=layers, loss=1.0, **given)
                times[kind].append(1e3 * (time.perf_counter() - start))
                worked[kind].append(1e3 * (time.process_time() - working))
        sizes = {kind: rec.path(0).stat().st_size / 1e6 for kind, rec in recorders.items()}
    return {
        kind: (first, min(rest), statistics.median(worked[kind][1:]), sizes[kind])
        for kind, (first, *rest) in times.items()
    }


def training() -> Callable[[Callable[[int, Any, Any, Any], None]], float]:
    """Seconds of processors for 1,000 steps of the docs' network on 1,797 digits, with what is done at each."""
    images, labels = load_digits(return_X_y=True)
    x, y = jnp.asarray(images / 16, jnp.float32), jax.nn.one_hot(labels, 10)
    sizes = (64, 128, 128, 64, 10)
    optimiser = optax.adamw(1e-3, weight_decay=0.5)

    def forward(params: Any, x: Any) -> Any:
        for weights in params[:-1]:
            x = jax.nn.relu(x @ weights)
        return x, x @ params[-1]

    @jax.jit
    def update(params: Any, state: Any) -> Any:
        loss, gradient = jax.value_and_grad(lambda p: jnp.mean(jnp.sum((forward(p, x)[1] - y) ** 2, axis=1)))(params)
        updates, state = optimiser.update(gradient, state, params)
        return optax.apply_updates(params, updates), state, loss

    def run(each: Callable[[int, Any, Any, Any], None]) -> float:
        keys = jax.random.split(jax.random.key(0), 4)
        params = [jax.random.normal(k, size) * (0.5 / size[0]) ** 0.5 for k, *size in zip(keys, sizes, sizes[1:])]  # noqa: B905
        state = optimiser.init(params)
        start = time.process_time()
        for step in range(1000):
            params, state, loss = update(params, state)
            each(step, lambda params=params: forward(params, x), labels, loss)
        jax.block_until_ready(params)
        return time.process_time() - start

    return run


def runs() -> None:
    """Prints what a run of 1,000 steps takes: alone, and with a log every 50 and every 10 steps."""
    run = training()
    run(lambda *_: None)
    alone = min(run(lambda *_: None) for _ in range(3))
    print(f"1,000 steps of a network on 1,797 digits: {alone:.2f} s of processors")
    for every, numbers in ((50, False), (50, True), (10, False), (10, True)):
        with tempfile.TemporaryDirectory() as name:

            def log(step: int, forward: Any, labels: Any, loss: Any, rec: Recorder, every: int = every) -> None:
                if step % every == 0:
                    features, outputs = forward()
                    rec.log(step, features=features, labels=labels, outputs=outputs, loss=loss)

            took = []
            for round_ in range(3):
                rec = Recorder(f"{name}/{round_}", numbers=numbers)
                took.append(run(lambda *given, rec=rec: log(*given, rec)))
            size = sum(file.stat().st_size for file in rec.folder.glob("*.npz")) / 1e6
        told = f"the first {took[0]:.2f} s, then {min(took[1:]):.2f} s, {size:.1f} MB on disk"
        print(f"  a log every {every} steps{' with numbers' if numbers else ''}: {told}")


def compression(points: int, columns: int) -> None:
    """Prints what compressing a step would save, and take: of noise, and of what a ReLU leaves, half of it zeros."""
    rows = np.random.default_rng(0).standard_normal((points, columns), dtype=np.float32)
    with tempfile.TemporaryDirectory() as name:
        for what, array in (("noise", rows), ("half zeros", np.maximum(rows, 0))):
            start = time.perf_counter()
            np.savez_compressed(Path(name) / "a.npz", features=array)
            took = 1e3 * (time.perf_counter() - start)
            size = (Path(name) / "a.npz").stat().st_size / array.nbytes
            print(f"compressed, {what}: {size:.0%} of {array.nbytes / 1e6:.1f} MB in {took:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=4096)
    parser.add_argument("--columns", type=int, default=512)
    arguments = parser.parse_args()
    print(f"a log of {arguments.points:,} x {arguments.columns}")
    for kind, (first, least, worked, size) in logs(arguments.points, arguments.columns).items():
        print(
            f"  {kind:<24}{least:7.1f} ms, {worked:6.1f} of processors, the first {first:6.0f} ms, {size:.1f} MB a step"
        )
    runs()
    compression(arguments.points, arguments.columns)


if __name__ == "__main__":
    main()
