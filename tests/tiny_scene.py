"""A complete scene in a moment: points that shrink towards their class means by a fixed factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import geometry
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.picture.panels.points import Points
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target


@dataclass(frozen=True, kw_only=True)
class Shrinking(Config):
    frames: int = 6
    steps: int = 10
    rate: float = between(0.5, 0.0, 2.0)


class State(NamedTuple):
    points: Any


LABELS = jnp.repeat(jnp.arange(2), 10)


def init(config: Shrinking, key: Any) -> State:
    centres = jnp.array([[-1.0, 0.0], [1.0, 0.0]])[LABELS]
    return State(centres + 0.3 * jax.random.normal(key, (20, 2)))


def step(config: Shrinking, state: State) -> State:
    means = geometry.class_means(state.points, LABELS, 2)[LABELS]
    return State(means + config.rate * (state.points - means))


def measure(config: Shrinking, state: State) -> dict[str, Any]:
    return {
        "points": state.points,
        "ratio": geometry.within_between_ratio(state.points, LABELS, 2),
    }


def constants(config: Shrinking, state: State) -> dict[str, Any]:
    return {"labels": LABELS}


def derive(config: Shrinking, *, ratio: np.ndarray) -> dict[str, np.ndarray]:
    return {"relative": ratio / ratio[0]}


def targets(config: Shrinking) -> Goals:
    return {
        "ratio": Target("ratio", "ratio", "at most", 1e-3, "every step shrinks the points", seeds=4),
        "start": Target("start", "relative", "within", 1.0, "by definition", tolerance=1e-6, at="first", seeds=4),
    }


def panels(config: Shrinking, goals: Goals) -> tuple[Panel, ...]:
    return (
        Points(title="points", points="points", labels="labels"),
        History(
            title="ratio",
            curves=(Curve("ratio", goal=Level(goals["ratio"], "goal")),),
            x_axis=Axis("step"),
            y_axis=Axis(scale="log"),
            readouts=(Readout("ratio", "ratio", "{:.4f}", goals["ratio"]),),
        ),
    )


SCENE = Scene(
    name="shrinking",
    title="Points shrink",
    subtitle="by a fixed factor a step",
    alt="Twenty points shrink onto two means; the ratio of variances falls to {ratio:.6f}.",
    post="none",
    source="none",
    output="shrinking",
    layout=("ab",),
    config=Shrinking,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    panels=panels,
    targets=targets,
    width_px=640,
    height_px=360,
)
