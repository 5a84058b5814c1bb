"""What lengthens and shortens a neuron in a step, in the mean over samples, and what is drawn of it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from render.metrics import weight_norms

from .norm_equilibrium_neurons import DIM

AIMING, EVENING, SETTLED = 0, 1, 2
EVENED = 0.9  # of the spread of lengths at the start: below that they are evening out
ONE_LENGTH = 0.06  # spread of lengths over their mean that an eye takes for a circle
ARROW = 0.38  # length of either arrow where they are equal
CURVE = np.linspace(0.3, 2.1, 91)  # lengths over which push and pull are drawn


def push(config: Any, lengths: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Mean length that a step without decay adds: eta^2 G(alpha)/(2 |w|^3), of |w|^2 + eta^2 |g|^2."""
    size = np.asarray(weight_norms.expected_squared_gradient(jnp.asarray(angles), config.noise, DIM), np.float64)
    return config.rate**2 * size / (2 * lengths**3)


def pull(config: Any, lengths: Any) -> Any:
    """Length that decay takes in a step: eta lambda |w|."""
    return config.rate * config.decay * lengths


def followed(neurons: int) -> list[int]:
    """Numbers of the two neurons that are followed: their teachers point to the right and to the left."""
    return [neurons // 4, 3 * neurons // 4]


def pictured(config: Any, weights: dict[str, np.ndarray], angles: np.ndarray, circle: float) -> dict[str, Any]:
    """What is drawn, with lengths in units of `circle`, where steps add as much as decay takes, and this in its own.

    weights: (frames, n, 2) by arm; angles: to teachers, with decay, (frames, n). `tips` (frames, n, 2) by arm and
    `spokes` (frames, n, 2, 2); `long` (n,), 1 for those that decay draws in at first; `chosen` (frames, 2, 2), the two
    that are followed, and `pushes`, `pulls` (frames, 2, 2, 2), their arrows; `pushed`, `pulled` (frames, n, 2), a
    length and what a step adds to it or takes; `push_theory` over `length`, where all have turned as far as they can.
    """
    tips = {arm: weights[arm] / circle for arm in ("steps", "decay")}
    rows = weights["decay"]
    lengths = np.linalg.norm(rows, axis=2)
    two = followed(config.neurons)
    unit = pull(config, circle)
    out, back = push(config, lengths, angles) / unit, pull(config, lengths) / unit
    chosen, away = tips["decay"][:, two], (rows / lengths[..., None])[:, two]
    pushes, pulls = (ARROW * sign * force[:, two, None] * away for sign, force in ((1, out), (-1, back)))
    spread = lengths.std(axis=1) / lengths.mean(axis=1)
    evened, even = (np.minimum.accumulate(spread) < limit for limit in (EVENED * spread[0], ONE_LENGTH))
    return {
        "tips": tips,
        "spokes": np.stack([np.zeros_like(rows), tips["decay"]], axis=2),
        "long": (lengths[0] > circle).astype(int),
        "chosen": chosen,
        "chosen_spokes": np.stack([np.zeros_like(chosen), chosen], axis=2),
        "pushes": np.stack([chosen, chosen + pushes], axis=2),
        "pulls": np.stack([chosen, chosen + pulls], axis=2),
        "pushed": np.stack([lengths / circle, out], axis=2),
        "pulled": np.stack([lengths / circle, back], axis=2),
        "length": CURVE,
        "push_theory": CURVE**-3.0,
        "circle": np.float64(circle),
        "mean_length": {arm: np.linalg.norm(weights[arm], axis=2).mean(axis=1) for arm in tips},
        "state": np.where(even, SETTLED, np.where(evened, EVENING, AIMING)),
    }
