"""Depth: numbers of every layer of a snapshot, and how alike each is to the audited one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from render.audit.files.layers import name_of
from render.audit.headline import plain
from render.audit.sums.samples import Sample
from render.metrics.similarity import linear_cka

if TYPE_CHECKING:
    from render.audit.report import Report

CKA = "cka"  # with the audited layer, beside the numbers that have a row in the table
CKA_ROWS = 1024  # of unrelated rows the estimate is then 0 with a deviation of 0.0014; its time grows with them
NAMES = (
    *("constant_columns", "zero_rows", "mean_cosine", "row_length", "participation_ratio", "entropy_rank"),
    *("nearest_mean_recall", "nearest_mean_accuracy", "within_between_ratio", "nc1", "cdnv"),
    *("class_cosine_error", "nc4"),
)  # of every layer: those that are read over depth, and cost little


@dataclass(frozen=True)
class Depth:
    """The layers of a snapshot, the first first: their numbers by name, their columns, and the name of the audited one.

    cka: unbiased, of each with the audited layer, over the points of the sample (Song et al. 2012; Kornblith et al.
    2019). It is among the numbers.
    """

    values: Mapping[str, Mapping[str, float]]
    dims: Mapping[str, int]
    chosen: str
    points: int

    def as_json(self) -> dict[str, dict[str, Any]]:
        return {name: {number: plain(value) for number, value in some.items()} for name, some in self.values.items()}

    @property
    def judged(self) -> dict[str, float]:
        """The numbers as conditions name them: fc:participation_ratio."""
        return {f"{name}:{number}": value for name, some in self.values.items() for number, value in some.items()}

    def number(self, number: str) -> list[float]:
        """One number of every layer, NaN where it has none."""
        return [some.get(number, math.nan) for some in self.values.values()]


def deepened(report: Report, audit: Callable[..., Report]) -> Report:
    """The report with its `depth`, and with what keeps that from being whole; as it is where there are no layers.

    `audit` makes the report of a snapshot, of `only` some numbers.
    """
    snapshot = report.snapshot
    if not snapshot.layers:
        return report
    found: dict[str, dict[str, float]] = {}
    partial_of = list(report.partial)
    for column in snapshot.layers:
        own = report
        if column.name != snapshot.features.name:
            keys = replace(snapshot.keys, features=column.name)
            bare = {"weights": None, "targets": None, "layers": (), "left_out": ()}
            try:
                own = audit(replace(snapshot, features=column, keys=keys, **bare), only=NAMES)  # type: ignore[arg-type]
            except (ValueError, OSError) as error:
                told = str(error).removeprefix(f"{snapshot.path}: ")
                partial_of.append(f"{told}; the report is without layer {name_of(column)}")
                continue
            partial_of += [sentence for sentence in own.partial if sentence not in partial_of]
        values = {name: own.values[name] for name in NAMES if name in own.values}
        found[name_of(column)] = values | {CKA: alike(own.sample, report.sample)}
    dims = {name_of(column): column.shape[1] for column in snapshot.layers}
    depth = Depth(found, dims, name_of(snapshot.features), snapshot.points)
    return replace(report, depth=depth, partial=tuple(partial_of))


def alike(first: Sample, second: Sample) -> float:
    """Unbiased linear CKA of two layers over points that both samples have, CKA_ROWS at most; 0 for fewer than four."""
    if first is second and len(first.rows) > 3:
        return 1.0 if np.ptp(first.features, axis=0).any() else 0.0
    _, mine, its = np.intersect1d(first.rows, second.rows, assume_unique=True, return_indices=True)
    if len(mine) < 4:
        return 0.0
    if len(mine) > CKA_ROWS:  # an even part, wherever in the file they lie
        some = np.linspace(0, len(mine) - 1, CKA_ROWS).astype(int)
        mine, its = mine[some], its[some]
    with jax.enable_x64(True):
        return float(_cka(_scaled(first.features[mine]), _scaled(second.features[its])))


def _scaled(rows: np.ndarray) -> np.ndarray:
    """Rows of size one at most, less their mean, in no more columns than there are rows.

    CKA does not change by any of it; float64 holds the squares, and a rotation costs less than the products it saves.
    """
    rows = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    rows /= np.abs(rows).max() or 1.0
    return np.asarray(np.linalg.qr(rows.T, mode="r")).T if rows.shape[1] > len(rows) else rows


_cka = jax.jit(linear_cka)


__all__ = ["CKA", "NAMES", "Depth", "deepened"]
