"""Dials: the angle between the direction that a network uses and its task, and what is drawn beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

ARMS = {"sixteen": 16, "four": 4, "one": 1, "task": 1}  # starts, and their ranks
PAIRS = (("sixteen", "four"), ("one", "task"))  # of dials that stand side by side
APART = 1.56  # between their centres, whose radius is 1
START, TURNING, LATE, THERE = range(4)
BEGUN, ARRIVED = 0.05, 0.97  # shares of the angle
HAND = 0.87  # length of a hand
BOXES_AT, BOX = 1.36, 0.055  # height of the row of boxes, and the side of one
BAR_AT, BAR = -0.32, 0.1  # height of the bars, and their breadth; their length is 1
CORNERS = 24  # of an arc


def pictured(
    drive: np.ndarray, seen: np.ndarray, target: np.ndarray, parts: np.ndarray, kept: np.ndarray, expected: np.ndarray
) -> dict[str, Any]:
    """What is drawn of each pair of dials, the task upright in both.

    drive (frames, arms, inputs): the direction that is used; seen (arms, inputs): of length 1, what a start sees of the
    target; parts (inputs, inputs): directions by column; kept (frames, arms), expected (arms,): what the bars show.
    `turned/<arm>` (frames,) is how far a hand has come, in degrees.
    """
    unit = target / np.linalg.norm(target)
    cosines = drive @ unit / np.linalg.norm(drive, axis=2)
    sines = np.linalg.norm(drive - (drive @ unit)[..., None] * unit, axis=2) / np.linalg.norm(drive, axis=2)
    angles = np.arctan2(sines, cosines)  # of an angle near 0 the cosine knows nothing
    boxes = (seen * (seen @ unit)[:, None]) @ parts / (unit @ parts)  # shares of the target's parts that are seen
    arms = {arm: number for number, arm in enumerate(ARMS)}
    found: dict[str, dict[str, Any]] = {
        key: {} for key in ("hands", "swept", "angle", "task_at", "filled", "boxes", "bars", "tracks", "ends")
    }
    for pair, names in enumerate(PAIRS):
        numbers = [arms[name] for name in names]
        left = APART * np.arange(len(names))
        now, first = angles[:, numbers], np.broadcast_to(angles[0, numbers], (len(angles), len(names)))
        key = str(pair)
        tips = placed(left, now, HAND)
        found["hands"][key] = np.stack([placed(left, now, 0.0), tips], axis=2)
        found["swept"][key] = fan(left, now, first)
        found["angle"][key] = fan(left, np.zeros_like(first[:1]), first[:1])[0]
        found["task_at"][key] = np.stack([placed(left, 0 * left, 0.0), placed(left, 0 * left, 1.08)], axis=1)
        places = np.concatenate([x + np.linspace(0, 1 - BOX, len(target)) for x in left])
        found["boxes"][key] = rectangles(places, BOXES_AT, np.full(len(places), BOX), BOX)
        shares = np.clip(boxes[numbers].ravel(), 0, 1)
        found["filled"][key] = rectangles(places, BOXES_AT, BOX * shares, BOX)
        found["bars"][key] = np.stack([rectangles(left, BAR_AT, share, BAR) for share in kept[:, numbers]])
        found["tracks"][key] = rectangles(left, BAR_AT, np.ones(len(left)), BAR)
        x = left + expected[numbers]
        low, high = np.full_like(x, BAR_AT - 0.05), np.full_like(x, BAR_AT + BAR + 0.05)
        found["ends"][key] = np.stack([np.stack([x, low], axis=1), np.stack([x, high], axis=1)], axis=1)
    turned = {arm: np.rad2deg(angles[0, number] - angles[:, number]) for arm, number in arms.items()}
    return {**found, "turned": turned, "state": states(turned["four"], turned["one"])}


def placed(left: np.ndarray, angles: np.ndarray, length: float) -> np.ndarray:
    """Ends of hands at angles from upright, in radians: (..., dials) -> (..., dials, 2)."""
    return np.stack([left + length * np.sin(angles), length * np.cos(angles)], axis=-1)


def fan(left: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Sectors between two angles, (frames, dials) each: (frames, dials, CORNERS + 1, 2), the first at the centre."""
    between = low[..., None] + (high - low)[..., None] * np.linspace(0, 1, CORNERS)
    arc = np.stack([left[:, None] + HAND * np.sin(between), HAND * np.cos(between)], axis=-1)
    centres = np.broadcast_to(placed(left, 0 * left, 0.0)[:, None], (*arc.shape[:2], 1, 2))
    return np.concatenate([centres, arc], axis=2)


def rectangles(left: np.ndarray, bottom: float, widths: np.ndarray, height: float) -> np.ndarray:
    """Corners of rectangles of a common height: (n,) -> (n, 4, 2)."""
    right, low, high = left + widths, np.full_like(left, bottom), np.full_like(left, bottom + height)
    return np.stack(
        [np.stack(corner, axis=1) for corner in ((left, low), (right, low), (right, high), (left, high))], 1
    )


def states(few: np.ndarray, one: np.ndarray) -> np.ndarray:
    """State of each frame, by how far the hands of four directions and of one have come, (frames,) each."""
    begun = np.logical_or.accumulate(few >= BEGUN * few[-1])
    late = np.logical_or.accumulate(few >= ARRIVED * few[-1])
    there = np.logical_or.accumulate(one >= ARRIVED * one[-1])
    return np.select([there & late, late, begun], [THERE, LATE, TURNING], START)
