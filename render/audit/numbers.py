"""The numbers of a report, from the moments of all points and from a sample of them.

Sums are of NumPy, in float64; what is then small, eigenvalues and class means, goes through the metrics of
`render.metrics`, compiled once for all snapshots of a shape and in float64 as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from render.audit import class_numbers
from render.audit.class_numbers import run
from render.audit.moments import Moments
from render.audit.one_pass import Passed, Sample
from render.metrics import contrastive, geometry, spectrum
from render.metrics.richness import RANK_TOLERANCE

MOST_CLASSES = 1024  # whose pairs are compared, and that are the targets


@dataclass(frozen=True)
class Measured:
    """What was found of one snapshot: `values` by name, and the arrays behind them.

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


def measure(passed: Passed, widths: Widths, labelled: bool) -> Measured:
    """Every number that these moments and this sample give; those of classes only with two of them, at least."""
    moments, sample = passed.moments, passed.sample
    x = widths.of("features")
    total, mean = moments.total, moments.mean[x]
    covariance = total[x, x] / moments.count
    modes, axes = _eigen(covariance)
    floor = _rounding(moments, x)
    modes = np.where(modes > np.finfo(float).tiny, modes, 0.0)
    varies = bool(modes[0] > floor)
    values = {
        "constant_columns": float(_constant_columns(moments, total, x).sum()),
        "numerical_rank": float(np.sum(modes > floor)),
        **_spectral(modes, _eigen(covariance + np.outer(mean, mean))[0], floor),
    }
    present = np.flatnonzero(moments.counts)
    classes = _few(moments.counts, present)
    means, centre, cosines = np.zeros((0, widths.features)), mean, np.zeros(0)
    if labelled:
        values["classes_present"] = float(len(present))
    if labelled and len(present) > 1 and varies:
        values |= class_numbers.variances(moments, x)
        centre = moments.means[present, x].mean(axis=0)
        means = moments.means[classes, x] - centre
        found = class_numbers.geometry_of(means)
        cosines = found.pop("cosines")
        values |= {name: float(value) for name, value in found.items()}
    known = modes > floor
    functions = axes[:, known] / np.sqrt(modes[known] * moments.count)
    goal = _targets(moments, total, widths, classes if labelled and len(present) > 1 and varies else None)
    if goal is not None:
        values["quality_dimension"] = _dimension(functions, *goal)
    if widths.outputs:
        o = widths.of("outputs")
        values |= _outputs(total[x, x], total[o, x], total[o, o])
        values["utilization_dimension"] = _dimension(functions, total[o, x], total[o, o])
    values |= _of_points(sample)
    return Measured(values, np.maximum(modes, 0.0), moments.counts, classes, means, centre, cosines)


def _few(counts: np.ndarray, present: np.ndarray) -> np.ndarray:
    """The classes that are compared in pairs: all, or those with the most points; ascending."""
    largest = np.argsort(-counts[present], kind="stable")[:MOST_CLASSES]
    return np.sort(present[largest])


def _eigen(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, largest first, and eigenvectors in columns."""
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def _rounding(moments: Moments, x: slice) -> float:
    """Eigenvalue of the covariance below which it is rounding.

    Products of deviations within classes have the digits of their type, all else those of float64.
    """
    double = float(np.finfo(np.float64).eps)
    scale, means = (_norm(matrix[x, x]) / moments.count for matrix in (moments.scatter, moments.between))
    return moments.epsilon * scale + double * len(moments.scatter) * (means + scale)


def _norm(matrix: np.ndarray) -> float:
    """Frobenius norm, also of numbers whose squares leave the range of float64."""
    largest = float(np.abs(matrix).max())
    return largest * float(np.linalg.norm(matrix / largest)) if largest > 0 else 0.0


def _constant_columns(moments: Moments, total: np.ndarray, x: slice) -> np.ndarray:
    """Columns that do not vary by more than the last digits of what they hold."""
    deviations = np.sqrt(np.maximum(np.diag(total[x, x]), 0.0) / moments.count)
    return deviations <= 2 * moments.epsilon * np.abs(moments.mean[x])


def _spectral(modes: np.ndarray, second_moment: np.ndarray, floor: float) -> dict[str, float]:
    floor += np.finfo(np.float64).eps * len(modes) * second_moment[0]
    found = run(_dimensions, np.maximum(modes, 0.0), np.where(second_moment > floor, second_moment, 0.0))
    return {name: float(value) for name, value in found.items()}


@jax.jit
def _dimensions(modes: Any, second_moment: Any) -> dict[str, Any]:
    return {
        "participation_ratio": spectrum.participation_ratio(modes),
        "entropy_rank": spectrum.entropy_rank(modes),
        "effective_dimension": spectrum.effective_dimension(second_moment),
    }


def _targets(
    moments: Moments, total: np.ndarray, widths: Widths, classes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Products of the centred targets with the features and with themselves: those given, or labels as one-hot rows."""
    x = widths.of("features")
    if widths.targets:
        t = widths.of("targets")
        return total[t, x], total[t, t]
    if classes is None:
        return None
    counts = moments.counts[classes]
    cross = counts[:, None] * (moments.means[classes, x] - moments.mean[x])
    return cross, np.diag(counts) - np.outer(counts, counts) / moments.count


def _span(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of the columns' products that count for their rank, and the eigenvectors: `richness.output_rank`."""
    values, vectors = np.linalg.eigh(gram)
    kept = values > max(RANK_TOLERANCE**2 * values[-1], 0.0)
    return values[kept], vectors[:, kept]


def _outputs(gram: np.ndarray, cross: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    values, vectors = _span(outputs)
    overlap = float(np.sum((vectors.T @ cross) ** 2 / values[:, None]))
    norm = float(np.linalg.norm(gram)) * len(values) ** 0.5
    measure = 1.0 - overlap / norm if norm > 0 else 1.0
    return {"low_rank_measure": min(max(measure, 0.0), 1.0), "output_rank": float(len(values))}


def _dimension(functions: np.ndarray, cross: np.ndarray, gram: np.ndarray) -> float:
    """Entropy rank of the shares that eigenfunctions have in a span, as in `latent_geometry_report`.

    functions (d, modes): features times it are orthonormal; cross (columns, d), gram (columns, columns) of the span.
    """
    values, vectors = _span(gram)
    shares = np.sum((vectors.T @ cross @ functions) ** 2 / values[:, None], axis=0)
    padded = np.pad(shares, (0, functions.shape[0] - len(shares)))  # one shape, one compilation
    return float(run(_entropy_rank, padded)["rank"])


@jax.jit
def _entropy_rank(shares: Any) -> dict[str, Any]:
    return {"rank": spectrum.entropy_rank(shares)}


def _of_points(sample: Sample) -> dict[str, float]:
    if len(sample.features) < 2:
        return {}
    rows = sample.features.astype(np.float64)
    values = {"uniformity": float(run(_uniformity, rows)["uniformity"])}
    if sample.labels is not None:
        order = np.argsort(sample.labels, kind="stable")
        pairs = np.flatnonzero(np.diff(sample.labels[order]) == 0)
        if pairs.size:
            found = run(_alignment, rows[order[pairs]], rows[order[pairs + 1]])
            values["alignment"] = float(found["alignment"])
    return values


@jax.jit
def _uniformity(rows: Any) -> dict[str, Any]:
    return {"uniformity": contrastive.uniformity(geometry.unit_rows(rows))}


@jax.jit
def _alignment(first: Any, second: Any) -> dict[str, Any]:
    return {"alignment": contrastive.alignment(geometry.unit_rows(first), geometry.unit_rows(second))}


__all__ = ["MOST_CLASSES", "Measured", "Widths", "measure"]
