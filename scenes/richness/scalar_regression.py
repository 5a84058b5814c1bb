"""One number or ten classes: the features end with as many dimensions as the targets have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from render.metrics import spectrum
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.scene import Scene
from render.target import Goals, Target

from .. import digits, toys

RUNS = ("scalar", "classes")
COLOURS = {"scalar": "accent", "classes": "second"}


@dataclass(frozen=True, kw_only=True)
class ScalarRegression(digits.DigitsConfig):
    """The net on digits, with one output and with ten."""

    steps: int = 2000
    train_points: int = 500
    batch: int = 64
    weight_scale: float = 0.15
    learning_rate: float = 6e-3
    memory: float = 0.95


def init(config: ScalarRegression, key: Any) -> digits.State:
    """The scalar net has ten outputs, too, but nine with zero weights and targets, which no gradient ever moves."""
    data_key, network_key = jax.random.split(key)
    (places,) = toys.normals(data_key, (digits.POINTS,))
    train, test = digits.split(config, places)
    number = (train.labels - train.labels.mean()) / train.labels.std()
    first = jnp.zeros(digits.CLASSES).at[0].set(1.0)
    targets = jnp.stack([number[:, None] * first, jax.nn.one_hot(train.labels, digits.CLASSES)])
    params = digits.networks_alike(config, network_key, runs=2)
    outputs_used = jnp.stack([first, jnp.ones(digits.CLASSES)])
    params[-1]["weights"] *= outputs_used[:, None, :]
    return digits.start(config, params, train, test, targets, body=jnp.ones(2))


def measure(config: ScalarRegression, state: digits.State) -> dict[str, Any]:
    features, outputs = digits.responses(state, state.train)
    losses = jax.vmap(digits.squared_error)(outputs, state.targets)
    curves = digits.curves(config, features, outputs, state.targets, modes=min(config.hidden, config.train_points))
    shares = jnp.diff(curves["utilization"], axis=1, prepend=0.0)
    return {
        "loss": losses[0],
        "loss_classes": losses[1],
        "train_accuracy": digits.accuracies(outputs, state.train.labels)[1],
        **digits.families(
            RUNS,
            {
                **digits.low_rank(features, outputs),
                **{name: values[:, : config.modes] for name, values in curves.items()},
                "modes_used": jax.vmap(spectrum.entropy_rank)(jnp.maximum(shares, 0.0)),
            },
        ),
    }


def raw(config: ScalarRegression, state: digits.State) -> dict[str, Any]:
    return digits.raw(state, RUNS)


def targets(config: ScalarRegression) -> Goals:
    figure = "arXiv 2410.04264v3, Fig. 10"
    rank = f"{figure}; entropy rank of utilization (Eq. 8)"
    return {
        "low_rank/scalar": Target("scalar: D_LR", "low_rank/scalar", "at most", 0.05, figure),
        "low_rank/classes": Target("classes: D_LR", "low_rank/classes", "at most", 0.1, figure),
        "modes/scalar": Target(
            "scalar: modes used", "modes_used/scalar", "within", 1.0, f"{rank}: one target", tolerance=0.1
        ),
        "modes/classes": Target(
            "classes: modes used", "modes_used/classes", "within", 9.0, f"{rank}: C−1", tolerance=0.3
        ),
    }


def panels(config: ScalarRegression, goals: Goals) -> tuple[Panel, ...]:
    return (
        History(
            title=digits.LOW_RANK_TITLE,
            curves=(Curve("low_rank", COLOURS),),
            readouts=tuple(
                Readout(run, f"low_rank/{run}", "{:.3f}", goals[f"low_rank/{run}"], colour=COLOURS[run]) for run in RUNS
            ),
            readout_columns=2,
        ),
        History(
            title="modes used: entropy rank of utilization",
            curves=(
                Curve("modes_used/scalar", "accent", Level(goals["modes/scalar"], "{}", "right")),
                Curve("modes_used/classes", "second", Level(goals["modes/classes"], "C−1 = {}", "right", above=False)),
            ),
            y_axis=Axis(scale="log", ticks=(1, 3, 9, 30)),
            readouts=tuple(
                Readout(run, f"modes_used/{run}", "{:.2f}", goals[f"modes/{run}"], colour=COLOURS[run]) for run in RUNS
            ),
            readout_columns=2,
        ),
        History(
            title="loss",
            curves=(Curve("loss", "accent"), Curve("loss_classes", "second")),
            y_axis=Axis(scale="log"),
            readouts=(
                Readout("scalar", "loss", "{:.0e}", colour="accent"),
                Readout("classes", "loss_classes", "{:.0e}", colour="second"),
            ),
            readout_columns=2,
        ),
        *digits.curve_panels(COLOURS)[1:],
    )


SCENE = Scene(
    name="scalar-regression",
    title="As many feature dimensions as the targets ask for",
    subtitle="the same digits as one standardised number and as ten classes",
    alt="The same digits as one number and as ten classes: the entropy rank of the modes that are used ends at "
    "{modes_used/scalar:.2f} and at {modes_used/classes:.2f}, and the low-rank measures at {low_rank/scalar:.3f} and "
    "{low_rank/classes:.3f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 10, Eq. 4, 8, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/scalar-regression",
    layout=("aaabbb", "ccddee"),
    heights=(1.15, 1),
    config=ScalarRegression,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    constants=digits.constants,
    panels=panels,
    targets=targets,
)
