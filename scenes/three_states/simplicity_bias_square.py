"""The drawn square: the grid on which decisions are compared, a straight line across it, and where a boundary ends."""

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


def rightmost(margin: np.ndarray) -> np.ndarray:
    """The point furthest to the right at which the margin changes its sign: (frames, SIDE, SIDE) -> (frames, 2).

    Where it has one sign everywhere, a point outside the square.
    """
    ticks = np.linspace(-REACH, REACH, SIDE)
    found = np.full((len(margin), 2), 2 * REACH)
    for frame, values in enumerate(margin.astype(float)):
        upright, level = (values[1:] > 0) != (values[:-1] > 0), (values[:, 1:] > 0) != (values[:, :-1] > 0)
        rows, columns = np.nonzero(upright)
        below, above = values[rows, columns], values[rows + 1, columns]
        heights = ticks[rows] + (ticks[1] - ticks[0]) * below / (below - above)
        crossings = [np.stack([ticks[columns], heights], axis=1)]
        rows, columns = np.nonzero(level)
        left, right = values[rows, columns], values[rows, columns + 1]
        crossings.append(
            np.stack([ticks[columns] + (ticks[1] - ticks[0]) * left / (left - right), ticks[rows]], axis=1)
        )
        points = np.concatenate(crossings)
        if len(points):
            found[frame] = points[points[:, 0].argmax()]
    return found
