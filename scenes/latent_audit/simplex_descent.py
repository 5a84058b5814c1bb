"""Four codes on the sphere descend the squared error of their cosines, and become a tetrahedron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.metrics import codes, geometry, spectrum
from render.scene import Config, Scene, geometric_schedule, last_frame_by
from render.target import Goals, Target

from .. import networks
from .simplex_descent_picture import STORY, panels
from .welch_lines import RADII, RAY, at_angles, settled_state

UNEVEN = 60.0  # degrees from the narrowest angle to the widest: more is uneven
SEEN = 160  # steps after which angles are equal to the eye, on every seed that was tried


@dataclass(frozen=True, kw_only=True)
class SimplexDescent(Config):
    """Codes and their descent, plain and projected: after each step they are made of unit length again."""

    hold_ms: int = 3000
    steps: int = 900
    classes: int = between(4, 2, 4, ": three dimensions hold no larger simplex")
    learning_rate: float = positive(0.2, high=1e3)


class State(NamedTuple):
    codes: Any
    opt_state: Any


def init(config: SimplexDescent, key: Any) -> State:
    start = geometry.unit_rows(jax.random.normal(key, (config.classes, 3)))
    return State(start, optimiser(config).init(start))


def optimiser(config: SimplexDescent) -> optax.GradientTransformation:
    return optax.sgd(config.learning_rate)


def loss(codes_now: Any) -> Any:
    """Mean squared error of the cosine table: (1/C^2) sum_ij (<x_i, x_j> - g_ij)^2, g the simplex Gram."""
    return jnp.mean((codes.gram(codes_now) - codes.simplex_gram(len(codes_now))) ** 2)


def step(config: SimplexDescent, state: State) -> State:
    moved, opt_state = networks.descend(loss, optimiser(config), state.codes, state.opt_state)
    return State(geometry.unit_rows(moved), opt_state)


def measure(config: SimplexDescent, state: State) -> dict[str, Any]:
    return {
        "codes": state.codes,
        "cosines": codes.gram(state.codes),
        "loss": loss(state.codes),
        "simplex_error": codes.simplex_error(state.codes),
        "coherence": codes.coherence(state.codes),
        "entropy_rank": spectrum.entropy_rank(codes.frame_eigenvalues(state.codes)),
    }


def derive(config: SimplexDescent, *, cosines: np.ndarray) -> dict[str, np.ndarray]:
    """The table without its diagonal, and a protractor: a dot a pair at its angle, each on an arc of its own."""
    count, theory = config.classes, simplex_angle(config)
    angles = np.rad2deg(np.arccos(np.clip(cosines[:, *np.triu_indices(count, k=1)].astype(np.float64), -1, 1)))
    places = (count - 0.5 - np.arange(count)) / count
    return {
        "table": cosines * (1 - np.eye(count)),
        "angle_spread": np.ptp(angles, axis=1),
        "angle_off": np.abs(angles - theory).max(axis=1),
        "protractor": at_angles(angles, np.linspace(*RADII, angles.shape[1])),
        "ray": np.stack([np.zeros(2), at_angles(np.array(theory), RAY)])[None],
        "floor": np.array([[[-1.0, 0.0], [1.0, 0.0]]]),
        "rows": np.stack([np.full(count, -0.08), places], axis=1),
        "columns": np.stack([1 - places, np.full(count, 1.08)], axis=1),
        "code_numbers": np.arange(count),
        "state": settled_state(np.ptp(angles, axis=1), UNEVEN),
    }


def simplex_angle(config: SimplexDescent) -> float:
    """The one angle of a simplex in degrees, arccos(-1/(C - 1))."""
    return float(np.rad2deg(np.arccos(-1 / (config.classes - 1))))


def shown(config: SimplexDescent) -> int:
    """The last frame in which anything is still to be seen move: of step SEEN or before it."""
    return last_frame_by(SEEN, geometric_schedule(config))


def targets(config: SimplexDescent) -> Goals:
    floor, modes = 1 / (config.classes - 1), config.classes - 1.01
    simplex = "every cosine is −1/(C−1)"
    return {
        "error": Target("simplex error", "simplex_error", "at most", 1e-3, simplex),
        "coherence": Target("coherence", "coherence", "within", floor, "1/(C−1), the simplex", tolerance=1e-3),
        "angle": Target(
            "angle of two codes, farthest from theory",
            "angle_off",
            "at most",
            0.1,
            f"arccos(−1/(C−1)) = {simplex_angle(config):.2f}°",
        ),
        "rank": Target("entropy rank", "entropy_rank", "at least", modes, "C−1 equal eigenvalues"),
    }


SCENE = Scene(
    name="simplex-descent",
    title="Four directions part until every two are equally far apart",
    subtitle="projected gradient descent on the cosine table; C = {classes} codes in d = 3, room for a simplex of four",
    alt="A table of the cosines of {classes} codes turns from a patchwork to one colour, and a dot for each two "
    "slides along a protractor onto the dashed ray of a simplex: the farthest ends {angle_off:.4f}° from it.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, simplex descent; Strohmer & Heath 2003; Roy & Vetterli 2007",
    output="jax-welch/simplex-descent",
    message="Four directions in space that push each other apart end with the same angle between every two.",
    look_for="The patchwork of the table turns one colour while six dots slide onto the dashed ray.",
    formulas=(("cosine of every two", r"\cos(x_i, x_j) = -\frac{1}{C - 1}"),),
    group="frames",
    story=STORY,
    config=SimplexDescent,
    init=init,
    step=step,
    measure=measure,
    derive=derive,
    shown=shown,
    panels=panels,
    targets=targets,
)
