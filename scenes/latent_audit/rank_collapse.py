"""A round cloud is squashed to a line: its entropy rank falls from two to one, along the closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import spectrum
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

from .. import toys
from .rank_collapse_picture import STORY, panels

ROUND, LINE = 1.9, 1.1  # entropy rank: above the first both directions count, below the second one does


@dataclass(frozen=True, kw_only=True)
class RankCollapse(Config):
    """A cloud and a dial: its minor axis s goes evenly from 1 to minor_end; tilt_degrees: of its major axis."""

    hold_ms: int = 3000
    steps: int = 790
    points: int = between(420, 3, 10_000, ": two cannot be whitened in the plane")
    minor_end: float = between(0.045, 1e-6, 0.999)
    tilt_degrees: float = between(30.0, -360.0, 360.0)


class State(NamedTuple):
    """Notch of the dial; cloud (points, 2), drawn once and whitened exactly."""

    notch: Any
    cloud: Any


def init(config: RankCollapse, key: Any) -> State:
    return State(jnp.zeros((), jnp.int32), toys.whiten(jax.random.normal(key, (config.points, 2))))


def step(config: RankCollapse, state: State) -> State:
    return state._replace(notch=state.notch + 1)


def measure(config: RankCollapse, state: State) -> dict[str, Any]:
    turned = state.notch / config.steps
    minor = (1 - turned) + turned * config.minor_end
    tilt = jnp.deg2rad(config.tilt_degrees)
    axes = jnp.array([[jnp.cos(tilt), jnp.sin(tilt)], [-jnp.sin(tilt), jnp.cos(tilt)]])
    features = state.cloud * jnp.stack([jnp.ones(()), minor]) @ axes
    eigenvalues = spectrum.covariance_eigenvalues(features)
    return {
        "minor": minor,
        "features": features,
        "eigenvalues": eigenvalues,
        "entropy_rank": spectrum.entropy_rank(eigenvalues),
        "minor_energy": eigenvalues[1] / eigenvalues.sum(),
    }


def constants(config: RankCollapse, state: State) -> dict[str, Any]:
    return {"labels": jnp.zeros(config.points, jnp.int32)}  # one class


def derive(
    config: RankCollapse,
    *,
    minor: np.ndarray,
    features: np.ndarray,
    eigenvalues: np.ndarray,
    entropy_rank: np.ndarray,
    minor_energy: np.ndarray,
) -> dict[str, np.ndarray]:
    minor = minor.astype(np.float64)
    energy, rank = closed_forms(minor)
    arms = 2 * principal_axes(features.astype(np.float64))
    return {
        "arms": arms,
        "axes": np.stack([-arms, arms], axis=2),
        "axis_numbers": np.arange(2),
        "start": eigenvalues[0],
        "major": eigenvalues[:, :1],
        "major_at": np.array([2.0]),
        "minor_eigenvalue": eigenvalues[:, 1:],
        "minor_at": np.array([1.0]),
        "major_share": 100 * (1 - minor_energy[-1]),
        "state": (np.minimum.accumulate(entropy_rank) <= ROUND).astype(int)
        + (np.minimum.accumulate(entropy_rank) <= LINE),
        "eigenvalues_theory": np.stack([np.ones_like(minor), minor**2], axis=1),
        "energy_theory": energy,
        "rank_theory": rank,
        "rank_deviation": np.abs(entropy_rank - rank),
    }


def closed_forms(minor: Any) -> tuple[Any, Any]:
    """Share of the minor axis and entropy rank, for eigenvalues 1 and s²: p = s²/(1 + s²), exp(-p ln p - q ln q)."""
    share = minor**2 / (1 + minor**2)
    return share, np.exp(-share * np.log(share) - (1 - share) * np.log(1 - share))


def principal_axes(features: np.ndarray) -> np.ndarray:
    """Eigenvectors of each frame's covariance, as long as its standard deviations, largest first: (frames, 2, 2)."""
    centred = features - features.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(centred.transpose(0, 2, 1) @ centred / features.shape[1])
    vectors[0] = vectors[1]  # the first cloud is round and has no preferred axes: take those of the next frame
    return (vectors * np.sqrt(np.maximum(values, 0))[:, None, :]).transpose(0, 2, 1)[:, ::-1]


def targets(config: RankCollapse) -> Goals:
    share, rank = (float(value) for value in closed_forms(config.minor_end))
    closed, round_cloud = "exp(entropy of 1/(1+s²), s²/(1+s²))", "s = 1: a round cloud"
    return {
        "closed": Target("entropy rank − closed form", "rank_deviation", "at most", 1e-3, closed, at="every"),
        "start": Target("entropy rank, start", "entropy_rank", "within", 2.0, round_cloud, tolerance=1e-3, at="first"),
        "end": Target("entropy rank, end", "entropy_rank", "within", rank, closed, tolerance=1e-3),
        "share": Target("energy in the minor axis, end", "minor_energy", "within", share, "s²/(1+s²)", tolerance=1e-5),
    }


SCENE = Scene(
    name="rank-collapse",
    title="Squash a cloud, and it uses one direction, not two",
    subtitle="a whitened cloud loses its minor axis; the entropy rank counts what is left, without a threshold",
    alt="A round cloud of points is squashed to a line: its entropy rank falls from 2 to {entropy_rank:.4f} along the "
    "closed form, and the minor axis keeps {minor_energy:.5f} of the variance.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, rank collapse; Roy & Vetterli 2007, the effective rank",
    output="jax-welch/rank-collapse",
    message="A cloud squashed to a line uses one direction in place of two, and the entropy rank counts that.",
    look_for="The blue axis shrinks to nothing, and the curve falls from two to one along the dashed closed form.",
    formulas=(
        ("the entropy rank", r"\exp \left( -\sum_i p_i \ln p_i \right)"),
        ("shares of the two axes", r"p = \frac{1}{1 + s^2}, \ \frac{s^2}{1 + s^2}"),
    ),
    group="spectrum",
    story=STORY,
    config=RankCollapse,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    panels=panels,
    targets=targets,
)
