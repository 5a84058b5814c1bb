"""Measurement of a snapshot, from a pass over its rows: every number of the table, and the arrays behind them.

Sums are of NumPy, in float64; what is then small goes through the metrics of `render.metrics`, compiled once for all
snapshots of a shape and in float64 as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np

from render.audit import numbers, pieces
from render.audit.duplicates import Duplicates
from render.audit.files.labels import Classes
from render.audit.numbers import Number
from render.audit.pieces import Pieces, Spans, Widths
from render.audit.sums.cores import blas_threads
from render.audit.sums.one_pass import Passed
from render.audit.sums.views import Views
from render.metrics import collapse, geometry
from render.metrics.moments import Moments
from render.metrics.spectrum import modes_of, rounding_of, second_moment_eigenvalues_of

MOST_CLASSES = 1024  # whose pairs are compared, and that are the targets
SPECTRAL = frozenset({"modes", "uncentred", "outputs", "targets"})  # pieces that eigenvalues or axes are in
SMALL = (
    "rows",
    "modes",
    "uncentred",
    "means",
    "spreads",
    "hits",
    "duality",
    "views",
)  # pieces whose numbers share a program
ONE_THREAD = 1024  # features up to which threads of BLAS that find eigenvalues wait for each other more than they work
ROUNDING = 1e-14  # of numbers of order one: below it, class means say nothing


@dataclass(frozen=True)
class Measured:
    """Numbers of one snapshot, `values` by name, and the arrays behind them, which pictures show.

    eigenvalues (d,) of the covariance, largest first, NaN where no wanted number is of them; counts (C,) of points by
    class; class_means (C', d), less their `centre` (d,), of the classes whose pairs are compared, `compared` (C',) by
    label; cosines (C'(C' - 1)/2,) of their pairs, i < j; cdnv (C', C') of all of them. recall (C,): share of the points
    of a class that outputs find, NaN for a class without points, empty where outputs do not say. Without two classes
    the centre is the mean of all points.
    """

    values: dict[str, float]
    eigenvalues: np.ndarray
    counts: np.ndarray
    compared: np.ndarray
    class_means: np.ndarray
    centre: np.ndarray
    cosines: np.ndarray
    cdnv: np.ndarray
    recall: np.ndarray
    duplicates: Duplicates


def measure(
    passed: Passed,
    widths: Widths,
    labelled: bool,
    classes: Classes | None = None,
    duplicates: Duplicates | None = None,
    weights: np.ndarray | None = None,
    only: Collection[str] | None = None,
    views: Views | None = None,
) -> Measured:
    """Every number that these moments and this sample give, or `only` some; of classes only with two, at least.

    Raises OverflowError where squares of the numbers leave the range of float64.
    """
    moments, x = passed.moments, widths.of("features")
    features, duplicates, classes = moments.columns(x), duplicates or Duplicates(), classes or Classes()
    present = np.flatnonzero(moments.counts)
    compared = _few(moments.counts, present)
    wanted = tuple(number for number in numbers.NUMBERS if only is None or number.name in only)
    needed = {number.given for number in wanted}
    told = pieces.told_by(classes, moments, widths.outputs) if labelled else None
    hits = _hits(passed, moments.counts) if told is not None else None
    with jax.enable_x64(True), blas_threads(1) if widths.features <= ONE_THREAD else nullcontext():
        varied = not needed & SPECTRAL and _varied(features)
        modes: Any = pieces.unknown(widths.features) if varied else jax.device_get(modes_of(features))
        several = labelled and len(present) > 1 and (varied or bool(modes.values[0] > modes.floor))
        centre = features.centre if several else features.mean
        means = features.means[compared] - centre if several else np.zeros((0, widths.features))
        goal = None
        if "targets" in needed and widths.targets:
            goal = Spans(modes, moments.products(x, widths.of("targets")))
        elif "targets" in needed and several:
            goal = Spans(modes, moments.class_products(x, compared))
        rows, labels = pieces.sampled(passed.sample), passed.sample.labels
        near = spreads = None
        if several and rows is not None and labels is not None:
            near = pieces.nearest(rows, labels, centre, means, moments, compared)
        if several:
            spreads = pieces.Spreads(passed.spread.squares[compared] / moments.counts[compared], means)
        given = Pieces(
            features,
            modes,
            uncentred=np.asarray(_second(features)) if "uncentred" in needed else modes.values,
            rows=pieces.lengths(passed, duplicates),
            labels=features if labelled else None,
            classes=features if several else None,
            means=means if several else None,
            spreads=spreads,
            nearest=near,
            decided=None if near is None else pieces.decided(near, passed.sample, told, compared),
            hits=hits,
            duality=_duality(weights, classes, len(moments.counts), compared, means) if several else None,
            outputs=Spans(modes, moments.products(x, widths.of("outputs")))
            if widths.outputs and "outputs" in needed
            else None,
            targets=goal,
            points=(points := pieces.points(rows, features.mean)),
            neighbours=pieces.neighbours(rows) if "neighbours" in needed else None,
            classmates=pieces.classmates(rows, labels) if "classmates" in needed else None,
            sphere=pieces.sphere(points, views),
            views=None if views is None or not views.sums.number else views.sums,
            partners=views.sample if views is not None and views.sample.shape[1] else None,
        )
        values = _all_of(given, wanted)
        cosines = np.asarray(_cosines(means)) if several else np.zeros(0)
        apart = np.asarray(_cdnv(*spreads)) if spreads is not None else np.zeros((0, 0))
    if not (varied or np.isfinite(modes.values).all()) or any(np.isnan(value) for value in values.values()):
        raise OverflowError("squares of the numbers leave the range of float64")
    recall = np.zeros(0) if hits is None else hits.right / np.where(hits.counts > 0, hits.counts, np.nan)
    arrays = (moments.counts, compared, means, centre, cosines, apart, recall)
    return Measured(values, modes.values, *arrays, duplicates)


def _varied(features: Moments) -> bool:
    """Whether the largest eigenvalue is above rounding for sure: it is no less than the mean of all."""
    with np.errstate(all="ignore"):
        mean = np.trace(features.total) / features.count / len(features.total)
        return bool(np.isfinite(mean) and mean > rounding_of(features))


def _all_of(given: Pieces, wanted: tuple[Number, ...]) -> dict[str, float]:
    there = {name: piece for name, piece in given._asdict().items() if piece is not None}
    programs: dict[str, list[Number]] = defaultdict(list)
    for number in wanted:
        if number.given in there:  # small programs take longer to start than to run, large ones memory to be compiled
            programs["" if number.given in SMALL else number.given].append(number)
    found: dict[str, float] = {}
    for some in programs.values():
        needed = {number.given: there[number.given] for number in some}
        found |= {name: float(value) for name, value in jax.device_get(_values(tuple(some), needed)).items()}
    of_means = {number.name for number in wanted if number.given == "means"}
    for name in of_means & found.keys():  # of two class means all are 0 but for rounding
        found[name] = 0.0 if abs(found[name]) < ROUNDING else found[name]
    return {number.name: found[number.name] for number in wanted if number.name in found}


@partial(jax.jit, static_argnums=0)
def _values(wanted: tuple[Number, ...], some: dict[str, Any]) -> dict[str, Any]:
    """Numbers of some pieces, in one program."""
    return {number.name: number.of(some[number.given]) for number in wanted}


_cosines = jax.jit(geometry.pairwise_cosines)
_cdnv = jax.jit(collapse.pairwise_cdnv)
_second = jax.jit(second_moment_eigenvalues_of)


def _few(counts: np.ndarray, present: np.ndarray) -> np.ndarray:
    """The classes that are compared in pairs: all, or those with the most points; ascending."""
    largest = np.argsort(-counts[present], kind="stable")[:MOST_CLASSES]
    return np.sort(present[largest])


def _hits(passed: Passed, counts: np.ndarray) -> pieces.Hits | None:
    right = passed.rows.hits
    if passed.rows.undecided or not right.size:
        return None
    return pieces.Hits(np.pad(right, (0, max(len(counts) - len(right), 0)))[: len(counts)], counts.astype(float))


def _duality(
    weights: np.ndarray | None, classes: Classes, count: int, compared: np.ndarray, means: np.ndarray
) -> pieces.Duality | None:
    told = None if weights is None else classes.outputs(count, len(weights))
    if weights is None or told is None:
        return None
    return pieces.Duality(weights.astype(np.float64)[told[compared]], means)


__all__ = ["MOST_CLASSES", "Measured", "Pieces", "Widths", "measure"]
