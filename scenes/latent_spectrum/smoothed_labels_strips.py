"""One example's softmax as strips: all classes side by side, and the wrong ones under a magnifier."""

from __future__ import annotations

from typing import Any

import numpy as np

STRIP, WINDOW = (0.72, 1.0), (0.0, 0.46)  # bottom and top of a softmax, and of what a magnifier shows of it
AS_SCORED, PARTING, ERASED = 0, 1, 2
LEFT = 0.9  # of the others' mass at the start: below that they are parting
GONE, ALIKE = 0.01, 0.1  # mass of all others, and a slice off its equal part: what an eye sees no more


def likest_first(likeness: np.ndarray) -> np.ndarray:
    """Wrong classes, (C - 1,), by their likeness (C,) to an example, whose own class is the likest of all."""
    return np.argsort(-likeness, kind="stable")[1:]


def boxes(edges: np.ndarray, rows: tuple[float, float]) -> np.ndarray:
    """Corners (frames, n, 4, 2) of boxes side by side between edges (frames, n + 1), from the bottom to the top."""
    left, right = edges[:, :-1], edges[:, 1:]
    low, high = (np.full_like(left, row) for row in rows)
    corners = ((left, low), (right, low), (right, high), (left, high))
    return np.stack([np.stack(corner, axis=-1) for corner in corners], axis=-2)


def pictured(config: Any, likeness: np.ndarray, masses: dict[str, np.ndarray]) -> dict[str, Any]:
    """What is drawn of one example. likeness (C,); masses: (frames, C) of each arm.

    A magnifier shows the right end of the strip, with all wrong classes in it, and never less than the part that
    smoothed labels leave to them: what is nothing is not made large. `strips`, `windows` (frames, C, 4, 2): own class
    first, then the others, the likest first; `lenses` (frames, 1, 4, 2); `given` (frames,), what the others have.
    """
    order = likest_first(likeness)
    least = config.smoothing * (config.classes - 1) / config.classes
    drawn: dict[str, dict[str, Any]] = {kind: {} for kind in ("strips", "windows", "lenses", "given")}
    for arm in ("cooled", "smoothed"):
        slices = masses[arm][:, order]
        given = slices.sum(axis=1)
        edges = 1 - given[:, None] + np.concatenate([np.zeros((len(given), 1)), np.cumsum(slices, axis=1)], axis=1)
        edges[:, -1] = 1.0
        start = 1 - np.maximum(given, least)[:, None]
        shown = np.concatenate([np.zeros_like(start), np.clip((edges - start) / (1 - start), 0, 1)], axis=1)
        drawn["strips"][arm] = boxes(np.concatenate([np.zeros_like(start), edges], axis=1), STRIP)
        drawn["windows"][arm] = boxes(shown, WINDOW)
        drawn["lenses"][arm] = lens(start[:, 0])
        drawn["given"][arm] = given
    off = np.abs(masses["smoothed"][:, order] * config.classes / config.smoothing - 1).max(axis=1)
    first = drawn["given"]["smoothed"][0]
    parting = np.minimum(*drawn["given"].values()) < LEFT * first
    erased = (drawn["given"]["cooled"] < GONE) & (off < ALIKE)
    state = np.maximum.accumulate(np.where(erased, ERASED, np.where(parting, PARTING, AS_SCORED)))
    equal = 1 - least + least * np.arange(config.classes) / (config.classes - 1)
    return {
        **drawn,
        "state": state,
        "at_first": np.float64(100 * first),
        "equal_window": uprights((equal[1:-1] - equal[0]) / least, WINDOW),
        "equal_strip": uprights(equal[:1], STRIP),
    }


def lens(start: np.ndarray) -> np.ndarray:
    """Corners (frames, 1, 4, 2) of what leads from the part of a strip right of `start` (frames,) to the window."""
    ones, zeros = np.ones_like(start), np.zeros_like(start)
    low, high = np.full_like(start, WINDOW[1]), np.full_like(start, STRIP[0])
    corners = ((zeros, low), (ones, low), (ones, high), (start, high))
    return np.stack([np.stack(corner, axis=-1) for corner in corners], axis=-2)[:, None]


def uprights(places: np.ndarray, rows: tuple[float, float]) -> np.ndarray:
    """Segments (n, 2, 2) that stand at places (n,), a little taller than what they are held against."""
    low, high = rows[0] - 0.03, rows[1] + 0.03
    return np.stack([np.stack([places, np.full_like(places, row)], axis=1) for row in (low, high)], axis=1)
