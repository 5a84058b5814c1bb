"""What an audit keeps of several views of each point: sums over all of them, and a few of the points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.audit.files.labels import Classes
from render.audit.files.snapshots import Snapshot
from render.audit.sums.chunks import unit_rows
from render.audit.sums.samples import sample_rows
from render.metrics.views import ViewSums

CHUNK_ENTRIES = 2**20  # of all views at once
SAMPLE_ROWS = 2048  # of all views together, of which all pairs are looked at


@dataclass(frozen=True)
class Views:
    """Sums over the points that are counted, how many are not, and a sample.

    zero: points left out because a view is zero; faulty: because one has an entry that is not finite. sample (V, M, d):
    the views of some points, all counted.
    """

    sums: ViewSums
    zero: int
    faulty: int
    sample: np.ndarray


def views_of(snapshot: Snapshot, classes: Classes) -> Views | None:
    """The views of a snapshot's points, without those whose label is ignored; None where it has no other views.

    In float64, over all points, a few at a time: it costs no products of columns.
    """
    partners = snapshot.partners
    if partners is None:
        return None
    points, count = partners.points, partners.views
    size = max(CHUNK_ENTRIES // (count * snapshot.features.shape[1]), 1)
    picked, kept = sample_rows(points, SAMPLE_ROWS // count), []
    total = ViewSums(np.float64(0), np.float64(0), np.zeros((count, snapshot.features.shape[1])))  # type: ignore[arg-type]
    zero = faulty = 0
    known = _known(snapshot, classes)
    for start in range(0, points, size):
        stop = min(start + size, points)
        chunk = partners.read(start, stop).astype(np.float64)
        there = np.ones(stop - start, bool) if known is None else known[partners.rows(np.arange(start, stop))]
        largest = np.abs(chunk).max(axis=2)
        finite, good = np.isfinite(largest).all(axis=0) & there, (largest > 0).all(axis=0)
        faulty, zero = faulty + int((there & ~finite).sum()), zero + int((finite & ~good).sum())
        good &= finite
        units = np.stack([unit_rows(view) for view in chunk[:, good]])
        apart = np.sum((units - units.mean(axis=0)) ** 2)
        total = ViewSums(total.number + good.sum(), total.apart + apart, total.units + units.sum(axis=1))
        inside = picked[np.searchsorted(picked, start) : np.searchsorted(picked, stop)] - start
        kept.append(chunk[:, inside[good[inside]]])
    return Views(total, zero, faulty, np.concatenate(kept, axis=1))


def _known(snapshot: Snapshot, classes: Classes) -> np.ndarray | None:
    """Which rows have a label that is not ignored; None where all have."""
    if snapshot.labels is None:
        return None
    known = classes.numbers(snapshot.labels.read(0, snapshot.points), 0) >= 0
    return None if known.all() else known


__all__ = ["Views", "views_of"]
