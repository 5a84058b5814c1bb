"""Samples of Gaussian features of a known spectrum, and how far what is found of them is from what is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import linear_algebra
from render.scene import Config, strictly

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
    hold_ms: int = 3000
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


def half(config: Nystrom) -> int:
    """How many directions the picture is about: the first half."""
    return config.dim // 2


def measure(config: Nystrom, state: State) -> dict[str, Any]:
    """Errors of eigenvalues and eigenfunctions, in L2 of the true distribution; features sqrt(rho_k) z_k, so e_k = z_k.

    |e_hat - e|^2 = |e_hat|^2 - 2 <e_hat|e> + 1 with e_hat = Phi'u / sqrt(rho_hat): |e_hat|^2 = sum_j rho_j u_j^2 /
    rho_hat and <e_hat|e_k> = sqrt(rho_k) |u_k| / sqrt(rho_hat), with the sign of e_hat that is nearer to e_k.

    Most of an eigenvalue's error is that of s_k, the sample variance of the true function e_k, whose squared error is
    2/n on average. So s_k serves as a control variate, exact at first order (Anderson 1963) and the better, the smaller
    p/n, dimensions over samples: (rho_hat/rho - 1)^2 - (1 - p/n) ((s - 1)^2 - 2/n) has the same mean and less noise.

    Of every direction k, mean over draws, (dim,) for each exponent: value_errors, (rho_hat/rho - 1)^2 (Eq. 67);
    space_lost, 1 - (1/k) sum over i, j <= k of (u_i . o_j)^2 (Eq. 74), u and o the found and the true eigenvectors of
    the covariance. Of the first half of them: direction_lost, 1 - |u_k . o_k| (Eq. 68). single_found (): their mean
    (u_k . o_k)^2 where rho_k = 1/k.
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
    squares = vectors**2
    shared = jnp.diagonal(jnp.cumsum(jnp.cumsum(squares, axis=2), axis=3), axis1=2, axis2=3)
    same = jnp.diagonal(squares, axis1=2, axis2=3)
    lost = {
        "value_errors": jnp.mean((values / rho - 1) ** 2, axis=1),
        "direction_lost": 1 - jnp.mean(jnp.sqrt(same[..., : half(config)]), axis=1),
        "space_lost": 1 - jnp.mean(shared, axis=1) / jnp.arange(1, config.dim + 1),
    }
    return {
        "samples": samples,
        "single_found": jnp.mean(same[0, :, : half(config)]),
        **{name: dict(zip(EXPONENTS, rows, strict=True)) for name, rows in lost.items()},
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


def schedule(config: Nystrom) -> np.ndarray:
    """Samples grow geometrically from frame to frame, by one notch at least."""
    most = config.fewest + config.rows * config.steps
    return strictly((np.geomspace(config.fewest, most, config.frames) - config.fewest) / config.rows, config)
