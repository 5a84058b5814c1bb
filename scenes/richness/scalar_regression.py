"""One number or ten classes: the features end with as many dimensions as the targets have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.metrics import spectrum
from render.scene import Scene, geometric_schedule, last_frame_by
from render.target import Goals, Target

from .. import digits, toys
from .formulas import LOW_RANK
from .scalar_regression_picture import BOTH, MANY, ONE, STORY, panels

RUNS = ("scalar", "classes")
DIRECTIONS = {"scalar": 1, "classes": digits.CLASSES - 1}  # that the targets have
SEEN = 1000  # steps after which no bar moves, to the eye
NEAR = 0.1  # of the theory's number of directions, no more are in use


@dataclass(frozen=True, kw_only=True)
class ScalarRegression(digits.DigitsConfig):
    """The net on digits, with one output and with ten."""

    hold_ms: int = 3000
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


def derive(
    config: ScalarRegression, *, utilization: Mapping[str, np.ndarray], modes_used: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """How much of each feature direction the answers use, 0 to 1: r times their share in it, of r directions in all."""
    close = {run: np.abs(modes_used[run] / rank - 1) <= NEAR for run, rank in DIRECTIONS.items()}
    one = np.maximum.accumulate(close["scalar"])
    both = one & np.minimum.accumulate((close["scalar"] & close["classes"])[::-1])[::-1]  # to the end
    return {
        "use": {run: rank * np.diff(utilization[run], axis=1, prepend=0.0) for run, rank in DIRECTIONS.items()},
        "slots": {run: slots(rank) for run, rank in DIRECTIONS.items()},
        "state": np.select([both, one], [BOTH, ONE], MANY),
    }


def shown(config: ScalarRegression) -> int:
    """The last frame in which a bar is still to be seen move: of step SEEN or before it."""
    return last_frame_by(SEEN, geometric_schedule(config))


def slots(rank: int) -> np.ndarray:
    """The box around the first bars, which theory fills: its sides and top as segments, (3, 2, 2)."""
    left, right = 0.5, rank + 0.5
    corners = [[left, 0.0], [left, 1.0], [right, 1.0], [right, 0.0]]
    return np.array([corners[k : k + 2] for k in range(3)])


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


SCENE = Scene(
    name="scalar-regression",
    title="One number needs one direction, ten classes need nine",
    subtitle="the same digits as one standardised number and as ten classes",
    alt="The same digits as one number and as ten classes: the entropy rank of the modes that are used ends at "
    "{modes_used/scalar:.2f} and at {modes_used/classes:.2f}, and the low-rank measures at {low_rank/scalar:.3f} and "
    "{low_rank/classes:.3f}.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 10, Eq. 4, 8, 76; the form of App. E.1 is measured beside Eq. 4",
    output="richness/scalar-regression",
    message="Features end with as many directions as the answer needs: one for a number, nine for ten classes.",
    look_for="Bars outside the dashed boxes vanish, and those inside fill up: one above, nine below.",
    formulas=(LOW_RANK,),
    group="richness",
    story=STORY,
    config=ScalarRegression,
    init=init,
    step=digits.step,
    measure=measure,
    raw=raw,
    derive=derive,
    shown=shown,
    constants=digits.constants,
    panels=panels,
    targets=targets,
)
