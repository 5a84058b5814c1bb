"""Two models that are thrown: networks f = u . v/sqrt n on one sample, and pairs of weights in the plane."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from render.metrics.factored_output import output_and_kernel

GONE = 1e3  # outputs over the width, beyond which a network no longer moves: it diverges


def network_loss(networks: Any) -> Any:
    return jnp.sum(output_and_kernel(*networks)[0] ** 2) / 2


def error(pairs: Any) -> Any:
    """e = u v - 1, zero in the valley: (pairs, 2) -> (pairs,)."""
    return pairs[:, 0] * pairs[:, 1] - 1


def pair_loss(pairs: Any) -> Any:
    return jnp.sum(error(pairs) ** 2) / 2


def imbalance(pairs: Any) -> Any:
    return pairs[:, 0] ** 2 - pairs[:, 1] ** 2


def lawful(f: np.ndarray, steep: np.ndarray, rates: np.ndarray, width: int, steps: np.ndarray) -> np.ndarray:
    """Curvatures (frames, rates) that the law of two numbers has from the first two on, in double precision.

    f, steep: outputs and curvatures at the start, (rates,). steps: of the frames, from 0 on.
    """
    found = {0: steep}
    for at in range(1, int(steps[-1]) + 1):
        moves, power = np.abs(f) <= GONE * width, rates * f**2 / width
        f, steep = (
            np.where(moves, f * (1 - rates * steep + rates * power), f),
            np.where(moves, steep + power * (rates * steep - 4), steep),
        )
        found[at] = steep
    return np.stack([found[int(at)] for at in steps])
