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
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Insets, Panel, Readout
from render.picture.panels.history import Curve, History
from render.picture.panels.lines import Line, Lines
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

from .. import toys

MODELS = {"falling": -1, "rising": 1}  # sign of the exponent of their eigenvalues
COLOURS = {"falling": "accent", "rising": "second"}
POINTS, SMOOTH = 4, 3  # what is fitted: points of a sum of the first three sines
LOW = 3  # modes up to which energy counts as low
GRID = 201
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, kw_only=True)
class InductiveBias(Config):
    """modes: number of sines sin(k pi x). exponent: a of the eigenvalues k^-a and k^a, in units of the largest.

    jitter: of a point, as a share of its quarter of [0, 1]. first, last: log10 of the first and last time, in 1/s_1^2.
    """

    frames: int = 72
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
    config: InductiveBias, *, points: np.ndarray, values: np.ndarray, coefficients: Mapping[str, np.ndarray]
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
    return {"grid": grid, "interpolant": interpolants, "off": distances}


def targets(config: InductiveBias) -> Goals:
    fit, least = "gradient flow ends at zero loss", "arXiv 2410.04264v3, Eq. 11: the least norm Σ c_k²/ρ_k that fits"
    figure = "arXiv 2410.04264v3, Fig. 7"
    return {
        **{f"missed/{m}": Target(f"{m}: farthest point", f"missed/{m}", "at most", 1e-4, fit) for m in MODELS},
        **{f"off/{m}": Target(f"{m}: off the interpolant", f"off/{m}", "at most", 1e-3, least) for m in MODELS},
        "energy/falling": Target("falling: energy in k ≤ 3", "low_energy/falling", "at least", 0.9, figure),
        "energy/rising": Target("rising: energy in k ≤ 3", "low_energy/rising", "at most", 0.1, figure),
    }


def in_tens(goal: Target) -> str:
    """Text of a goal as a power of ten, "≤ 1e-3", which is as long for every goal."""
    return f"{goal.goal_text.split()[0]} {goal.goal:.0e}".replace("e-0", "e-")


def panels(config: InductiveBias, goals: Goals) -> tuple[Panel, ...]:
    power = str(config.exponent).translate(SUPERSCRIPTS)
    rho = {"falling": f"ρₖ = k⁻{power}", "rising": f"ρₖ = k{power}"}

    def card(model: str) -> Lines:
        off = goals[f"off/{model}"]
        return Lines(
            title=f"eigenvalues {rho[model]}",
            curves=(
                Line(f"function/{model}", COLOURS[model], theory=f"interpolant/{model}"),
                Line("values", "third", points=True, line=False, x="points"),
            ),
            x="grid",
            x_axis=Axis("input x; dashed: the interpolant of least norm"),
            readouts=(
                Readout("off the dashed", f"off/{model}", "{:.0e}", off, in_tens(off)),
                Readout("energy in k ≤ 3", f"low_energy/{model}", "{:.3f}", goals[f"energy/{model}"]),
            ),
            readout_columns=2,
        )

    return (
        card("falling"),
        card("rising"),
        History(
            title="loss on the four points",
            curves=(Curve("loss", dict(reversed(COLOURS.items()))),),
            x="time",
            x_axis=Axis("time, in units of 1/s₁²", "log"),
            y_axis=Axis(scale="log", floor=1e-8),
            insets=Insets(left=46, right=24, bottom=46),
            readouts=tuple(
                Readout("farthest point", f"missed/{m}", "{:.0e}", missed, in_tens(missed), COLOURS[m])
                for m, missed in ((m, goals[f"missed/{m}"]) for m in MODELS)
            ),
        ),
        Bars(
            title="share of energy in each mode",
            series=(Heights("energies", COLOURS),),
            x_axis=Axis("k of sin kπx"),
            y_axis=Axis(high=1.0),
        ),
    )


SCENE = Scene(
    name="inductive-bias",
    title="The same span, the same points, another function",
    subtitle="two linear models of {modes} sines, gradient flow from zero: both fit, each by its large eigenvalues",
    alt="Two models of the same ten sines flow onto the same four points: with eigenvalues that fall with k the "
    "function is smooth, with {low_energy/falling:.3f} of its energy in the first three modes; with ones that rise it "
    "is a spiky one, with {low_energy/rising:.5f} there. Each ends on its interpolant of least norm.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 7 and Eq. 11",
    output="richness/inductive-bias",
    layout=("ac", "bd"),
    widths=(1.5, 1),
    config=InductiveBias,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
