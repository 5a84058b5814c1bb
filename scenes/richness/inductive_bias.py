"""Two models of one span fit the same points: which function they end at is decided by their eigenvalues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, share
from render.metrics import linear_algebra
from render.panels.base import Insets, Panel, Readout
from render.panels.curves import Curve, Curves
from render.panels.profiles import Profile, Profiles
from render.panels.spectrum import Bars, Spectrum
from render.scene import Arrays, Config, Scene, Target, even_schedule
from scenes import toys

MODELS = {"falling": -1, "rising": 1}  # sign of the exponent of their eigenvalues
COLOURS = {"falling": "accent", "rising": "second"}
POINTS, SMOOTH = 4, 3  # what is fitted: points of a sum of the first three sines
LOW = 3  # modes up to which energy counts as low
GRID = 201
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, kw_only=True)
class InductiveBias(Config):
    """modes: sin(k pi x); exponent: eigenvalues are k to its negative or to itself, in units of the largest.

    jitter: of a point, as a share of its quarter; first and last: log10 of the time, in units of 1/s_1^2.
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
    """sqrt(rho_k) of each model, (models, modes), the largest 1."""
    k = np.arange(1.0, config.modes + 1)
    weights = np.stack([k ** (sign * config.exponent / 2) for sign in MODELS.values()])
    return weights / weights.max(axis=1, keepdims=True)


def sines(inputs: Any, modes: int) -> Any:
    return jnp.sin(jnp.pi * inputs[:, None] * jnp.arange(1, modes + 1))


def init(config: InductiveBias, key: Any) -> State:
    """One point a quarter of [0, 1], and there the values of a random sum of the first sines, of root mean square 1."""
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
    by_model = {f"{name}_{model}": array[row] for name, array in arrays.items() for row, model in enumerate(MODELS)}
    return {"time": time, **by_model}


def constants(config: InductiveBias, state: State) -> dict[str, Any]:
    return {"points": state.points, "values": state.values}


def derive(config: InductiveBias, measured: Arrays) -> dict[str, np.ndarray]:
    """The interpolants of least weight norm, from pseudo-inverses in float64, and how far the flow is from them."""
    k, grid = np.arange(1, config.modes + 1), np.linspace(0, 1, GRID)
    points, values = (measured[name].astype(np.float64) for name in ("points", "values"))
    arrays = {"grid": grid}
    for model, amplitude in zip(MODELS, amplitudes(config), strict=True):
        weights = np.linalg.pinv(np.sin(np.pi * np.outer(points, k)) * amplitude, rcond=1e-12) @ values
        least = np.sin(np.pi * np.outer(grid, k)) @ (amplitude * weights)
        function = measured[f"coefficients_{model}"].astype(np.float64) @ np.sin(np.pi * np.outer(k, grid))
        arrays[f"interpolant_{model}"] = least
        arrays[f"off_{model}"] = np.linalg.norm(function - least, axis=1) / np.linalg.norm(least)
    return arrays


def targets(config: InductiveBias) -> tuple[Target, ...]:
    fit, least = "gradient flow ends at zero loss", "arXiv 2410.04264v3, Eq. 11: the least norm Σ c_k²/ρ_k that fits"
    figure = "arXiv 2410.04264v3, Fig. 7"
    return (
        *(Target(f"{m}: farthest point", f"missed_{m}", "at most", 1e-4, fit) for m in MODELS),
        *(Target(f"{m}: off the interpolant", f"off_{m}", "at most", 1e-3, least) for m in MODELS),
        Target("falling: energy in k ≤ 3", "low_energy_falling", "at least", 0.9, figure),
        Target("rising: energy in k ≤ 3", "low_energy_rising", "at most", 0.1, figure),
    )


def panels(config: InductiveBias) -> tuple[Panel, ...]:
    of = {target.array: target for target in targets(config)}
    power = str(config.exponent).translate(SUPERSCRIPTS)
    rho = {"falling": f"ρₖ = k⁻{power}", "rising": f"ρₖ = k{power}"}

    def card(model: str) -> Profiles:
        return Profiles(
            title=f"eigenvalues {rho[model]}",
            curves=(
                Profile(f"function_{model}", COLOURS[model], theory=f"interpolant_{model}"),
                Profile("values", "third", points=True, line=False, x="points"),
            ),
            x="grid",
            xlabel="input x; dashed: the interpolant of least norm",
            readouts=(
                Readout("off the dashed", f"off_{model}", "{:.0e}", of[f"off_{model}"], "≤ 1e-3"),
                Readout("energy in k ≤ 3", f"low_energy_{model}", "{:.3f}", of[f"low_energy_{model}"]),
            ),
            readout_columns=2,
        )

    return (
        card("falling"),
        card("rising"),
        Curves(
            title="loss on the four points",
            curves=tuple(Curve(f"loss_{model}", COLOURS[model]) for model in reversed(MODELS)),
            scale="log",
            x="time",
            xlabel="time, in units of 1/s₁²",
            floor=1e-8,
            insets=Insets(left=46, right=24, bottom=46),
            readouts=tuple(
                Readout("farthest point", f"missed_{m}", "{:.0e}", of[f"missed_{m}"], "≤ 1e-4", COLOURS[m])
                for m in MODELS
            ),
        ),
        Spectrum(
            title="share of energy in each mode",
            series=tuple(Bars(f"energies_{model}", COLOURS[model]) for model in MODELS),
            xlabel="k of sin kπx",
            top=1.0,
        ),
    )


SCENE = Scene(
    name="inductive-bias",
    title="The same span, the same points, another function",
    subtitle="two linear models of {modes} sines, gradient flow from zero: both fit, each by its large eigenvalues",
    alt="Two models of the same ten sines flow onto the same four points: with eigenvalues that fall with k the "
    "function is smooth, with {low_energy_falling:.3f} of its energy in the first three modes; with ones that rise it "
    "is a spiky one, with {low_energy_rising:.5f} there. Each ends on its interpolant of least norm.",
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
    derive_reads=("points", "values", "coefficients_falling", "coefficients_rising"),
    schedule=even_schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
