"""Studies of the post "Auditing Latent Space Geometry": what it says of many starts, and no picture shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.ledger.rows import Study
from render.training import trajectory

from .welch_descent import SCENE, WelchDescent

SIZES = (5, 6, 8)  # numbers of codes in three dimensions


def tightness(draws: int) -> dict[str, Any]:
    """What the tightness term of the loss changes: codes descend with it and without, from the same starts.

    rank_with, rank_without (draws,): least eigenvalue of X'X over C/d, the least over SIZES; coherence_gain (draws,):
    by how much coherence ends lower without the term, the least over SIZES.
    """
    rank: dict[str, list[np.ndarray]] = {"with": [], "without": []}
    coherence: dict[str, list[np.ndarray]] = {"with": [], "without": []}
    for classes in SIZES:
        for arm, weight in (("with", WelchDescent.tightness), ("without", 0.0)):
            config = WelchDescent(classes=classes, tightness=weight)
            runs = trajectory.run_seeds(SCENE, config, range(draws), {"coherence", "frame_eigenvalues"})
            rank[arm].append(np.array([run["frame_eigenvalues"][-1].min() * 3 / classes for run in runs]))
            coherence[arm].append(np.array([run["coherence"][-1] for run in runs]))
    gain = np.array(coherence["with"]) - np.array(coherence["without"])
    return {**{f"rank_{arm}": np.min(found, axis=0) for arm, found in rank.items()}, "coherence_gain": gain.min(axis=0)}


TIGHTNESS = Study("crosstalk with the tightness term and without", tightness, draws=64, few=4)
