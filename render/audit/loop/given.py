"""What a recorder is given at a step: arrays of any framework, checked, and the rows of them that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.checks import check_column
from render.audit.files.layers import PREFIX as LAYER
from render.audit.files.scalars import VIEWS


@dataclass(frozen=True)
class Given:
    """Arrays of a step, where they are and not copied yet.

    rows: those with a row a point, by name; views (N, d) or (V - 1, N, d), other views of the features; weights (C, d);
    pairs (P, 2), rows of a point and of its other view, which `rows` are then chosen by.
    """

    rows: Mapping[str, Any]
    views: Any = None
    weights: Any = None
    pairs: np.ndarray | None = None

    @property
    def points(self) -> int:
        return len(next(iter(self.rows.values())) if self.pairs is None else self.pairs)

    @property
    def labels(self) -> np.ndarray | None:
        """Classes (N,) of all points, as they draw those that are kept."""
        if "labels" not in self.rows:
            return None
        labels = as_numpy(self.rows["labels"])
        if labels.ndim == 2:  # one-hot, or a column
            labels = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0]
        return labels if self.pairs is None else labels[self.pairs[:, 0]]

    def kept(self, rows: np.ndarray | None) -> dict[str, np.ndarray]:
        """The arrays of some points, or of all, as they are saved: chosen where they are, before they are copied."""
        first, views = rows, self.views
        if self.pairs is not None:
            pairs = self.pairs if rows is None else self.pairs[rows]
            first, views = pairs[:, 0], self.rows["features"][pairs[:, 1]]
        elif views is not None and rows is not None:
            views = views[rows] if len(views.shape) == 2 else views[:, rows]
        saved = {name: as_numpy(array if first is None else array[first]) for name, array in self.rows.items()}
        layers = {name: saved.pop(name) for name in list(saved) if name.startswith(LAYER)}
        others = {"weights": self.weights, VIEWS: views}
        return saved | {name: as_numpy(array) for name, array in others.items() if array is not None} | layers


def given(
    path: Path, arrays: Mapping[str, Any], layers: Mapping[str, Any], views: Any, weights: Any, pairs: Any
) -> Given:
    """What a step is given, for the file that it will be. Raises ValueError for what an audit would refuse."""
    rows = {name: readable(array) for name, array in arrays.items() if array is not None}
    if "features" not in rows and not layers:
        raise ValueError("features is None: give an array")
    if not isinstance(layers, Mapping):
        raise ValueError(f"{path}: layers is a {type(layers).__name__}: give them by name, as {{'conv1': array, ...}}")
    for name, array in layers.items():
        if not isinstance(name, str) or not name:
            raise ValueError(f"a layer is called {name!r}: give layers as {{'conv1': array, ...}}")
        rows[LAYER + name] = readable(array)
    lead = "features" if "features" in rows else list(rows)[-1]
    columns = {name: _column(name, array) for name, array in rows.items()}
    for name, column in columns.items():
        check_column(path, name, column, columns[lead])
    if weights is not None:
        weights = readable(weights)
        check_column(path, "weights", _column("weights", weights), columns[lead])
    if views is not None and pairs is not None:
        raise ValueError(f"{path}: both views and pairs say what the other views are: give one of them")
    for name, other in ((VIEWS, views), ("pairs", pairs)):
        if other is not None and "features" not in rows:
            raise ValueError(f"{path}: {name} are of the features: give features, too")
    if views is not None:
        views = readable(views)
        _check_views(path, views, columns["features"])
    return Given(rows, views, weights, None if pairs is None else _pairs(path, pairs, columns["features"].shape[0]))


def scalar(name: str, value: Any) -> float:
    """A scalar of any framework as a number. Raises ValueError for what is none."""
    found = as_numpy(readable(value))
    if found.size != 1 or found.dtype.kind not in "biuf":
        what = f"has shape {found.shape}" if found.size != 1 else f"is {value!r}"
        raise ValueError(f"{name} {what}: give a number, as in loss=0.5; it is left out")
    return float(found.reshape(-1)[0])


def _check_views(path: Path, views: Any, features: Column) -> None:
    shape = tuple(views.shape)
    if shape[-2:] != features.shape or len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(
            f"{path}: {VIEWS} has shape {shape} and features {features.shape}: give (points, columns) as of features, "
            f"or (views beside them, points, columns); row i is the same point in all"
        )
    first = views if len(shape) == 2 else views[0]
    check_column(path, VIEWS, _column(VIEWS, first), features)


def _pairs(path: Path, pairs: Any, points: int) -> np.ndarray:
    found = as_numpy(readable(pairs))
    if found.ndim != 2 or found.shape[1] != 2 or not len(found) or found.dtype.kind not in "iu":
        raise ValueError(
            f"{path}: pairs has shape {found.shape} and is {found.dtype}: give (pairs, 2) whole numbers, rows of "
            f"features"
        )
    if found.min() < 0 or found.max() >= points:
        wrong = found[(found < 0) | (found >= points)][0]
        raise ValueError(f"{path}: pairs has row {wrong}, and features {points:,} rows: count rows from 0")
    return found


def readable(array: Any) -> Any:
    """An array that has a shape and rows that can be chosen; PyTorch's without its gradients."""
    if hasattr(array, "detach"):
        array = array.detach()
        return array.float() if array.is_floating_point() and array.element_size() < 4 else array
    return array if hasattr(array, "block_until_ready") else np.asarray(array)  # JAX's stay where they are


def as_numpy(array: Any) -> np.ndarray:
    """An array of NumPy; numbers of less than float32 as float32."""
    found = np.asarray(array.cpu() if hasattr(array, "cpu") else array)
    short = found.dtype.itemsize < 4 and found.dtype.kind not in "biuUS"  # float16, and bfloat16, which has no kind
    return found.astype(np.float32) if short else found


def _column(name: str, array: Any) -> Column:
    dtype = (as_numpy(array[:0]) if len(array.shape) else as_numpy(array)).dtype
    return Column(name, tuple(array.shape), dtype, _unread)


def _unread(start: int, stop: int) -> np.ndarray:
    raise NotImplementedError("an array that is about to be saved is not read")


__all__ = ["Given", "given", "scalar"]
