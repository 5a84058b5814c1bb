"""Studies of the post "Latent on the Spectrum": what it says of kernels, and no picture shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.ledger.rows import Study

CLASSES = 9
RING = 360 / CLASSES  # degrees between neighbours on an even ring


def flat_planes(draws: int) -> dict[str, Any]:
    """How far from an even ring the codes of a flat kernel are, in random planes of its eigenspace.

    All C - 1 eigenvalues of the centred identity are equal, so that its two leading eigenvectors are any two: every
    plane of vectors that sum to zero is as good. nearest (): the least over the planes of the largest distance of a
    gap between neighbours from the ring's, in gaps of the ring. The angles count, not the lengths.
    """
    draw = np.random.default_rng(0).normal(size=(draws, CLASSES, 2))
    planes = np.linalg.qr(draw - draw.mean(axis=1, keepdims=True))[0]
    angles = np.sort(np.degrees(np.arctan2(planes[..., 1], planes[..., 0])) % 360, axis=1)
    gaps = np.diff(angles, axis=1, append=angles[:, :1] + 360)
    return {"nearest": np.abs(gaps - RING).max(axis=1).min() / RING}


FLAT_PLANES = Study("random planes of the flat kernel's eigenspace", flat_planes, draws=20_000, few=2_000)
