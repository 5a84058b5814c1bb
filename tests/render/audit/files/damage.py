"""Damage to small valid files of every format, and what reading them comes to: a fuzz test, in a process of its own.

    python -m tests.render.audit.files.damage FOLDER --cases 20000 [--seed N] [--only NAME]

starts processes that read damaged files under a limit on memory, starts the next where one crashes or hangs, and prints
what the cases came to, a line a format, with an example of each that is not well.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

SECONDS = 5  # a case may take
MEMORY = 10**9  # bytes that it may take beyond what the libraries do
ROOT = Path(__file__).parents[4]

RNG = np.random.default_rng(0)
DATA = {
    "features": RNG.normal(size=(60, 5)).astype(np.float32),
    "labels": np.arange(60) % 3 + 1,
    "outputs": RNG.normal(size=(60, 3)),
}


def _lines(path: Path, delimiter: str) -> None:
    names = [*(f"features_{i}" for i in range(5)), "labels", *(f"outputs_{i}" for i in range(3))]
    rows = [
        [
            *map(repr, map(float, DATA["features"][row])),
            str(DATA["labels"][row]),
            *map(repr, map(float, DATA["outputs"][row])),
        ]
        for row in range(60)
    ]
    path.write_text("\n".join(delimiter.join(cells) for cells in [names, *rows]) + "\n")


def _jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps({k: v[row].tolist() for k, v in DATA.items()}) + "\n" for row in range(60)))


def _zarr(path: Path, version: int, **how: Any) -> None:
    import zarr

    group = zarr.open_group(path, mode="w", zarr_format=version)
    for name, array in DATA.items():
        # shards as `how` has them, in two chunks of rows each
        sizes = {"chunks": (10, *array.shape[1:])} | ({"shards": (20, *array.shape[1:])} if "shards" in how else {})
        given = {key: value for key, value in how.items() if key != "shards"}
        group.create_array(name, shape=array.shape, dtype=array.dtype, **sizes, **given)[...] = array


def _zarr_blosc(path: Path, version: int, **how: Any) -> None:
    import numcodecs
    from zarr.codecs import BloscCodec

    _zarr(path, version, compressors=[numcodecs.Blosc() if version == 2 else BloscCodec()], **how)


def _zarr_checked(path: Path) -> None:
    from zarr.codecs import Crc32cCodec, ZstdCodec

    _zarr(path, 3, compressors=[ZstdCodec(), Crc32cCodec()])


def _parquet(path: Path, lists: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    table: dict[str, Any] = {"labels": DATA["labels"]}
    for name in ("features", "outputs"):
        columns = {f"{name}_{i}": column for i, column in enumerate(DATA[name].T)}
        table |= {name: [*DATA[name]]} if lists else columns
    pyarrow.parquet.write_table(pa.table(table), path, row_group_size=25, write_page_checksum=True)


def _safetensors(path: Path) -> None:
    from safetensors.numpy import save_file

    save_file(DATA, path)


def _hdf5(path: Path, **how: Any) -> None:
    import h5py

    with h5py.File(path, "w", libver="latest" if how else "earliest") as file:  # whose metadata have checksums
        for name, array in DATA.items():
            file.create_dataset(name, data=array, **({"chunks": (10, *array.shape[1:])} if how else {}), **how)


def _torch(path: Path) -> None:
    import torch

    torch.save({name: torch.tensor(array) for name, array in DATA.items()}, path)


Writer = Callable[[Path], Any]
WRITERS: dict[str, tuple[str, Writer]] = {  # by file: the package that it needs, and what writes it
    "c.npy": ("numpy", lambda path: np.save(path, DATA["features"])),
    "fortran.npy": ("numpy", lambda path: np.save(path, np.asfortranarray(DATA["features"]))),
    "stored.npz": ("numpy", lambda path: np.savez(path, **DATA)),
    "fortran.npz": ("numpy", lambda path: np.savez(path, **{k: np.asfortranarray(v) for k, v in DATA.items()})),
    "deflated.npz": ("numpy", lambda path: np.savez_compressed(path, **DATA)),
    "a.csv": ("numpy", lambda path: _lines(path, ",")),
    "a.tsv": ("numpy", lambda path: _lines(path, "\t")),
    "a.jsonl": ("numpy", _jsonl),
    "two.zarr": ("zarr", lambda path: _zarr(path, 2)),
    "three.zarr": ("zarr", lambda path: _zarr(path, 3)),
    "sharded.zarr": ("zarr", lambda path: _zarr_blosc(path, 3, shards=True)),
    "blosc-two.zarr": ("zarr", lambda path: _zarr_blosc(path, 2)),
    "blosc-three.zarr": ("zarr", lambda path: _zarr_blosc(path, 3)),
    "crc32c.zarr": ("zarr", _zarr_checked),
    "a.parquet": ("pyarrow", lambda path: _parquet(path, lists=False)),
    "lists.parquet": ("pyarrow", lambda path: _parquet(path, lists=True)),
    "a.safetensors": ("safetensors", _safetensors),
    "a.h5": ("h5py", _hdf5),
    "checked.h5": ("h5py", lambda path: _hdf5(path, fletcher32=True, compression="gzip")),
    "a.pt": ("torch", _torch),
}
CHECKED = {  # files of which every byte of data has a checksum
    *("stored.npz", "fortran.npz", "deflated.npz", "crc32c.zarr", "a.parquet", "lists.parquet", "checked.h5", "a.pt")
}
PLACES = st.integers(0, 2**20)
CHANGES = st.one_of(
    st.tuples(st.just("flip"), PLACES, st.integers(0, 7)),
    st.tuples(st.just("cut"), PLACES, st.just(0)),
    st.tuples(st.just("exchange"), PLACES, PLACES),
    st.tuples(st.just("zero"), PLACES, st.integers(1, 64)),
    st.tuples(st.just("byte"), PLACES, st.sampled_from([0, 1, 127, 128, 255])),
    st.tuples(st.just("repeat"), PLACES, st.integers(1, 64)),
)


def available(only: str | None = None) -> list[str]:
    """The formats whose packages are installed."""
    there = [name for name, (package, _) in WRITERS.items() if importlib.util.find_spec(package)]
    return [name for name in there if only in (None, name)]


def damaged(whole: bytes, changes: list[tuple[str, int, int]]) -> bytes:
    """The bytes after some changes, each at a place that counts from the start, and round."""
    data = bytearray(whole)
    for kind, at, more in changes:
        if not data:
            break
        place = at % len(data)
        if kind == "flip":
            data[place] ^= 1 << more
        elif kind == "cut":
            del data[place:]
        elif kind == "exchange":
            other, count = more % len(data), 1 + at % 40
            first, second = data[place : place + count], data[other : other + count]
            data[place : place + len(second)], data[other : other + len(first)] = second, first
        elif kind == "zero":
            data[place : place + more] = bytes(len(data[place : place + more]))
        elif kind == "byte":
            data[place] = more
        else:
            data[place:place] = data[place : place + more]
    return bytes(data)


def came_to(path: Path, found: dict[str, np.ndarray]) -> tuple[str, str]:
    """What reading a file came to, and words on it.

    "right"; "fewer": some arrays are gone, which is said or which their names show; "refused" in a line; "said": what
    rows count as that are not there; "other" numbers; or "wrong": an error that is no clear line.
    """
    from render.audit.files.labels import BadLabels, NotNumbered, mapped, numbered
    from render.audit.files.snapshots import open_snapshot
    from render.audit.sums.one_pass import accumulate

    try:
        snapshot = open_snapshot(path)
        labels, width = snapshot.labels, snapshot.features.shape[1]
        with contextlib.suppress(BadLabels):
            classes = None if labels is None else numbered(labels) or mapped(labels, width)
            try:
                accumulate(snapshot, classes=classes)
            except NotNumbered:
                mapped(labels, width)  # type: ignore[arg-type]
        read = {role: column.read(0, column.shape[0]) for role, column in snapshot.columns.items()}
        for column in snapshot.arrays.values():
            column.verify()
    except (ValueError, OSError) as error:
        line = str(error)
        clear = str(path) in line and "\n" not in line and len(line) < 800
        return ("refused", line) if clear else ("wrong", f"no clear line: {line!r}")
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return "wrong", f"{type(error).__name__}: {error}"
    for role, array in read.items():
        if not np.array_equal(array, found[role], equal_nan=True):
            said = any(sentence.startswith(f"{role}: ") for sentence in snapshot.left_out)
            return ("said" if said else "other"), f"{role} differs"
    return (
        ("right", "") if read.keys() == found.keys() else ("fewer", f"{[*read]} {snapshot.left_out} {snapshot.unused}")
    )


def child(folder: Path, names: list[str], cases: int, start: int) -> None:
    """Read damaged files, and write a line of JSON on each; its beginning before it is read, so that a crash shows."""
    warnings.simplefilter("ignore")
    whole: dict[str, tuple[dict[str, bytes], dict[str, np.ndarray]]] = {}
    for name in names:
        path = folder / name
        shutil.rmtree(path, ignore_errors=True)
        WRITERS[name][1](path)
        files = sorted(file for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())
        found = {role: DATA[role] for role in (("features",) if name.endswith("npy") else DATA)}
        told, words = came_to(path, found)
        assert told == "right", (name, told, words)
        whole[name] = {str(file.relative_to(folder)): file.read_bytes() for file in files}, found
    statm = Path("/proc/self/statm")
    if statm.exists():
        size = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    log = (folder / "log").open("a", buffering=1)

    @seed(start)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.sampled_from(names), PLACES, st.lists(CHANGES, min_size=1, max_size=3), st.integers(0, 9))
    def reads(name: str, which: int, changes: list[tuple[str, int, int]], gone: int) -> None:
        files, found = whole[name]
        one = [*files][which % len(files)]
        lost = gone == 0 and len(files) > 1
        log.write(json.dumps([name, one, "gone" if lost else changes]) + "\t")
        if lost:
            (folder / one).unlink()
        else:
            (folder / one).write_bytes(damaged(files[one], changes))
        begun = time.process_time()  # the machine may be busy: what waits for ever is for the other process to see
        told, words = came_to(folder / name, found)
        seconds = time.process_time() - begun
        (folder / one).write_bytes(files[one])
        log.write(json.dumps([told if seconds < SECONDS else "hang", words, seconds]) + "\n")

    reads()


def run(folder: Path, cases: int, start: int = 0, only: str | None = None) -> list[list[Any]]:
    """Cases as [[format, file, changes], [what it came to, words, seconds]]; a process that ends early is followed."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    log.write_text("")
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"}
    while (done := log.read_text().count("\n")) < cases:
        own = [str(folder), "--child", "--cases", str(cases - done), "--seed", str(start + done)]
        command = [sys.executable, "-m", "tests.render.audit.files.damage", *own, *(["--only", only] if only else [])]
        with (folder / "errors").open("w") as errors:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=errors, stderr=errors)
            hung = _watch(process, log)
        before = log.read_text()
        if not before.endswith("\n") and before:
            why = (
                "hang"
                if hung
                else f"crash {signal.Signals(-process.returncode).name}"
                if process.returncode < 0
                else "crash"
            )
            with log.open("a") as file:
                file.write(json.dumps([why, "", SECONDS]) + "\n")
        elif process.returncode == 0:
            break
        elif before.count("\n") == done:
            why = (folder / "errors").read_text()[-2000:]
            raise RuntimeError(f"the process for damaged files does not run: {why}")
    return [[json.loads(part) for part in line.split("\t")] for line in log.read_text().splitlines()]


def _watch(process: subprocess.Popen[Any], log: Path) -> bool:
    """Wait for a process; kill it, and say so, where it writes nothing for long."""
    size, since = -1, time.monotonic()
    while process.poll() is None:
        time.sleep(0.1)
        if (now := log.stat().st_size) != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > 12 * SECONDS:  # what other processes take of the machine included
            process.kill()
            process.wait()
            return True
    return False


def verdicts(found: list[list[Any]]) -> dict[str, Counter[str]]:
    """How many cases of each format came to what; of files without a checksum other numbers are no fault."""
    by_format: dict[str, Counter[str]] = {}
    for (name, *_), (told, *_) in found:
        told = "wrong numbers" if told == "other" and name in CHECKED else told
        by_format.setdefault(name, Counter())[told] += 1
    return by_format


def bad(found: list[list[Any]]) -> list[list[Any]]:
    """Cases that are not well: wrong numbers in spite of checksums, errors that are no clear line, crashes, hangs."""
    fine = {"right", "fewer", "refused", "said"}
    return [case for case in found if case[1][0] not in fine | ({"other"} - {"other" * (case[0][0] in CHECKED)})]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        return child(asked.folder, available(asked.only), asked.cases, asked.seed)
    begun = time.perf_counter()
    found = run(asked.folder, asked.cases, asked.seed, asked.only)
    for name, counts in verdicts(found).items():
        print(f"{name:18}", "  ".join(f"{what} {count}" for what, count in sorted(counts.items())))
    slowest = max(case[1][2] for case in found)
    print(
        f"{len(found)} cases, {time.perf_counter() - begun:.0f} s, slowest {slowest:.2f} s, not well {len(bad(found))}"
    )
    for case in bad(found)[:40]:
        print(json.dumps(case))
    return None


if __name__ == "__main__":
    main()
