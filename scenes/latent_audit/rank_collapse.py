"""A round cloud is squashed to a line: its entropy rank falls from two to one, along the closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import spectrum
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.picture.panels.points import Points
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

from .. import toys


@dataclass(frozen=True, kw_only=True)
class RankCollapse(Config):
    """A cloud and a dial: its minor axis s goes evenly from 1 to minor_end; tilt_degrees: of its major axis."""

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
    config: RankCollapse, *, minor: np.ndarray, features: np.ndarray, entropy_rank: np.ndarray
) -> dict[str, np.ndarray]:
    minor = minor.astype(np.float64)
    energy, rank = closed_forms(minor)
    return {
        "arms": 2 * principal_axes(features.astype(np.float64)),
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


def panels(config: RankCollapse, goals: Goals) -> tuple[Panel, ...]:
    end, squashed = f"s = {config.minor_end:g}: ", Axis("minor axis s, squashed")
    return (
        Points(
            title="one cloud and its principal axes",
            points="features",
            arms="arms",
            caption="arms: two standard deviations each way",
            readouts=(Readout("minor axis s", "minor", "{:.3f}", note=""),),
        ),
        Bars(
            title="two eigenvalues",
            series=(Heights("eigenvalues", "accent", first=1, rest="second", theory="eigenvalues_theory"),),
            labels=("major", "minor"),
            x_axis=Axis("dashed: 1 and s²"),
        ),
        History(
            title="entropy rank: how many axes share the variance",
            curves=(Curve("entropy_rank", "accent", Level(goals["end"], end + "{:.4f}"), theory="rank_theory"),),
            x="minor",
            x_axis=squashed,
            readouts=(
                Readout("entropy rank", "entropy_rank", "{:.4f}", goals["end"], "", colour="accent"),
                Readout("closed form", "rank_theory", "{:.4f}"),
                Readout("difference", "rank_deviation", "{:.0e}", goals["closed"]),
            ),
            readout_columns=2,
        ),
        History(
            title="share of the variance in the minor axis",
            curves=(Curve("minor_energy", "second", Level(goals["share"], end + "{:.5f}"), theory="energy_theory"),),
            x="minor",
            x_axis=squashed,
            y_axis=Axis(scale="log"),
            readouts=(
                Readout("share", "minor_energy", "{:.5f}", goals["share"], "", colour="second"),
                Readout("s²/(1 + s²)", "energy_theory", "{:.5f}"),
            ),
            readout_columns=2,
        ),
    )


SCENE = Scene(
    name="rank-collapse",
    title="Squash one axis, and the rank falls from two to one",
    subtitle="a whitened cloud loses its minor axis; the entropy rank counts what is left, without a threshold",
    alt="A round cloud of points is squashed to a line: its entropy rank falls from 2 to {entropy_rank:.4f} along the "
    "closed form, and the minor axis keeps {minor_energy:.5f} of the variance.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, rank collapse; Roy & Vetterli 2007, the effective rank",
    output="jax-welch/rank-collapse",
    layout=("abc", "abd"),
    widths=(1.2, 0.55, 1.4),
    heights=(1.08, 1),
    width_px=1140,
    config=RankCollapse,
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
