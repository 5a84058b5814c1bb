"""What four scenes of learning mechanics measure, again: scene -> the arrays of one frame, from `--data` and NumPy."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from scipy.optimize import brentq

from tests import oracles
from tests.scenes.three_frames import Frame

Arrays = dict[str, Any]
Layers = list[np.ndarray]

NUDGES = np.array([0.16, 0.08, 0.04, 0.02, 0.01, 0.005])  # each is taken both ways
DRAWN = 3
SMALL, MIDDLE = slice(3, 6), slice(2, 5)  # of which the orders are: of one nudge alone, and of two opposite ones
STARTS = ("sixteen", "four", "one", "task")  # by the directions that they have, and the task's own


def length(*arrays: np.ndarray) -> float:
    """Of all of them as one vector."""
    return sum((array**2).sum() for array in arrays) ** 0.5


def off(found: np.ndarray, reference: np.ndarray) -> float:
    return length(found - reference) / length(reference)


# Two linear layers and one, and a tree of eight items


def tree() -> tuple[np.ndarray, np.ndarray]:
    """The task (15, 8), an item a column: all, halves, quarters, items; and its positive root (T'T)^(1/2)."""
    rows = [np.arange(8) // (8 >> depth) == node for depth in range(4) for node in range(2**depth)]
    task = np.array(rows, float)
    values, vectors = np.linalg.eigh(task.T @ task)
    return task, (vectors * values**0.5) @ vectors.T


def progressive_differentiation(frame: Frame) -> Arrays:
    first, second, single = (frame.measured(f"weights/{layer}") for layer in ("first", "second", "single"))
    task, root = tree()
    product, gram, inner = second @ first, first.T @ first, first @ first.T
    time = frame.config["dt"] * frame.data["step"][frame.number]
    loss = ((product - task) ** 2).sum() / 2
    return {
        "product": product,
        "hidden_gram": gram,
        "unbalanced": np.abs(second.T @ second - inner).max(),
        "unbalanced_relative": off(second.T @ second, inner),
        "entropy_rank": oracles.entropy_rank(np.linalg.svd(product, compute_uv=False) ** 2),
        "loss": loss,
        "loss_single": ((single - task) ** 2).sum() / 2,
        "time": time,
        "loss_share": loss / ((task**2).sum() / 2),
        "root_off": np.abs(gram - root).max() / np.linalg.norm(task, 2),
    }


# Prototypes of some points, and a dial of sharpness


def fork(values: np.ndarray, sharpness: float) -> float:
    """The positive root of a = mean x tanh(beta a x), 0 where there is none."""
    if sharpness * (values**2).mean() <= 1:
        return 0.0
    return brentq(lambda a: (values * np.tanh(sharpness * a * values)).mean() - a, 1e-9, np.abs(values).max())


def late_pitchfork(frame: Frame) -> Arrays:
    """The Hessian at the middle, where each prototype has half of each point: beta/2 I - beta^2/4 (1, -1; -1, 1) C."""
    config, points, pair = frame.config, frame.constant("points"), frame.measured("pair")
    notch = max(frame.data["step"][frame.number] - 1, 0)  # at which what is measured was settled
    ratio = config["low"] + (config["high"] - config["low"]) * notch / config["steps"]
    covariance = np.cov(points.T, bias=True)
    sharpness = ratio / np.linalg.eigvalsh(covariance)[-1]
    moments = points.T @ points / len(points)
    hessian = sharpness / 2 * np.eye(4) - sharpness**2 / 4 * np.kron([[1, -1], [-1, 1]], moments)
    curvature = 2 / sharpness * np.linalg.eigvalsh(hessian)[0]
    squares = ((points[:, None] - pair) ** 2).sum(axis=2)
    off_fork = np.abs(np.abs(frame.measured("settled")) - [fork(points[:, 0], sharpness), 0]).max()
    return {
        "ratio": ratio,
        "sharpness": sharpness,
        "curvature": curvature,
        "loss": -np.log(np.exp(-sharpness / 2 * squares).sum(axis=1)).mean(),
        "critical": 1 / np.linalg.eigvalsh(covariance)[-1],
        "curvature_off": abs(curvature - (1 - ratio)),
        "branch_off": off_fork if abs(ratio - 1) > 0.06 else 0.0,  # nearer, it takes too long to settle
    }


# A network that settles and is nudged: from its weights and data alone, in float64 from the first step to the frame


class Settling:
    """s <- s + rate (rho'(s) drive - s - nudge dC/ds), rho = tanh; the drive of a layer is of those beside it."""

    def __init__(self, frame: Frame, arm: str) -> None:
        self.rate, self.inputs, self.labels = frame.config["rate"], frame.raw("inputs"), frame.raw("labels")
        self.up = [frame.constant(f"upwards/{layer}") for layer in range(4)]
        self.back = [each.T for each in self.up[1:]]
        if arm == "other":
            self.back = [frame.constant(f"back/{layer}") for layer in range(3)]
        self.rest = self.moved([np.zeros((len(self.inputs), len(up.T))) for up in self.up], frame.config["settling"])

    def drives(self, states: Layers) -> tuple[Layers, Layers]:
        """Of each layer that settles, and rho of all five."""
        active = [self.inputs, *map(np.tanh, states)]
        drives = [active[layer] @ self.up[layer] for layer in range(4)]
        for layer in range(3):
            drives[layer] += active[layer + 2] @ self.back[layer]
        return drives, active

    def moved(self, states: Layers, steps: int, nudge: float = 0.0) -> Layers:
        for _ in range(steps):
            drives, active = self.drives(states)
            pulls = [(1 - active[layer + 1] ** 2) * drives[layer] - states[layer] for layer in range(4)]
            pulls[3] -= nudge * (states[3] - self.labels)
            states = [state + self.rate * pull for state, pull in zip(states, pulls, strict=True)]
        return states

    def backprop(self, gradient: Layers) -> tuple[Layers, Layers]:
        """One step at rest, by the chain rule: by the states before it, and by the weights that lead both ways."""
        drives, active = self.drives(self.rest)
        slopes = [1 - each**2 for each in active[1:]]
        passed = [self.rate * each * slope for each, slope in zip(gradient, slopes, strict=True)]
        by_states, by_weights = [], []
        for layer in range(4):
            arrives = -2 * active[layer + 1] * drives[layer] * passed[layer]
            weights = active[layer].T @ passed[layer]
            if layer < 3:
                arrives += slopes[layer] * (passed[layer + 1] @ self.up[layer + 1].T)
            if layer > 0:
                arrives += slopes[layer] * (passed[layer - 1] @ self.back[layer - 1].T)
                weights += passed[layer - 1].T @ active[layer + 1]
            by_states.append((1 - self.rate) * gradient[layer] + arrives)
            by_weights.append(weights / len(self.inputs))
        return by_states, by_weights

    def gradients(self, steps: int) -> tuple[Layers, Layers, Layers]:
        """Of the cost so many steps back; and those by states and by weights, added up over the steps."""
        gradient = [*map(np.zeros_like, self.rest[:3]), self.rest[3] - self.labels]
        total, update = [*map(np.zeros_like, self.rest)], [*map(np.zeros_like, self.up)]
        for _ in range(steps):
            before, weights = self.backprop(gradient)
            total = [a + b for a, b in zip(total, gradient, strict=True)]
            update = [a + b for a, b in zip(update, weights, strict=True)]
            gradient = before
        return gradient, total, update

    def products(self, states: Layers) -> np.ndarray:
        """What the local rule reads, means of rho(s_l) rho(s_l+1)', end to end."""
        pairs = itertools.pairwise([self.inputs, *map(np.tanh, states)])
        return np.concatenate([(below.T @ above).ravel() for below, above in pairs]) / len(self.inputs)


def equilibrium_propagation(frame: Frame) -> Arrays:
    steps = int(frame.data["step"][frame.number])
    arrays: Arrays = {}
    for arm in ("same", "other"):
        network = Settling(frame, arm)
        up, down = (network.moved(network.rest, steps, sign * NUDGES[DRAWN]) for sign in (1, -1))
        gradient, total, update = network.gradients(steps)
        shift = [(a - b) / (2 * NUDGES[DRAWN]) for a, b in zip(up, down, strict=True)]
        ring = [-network.rate * each for each in total]
        arrays[f"shift/{arm}"] = np.concatenate([layer[0] for layer in shift])
        arrays[f"ring/{arm}"] = np.concatenate([layer[0] for layer in ring])
        gap = length(*[a - b for a, b in zip(shift[:3], ring[:3], strict=True)])
        arrays[f"shift_off/{arm}"] = gap / (length(*ring[:3]) or 1)
        if arm == "same":
            arrays |= by_the_output(network, up, down, steps, gradient) | of_update(network, steps, update)
    return arrays


def by_the_output(network: Settling, up: Layers, down: Layers, steps: int, gradient: Layers) -> Arrays:
    """How fast layers move in the next step, against backprop, and whether those not reached stay where they are."""
    nudge, again = NUDGES[DRAWN], network.moved(network.rest, 1)
    later, opposite = network.moved(up, 1, nudge), network.moved(down, 1, -nudge)
    velocity = [((b - a) - (d - c)) / (2 * nudge) for a, b, c, d in zip(up, later, down, opposite, strict=True)]
    theory = [-network.rate * each for each in gradient]
    unreached = range(max(4 - steps, 0))  # the nudge is at the output after one step, one layer below it after two
    every = [network.moved(network.rest, steps, sign * nudge) for nudge in NUDGES for sign in (1, -1)]
    moves = [np.abs(states[layer] - network.rest[layer]).max() for states in every for layer in unreached]
    return {
        "unsettled": max(np.abs(a - b).max() for a, b in zip(again, network.rest, strict=True)),
        "speed": [length(each) for each in velocity],
        "theory_speed": [length(each) for each in theory],
        "speed_off": [length(a - b) for a, b in zip(velocity, theory, strict=True)],
        "ahead": max(moves, default=0.0),
    }


def of_update(network: Settling, steps: int, update: Layers) -> Arrays:
    """Errors of the update that the local rule reads, of every nudge, and the powers of the nudge that they follow."""
    theory, start = -np.concatenate([each.ravel() for each in update]), network.products(network.rest)
    alone, both = np.zeros(len(NUDGES)), np.zeros(len(NUDGES))
    for which, nudge in enumerate(NUDGES) if steps else ():
        up, down = (network.products(network.moved(network.rest, steps, sign * nudge)) for sign in (1, -1))
        alone[which] = off((up - start) / nudge, theory)
        both[which] = off((up - down) / (2 * nudge), theory)
    slopes = [
        np.polyfit(np.log(NUDGES[which]), np.log(errors[which]), 1)[0] if errors[which].all() else 0.0
        for errors, which in ((alone, SMALL), (both, MIDDLE))
    ]
    return {
        "update_off/alone": alone,
        "update_off/both": both,
        "order/alone": slopes[0],
        "order/both": slopes[1],
        "update_at": both[DRAWN],
    }


# Linear networks that start with few directions


def initial_rank(frame: Frame) -> Arrays:
    """Arms one after another; the weights of the first of the three frames are those of the start."""
    target, starts = frame.raw("targets"), frame.data["raw/weights"][0].astype(np.float64)
    arms = [turning(target, *arm) for arm in zip(frame.raw("weights"), frame.raw("readout"), starts, strict=True)]
    arrays = {name: np.array([arm[name] for arm in arms]) for name in arms[0]}
    kept = arrays["alignment"]
    return arrays | {
        "loss": arrays.pop("cost").mean(),
        "target": target,
        **{f"kept/{name}": value for name, value in zip(STARTS, kept, strict=True)},
        "alignment_off": np.abs(kept - arrays["end_alignment"]),
        "unturned": min(kept[0], kept[3]),
        "apart": min(kept[0] - kept[1], kept[1] - kept[2]),
    }


def turning(target: np.ndarray, weights: np.ndarray, readout: np.ndarray, start: np.ndarray) -> Arrays:
    """K = W'W + |a|^2 I against W_0'W_0 - s^2 vv' + mm' + alpha^2 I, and at the end m = b/alpha."""
    along = oracles.unit(start @ target)
    scale, identity = length(start.T @ along), np.eye(len(target))
    first, seen, drive, strength = start.T @ start, start.T @ along / scale, weights.T @ along, readout @ along
    unseen = first - scale**2 * np.outer(seen, seen)
    squared = np.roots([1, scale**2, -(target @ target)]).max()  # alpha^2 at the end
    kernel = weights.T @ weights + readout @ readout * identity
    end = unseen + np.outer(target, target) / squared + squared * identity
    return {
        "cost": ((target - weights.T @ readout) ** 2).sum() / 2,
        "drive": drive,
        "seen": seen,
        "alignment": (kernel * first).sum() / length(kernel) / length(first),
        "end_alignment": (end * first).sum() / length(end) / length(first),
        "end_off": off(kernel, end),
        "readout_off": abs(readout @ readout / squared - 1),
        "kept_off": np.abs(weights @ weights.T - np.outer(readout, readout) - start @ start.T).max(),
        "form_off": off(kernel, unseen + np.outer(drive, drive) + strength**2 * identity),
        "drive_kept_off": abs((drive @ drive - strength**2) / scale**2 - 1),
    }
