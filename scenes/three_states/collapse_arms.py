"""Two arms of one collapse: the same classifier, with decay to the end and with decay off once it has learned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from render.bounds import positive, share
from render.metrics import geometry

from .. import classifier


@dataclass(frozen=True, kw_only=True)
class NeuralCollapse(classifier.ClassifierConfig):
    """The classifier, and when its second arm goes on without decay.

    learned: train accuracy at which it does. decay: here above 0, for without it no length is the best.
    """

    hold_ms: int = 3000
    decay: float = positive(1e-2, high=1e3)
    learned: float = share(0.99)


class State(NamedTuple):
    """decayed and free: the two arms; off: whether the free one has left the other; decay_steps: how many steps both
    have in common."""

    decayed: classifier.State
    free: classifier.State
    off: Any
    decay_steps: Any


def init(config: NeuralCollapse, key: Any) -> State:
    state = classifier.init(config, key)
    return State(state, state, jnp.asarray(False), jnp.asarray(0))


def step(config: NeuralCollapse, state: State) -> State:
    """One step of each arm: until the classifier has learned, the free arm is the other one, to the last bit."""
    _, logits = classifier.outputs(state.decayed)
    off = state.off | (geometry.accuracy(logits, state.decayed.labels) >= config.learned)
    decayed = classifier.step(config, state.decayed)
    free = classifier.step(config, state.free, decay=0.0)
    return State(decayed, jax.tree.map(partial(jnp.where, off), free, decayed), off, state.decay_steps + ~off)


def constants(config: NeuralCollapse, state: State) -> dict[str, Any]:
    return classifier.constants(config, state.decayed)


def raw(config: NeuralCollapse, state: State) -> dict[str, Any]:
    """Of both arms; weights (dim, classes)."""
    free = classifier.raw(config, state.free)
    del free["labels"]
    return classifier.raw(config, state.decayed) | {f"{name}_free": array for name, array in free.items()}
