"""Lines that grow with the run: what pictures of a quantity over time are drawn from where its lines part or join."""

from __future__ import annotations

import numpy as np


def over(across: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Points of n lines: (frames,) places and (frames, n) heights -> (n, frames, 2)."""
    return np.stack([np.broadcast_to(across, heights.T.shape), heights.T], axis=-1)


def within(lines: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Lines (n, frames, 2) from frame first (n,) to frame last (n,) of each: what lies outside is drawn at the ends."""
    frames = np.clip(np.arange(lines.shape[1]), first[:, None], last[:, None])
    return np.take_along_axis(lines, frames[..., None], axis=1)


def so_far(lines: np.ndarray, first: np.ndarray | None = None, last: np.ndarray | None = None) -> np.ndarray:
    """The same as far as they are in each frame: (n, frames, 2) -> (frames, n, frames, 2).

    A line that has not begun is drawn together where it is now.
    """
    count, frames = lines.shape[:2]
    first = np.zeros(count, int) if first is None else first
    last = np.full(count, frames - 1) if last is None else last
    return np.stack([within(lines, np.minimum(first, now), np.minimum(last, now)) for now in range(frames)])
