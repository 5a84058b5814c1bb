"""Larger steps, more decay, fewer directions: how one network on digits is trained decides how richly it answers.

Seven networks with the same start, up to the size of the last layer: three rates, three decays and another loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.metrics import spectrum
from render.scene import Scene, gradual_schedule
from render.target import Goals, Target

from .. import digits, networks, toys
from . import rate_and_decay_picture
from .formulas import LOW_RANK
from .rate_and_decay_picture import FEWER, FEWEST, MANY

RATES, DECAYS = rate_and_decay_picture.RATES, rate_and_decay_picture.DECAYS
RUNS = (*RATES, *DECAYS, "entropy")
RANKS = digits.CLASSES - 1  # directions that ten classes need
EARLY = 100  # steps after which the losses are compared
NEAR = 1.6  # directions over what is needed, from which on few are in use
EVEN_UNTIL = 40.0  # steps, about the warm-up, in which frames are evenly spaced
SEEDS = 32  # a seed takes over 3 s


@dataclass(frozen=True, kw_only=True)
class RateAndDecay(digits.DigitsConfig):
    """learning_rate: of all but two networks; the first has a quarter of it, the third three times as much.

    decay: the largest, in the loss (decay / 2) |W|^2: more leaves no features; the network before has a tenth of it.
    decayed_readout: in place of readout_scale where the decays and the losses are compared.
    """

    frames: int = 48
    steps: int = 1200
    hold_ms: int = 3000
    hidden: int = between(96, digits.CLASSES, 1024)
    batch: int = 96
    decay: float = positive(1e-2, low=1e-6, high=0.03)
    decayed_readout: float = positive(0.5, low=1e-6, high=1e6)

    @property
    def factors(self) -> tuple[float, ...]:
        """Of each network, its rate over learning_rate."""
        return (0.25, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0)

    @property
    def decays(self) -> tuple[float, ...]:
        return (0.0, 0.0, 0.0, 0.0, self.decay / 10, self.decay, 0.0)


def init(config: RateAndDecay, key: Any) -> digits.State:
    data_key, network_key = jax.random.split(key)
    (places,) = toys.normals(data_key, (digits.POINTS,))
    train, test = digits.split(config, places)
    targets = jnp.stack([jax.nn.one_hot(train.labels, digits.CLASSES)] * len(RUNS))
    params = digits.networks_alike(config, network_key, runs=len(RUNS))
    scale = jnp.array([1.0] * len(RATES) + [config.decayed_readout / config.readout_scale] * (len(RUNS) - len(RATES)))
    params[-1]["weights"] *= scale[:, None, None]
    return digits.start(config, params, train, test, targets, body=jnp.ones(len(RUNS)))


def cross_entropy(outputs: Any, targets: Any) -> Any:
    return jnp.mean(optax.softmax_cross_entropy(outputs, targets))


def squared_weights(params: Any) -> Any:
    """|W|^2 of all layers, without biases."""
    return sum(jnp.sum(layer["weights"] ** 2) for layer in params)


def step(config: RateAndDecay, state: digits.State) -> digits.State:
    """One step of Adam for every network, all on the same minibatch: the next `batch` rows, cyclically."""
    rows = (state.count * config.batch + jnp.arange(config.batch)) % config.train_points
    inputs, optimiser = state.train.inputs[rows], digits.optimiser(config)

    def descend(params: Any, opt_state: Any, targets: Any, factor: Any, decay: Any, entropy: Any) -> tuple[Any, Any]:
        def loss(params: Any) -> Any:
            outputs = networks.apply_mlp(params, inputs)
            fit = jnp.where(entropy, cross_entropy(outputs, targets), digits.squared_error(outputs, targets))
            return fit + 0.5 * decay * squared_weights(params)

        updates, opt_state = optimiser.update(jax.grad(loss)(params), opt_state, params)
        return optax.apply_updates(params, jax.tree.map(lambda update: factor * update, updates)), opt_state

    arms = jnp.array(config.factors), jnp.array(config.decays), jnp.array([run == "entropy" for run in RUNS])
    params, opt_state = jax.vmap(descend)(state.params, state.opt_state, state.targets[:, rows], *arms)
    return state._replace(params=params, opt_state=opt_state, count=state.count + 1)


def measure(config: RateAndDecay, state: digits.State) -> dict[str, Any]:
    """modes_used: entropy rank (Eq. 8) of the share of the answer in each direction. use (modes,): these shares, in
    units of what a direction holds at most. uneven: the strongest direction's variance over that of the ninth.

    Falls are from the least rate or decay to the largest; those of modes_used from one to the next, and the smallest
    counts.
    """
    features, outputs = digits.responses(state, state.train)
    _, unseen = digits.responses(state, state.test)
    whole = digits.curves(config, features, outputs, state.targets, modes=min(config.hidden, config.train_points))
    shares = jnp.diff(whole["utilization"], axis=1, prepend=0.0)
    used = jax.vmap(spectrum.entropy_rank)(jnp.maximum(shares, 0.0))
    low_rank = digits.low_rank(features, outputs)
    train_accuracy = digits.accuracies(outputs, state.train.labels)
    exact, practical = low_rank["low_rank"], low_rank["low_rank_practical"]
    none, most = len(RATES), len(RATES) + len(DECAYS) - 1
    return {
        "loss": digits.squared_error(outputs[1], state.targets[1]),
        "rate_low_rank_fall": exact[0] - exact[none - 1],
        "rate_modes_fall": -jnp.diff(used[:none]).max(),
        "decay_low_rank_fall": exact[none] - exact[most],
        "decay_practical_fall": practical[none] - practical[most],
        "decay_modes_fall": -jnp.diff(used[none : most + 1]).max(),
        "entropy_low_rank_rise": exact[-1] - exact[none],
        "entropy_practical_fall": practical[none] - practical[-1],
        "lowest_train_accuracy": train_accuracy.min(),
        **digits.families(
            RUNS,
            {
                **low_rank,
                "modes_used": used,
                "use": RANKS * shares[:, : config.modes],
                "uneven": whole["eigenvalues"][:, 0] / whole["eigenvalues"][:, RANKS - 1],
                "train_accuracy": train_accuracy,
                "test_accuracy": digits.accuracies(unseen, state.test.labels),
            },
        ),
    }


def raw(config: RateAndDecay, state: digits.State) -> dict[str, Any]:
    return digits.raw(state, RUNS)


def derive(
    config: RateAndDecay, *, step: np.ndarray, modes_used: Mapping[str, np.ndarray], uneven: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """bar/<run> (frames, 1) and bar_at/<place> (1,): a bar for each network. uneven_early (): how many times more
    uneven directions are with cross-entropy than with the squared error, in the last frame up to EARLY.

    state (frames,): MANY; FEWER from where the largest steps use half the directions of the start; FEWEST from where
    the largest steps and the largest decay use no more than NEAR over those needed.
    """
    early = int(np.searchsorted(step, EARLY, side="right")) - 1
    fast, decayed = modes_used[RATES[-1]], modes_used[DECAYS[-1]]
    fewer = np.maximum.accumulate(fast <= fast[0] / 2)
    fewest = fewer & np.maximum.accumulate(np.maximum(fast, decayed) <= RANKS + NEAR)
    return {
        "bar": {run: modes_used[run][:, None] for run in RUNS},
        "bar_at": {str(place): np.array([float(place)]) for place in (1, 2, 3)},
        "uneven_early": uneven["entropy"][early] / uneven[DECAYS[0]][early],
        "state": np.select([fewest, fewer], [FEWEST, FEWER], MANY),
    }


def targets(config: RateAndDecay) -> Goals:
    rates, decays, losses = (f"arXiv 2410.04264v3, Fig. {number}" for number in (4, 13, 17))
    return {
        "rate/low_rank": Target("rates: fall of D_LR", "rate_low_rank_fall", "at least", 0.1, rates, seeds=SEEDS),
        "rate/modes": Target("rates: smallest fall of modes", "rate_modes_fall", "at least", 2.0, rates, seeds=SEEDS),
        "decay/low_rank": Target(
            "no decay: D_LR", "low_rank/none", "at most", 0.2, f"{decays}: rich without", seeds=SEEDS
        ),
        "decay/practical": Target(
            "decays: fall of D_LR (E.1)", "decay_practical_fall", "at least", 0.015, decays, seeds=SEEDS
        ),
        "decay/modes": Target(
            "decays: smallest fall of modes", "decay_modes_fall", "at least", 0.15, decays, seeds=SEEDS
        ),
        "loss/uneven": Target(
            "cross-entropy: directions in turn",
            "uneven_early",
            "at least",
            2.0,
            f"{losses}, times as uneven",
            read_off=("uneven/entropy",),
            seeds=SEEDS,
        ),
        "loss/low_rank": Target(
            "cross-entropy: rise of D_LR", "entropy_low_rank_rise", "at least", 0.05, f"against {losses}", seeds=SEEDS
        ),
        "loss/practical": Target(
            "cross-entropy: fall of D_LR (E.1)", "entropy_practical_fall", "at least", 0.02, losses, seeds=SEEDS
        ),
        "train": Target(
            "lowest train accuracy", "lowest_train_accuracy", "at least", 0.97, "all are fitted", seeds=SEEDS
        ),
    }


SCENE = Scene(
    name="rate-and-decay",
    title="Larger steps and more decay use fewer directions",
    subtitle="digits, the same network with three learning rates and with three weight decays",
    alt="How many feature directions the answers of six networks on digits use, as bars that fall in training towards "
    "the nine that ten classes need: {modes_used/small:.1f}, {modes_used/middle:.1f} and {modes_used/large:.1f} with "
    "small, middle and large steps; {modes_used/none:.1f}, {modes_used/some:.1f} and {modes_used/much:.1f} with no, "
    "some and much weight decay.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 4, 13, 17, Eq. 4, 8, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/rate-and-decay",
    message="A network's answers use the fewer directions of its features, the larger its steps or its weight decay.",
    look_for="In both pictures bars are the lower, the further to the right; the last stand on the dashed line.",
    formulas=(LOW_RANK,),
    group="richness",
    story=rate_and_decay_picture.STORY,
    config=RateAndDecay,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    derive=derive,
    panels=rate_and_decay_picture.panels,
    targets=targets,
    schedule=lambda config: gradual_schedule(config, EVEN_UNTIL),
)
