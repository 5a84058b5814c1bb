"""Two rings, one a view, and threads between partners: where alignment and uniformity are to be seen."""

from __future__ import annotations

import numpy as np

INNER = 0.66  # radius of the second view's ring; the first one's is 1
THREADS = 40  # more than these can no longer be told apart


def rings(features: np.ndarray, partners: np.ndarray) -> dict[str, np.ndarray]:
    """Points on two rings, and threads that join the two views of some points.

    features, partners (frames, points, 2), rows of unit length -> outer, inner (frames, points, 2), threads (frames, n,
    2, 2) from the outer ring to the inner, thread_ends (frames, 2n, 2), first all outer ones; n = 40, or all points
    where there are fewer. Threads are evenly spaced over the points, which are in order of their class: as many of each
    class, and the same ones for every seed.
    """
    points = features.shape[1]
    chosen = np.unique(np.arange(THREADS) * points // THREADS)
    outer, inner = features, np.float32(INNER) * partners
    return {
        "outer": outer,
        "inner": inner,
        "threads": np.stack([outer[:, chosen], inner[:, chosen]], axis=2),
        "thread_ends": np.concatenate([outer[:, chosen], inner[:, chosen]], axis=1),
    }
