"""Equilibrium propagation: a network at rest is nudged at its output, and what runs back is the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics.orders import observed_order, relative_error
from render.scene import Config, Scene, gradual_schedule, last_frame_by
from render.target import Goals, Target

from . import equilibrium_propagation_drawn as drawn
from . import equilibrium_propagation_network as network
from .equilibrium_propagation_picture import STORY, panels
from .equilibrium_propagation_run import ARMS, DRAWN, NUDGES, State, halves, init, nudged, step

SMALL = slice(3, 6)  # those at which the error of one pull alone is asymptotic
MIDDLE = slice(2, 5)  # and that of two opposite ones, before float32 rounds it off
EVEN_UNTIL = 10.0  # step up to which frames are about evenly spaced: the nudge has passed all layers by then
SEEN = 0.62  # of the run: later rings are full to an eye


@dataclass(frozen=True, kw_only=True)
class EquilibriumPropagation(Config):
    """A network of four layers that settles, and is then pulled at its output.

    gain: of all weights. rate: length of a step. settling: steps without a pull, before the first frame.
    """

    frames: int = 49
    frame_ms: int = 110
    hold_ms: int = 3000
    steps: int = 120
    samples: int = between(16, 1, 512)
    gain: float = positive(0.5, high=0.6, low=1e-2)
    rate: float = positive(0.2, high=1.0, low=1e-3)
    settling: int = between(800, 1, 100_000)


def measure(config: EquilibriumPropagation, state: State) -> dict[str, Any]:
    size, rate = NUDGES[DRAWN], config.rate
    one, opposite = halves(state.moved["same"], "same")
    later, later_opposite = halves(nudged(config, state, "same"), "same")
    velocity = [
        ((b - a) - (d - c)) / (2 * size) for a, b, c, d in zip(one, later, opposite, later_opposite, strict=True)
    ]
    theory = [-rate * each for each in state.gradient["same"]]
    resting, depth = state.rest["same"], jnp.arange(len(network.LAYERS))[::-1]
    moves = jnp.stack([jnp.max(jnp.abs(a - b)) for a, b in zip(state.moved["same"], resting, strict=True)])
    shift, ring = {}, {}
    for arm in ARMS:
        one, opposite = halves(state.moved[arm], arm)
        shift[arm] = tuple((a - b) / (2 * size) for a, b in zip(one, opposite, strict=True))
        ring[arm] = tuple(-rate * each for each in state.sums[arm])
    again = network.move(state.upwards, None, state.inputs, resting, rate)
    errors = update_off(config, state)
    return {
        "unsettled": jnp.max(jnp.stack([jnp.max(jnp.abs(a - b)) for a, b in zip(again, resting, strict=True)])),
        "speed": jnp.stack([jnp.linalg.norm(each) for each in velocity]),
        "theory_speed": jnp.stack([jnp.linalg.norm(each) for each in theory]),
        "speed_off": jnp.stack([jnp.linalg.norm(a - b) for a, b in zip(velocity, theory, strict=True)]),
        "ahead": jnp.max(jnp.where(depth >= state.at, moves, 0.0)),
        "shift": {arm: jnp.concatenate([layer[0] for layer in shift[arm]]) for arm in ARMS},
        "ring": {arm: jnp.concatenate([layer[0] for layer in ring[arm]]) for arm in ARMS},
        "shift_off": {arm: relative_error(shift[arm][:-1], ring[arm][:-1]) for arm in ARMS},
        "update_off": errors,
        "order": {
            kind: jnp.nan_to_num(observed_order(jnp.array(NUDGES[which]), errors[kind][which]))
            for kind, which in (("alone", SMALL), ("both", MIDDLE))
        },
    }


def update_off(config: EquilibriumPropagation, state: State) -> dict[str, Any]:
    """Relative error of the local rule's update so far against backprop's: of a pull alone, and of two opposite ones.

    (nudges,) each: of (p(s_t) - p(s*))/nudge and (p(s+) - p(s-))/(2 nudge), p the products that the rule reads.
    """
    sizes = jnp.array(NUDGES)
    read = jax.vmap(lambda states: network.products(state.inputs, states))(state.moved["same"])
    start = network.products(state.inputs, state.rest["same"])
    up = tuple(each[: len(NUDGES)] for each in read)
    down = tuple(each[len(NUDGES) :] for each in read)
    alone = [(a - b) / sizes[:, None, None] for a, b in zip(up, start, strict=True)]
    both = [(a - b) / (2 * sizes[:, None, None]) for a, b in zip(up, down, strict=True)]
    theory = [-each for each in state.by_weights]
    error = jax.vmap(lambda found: relative_error(found, theory))
    zero = jnp.zeros(len(NUDGES))
    started = state.at > 0
    return {"alone": jnp.where(started, error(alone), zero), "both": jnp.where(started, error(both), zero)}


def schedule(config: EquilibriumPropagation) -> np.ndarray:
    return gradual_schedule(config, EVEN_UNTIL)


def shown(config: EquilibriumPropagation) -> int:
    """The last frame in which anything is still to be seen: rings are filled, and fill on to the last digit."""
    return last_frame_by(SEEN * config.steps, schedule(config))


def constants(config: EquilibriumPropagation, state: State) -> dict[str, Any]:
    return {
        "upwards": {str(layer): each for layer, each in enumerate(state.upwards)},
        "back": {str(layer): each for layer, each in enumerate(state.back)},
    }


def raw(config: EquilibriumPropagation, state: State) -> dict[str, Any]:
    return {"inputs": state.inputs, "labels": state.labels}


def derive(
    config: EquilibriumPropagation,
    *,
    speed: np.ndarray,
    theory_speed: np.ndarray,
    speed_off: np.ndarray,
    shift: dict[str, np.ndarray],
    ring: dict[str, np.ndarray],
    update_off: dict[str, np.ndarray],
    upwards: dict[str, np.ndarray],
    back: dict[str, np.ndarray],
    step: np.ndarray,
) -> dict[str, Any]:
    """speed, theory_speed, speed_off (frames, layers): lengths of velocities, of backprop's, and of what is between."""
    measured, theory = speed.astype(np.float64), theory_speed.astype(np.float64)
    whole = np.sqrt((theory**2).sum(axis=1)).max()
    return {
        "velocity_off": np.sqrt((speed_off.astype(np.float64) ** 2).sum(axis=1)) / whole,
        "layer_off": (np.abs(measured - theory) / (theory.max(axis=0) + drawn.NOTHING)).max(axis=1),
        "update_at": update_off["both"][:, DRAWN].astype(np.float64),
        "nudge": np.array([[[5.1, 2.5], [4.38, 2.5]]]),
        **drawn.pictured(
            {arm: each.astype(np.float64) for arm, each in shift.items()},
            {arm: each.astype(np.float64) for arm, each in ring.items()},
            [upwards[str(layer)].astype(np.float64) for layer in range(len(upwards))],
            [back[str(layer)].astype(np.float64) for layer in range(len(back))],
            step,
        ),
    }


def targets(config: EquilibriumPropagation) -> Goals:
    at_rest = "s* = M(s*), a contraction"
    law = "(s_t+1 − s_t)/β → −ε g_t, the gradient t steps back"
    update = "(p(s_t) − p(s*))/β → −Σ dL/dW, error O(β)"
    return {
        "rest": Target("move of the state at rest by one more step", "unsettled", "at most", 1e-5, at_rest, at="first"),
        "velocity": Target(
            "neurons’ velocity off backprop’s, over its largest", "velocity_off", "at most", 0.02, law, at="every"
        ),
        "layers": Target(
            "speed of a layer off backprop’s, over its largest", "layer_off", "at most", 0.05, law, at="every"
        ),
        "front": Target(
            "move of layers not yet reached",
            "ahead",
            "at most",
            1e-5,
            "d layers below the output: 0 for t ≤ d",
            at="every",
        ),
        "alone": Target("order of the update’s error, one pull", "order/alone", "within", 1.0, update, tolerance=0.1),
        "both": Target(
            "order of the update’s error, two opposite pulls",
            "order/both",
            "within",
            2.0,
            "error O(β²)",
            tolerance=0.15,
        ),
        "update": Target("update off the gradient at β = 0.02", "update_at", "at most", 0.02, "error O(β²)"),
        "same": Target("hidden layers off the gradient", "shift_off/same", "at most", 0.02, "Jᵀ = J: sum of the law"),
        "other": Target(
            "other weights back: hidden layers off the gradient", "shift_off/other", "at least", 0.5, "Jᵀ ≠ J"
        ),
    }


SCENE = Scene(
    name="equilibrium-propagation",
    title="A nudge at the output runs back as the gradient",
    subtitle="layers of 8, 12, 12, 12 and 6 settle; the output is pulled by β = ±0.02; a symmetric Jacobian makes the "
    "moves the gradient",
    alt="A network of four layers at rest whose output is pulled: layer by layer, from the output backwards, neurons "
    "move until each has gone as far as backprop says, {shift_off/same:.4f} off; in the same network with other "
    "weights backwards they end elsewhere, {shift_off/other:.2f} off.",
    post="Learning mechanics",
    source="Scellier & Bengio 2017 and 2019 (equilibrium propagation); Ernoult et al. 2019, arXiv 1905.13633",
    output="dynamics/equilibrium-propagation",
    message="Pull the output of a network at rest a little towards the right answer, and the pull that runs back "
    "through the same weights moves every neuron as backprop would, without a backward pass.",
    look_for="Discs fill the dashed rings from the output backwards; in the network with other weights backwards they "
    "overshoot, fall short or move the wrong way.",
    formulas=(
        ("one step of the states", r"s \leftarrow s - \varepsilon \, \nabla_s \left( E + \beta C \right)"),
        (
            "what the nudge becomes, t steps later",
            r"\frac{s_{t+1} - s_t}{\beta} \to -\varepsilon \, \frac{\partial C}{\partial s_{T-t}}",
        ),
        (
            "update of the weights, read off two neurons alone",
            r"\frac{1}{\beta} \left( \rho(s_l) \rho(s_{l+1})^\top \Big|_{\beta} - \rho(s_l) \rho(s_{l+1})^\top "
            r"\Big|_{0} \right)",
        ),
    ),
    group="dynamics",
    story=STORY,
    config=EquilibriumPropagation,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    raw=raw,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
