"""A few of the points: the same ones of every snapshot of as many."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

SAMPLE_POINTS = 2048


@dataclass(frozen=True)
class Sample:
    """Sample of the points of a snapshot, the same rows in every snapshot of as many points.

    rows (M,), their numbers, ascending; features (M, d); labels (M,) and outputs (M, C), or None.
    """

    rows: np.ndarray
    features: np.ndarray
    labels: np.ndarray | None
    outputs: np.ndarray | None


def sample_rows(points: int, most: int = SAMPLE_POINTS) -> np.ndarray:
    """Row numbers drawn without replacement, ascending; always the same for the same number of points."""
    if points <= most:
        return np.arange(points)
    return np.sort(np.random.default_rng(0).choice(points, most, replace=False, shuffle=False))


def stratified_rows(classes: np.ndarray, most: int = SAMPLE_POINTS) -> np.ndarray:
    """Row numbers, ascending, in which each class has the share that it has of all rows, and one row at least.

    classes (n,) of the rows. Always the same for the same classes. Where there are more classes than `most`, one row
    each of the first so many that are drawn.
    """
    if len(classes) <= most:
        return np.arange(len(classes))
    rng = np.random.default_rng(0)
    order = rng.permutation(len(classes))
    _, group, sizes = np.unique(classes[order], return_inverse=True, return_counts=True)
    within = np.empty(len(order), int)  # the how-manieth of its class a row is, in the order drawn
    by_class = np.argsort(group, kind="stable")
    within[by_class] = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    # by its place within the class, as a share of it: the first of each class come first, then all evenly
    turn = np.where(within == 0, -1.0, (within + 0.5) / sizes[group])
    return np.sort(order[np.argsort(turn, kind="stable")[:most]])


def picked_of(chunk: dict[str, np.ndarray], labels: np.ndarray | None, rows: np.ndarray, places: np.ndarray) -> Sample:
    """The part of a sample that lies in one chunk: `rows` of all, at `places` in the chunk."""
    kept = {role: array[places] for role, array in chunk.items()}
    outputs = kept.get("outputs")
    return Sample(rows, kept["features"], None if labels is None else labels[places], outputs)


def joined(samples: list[Sample]) -> Sample:
    """One sample of several, in the order of their rows, without the points that have a NaN or an infinity."""
    order = np.argsort(np.concatenate([sample.rows for sample in samples]))

    def together(name: str) -> np.ndarray | None:
        parts = [getattr(sample, name) for sample in samples]
        return None if parts[0] is None else np.concatenate(parts)[order]

    whole = Sample(*(together(name) for name in ("rows", "features", "labels", "outputs")))  # type: ignore[arg-type]
    good = np.isfinite(whole.features).all(axis=1)
    if whole.outputs is not None:
        good &= np.isfinite(whole.outputs).all(axis=1)
    return whole if good.all() else replace(whole, **{k: v[good] for k, v in vars(whole).items() if v is not None})


__all__ = ["Sample", "joined", "picked_of", "sample_rows", "stratified_rows"]
