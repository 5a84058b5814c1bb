"""Two models of one span fit the same points: which function they end at is decided by their eigenvalues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, share
from render.metrics import linear_algebra
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

from .. import toys
from .inductive_bias_picture import STORY, panels

MODELS = {"falling": -1, "rising": 1}  # sign of the exponent of their eigenvalues
POINTS, SMOOTH = 4, 3  # what is fitted: points of a sum of the first three sines
LOW = 3  # modes up to which energy counts as low
GRID = 201
STILL_FROM = 5.2  # log10 of the time from which both curves stand still, to the eye
MEETS = 0.05  # of the points' root mean square: nearer than this a curve meets them, to the eye


@dataclass(frozen=True, kw_only=True)
class InductiveBias(Config):
    """modes: number of sines sin(k pi x). exponent: a of the eigenvalues k^-a and k^a, in units of the largest.

    jitter: of a point, as a share of its quarter of [0, 1]. first, last: log10 of the first and last time, in 1/s_1^2.
    """

    frames: int = 72
    hold_ms: int = 3000
    steps: int = 71
    modes: int = between(10, POINTS, 20)
    exponent: int = between(8, 0, 9, ": beyond it float32 cannot tell the slowest mode")
    jitter: float = share(0.6, high=0.99)
    first: float = between(-1.5, -30.0, 30.0)
    last: float = between(7.0, -30.0, 30.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("last", self.last > self.first, "more than `first`")


class State(NamedTuple):
    """The singular value decomposition U S V' of each model's (points, modes) features: the flow in closed form."""

    notch: Any
    points: Any
    values: Any
    left: Any
    singular: Any
    right: Any


def amplitudes(config: InductiveBias) -> np.ndarray:
    """Amplitudes sqrt(rho_k) of each model, (models, modes), the largest 1."""
    k = np.arange(1.0, config.modes + 1)
    weights = np.stack([k ** (sign * config.exponent / 2) for sign in MODELS.values()])
    return weights / weights.max(axis=1, keepdims=True)


def sines(inputs: Any, modes: int) -> Any:
    return jnp.sin(jnp.pi * inputs[:, None] * jnp.arange(1, modes + 1))


def init(config: InductiveBias, key: Any) -> State:
    """Points, one a quarter of [0, 1], and their values: a random sum of the first sines, of root mean square 1."""
    places, parts = toys.normals(key, (POINTS,), (SMOOTH,))
    jitter = config.jitter * (jax.scipy.stats.norm.cdf(places) - 0.5)
    points = (jnp.arange(POINTS) + 0.5 + jitter) / POINTS
    values = sines(points, SMOOTH) @ parts
    values = values / jnp.sqrt(jnp.mean(values**2))
    features = sines(points, config.modes) * jnp.asarray(amplitudes(config), jnp.float32)[:, None]
    left, singular, right = jax.vmap(linear_algebra.svd)(features)
    return State(jnp.zeros((), int), points, values, left, singular, right)


def step(config: InductiveBias, state: State) -> State:
    return state._replace(notch=state.notch + 1)


def measure(config: InductiveBias, state: State) -> dict[str, Any]:
    """Gradient flow from zero at time t: weights V (1 - exp(-S^2 t)) / S U'y."""
    time = 10 ** (config.first + (config.last - config.first) * state.notch / config.steps)
    relative = state.singular / state.singular[:, :1]
    shares = -jnp.expm1(-(relative**2) * time) / state.singular
    along = jnp.einsum("mpq,p->mq", state.left, state.values)
    coefficients = jnp.einsum("mqk,mq->mk", state.right, shares * along) * amplitudes(config)
    missed = coefficients @ sines(state.points, config.modes).T - state.values
    functions = coefficients @ sines(jnp.linspace(0, 1, GRID), config.modes).T
    energies = coefficients**2 / jnp.sum(coefficients**2, axis=1, keepdims=True)
    arrays = {
        "function": functions,
        "coefficients": coefficients,
        "loss": jnp.mean(missed**2, axis=1) / 2,
        "missed": jnp.abs(missed).max(axis=1),
        "energies": energies,
        "low_energy": energies[:, :LOW].sum(axis=1),
    }
    by_model = {name: {model: array[row] for row, model in enumerate(MODELS)} for name, array in arrays.items()}
    return {"time": time, **by_model}


def constants(config: InductiveBias, state: State) -> dict[str, Any]:
    return {"points": state.points, "values": state.values}


def derive(
    config: InductiveBias,
    *,
    points: np.ndarray,
    values: np.ndarray,
    coefficients: Mapping[str, np.ndarray],
    missed: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """Interpolants of least weight norm, from pseudo-inverses in float64, and how far the flow is from them."""
    k, grid = np.arange(1, config.modes + 1), np.linspace(0, 1, GRID)
    points, values = points.astype(np.float64), values.astype(np.float64)
    interpolants, distances = {}, {}
    for model, amplitude in zip(MODELS, amplitudes(config), strict=True):
        weights = np.linalg.pinv(np.sin(np.pi * np.outer(points, k)) * amplitude, rcond=1e-12) @ values
        least = np.sin(np.pi * np.outer(grid, k)) @ (amplitude * weights)
        function = coefficients[model].astype(np.float64) @ np.sin(np.pi * np.outer(k, grid))
        interpolants[model] = least
        distances[model] = np.linalg.norm(function - least, axis=1) / np.linalg.norm(least)
    met = [np.minimum.accumulate(missed[model]) <= MEETS for model in MODELS]
    return {
        "grid": grid,
        "interpolant": interpolants,
        "off": distances,
        "dots": np.stack([points, values], axis=1),
        "state": np.sum(met, axis=0),
    }


def shown(config: InductiveBias) -> int:
    """The last frame in which a curve is still to be seen move: of time 10^STILL_FROM or before it."""
    share = (STILL_FROM - config.first) / (config.last - config.first)
    return int(np.clip(round(share * (config.frames - 1)), 1, config.frames - 1))


def targets(config: InductiveBias) -> Goals:
    fit, least = "gradient flow ends at zero loss", "arXiv 2410.04264v3, Eq. 11: the least norm Σ c_k²/ρ_k that fits"
    figure = "arXiv 2410.04264v3, Fig. 7"
    return {
        **{f"missed/{m}": Target(f"{m}: farthest point", f"missed/{m}", "at most", 1e-4, fit) for m in MODELS},
        **{f"off/{m}": Target(f"{m}: off the interpolant", f"off/{m}", "at most", 1e-3, least) for m in MODELS},
        "energy/falling": Target("falling: energy in k ≤ 3", "low_energy/falling", "at least", 0.9, figure),
        "energy/rising": Target("rising: energy in k ≤ 3", "low_energy/rising", "at most", 0.1, figure),
    }


SCENE = Scene(
    name="inductive-bias",
    title="Same points, two curves: each draws waves it favours",
    subtitle="two linear models of {modes} sines, gradient flow from zero: both fit, each by its large eigenvalues",
    alt="Two models of the same ten sines flow onto the same four points: with eigenvalues that fall with k the "
    "function is smooth, with {low_energy/falling:.3f} of its energy in the first three modes; with ones that rise it "
    "is a spiky one, with {low_energy/rising:.5f} there. Each ends on its interpolant of least norm.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 7 and Eq. 11",
    output="richness/inductive-bias",
    message="Two models fit the same points exactly; between them each draws the waves that it favours.",
    look_for="Both curves end on all four points, one smooth, one wild; the bars say of which waves each is made.",
    formulas=(("the least norm of all that fit", r"\min_c \sum_k \frac{c_k^2}{\rho_k}"),),
    group="richness",
    story=STORY,
    config=InductiveBias,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
