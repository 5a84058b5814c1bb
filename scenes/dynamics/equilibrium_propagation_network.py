"""A chain of layers that settles at rest, the nudge at its output, and the gradient that backprop sends through it."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import jax.numpy as jnp

from render.metrics.linear_algebra import svd

from .. import toys

SIZES = (8, 12, 12, 12, 6)  # of the input, which is given, and of the layers that settle
LAYERS = ("first", "second", "third", "output")

Layers = tuple[Any, ...]


def weights(key: Any, gain: float) -> tuple[Layers, Layers]:
    """Weights W_l (d_l, d_l+1) upwards, and as many independent ones (d_l+1, d_l) that may lead back instead.

    All are `gain` times a random matrix with orthonormal rows or columns. The chain of four layers with the same
    weights both ways then has a spectral radius of at most 2 gain cos(pi/5): below 1, so that it settles on every seed.
    """
    shapes = list(itertools.pairwise(SIZES))
    draws = toys.normals(key, *shapes, *((above, below) for below, above in shapes[1:]))
    found = tuple(gain * _orthonormal(draw) for draw in draws)
    return found[: len(shapes)], found[len(shapes) :]


def _orthonormal(draw: Any) -> Any:
    """The matrix with orthonormal rows or columns that is nearest to a draw: U V' of its U diag(s) V'."""
    left, _, right = svd(draw)
    return left @ right


def move(
    upwards: Layers, back: Layers | None, inputs: Any, states: Layers, rate: float, nudge: Any = 0.0, labels: Any = 0.0
) -> Layers:
    """States (n, d_l) of the layers after one step of length `rate` down energy and nudge times cost.

    Where `back` is None the weights lead back as they lead up, and it is s - rate d(E + nudge C)/ds of the energy
    E = |s|^2/2 - sum rho(s_l)' W_l rho(s_l+1), rho = tanh, and the cost C = |s_out - y|^2/2. With other weights back
    there is no energy, but the same rule.
    """
    back = tuple(up.T for up in upwards[1:]) if back is None else back
    active = [inputs, *map(jnp.tanh, states)]
    drives = [below @ up for below, up in zip(active, upwards, strict=False)]
    for layer, down in enumerate(back):
        drives[layer] = drives[layer] + active[layer + 2] @ down
    slopes = [1 - each**2 for each in active[1:]]
    pulls = [slope * drive - state for slope, drive, state in zip(slopes, drives, states, strict=True)]
    pulls[-1] = pulls[-1] - nudge * (states[-1] - labels)
    return tuple(state + rate * pull for state, pull in zip(states, pulls, strict=True))


def settle(upwards: Layers, back: Layers | None, inputs: Any, rate: float, steps: int) -> Layers:
    """States after so many steps from zero without a nudge."""
    start = tuple(jnp.zeros((len(inputs), size)) for size in SIZES[1:])
    return jax.lax.fori_loop(0, steps, lambda _, states: move(upwards, back, inputs, states, rate), start)


def backprop(upwards: Layers, back: Layers | None, inputs: Any, rest: Layers, rate: float, gradient: Layers) -> Any:
    """The gradient one step of time further back: what the step does to the weights' gradient, and to the states'.

    gradient: of the cost by the states after the step, (n, d_l) a layer; the step starts at rest. -> by the weights
    upwards, averaged over the examples, and by the states before it.
    """
    _, pull = jax.vjp(lambda up, states: move(up, back, inputs, states, rate), upwards, rest)
    by_weights, by_states = pull(gradient)
    return tuple(each / len(inputs) for each in by_weights), by_states


def products(inputs: Any, states: Layers) -> Layers:
    """What the local rule reads of two layers: means over examples of rho(s_l) rho(s_l+1)', (d_l, d_l+1) a pair."""
    active = [inputs, *map(jnp.tanh, states)]
    return tuple(below.T @ above / len(inputs) for below, above in itertools.pairwise(active))
