"""The fork and the law of a split of two prototypes, in float64, and what is drawn of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import lines

SEEN = 0.03  # half the distance of two prototypes that an eye sees
HALVINGS = 60  # of an interval, for a root
HIGHEST = 1e3  # of the law, which knows no end
APART = 0.1  # from the middle, where a prototype has taken a side
FINE = 400  # points of the fork that is drawn


def branch(values: np.ndarray, sharpness: np.ndarray) -> np.ndarray:
    """Where a pair ±a settles along one axis: a = mean of x tanh(beta a x), 0 below the split.

    values x (n,), sharpness beta (frames,) -> (frames,), by bisection; the right side over a falls with a.
    """
    low, high = np.zeros_like(sharpness), np.full_like(sharpness, np.abs(values).max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = (values * np.tanh(np.multiply.outer(sharpness * middle, values))).mean(axis=1) > middle
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(sharpness * (values**2).mean() > 1, low, 0.0)


def square_root_law(values: np.ndarray, sharpness: np.ndarray) -> np.ndarray:
    """The same just above the split: a^2 = 3 (beta lambda - 1)/(beta^3 mean x^4). (n,), (frames,) -> (frames,)."""
    above = np.maximum(sharpness * (values**2).mean() - 1, 0)
    return np.sqrt(3 * above / (sharpness**3 * (values**4).mean()))


def law_of(start: float, rate: float, sharpness: np.ndarray, spread: float) -> np.ndarray:
    """Size of a split after each notch while it is small: each multiplies it by 1 + h (beta lambda - 1).

    sharpness beta (notches,), of each; spread lambda: variance along the axis. -> (notches + 1,), HIGHEST at most.
    """
    grown = np.concatenate([[0.0], np.cumsum(np.log1p(rate * (sharpness * spread - 1)))])
    return start * np.exp(np.minimum(grown, np.log(HIGHEST / start)))


def escape_of(split: np.ndarray, step: np.ndarray) -> float:
    """Step at which a split is first SEEN, between frames along a straight line of its logarithm; the last if never."""
    seen = split >= SEEN
    if not seen.any() or seen[0]:
        return float(step[-1] if not seen.any() else step[0])
    frame = int(seen.argmax())
    low, high = np.log(split[frame - 1 : frame + 1])
    part = (np.log(SEEN) - low) / (high - low)
    return float(step[frame - 1] + part * (step[frame] - step[frame - 1]))


def swapped_sides(heights: np.ndarray) -> int:
    """How many prototypes end on another side than the first that they took, or took none: (frames, n).

    A side is taken APART from the middle. Of all together it would be taken before one that began almost in the middle
    has any, and such a one goes where the noise takes it.
    """
    apart = np.abs(heights) >= APART
    first = heights[apart.argmax(axis=0), np.arange(heights.shape[1])]
    return int(((np.sign(first) != np.sign(heights[-1])) | ~apart.any(axis=0)).sum())


def pictured(
    data: np.ndarray,
    sharpness: np.ndarray,
    ratio: np.ndarray,
    pair: np.ndarray,
    law: np.ndarray,
    escape: float,
    frames: int,
) -> dict[str, Any]:
    """What is drawn of the first `frames`: the fork over the dial, the split below, data and blur beside, turned.

    x of the fork goes with the strip, from 0 to 1; the data stands upright, so that its widest direction is the fork's.
    """
    first, last = ratio[0], ratio[frames - 1]
    fine = np.linspace(first, last, FINE)
    fork = branch(data[:, 0], fine * sharpness[-1] / ratio[-1])
    across = (fine - first) / (last - first)
    seen_at, open_at = ((value - first) / (last - first) for value in (escape, 1.0))
    upper = np.where(pair[:, 0, :1] >= pair[:, 1, :1], pair[:, 0], pair[:, 1])
    lower = pair.sum(axis=1) - upper
    trunk_ends = int(np.searchsorted(ratio[:frames], escape))
    trunk = lines.over(np.linspace(0, 1, frames), np.zeros((frames, 1)))
    until = np.array([max(trunk_ends - 1, 0)])
    centres = np.stack([(upper + lower) / 2, upper, lower], axis=1)[..., ::-1]
    together = (np.arange(len(ratio)) < trunk_ends).astype(float)
    turn = np.linspace(0, 2 * np.pi, 121)
    ring = np.sqrt((data[:, 0] ** 2).mean())
    pull = np.abs(np.tanh(np.einsum("f,fd,nd->fn", sharpness, (upper - lower) / 2, data)))
    return {
        "part": {"upper": upper[:, 0], "lower": lower[:, 0]},
        "split": (upper - lower)[:, 0] / 2,
        "split_law": law,
        "fork_x": across,
        "fork": {"upper": fork, "lower": -fork},
        "waiting": np.array([[[open_at, -3.0], [seen_at, -3.0], [seen_at, 3.0], [open_at, 3.0]]]),
        "waiting_log": np.array([[[open_at, 1e-9], [seen_at, 1e-9], [seen_at, 1e3], [open_at, 1e3]]]),
        "trunk_future": lines.within(trunk, np.zeros(1, int), until),
        "trunk": lines.so_far(trunk, last=until),
        "heads": np.stack([np.linspace(0, 1, frames), np.zeros(frames)], axis=1)[:, None],
        "unparted": together[:, None],
        "data": data[:, ::-1],
        "sides": (data[:, 0] < 0).astype(int),
        "told": np.where(together[:, None] > 0, 0.0, pull),
        "centres": centres,
        "kinds": np.arange(3),
        "live": np.stack([together, 1 - together, 1 - together], axis=1),
        "blurs": centres[:, 1:],
        "blur_shapes": np.eye(2) / sharpness[:, None, None, None] * np.ones((1, 2, 1, 1)),
        "ring": ring * np.stack([np.cos(turn), np.sin(turn)], axis=1)[None],
        "levels": np.array([[[0.0, SEEN], [1.0, SEEN]]]),
        "first_size": np.array([[[0.0, law[0]], [1.0, law[0]]]]),
        "seen_at": np.array([1.0, SEEN]),
        "first_at": np.array([1.0, law[0]]),
        "state": (ratio >= 1).astype(int) + (ratio >= escape),
    }
