"""Every number of an audit in plain float64 NumPy and SciPy, from all points at once."""

from __future__ import annotations

import numpy as np
import scipy.special
import scipy.stats

from tests.render.audit.audit_helpers import scatters


def _basis(columns: np.ndarray, share: float) -> np.ndarray:
    """Orthonormal columns of the span of centred columns: singular values above a share of the largest."""
    left, singular, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
    return left[:, singular > share * singular[0]]


def numbers(features: np.ndarray, labels: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
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
    pairs = np.concatenate([np.stack([rows[:-1], rows[1:]]) for rows in of_class], axis=1)
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
        "nc1": np.trace(np.linalg.pinv(between, rcond=1e-9) @ within),
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
        "alignment": distances[pairs[0], pairs[1]].mean(),
        "uniformity": scipy.special.logsumexp(-2 * distances[np.triu_indices(points, 1)])
        - np.log(points * (points - 1) / 2),
    }


def _spans(labels: np.ndarray, outputs: np.ndarray) -> dict[str, np.ndarray]:
    return {"quality": np.eye(labels.max() + 1)[labels], "utilization": outputs}
