"""Recorder of a training loop: it saves what `render audit` reads, in one line."""

from __future__ import annotations

import fcntl
import os
import warnings
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.snapshots import LARGEST_STEP, check_column
from render.audit.sums.samples import sample_rows, stratified_rows
from render.files import replacing, require_writable

LOCK = ".recorder"  # held in a folder by the process that writes to it


class Recorder:
    """Saves some points of a representation every now and then, a file a step, for `render audit FOLDER`.

        rec = Recorder("runs/a")
        rec.log(step, features=z, labels=y, outputs=f)

    Of the points given, the same `max_points` are kept at every step: rows drawn once, without replacement, that depend
    on the number of rows and on the first labels alone, of each class as many as its share, one at least. So give the
    same points in the same order each time: a fixed batch, held out or not. A file is whole or not there, and audits of
    a run that is still going see those that are. A step that is logged again, as after a restart, replaces its file.

    A training never ends because of it: what cannot be saved is warned of, and left out, unless `on_error` is "raise".
    Of several processes that would write into one folder, as ranks do, the first does.

    Raises ValueError for `max_points` below 2 and another `on_error`, and, with "raise", for a folder that cannot be
    written to or that another process writes to.
    """

    def __init__(
        self, folder: str | PathLike[str], max_points: int = 2048, on_error: Literal["warn", "raise"] = "warn"
    ):
        if max_points < 2 or int(max_points) != max_points:
            raise ValueError(f"max_points is {max_points}: keep a whole number of points, 2 at least")
        if on_error not in ("warn", "raise"):
            raise ValueError(f"on_error is {on_error!r}: say 'warn' or 'raise'")
        self.folder, self.max_points, self.on_error = Path(folder), max_points, on_error
        self._rows: dict[int, np.ndarray] = {}  # kept of so many points
        self._writes = False
        try:
            require_writable(self.folder)
            self.folder.mkdir(parents=True, exist_ok=True)
            _lock(self.folder)
            self._writes = True
        except (ValueError, OSError) as error:
            self._failed(error)

    def log(
        self,
        step: int,
        features: Any,
        labels: Any = None,
        outputs: Any = None,
        targets: Any = None,
        weights: Any = None,
    ) -> Path | None:
        """Save a step: features (N, d), labels (N,), outputs and targets (N, C), weights (C, d). -> its file.

        Arrays may be of JAX, of PyTorch on any device, with or without gradients, or whatever NumPy can read; numbers
        of less than float32 are saved as float32. A last batch may be smaller. Warns of arrays that `render audit`
        would refuse and of a file that cannot be written, and saves nothing: None; with `on_error` "raise", ValueError
        and OSError.
        """
        if not self._writes:
            return None
        try:
            return self._save(step, features, labels, outputs, targets, weights)
        except Exception as error:  # whatever it is, it is not worth a training
            self._failed(error)
            return None

    def _failed(self, error: Exception) -> None:
        if self.on_error == "raise":
            raise error
        warnings.warn(f"render.Recorder saves nothing: {error}", stacklevel=3)

    def _save(self, step: int, features: Any, labels: Any, outputs: Any, targets: Any, weights: Any) -> Path:
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
        if points > self.max_points:
            rows = self._kept(points, arrays.get("labels"))
            arrays = {role: array[rows] for role, array in arrays.items()}  # where they are, before they are copied
        saved: dict[str, Any] = {role: _as_numpy(array) for role, array in arrays.items()}
        if weights is not None:
            saved["weights"] = _as_numpy(_readable(weights))
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, step=np.int64(step), **saved)
        return path

    def _kept(self, points: int, labels: Any) -> np.ndarray:
        """Rows that are kept of so many, drawn at the first log of as many."""
        if points not in self._rows:
            known = None if labels is None else _as_numpy(labels)
            if known is not None and known.ndim == 2:  # one-hot, or a column
                known = known.argmax(axis=1) if known.shape[1] > 1 else known[:, 0]
            if known is None:
                self._rows[points] = sample_rows(points, self.max_points)
            else:
                self._rows[points] = stratified_rows(known, self.max_points)
                there = len(np.unique(known))
                if there > self.max_points:
                    warnings.warn(f"of {there:,} classes {self.max_points:,} are kept, a point each", stacklevel=5)
        return self._rows[points]


_LOCKS: dict[Path, int] = {}  # descriptors of the folders that this process writes to, open until it ends


def _lock(folder: Path) -> None:
    """Take a folder for this process, which may do so again. Raises ValueError where another process has it."""
    place = folder.resolve()
    if place in _LOCKS:
        return
    descriptor = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ValueError(f"{folder} is written by another process: give each its own folder") from None
    except OSError:  # a file system that knows no locks
        os.close(descriptor)
        return
    _LOCKS[place] = descriptor


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
