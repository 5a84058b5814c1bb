"""Rich or lazy: a shortcut in the pixels, taken where the features can move and missed where they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import positive
from render.film import Layout, Story
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.areas import Areas, Share
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.text import Number, Words
from render.picture.marks.tiles import Tiles
from render.scene import Scene
from render.target import Goals, Target

from .. import digits, toys

RUNS = ("rich", "lazy")
FOLLOWED = ("image", "neither", "strip")  # from the bottom of a stack to its top
STATES = ("guesses", "reads the image", "reads the strip")
READS = 0.5  # share of the answers from which on a network is said to read the image
PALE = 0.15  # share of a lit pixel with which the other pixels of the strip are drawn, so that it is seen
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

    test_image (8, 8), pixels from 0 to 1; image_says (), strip_says (); strip_pixels (10, 2), column and row of the
    pixel of each class.
    """
    row = shown(state.test)
    return {
        **digits.constants(config, state),
        "test_image": state.test.inputs[row].reshape(8, 8),
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
    image_says: np.ndarray,
    strip_says: np.ndarray,
    strip_pixels: np.ndarray,
) -> dict[str, Any]:
    """The shares of each network side by side, the most that the rich one ever had of the image, and what it reads.

    follows/<run> (frames, 3), in the order of FOLLOWED; image_peak (); state (frames,), of STATES: the image is read
    from where it has a share of READS, the strip from where it then has more than the image. answer_follows/<run>
    (frames,): whether the answer on the test image is neither (0), what it shows (1) or what its strip says (2).
    painted (8, 8): the test image with the pixels of its strip negative, for an ink of their own; strip_places (10, 2)
    and strip_digits (10,): where each class has its pixel, from the lower left.
    """
    shares = {"image": follows_image, "neither": follows_neither, "strip": follows_strip}
    image, strip = follows_image["rich"], follows_strip["rich"]
    in_strip = np.arange(64).reshape(8, 8) < digits.CLASSES
    reads_image = np.maximum.accumulate(image >= READS)
    reads_strip = np.maximum.accumulate(reads_image & (strip > image))
    return {
        "follows": {run: np.stack([shares[what][run] for what in FOLLOWED], axis=1) for run in RUNS},
        "image_peak": image.max(),
        "answer_follows": {run: (answers[run] == image_says) + 2 * (answers[run] == strip_says) for run in RUNS},
        "strip_places": strip_pixels * (1, -1) + (0.5, 7.5),
        "strip_digits": np.arange(digits.CLASSES),
        "painted": np.where(in_strip, -np.maximum(test_image / config.amplitude, PALE), test_image),
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


def panels(config: RichVsLazy, goals: Goals) -> tuple[Group, ...]:
    return (_answers(), _image(), _richness(goals))


def _answers() -> Group:
    """What test answers follow, over the run; and what each network answers on one test image."""

    def followed(run: str) -> Areas:
        inks = {"image": "rival", "neither": "quiet", "strip": "run"}
        return Areas(shares=tuple(Share(f"follows_{what}/{run}", inks[what], what) for what in FOLLOWED))

    def answer(run: str) -> Bare:
        says = Number(
            array=f"answers/{run}", form="count", inks=f"answer_follows/{run}", roles=("muted", "rival", "run")
        )
        return Bare(heading="says", marks=(says,))

    share = Scale(ticks=(0, 1), names=("0", "100 %"), low=0.0, high=1.0)
    over = Scale(low=0.0, high=1.0)
    notes = {"rich": "all layers train", "lazy": "last layer only"}
    return Group(
        heading="test answers follow ...",
        frames=tuple(
            frame
            for run in RUNS
            for frame in (Plane(heading=run, note=notes[run], x=over, y=share, marks=(followed(run),)), answer(run))
        ),
        layout=Layout(("ab", "cd"), widths=(8, 1)),
    )


def _image() -> Group:
    """The test image, in the ink of what it shows, with its strip in the ink of what that says."""
    side = Scale(low=0.0, high=8.0)
    return Group(
        heading="one test image",
        frames=(
            Plane(
                x=Scale(low=0.0, high=13.0),
                y=side,
                equal=True,
                marks=(
                    Tiles(table="painted", ink="rival", below="run", low=-1.0, high=1.0, box=(0.0, 0.0, 8.0, 8.0)),
                    Points(points="strip_places", numbers="strip_digits", ink="ink", size_pt=0.0),
                    Words(place=(8.6, 7.2), lines=("strip says {strip_says:.0f}",), ink="run", bold=True, size="label"),
                    Words(
                        place=(8.6, 3.4), lines=("image says {image_says:.0f}",), ink="rival", bold=True, size="label"
                    ),
                ),
            ),
        ),
    )


def _richness(goals: Goals) -> Group:
    """The measure of richness, in words: how much of the features the answer could do without."""
    return Group(
        heading="unused features",
        frames=(
            Plane(
                lines="b",
                y=Scale(ticks=(0.0, 0.5), names=("none", "many"), low=-0.03),
                x=Scale(low=0.0, high=1.0),
                marks=(
                    Course(array="low_rank/rich", ink="ink", label="rich"),
                    Course(array="low_rank/lazy", ink="muted", label="lazy"),
                ),
            ),
        ),
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
    message="A network whose features train reads the image first and then takes the shortcut; one with fixed features "
    "goes on reading the image.",
    look_for="Blue, answers that follow the image, rises and is swallowed by orange, answers that follow the strip; "
    "only in the upper network.",
    group="richness",
    story=Story(
        state="state",
        names=("guesses", "image", "strip"),
        sentences=(
            "Here the strip lies; in training it never did.",
            "The rich network reads the image first ...",
            "... then the strip.",
        ),
        wide=Layout(("baa", "caa"), heights=(1.5, 1)),
        column=Layout(("a", "b"), heights=(2.2, 1)),
    ),
    config=RichVsLazy,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
