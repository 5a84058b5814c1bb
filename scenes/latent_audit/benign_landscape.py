"""Six random starts descend one frame potential, and every one reaches the floor; not squared, one may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.metrics import codes, geometry
from render.scene import Config, Scene, stretched_schedule
from render.target import Goals, Target

from .. import networks
from .benign_landscape_picture import STORY, panels, seen

STARTS = 6
# Frames, and the steps that they are of: every step while all fall, every other while they get round, then few.
FRAMES, STEPS = (0, 44, 70, 79), (0, 44, 100)
SURE = 0.15  # share of seeds, at least, on which one of the six starts sticks where overlaps are not squared


@dataclass(frozen=True, kw_only=True)
class BenignLandscape(Config):
    frame_ms: int = 80
    hold_ms: int = 3000
    steps: int = 1200
    classes: int = between(7, 2, 10)
    learning_rate: float = positive(0.01, high=1e3)


class State(NamedTuple):
    """Codes (starts, classes, 3), of any length, since potentials know directions only; opt_state, one a start."""

    codes: Any
    opt_state: Any
    unsquared_codes: Any  # the same starts on the other potential
    unsquared_opt_state: Any


def unsquared_potential(codes_now: Any) -> Any:
    """Sum of |cosines| over ordered pairs of different codes, (classes, 3) -> (): overlaps that are not squared."""
    return 2 * jnp.sum(jnp.abs(geometry.pairwise_cosines(codes_now)))


def optimisers(config: BenignLandscape) -> tuple[optax.GradientTransformation, optax.GradientTransformation]:
    """Of the frame potential, and of the other, whose kinks codes jump across unless steps get small."""
    decayed = optax.cosine_decay_schedule(config.learning_rate, config.steps)
    return optax.adam(config.learning_rate), optax.adam(decayed)


def init(config: BenignLandscape, key: Any) -> State:
    starts = geometry.unit_rows(jax.random.normal(key, (STARTS, config.classes, 3)))
    squared, unsquared = optimisers(config)
    return State(starts, jax.vmap(squared.init)(starts), starts, jax.vmap(unsquared.init)(starts))


def step(config: BenignLandscape, state: State) -> State:
    """One step of Adam for each start and potential, all at once."""
    squared, unsquared = optimisers(config)

    def descend(codes_now: Any, opt_state: Any) -> tuple[Any, Any]:
        return networks.descend(codes.frame_potential, squared, codes_now, opt_state)

    def descend_unsquared(codes_now: Any, opt_state: Any) -> tuple[Any, Any]:
        return networks.descend(unsquared_potential, unsquared, codes_now, opt_state)

    return State(
        *jax.vmap(descend)(state.codes, state.opt_state),
        *jax.vmap(descend_unsquared)(state.unsquared_codes, state.unsquared_opt_state),
    )


def measure(config: BenignLandscape, state: State) -> dict[str, Any]:
    unit, unsquared = geometry.unit_rows(state.codes), geometry.unit_rows(state.unsquared_codes)
    potential = jax.vmap(codes.frame_potential)(unit)
    return {
        "codes": unit,
        "loss": potential.mean(),
        "potential": potential,
        "spread": jnp.ptp(potential),
        "frame_eigenvalues": jax.vmap(codes.frame_eigenvalues)(unit),
        "unsquared_codes": unsquared,
        "unsquared": jax.vmap(unsquared_potential)(unsquared),
    }


def schedule(config: BenignLandscape) -> np.ndarray:
    """Steps of the frames, (frames,): as FRAMES and STEPS say, and stretched for another number of frames."""
    return stretched_schedule(config, FRAMES, STEPS)


def derive(
    config: BenignLandscape,
    *,
    codes: np.ndarray,
    potential: np.ndarray,
    frame_eigenvalues: np.ndarray,
    unsquared: np.ndarray,
) -> dict[str, Any]:
    rungs = splits(config)
    above = unsquared.astype(np.float64) - rungs[0]
    heights = np.sqrt(np.maximum(potential.astype(np.float64) - floor(config), 0))  # how far from round the blobs are
    return {
        "potential": {str(start): potential[:, start] for start in range(STARTS)},
        "tightness_gap": np.abs(frame_eigenvalues - config.classes / 3).max(axis=(1, 2)),
        "unsquared_off": np.abs(unsquared[..., None] - rungs).min(axis=-1).max(axis=1),
        "unsquared_highest": above.max(axis=1),
        **seen(codes, heights, np.sqrt(np.maximum(above, 0))),
    }


def floor(config: BenignLandscape) -> float:
    """Least frame potential, Benedetto & Fickus 2003, less the diagonal: max(C, C^2/d) - C, with d = 3."""
    return max(config.classes, config.classes**2 / 3) - config.classes


def splits(config: BenignLandscape) -> np.ndarray:
    """What C codes have that lie on three perpendicular lines, n1 + n2 + n3 of them, not squared: sum n_i^2 - C.

    The least first, each value once: equal shares; it is the lowest that any start has been seen to reach.
    """
    count = config.classes
    shares = [(n1, n2, count - n1 - n2) for n1 in range(count + 1) for n2 in range(count + 1 - n1)]
    return np.unique([sum(n * n for n in parts) - count for parts in shares]).astype(float)


def targets(config: BenignLandscape) -> Goals:
    tight = "max(C, C²/d) − C: no bad local minima (Benedetto & Fickus 2003)"
    potentials = {
        f"start_{k}": Target(
            f"potential of start {k + 1}",
            f"potential/{k}",
            "within",
            floor(config),
            tight,
            tolerance=1e-3,
            read_off=("potential",),
        )
        for k in range(STARTS)
    }
    least, second, *_ = splits(config)
    perpendicular = "Σ n_i² − C: all on three perpendicular lines"
    return {
        "spread": Target("spread between the starts", "spread", "at most", 1e-3, tight),
        **potentials,
        "rungs": Target("not squared: off three lines' values", "unsquared_off", "at most", 1e-2, perpendicular),
        "stuck": Target(
            "not squared: highest start above the least",
            "unsquared_highest",
            "at least",
            second - least - 1e-2,
            "next split of C into three",
            share=SURE,
        ),
    }


SCENE = Scene(
    name="benign-landscape",
    title="Whatever the random start, descent ends on the same floor",
    subtitle="C = {classes} codes in d = 3, six starts at once: different frames in the end, all of them tight",
    alt="Six random starts of {classes} lines each, drawn as blobs as high as they are from round, fall and land round "
    "on one floor, C²/d − C, {loss:.4f}, with a spread of {spread:.1e}; beside them the same starts where overlaps are "
    "not squared, of which {stuck_count} stuck above the floor.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, benign landscape; Benedetto & Fickus 2003",
    output="jax-welch/benign-landscape",
    message="Descent on the squared overlaps of lines ends at the same least value from every random start; with "
    "overlaps that are not squared a start can get stuck above it.",
    look_for="Six long blobs fall and get round until all stand on the dashed floor; at the right one dot of the same "
    "six starts stays above it.",
    formulas=(
        (
            "the potential, and its floor",
            r"\sum_{i \ne j} \langle x_i, x_j \rangle^2 \ge \max \left( C, \frac{C^2}{d} \right) - C",
        ),
    ),
    group="frames",
    story=STORY,
    config=BenignLandscape,
    init=init,
    step=step,
    measure=measure,
    derive=derive,
    schedule=schedule,
    panels=panels,
    targets=targets,
)
