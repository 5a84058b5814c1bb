"""The pieces of data that the numbers of an audit are functions of, made from a pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from render.audit.duplicates import Duplicates
from render.audit.files.labels import Classes
from render.audit.neighbours import two_nearest
from render.audit.sums.chunks import unit_rows
from render.audit.sums.one_pass import Passed
from render.audit.sums.samples import Sample
from render.audit.sums.views import Views
from render.metrics.moments import Moments
from render.metrics.rows import Products
from render.metrics.spectrum import Modes
from render.metrics.views import ViewSums

MOST_PARTNERS = 1024  # points whose own other view is looked for among the others
MOST_NEIGHBOURS = 1024  # points whose neighbours are looked for: the time grows with the square
FEWEST_NEIGHBOURS = 10  # points of which an intrinsic dimension is taken


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


class Lengths(NamedTuple):
    """Sums over all rows: their number `rows`, how many are zero or equal another, lengths, and directions (d,)."""

    rows: float
    zero: float
    duplicates: float
    mean: float
    variation: float
    units: np.ndarray


class Spreads(NamedTuple):
    """Variance (C',) of each class around its mean (C', d), which is less the centre."""

    variances: np.ndarray
    means: np.ndarray


class Nearest(NamedTuple):
    """Points of the sample (M, d), the class (M,) of each or that its outputs decide for, and class means (C', d).

    counts (C',) of all rows behind the means; counted (M,): points that have a class among these.
    """

    rows: np.ndarray
    classes: np.ndarray
    means: np.ndarray
    counts: np.ndarray
    counted: np.ndarray


class Hits(NamedTuple):
    """Rows (C,) of each class whose largest output is theirs, and all of them."""

    right: np.ndarray
    counts: np.ndarray


class Points(NamedTuple):
    """Points (M, d) of the sample, the mean (d,) of all, and which of them (M,) are not zero."""

    rows: np.ndarray
    mean: np.ndarray
    counted: np.ndarray


class Classmates(NamedTuple):
    """Sums (C', d) of the points of each class of the sample, of unit length, and how many (C',) they are."""

    units: np.ndarray
    counts: np.ndarray


class Neighbours(NamedTuple):
    """Distances (M,) of points to the nearest other one and the next, and which of them (M,) are told."""

    first: np.ndarray
    second: np.ndarray
    counted: np.ndarray


class Duality(NamedTuple):
    """Rows of the last layer's weights and centred class means, (C', d) each."""

    weights: np.ndarray
    means: np.ndarray


class Pieces(NamedTuple):
    """The pieces of data that numbers are functions of, each None where a snapshot lacks it.

    features: moments; modes: of their covariance; uncentred: eigenvalues (d,) of their second moment; rows: sums over
    them. labels: the moments again, if there are labels; classes: the same, if there are two classes or more, and any
    variance; means: centred class means (C', d); spreads, nearest: of these classes. decided: which class outputs say;
    hits: which of those are right. duality: weights beside the means. outputs, targets: their spans, of one-hot labels
    where there are no targets; points, neighbours, classmates: of the sample. sphere: the same points, with their other
    views where there are; views: sums over all views; partners (V, M, d): views of some points.
    """

    features: Moments
    modes: Modes
    uncentred: np.ndarray
    rows: Lengths
    labels: Moments | None
    classes: Moments | None
    means: np.ndarray | None
    spreads: Spreads | None
    nearest: Nearest | None
    decided: Nearest | None
    hits: Hits | None
    duality: Duality | None
    outputs: Spans | None
    targets: Spans | None
    points: Points | None
    neighbours: Neighbours | None
    classmates: Classmates | None
    sphere: Points | None
    views: ViewSums | None
    partners: np.ndarray | None


def lengths(passed: Passed, duplicates: Duplicates) -> Lengths:
    """Sums over all rows that are finite."""
    rows = passed.rows
    there = max(rows.count - rows.zero, 1)
    mean = rows.lengths / there
    with np.errstate(all="ignore"):
        relative = rows.squares / there / mean / mean - 1 if mean > 0 else 0.0
    variation = max(relative, 0.0) ** 0.5 if np.isfinite(relative) else float("inf")
    variation = 0.0 if variation < 1e-7 else variation  # what the difference of the squares leaves of equal lengths
    return Lengths(float(rows.count), float(rows.zero), duplicates.count, mean, variation, rows.units)


def sampled(sample: Sample) -> np.ndarray | None:
    """The sample's features in float64; None where there is no second point."""
    return sample.features.astype(np.float64) if len(sample.features) > 1 else None


def nearest(
    rows: np.ndarray, labels: np.ndarray, centre: np.ndarray, means: np.ndarray, moments: Moments, compared: np.ndarray
) -> Nearest:
    """Points and the classes that are compared; `labels` are class numbers."""
    place = np.minimum(np.searchsorted(compared, labels), len(compared) - 1)
    return Nearest(rows - centre, place, means, moments.counts[compared].astype(float), compared[place] == labels)


def decided(known: Nearest, sample: Sample, told: np.ndarray | None, compared: np.ndarray) -> Nearest | None:
    """The same points with the class that their outputs decide for, -1 for one that is not compared."""
    if told is None or sample.outputs is None:
        return None
    columns = told[compared]
    order = np.argsort(columns)
    largest = np.argmax(sample.outputs, axis=1)
    place = np.minimum(np.searchsorted(columns[order], largest), len(order) - 1)
    found = np.where(columns[order][place] == largest, order[place], -1)
    return known._replace(classes=found, counted=np.ones(len(largest), bool))


def unknown(dim: int) -> Modes:
    """Modes that no number is of: NaN."""
    return Modes(np.full(dim, np.nan), np.zeros((dim, 0)), np.float64(np.nan))  # type: ignore[arg-type]


def told_by(classes: Classes, moments: Moments, outputs: int) -> np.ndarray | None:
    """Column of the outputs for each class, (C,)."""
    return classes.outputs(len(moments.counts), outputs) if outputs else None


def points(rows: np.ndarray | None, mean: np.ndarray) -> Points | None:
    return None if rows is None else Points(rows, mean, np.any(rows != 0, axis=1))


def classmates(rows: np.ndarray | None, labels: np.ndarray | None) -> Classmates | None:
    """Points of the sample by class; None where no class has two."""
    if rows is None or labels is None:
        return None
    units = unit_rows(rows)
    _, place = np.unique(labels, return_inverse=True)
    counts = np.bincount(place, rows.any(axis=1))
    if counts.max(initial=0) < 2:
        return None
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, place, units)
    return Classmates(sums, counts)


def sphere(of_sample: Points | None, views: Views | None) -> Points | None:
    """Points of the sample, or all views of some points; the views of a single point are not spread over anything."""
    if views is None or not views.sample.shape[1]:
        return of_sample
    rows = np.concatenate([*views.sample])
    return Points(rows, rows.mean(axis=0), np.full(len(rows), views.sample.shape[1] > 1))


def neighbours(rows: np.ndarray | None) -> Neighbours | None:
    """Distances to the two nearest others; of equal points only one is told, for between them they are 0."""
    if rows is None or len(rows) < FEWEST_NEIGHBOURS:
        return None
    if len(rows) > MOST_NEIGHBOURS:  # an even part, wherever in the file they lie
        rows = rows[np.linspace(0, len(rows) - 1, MOST_NEIGHBOURS).astype(int)]
    centred = rows - rows.mean(axis=0)
    there, distances = np.arange(len(rows)), two_nearest(centred)
    if not distances.all():
        there = np.sort(np.unique(centred, axis=0, return_index=True)[1])
        if len(there) < FEWEST_NEIGHBOURS:
            return None
        distances = two_nearest(centred[there])
    found, counted = np.ones((2, len(rows))), np.zeros(len(rows), bool)
    found[:, there], counted[there] = distances.T, True
    return Neighbours(found[0], found[1], counted)


__all__ = ["Pieces", "Widths"]
