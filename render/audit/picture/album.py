"""Pages of a series: the small arrays that a picture keeps of each report, seen through one map to the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from render.audit.measured import Measured
from render.audit.report import Report
from render.audit.sums.one_pass import sample_rows
from render.scene import Arrays
from render.views import edges_around, fourier_pair, histogram_counts, simplex_map

DRAWN_POINTS = 600
DRAWN_MODES = 24
COLOURED = 10  # classes that have a colour of their own
COSINE_BIN = 0.05


@dataclass(frozen=True)
class Page:
    """One report: its step, its numbers, and what is drawn of it.

    shares (modes,) of the variance; points (M, 2) and means (C, 2) in the plane, NaN for those that it lacks; cosines
    (bins,) counts of pairs of class means.
    """

    step: int
    values: dict[str, float]
    shares: np.ndarray
    points: np.ndarray
    means: np.ndarray
    cosines: np.ndarray


class Album:
    """Album of the reports of a series: it makes a page of each, all seen through the map that the last report sets.

    The map is linear, and the same for every page: that of `simplex_map` where class means can be a simplex and classes
    have colours, else onto the first two principal axes of `last`. Each page is centred, on its class means if it has
    classes, and divided by its standard deviation, so that a change of scale alone does not move anything.

    last: the report that sets the map, and whose sample of points every page shows. simplex: whether that map is the
    simplex's. classes (C,) in the picture.
    """

    def __init__(self, last: Report):
        self.last = last
        setting, measured = last.setting, last.measured
        self.rows = last.sample.rows[sample_rows(len(last.sample.rows), DRAWN_POINTS)]
        coloured = 1 < setting.classes <= COLOURED and len(measured.class_means) > 0
        self.classes = measured.compared if coloured else np.zeros(0, int)
        self.simplex = coloured and 3 <= setting.classes <= setting.dim + 1
        if self.simplex:
            try:
                self._map = simplex_map(measured.class_means / _deviation(measured))
            except ValueError:  # all class means coincide
                self.simplex = False
        if not self.simplex:
            self._map = _principal_plane(last.sample.features.astype(np.float64))
        classes = setting.classes
        self.edges = edges_around(-1 / (classes - 1), -1.0, 1.0, COSINE_BIN) if classes > 2 else np.zeros(0)

    def page(self, report: Report) -> Page:
        """The page of a report."""
        measured, sample = report.measured, report.sample
        scale = _deviation(measured)
        kept = np.isin(sample.rows, self.rows)
        points = np.full((len(self.rows), 2), np.nan)
        flat = ((sample.features[kept].astype(np.float64) - measured.centre) / scale) @ self._map
        points[np.searchsorted(self.rows, sample.rows[kept])] = flat
        means = np.full((len(self.classes), 2), np.nan)
        if len(measured.class_means):
            there = np.isin(measured.compared, self.classes)
            means[np.isin(self.classes, measured.compared)] = measured.class_means[there] / scale @ self._map
        total = measured.eigenvalues.sum() or 1.0
        shares = measured.eigenvalues[:DRAWN_MODES] / total
        cosines = np.zeros(0)
        if len(self.edges):
            (cosines,) = histogram_counts(measured.cosines[None], self.edges)
        return Page(report.snapshot.step or 0, report.values, shares, points, means, cosines)

    def arrays(self, pages: Sequence[Page]) -> Arrays:
        """Pages in the order of their steps as the arrays of a recording; numbers that all of them have, by name."""
        found = {
            "step": np.array([page.step for page in pages]),
            "points": np.stack([page.points for page in pages]),
            "shares": np.stack([page.shares for page in pages]),
            "cosines": np.stack([page.cosines for page in pages]),
            "cosine_edges": self.edges,
        }
        if len(self.classes):
            sample = self.last.sample
            assert sample.labels is not None
            found["means"] = np.stack([page.means for page in pages])
            found["labels"] = np.searchsorted(self.classes, sample.labels[np.isin(sample.rows, self.rows)])
        if self.simplex:
            found["ghosts"] = fourier_pair(len(self.classes))
        shared = set.intersection(*(set(page.values) for page in pages))
        return found | {name: np.array([page.values[name] for page in pages]) for name in shared}


def _deviation(measured: Measured) -> float:
    """Standard deviation of all points, over all dimensions together; 1 where there is none."""
    return float(np.sqrt(measured.eigenvalues.sum())) or 1.0


def _principal_plane(rows: np.ndarray) -> np.ndarray:
    """The first two principal axes of rows (n, d), orthonormal columns (d, 2); a column of 0 where there is none."""
    axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:2]
    return np.pad(axes, ((0, 2 - len(axes)), (0, 0))).T


__all__ = ["Album", "Page"]
