"""Neurons (w/|w|) . x in the plane: what they answer, how they flow, and what angle they have to their teachers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

DIM = 2  # of the weights: the picture is their space


def teachers(count: int) -> Any:
    """Teachers (count, 2) of unit length, evenly round the circle."""
    turn = 2 * jnp.pi * jnp.arange(count) / count
    return jnp.stack([jnp.sin(turn), jnp.cos(turn)], axis=1)


def turned_by(rows: Any, angles: Any) -> Any:
    """Rows (n, 2), each turned by an angle (n,) in radians."""
    cos, sin, (x, y) = jnp.cos(angles), jnp.sin(angles), rows.T
    return jnp.stack([cos * x - sin * y, sin * x + cos * y], axis=1)


def squared(rows: Any) -> Any:
    """Squared length of each row: (n, 2) -> (n,)."""
    return jnp.sum(rows**2, axis=1)


def answer(weights: Any, inputs: Any) -> Any:
    """What neurons (n, 2) answer to an input each, (n, 2): weights are divided by their length."""
    return jnp.sum(weights * inputs, axis=1) / jnp.sqrt(squared(weights))


def loss(weights: Any, inputs: Any, labels: Any) -> Any:
    """Sum over neurons of half the squared error: its gradient has that of each neuron in its row."""
    return jnp.sum((answer(weights, inputs) - labels) ** 2) / 2


def cosines(weights: Any) -> Any:
    """Cosine of each neuron to its teacher: what it answers to it. (n, 2) -> (n,)."""
    return answer(weights, teachers(len(weights)))


def velocity(weights: Any) -> Any:
    """Gradient flow of the mean loss over samples, which is 1 - cos of the angle to the teacher and a constant."""
    return jax.grad(lambda rows: jnp.sum(cosines(rows)))(weights)


def angle(rows: np.ndarray, aims: np.ndarray) -> np.ndarray:
    """Angles (frames, n) in radians between rows (frames, n, 2) and aims (n, 2), whatever their lengths."""
    cross = rows[..., 0] * aims[:, 1] - rows[..., 1] * aims[:, 0]
    return np.abs(np.arctan2(cross, (rows * aims).sum(axis=-1)))


def flow_angle(start: np.ndarray, time: np.ndarray, squared_norm: np.ndarray) -> np.ndarray:
    """Angle in radians to the teacher after a time of gradient flow: tan(alpha/2) = tan(alpha_0/2) exp(-t/N).

    It solves alpha' = -sin(alpha)/N, which `velocity` is, as that keeps N = |w|^2. Arrays that broadcast -> theirs.
    """
    return 2 * np.arctan(np.tan(start / 2) * np.exp(-time / squared_norm))
