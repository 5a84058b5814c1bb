"""Six codes in three dimensions share the crosstalk that none can avoid: the icosahedron's six lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.film import Layout, Story
from render.metrics import codes, geometry
from render.scene import Config, Scene, last_frame_by, stretched_schedule
from render.target import Goals, Target

from .. import networks
from .welch_descent_picture import panels
from .welch_lines import CROWDED, crossings, line_angles, pair_view, settled_state

# Frames, and the steps that they are of: every step while lines swing, every fifth while they settle, then one at which
# all are equal on every seed that was tried, and the end.
FRAMES, STEPS = (0, 60, 74, 75, 76), (0, 60, 130, 200)


@dataclass(frozen=True, kw_only=True)
class WelchDescent(Config):
    """Codes and their descent.

    beta: sharpness of the soft maximum of |cosine|; tightness: weight of the distance from a tight frame.
    """

    frames: int = FRAMES[-1] + 1  # few: rotating edges cost more bytes than anything else drawn here
    frame_ms: int = 70
    hold_ms: int = 3000
    steps: int = 900
    classes: int = between(6, 4, 10, ": more than three dimensions hold orthogonally")
    beta: float = positive(30.0, low=1e-3, high=1e6)
    tightness: float = between(0.15, 0.0, 1e6)
    learning_rate: float = positive(0.05, high=1e3)


class State(NamedTuple):
    codes: Any  # of any length: only directions enter the loss
    opt_state: Any


def init(config: WelchDescent, key: Any) -> State:
    start = geometry.unit_rows(jax.random.normal(key, (config.classes, 3)))
    return State(start, optimiser(config).init(start))


def optimiser(config: WelchDescent) -> optax.GradientTransformation:
    """Adam with cosine decay: at a constant rate codes that have arrived wander off again."""
    return optax.adam(optax.cosine_decay_schedule(config.learning_rate, config.steps))


def loss(config: WelchDescent, codes_now: Any) -> Any:
    smooth = codes.smooth_coherence(codes_now, config.beta)
    return smooth + config.tightness * codes.tightness_error(codes_now)


def step(config: WelchDescent, state: State) -> State:
    return State(*networks.descend(lambda now: loss(config, now), optimiser(config), state.codes, state.opt_state))


def measure(config: WelchDescent, state: State) -> dict[str, Any]:
    unit = geometry.unit_rows(state.codes)
    return {
        "codes": unit,
        "cosines": codes.gram(unit),
        "loss": loss(config, state.codes),
        "coherence": codes.coherence(unit),
        "welch_gap": jnp.maximum(codes.welch_gap(unit), 0.0),
        "frame_eigenvalues": codes.frame_eigenvalues(unit),
    }


def schedule(config: WelchDescent) -> np.ndarray:
    """Steps of the frames, (frames,): as FRAMES and STEPS say, and stretched for another number of frames."""
    return stretched_schedule(config, FRAMES, STEPS)


def shown(config: WelchDescent) -> int:
    """The last frame in which anything is still to be seen: of step STEPS[-1] or, with few frames, before it."""
    return last_frame_by(STEPS[-1], schedule(config))


def derive(
    config: WelchDescent, *, codes: np.ndarray, frame_eigenvalues: np.ndarray, cosines: np.ndarray
) -> dict[str, Any]:
    eigenvalues, angles = frame_eigenvalues.astype(np.float64), line_angles(cosines)
    spread, crossing = np.ptp(angles, axis=1), crossings(angles, widest_angle(config))
    return {
        "tightness_gap": np.abs(eigenvalues - config.classes / 3).max(axis=1),
        "angle_spread": spread,
        "state": settled_state(spread),
        **crossing,
        **pair_view(codes, crossing["tracked"]),
    }


def floor(config: WelchDescent) -> float:
    """Least coherence, Welch 1974: sqrt((C - d)/(d (C - 1))), with d = 3."""
    return float(np.sqrt((config.classes - 3) / (3 * (config.classes - 1))))


def widest_angle(config: WelchDescent) -> float:
    """Widest angle that all lines can have, in degrees: arccos of the floor."""
    return float(np.rad2deg(np.arccos(floor(config))))


def targets(config: WelchDescent) -> Goals:
    level, welch, widest = config.classes / 3, "√((C−d)/(d(C−1)))", widest_angle(config)
    angle = "arccos √((C−d)/(d(C−1)))"
    return {
        "coherence": Target("coherence", "coherence", "within", floor(config), welch, tolerance=1e-3),
        "tightness": Target(
            f"eigenvalues of X'X, farthest from {level:g}", "tightness_gap", "at most", 0.02, "C/d: tight"
        ),
        "equal": Target(f"angle between lines, farthest from {widest:.2f}°", "angle_off", "at most", 0.01, angle),
        "crowded": Target(
            "start: widest less narrowest angle", "angle_spread", "at least", CROWDED, "random lines", at="first"
        ),
        "opened": Target("end: narrowest angle", "narrowest", "within", widest, angle, tolerance=0.01),
    }


SCENE = Scene(
    name="welch-descent",
    title="Six lines spread until every two cross at the same angle",
    subtitle="C = {classes} codes in d = 3 descend to the Welch floor: six end on the lines of the icosahedron",
    alt="Six lines through the centre of a ball, and a protractor with a dot for each two of them: from narrow and "
    "wide crossings all slide to the same angle, {narrowest:.2f}°, which is as wide as six lines can be apart.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, Welch descent; Welch 1974; Strohmer & Heath 2003",
    output="jax-welch/welch-descent",
    message="Six lines in space cannot all be at right angles; they share the room until every two cross at the same "
    "angle.",
    look_for="Fifteen dots, one for each two lines, slide along their arcs onto the dashed ray; the narrowest and the "
    "widest crossing are in colour.",
    formulas=(
        (
            "the Welch bound on the largest overlap",
            r"\max_{i \ne j} \left| \langle x_i, x_j \rangle \right| \ge \sqrt{\frac{C - d}{d (C - 1)}}",
        ),
    ),
    group="frames",
    story=Story(
        state="state",
        names=("crowded", "evening out", "all equal"),
        sentences=(
            "Only three fit at right angles; six are crowded.",
            "Narrow crossings open, wide ones close.",
            "All equal: wider is impossible for six.",
        ),
        wide=Layout(("ab",), widths=(1.1, 1)),
        column=Layout(("a", "b"), heights=(1.3, 1)),
        poster=(0.0, 1.0),
    ),
    config=WelchDescent,
    init=init,
    step=step,
    measure=measure,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
