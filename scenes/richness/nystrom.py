"""How many samples eigenvalues and eigenfunctions need: Gaussian features of a known spectrum, samples dialled up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import linear_algebra
from render.picture.panels.base import Axis, Insets, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.picture.panels.lines import Line, Lines
from render.scene import Config, Scene, strictly
from render.target import Goals, Target

from .. import toys

EXPONENTS = {"1": 1.0, "1_5": 1.5, "2": 2.0, "0_5": 0.5}  # a of rho_k = k^-a; the law 1/n fails for the last one
OBEYING = ("1", "1_5", "2")
CHECKED_AT = 1600  # samples at which eigenfunctions are judged


@dataclass(frozen=True, kw_only=True)
class Nystrom(Config):
    """fewest: number of samples at the start. rows: number of samples that a notch adds.

    draws: number of sets of samples, over which errors are averaged. pooled: number of modes whose errors are measured.
    """

    frames: int = 50
    frame_ms: int = 80
    steps: int = 310
    fewest: int = between(200, 3, 10_000)
    rows: int = between(20, 1, 1000)
    draws: int = between(30, 1, 200)
    dim: int = between(100, 2, 400)
    pooled: int = between(8, 1, 400)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("pooled", self.pooled <= self.dim, "1 to dim")
        self.require("fewest", self.dim < self.fewest, "more than dim, up to 10000")
        self.require("steps", self.fewest + self.rows * self.steps >= CHECKED_AT, f"enough to reach n = {CHECKED_AT}")


class State(NamedTuple):
    """Samples so far, as products (draws, dim, dim): X'X of standard normal rows, shared by all spectra."""

    key: Any
    notch: Any
    products: Any


def products(rows: Any) -> Any:
    return jnp.einsum("dnp,dnq->dpq", rows, rows)


def init(config: Nystrom, key: Any) -> State:
    (rows,) = toys.normals(key, (config.draws, config.fewest, config.dim))
    return State(key, jnp.zeros((), int), products(rows))


def step(config: Nystrom, state: State) -> State:
    """More rows for every draw."""
    notch = state.notch + 1
    (rows,) = toys.normals(jax.random.fold_in(state.key, notch), (config.draws, config.rows, config.dim))
    return State(state.key, notch, state.products + products(rows))


def spectra(config: Nystrom) -> np.ndarray:
    """Eigenvalues rho_k = k^-a: (exponents, dim)."""
    return np.arange(1.0, config.dim + 1) ** -np.array(list(EXPONENTS.values()))[:, None]


def measure(config: Nystrom, state: State) -> dict[str, Any]:
    """Errors of eigenvalues and eigenfunctions, in L2 of the true distribution; features sqrt(rho_k) z_k, so e_k = z_k.

    |e_hat - e|^2 = |e_hat|^2 - 2 <e_hat|e> + 1 with e_hat = Phi'u / sqrt(rho_hat): |e_hat|^2 = sum_j rho_j u_j^2 /
    rho_hat and <e_hat|e_k> = sqrt(rho_k) |u_k| / sqrt(rho_hat), with the sign of e_hat that is nearer to e_k.

    Most of an eigenvalue's error is that of s_k, the sample variance of the true function e_k, whose squared error is
    2/n on average. So s_k serves as a control variate, exact at first order (Anderson 1963) and the better, the smaller
    p/n, dimensions over samples: (rho_hat/rho - 1)^2 - (1 - p/n) ((s - 1)^2 - 2/n) has the same mean and less noise.
    """
    samples = config.fewest + config.rows * state.notch
    rho = jnp.asarray(spectra(config), jnp.float32)[:, None]  # (exponents, 1, dim)
    root = jnp.sqrt(rho)
    white = state.products / samples
    covariances = root[..., :, None] * white * root[..., None, :]
    values, vectors = jax.vmap(jax.vmap(linear_algebra.eigh))(covariances)
    values, vectors = values[..., ::-1], vectors[..., ::-1]
    found, axes, true = values[..., : config.pooled], vectors[..., : config.pooled], rho[..., : config.pooled]
    lengths = jnp.sum(rho[..., None] * axes**2, axis=2) / found
    overlaps = jnp.abs(jnp.diagonal(axes, axis1=2, axis2=3)) * jnp.sqrt(true / found)
    function_errors = jnp.mean(lengths - 2 * overlaps + 1, axis=1)
    noise = 2 / samples
    luck = (jnp.diagonal(white, axis1=1, axis2=2)[:, : config.pooled] - 1) ** 2 - noise
    errors = jnp.mean((found / true - 1) ** 2 - (1 - config.dim / samples) * luck, axis=(1, 2))
    return {
        "samples": samples,
        "errors": jnp.maximum(errors, 1e-3 * noise),  # negative at times with few draws, but the axis is logarithmic
        "eigenvalues": {exponent: values[row, 0] for row, exponent in enumerate(EXPONENTS)},
        "function_errors": {exponent: function_errors[row] for row, exponent in enumerate(EXPONENTS)},
    }


def raw(config: Nystrom, state: State) -> dict[str, Any]:
    """One draw as rows, where samples yet to come are 0, and all draws as second moments.

    true_functions (rows, dim): e_k(x_i); features_a (rows, dim): sqrt(rho_k) e_k(x_i) for each exponent;
    second_moments (draws, dim, dim): X'X / n of the e_k(x_i).
    """

    def added(notch: Any) -> Any:
        return toys.normals(jax.random.fold_in(state.key, notch), (config.draws, config.rows, config.dim))[0][0]

    (first,) = toys.normals(state.key, (config.draws, config.fewest, config.dim))
    later = jax.lax.map(added, jnp.arange(1, config.steps + 1)).reshape(-1, config.dim)
    samples = config.fewest + config.rows * state.notch
    functions = jnp.concatenate([first[0], later])
    functions = jnp.where(jnp.arange(len(functions))[:, None] < samples, functions, 0.0)
    roots = jnp.asarray(np.sqrt(spectra(config)), jnp.float32)
    features = {f"features_{exponent}": functions * root for exponent, root in zip(EXPONENTS, roots, strict=True)}
    return {"true_functions": functions, "second_moments": state.products / samples, **features}


def derive(
    config: Nystrom, *, samples: np.ndarray, errors: np.ndarray, function_errors: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Slopes on log-log axes over the dial so far, zero until the samples have doubled; function errors at CHECKED_AT.

    A function error is scaled to CHECKED_AT by the law 1/n, error * n / CHECKED_AT, and averaged over the frames so far
    with n from CHECKED_AT / 4 to 4 CHECKED_AT, since at a single n two functions that swap in a few draws dominate it;
    before that range it is this frame's alone. The worst eigenfunction counts.
    """
    samples = samples.astype(np.float64)
    x, y = np.log(samples), np.log(errors.astype(np.float64))
    slopes = np.zeros_like(y)
    for frame in np.flatnonzero(samples >= 2 * samples[0]):
        centred = x[: frame + 1] - x[: frame + 1].mean()
        slopes[frame] = centred @ y[: frame + 1] / (centred @ centred)
    near = np.abs(np.log(samples / CHECKED_AT)) <= np.log(4) + 1e-9
    every = np.stack([function_errors[exponent] for exponent in OBEYING], axis=1)
    scaled = every.astype(np.float64) * (samples / CHECKED_AT)[:, None, None]
    so_far = (np.flatnonzero(near[: frame + 1]) for frame in range(config.frames))
    judged = [frames if len(frames) else [frame] for frame, frames in enumerate(so_far)]
    return {
        "modes": np.arange(1.0, config.dim + 1),
        "noise": 2 / samples,
        "function_error": np.array([scaled[frames].mean(axis=0).max() for frames in judged]),
        "true": dict(zip(EXPONENTS, spectra(config), strict=True)),
        "slope": dict(zip(EXPONENTS, slopes.T, strict=True)),
    }


def schedule(config: Nystrom) -> np.ndarray:
    """Samples grow geometrically from frame to frame, by one notch at least."""
    most = config.fewest + config.rows * config.steps
    return strictly((np.geomspace(config.fewest, most, config.frames) - config.fewest) / config.rows, config)


def targets(config: Nystrom) -> Goals:
    law = "arXiv 2410.04264v3, Eq. 67 and Fig. 23: 1/n"
    near = "arXiv 2410.04264v3, Fig. 23"
    slopes = {
        f"slope/{exponent}": Target(
            f"slope, a = {EXPONENTS[exponent]:g}", f"slope/{exponent}", "within", -1, law, tolerance=0.15
        )
        for exponent in OBEYING
    }
    function_error = Target(
        f"function error at n = {CHECKED_AT}, a ≥ 1",
        "function_error",
        "at most",
        0.25,
        near,
        read_off=tuple(f"function_errors/{exponent}" for exponent in OBEYING),
    )
    return {**slopes, "function_error": function_error}


def panels(config: Nystrom, goals: Goals) -> tuple[Panel, ...]:
    slopes = [goals[f"slope/{exponent}"] for exponent in OBEYING]
    return (
        History(
            title=f"squared relative error of the first {config.pooled} eigenvalues",
            curves=(Curve("errors", "classes", theory="noise"),),
            x="samples",
            x_axis=Axis("samples n; dashed: 2/n, Gaussian noise alone", "log", (200, 500, 1000, 2000, 5000)),
            y_axis=Axis(scale="log"),
            readouts=(
                *(Readout(slope.name, slope.array, "{:.2f}", slope) for slope in slopes),
                Readout("slope, a = 0.5", "slope/0_5", "{:.2f}", note="does not obey"),
            ),
            caption="a = 0.5 does not obey: its long tail adds a bias, whose square falls as 1/n²",
            insets=Insets(left=52, right=24, bottom=66),
        ),
        Lines(
            title="eigenvalues of one draw",
            curves=tuple(
                Line(f"eigenvalues/{exponent}", label=f"a = {value:g}", theory=f"true/{exponent}", class_colour=row)
                for row, (exponent, value) in enumerate(EXPONENTS.items())
            ),
            x="modes",
            x_axis=Axis("k; dashed: the true k^−a", "log", (1, 3, 10, 30, 100)),
            y_axis=Axis(scale="log", floor=1e-5),
            insets=Insets(left=52, right=24, bottom=40),
        ),
        Lines(
            title=f"error of eigenfunctions, mean of {config.draws} draws",
            curves=tuple(
                Line(f"function_errors/{exponent}", points=True, class_colour=row)
                for row, exponent in enumerate(EXPONENTS)
            ),
            x_axis=Axis("k; |ê − e|², under the true distribution"),
            y_axis=Axis(low=0.0, high=1.0),
            goal=Level(goals["function_error"], "goal"),
            readouts=(
                Readout(f"worst at n = {CHECKED_AT}, a ≥ 1", "function_error", "{:.3f}", goals["function_error"]),
            ),
            insets=Insets(left=52, right=24, bottom=40),
        ),
    )


SCENE = Scene(
    name="nystrom",
    title="Samples find the first eigenfunctions fast",
    subtitle="Gaussian features in {dim} dimensions, eigenvalues k^−a: errors fall as 1/n for a ≥ 1; {draws} draws",
    alt="On log-log axes the squared relative error of eigenvalues falls on the line 2/n with slopes {slope/1:.2f}, "
    "{slope/1_5:.2f} and {slope/2:.2f} for a = 1, 1.5 and 2, while that of a = 0.5 falls with {slope/0_5:.2f}; "
    "eigenvalues of one draw settle on their true power laws.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 23 and Eq. 67",
    output="richness/nystrom",
    layout=("ab", "ac"),
    widths=(1.15, 1),
    config=Nystrom,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    derive=derive,
    schedule=schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
