"""The drawn square: the grid on which decisions are compared, and a straight line across it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

REACH, SIDE = 2.4, 130


def grid() -> Any:
    """Points of the square [-REACH, REACH]^2, row by row from below: (SIDE * SIDE, 2)."""
    ticks = jnp.linspace(-REACH, REACH, SIDE)
    return jnp.stack(jnp.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


def across(weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Ends of the line w . x + b = 0 on the square's rim, from left to right, then upwards: (2, 2).

    weights (2,), bias (). A line that misses the square, and w = 0, give one point twice, the nearest one to the line's
    point closest to the origin, so that nothing is seen and nothing is infinite.
    """
    normal, offset = weights.astype(float), float(bias)
    length = max(float(np.hypot(*normal)), float(np.finfo(np.float32).tiny))
    foot, along = -offset / length * normal / length, np.array([normal[1], -normal[0]]) / length
    beside = np.where(np.abs(foot) <= REACH, np.inf, -np.inf)  # along an axis, the line keeps its other coordinate
    reach = np.where(along == 0, beside, (REACH - np.sign(along) * foot) / np.where(along == 0, 1, np.abs(along)))
    back = np.where(along == 0, -beside, -(REACH + np.sign(along) * foot) / np.where(along == 0, 1, np.abs(along)))
    start, stop = back.max(), reach.min()
    if not -np.inf < start <= stop:
        start = stop = 0.0
    ends = np.clip(foot + np.array([[start], [stop]]) * along, -REACH, REACH)
    return ends[np.lexsort((ends[:, 1], ends[:, 0]))]
