"""What is drawn of the copies: some dots with the ways they came, and one dot of either kind that is followed."""

from __future__ import annotations

from typing import Any

import numpy as np

DRAWN = 15  # copies on each side of the edge
STARTING, MEETING, GOING_ON = 0, 1, 2
STARTED = 0.3  # time until which dots only set out
THERE = 0.02  # distance from where a dot ends, as an eye sees it
FOLLOWED = 1.0  # R^2 of the small circle that is followed: it comes round while it is seen
LARGE = 4.0  # least R^2 of the large one
STEP = 0.7  # of the velocity: length of an arrow, which stays below LONGEST
LONGEST = 0.95
REACH = 1.31  # of the curve of solutions, in logarithms of its weights
AWAY = 0.35  # of the teacher: least error at the start of a followed dot


def pictured(weights: dict[str, np.ndarray], theory: np.ndarray, teacher: float, times: np.ndarray) -> dict[str, Any]:
    """Arrays of the picture. weights: (frames, copies, 2) by arm, the first half of the copies inside the edge.

    theory: of the flipped arm, (frames, copies, 2). `dots/<arm>` (frames, n, 2) and their `sides` (n,), `small` and
    `large` (frames, 1, 2), the two that are followed, and their `arrows` (frames, 2 x 3, 2, 2).
    """
    turning = weights["flipped"]
    half = turning.shape[1] // 2
    squares = np.sum(turning[0] ** 2, axis=1)
    error = np.abs(teacher - turning[0].prod(axis=1))
    small, large = followed(turning, squares, error / teacher, half)
    chosen = np.linspace(0, half - 1, min(DRAWN, half)).astype(int)
    chosen = np.setdiff1d(np.concatenate([chosen, half + chosen]), [small, large])
    two = turning[:, [small, large]]
    steps = (teacher - two.prod(axis=2))[..., None] * np.stack([two[..., 1], -two[..., 0]], axis=2)
    errors = {name: teacher - turning[:, which].prod(axis=1) for name, which in (("small", small), ("large", large))}
    laws = {name: teacher - theory[:, which].prod(axis=1) for name, which in (("small", small), ("large", large))}
    away = np.linalg.norm(turning[:, half:] - turning[-1, half:], axis=2).max(axis=1)
    arrived = np.maximum.accumulate(away[::-1])[::-1] < THERE
    return {
        "time": times,
        "dots": {arm: array[:, chosen] for arm, array in weights.items()},
        "sides": (chosen >= half).astype(int),
        "small": turning[:, [small]],
        "large": turning[:, [large]],
        "rings": rings(np.sqrt(squares[[small, large]])),
        "axes": np.array([[[-9.0, 0.0], [9.0, 0.0]], [[0.0, -9.0], [0.0, 9.0]]]),
        "solutions": solutions(teacher),
        "arrows": arrows(two, steps).reshape(len(two), -1, 2, 2),
        "error": errors,
        "law": laws,
        "state": np.where(arrived, GOING_ON, np.where(times > STARTED, MEETING, STARTING)),
    }


def followed(turning: np.ndarray, squares: np.ndarray, error: np.ndarray, half: int) -> tuple[int, int]:
    """The two copies that are followed, both starting off the curve of solutions.

    Inside, the one whose squared radius is nearest to FOLLOWED; outside, of those of LARGE, the one that goes farthest.
    """
    turns = np.unwrap(np.arctan2(turning[..., 1], turning[..., 0]), axis=0)
    ways = np.abs(turns[-1] - turns[0])
    near = error < AWAY
    inner = np.abs(squares - FOLLOWED)[:half] + 1e3 * near[:half]
    outer = ways[half:] - 1e3 * (near | (squares < LARGE))[half:]
    return int(np.argmin(inner)), half + int(np.argmax(outer))


def rings(radii: np.ndarray) -> np.ndarray:
    """Circles of these radii, (n, 121, 2)."""
    turn = np.linspace(0, 2 * np.pi, 121)
    return np.multiply.outer(radii, np.stack([np.cos(turn), np.sin(turn)], axis=1))


def solutions(teacher: float) -> np.ndarray:
    """Both branches of a w = teacher: (2, 81, 2)."""
    away = np.linspace(-REACH, REACH, 81)
    branch = np.sqrt(teacher) * np.stack([np.exp(away), np.exp(-away)], axis=1)
    return np.stack([branch, -branch])


def arrows(points: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Shaft and two barbs of an arrow along each step: (frames, n, 3, 2, 2). points, steps: (frames, n, 2)."""
    size = np.linalg.norm(steps, axis=2, keepdims=True)
    length = LONGEST * np.tanh(STEP * size / LONGEST)
    along = np.where(size > 0, steps / np.where(size > 0, size, 1), 0)
    across = np.stack([-along[..., 1], along[..., 0]], axis=2)
    tip, barb = points + length * along, 0.3 * length
    ends = [points, tip - barb * (along - 0.6 * across), tip - barb * (along + 0.6 * across)]
    return np.stack([np.stack([tip, end], axis=2) for end in ends], axis=2)
