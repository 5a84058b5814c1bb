"""Neurons of which only the direction counts: steps lengthen them, decay shortens them, and all end on one circle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import weight_norms
from render.scene import Config, Scene, gradual_schedule
from render.target import Goals, Target

from .. import flows
from .norm_equilibrium_forces import followed, pictured
from .norm_equilibrium_neurons import DIM, angle, cosines, flow_angle, loss, squared, teachers, turned_by, velocity
from .norm_equilibrium_picture import STORY, panels

STEPPING = {"steps": False, "decay": True}  # arms that take steps, and whether decay is one of them
SMALL = 0.1  # of a gradient, below which its angle to the weights is rounding
OPPOSITE = 0.05  # radians to the opposite of the teacher, at least: nearer, rounding decides where the flow has come to
SHORT, LONG = 0.72, 1.65  # lengths at the start of the two that are followed, which draw nothing
ASIDE = 0.3  # radians from their teachers there: of a neuron that still turns one does not see what lengthens it
EVEN_UNTIL = 10.0  # step up to which frames are about evenly spaced


@dataclass(frozen=True, kw_only=True)
class NormEquilibrium(Config):
    """Neurons (w/|w|) . x with a teacher each, and three ways to train them from the same start.

    rate: eta, also the length of a step of gradient flow. decay: lambda. noise: sigma of the labels. shortest,
    longest: bounds of |w| at the start, between which it is even in logs.
    """

    frames: int = between(72, 2, 2000)
    hold_ms: int = 3000
    steps: int = 6000
    neurons: int = between(150, 3, 10_000)
    rate: float = positive(0.0283, high=1.0)
    decay: float = positive(0.01415, high=0.9)
    noise: float = positive(1.0, high=1e3)
    shortest: float = positive(0.35, low=1e-2, high=1e2)
    longest: float = positive(1.7, low=1e-2, high=1e2)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("longest", self.longest > self.shortest, f"more than shortest = {self.shortest:g}")


class State(NamedTuple):
    """Step of the run, key of its samples, and what is known of the neurons.

    weights: (neurons, 2) by arm. law: |w|^2 as its law has it from measured gradients, (neurons,) by arm; average: that
    of squared unit gradients, (neurons,). radial: largest |w . g| over |w| max(|g|, SMALL) so far. turned, missed: sums
    over the second half of the run of the squared turn of a step and of sin^2 to the teacher, means over neurons.
    """

    at: Any
    key: Any
    weights: dict[str, Any]
    law: dict[str, Any]
    average: Any
    radial: Any
    turned: Any
    missed: Any


def init(config: NormEquilibrium, key: Any) -> State:
    sizes, turns, samples = (jax.random.fold_in(key, use) for use in range(3))
    bounds = jnp.log(config.shortest), jnp.log(config.longest)
    lengths = jnp.exp(jax.random.uniform(sizes, (config.neurons, 1), minval=bounds[0], maxval=bounds[1]))
    turn = jax.random.uniform(turns, (config.neurons,), minval=OPPOSITE - jnp.pi, maxval=jnp.pi - OPPOSITE)
    for neuron, length in zip(followed(config.neurons), (SHORT, LONG), strict=True):
        lengths, turn = lengths.at[neuron].set(length), turn.at[neuron].set(ASIDE)
    weights = lengths * turned_by(teachers(config.neurons), turn)
    norms = squared(weights)
    zero = jnp.zeros(())
    return State(
        jnp.zeros((), int),
        samples,
        dict.fromkeys(("flow", *STEPPING), weights),
        dict.fromkeys(STEPPING, norms),
        norms**2,
        zero,
        zero,
        zero,
    )


def step(config: NormEquilibrium, state: State) -> State:
    """One step of each arm; the two that take steps see the same sample."""
    key, draw = jax.random.split(state.key)
    shape = (config.neurons, DIM)
    inputs = jax.random.normal(jax.random.fold_in(draw, 0), shape)
    noise = config.noise * jax.random.normal(jax.random.fold_in(draw, 1), shape[:1])
    labels = jnp.sum(teachers(config.neurons) * inputs, axis=1) + noise
    weights, law, radial = {"flow": flows.rk4(velocity, state.weights["flow"], config.rate)}, {}, []
    average, turned, missed = state.average, state.turned, state.missed
    second = state.at >= config.steps // 2
    for arm, decays in STEPPING.items():
        now, decay = state.weights[arm], config.decay if decays else 0.0
        gradient = jax.grad(loss)(now, inputs, labels)
        size, norm = squared(gradient), squared(now)
        along = jnp.abs(jnp.sum(now * gradient, axis=1))
        radial.append(jnp.max(along / jnp.sqrt(norm) / jnp.maximum(jnp.sqrt(size), SMALL)))
        law[arm] = weight_norms.squared_norm_after(state.law[arm], size, config.rate, decay)
        weights[arm] = now - config.rate * (gradient + decay * now)
        if decays:
            average = weight_norms.squared_gradient_average(average, size * norm, config.rate, decay)
            turned += jnp.where(second, jnp.mean(config.rate**2 * size / norm), 0.0)
            missed += jnp.where(second, jnp.mean(1 - cosines(now) ** 2), 0.0)
    worst = jnp.maximum(state.radial, jnp.max(jnp.stack(radial)))
    return State(state.at + 1, key, weights, law, average, worst, turned, missed)


def measure(config: NormEquilibrium, state: State) -> dict[str, Any]:
    return {
        "weights": dict(state.weights),
        "law": dict(state.law),
        "average": state.average,
        "radial": state.radial,
        "turned": state.turned,
        "missed": state.missed,
        "loss": jnp.mean(1 - cosines(state.weights["decay"])),
    }


def constants(config: NormEquilibrium, state: State) -> dict[str, Any]:
    return {"teachers": teachers(config.neurons)}


def schedule(config: NormEquilibrium) -> np.ndarray:
    return gradual_schedule(config, EVEN_UNTIL)


def derive(
    config: NormEquilibrium,
    *,
    weights: dict[str, np.ndarray],
    law: dict[str, np.ndarray],
    average: np.ndarray,
    turned: np.ndarray,
    missed: np.ndarray,
    teachers: np.ndarray,
    step: np.ndarray,
) -> dict[str, Any]:
    rows = {arm: array.astype(np.float64) for arm, array in weights.items()}
    norms = {arm: (array**2).sum(axis=2) for arm, array in rows.items()}
    aims = teachers.astype(np.float64)
    angles = {arm: angle(array, aims) for arm, array in rows.items()}
    flowed = flow_angle(angles["flow"][0], config.rate * step[:, None], norms["flow"][0])
    radii, late = np.sqrt(norms["decay"]), step >= config.steps / 2
    norm, missing = map(float, settled(config))
    per_step = 1 / (config.steps - config.steps // 2)
    grown = (norms["steps"][0] ** 2).mean() + 2 * (config.rate * config.noise) ** 2 * (DIM - 1) * step
    return {
        "flow_moved": np.abs(norms["flow"] / norms["flow"][0] - 1).max(axis=1),
        "flow_off": np.abs(angles["flow"] - flowed).max(axis=1),
        "law_off": np.max([np.abs(law[arm] / norms[arm] - 1).max(axis=1) for arm in STEPPING], axis=0),
        "average_off": np.abs(np.sqrt(average.astype(np.float64)) / norms["decay"] - 1).max(axis=1),
        "least_growth": (norms["steps"] / norms["steps"][0]).min(axis=1),
        "growth": (norms["steps"] ** 2).mean(axis=1) / grown,
        "radius": radii[late].mean() / np.sqrt(norm),
        "spread": radii.std(axis=1) / radii.mean(axis=1),
        "turn": np.float64(turned[-1]) * per_step / turn_of_a_step(config),
        "missing": np.float64(missed[-1]) * per_step / missing,
        **pictured(config, rows, angles["decay"], float(np.sqrt(norm))),
    }


def settled(config: NormEquilibrium) -> Any:
    """Squared length at which steps and decay balance, and the mean sin^2 to the teacher there."""
    return weight_norms.settled(config.rate, config.decay, config.noise, DIM)


def turn_of_a_step(config: NormEquilibrium) -> float:
    """Squared angle by which a step turns neurons where steps and decay balance: eta lambda (2 - eta lambda)."""
    return config.rate * config.decay * (2 - config.rate * config.decay)


def targets(config: NormEquilibrium) -> Goals:
    law, balance = "N′ = (1 − ηλ)²N + η²|g|²", "N* = η√(G/(ηλ(2 − ηλ)))"
    invariant = "w·g = 0: the loss knows no length"
    return {
        "flow_kept": Target("flow: change of |w|²", "flow_moved", "at most", 5e-4, invariant, at="every"),
        "flow_angle": Target(
            "flow: angle off its law, rad", "flow_off", "at most", 1e-3, "tan(α/2) = tan(α₀/2) e^(−t/N)", at="every"
        ),
        "radial": Target("|w·g| over |w||g|, largest", "radial", "at most", 1e-4, invariant, at="every"),
        "law": Target("|w|² off its law", "law_off", "at most", 1e-4, law, at="every"),
        "average": Target(
            "decay: |w|² off the root of averaged |g|²", "average_off", "at most", 0.04, "N ≈ √Q, as in RMSProp"
        ),
        "grows": Target("steps: least |w|² over its start", "least_growth", "at least", 0.9999, law, at="every"),
        "growth": Target(
            "steps: mean |w|⁴ over theory", "growth", "within", 1.0, "N₀² + 2η²σ²(d − 1) a step", tolerance=0.1
        ),
        "radius": Target("decay: mean |w| over √N*", "radius", "within", 1.0, balance, tolerance=0.02),
        "spread": Target("decay: spread of |w| over its mean", "spread", "at most", 0.06, "one length for all"),
        "turn": Target("decay: squared turn over theory", "turn", "within", 1.0, "ηλ(2 − ηλ) a step", tolerance=0.05),
        "missing": Target("decay: mean sin² over theory", "missing", "within", 1.0, "a = ηG/(2N*)", tolerance=0.25),
    }


SCENE = Scene(
    name="norm-equilibrium",
    title="Steps lengthen weights, decay shortens them: all end on one circle",
    subtitle="{neurons} normalised neurons (w/|w|)·x in the plane, η = {rate:g}, λ = {decay:g}; gradient flow, steps, "
    "and steps with decay",
    alt="The weights of {neurons} neurons as spokes, a fifth of them drawn: with steps and decay all of them end on a "
    "circle of radius {circle:.2f}, their lengths within {spread:.3f} of each other; with steps alone they only grow, "
    "to {mean_length/steps:.2f} in the mean.",
    post="Learning mechanics",
    source="Tanaka & Kunin 2021, Noether's Learning Dynamics (arXiv 2105.02716); van Laarhoven 2017; Wan et al. 2020, "
    "Spherical Motion Dynamics; Kosson et al. 2023 (arXiv 2305.17212)",
    output="dynamics/norm-equilibrium",
    message="If only the direction of weights counts, steps can only lengthen them and decay only shortens them: "
    "where the two balance, all weights have one length.",
    look_for="The blue arrow pushes out, the orange one pulls in. They are equal on the dashed circle, and there "
    "everything stops; without decay it never does.",
    formulas=(
        (
            "the squared length after a step",
            r"N' = (1 - \eta\lambda)^2 N + \eta^2 \left| g \right|^2",
        ),
        (
            "where steps and decay balance",
            r"N^* = \eta \sqrt{\frac{G}{\eta\lambda (2 - \eta\lambda)}}, \quad G = \sigma^2 (d - 1) + (d + 1) a",
        ),
    ),
    group="dynamics",
    story=STORY,
    config=NormEquilibrium,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=schedule,
    panels=panels,
    targets=targets,
)
