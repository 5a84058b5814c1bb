"""A linear model under gradient flow: each eigenfunction is learned on its own, at the rate of its eigenvalue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import eigenfunctions
from render.scene import Config, Scene, gradual_schedule
from render.target import Goals, Target

from .. import toys
from .mode_saturation_picture import ALL, COARSE, FINE, STORY, panels

LEARNED = 0.95  # share of its target from which on a mode counts as learned


@dataclass(frozen=True, kw_only=True)
class ModeSaturation(Config):
    """modes: eigenfunctions, with eigenvalues k^-exponent, so that rho_1 = 1; rate: of gradient descent.

    even_until: step up to which frames are about evenly spaced, and then geometrically.
    """

    frames: int = 72
    hold_ms: int = 3000
    steps: int = 8000
    modes: int = between(10, 2, 20)
    samples: int = between(200, 8, 2000)
    exponent: float = between(1.5, 0.01, 3.0)
    rate: float = between(0.02, 1e-6, 0.05, ": Euler is to follow the flow")
    even_until: int = between(30, 1, 10**6)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("samples", self.samples >= 4 * self.modes, "4 times the modes to 2000")


class State(NamedTuple):
    """Model and its data.

    functions (n, p): e_k(x_i), orthonormal on the samples. coefficients (p,): of the target. weights (p,).
    """

    inputs: Any
    functions: Any
    coefficients: Any
    weights: Any


def eigenvalues(config: ModeSaturation) -> np.ndarray:
    return np.arange(1.0, config.modes + 1) ** -config.exponent


def init(config: ModeSaturation, key: Any) -> State:
    """Cosines on jittered samples, whitened in order; a target with a share of each, of either sign; weights zero."""
    n, p = config.samples, config.modes
    drawn = jax.random.uniform(key, (n + p,))
    inputs = (jnp.arange(n) + drawn[:n]) / n
    functions = toys.whiten(jnp.cos(jnp.pi * inputs[:, None] * jnp.arange(1, p + 1)))
    coefficients = jnp.where(drawn[n:] < 0.5, -1.0, 1.0) * jnp.arange(1.0, p + 1) ** -0.5
    return State(inputs, functions, coefficients, jnp.zeros(p))


def features(config: ModeSaturation, state: State) -> Any:
    """Features sqrt(rho_k) e_k(x_i), (n, p): those whose kernel has these eigenvalues and eigenfunctions."""
    return state.functions * jnp.asarray(eigenvalues(config) ** 0.5, jnp.float32)


def step(config: ModeSaturation, state: State) -> State:
    """Euler's step of the flow on (1/2n) sum_i (f(x_i) - f*(x_i))^2."""
    phi = features(config, state)
    residuals = state.functions @ state.coefficients - phi @ state.weights
    return state._replace(weights=state.weights + config.rate * phi.T @ residuals / config.samples)


def measure(config: ModeSaturation, state: State) -> dict[str, Any]:
    phi = features(config, state)
    outputs, goal = phi @ state.weights, state.functions @ state.coefficients
    found = eigenfunctions.eigenfunctions(phi)[1]
    return {
        "loss": jnp.mean((outputs - goal) ** 2) / 2,
        "output": outputs,
        "learned": state.functions.T @ outputs / config.samples / state.coefficients,
        "utilization": eigenfunctions.cumulative_utilization(found, outputs[:, None]),
    }


def raw(config: ModeSaturation, state: State) -> dict[str, Any]:
    """true_functions (n, p): e_k(x_i); outputs and targets (n, 1), weights (p, 1)."""
    phi = features(config, state)
    columns = {
        "outputs": phi @ state.weights,
        "targets": state.functions @ state.coefficients,
        "weights": state.weights,
    }
    return {"features": phi, "true_functions": state.functions, **{name: c[:, None] for name, c in columns.items()}}


def constants(config: ModeSaturation, state: State) -> dict[str, Any]:
    goal = state.functions @ state.coefficients
    return {"inputs": state.inputs, "target": goal, "coefficients": state.coefficients}


def derive(
    config: ModeSaturation, *, step: np.ndarray, coefficients: np.ndarray, learned: np.ndarray
) -> dict[str, np.ndarray]:
    """Theory of the flow at the time t = rate * step of each frame, and how far the run has been from it."""
    times = config.rate * step[:, None]
    theory = -np.expm1(-eigenvalues(config) * times)
    squares = coefficients.astype(np.float64) ** 2
    spent = np.cumsum(squares * theory**2, axis=1)
    off = np.abs(learned - theory)
    done = np.maximum.accumulate(np.count_nonzero(learned >= LEARNED, axis=1))
    numbers = range(config.modes)
    return {
        "share": {str(k + 1): learned[:, k] for k in numbers},
        "share_theory": {str(k + 1): theory[:, k] for k in numbers},
        "state": np.select([done >= config.modes, done >= 1], [ALL, FINE], COARSE),
        "theory": theory,
        "theory_loss": (1 - theory) ** 2 @ squares / 2,
        "theory_utilization": spent / np.maximum(spent[:, -1:], np.finfo(float).tiny),
        "deviation": np.maximum.accumulate(off.max(axis=1)),
        "modes_learned": np.count_nonzero(learned >= LEARNED, axis=1).astype(np.float64),
    }


def schedule(config: ModeSaturation) -> np.ndarray:
    """Steps of the frames, (frames,): spaced so that every mode's curve is smooth."""
    return gradual_schedule(config, config.even_until)


def targets(config: ModeSaturation) -> Goals:
    flow = "arXiv 2410.04264v3, Eq. 25: 1 − exp(−ρₖ t)"
    return {"deviation": Target("farthest any mode was from theory", "deviation", "at most", 0.01, flow)}


SCENE = Scene(
    name="mode-saturation",
    title="Coarse waves are learned first, fine ones late",
    subtitle="a linear model on {modes} eigenfunctions, ρₖ = k^−{exponent:g}, gradient flow from zero: coarse "
    "waves first, fine ones late",
    alt="Ten curves rise one after the other from 0 to 1, on top of the dashed 1 − exp(−ρₖt), while a function gains "
    "its waves from coarse to fine: at the end {modes_learned:.0f} modes are learned, and none was ever farther "
    "than {deviation:.4f} from theory.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Eq. 25 and 76",
    output="richness/mode-saturation",
    message="A model learns coarse waves first and fine ones late, each at the rate of its eigenvalue.",
    look_for="The curves rise one after another, coarse before fine, and so does the detail of their sum.",
    formulas=(("share of a mode that is learned", r"1 - e^{-\rho_k t}"),),
    group="richness",
    story=STORY,
    config=ModeSaturation,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=schedule,
    panels=panels,
    targets=targets,
)
