"""The numbers of the pictures in plain NumPy and float64, from their definitions: what anyone can write down again.

Rows are samples, columns dimensions or classes; labels are whole numbers from 0. Nothing of the project is used here.
"""

from __future__ import annotations

import numpy as np

RANK_TOLERANCE = 0.05  # of the largest singular value: what counts as a dimension of targets or outputs
FLOAT32_EPS = 2.0**-23

Array = np.ndarray


def centred(rows: Array) -> Array:
    return rows - rows.mean(axis=0)


def unit(rows: Array) -> Array:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def one_hot(labels: Array, classes: int) -> Array:
    return np.eye(classes)[labels]


# losses and decisions


def squared_error(outputs: Array, targets: Array) -> float:
    """mean_i |f_i - f*_i|^2."""
    return ((outputs - targets) ** 2).sum(axis=1).mean()


def cross_entropy(logits: Array, labels: Array) -> float:
    """mean_i (ln sum_c exp f_ic - f_iy)."""
    largest = logits.max(axis=1, keepdims=True)
    totals = np.log(np.exp(logits - largest).sum(axis=1)) + largest[:, 0]
    return (totals - logits[np.arange(len(labels)), labels]).mean()


def accuracy(outputs: Array, labels: Array) -> float:
    return (outputs.argmax(axis=1) == labels).mean()


def discriminant_decisions(points: Array, labels: Array) -> Array:
    """What linear discriminant analysis decides on its own points: the nearest mean in Mahalanobis distance, priors."""
    means = class_means(points, labels)
    within = points - means[labels]
    inverse = np.linalg.inv(within.T @ within / len(points))
    differences = points[:, None] - means
    distances = np.einsum("ncd,de,nce->nc", differences, inverse, differences)
    return (np.log(np.bincount(labels) / len(labels)) - distances / 2).argmax(axis=1)


def boundary_complexity(decisions: Array) -> float:
    """Neighbouring cells that are decided differently, over the side of the grid."""
    return sum(np.count_nonzero(np.diff(decisions.astype(int), axis=axis)) for axis in (0, 1)) / len(decisions)


# classes


def class_means(features: Array, labels: Array) -> Array:
    return np.stack([features[labels == label].mean(axis=0) for label in range(labels.max() + 1)])


def within_variance(features: Array, labels: Array) -> float:
    """Tr Sigma_W: mean squared distance to the own class mean."""
    return ((features - class_means(features, labels)[labels]) ** 2).sum(axis=1).mean()


def between_variance(features: Array, labels: Array) -> float:
    """Tr Sigma_B: the same of class means to the mean of all."""
    return (centred(class_means(features, labels)[labels]) ** 2).sum(axis=1).mean()


def nc1(features: Array, labels: Array, ridge: float = 0.0) -> float:
    """Tr(Sigma_B^+ Sigma_W), or with a ridge Tr((Sigma_B + ridge I)^-1 Sigma_W)."""
    means = class_means(features, labels)[labels]
    within = np.cov((features - means).T, bias=True)
    between = np.cov(means.T, bias=True)
    if ridge:
        return np.trace(np.linalg.solve(between + ridge * np.eye(len(between)), within))
    return np.trace(np.linalg.pinv(between, rcond=1e-6, hermitian=True) @ within)


def cosines(rows: Array) -> Array:
    """Of all pairs, i < j."""
    return (unit(rows) @ unit(rows).T)[np.triu_indices(len(rows), k=1)]


def distances(rows: Array) -> Array:
    """Of all pairs, i < j."""
    return np.array([np.linalg.norm(rows[i] - rows[j]) for i in range(len(rows)) for j in range(i + 1, len(rows))])


# spectra


def variances(features: Array) -> Array:
    """Eigenvalues of the covariance (1/N), largest first."""
    return np.linalg.svd(centred(features), compute_uv=False) ** 2 / len(features)


def participation_ratio(values: Array) -> float:
    return values.sum() ** 2 / (values**2).sum()


def entropy(weights: Array) -> float:
    shares = weights[weights > 0] / weights.sum()
    return -(shares * np.log(shares)).sum()


def entropy_rank(values: Array) -> float:
    return np.exp(entropy(values)) if values.any() else 0.0


# features against outputs and targets


def span(values: Array) -> Array:
    """Orthonormal basis of what the centred columns span, directions below the rank tolerance left out."""
    left, singular, _ = np.linalg.svd(centred(values), full_matrices=False)
    return left[:, singular > RANK_TOLERANCE * singular[0]]


def low_rank(features: Array, outputs: Array) -> float:
    """1 - CKA(Phi Phi', P) = 1 - |B'Phi|^2 / (|Phi'Phi| sqrt(rank)), B the span of the outputs, P = BB'."""
    phi, basis = centred(features), span(outputs)
    overlap, norm = ((basis.T @ phi) ** 2).sum(), np.linalg.norm(phi.T @ phi)
    return 1 - overlap / norm / basis.shape[1] ** 0.5 if basis.size and norm else 1.0


def kernel_alignment(first: Array, second: Array) -> float:
    """CKA of two representations: |Y'X|^2 / (|X'X| |Y'Y|)."""
    x, y = centred(first), centred(second)
    norms = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    return ((y.T @ x) ** 2).sum() / norms if norms else 0.0


def practical(features: Array, outputs: Array) -> float:
    """The low-rank measure with the outputs' own kernel in place of the projection."""
    return 1 - kernel_alignment(features, outputs)


def eigenfunctions(features: Array) -> Array:
    """Left singular vectors of the centred features, largest first, zero where the singular value is rounding."""
    left, singular, _ = np.linalg.svd(centred(features), full_matrices=False)
    rounding = (features.shape[1] + len(features) ** 0.5) * FLOAT32_EPS * singular[0]
    return np.where(singular > rounding, left, 0.0)


def share_in_modes(features: Array, functions: Array, modes: int) -> Array:
    """Share of the span of the functions in the first k eigenfunctions, k = 1 .. modes: quality and utilization."""
    basis = span(functions)
    shares = ((eigenfunctions(features)[:, :modes].T @ basis) ** 2).sum(axis=1)
    return np.cumsum(shares) / max(basis.shape[1], 1)


def relative_eigenvalues(features: Array, modes: int) -> Array:
    values = variances(features)[:modes]
    return values / values[0]


# codes on the sphere, and kernels


def frame_potential(codes: Array) -> float:
    """Sum of squared cosines over ordered pairs."""
    return 2 * (cosines(codes) ** 2).sum()


def frame_eigenvalues(codes: Array) -> Array:
    return np.linalg.eigvalsh(unit(codes).T @ unit(codes))[::-1]


def simplex_gram(count: int) -> Array:
    return np.where(np.eye(count, dtype=bool), 1.0, -1 / (count - 1))


def uniformity(points: Array) -> float:
    """ln mean_{i<j} exp(-2 |x_i - x_j|^2)."""
    first, second = np.triu_indices(len(points), k=1)
    return np.log(np.exp(-2 * ((points[first] - points[second]) ** 2).sum(axis=1)).mean())


def graded_kernel(distances: Array, width: float) -> Array:
    return np.exp(-((distances / width) ** 2))


def double_centred(kernel: Array) -> Array:
    return centred(centred(kernel).T).T


def weighted_modes(kernel: Array, weights: Array) -> Array:
    """sum_k w_k lambda_k v_k v_k', largest first."""
    values, vectors = np.linalg.eigh(kernel)
    return (vectors[:, ::-1] * (weights * values[::-1])) @ vectors[:, ::-1].T


def soft_assignment(feature: Array, codes: Array, temperature: float) -> Array:
    """Softmax of the cosines over a temperature."""
    logits = unit(codes) @ unit(feature) / temperature
    masses = np.exp(logits - logits.max())
    return masses / masses.sum()


def learnability(strengths: Array, samples: float) -> Array:
    """Of every direction: rho / (rho + kappa), kappa such that they add up to the samples; halving the log of kappa."""
    low, high = -60.0, 60.0
    for _ in range(200):
        middle = (low + high) / 2
        if (strengths / (strengths + np.exp(middle))).sum() > samples:
            low = middle
        else:
            high = middle
    return strengths / (strengths + np.exp(low))
