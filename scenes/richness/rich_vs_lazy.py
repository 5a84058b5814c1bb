"""Rich or lazy: a shortcut in the pixels, taken where the features can move and missed where they cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from render.bounds import positive
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.scene import Scene
from render.target import Goals, Target

from .. import digits, toys

RUNS = ("rich", "lazy")
COLOURS = {"rich": "accent", "lazy": "second"}


@dataclass(frozen=True, kw_only=True)
class RichVsLazy(digits.DigitsConfig):
    """amplitude: of the label in the first ten pixels; when it is large the lazy net reads the label, too."""

    steps: int = 1500
    weight_scale: float = 0.5
    readout_scale: float = 0.5
    amplitude: float = positive(0.6, low=1e-6, high=1e6)


def init(config: RichVsLazy, key: Any) -> digits.State:
    """The label stands in the first pixels of a training image; in those of a test image stands a random one."""
    data_key, network_key = jax.random.split(key)
    rest = digits.POINTS - config.train_points
    places, lots = toys.normals(data_key, (digits.POINTS,), (rest, digits.CLASSES))
    train, test = digits.split(config, places)
    train = train._replace(inputs=digits.label_in_pixels(train.inputs, train.labels, config.amplitude))
    test = test._replace(inputs=digits.label_in_pixels(test.inputs, jnp.argmax(lots, axis=1), config.amplitude))
    targets = jnp.stack([jax.nn.one_hot(train.labels, digits.CLASSES)] * 2)
    params = digits.networks_alike(config, network_key, runs=2)
    return digits.start(config, params, train, test, targets, body=jnp.array([1.0, 0.0]))


def measure(config: RichVsLazy, state: digits.State) -> dict[str, Any]:
    features, outputs = digits.responses(state, state.train)
    _, unseen = digits.responses(state, state.test)
    low_rank = digits.low_rank(features, outputs)
    test_accuracy = digits.accuracies(unseen, state.test.labels)
    losses = jax.vmap(digits.squared_error)(outputs, state.targets)
    return {
        "loss": losses[0],
        "loss_lazy": losses[1],
        "low_rank_gap": low_rank["low_rank"][1] - low_rank["low_rank"][0],
        "test_gap": test_accuracy[1] - test_accuracy[0],
        **digits.families(
            RUNS,
            {
                **low_rank,
                **digits.curves(config, features, outputs, state.targets),
                "train_accuracy": digits.accuracies(outputs, state.train.labels),
                "test_accuracy": test_accuracy,
            },
        ),
    }


def raw(config: RichVsLazy, state: digits.State) -> dict[str, Any]:
    return digits.raw(state, RUNS)


def targets(config: RichVsLazy) -> Goals:
    figure = "arXiv 2410.04264v3, Fig. 1: the rich net takes the shortcut"
    return {
        "low_rank": Target("rich: D_LR", "low_rank/rich", "at most", 0.05, f"{figure}, D_LR 0.0087"),
        "low_rank_gap": Target("D_LR, lazy − rich", "low_rank_gap", "at least", 0.3, f"{figure}, D_LR 0.63 − 0.0087"),
        "train": Target("rich: train accuracy", "train_accuracy/rich", "at least", 1.0, f"{figure}, fitted"),
        "test": Target("rich: test accuracy", "test_accuracy/rich", "at most", 0.2, f"{figure}, test 10 %"),
        "test_gap": Target("test accuracy, lazy − rich", "test_gap", "at least", 0.5, f"{figure}, test 74 % − 10 %"),
    }


def panels(config: RichVsLazy, goals: Goals) -> tuple[Panel, ...]:
    return (
        History(
            title=digits.LOW_RANK_TITLE,
            curves=(
                Curve("low_rank/rich", "accent", Level(goals["low_rank"], "{}", "right")),
                Curve("low_rank/lazy", "second"),
            ),
            readouts=(
                Readout("rich", "low_rank/rich", "{:.3f}", goals["low_rank"], colour="accent"),
                Readout("lazy", "low_rank/lazy", "{:.3f}", colour="second"),
                Readout("lazy − rich", "low_rank_gap", "{:.3f}", goals["low_rank_gap"]),
                Readout("lazy, form of E.1", "low_rank_practical/lazy", "{:.3f}"),
            ),
            readout_columns=2,
        ),
        History(
            title="loss, and accuracy",
            curves=(Curve("loss", "accent"), Curve("loss_lazy", "second")),
            y_axis=Axis(scale="log"),
            readouts=(
                Readout("rich, test", "test_accuracy/rich", "{:.2f}", goals["test"], colour="accent"),
                Readout("rich, train", "train_accuracy/rich", "{:.2f}", goals["train"]),
                Readout("lazy, test", "test_accuracy/lazy", "{:.2f}", colour="second"),
                Readout("lazy − rich", "test_gap", "{:.2f}", goals["test_gap"]),
            ),
            readout_columns=2,
        ),
        *digits.curve_panels(COLOURS),
    )


SCENE = Scene(
    name="rich-vs-lazy",
    title="The richer network learns the wrong thing",
    subtitle="digits with the label in ten pixels, at random in the test; rich: all layers are trained, lazy: the last "
    "alone",
    alt="Two equal networks on digits whose label is written into ten pixels: with all layers trained the low-rank "
    "measure falls to {low_rank/rich:.3f} and test accuracy to {test_accuracy/rich:.2f}, with the last layer alone "
    "they end at {low_rank/lazy:.2f} and {test_accuracy/lazy:.2f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 1, Eq. 4, 75, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/rich-vs-lazy",
    layout=("aaabbb", "ccddee"),
    heights=(1.15, 1),
    config=RichVsLazy,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    constants=digits.constants,
    panels=panels,
    targets=targets,
)
