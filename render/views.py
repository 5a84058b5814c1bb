"""From d dimensions to the plane, by one linear map for a whole run, in NumPy after the run."""

from __future__ import annotations

import itertools

import numpy as np


def fourier_pair(classes: int) -> np.ndarray:
    """The first Fourier pair on `classes` points, orthonormal columns: (classes, 2). Its rows are a regular polygon."""
    angles = 2 * np.pi * np.arange(classes) / classes
    return np.sqrt(2 / classes) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def simplex_map(means: np.ndarray) -> np.ndarray:
    """The linear map (dim, 2) that shows class means (classes, dim) against the ideal simplex.

    One rotation and one scale, orthogonal Procrustes: min over R'R = I and s of |s M R - J|_F, with M the centred
    means and J = I - 11'/C the simplex; then J's fixed projection onto its first Fourier pair. A perfect simplex lands
    on the rows of `fourier_pair`; anything else cannot, since the map has no other freedom.

    Source: Schoenemann 1966, A generalized solution of the orthogonal Procrustes problem. Raises ValueError when all
    means coincide.
    """
    centred = means.astype(np.float64) - means.mean(axis=0, dtype=np.float64)
    # M'J = M', since M is centred already
    left, singular, right = np.linalg.svd(centred.T, full_matrices=False)
    if singular.sum() <= 1e-12 * np.abs(means).max():  # what the subtraction leaves of equal means is rounding
        raise ValueError("simplex_map: all class means coincide; there is nothing to align")
    scale = singular.sum() / (centred**2).sum()
    return scale * left @ right @ fourier_pair(len(means))


def simplex_view(features: np.ndarray, means: np.ndarray) -> dict[str, np.ndarray]:
    """A run's features (frames, N, dim) and centred class means (frames, C, dim) under the last frame's `simplex_map`.

    -> `view` (frames, N, 2), `view_means` (frames, C, 2), `ghosts` (C, 2), where a perfect simplex would be, and
    `ghost_distance` (frames,), the farthest mean's distance from its ghost over the ghosts' radius.
    """
    to_plane = simplex_map(means[-1])
    view_means, ghosts = means @ to_plane, fourier_pair(means.shape[1])
    distances = np.linalg.norm(view_means - ghosts, axis=2) / np.linalg.norm(ghosts, axis=1)
    return {
        "view": (features - features.mean(axis=1, keepdims=True)) @ to_plane,
        "view_means": view_means,
        "ghosts": ghosts,
        "ghost_distance": distances.max(axis=1),
    }


def procrustes_chain(points: np.ndarray) -> np.ndarray:
    """Each frame's points turned, mirrored if need be, onto those of the frame before: no flips, (frames, n, dim).

    X_k <- X_k R, R = argmin over R'R = I of |X_k R - X_{k-1}|_F, in order from the first frame, which stays as it is.
    Distances and inner products within a frame are kept. Source: Schoenemann 1966, as `simplex_map`.
    """
    aligned = np.array(points, np.float64)
    for before, now in itertools.pairwise(aligned):  # views: each is aligned before it is the next one's goal
        left, _, right = np.linalg.svd(now.T @ before)
        now[:] = now @ left @ right
    return aligned


def largest_moves(points: np.ndarray) -> np.ndarray:
    """How far the fastest point went since the frame before: (frames, n, dim) -> (frames,), 0 in the first."""
    moves = np.linalg.norm(np.diff(points, axis=0, prepend=points[:1]), axis=2)
    return moves.max(axis=1)


def histogram_counts(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Counts of each frame's values between edges: values (frames, n), edges (bins + 1,) -> (frames, bins)."""
    return np.stack([np.histogram(row, edges)[0] for row in values])


def edges_around(goal: float, low: float, high: float, width: float) -> np.ndarray:
    """Bin edges that cover [low, high] and have a bin centred on `goal`, so that values near it share one bar."""
    below, above = np.ceil((goal - low) / width - 0.5), np.ceil((high - goal) / width - 0.5)
    return goal + width * (np.arange(-below, above + 2) - 0.5)
