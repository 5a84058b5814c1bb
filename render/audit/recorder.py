"""Recorder of a training loop: it saves what `render audit` reads, in one line."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.snapshots import LARGEST_STEP, check_column
from render.audit.sums.samples import sample_rows
from render.files import replacing, require_writable


class Recorder:
    """Saves some points of a representation every now and then, a file a step, for `render audit FOLDER`.

        rec = Recorder("runs/a")
        rec.log(step, features=z, labels=y, outputs=f)

    Of the points given, the same `max_points` are kept at every step: rows drawn once, without replacement, that depend
    on the number of rows alone. So give the same points in the same order each time: a fixed batch, held out or not. A
    file is whole or not there, and audits of a run that is still going see those that are. A step that is logged again,
    as after a restart, replaces its file.

    Raises ValueError for a folder that cannot be written to and for `max_points` below 2.
    """

    def __init__(self, folder: str | PathLike[str], max_points: int = 2048):
        if max_points < 2 or int(max_points) != max_points:
            raise ValueError(f"max_points is {max_points}: keep a whole number of points, 2 at least")
        self.folder, self.max_points = Path(folder), max_points
        self._points: int | None = None
        require_writable(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def log(self, step: int, features: Any, labels: Any = None, outputs: Any = None, targets: Any = None) -> Path:
        """Save a step: features (N, d), labels (N,), outputs and targets (N, C). -> its file.

        Arrays may be of JAX, of PyTorch on any device, with or without gradients, or whatever NumPy can read; numbers
        of less than float32 are saved as float32. Raises ValueError for arrays that `render audit` would refuse and for
        another number of points than before; OSError when the file cannot be written.
        """
        if int(step) != step or not 0 <= step <= LARGEST_STEP:
            raise ValueError(f"step is {step}: count steps from 0, in whole numbers up to {LARGEST_STEP}")
        path = self.folder / f"step-{int(step):09d}.npz"
        given = {"features": features, "labels": labels, "outputs": outputs, "targets": targets}
        if features is None:
            raise ValueError("features is None: give an array")
        arrays = {role: _readable(array) for role, array in given.items() if array is not None}
        columns = {role: Column(role, tuple(array.shape), _dtype(array), _unread) for role, array in arrays.items()}
        for role, column in columns.items():
            check_column(path, role, column, columns["features"])
        points = columns["features"].shape[0]
        if self._points not in (None, points):
            raise ValueError(f"{path}: got {points} points, {self._points} before: log the same ones at each step")
        self._points = points
        if points > self.max_points:
            rows = sample_rows(points, self.max_points)
            arrays = {role: array[rows] for role, array in arrays.items()}  # where they are, before they are copied
        saved: dict[str, Any] = {role: _as_numpy(array) for role, array in arrays.items()}
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, step=np.int64(step), **saved)
        return path


def _readable(array: Any) -> Any:
    """An array that has a shape and rows that can be chosen; PyTorch's without its gradients."""
    if hasattr(array, "detach"):
        array = array.detach()
        return array.float() if array.is_floating_point() and array.element_size() < 4 else array
    return array if hasattr(array, "block_until_ready") else np.asarray(array)  # JAX's stay where they are


def _dtype(array: Any) -> np.dtype:
    return _as_numpy(array[:0]).dtype if len(array.shape) else _as_numpy(array).dtype


def _as_numpy(array: Any) -> np.ndarray:
    found = np.asarray(array.cpu() if hasattr(array, "cpu") else array)
    short = found.dtype.itemsize < 4 and found.dtype.kind not in "biu"  # float16, and bfloat16, which has no kind
    return found.astype(np.float32) if short else found


def _unread(start: int, stop: int) -> np.ndarray:
    raise NotImplementedError("an array that is about to be saved is not read")


__all__ = ["Recorder"]
