"""Numbers of a step in the loop: those of the audit of its file, from the arrays that are about to be in it."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from render.audit.alarms import unknown
from render.audit.files.arrays import Arrays, Column
from render.audit.files.layers import PREFIX as LAYER
from render.audit.files.scalars import VIEWS
from render.audit.files.snapshots import Keys, open_snapshot

CHEAP = (
    *("constant_columns", "zero_rows", "duplicate_rows", "mean_cosine", "row_length", "row_length_variation"),
    *("participation_ratio", "classes_present", "nearest_mean_accuracy", "nearest_mean_recall"),
    *("within_class_variance", "within_between_ratio", "collapse_ratio", "cdnv", "cdnv_worst"),
    *("class_cosine_largest", "class_cosine_spread", "class_cosine_error", "norm_variation"),
    *("nc3", "nc3_frobenius", "nc4", "accuracy", "alignment", "alignment_ratio", "view_gap"),
)  # without eigenvalues, whose time grows with the cube of the columns, and without all pairs of points
OF_LAYERS = (
    *("constant_columns", "zero_rows", "mean_cosine", "row_length", "participation_ratio", "nearest_mean_accuracy"),
    *("within_between_ratio", "cdnv", "class_cosine_error", "nc4"),
)  # of those, what is read over depth
WIDEST = 2048  # columns whose products, the square of them for each row, still cost little
OF_LAYER = "{}:{}"  # a number of a layer, as conditions name it
LATER = ("weights", "targets", VIEWS)  # which are the features' or the last layer's


@dataclass
class Wanted:
    """Names of the numbers wanted in the loop: of the features, of layers, and of what is wider than WIDEST."""

    features: set[str]
    layers: set[str]
    wide: set[str]

    @classmethod
    def of(cls, numbers: bool | str | Sequence[str] | None) -> Wanted:
        """Those that are asked for. Raises ValueError for one that there is not."""
        if isinstance(numbers, bool) or numbers is None:
            return cls({*CHEAP}, {*OF_LAYERS}, set()) if numbers else cls(set(), set(), set())
        some = {*names()} if numbers == "all" else {numbers} if isinstance(numbers, str) else {*numbers}
        for name in some - {*names()}:
            raise ValueError(f"numbers: {unknown(name, names())}")
        return cls(some, some, some)

    def add(self, some: set[str]) -> None:
        self.features, self.layers, self.wide = self.features | some, self.layers | some, self.wide | some

    def __bool__(self) -> bool:
        return bool(self.features)

    def by(self, name: str, columns: int) -> set[str]:
        """Those of the array of this name."""
        return self.wide if columns > WIDEST else self.layers if name.startswith(LAYER) else self.features


def numbers_of(path: Path, saved: Mapping[str, np.ndarray], wanted: Wanted) -> tuple[dict[str, float], list[str]]:
    """The wanted numbers of the arrays that a file has, and sentences on what keeps them from being whole.

    Those of the features, or without any of the last layer, are called by their name, those of layers LAYER:NAME.

    Raises ValueError for data that allow none.
    """
    arrays = [name for name in saved if name.startswith(LAYER) or name == "features"]
    layers = [name for name in arrays if name != "features"]
    lead = "features" if "features" in saved else layers[-1]
    values: dict[str, float] = {}
    partial: list[str] = []
    with beside_training():
        from render.audit.report import audit

        for name in arrays:
            columns = saved[name].shape[1]
            own = wanted.by(name, columns)
            only = own | (wanted.by("features", columns) if name == lead else set())
            if not only:
                many = f"so many take {columns**2 * len(saved[name]) / 1e10:.1f} s and more a log"
                partial.append(f"{name}: has {columns:,} columns, numbers of {many}: ask for some, as numbers=['cdnv']")
                continue
            there = {other: array for other, array in saved.items() if name == lead or other not in LATER}
            try:
                report = audit(open_snapshot(path, Keys(features=name), source=source_of(there)), only=only)
            except ValueError as error:
                if name == lead:
                    raise
                partial.append(f"{name}: {error}")
                continue
            partial += [sentence for sentence in report.partial if sentence not in partial]
            if name == lead:
                values |= report.values
            if name in layers:
                layer = name.removeprefix(LAYER)
                values |= {OF_LAYER.format(layer, each): value for each, value in report.values.items() if each in own}
    return values, partial


def source_of(saved: Mapping[str, np.ndarray]) -> Arrays:
    return Arrays({name: _in_memory(name, np.asarray(array)) for name, array in saved.items()})


def _in_memory(name: str, array: np.ndarray) -> Column:
    return Column(name, array.shape, array.dtype, lambda start, stop: array[start:stop] if array.ndim else array[None])


class Forked(RuntimeError):
    """Error: JAX was started by a process that then forked, and hangs in this one."""


_forked = False


def _note_fork() -> None:
    global _forked
    _forked = _forked or _started()


os.register_at_fork(after_in_child=_note_fork)


def _started() -> bool:
    """Whether JAX runs in this process, and with it threads of its own that a fork does not copy."""
    bridge = sys.modules.get("jax._src.xla_bridge")
    return bridge is not None and bool(getattr(bridge, "_backends", True))


_alone: list[bool] = []  # whether nothing but a recorder wants JAX, once that is known


def names() -> tuple[str, ...]:
    """The names of all numbers."""
    _note_company()
    from render.audit import numbers

    return numbers.names()


def missing(name: str, there: Collection[str]) -> str:
    """Why the number or scalar of an alarm is not among those of a step."""
    if name.rpartition(":")[2] in names():
        return f"the data give no {name}"
    return unknown(name, [*names(), *(other for other in there if ":" not in other)])


def _note_company() -> None:
    if not _alone:
        _alone.append("jax" not in sys.modules)


def beside_training() -> AbstractContextManager:
    """JAX on the CPU, whatever trains: where nothing else wants it, it never looks for a GPU.

    Raises Forked in a process that was forked from one in which JAX had been started.
    """
    if _forked:
        raise Forked("this process was forked from one in which JAX ran, where it would wait for ever: no numbers")
    _note_company()
    import jax

    if _alone[0] and not _started():
        if not os.environ.get("JAX_PLATFORMS"):
            jax.config.update("jax_platforms", "cpu")
        # data loaders fork, and what they start has no need of JAX
        warnings.filterwarnings("ignore", r"os\.fork\(\) was called", RuntimeWarning)
    try:
        return jax.default_device(jax.local_devices(backend="cpu")[0])
    except RuntimeError:  # it was started without a CPU
        return nullcontext()


__all__ = ["CHEAP", "Forked", "Wanted", "beside_training", "missing", "names", "numbers_of", "source_of"]
