"""What is drawn of a nudged network: its neurons as rings and discs, and what runs along its connections."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .equilibrium_propagation_network import SIZES

AT_REST, OUTPUT, BACK, GRADIENT = range(4)
SHOWN = 6  # neurons of a layer that are drawn: those that are to move most
TIES = 2  # connections of a neuron to the next layer that are drawn: the strongest
REACHED, FILLED = 0.05, 0.94  # shares of the way to the rings: of the first layer, reached; of all, arrived
LEVELS = 4  # of widths of what runs along a connection; fewer changes are fewer bytes
BOUNDS = np.cumsum((0, *SIZES[1:]))  # of layers among all neurons in a row


def pictured(
    shift: dict[str, np.ndarray],
    ring: dict[str, np.ndarray],
    upwards: list[np.ndarray],
    back: list[np.ndarray],
    step: np.ndarray,
) -> dict[str, Any]:
    """Arrays of each arm. shift, ring: by arm, (frames, neurons), of one example.

    `neurons/<arm>` (n, 2) are places; `rings/<arm>` (n,) diameters of the rings, as areas equal to the gradient within
    a layer, `right/<arm>` and `wrong/<arm>` (frames, n) of the discs, as areas equal to the way so far: with the
    gradient or against it. `ties/<arm>` (n, 2, 2) are connections, and `running/<arm>` (frames, n) how much is sent
    back along them.
    """
    found: dict[str, dict[str, np.ndarray]] = {
        key: {} for key in ("neurons", "rings", "right", "wrong", "ties", "running")
    }
    for arm in shift:
        goal, backwards = ring[arm][-1], [w.T for w in upwards[1:]] if arm == "same" else back
        chosen = [
            low + np.sort(np.argsort(-np.abs(goal[low:high]), kind="stable")[:SHOWN])
            for low, high in itertools.pairwise(BOUNDS)
        ]
        largest = np.concatenate([np.full(SHOWN, np.abs(goal[each]).max()) for each in chosen])
        drawn = np.concatenate(chosen)
        along = shift[arm][:, drawn] * np.sign(goal[drawn]) / largest
        found["neurons"][arm] = np.concatenate([_column(layer + 1) for layer in range(len(chosen))])
        found["rings"][arm] = np.sqrt(np.abs(goal[drawn]) / largest)
        found["right"][arm] = np.sqrt(np.maximum(along, 0))
        found["wrong"][arm] = np.sqrt(np.maximum(-along, 0))
        speed = np.diff(shift[arm], axis=0, prepend=0.0) / np.diff(step, prepend=-1)[:, None]
        ties, running = [], []
        for layer, weights in enumerate(backwards):
            below, above = chosen[layer] - BOUNDS[layer], chosen[layer + 1] - BOUNDS[layer + 1]
            among = weights[np.ix_(above, below)]
            for place in range(SHOWN):
                strongest = np.argsort(-np.abs(among[:, place]), kind="stable")[:TIES]
                ties += [[_place(layer + 1, place), _place(layer + 2, other)] for other in strongest]
            strength = np.sort(np.abs(among), axis=0)[::-1][:TIES].T.ravel()
            order = np.argsort(-np.abs(among), axis=0, kind="stable")[:TIES].T.ravel()
            sent = np.abs(speed[:, chosen[layer + 1]][:, order]) * strength
            running.append(np.round(LEVELS * sent / sent.max()) / LEVELS)
        found["ties"][arm] = np.array(ties)
        found["running"][arm] = np.concatenate(running, axis=1)
    return {**found, "input": _column(0), "state": states(shift["same"], ring["same"][-1])}


def _place(layer: int, neuron: int) -> tuple[float, float]:
    return float(layer), float(SHOWN - 1 - neuron)


def _column(layer: int) -> np.ndarray:
    return np.array([_place(layer, neuron) for neuron in range(SHOWN)])


def states(shift: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """State of each frame. shift: (frames, neurons); goal: (neurons,), where they end."""
    shares = [
        shift[:, low:high] @ goal[low:high] / (goal[low:high] ** 2).sum() for low, high in itertools.pairwise(BOUNDS)
    ]
    arrived = np.logical_and.accumulate((np.min(shares, axis=0) >= FILLED)[::-1])[::-1]
    reached = np.logical_or.accumulate(shares[0] >= REACHED)
    moved = np.abs(shift).max(axis=1) > 0
    return np.select([arrived, reached, np.logical_or.accumulate(moved)], [GRADIENT, BACK, OUTPUT], AT_REST)
