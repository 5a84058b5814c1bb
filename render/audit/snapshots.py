"""What is audited: the arrays of one moment of a training run, and a run as a series of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from render.audit.arrays import Arrays, Column, Source, open_npy, open_npz
from render.audit.stores import is_zarr, open_safetensors, open_zarr
from render.audit.tables import open_parquet, open_text

FORMATS: dict[str, Callable[[Path], Source]] = {
    ".npy": open_npy,
    ".npz": open_npz,
    ".csv": open_text,
    ".tsv": open_text,
    ".parquet": open_parquet,
    ".safetensors": open_safetensors,
    ".zarr": open_zarr,
}
EXTRAS = {".parquet": "parquet", ".safetensors": "safetensors", ".zarr": "zarr"}


@dataclass(frozen=True)
class Keys:
    """What the arrays are called in the file, where it is not by their role. A key may be a `.npy` file of its own."""

    features: str | None = None
    labels: str | None = None
    outputs: str | None = None
    targets: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """One moment of a representation: N points with their features, and what else was saved of them.

    features (N, d); labels (N,) integers from 0; outputs (N, C), what leaves the last layer; targets (N, C). `step`:
    when it was, from the array of that name or the file's name. `unused`: arrays that have no role.
    """

    path: Path
    keys: Keys
    step: int | None
    features: Column
    labels: Column | None = None
    outputs: Column | None = None
    targets: Column | None = None
    unused: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        return self.features.shape[0]

    @property
    def columns(self) -> dict[str, Column]:
        """The arrays that there are, by their role."""
        found = {field.name: getattr(self, field.name) for field in fields(Keys)}
        return {role: column for role, column in found.items() if column is not None}


def open_snapshot(path: Path, keys: Keys | None = None) -> Snapshot:
    """The arrays of a file or Zarr store, none of them read yet.

    An array has a role if it is called `features`, `labels`, `outputs` or `targets`, or if a key names it; none is
    guessed, but the only array of a file that cannot name it is the features. Raises ValueError, with a list of what is
    there, for a name that is not; for an array of a form or dtype that its role cannot have; for a damaged or unknown
    file; and where a package is missing.
    """
    path, keys = Path(path), keys or Keys()
    source = _source(path)
    columns = {}
    for field in fields(Keys):
        role, key = field.name, getattr(keys, field.name)
        column = _file_beside(key) or source.find(key or role, role)
        if column is not None:
            columns[role] = column
        elif key is not None or role == "features":
            there = "; ".join(source.listed()) or "no array"
            raise ValueError(
                f"{path}: has no array called {key or role}, it has: {there}; say which are the {role} with "
                f"--{role} KEY"
            )
    step = _step(path, source)
    for role, column in columns.items():
        check_column(path, role, column, columns["features"])
    taken = {column.name for column in columns.values()} | {"step"}
    unused = (
        tuple(str(found) for name, found in source.columns.items() if name not in taken)
        if isinstance(source, Arrays)
        else ()
    )
    return Snapshot(path, keys, step, unused=unused, **columns)


@dataclass(frozen=True)
class Series:
    """Snapshots in the order of their steps, one or more; unread: why other files of the folder could not be opened."""

    snapshots: tuple[Snapshot, ...]
    unread: tuple[str, ...] = ()


def open_series(path: Path, keys: Keys | None = None) -> Series:
    """The snapshots of a folder; of a file or a Zarr store that one.

    Hidden files, and those of other formats, are passed over. Raises ValueError as `open_snapshot` does for a file, and
    for a folder of which none can be opened; for a folder without snapshots, a file without a step among several, a
    step twice, and shapes that differ.
    """
    path = Path(path)
    if not path.is_dir() or is_zarr(path):
        return Series((open_snapshot(path, keys),))
    files = sorted(file for file in path.iterdir() if file.suffix in FORMATS and not file.name.startswith("."))
    if not files:
        raise ValueError(f"{path}: has no snapshot in it: expected files that end in {', '.join(FORMATS)}")
    found, unread = [], []
    for file in files:
        try:
            found.append(open_snapshot(file, keys))
        except ValueError as error:
            unread.append(str(error))
    if not found:
        raise ValueError(unread[0])
    ordered = _in_order(found) if len(files) > 1 else found
    for one in ordered[1:]:
        _check_alike(ordered[0], one)
    return Series(tuple(ordered), tuple(unread))


def _source(path: Path) -> Source:
    if not path.exists():
        raise ValueError(f"{path}: there is no such file or folder; name a snapshot, or a folder of them")
    kind = ".zarr" if is_zarr(path) else path.suffix.lower()
    if kind not in FORMATS or (path.is_dir() and kind != ".zarr"):
        raise ValueError(
            f"{path}: is none of the formats that are read, {', '.join(FORMATS)}; save the arrays with numpy.savez"
        )
    try:
        return FORMATS[kind](path)
    except ImportError as error:
        extra = f"pip install 'frame-potential[{EXTRAS[kind]}]'" if kind in EXTRAS else "reinstall frame-potential"
        raise ValueError(f"{path}: {kind} needs the package {error.name}: {extra}") from error


def _file_beside(key: str | None) -> Column | None:
    """The array of a key that is a `.npy` file, since such a file holds one array and the others need a place."""
    if key is None or not key.endswith(".npy"):
        return None
    if not Path(key).is_file():
        raise ValueError(f"{key}: there is no such file")
    return next(iter(open_npy(Path(key)).columns.values()))


def _step(path: Path, source: Source) -> int | None:
    column = source.find("step", "step")
    if column is None:
        return _step_of_name(path.stem)
    if column.dtype.kind not in "iu":
        raise ValueError(f"{path}: step is {column.dtype}: save it as an integer")
    values = np.unique(column.read(0, column.shape[0] if column.shape else 1))
    if len(values) != 1:
        raise ValueError(f"{path}: step has {len(values)} values: save one snapshot a file")
    return int(values[0])


def _step_of_name(stem: str) -> int | None:
    """The number behind "step", or the only number of the name."""
    found = re.findall(r"step[-_=]?(\d+)", stem.lower()) or re.findall(r"\d+", stem)
    return int(found[0]) if len(found) == 1 else None


def check_column(path: Path, role: str, column: Column, features: Column) -> None:
    """Raise ValueError for an array of a form, a dtype or a length that its role cannot have beside these features."""
    called = role if column.name == role else f"{column.name}, the {role},"
    kind, dimensions = column.dtype.kind, 1 if role == "labels" else 2
    if kind == "O":
        raise ValueError(
            f"{path}: {called} holds Python objects or mixed kinds (a pickle), which are never loaded: save numbers"
        )
    if kind not in "biuf" and column.dtype.name != "bfloat16":
        hint = "save its real and imaginary parts as columns" if kind == "c" else "save it as numbers"
        raise ValueError(f"{path}: {called} is {column.dtype}: {hint}")
    if role == "labels" and kind not in "biu":
        raise ValueError(f"{path}: {called} is {column.dtype}: labels are integers from 0; convert or leave them out")
    if len(column.shape) != dimensions:
        form = "(points,)" if dimensions == 1 else "(points, columns)"
        raise ValueError(f"{path}: {called} has shape {column.shape}: expected {form}; reshape it")
    if 0 in column.shape:
        raise ValueError(f"{path}: {called} is empty, its shape is {column.shape}: save one row a point")
    if column.shape[0] != features.shape[0]:
        raise ValueError(
            f"{path}: {called} has {column.shape[0]} rows and {features.name} {features.shape[0]}: save one row a "
            f"point in both"
        )


def _in_order(series: Sequence[Snapshot]) -> list[Snapshot]:
    by_step: dict[int, list[Snapshot]] = defaultdict(list)
    for one in series:
        if one.step is None:
            raise ValueError(
                f"{one.path}: does not say its step: call it step-100{one.path.suffix}, or save an array step with it"
            )
        by_step[one.step].append(one)
    for step, same in by_step.items():
        if len(same) > 1:
            raise ValueError(f"{same[1].path}: is of step {step}, and so is {same[0].path.name}: remove one of the two")
    return [by_step[step][0] for step in sorted(by_step)]


def _check_alike(first: Snapshot, other: Snapshot) -> None:
    for role in first.columns.keys() | other.columns.keys():
        forms = [one.columns[role].shape if role in one.columns else "missing" for one in (first, other)]
        if forms[0] != forms[1]:
            raise ValueError(
                f"{other.path}: {role} is {forms[1]}, and in {first.path.name} {forms[0]}: a series has the same "
                f"points at every step; audit one file at a time"
            )


__all__ = ["FORMATS", "Keys", "Series", "Snapshot", "check_column", "open_series", "open_snapshot"]
