"""Every number of an audit in plain float64 NumPy and SciPy, from all points at once."""

from __future__ import annotations

import numpy as np
import scipy.spatial
import scipy.special
import scipy.stats

from tests.render.audit.audit_helpers import scatters


def _basis(columns: np.ndarray, share: float) -> np.ndarray:
    """Orthonormal columns of the span of centred columns: singular values above a share of the largest."""
    left, singular, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
    return left[:, singular > share * singular[0]]


def numbers(
    features: np.ndarray, labels: np.ndarray, outputs: np.ndarray, weights: np.ndarray, views: np.ndarray
) -> dict[str, float]:
    """By name, of classes 0 to C - 1 that all have points, C <= d; the sample is all points."""
    x, outputs = features.astype(float), outputs.astype(float)
    (points, dim), classes = x.shape, labels.max() + 1
    means, within, total = scatters(x, labels)
    between, covariance = total - within, total / points
    variances = np.linalg.eigvalsh(covariance)
    second = np.linalg.svd(x, compute_uv=False) ** 2
    apart = means - means.mean(axis=0)
    lengths = np.linalg.norm(apart, axis=1)
    gram = apart @ apart.T / np.outer(lengths, lengths)
    cosines = gram[np.triu_indices(classes, 1)]
    simplex = np.where(np.eye(classes), 1.0, -1 / (classes - 1))
    functions, span = _basis(x, 0), _basis(outputs, 0.05)
    shares = {name: ((functions.T @ _basis(y, 0.05)) ** 2).sum(axis=1) for name, y in _spans(labels, outputs).items()}
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    distances = ((unit[:, None] - unit[None]) ** 2).sum(axis=2)
    of_class = [np.flatnonzero(labels == label) for label in range(classes)]
    mates = np.concatenate([distances[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)] for rows in of_class])
    return {
        "classes_present": classes,
        "participation_ratio": variances.sum() ** 2 / (variances**2).sum(),
        "entropy_rank": np.exp(scipy.stats.entropy(variances)),
        "effective_dimension": 1 + np.exp(scipy.stats.entropy(second[1:])),
        "numerical_rank": np.linalg.matrix_rank(x - x.mean(axis=0)),
        "constant_columns": (np.ptp(x, axis=0) == 0).sum(),
        "within_class_variance": np.trace(within) / points,
        "within_between_ratio": np.trace(within) / np.trace(between),
        "collapse_ratio": np.trace(within) / np.trace(total),
        "nc1": np.trace(np.linalg.pinv(apart.T @ apart, rcond=1e-9) @ within) / points,
        "nc1_ridge": np.trace(np.linalg.solve(between / points + 1e-4 * np.eye(dim), within / points)),
        "class_cosine_largest": cosines.max(),
        "class_cosine_spread": cosines.std(),
        "class_cosine_error": np.abs(cosines + 1 / (classes - 1)).max(),
        "norm_variation": scipy.stats.variation(lengths),
        "class_simplex_error": np.linalg.norm(gram - simplex) / np.linalg.norm(simplex),
        "class_coherence": np.abs(cosines).max(),
        "class_welch_gap": np.abs(cosines).max() - 1 / (classes - 1),
        "low_rank_measure": 1
        - np.linalg.norm(span.T @ (x - x.mean(axis=0))) ** 2 / np.linalg.norm(total) / span.shape[1] ** 0.5,
        "output_rank": span.shape[1],
        "quality_dimension": np.exp(scipy.stats.entropy(shares["quality"])),
        "utilization_dimension": np.exp(scipy.stats.entropy(shares["utilization"])),
        **_of_rows(x, second, variances),
        **_of_classes(x, labels, means, outputs, weights),
        "gnc2": -np.log(2 - 2 * cosines).mean() / 2,
        "gnc2_spread": np.log(2 - 2 * cosines).std() / 2,
        "gnc2_riesz": (1 / np.sqrt(2 - 2 * cosines)).mean(),
        "class_alignment": mates.mean(),
        **_of_views(unit, views.astype(float)),
    }


def _of_views(x: np.ndarray, other: np.ndarray) -> dict[str, float]:
    points, y = len(x), other / np.linalg.norm(other, axis=1, keepdims=True)
    apart = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    both = np.concatenate([x, y])
    all_pairs = scipy.spatial.distance.pdist(both, "sqeuclidean")
    return {
        "alignment": np.diag(apart).mean(),
        "alignment_ratio": np.diag(apart).mean() / apart[~np.eye(points, dtype=bool)].mean(),
        "view_gap": ((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum(),
        "partner_rank1": (apart.argmin(axis=1) == np.arange(points)).mean(),
        "uniformity": scipy.special.logsumexp(-2 * all_pairs) - np.log(len(all_pairs)),
    }


def _of_rows(x: np.ndarray, second: np.ndarray, variances: np.ndarray) -> dict[str, float]:
    points, lengths = len(x), np.linalg.norm(x, axis=1)
    pairs, singular = np.triu_indices(points, 1), np.sqrt(second)
    centred, spectrum = x - x.mean(axis=0), np.sort(variances)[::-1]
    line = scipy.stats.linregress(np.log(np.arange(1, len(spectrum) + 1)), np.log(spectrum))
    near = np.sort(scipy.spatial.distance.squareform(scipy.spatial.distance.pdist(x)), axis=1)[:, 1:3]
    ratio = np.sort(np.log(near[:, 1] / near[:, 0]))[: int(0.9 * points)]
    heights = -np.log(1 - np.arange(1, len(ratio) + 1) / points)
    apart = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    unit = x / lengths[:, None]
    cosines = unit @ unit.T
    return {
        "zero_rows": 0,
        "duplicate_rows": points - len(np.unique(x, axis=0)),
        "mean_cosine": cosines[pairs].mean(),
        "mean_cosine_centred": (apart @ apart.T)[pairs].mean(),
        "row_length": lengths.mean(),
        "row_length_variation": scipy.stats.variation(lengths),
        "rankme": np.exp(scipy.stats.entropy(singular)),
        "stable_rank": second.sum() / second.max(),
        "spectral_slope": line.slope,
        "spectral_fit": line.rvalue**2,
        "intrinsic_dimension": (ratio @ heights) / (ratio @ ratio),
    }


def _of_classes(
    x: np.ndarray, labels: np.ndarray, means: np.ndarray, outputs: np.ndarray, weights: np.ndarray
) -> dict[str, float]:
    classes, apart = len(means), means - means.mean(axis=0)
    spread = np.array([((x[labels == c] - means[c]) ** 2).sum(axis=1).mean() for c in range(classes)])
    first, second = np.triu_indices(classes, 1)
    cdnv = (spread[first] + spread[second]) / 2 / ((means[first] - means[second]) ** 2).sum(axis=1)
    nearest = ((x[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    found = []
    for row in range(len(x)):
        rest = np.delete(np.arange(len(x)), row)
        without = np.array([x[rest][labels[rest] == c].mean(axis=0) for c in range(classes)])
        found.append(((x[row] - without) ** 2).sum(axis=1).argmin() == labels[row])
    rows = np.linalg.norm(weights, axis=1, keepdims=True), np.linalg.norm(apart, axis=1, keepdims=True)
    return {
        "cdnv": cdnv.mean(),
        "cdnv_worst": cdnv.max(),
        "accuracy": (outputs.argmax(axis=1) == labels).mean(),
        "nearest_mean_accuracy": (nearest == labels).mean(),
        "nearest_mean_recall": np.mean([np.array(found)[labels == c].mean() for c in range(classes)]),
        "nc4": (nearest == outputs.argmax(axis=1)).mean(),
        "nc3": np.linalg.norm(weights / rows[0] - apart / rows[1], axis=1).max(),
        "nc3_frobenius": np.linalg.norm(weights / np.linalg.norm(weights) - apart / np.linalg.norm(apart)),
    }


def _spans(labels: np.ndarray, outputs: np.ndarray) -> dict[str, np.ndarray]:
    return {"quality": np.eye(labels.max() + 1)[labels], "utilization": outputs}
