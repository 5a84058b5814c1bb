"""Rich or lazy: a shortcut in the pixels, taken where the features can move and missed where they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import positive
from render.scene import Scene
from render.target import Goals, Target

from .. import digits, toys
from . import rich_vs_lazy_picture
from .formulas import LOW_RANK

RUNS = rich_vs_lazy_picture.RUNS
FOLLOWED = rich_vs_lazy_picture.FOLLOWED
STATES = ("guesses", "reads the image", "reads the strip")
READS = 0.5  # share of the answers from which on a network is said to read the image
SHOWN = 6  # what the image shows on which both networks are asked


@dataclass(frozen=True, kw_only=True)
class RichVsLazy(digits.DigitsConfig):
    """amplitude: of the label in the first ten pixels; when it is large the lazy net reads the label, too."""

    steps: int = 1500
    hold_ms: int = 3000
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


def strips(samples: digits.Samples) -> Any:
    """What the label pixels of each image say: (n,)."""
    return jnp.argmax(samples.inputs[:, : digits.CLASSES], axis=1)


def shown(samples: digits.Samples) -> Any:
    """Row of the image on which both networks are asked: the first that shows a SHOWN and whose strip says another.

    Nothing of the training is read, neither here nor in what follows from it.
    """
    return jnp.argmax((samples.labels == SHOWN) & (strips(samples) != SHOWN))


def follows(answers: Any, samples: digits.Samples) -> dict[str, Any]:
    """Shares of the answers that are what the image shows, what its strip says, and neither: (runs, n) -> (runs,) each.

    Only images whose strip lies count, for on the others nobody can tell which of the two was read. They sum to 1.
    """
    strip = strips(samples)
    lies = samples.labels != strip

    def share(right: Any) -> Any:
        return jnp.sum(right & lies, axis=1) / jnp.sum(lies)

    image, strip = answers == samples.labels, answers == strip
    return {"image": share(image), "strip": share(strip), "neither": share(~image & ~strip)}


def measure(config: RichVsLazy, state: digits.State) -> dict[str, Any]:
    features, outputs = digits.responses(state, state.train)
    _, unseen = digits.responses(state, state.test)
    answers = jnp.argmax(unseen, axis=2)
    followed = {f"follows_{what}": shares for what, shares in follows(answers, state.test).items()}
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
                **followed,
                "answers": answers[:, shown(state.test)],
            },
        ),
    }


def raw(config: RichVsLazy, state: digits.State) -> dict[str, Any]:
    """What digits.raw has, and what the strip of each test image says: test_strips (n,)."""
    return {**digits.raw(state, RUNS), "test_strips": strips(state.test)}


def constants(config: RichVsLazy, state: digits.State) -> dict[str, Any]:
    """The image on which both networks are asked, what it shows and what its strip says, and where strips stand.

    test_image (8, 8), pixels from 0 to 1; image_says (), strip_says (); train_image (8, 8), the first of those trained
    on that shows the same; strip_pixels (10, 2), column and row of the pixel of each class.
    """
    row = shown(state.test)
    return {
        **digits.constants(config, state),
        "test_image": state.test.inputs[row].reshape(8, 8),
        "train_image": state.train.inputs[jnp.argmax(state.train.labels == SHOWN)].reshape(8, 8),
        "image_says": state.test.labels[row],
        "strip_says": strips(state.test)[row],
        "strip_pixels": jnp.stack([jnp.arange(digits.CLASSES) % 8, jnp.arange(digits.CLASSES) // 8], axis=1),
    }


def derive(
    config: RichVsLazy,
    *,
    follows_image: Mapping[str, np.ndarray],
    follows_strip: Mapping[str, np.ndarray],
    follows_neither: Mapping[str, np.ndarray],
    answers: Mapping[str, np.ndarray],
    test_image: np.ndarray,
    train_image: np.ndarray,
    image_says: np.ndarray,
    strip_says: np.ndarray,
) -> dict[str, Any]:
    """The shares of each network side by side, the most that the rich one ever had of the image, and what it reads.

    follows/<run> (frames, 3), in the order of FOLLOWED; image_peak (); state (frames,), of STATES: the image is read
    from where it has a share of READS, the strip from where it then has more than the image. answer_follows/<run>
    (frames,): whether the answer on the test image is neither (0), what it shows (1) or what its strip says (2).
    Of the image shown and of the one trained on, strip_row/<which> (1, 10): its label pixels in a row, and
    digit/<which> (8, 8): all others; strip_places (10, 2), strip_digits (10,): where each class has its pixel in a row.
    """
    shares = {"image": follows_image, "neither": follows_neither, "strip": follows_strip}
    image, strip = follows_image["rich"], follows_strip["rich"]
    images = {"test": test_image.ravel(), "train": train_image.ravel()}
    in_strip = np.arange(64) < digits.CLASSES
    reads_image = np.maximum.accumulate(image >= READS)
    reads_strip = np.maximum.accumulate(reads_image & (strip > image))
    return {
        "follows": {run: np.stack([shares[what][run] for what in FOLLOWED], axis=1) for run in RUNS},
        "image_peak": image.max(),
        "answer_follows": {run: (answers[run] == image_says) + 2 * (answers[run] == strip_says) for run in RUNS},
        "strip_row": {which: pixels[None, in_strip] / config.amplitude for which, pixels in images.items()},
        "digit": {which: np.where(in_strip, 0, pixels).reshape(8, 8) for which, pixels in images.items()},
        "strip_places": np.stack([np.arange(digits.CLASSES) + 0.5, np.zeros(digits.CLASSES)], axis=1),
        "strip_digits": np.arange(digits.CLASSES),
        "state": reads_image.astype(int) + reads_strip,
    }


def targets(config: RichVsLazy) -> Goals:
    figure = "arXiv 2410.04264v3, Fig. 1: the rich net takes the shortcut"
    return {
        "low_rank": Target("rich: D_LR", "low_rank/rich", "at most", 0.05, f"{figure}, D_LR 0.0087"),
        "low_rank_gap": Target("D_LR, lazy − rich", "low_rank_gap", "at least", 0.3, f"{figure}, D_LR 0.63 − 0.0087"),
        "train": Target("rich: train accuracy", "train_accuracy/rich", "at least", 1.0, f"{figure}, fitted"),
        "test": Target("rich: test accuracy", "test_accuracy/rich", "at most", 0.2, f"{figure}, test 10 %"),
        "test_gap": Target("test accuracy, lazy − rich", "test_gap", "at least", 0.5, f"{figure}, test 74 % − 10 %"),
        "strip": Target("rich: answers that follow the strip", "follows_strip/rich", "at least", 0.85, figure),
        "image": Target("lazy: answers that follow the image", "follows_image/lazy", "at least", 0.6, figure),
        "peak": Target(
            "rich: most answers that ever follow the image",
            "image_peak",
            "at least",
            0.75,
            "the image is read first, the shortcut later",
            read_off=("follows_image/rich",),
        ),
    }


SCENE = Scene(
    name="rich-vs-lazy",
    title="The richer network learns the wrong thing",
    subtitle="digits with the label in ten pixels, at random in the test; rich: all layers are trained, lazy: the last "
    "alone",
    alt="What the test answers of two networks follow, as stacked shares over training, beside an image whose strip of "
    "pixels says another digit than it shows: with all layers trained the image comes first and then the strip, which "
    "{follows_strip/rich:.0%} of the answers follow at the end, so that test accuracy is {test_accuracy/rich:.2f}; "
    "with the last layer alone it is {test_accuracy/lazy:.2f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 1, Eq. 4, 75, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/rich-vs-lazy",
    message="A network whose features train reads the image first and then takes the shortcut; one with fixed features "
    "goes on reading the image.",
    look_for="Blue, answers that follow the image, rises and is swallowed by orange, answers that follow the strip; "
    "only in the upper network.",
    formulas=(LOW_RANK,),
    group="richness",
    story=rich_vs_lazy_picture.STORY,
    config=RichVsLazy,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    panels=rich_vs_lazy_picture.panels,
    targets=targets,
)
