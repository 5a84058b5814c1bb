"""Measurement of a snapshot, from a pass over its rows: every number of the table, and the arrays behind them.

Sums are of NumPy, in float64; what is then small goes through the metrics of `render.metrics`, compiled once for all
snapshots of a shape and in float64 as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np

from render.audit import numbers
from render.audit.numbers import Number
from render.audit.sums.one_pass import Passed
from render.audit.sums.samples import Sample
from render.metrics import geometry
from render.metrics.moments import Moments
from render.metrics.rows import Products
from render.metrics.spectrum import Modes, modes_of

MOST_CLASSES = 1024  # whose pairs are compared, and that are the targets


@dataclass(frozen=True)
class Measured:
    """Numbers of one snapshot, `values` by name, and the arrays behind them, which pictures show.

    eigenvalues (d,) of the covariance, largest first; counts (C,) of points by class; class_means (C', d), less their
    `centre` (d,), of the classes whose pairs are compared, `compared` (C',) by label; cosines (C'(C' - 1)/2,) of their
    pairs, i < j. Without two classes the centre is the mean of all points.
    """

    values: dict[str, float]
    eigenvalues: np.ndarray
    counts: np.ndarray
    compared: np.ndarray
    class_means: np.ndarray
    centre: np.ndarray
    cosines: np.ndarray


@dataclass(frozen=True)
class Widths:
    """Columns of each role in a row [features | outputs | targets]."""

    features: int
    outputs: int = 0
    targets: int = 0

    def of(self, role: str) -> slice:
        start = {"features": 0, "outputs": self.features, "targets": self.features + self.outputs}[role]
        return slice(start, start + getattr(self, role))


class Spans(NamedTuple):
    """Eigenfunctions of the features, and the products of features with outputs or targets."""

    modes: Modes
    products: Products


class Pieces(NamedTuple):
    """The pieces of data that numbers are functions of, each None where a snapshot lacks it.

    features: moments; modes: of their covariance; labels: the moments again, if there are labels; classes: the same, if
    there are two classes or more, and any variance; means: centred class means (C', d); outputs, targets: their spans,
    of one-hot labels where there are no targets; points (M, d) of the sample; pairs: two points (P, d) each of a class.
    """

    features: Moments
    modes: Modes
    labels: Moments | None
    classes: Moments | None
    means: np.ndarray | None
    outputs: Spans | None
    targets: Spans | None
    points: np.ndarray | None
    pairs: tuple[np.ndarray, np.ndarray] | None


def measure(passed: Passed, widths: Widths, labelled: bool) -> Measured:
    """Every number that these moments and this sample give; those of classes only with two of them, at least.

    Raises OverflowError where squares of the numbers leave the range of float64.
    """
    moments, x = passed.moments, widths.of("features")
    features = moments.columns(x)
    present = np.flatnonzero(moments.counts)
    compared = _few(moments.counts, present)
    with jax.enable_x64(True):
        modes = jax.device_get(modes_of(features))
        several = labelled and len(present) > 1 and bool(modes.values[0] > modes.floor)
        centre = features.centre if several else features.mean
        means = features.means[compared] - centre if several else np.zeros((0, widths.features))
        goal = None
        if widths.targets:
            goal = Spans(modes, moments.products(x, widths.of("targets")))
        elif several:
            goal = Spans(modes, moments.class_products(x, compared))
        pieces = Pieces(
            features,
            modes,
            labels=features if labelled else None,
            classes=features if several else None,
            means=means if several else None,
            outputs=Spans(modes, moments.products(x, widths.of("outputs"))) if widths.outputs else None,
            targets=goal,
            points=_rows(passed.sample),
            pairs=_pairs(passed.sample),
        )
        values = _all_of(pieces)
        cosines = np.asarray(_cosines(means)) if several else np.zeros(0)
    if not np.isfinite(modes.values).all() or any(np.isnan(value) for value in values.values()):
        raise OverflowError("squares of the numbers leave the range of float64")
    return Measured(values, modes.values, moments.counts, compared, means, centre, cosines)


def _all_of(pieces: Pieces) -> dict[str, float]:
    values: dict[str, float] = {}
    for given, piece in pieces._asdict().items():
        wanted = tuple(number for number in numbers.NUMBERS if number.given == given)
        if piece is not None and wanted:
            values |= {name: float(value) for name, value in jax.device_get(_values(wanted, piece)).items()}
    return values


@partial(jax.jit, static_argnums=0)
def _values(wanted: tuple[Number, ...], piece: Any) -> dict[str, Any]:
    """The numbers of one piece, in one program."""
    return {number.name: number.of(piece) for number in wanted}


_cosines = jax.jit(geometry.pairwise_cosines)


def _few(counts: np.ndarray, present: np.ndarray) -> np.ndarray:
    """The classes that are compared in pairs: all, or those with the most points; ascending."""
    largest = np.argsort(-counts[present], kind="stable")[:MOST_CLASSES]
    return np.sort(present[largest])


def _rows(sample: Sample) -> np.ndarray | None:
    return sample.features.astype(np.float64) if len(sample.features) > 1 else None


def _pairs(sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
    """Points of the sample, each with the next one of its class."""
    rows, labels = _rows(sample), sample.labels
    if rows is None or labels is None:
        return None
    order = np.argsort(labels, kind="stable")
    same = np.flatnonzero(np.diff(labels[order]) == 0)
    return (rows[order[same]], rows[order[same + 1]]) if same.size else None


__all__ = ["MOST_CLASSES", "Measured", "Pieces", "Widths", "measure"]
