"""A complete scene that tells a story, in a moment: points that gather at the means of their classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.film import Layout, Story, Strip
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.text import Number
from render.picture.marks.threads import Threads
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

CLASSES, EACH = 3, 80
LABELS = np.repeat(np.arange(CLASSES), EACH)
TURN = 2 * np.pi * np.arange(CLASSES) / CLASSES
MEANS = np.stack([np.sin(TURN), np.cos(TURN)], axis=1)


@dataclass(frozen=True, kw_only=True)
class Gathering(Config):
    frames: int = 11
    hold_ms: int = 3000
    steps: int = 10
    rate: float = between(0.85, 0.0, 1.0)


class State(NamedTuple):
    points: Any


def init(config: Gathering, key: Any) -> State:
    return State(MEANS[LABELS] + 0.3 * jax.random.normal(key, (len(LABELS), 2)))


def step(config: Gathering, state: State) -> State:
    return State(MEANS[LABELS] + config.rate * (state.points - MEANS[LABELS]))


def measure(config: Gathering, state: State) -> dict[str, Any]:
    away = state.points - MEANS[LABELS]
    return {"points": state.points, "loss": (away**2).sum(axis=1).mean()}


def constants(config: Gathering, state: State) -> dict[str, Any]:
    return {"labels": jnp.asarray(LABELS), "means": jnp.asarray(MEANS)}


def derive(config: Gathering, *, points: np.ndarray, loss: np.ndarray) -> dict[str, np.ndarray]:
    spread = np.sqrt(loss / loss[0])
    ways = np.stack([points[:, ::10], np.broadcast_to(MEANS[LABELS], points.shape)[:, ::10]], axis=2)
    return {"spread": spread, "state": (spread < 0.8).astype(int) + (spread < 0.4), "ways": ways}


def targets(config: Gathering) -> Goals:
    return {
        "spread": Target("spread left", "spread", "at most", 0.25, "0.85 to the power of 10", seeds=4),
        "start": Target(
            "spread at first", "spread", "within", 1.0, "by definition", tolerance=1e-6, at="first", seeds=4
        ),
    }


def panels(config: Gathering, goals: Goals) -> tuple[Group, ...]:
    plane = Plane(
        equal=True,
        marks=(
            Threads(segments="ways", tint=0.5),
            Points(points="points", classes="labels", tint=0.8),
            Points(points="means", ink="theory", hollow=True, size_pt=14.0, over=0.5),
        ),
    )
    curve = Plane(
        lines="lb",
        y=Scale(low=0.0, high=1.1, ticks=(0.0, 1.0)),
        x=Scale(low=0.0, high=1.0),
        marks=(
            Course(array="spread", label="spread", form="number"),
            Level(value=goals["spread"], label="goal {}"),
        ),
    )
    share = Bare(marks=(Number(array="spread", form="percent", caption="of the way is left"),))
    return (
        Group(heading="Points and their means", note="in the plane", frames=(plane,)),
        Group(heading="spread", frames=(curve,)),
        Group(frames=(share,)),
    )


SCENE = Scene(
    name="gathering",
    title="Points gather at their means",
    subtitle="by a fixed factor a step",
    alt="Points of three classes gather at their means; {spread:.2f} of their spread is left.",
    post="none",
    source="none",
    output="told/gathering",
    message="Points of a class end where their mean is.",
    config=Gathering,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    panels=panels,
    targets=targets,
    story=Story(
        state="state",
        names=("apart", "nearer", "together"),
        sentences=("Each class has its points.", "They come nearer.", "{spread:.2f} of the spread is left."),
        wide=Layout(("ab", "ac"), widths=(1.6, 1)),
        column=Layout(("aa", "bc"), heights=(2, 1)),
        strip=Strip(loss="loss"),
        poster=(0.0, 0.5, 1.0),
    ),
)
