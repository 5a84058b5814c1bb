"""The tree of eight items as a task, its exact course in float64, and the branches in which answers part."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import lines

ITEMS = 8
TASK = np.concatenate([np.kron(np.eye(2**depth), np.ones(ITEMS >> depth)) for depth in range(4)])  # (15, 8): nodes
_HAAR = [np.kron(np.eye(2**depth), np.repeat([1.0, -1.0], ITEMS >> depth + 1)) for depth in range(3)]
RIGHT = np.concatenate([np.ones((1, ITEMS)), *_HAAR]).T  # all, halves, quarters, items: the task's right modes
RIGHT = RIGHT / np.linalg.norm(RIGHT, axis=0)
STRENGTHS = np.linalg.norm(TASK @ RIGHT, axis=0)  # roots of 15, 7, 3, 3, 1, 1, 1, 1
LEFT = TASK @ RIGHT / STRENGTHS
LEVELS = (slice(0, 1), slice(1, 2), slice(2, 4), slice(4, 8))
PLACES = RIGHT @ np.linalg.solve(RIGHT.T @ RIGHT, RIGHT.T @ np.add.outer([2.4, 0.8, -0.8, -2.4], [0.4, -0.4]).ravel())
READING = TASK @ np.linalg.solve(TASK.T @ TASK, PLACES)  # least norm: what reads an item's place off its properties
SLOW = 0.1  # of the speed at the drops of the loss around
BEGUN = 0.15  # share learned of a level at which its state begins: an eye sees the split
DROP = 1e-3  # of the fastest one: what is slower is no drop
TOGETHER = (0.012, 0.025, 0.006, 1.0)  # of the tree's height, by level: answers nearer than this are one line
KINDS = np.array([0, *(1, 2), *(1, 3, 2, 4), *(1, 1, 3, 3, 2, 2, 4, 4)])  # ink of each node, by level


def course(first: np.ndarray, second: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exact W1'W1 (frames, 8, 8) and W2 W1 (frames, 15, 8) under gradient flow from balanced layers.

    P = QQ', Q = [W1'; W2], obeys dP/dt = FP + PF - P^2, F = [[0, T'], [T, 0]], with P(t) = E (I + P0 G)^-1 P0 E,
    E = e^{Ft}, G the integral of e^{2Fs}. From frame to frame: over the whole run e^{2st} is singular in float64.
    """
    stacked = np.concatenate([first.T, second])
    gram = stacked @ stacked.T
    found, steps = [gram], {}
    for span in np.round(np.diff(time), 12):
        if span not in steps:
            steps[span] = _step(float(span))
        moved, swelled = steps[span]
        gram = moved @ np.linalg.solve(np.eye(len(gram)) + gram @ swelled, gram) @ moved
        gram = (gram + gram.T) / 2
        found.append(gram)
    grams = np.stack(found)
    return grams[:, :ITEMS, :ITEMS], grams[:, ITEMS:, :ITEMS]


def _step(span: float) -> tuple[np.ndarray, np.ndarray]:
    """e^{Ft} and the integral of e^{2Fs} from 0 to t, (23, 23) each: eigenvalues of F are ±s and 0."""
    up, down = (np.concatenate([RIGHT, sign * LEFT]) / np.sqrt(2) for sign in (1, -1))
    rest = np.eye(len(up)) - up @ up.T - down @ down.T
    moved, swelled = rest, span * rest
    for modes, rates in ((up, STRENGTHS), (down, -STRENGTHS)):
        moved = moved + (modes * np.exp(rates * span)) @ modes.T
        swelled = swelled + (modes * np.expm1(2 * rates * span) / (2 * rates)) @ modes.T
    return moved, swelled


def shares(answers: np.ndarray) -> np.ndarray:
    """Share learned of each of the task's modes: (frames, 15, 8) -> (frames, 8)."""
    return np.einsum("ok,foi,ik->fk", LEFT, answers, RIGHT) / STRENGTHS


def levels_of(answers: np.ndarray) -> np.ndarray:
    """Share learned of each level, the mean of its modes: (frames, 15, 8) -> (frames, 4)."""
    learned = shares(answers)
    return np.stack([learned[:, level].mean(axis=1) for level in LEVELS], axis=1)


def slow_change(loss: np.ndarray, answers: np.ndarray, time: np.ndarray) -> float:
    """Share of the modes' whole change that happens while the loss stands almost still.

    Slow: the loss falls at less than SLOW of the speed of the drops before and after, a straight line between their
    peaks. Were plateaus the transitions, most of the change would be in them.
    """
    speed = -np.diff(loss) / np.diff(time)
    inner = speed[1:-1]
    peaks = 1 + np.flatnonzero((inner > speed[:-2]) & (inner >= speed[2:]) & (inner > DROP * speed.max()))
    changed = np.abs(np.diff(shares(answers), axis=0)).sum(axis=1)
    if not len(peaks) or not changed.sum():
        return 1.0
    frames = np.arange(len(speed))
    return float(changed[speed < SLOW * np.interp(frames, peaks, speed[peaks])].sum() / changed.sum())


def pictured(
    answers: dict[str, np.ndarray], exact: np.ndarray, losses: dict[str, np.ndarray], frames: int
) -> dict[str, Any]:
    """What is drawn in the first `frames`, of the two layers and of one; x goes with the strip, from 0 to 1.

    `future/<arm>` (15, frames, 2): lines of all, halves, quarters and items, each while its items are together;
    `past/<arm>` (frames, 15, frames, 2): as far as the run is; `heads/<arm>` (frames, 15, 2): where they are, of size
    `live/<arm>` (frames, 15).
    """
    across = np.linspace(0, 1, frames)
    heights = {arm: READING @ table[:frames] for arm, table in {**answers, "exact": exact}.items()}
    drawn: dict[str, Any] = {
        "theory": lines.so_far(lines.over(across, heights["exact"])),
        "state": (levels_of(exact)[:, 1:] >= BEGUN).sum(axis=1),
        "kinds": KINDS,
        "fallen": {arm: loss / losses["two"][0] for arm, loss in losses.items()},
    }
    for arm in answers:
        nodes = [heights[arm].reshape(frames, 2**depth, -1) for depth in range(4)]
        means = lines.over(across, np.concatenate([each.mean(axis=2) for each in nodes], axis=1))
        first, last = lifetimes(nodes)
        for node in range(1, len(means)):  # a line begins on the end of its parent's, in the same frame
            means[node, first[node]] = means[(node - 1) // 2, first[node]]
        now = np.arange(frames)
        drawn[f"future/{arm}"] = lines.within(means, first, last)
        drawn[f"past/{arm}"] = lines.so_far(means, first, last)
        drawn[f"heads/{arm}"] = means.swapaxes(0, 1)
        live = (now[:, None] >= first) & ((now[:, None] < last) | (last == frames - 1))
        live[0] = np.arange(len(first)) == 0  # at first all answers are one, also where they part at once
        drawn[f"live/{arm}"] = live.astype(float)
    return drawn


def lifetimes(nodes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """First and last frame of the line of each of the 15 nodes: from its parent’s end to where its items part.

    nodes: heights of the items of each, by level, (frames, nodes, items).
    """
    firsts, lasts, first = [], [], np.zeros(1, int)
    for each, near in zip(nodes, TOGETHER, strict=True):
        apart = np.ptp(each, axis=2) > near * np.ptp(PLACES)
        last = np.where(apart.any(axis=0), apart.argmax(axis=0) - 1, len(each) - 1)
        firsts.append(first)
        lasts.append(np.maximum(last, first))
        first = np.repeat(lasts[-1], 2)
    return np.concatenate(firsts), np.concatenate(lasts)
