"""Shuffled labels and dynamics that are as rich as with true ones: richness says nothing of what is learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between
from render.metrics import richness
from render.scene import Scene
from render.target import Goals, Target

from .. import digits, toys
from . import label_shuffling_picture
from .formulas import LOW_RANK

RUNS = ("none", "some", "all")
EXTREMES = ("none", "all")  # with right labels and with nonsense ones
SEEDS = 32  # a seed takes over 2 s
SHIFTS = 32  # among which a shuffle is chosen
LEARNED = 0.99  # share of its training labels from which on a network is said to have learned them
BARS = 16  # feature directions of which the part that the answer uses is told: more than the nine it needs
EXAMPLES = (0, 3, 6, 4)  # digits of the training images that are shown


@dataclass(frozen=True, kw_only=True)
class LabelShuffling(digits.DigitsConfig):
    """share: of the labels of the second run that are shuffled; none are in the first, all in the third."""

    steps: int = 2000
    hold_ms: int = 3000
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


def examples(truth: Any, told: Any) -> Any:
    """Rows of the images that are shown: of each of EXAMPLES the first whose label is another: two (n,) -> (4,).

    Told of a digit that kept its label by chance, as a tenth does, the picture would show a right label as nonsense.
    """
    digit = jnp.array(EXAMPLES)[:, None]
    return jnp.argmax((truth == digit) & (told != digit), axis=1)


def measure(config: LabelShuffling, state: digits.State) -> dict[str, Any]:
    features, outputs = digits.responses(state, state.train)
    _, unseen = digits.responses(state, state.test)
    low_rank = digits.low_rank(features, outputs)
    fitted = digits.accuracies(outputs, jnp.argmax(state.targets, axis=2))
    losses = jax.vmap(digits.squared_error)(outputs, state.targets)
    return {
        "loss": losses[0],
        "loss_some": losses[1],
        "loss_all": losses[2],
        "low_rank_most": low_rank["low_rank"].max(),
        "low_rank_spread": jnp.ptp(low_rank["low_rank"]),
        "train_accuracy": fitted.min(),
        **digits.families(
            RUNS,
            {
                **low_rank,
                **digits.curves(config, features, outputs, state.targets),
                "test_accuracy": digits.accuracies(unseen, state.test.labels),
                "fitted": fitted,
                "rank": jax.vmap(richness.output_rank)(outputs),
            },
        ),
    }


def raw(config: LabelShuffling, state: digits.State) -> dict[str, Any]:
    return digits.raw(state, RUNS)


def constants(config: LabelShuffling, state: digits.State) -> dict[str, Any]:
    """Four training images with the labels that the first and the last network are told, and shares of wrong labels.

    example_images (4, 8, 8), pixels from 0 to 1; labels_told/none and labels_told/all (4,); labels_wrong/<run> (), of
    all labels: a shuffle leaves a tenth of those that it moves as they are.
    """
    told, truth = jnp.argmax(state.targets, axis=2), state.train.labels
    rows = examples(truth, told[-1])
    return {
        **digits.constants(config, state),
        "example_images": state.train.inputs[rows].reshape(-1, 8, 8),
        **digits.families(EXTREMES, {"labels_told": told[jnp.array([0, -1])][:, rows]}),
        **digits.families(RUNS, {"labels_wrong": jnp.mean(told != truth, axis=1)}),
    }


def derive(
    config: LabelShuffling,
    *,
    step: np.ndarray,
    eigenvalues: Mapping[str, np.ndarray],
    utilization: Mapping[str, np.ndarray],
    rank: Mapping[str, np.ndarray],
    fitted: Mapping[str, np.ndarray],
    example_images: np.ndarray,
) -> dict[str, Any]:
    """The part of each feature direction that the answer uses, and when labels have been learned.

    used/<run> (frames, BARS): lambda_k p_k in units of lambda_1. p_k = r times the rise of the utilization at k is the
    share of direction k that lies in the span of the outputs, of rank r, so that D_LR = 1 - sum_k lambda_k p_k /
    (sqrt(r) |lambda|): bars of heights lambda_k of which these are parts take it apart.
    spectrum/<run> (frames, BARS): the heights. example_row (8, 40): the images in a row; example_places (4, 2): below.
    nine_use (frames,): utilization of the first C - 1 directions, in the run where it is least.
    learned_later (): the step by which the last run has learned its labels over that of the first; 0 if either has not.
    state (frames,): 0, then 1 once the first run has learned its labels, 2 once the last has, too.
    """
    used = {}
    for run in RUNS:
        shares = rank[run][:, None] * np.diff(utilization[run].astype(np.float64), axis=1, prepend=0)
        used[run] = (eigenvalues[run] * np.clip(shares, 0, 1))[:, :BARS]
    first, last = (np.maximum.accumulate(fitted[run] >= LEARNED) for run in EXTREMES)
    return {
        "used": used,
        "spectrum": {run: eigenvalues[run][:, :BARS] for run in EXTREMES},
        "example_row": np.concatenate([np.pad(image, ((0, 0), (1, 1))) for image in example_images], axis=1),
        "example_places": np.stack([np.arange(len(EXAMPLES)) + 0.5, np.zeros(len(EXAMPLES))], axis=1),
        "nine_use": np.min([utilization[run][:, digits.CLASSES - 2] for run in RUNS], axis=0),
        "learned_later": step[last.argmax()] / max(step[first.argmax()], 1) if first.any() and last.any() else 0.0,
        "state": first.astype(int) + (first & last),
    }


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
        "nine": Target(
            "utilization of nine directions, lowest", "nine_use", "at least", 0.93, "ten classes need nine", seeds=SEEDS
        ),
        "later": Target(
            "steps to learn 100 % shuffled over 0 %", "learned_later", "at least", 2.5, "nonsense is slow", seeds=SEEDS
        ),
    }


SCENE = Scene(
    name="label-shuffling",
    title="Just as rich on labels that mean nothing",
    subtitle="digits with 0 %, 10 % and 100 % of the training labels shuffled: every label is fitted, the features "
    "collapse alike",
    alt="Bars of feature directions of two equal networks, one told right labels and one nonsense: both learn all that "
    "they are told and end with nine bars, wholly used by the answer, and low-rank measures of {low_rank/none:.2f} and "
    "{low_rank/all:.2f}; of new digits the one gets {test_accuracy/none:.0%} right, the other {test_accuracy/all:.0%}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 15, Eq. 4, 75, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/label-shuffling",
    message="Networks learn right and nonsense labels with equally rich features; only on new digits they differ.",
    look_for="Both rows of bars end blue up to the ninth; the share of new digits that are right does not.",
    formulas=(LOW_RANK,),
    group="richness",
    config=LabelShuffling,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    panels=label_shuffling_picture.panels,
    story=label_shuffling_picture.STORY,
    targets=targets,
)
