"""A snapshot: the arrays that were saved at one moment of a training run, each in its role."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from render.audit.files.addresses import located
from render.audit.files.arrays import Arrays, Column, Lack, Source
from render.audit.files.checks import check_column
from render.audit.files.layers import PREFIX, layers_of
from render.audit.files.opening import source_of
from render.audit.files.partners import ROLES as PARTNERS
from render.audit.files.partners import Partners, by_chance, partners_of
from render.audit.files.scalars import is_recorded, scalars_of
from render.audit.files.shards import is_pattern
from render.audit.files.steps import step_of

ROLES = ("features", "labels", "outputs", "targets")  # of arrays with a row a point


@dataclass(frozen=True)
class Keys:
    """Names of the arrays in the file, where they are not called by their role; one may be a `.npy` file of its own."""

    features: str | None = None
    labels: str | None = None
    outputs: str | None = None
    targets: str | None = None
    weights: str | None = None
    views: str | None = None
    pairs: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """One moment of a representation: N points with their features, and what else was saved of them.

    features (N, d); labels (N,) whole numbers or names, or (N, C) one-hot; outputs (N, C), what leaves the last layer;
    targets (N, C); weights (C, d) of that layer. partners: the points that other views are there of. `step`: when it
    was, from the array of that name or the file's name. `unused`: arrays that have no role. `left_out`: arrays that
    cannot have theirs, and why, a sentence each. `filled`: on rows that are not stored, because they all have the value
    that the file gives for such rows. `layers`: (N, d) each, the first first, the features among them; none
    where there is no other layer. `scalars`: of the step, by name, such as its loss.
    `shards`: what the files are that it is read from, if they are several.
    """

    path: Path
    keys: Keys
    step: int | None
    features: Column
    labels: Column | None = None
    outputs: Column | None = None
    targets: Column | None = None
    weights: Column | None = None
    partners: Partners | None = None
    unused: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    layers: tuple[Column, ...] = ()
    shards: str = ""
    scalars: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def points(self) -> int:
        return self.features.shape[0]

    @property
    def columns(self) -> dict[str, Column]:
        """The arrays that there are with a row a point, by their role."""
        found = {role: getattr(self, role) for role in ROLES}
        return {role: column for role, column in found.items() if column is not None}

    @property
    def arrays(self) -> dict[str, Column]:
        """All arrays that have a role, by it."""
        more = {"weights": self.weights}
        if self.partners is not None:
            more["pairs" if self.partners.in_pairs else "views"] = self.partners.others
        return {**self.columns, **{role: column for role, column in more.items() if column is not None}}


def without_labels(snapshot: Snapshot, error: str) -> Snapshot:
    """The snapshot as if it had no labels, because of an error that names it and them."""
    return replace(snapshot, labels=None, left_out=(*snapshot.left_out, _sentence(snapshot.path, error, "labels")))


def _sentence(path: Path, error: str, role: str) -> str:
    return f"{error.removeprefix(f'{path}: ')}; the report is without {role}"


def open_snapshot(
    path: Path, keys: Keys | None = None, source: Source | None = None, *, layers: Sequence[str] = ()
) -> Snapshot:
    """The arrays of a file or Zarr store, none of them read yet; of a `source` that is open, or not written yet.

    An array has a role if it is called so, or if a key names it; none is guessed, but the only array of a file that
    cannot name it is the features, and so is the last of its layers, layer/NAME, where none is called so. `layers`:
    patterns of those that are wanted, the last of which is the features. Raises ValueError, with a list of what is
    there, for a name that is not; for features of a form or dtype that they cannot have, other arrays of which are left
    out; for a damaged or unknown file; and where a package is missing.
    """
    path, keys = located(path), keys or Keys()
    source = source or source_of(path, files_beside(keys))
    deep = layers_of(path, source, layers)
    if layers and keys.features:
        raise ValueError(f"{path}: both --layer and --features {keys.features} say what the features are: give one")
    if deep and keys.features is None and (layers or source.find("features", "features") is None):
        keys = replace(keys, features=[*deep.values()][-1].name)
    columns = {}
    for role, key in vars(keys).items():
        column = _file_beside(key) or source.find(key or role, role)
        if column is not None and not by_chance(role, key, column):
            columns[role] = column
        elif key is not None or role == "features":
            there = "; ".join(source.listed()) or "no array"
            raise ValueError(
                f"{path}: has no array called {key or role}, it has: {there}; say which are the {role} with "
                f"--{role} KEY"
            )
    step = step_of(path, source)
    taken = {column.name for column in columns.values()} | {"step"}
    left_out: list[str] = []
    said: list[Lack | None] = []
    features = columns["features"]
    if features.name.startswith(PREFIX):
        if features not in [*layers_of(path, source).values()][-1:]:
            columns.pop("weights", None)  # they are of the last layer
        for role in PARTNERS:  # these are of the features
            columns.pop(role, None)
    partners = partners_of(columns, left_out, said)
    for role, column in list(columns.items()):
        try:
            said.append(check_column(path, role, column, columns["features"]))
        except ValueError as error:
            if role == "features":
                raise
            del columns[role]
            left_out.append(_sentence(path, str(error), role))
    beside: list[Column] = []
    for column in deep.values() if any(column is not features for column in deep.values()) else ():
        try:
            said.append(check_column(path, column.name, column, features))
            beside.append(column)
        except ValueError as error:
            left_out.append(_sentence(path, str(error), column.name))
    if beside and features not in beside:
        beside.append(features)
    several = tuple(beside) if len(beside) > 1 else ()
    taken |= {column.name for column in deep.values()}
    unused = (
        tuple(str(found) for name, found in source.columns.items() if name not in taken and not is_recorded(name))
        if isinstance(source, Arrays)
        else ()
    )
    return Snapshot(
        path,
        keys,
        step,
        unused=unused,
        left_out=(*left_out, *(lack.sentence for lack in said if lack and not lack.meant)),
        filled=tuple(dict.fromkeys(lack.sentence for lack in said if lack and lack.meant)),
        partners=partners,
        layers=several,
        shards=getattr(source, "said", ""),
        scalars=scalars_of(source),
        **columns,
    )


def _file_beside(key: str | None) -> Column | None:
    """The array of a key that is a `.npy` file, since such a file holds one array and the others need a place."""
    if key is None or not key.endswith(".npy"):
        return None
    path = located(key)
    if not is_pattern(path) and not path.is_file():
        raise ValueError(f"{key}: there is no such file")
    return source_of(path).find("features", "features")


def files_beside(keys: Keys) -> set[str]:
    """Files that keys name, which are no snapshots."""
    named = [key for key in vars(keys).values() if key and key.endswith(".npy") and "://" not in key]
    return {os.path.realpath(file) for key in named for file in (glob.glob(key) or [key])}


__all__ = [
    "ROLES",
    "Keys",
    "Snapshot",
    "files_beside",
    "open_snapshot",
    "without_labels",
]
