"""Five, six and seven lines in space sink towards Welch's floor: six reach it, five and seven cannot."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.film import Layout, Story
from render.metrics import codes, geometry
from render.scene import Config, Scene, gradual_schedule, last_frame_by
from render.target import Goals, Target

from .. import networks
from .unreachable_floor_columns import pictured
from .unreachable_floor_picture import panels

DRAWN = {"five": 5, "six": 6, "seven": 7}  # arms that descend the soft maximum, and their codes
COUNTS = {**DRAWN, "tight": 7}  # and the one that descends the frame potential alone
EVEN_UNTIL = 20.0  # step up to which frames are about evenly spaced: most of the way is gone by then
SETTLED = 2 / 3  # of the run: later an eye sees nothing move


@dataclass(frozen=True, kw_only=True)
class UnreachableFloor(Config):
    """Codes of four arms in three dimensions, and their descent.

    blunt, sharp: of the soft maximum of |cosine| at the start and at the end; a blunt one ends too high. tightness:
    weight of |X'X/C - I/3|^2.
    """

    frame_ms: int = 80
    hold_ms: int = 3000
    steps: int = 1200
    blunt: float = positive(30.0, low=1e-1, high=1e4)
    sharp: float = positive(2000.0, low=1e-1, high=1e4)
    tightness: float = between(0.15, 0.0, 1e3)
    learning_rate: float = positive(0.05, high=1e2)


class State(NamedTuple):
    """Step of the run; codes (C, 3) and optimiser states by arm."""

    at: Any
    codes: dict[str, Any]
    opt_states: dict[str, Any]


def init(config: UnreachableFloor, key: Any) -> State:
    starts = {
        arm: geometry.unit_rows(jax.random.normal(jax.random.fold_in(key, use), (count, 3)))
        for use, (arm, count) in enumerate(COUNTS.items())
    }
    optimiser = descent(config)
    return State(jnp.zeros((), int), starts, {arm: optimiser.init(start) for arm, start in starts.items()})


def descent(config: UnreachableFloor) -> optax.GradientTransformation:
    """Adam with cosine decay: at a constant rate codes that have arrived wander off again."""
    return optax.adam(optax.cosine_decay_schedule(config.learning_rate, config.steps))


def loss(config: UnreachableFloor, arm: str, at: Any, codes_now: Any) -> Any:
    """What an arm descends. It knows directions only: of raw rows, lengths would take part of each step of Adam."""
    if arm == "tight":
        return codes.frame_potential(codes_now)
    sharpness = config.blunt * (config.sharp / config.blunt) ** (at / config.steps)
    return codes.smooth_coherence(codes_now, sharpness) + config.tightness / 3 * codes.tightness_error(codes_now)


def step(config: UnreachableFloor, state: State) -> State:
    """One step of Adam for each arm; rows are made of unit length again after it."""
    optimiser, after, moments = descent(config), {}, {}
    for arm, now in state.codes.items():
        goal = functools.partial(loss, config, arm, state.at)
        moved, moments[arm] = networks.descend(goal, optimiser, now, state.opt_states[arm])
        after[arm] = geometry.unit_rows(moved)
    return State(state.at + 1, after, moments)


def measure(config: UnreachableFloor, state: State) -> dict[str, Any]:
    overlaps = {arm: jnp.abs(geometry.pairwise_cosines(rows)) for arm, rows in state.codes.items()}
    return {
        "codes": dict(state.codes),
        "overlaps": overlaps,
        "coherence": {arm: jnp.max(each) for arm, each in overlaps.items()},
        "frame_eigenvalues": {arm: codes.frame_eigenvalues(rows) for arm, rows in state.codes.items()},
        "loss": jnp.mean(jnp.stack([loss(config, arm, state.at, state.codes[arm]) for arm in DRAWN])),
        "potential": codes.frame_potential(state.codes["tight"]),
    }


def schedule(config: UnreachableFloor) -> np.ndarray:
    return gradual_schedule(config, EVEN_UNTIL)


def shown(config: UnreachableFloor) -> int:
    """The last frame in which anything is still to be seen."""
    return last_frame_by(SETTLED * config.steps, schedule(config))


def derive(
    config: UnreachableFloor,
    *,
    codes: dict[str, np.ndarray],
    overlaps: dict[str, np.ndarray],
    coherence: dict[str, np.ndarray],
    frame_eigenvalues: dict[str, np.ndarray],
) -> dict[str, Any]:
    eigenvalues = {arm: array.astype(np.float64) for arm, array in frame_eigenvalues.items()}
    least = np.array([lowest(count) for count in COUNTS.values()])
    highest = np.stack([coherence[arm] for arm in COUNTS], axis=1).astype(np.float64)
    cube = np.repeat([0.0, 1 / 3, 1 / np.sqrt(3)], [3, 6, 12])
    return {
        "over_lowest": highest / least,
        "cube_off": np.abs(np.sort(overlaps["seven"].astype(np.float64), axis=1) - cube).max(axis=1),
        "uneven": {
            "five": np.abs(eigenvalues["five"] - (2.0, 2.0, 1.0)).max(axis=1),
            "seven": np.abs(eigenvalues["seven"] - 7 / 3).max(axis=1),
            "tight": np.abs(eigenvalues["tight"] - 7 / 3).max(axis=1),
        },
        **pictured(
            {arm: codes[arm].astype(np.float64) for arm in DRAWN},
            {arm: overlaps[arm].astype(np.float64) for arm in DRAWN},
            {arm: eigenvalues[arm] * 3 / count for arm, count in DRAWN.items()},
            {arm: (floor(count), lowest(count)) for arm, count in DRAWN.items()},
        ),
    }


def floor(count: int) -> float:
    """Welch's floor of the coherence of `count` codes in three dimensions: sqrt((C - 3)/(3 (C - 1)))."""
    return float(np.sqrt((count - 3) / (3 * (count - 1))))


def lowest(count: int) -> float:
    """Coherence that five, six or seven codes in three dimensions can have.

    Six are on the floor, 1/sqrt 5; five are no better than six of which one is left out (known, not derived here).
    Seven: xx' - I/3 lies in five dimensions, which hold six vectors at obtuse angles at most, and the inner product of
    two of them is cos^2 - 1/3: of more than six codes two have a cosine of 1/sqrt 3 at least.
    """
    return float(1 / np.sqrt(3)) if count > 6 else float(1 / np.sqrt(5))


def targets(config: UnreachableFloor) -> Goals:
    six, seven = lowest(6), lowest(7)
    cube = "three axes and four diagonals of a cube"
    return {
        "six": Target("six: coherence", "coherence/six", "within", six, "Welch's floor, 1/√5", tolerance=1e-4),
        "seven": Target(
            "seven: coherence", "coherence/seven", "within", seven, "1/√d for C > d(d+1)/2", tolerance=1e-4
        ),
        "cube": Target("seven: |cos| off 0, 1/3 and 1/√3 of 3, 6 and 12 pairs", "cube_off", "at most", 1e-4, cube),
        "seven_even": Target("seven: eigenvalues of X'X off 7/3", "uneven/seven", "at most", 1e-4, cube),
        "five": Target(
            "five: coherence", "coherence/five", "within", lowest(5), "six lines less one (Rankin 1955)", tolerance=1e-3
        ),
        "five_uneven": Target(
            "five: eigenvalues of X'X off 2, 2, 1", "uneven/five", "at most", 0.01, "six lines less one"
        ),
        "bounds": Target(
            "coherence over its own least, least of four", "over_lowest", "at least", 1 - 1e-5, "1/√5, 1/√3", at="every"
        ),
        "tight_even": Target(
            "tight alone: eigenvalues of X'X off 7/3", "uneven/tight", "at most", 1e-3, "Benedetto & Fickus 2003"
        ),
        "tight_alike": Target(
            "tight alone: coherence", "coherence/tight", "at least", 0.6, "the potential does not see the worst pair"
        ),
    }


SCENE = Scene(
    name="unreachable-floor",
    title="Six lines reach the floor; five and seven cannot",
    subtitle="C = 5, 6 and 7 codes in d = 3 descend a soft maximum of |cos|; Welch's floor is √((C−d)/(d(C−1)))",
    alt="Five, six and seven lines in space, and a dot for each two of them, higher the more alike they are, against "
    "Welch's floor: six end on it, {coherence/six:.4f}; five stay at {coherence/five:.4f}, over 0.4082, and seven at "
    "{coherence/seven:.4f}, over 0.4714.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, Welch descent; Welch 1974; Rankin 1955; Conway, Hardin & Sloane "
    "1996",
    output="jax-welch/unreachable-floor",
    message="There is a floor under how alike the worst two of some lines must be, and only six lines in space can "
    "reach it: five and seven stay above.",
    look_for="The orange lines sink: that of six lands on the dashed floor, those of five and seven stop on top of "
    "what is out of reach.",
    formulas=(
        (
            "the Welch bound on the largest overlap",
            r"\max_{i \ne j} \left| \langle x_i, x_j \rangle \right| \ge \sqrt{\frac{C - d}{d (C - 1)}}",
        ),
        (
            "for more than d (d + 1)/2 lines",
            r"\max_{i \ne j} \left| \langle x_i, x_j \rangle \right| \ge \frac{1}{\sqrt{d}}",
        ),
    ),
    group="frames",
    story=Story(
        state="state",
        names=("start", "sinking", "rest"),
        sentences=(
            "A dot is a pair of lines: the higher, the smaller their angle.",
            "The closest pair is pushed apart, down towards theory’s floor.",
            "The floor needs equal pairs and even spread: only six have both.",
        ),
        wide=Layout(("b", "a"), heights=(1, 1.9)),
        column=Layout(("b", "a"), heights=(1, 3)),
        poster=(0.0, 1.0),
    ),
    config=UnreachableFloor,
    init=init,
    step=step,
    measure=measure,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
