"""Pages of a series: the small arrays that a picture keeps of each report, seen through one map to the plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from render.audit.depth import Depth
from render.audit.measured import Measured
from render.audit.report import Report
from render.audit.sums.chunks import unit_rows
from render.audit.sums.samples import sample_rows
from render.scene import Arrays
from render.views import fourier_pair, simplex_map

DRAWN_POINTS = 600
DRAWN_RAYS = 240  # rows whose directions are drawn, and of which all pairs are compared
COLOURED = 10  # classes that have a colour of their own
PAIRED = 40  # classes whose pairs are drawn, a dot each
LIKENESS = np.linspace(-1, 1, 41)  # edges of the bins of the cosine of two rows


@dataclass(frozen=True)
class Page:
    """One report: its step, the kind of its headline, its numbers, and what is drawn of it.

    shares (d,) of the variance; points (M, 2) and means (C, 2) in the plane; cosines and overlap (pairs,) of class
    means; recall (C,) by the nearest class mean; rays and rays_centred (R, 2), directions of rows in a plane; likeness
    and likeness_centred (bins,), shares of the pairs of these rows by their cosine; partners and strangers (bins,) the
    same of two views of a point and of two points. NaN where a page lacks it.
    scalars: of the step, such as its loss; depth: numbers of all layers.
    """

    step: int
    kind: str
    values: dict[str, float]
    shares: np.ndarray
    points: np.ndarray
    means: np.ndarray
    cosines: np.ndarray
    overlap: np.ndarray
    recall: np.ndarray
    rays: np.ndarray
    rays_centred: np.ndarray
    likeness: np.ndarray
    likeness_centred: np.ndarray
    partners: np.ndarray
    strangers: np.ndarray
    scalars: Mapping[str, float] = field(default_factory=dict)
    depth: Depth | None = None

    @property
    def judged(self) -> dict[str, float]:
        """What conditions are of, by name: scalars, numbers, and those of layers."""
        return {**self.scalars, **self.values, **(self.depth.judged if self.depth else {})}


class Album:
    """Album of the reports of a series: it makes a page of each, all seen through the map that the last report sets.

    The map is linear, and the same for every page: that of `simplex_map` where class means can be a simplex and classes
    have colours, else onto the first two principal axes of `last`, or of two classes that share a mean, onto theirs.
    Each page is centred, on its class means if it has classes, and divided by its standard deviation, so that a change
    of scale alone does not move anything.

    last: the report that sets the map, and whose sample of points every page shows. simplex: whether that map is the
    simplex's. classes (C,) that are drawn one by one, by number; names: what they are called. merged: the two least
    apart, where the headline is about them.
    """

    def __init__(self, last: Report):
        self.last = last
        setting, measured = last.setting, last.measured
        self.rows = last.sample.rows[sample_rows(len(last.sample.rows), DRAWN_POINTS)]
        several = setting.classes > 1 and len(measured.class_means) > 0
        self.classes = measured.compared[:PAIRED] if several else np.zeros(0, int)
        self.names = tuple(last.classes.name(int(each)) for each in self.classes)
        self.coloured = 0 < len(self.classes) <= COLOURED and setting.classes <= COLOURED
        self.simplex = self.coloured and 3 <= setting.classes <= setting.dim + 1
        kind = last.headline().kind if several else ""
        self._alone = kind == "no_class_structure"  # its number is of rows that are left out of their mean
        near = kind == "merged_classes" or (kind == "overlapping_classes" and setting.classes > COLOURED)
        self.merged = _merged(last) if near else ()
        if self.simplex and not self.merged:
            try:
                self._map = simplex_map(measured.class_means / _deviation(measured))
                return
            except ValueError:  # all class means coincide
                pass
        self.simplex = False
        rows = last.sample.features.astype(np.float64)
        if len(self.merged) == 2 and last.sample.labels is not None:
            theirs = np.isin(last.sample.labels, measured.compared[list(self.merged)])
            rows = rows[theirs] if theirs.any() else rows
        self._map = _principal_plane(rows)

    def flat(self, rows: np.ndarray) -> np.ndarray:
        """Rows, centred and in standard deviations, in the plane: (n, d) -> (n, 2)."""
        return rows @ self._map

    def page(self, report: Report, first: float | None = None) -> Page:
        """The page of a report; `first` as in `findings.headline`."""
        measured, sample = report.measured, report.sample
        scale = _deviation(measured)
        kept = np.isin(sample.rows, self.rows)
        points = np.full((len(self.rows), 2), np.nan)
        flat = ((sample.features[kept].astype(np.float64) - measured.centre) / scale) @ self._map
        points[np.searchsorted(self.rows, sample.rows[kept])] = flat
        count = len(self.classes)
        means, recall = np.full((count, 2), np.nan), np.full(count, np.nan)
        cosines = overlap = np.full(count * (count - 1) // 2, np.nan)
        there = np.isin(self.classes, measured.compared)
        if len(measured.class_means) and there.any():
            drawn = np.isin(measured.compared, self.classes)
            own = measured.class_means[drawn]
            means[there] = own / scale @ self._map
            cosines, overlap = _of_pairs(there, _cosines(own)), _of_pairs(there, measured.cdnv[np.ix_(drawn, drawn)])
            recall[there] = _recall(report, np.flatnonzero(drawn), self._alone)
        rays, likeness = _directions(sample.features)
        centred = sample.features.astype(np.float64) - sample.features.mean(axis=0, dtype=np.float64)
        rays_centred, likeness_centred = _directions(centred)
        return Page(
            report.snapshot.step or 0,
            report.headline(first).kind,
            report.values,
            measured.eigenvalues / (measured.eigenvalues.sum() or 1.0),
            points,
            means,
            cosines,
            overlap,
            recall,
            rays,
            rays_centred,
            likeness,
            likeness_centred,
            *_of_views(report),
            report.snapshot.scalars,
            report.depth,
        )

    def arrays(self, pages: Sequence[Page]) -> Arrays:
        """Pages in the order of their steps as the arrays of a film; numbers by name, NaN where one lacks it."""
        drawn = ("shares", "points", "means", "cosines", "overlap", "recall", "rays", "rays_centred")
        found = {name: np.stack([getattr(page, name) for page in pages]) for name in (*drawn, *_LIKENESSES)}
        found["step"] = np.array([page.step for page in pages])
        sample = self.last.sample
        if len(self.classes) and sample.labels is not None:
            labels = sample.labels[np.isin(sample.rows, self.rows)]
            found["labels"] = np.searchsorted(self.classes, labels)
        if self.simplex:
            found["ghosts"] = fourier_pair(len(self.classes))
        known = set.union(*(set(page.values) for page in pages))
        found |= {f"value/{name}": np.array([page.values.get(name, np.nan) for page in pages]) for name in known}
        from render.audit.picture.scalars import scalars_of  # which loads Matplotlib, as only a picture needs it

        return found | scalars_of([page.scalars for page in pages])


_LIKENESSES = ("likeness", "likeness_centred", "partners", "strangers")


def _deviation(measured: Measured) -> float:
    """Standard deviation of all points, over all dimensions together; 1 where there is none."""
    return float(np.sqrt(measured.eigenvalues.sum())) or 1.0


def _principal_plane(rows: np.ndarray) -> np.ndarray:
    """The first two principal axes of rows (n, d), orthonormal columns (d, 2); a column of 0 where there is none."""
    axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:2]
    return np.pad(axes, ((0, 2 - len(axes)), (0, 0))).T


def _merged(report: Report) -> tuple[int, ...]:
    """Places among the compared classes of the two that share a mean."""
    table = report.measured.cdnv
    return tuple(sorted(int(place) for place in np.unravel_index(int(np.argmax(table)), table.shape)))


def _cosines(means: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    unit = means / np.where(lengths > 0, lengths, 1.0)
    return unit @ unit.T


def _of_pairs(there: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Values of all pairs of classes, NaN for those that are not there: (C,), (there, there) -> (C (C - 1)/2,)."""
    whole = np.full((len(there), len(there)), np.nan)
    whole[np.ix_(there, there)] = table
    return whole[np.triu_indices(len(there), k=1)]


def _recall(report: Report, places: np.ndarray, alone: bool) -> np.ndarray:
    """Share of the sample's points of each class that are nearest to its mean of all compared ones; with `alone` to its
    mean without them.
    """
    measured, sample = report.measured, report.sample
    assert sample.labels is not None
    rows = sample.features.astype(np.float64) - measured.centre
    means = measured.class_means
    distances = (rows**2).sum(axis=1, keepdims=True) + (means**2).sum(axis=1) - 2 * rows @ means.T
    own = [sample.labels == measured.compared[place] for place in places]
    for place, mine in zip(places if alone else (), own, strict=False):
        count = float(measured.counts[measured.compared[place]])
        distances[mine, place] = distances[mine, place] * (count / (count - 1)) ** 2 if count > 1 else np.inf
    nearest = np.argmin(distances, axis=1)
    return np.array(
        [(nearest[mine] == place).mean() if mine.any() else np.nan for mine, place in zip(own, places, strict=True)]
    )


def _of_views(report: Report) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the first two views of some points by their cosine, and of views of two different points; (bins,)."""
    if report.views is None or report.views.sample.shape[1] < 2:
        return np.full(len(LIKENESS) - 1, np.nan), np.full(len(LIKENESS) - 1, np.nan)
    first, second = (unit_rows(view) for view in report.views.sample[:2, :DRAWN_POINTS])
    cosines = np.clip(first @ second.T, -1, 1)
    own = np.eye(len(cosines), dtype=bool)
    counts = (np.histogram(some, LIKENESS)[0] for some in (cosines[own], cosines[~own]))
    partners, strangers = (count / count.sum() for count in counts)
    return partners, strangers


def _directions(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions of rows in the plane of their mean and of the widest axis beside it, and how alike they are.

    features (n, d) -> (R, 2) of length 1 at most, 0 for a row of zeros; (bins,) shares of all pairs by their cosine.
    """
    rows = features[np.unique(np.linspace(0, len(features) - 1, DRAWN_RAYS).astype(int))].astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths > 0, lengths, 1.0)
    mean = unit.mean(axis=0)
    along = mean / (np.linalg.norm(mean) or 1.0)
    rest = unit - np.outer(unit @ along, along)
    across = np.linalg.svd(rest - rest.mean(axis=0), full_matrices=False)[2][0]
    if np.linalg.norm(mean) < 0.2:  # no mean to speak of: both axes are the widest ones
        along = np.linalg.svd(unit - np.outer(unit @ across, across), full_matrices=False)[2][0]
    flat = np.stack([unit @ along, unit @ across], axis=1)
    full = np.full((DRAWN_RAYS, 2), np.nan)
    full[: len(flat)] = flat
    pairs = (unit @ unit.T)[np.triu_indices(len(unit), k=1)]
    counts = np.histogram(np.clip(pairs, -1, 1), LIKENESS)[0]
    return full, counts / max(counts.sum(), 1)


__all__ = ["COLOURED", "DRAWN_POINTS", "LIKENESS", "PAIRED", "Album", "Page"]
