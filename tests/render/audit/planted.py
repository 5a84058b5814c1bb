"""Data of a known kind, in few fixed shapes, so that a program is compiled once a shape: what a headline must say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from render.audit.files.arrays import Column
from render.audit.files.snapshots import Keys, Snapshot

Data = tuple[np.ndarray, np.ndarray | None]
LABELLED = ((200, 8, 2), (240, 24, 3), (300, 64, 4), (400, 24, 10), (450, 128, 5), (500, 32, 20))  # points, columns, C
UNLABELLED = ((200, 20), (300, 64), (400, 128), (120, 160), (500, 32), (150, 24))


def snapshot(features: np.ndarray, labels: np.ndarray | None = None, step: int | None = None) -> Snapshot:
    """A snapshot of arrays in memory."""

    def column(name: str, array: np.ndarray) -> Column:
        return Column(name, array.shape, array.dtype, lambda start, stop: array[start:stop])

    told = None if labels is None else column("labels", labels)
    return Snapshot(Path("planted"), Keys(), step, column("features", features), told)


def shape(seed: int) -> tuple[int, int, int]:
    return LABELLED[seed % len(LABELLED)]


def labels_of(rng: np.random.Generator, points: int, classes: int) -> np.ndarray:
    """Labels of every class, of equal size or not, 20 rows of each class at least where there is room."""
    least = min(20, points // classes)
    uneven = rng.dirichlet(np.full(classes, rng.choice([1.0, 100.0])))
    rest = rng.choice(classes, points - least * classes, p=uneven)
    return rng.permutation(np.r_[np.repeat(np.arange(classes), least), rest])


def simplex(rng: np.random.Generator, classes: int, dim: int) -> np.ndarray:
    frame = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    return (np.eye(classes) - 1 / classes) @ frame[:classes] * (classes / (classes - 1)) ** 0.5


def scaled(rng: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    """The same in other units."""
    return (rows * 10 ** rng.uniform(-3, 3)).astype(rng.choice([np.float32, np.float64]))


def noise(rng: np.random.Generator, points: int, dim: int) -> np.ndarray:
    """Isotropic noise, or with a spectrum that falls slowly and a mean that is short."""
    falls = np.arange(1, dim + 1.0) ** -rng.uniform(0, 0.3)
    rows = rng.normal(size=(points, dim)) * rng.permutation(falls)
    away = rng.normal(size=dim)
    return rows + rng.uniform(0, 0.5) * np.sqrt(np.mean(falls**2)) * away


def clouds(rng: np.random.Generator, seed: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Classes around the corners of a simplex, at a standard deviation of so much of their distance."""
    points, dim, classes = shape(seed)
    labels = labels_of(rng, points, classes)
    return simplex(rng, classes, dim)[labels] + spread * rng.normal(size=(points, dim)), labels


def noise_without_labels(rng: np.random.Generator, seed: int) -> Data:
    points, dim = UNLABELLED[seed % len(UNLABELLED)]
    return noise(rng, points, dim), None


def healthy(rng: np.random.Generator, seed: int) -> Data:
    """Rows of many overlapping clusters that nobody has named, or of noise turned through a random matrix."""
    points, dim = UNLABELLED[seed % len(UNLABELLED)]
    rows = noise(rng, points, dim)
    if rng.integers(2):
        return rows + rng.normal(size=(40, dim))[rng.integers(0, 40, points)], None
    return rows @ (np.eye(dim) + 0.3 * rng.normal(size=(dim, dim)) / dim**0.5), None


def any_of(rng: np.random.Generator, seed: int) -> Data:
    """Noise with labels or without, or classes that overlap: to plant in."""
    if seed % 3 == 0:
        return noise_without_labels(rng, seed // 3)
    if seed % 3 == 1:
        points, dim, classes = shape(seed // 3)
        return noise(rng, points, dim), labels_of(rng, points, classes)
    return clouds(rng, seed // 3, rng.uniform(0.05, 0.6))


def some(rng: np.random.Generator, points: int, low: float, high: float) -> np.ndarray:
    return rng.permutation(points)[: int(np.ceil(points * rng.uniform(low, high)))]


def zero_rows(rng: np.random.Generator, seed: int) -> Data:
    rows, labels = any_of(rng, seed)
    rows[some(rng, len(rows), 0.05, 0.6)] = 0
    return rows, labels


def duplicates(rng: np.random.Generator, seed: int) -> Data:
    rows, labels = any_of(rng, seed)
    chosen = some(rng, len(rows), 0.4, 0.9)  # of rows of any class
    rows[chosen[len(chosen) // 2 :]] = rows[rng.choice(chosen[: len(chosen) // 2], len(chosen) - len(chosen) // 2)]
    return rows, labels


def cone(rng: np.random.Generator, seed: int) -> Data:
    rows, labels = any_of(rng, seed)
    away = rng.normal(size=rows.shape[1])
    lengths = np.sqrt(np.mean(np.sum((rows - rows.mean(axis=0)) ** 2, axis=1)))
    return rows + away / np.linalg.norm(away) * lengths * rng.uniform(4, 30), labels


def few_directions(rng: np.random.Generator, seed: int) -> Data:
    points, dim = ((300, 64), (400, 128), (120, 160), (300, 64))[seed % 4]
    basis = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    most = max(int(0.04 * (points - 1) * dim / (points + dim)), 1)
    count = int(rng.integers(1, most + 1))
    weights = np.full(dim, 1e-3)
    weights[:count] = 1
    return (rng.normal(size=(points, dim)) * weights) @ basis, None


def merged_classes(rng: np.random.Generator, seed: int) -> Data:
    points, dim, classes = [s for s in LABELLED if s[2] > 2][seed % 5]
    labels, means = labels_of(rng, points, classes), simplex(rng, classes, dim)
    a, b = rng.choice(classes, 2, replace=False)
    means[b] = means[a] + 0.001 * means[b]
    spread = rng.uniform(0.01, 0.12) / dim**0.5
    return means[labels] + spread * rng.normal(size=(points, dim)), labels


def collapsed(rng: np.random.Generator, seed: int) -> Data:
    points, dim, classes = shape(seed)
    labels = labels_of(rng, points, classes)
    sizes = np.bincount(labels)
    rows = simplex(rng, classes, dim)[labels]
    between = np.mean(np.sum((rows - rows.mean(axis=0)) ** 2, axis=1))
    ratio = 10 ** rng.uniform(-9, -3.3)
    rows = rows + np.sqrt(between * ratio / dim) * rng.normal(size=rows.shape)
    assert sizes.min() > 0
    return rows + rng.uniform(0, 0.3) * rng.normal(size=dim) / dim**0.5, labels


def no_class_structure(rng: np.random.Generator, seed: int) -> Data:
    shapes = [s for s in LABELLED if s[0] >= 20 * s[2]]
    points, dim, classes = shapes[seed % len(shapes)]
    labels = labels_of(rng, points, classes)
    rows = noise(rng, points, dim)
    if seed % 2:  # real classes, whose labels are shuffled
        rows = simplex(rng, classes, dim)[rng.permutation(labels)] + 0.2 * rng.normal(size=(points, dim))
    return rows, labels


def separate_classes(rng: np.random.Generator, seed: int) -> Data:
    points, dim, classes = shape(seed)
    labels = labels_of(rng, points, classes)
    means = rng.normal(size=(classes, dim)) + simplex(rng, classes, dim) * 3
    distance = np.min([np.linalg.norm(a - b) for k, a in enumerate(means) for b in means[:k]])
    return means[labels] + distance * rng.uniform(0.1, 0.16) * rng.normal(size=(points, dim)), labels


def overlapping_classes(rng: np.random.Generator, seed: int) -> Data:
    points, dim, classes = [s for s in LABELLED if s[2] > 3][seed % 4]
    labels = labels_of(rng, points, classes)
    means = simplex(rng, classes, dim)
    return means[labels] + np.linalg.norm(means[0] - means[1]) * 0.42 * rng.normal(size=(points, dim)), labels


def dead_units(rng: np.random.Generator, seed: int) -> Data:
    rows, labels = noise_without_labels(rng, seed) if seed % 2 else separate_classes(rng, seed // 2)
    dim = rows.shape[1]
    rows[:, rng.permutation(dim)[: int(np.ceil(dim * rng.uniform(0.1, 0.3)))]] = rng.choice([0.0, 0.1])
    return rows, labels


def noise_with_labels(rng: np.random.Generator, seed: int) -> Data:
    return no_class_structure(rng, 2 * seed)


PLANTED: dict[str, tuple[str, Callable[[np.random.Generator, int], Data]]] = {
    name: (kind, make)
    for name, kind, make in (
        ("zero_rows", "zero_rows", zero_rows),
        ("duplicates", "duplicates", duplicates),
        ("cone", "cone", cone),
        ("few_directions", "few_directions", few_directions),
        ("merged_classes", "merged_classes", merged_classes),
        ("collapsed", "collapsed", collapsed),
        ("no_class_structure", "no_class_structure", no_class_structure),
        ("dead_units", "dead_units", dead_units),
        ("separate_classes", "separate_classes", separate_classes),
        ("overlapping_classes", "overlapping_classes", overlapping_classes),
        ("healthy", "healthy", healthy),
        ("noise", "healthy", noise_without_labels),
        ("noise with labels", "no_class_structure", noise_with_labels),
    )
}
