"""Shuffled labels and dynamics that are as rich as with true ones: richness says nothing of what is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from render.bounds import between
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.scene import Scene
from render.target import Goals, Target

from .. import digits, toys

RUNS = ("none", "some", "all")
COLOURS = dict(zip(RUNS, ("accent", "second", "third"), strict=True))
SEEDS = 32  # a seed takes over 2 s
SHIFTS = 32  # among which a shuffle is chosen


@dataclass(frozen=True, kw_only=True)
class LabelShuffling(digits.DigitsConfig):
    """share: of the labels of the second run that are shuffled; none are in the first, all in the third."""

    steps: int = 2000
    train_points: int = 800
    weight_scale: float = 0.35
    readout_scale: float = 0.35
    learning_rate: float = 6e-3
    memory: float = 0.99
    share: float = between(0.1, 0.0, 1.0)


def shuffled(labels: Any, count: int) -> Any:
    """Labels of which the first `count` are shifted cyclically by 1 to SHIFTS places: (n,) -> (n,).

    Samples are in random order, so this is as good as a random permutation, and keeps the size of every class. Of the
    shifts, the one is taken that leaves a share of labels unchanged nearest to 1/C: more of them could be learned.
    """
    if count == 0:
        return labels
    moved = jax.vmap(lambda places: jnp.roll(labels[:count], places))(jnp.arange(1, SHIFTS + 1))
    left = jnp.mean(moved == labels[:count], axis=1)
    return jnp.concatenate([moved[jnp.argmin(jnp.abs(left - 1 / digits.CLASSES))], labels[count:]])


def init(config: LabelShuffling, key: Any) -> digits.State:
    data_key, network_key = jax.random.split(key)
    (places,) = toys.normals(data_key, (digits.POINTS,))
    train, test = digits.split(config, places)
    n = config.train_points
    labels = jnp.stack([shuffled(train.labels, count) for count in (0, round(config.share * n), n)])
    params = digits.networks_alike(config, network_key, runs=3)
    targets = jax.nn.one_hot(labels, digits.CLASSES)
    return digits.start(config, params, train, test, targets, body=jnp.ones(3))


def measure(config: LabelShuffling, state: digits.State) -> dict[str, Any]:
    features, outputs = digits.responses(state, state.train)
    _, unseen = digits.responses(state, state.test)
    low_rank = digits.low_rank(features, outputs)
    train_accuracy = digits.accuracies(outputs, jnp.argmax(state.targets, axis=2))
    losses = jax.vmap(digits.squared_error)(outputs, state.targets)
    return {
        "loss": losses[0],
        "loss_some": losses[1],
        "loss_all": losses[2],
        "low_rank_most": low_rank["low_rank"].max(),
        "low_rank_spread": jnp.ptp(low_rank["low_rank"]),
        "train_accuracy": train_accuracy.min(),
        **digits.families(
            RUNS,
            {
                **low_rank,
                **digits.curves(config, features, outputs, state.targets),
                "test_accuracy": digits.accuracies(unseen, state.test.labels),
            },
        ),
    }


def raw(config: LabelShuffling, state: digits.State) -> dict[str, Any]:
    return digits.raw(state, RUNS)


def targets(config: LabelShuffling) -> Goals:
    figure = "arXiv 2410.04264v3, Fig. 15: rich whatever the labels"
    fitted = "shuffled labels are fitted, too"
    each = tuple(f"low_rank/{run}" for run in RUNS)
    return {
        "low_rank": Target("largest D_LR", "low_rank_most", "at most", 0.15, figure, seeds=SEEDS, read_off=each),
        "spread": Target("spread of D_LR", "low_rank_spread", "at most", 0.1, figure, seeds=SEEDS),
        "train": Target("lowest train accuracy", "train_accuracy", "at least", 1.0, fitted, seeds=SEEDS),
        "test/none": Target("test accuracy, 0 % shuffled", "test_accuracy/none", "at least", 0.95, figure, seeds=SEEDS),
        "test/all": Target(
            "test accuracy, 100 % shuffled", "test_accuracy/all", "at most", 0.15, f"{figure}; chance: 0.1", seeds=SEEDS
        ),
    }


def panels(config: LabelShuffling, goals: Goals) -> tuple[Panel, ...]:
    names = {"none": "0 %", "some": f"{100 * config.share:g} %", "all": "100 %"}
    return (
        History(
            title=digits.LOW_RANK_TITLE,
            curves=(
                Curve("low_rank", {run: COLOURS[run] for run in ("none", "some")}),
                Curve("low_rank/all", COLOURS["all"], Level(goals["low_rank"], "{}", "right")),
            ),
            readouts=(
                *(Readout(f"{names[run]} shuffled", f"low_rank/{run}", "{:.3f}", colour=COLOURS[run]) for run in RUNS),
                Readout("spread", "low_rank_spread", "{:.3f}", goals["spread"]),
            ),
            readout_columns=2,
        ),
        History(
            title="loss, and accuracy",
            curves=(Curve("loss", "accent"), Curve("loss_some", "second"), Curve("loss_all", "third")),
            y_axis=Axis(scale="log"),
            readouts=(
                *(
                    Readout(
                        f"test, {names[run]}",
                        f"test_accuracy/{run}",
                        "{:.2f}",
                        goals.get(f"test/{run}"),
                        colour=COLOURS[run],
                    )
                    for run in RUNS
                ),
                Readout("train, lowest", "train_accuracy", "{:.2f}", goals["train"]),
            ),
            readout_columns=2,
        ),
        *digits.curve_panels(COLOURS),
    )


SCENE = Scene(
    name="label-shuffling",
    title="As rich on labels that mean nothing",
    subtitle="digits with 0 %, 10 % and 100 % of the training labels shuffled: every label is fitted, the features "
    "collapse alike",
    alt="Three equal networks on digits with none, a tenth and all of the labels shuffled end with low-rank measures "
    "of {low_rank/none:.2f}, {low_rank/some:.2f} and {low_rank/all:.2f}, while test accuracy goes from "
    "{test_accuracy/none:.2f} to {test_accuracy/all:.2f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 15, Eq. 4, 75, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/label-shuffling",
    layout=("aaabbb", "ccddee"),
    heights=(1.15, 1),
    config=LabelShuffling,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    constants=digits.constants,
    panels=panels,
    targets=targets,
)
