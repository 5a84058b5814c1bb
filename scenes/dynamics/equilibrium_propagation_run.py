"""The course of a nudged network: states under every nudge, and backprop through the same number of steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from . import equilibrium_propagation_network as network

NUDGES = (0.16, 0.08, 0.04, 0.02, 0.01, 0.005)  # of which each is also taken the other way
DRAWN = 3  # the nudge that is drawn and judged
ARMS = ("same", "other")


class State(NamedTuple):
    """Step; the data; weights up and others back; for each arm states at rest and gradients, nudged states, sums.

    rest, gradient, sums: by arm, (n, d_l) a layer, the sums over all steps so far. moved: (nudges, n, d_l), those
    upwards first and then the opposite ones; in the other arm of the one that is drawn alone. by_weights: sum of the
    gradients by the weights (d_l, d_l+1).
    """

    at: Any
    inputs: Any
    labels: Any
    upwards: Any
    back: Any
    rest: dict[str, Any]
    moved: dict[str, Any]
    gradient: dict[str, Any]
    sums: dict[str, Any]
    by_weights: Any


def nudges(arm: str) -> np.ndarray:
    """All nudges of an arm, (nudges,), each and then its opposite."""
    sizes = np.array(NUDGES if arm == "same" else NUDGES[DRAWN : DRAWN + 1], np.float32)
    return np.concatenate([sizes, -sizes])


def way_back(arm: str, back: Any) -> Any:
    return None if arm == "same" else back


def init(config: Any, key: Any) -> State:
    draws, labels = jax.random.fold_in(key, 0), jax.random.fold_in(key, 1)
    inputs = jax.random.normal(draws, (config.samples, network.SIZES[0]))
    labels = 2.0 * jax.random.bernoulli(labels, shape=(config.samples, network.SIZES[-1])) - 1
    upwards, back = network.weights(jax.random.fold_in(key, 2), config.gain)
    rest = {arm: network.settle(upwards, way_back(arm, back), inputs, config.rate, config.settling) for arm in ARMS}
    moved = {arm: jax.tree.map(lambda state, arm=arm: jnp.stack([state] * len(nudges(arm))), rest[arm]) for arm in ARMS}
    none = jax.tree.map(jnp.zeros_like, rest)
    gradient = {arm: (*none[arm][:-1], rest[arm][-1] - labels) for arm in ARMS}
    empty = jax.tree.map(jnp.zeros_like, upwards)
    return State(jnp.zeros((), int), inputs, labels, upwards, back, rest, moved, gradient, none, empty)


def nudged(config: Any, state: State, arm: str) -> Any:
    """States of an arm one step later, under each of its nudges."""
    back = way_back(arm, state.back)
    return jax.vmap(
        lambda states, nudge: network.move(state.upwards, back, state.inputs, states, config.rate, nudge, state.labels)
    )(state.moved[arm], jnp.asarray(nudges(arm)))


def step(config: Any, state: State) -> State:
    """One step of all nudged states; and of backprop, from the output's error one step of time further back."""
    gradient, by_weights = {}, state.by_weights
    for arm in ARMS:
        back = way_back(arm, state.back)
        found, gradient[arm] = network.backprop(
            state.upwards, back, state.inputs, state.rest[arm], config.rate, state.gradient[arm]
        )
        if arm == "same":
            by_weights = jax.tree.map(jnp.add, by_weights, found)
    return state._replace(
        at=state.at + 1,
        moved={arm: nudged(config, state, arm) for arm in ARMS},
        gradient=gradient,
        sums=jax.tree.map(jnp.add, state.sums, state.gradient),
        by_weights=by_weights,
    )


def halves(states: Any, arm: str) -> tuple[Any, Any]:
    """States under the drawn nudge and under its opposite."""
    index = DRAWN if arm == "same" else 0
    return tuple(layer[index] for layer in states), tuple(layer[index + len(nudges(arm)) // 2] for layer in states)
