"""Columns of dots, one for each two lines, by how alike they are in units of Welch's floor."""

from __future__ import annotations

from typing import Any

import numpy as np

RANDOM, SINKING, AT_REST = 0, 1, 2
HALF = 0.36  # half the width of a column, which are 1 apart
SUNK, RESTED = 0.9, 1.02  # of the highest at the start, and of where it ends
WORST = 1e-3  # pairs that end within this of the most alike
LEAST = 1e-3  # below it nothing is seen on a logarithmic axis


def pictured(
    codes: dict[str, np.ndarray],
    overlaps: dict[str, np.ndarray],
    spreads: dict[str, np.ndarray],
    bounds: dict[str, tuple[float, float]],
) -> dict[str, Any]:
    """What is drawn of each arm.

    codes: (frames, C, 3). overlaps: |cos| of all pairs, (frames, pairs). spreads: eigenvalues of X'X over C/3,
    (frames, 3). bounds: Welch's floor and the least that can be had. `dots/<arm>` (frames, pairs, 2), those that end
    lowest at the left; `worst` (frames, arms, 2, 2), the highest; `beyond` (arms, 4, 2), what lies between floor and
    least; `diameters/<arm>` (frames, C, 2, 3).
    """
    dots, kinds, worst, beyond, floors = {}, {}, [], [], []
    for column, (arm, sizes) in enumerate(overlaps.items()):
        floor, least = bounds[arm]
        order = np.argsort(sizes[-1], kind="stable")
        heights = np.maximum(sizes[:, order] / floor, LEAST)
        across = column + np.linspace(-0.9 * HALF, 0.9 * HALF, sizes.shape[1])
        dots[arm] = np.stack([np.broadcast_to(across, heights.shape), heights], axis=2)
        kinds[arm] = (sizes[-1, order] > sizes[-1].max() - WORST).astype(int)
        left, right, top = column - HALF, column + HALF, heights.max(axis=1)
        worst.append(np.stack([np.stack([np.full_like(top, x), top], axis=1) for x in (left, right)], axis=1))
        beyond.append([[left, 1.0], [right, 1.0], [right, least / floor], [left, least / floor]])
        floors.append([[left, 1.0], [right, 1.0]])
    highest = np.stack([lines[:, 0, 1] for lines in worst], axis=1)
    to_come = np.maximum.accumulate(highest[::-1])[::-1]
    sunk = (np.minimum.accumulate(highest) < SUNK * highest[0]).any(axis=1)
    rested = (to_come < RESTED * highest[-1]).all(axis=1)
    return {
        "dots": dots,
        "kinds": kinds,
        "worst": np.stack(worst, axis=1),
        "beyond": np.array(beyond),
        "floors": np.array(floors),
        "even": np.array([[[0.5, 1.0], [3.5, 1.0]]]),
        "spread": spreads,
        "diameters": {arm: np.stack([-rows, rows], axis=2) for arm, rows in codes.items()},
        "above": {arm: 100 * (highest[-1, column] - 1) for column, arm in enumerate(overlaps)},
        "state": np.where(rested, AT_REST, np.where(sunk, SINKING, RANDOM)),
    }
