"""What is drawn of tokens on a ball: where they and their averages are, threads between, and where all end."""

from __future__ import annotations

from typing import Any

import numpy as np

START, CLOSING, ONE, ALL_ONE = 0, 1, 2, 3
GATHERED = 0.5  # length of the mean of all tokens, from which on they are closing in
ONE_DEG = 6.0  # between the farthest two: no wider than a dot
OUTSIDE = 9.0  # of the ball's frame: a name there is not seen
TOWARDS = (0.30, -0.28)  # where on the ball's face the soft tokens end, across and up
NEAR, FAR = 1.2, 0.7  # sizes of dots at the front and at the back


def pictured(drawn: dict[str, tuple[np.ndarray, np.ndarray]], widest: dict[str, np.ndarray]) -> dict[str, Any]:
    """drawn: tokens and averages, (frames, n, 3) each, of each arm; the first arm's end is turned to the reader.

    One rotation for both arms and all frames. `dots`, `hubs` (frames, n, 3); `ties` (frames, n, 2, 3), from a token to
    its average; `depth` (frames, n), sizes; `end/<arm>` (frames, 3), where all are one, and OUTSIDE before that.
    """
    first = next(iter(drawn.values()))[0]
    turn = turned_to(first[-1].mean(axis=0))
    arrays: dict[str, dict[str, np.ndarray]] = {name: {} for name in ("dots", "hubs", "ties", "depth", "end")}
    for arm, (places, averages) in drawn.items():
        dots, hubs = places @ turn.T, averages @ turn.T
        one = np.maximum.accumulate(widest[arm] < ONE_DEG)
        arrays["dots"][arm], arrays["hubs"][arm] = dots, hubs
        arrays["ties"][arm] = np.stack([dots, hubs], axis=2)
        arrays["depth"][arm] = FAR + (NEAR - FAR) * (1 + dots[..., 2]) / 2
        arrays["end"][arm] = np.where(one[:, None], dots.mean(axis=1), OUTSIDE)
    soft, sharp = (widest[arm] for arm in drawn)
    closing = np.linalg.norm(first.mean(axis=1), axis=1) > GATHERED
    state = np.where(closing, CLOSING, START)
    state = np.where(soft < ONE_DEG, ONE, state)
    state = np.where((soft < ONE_DEG) & (sharp < ONE_DEG), ALL_ONE, state)
    return {**arrays, "state": np.maximum.accumulate(state)}


def turned_to(end: np.ndarray) -> np.ndarray:
    """Rotation (3, 3) that takes the direction `end` (3,) to TOWARDS on the front of the ball."""
    goal = np.array([*TOWARDS, np.sqrt(1 - TOWARDS[0] ** 2 - TOWARDS[1] ** 2)])
    start = end / np.linalg.norm(end)
    half = start + goal
    if not half.any():
        return np.diag([1.0, -1.0, -1.0])
    return 2 * np.outer(half, half) / (half @ half) - np.eye(3)  # half a turn about the direction between the two
