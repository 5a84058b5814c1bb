"""Two prototypes that could part when their blur is as narrow as the data's spread, and do so later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import prototypes
from render.metrics.linear_algebra import matmul
from render.scene import Config, Scene, last_frame_by, stretched_schedule
from render.target import Goals, Target

from .late_pitchfork_picture import STORY, panels
from .late_pitchfork_theory import SEEN, branch, escape_of, law_of, pictured, square_root_law, swapped_sides

QUARTER = 60  # points drawn; with their mirror images in both axes there are four times as many
CENTRE, SPREAD = (1.2, 0.75), (0.25, 0.42)  # of the points that are drawn: with their images, two wide clumps
MIRRORS = ((1, 1), (-1, 1), (1, -1), (-1, -1))
ITERATIONS = 12  # of expectation-maximisation a step, of the pair that is settled
PLAYED = 75, 0.34  # frame and share of the run up to which the pair has parted; the rest is for the twelve
NEAR, ROOT = 0.06, 0.12  # |rho - 1| below which twelve iterations do not settle a pair, and up to which a root holds


@dataclass(frozen=True, kw_only=True)
class LatePitchfork(Config):
    """A dial of sharpness, from blurred to sharp, and prototypes that are moved a little at each notch.

    low, high: sharpness at the ends of the dial, in units of that at which prototypes can part. rate: of a step of the
    lagging ones. start: how far the pair begins from the middle. jitter: noise a step of the twelve.
    """

    frames: int = 96
    frame_ms: int = 80
    hold_ms: int = 3000
    steps: int = 1900
    low: float = positive(0.7, low=0.05, high=0.99)
    high: float = positive(4.2, low=1.2, high=20.0)
    rate: float = positive(0.1, low=1e-4, high=0.5)
    start: float = positive(1e-3, low=1e-5, high=1e-2)
    jitter: float = between(3e-5, 0.0, 1e-2)


class State(NamedTuple):
    """Notch, key of the noise, points (240, 2), their critical sharpness; settled (2,), pair (2, 2), twelve (12, 2)."""

    at: Any
    key: Any
    points: Any
    critical: Any
    settled: Any
    pair: Any
    twelve: Any


def mirrored(points: Any) -> Any:
    """Points with their images in both axes: (n, 2) -> (4 n, 2)."""
    return jnp.concatenate([points * jnp.array(signs, points.dtype) for signs in MIRRORS])


def even_normals(key: Any, count: int) -> Any:
    """Normal numbers (count, 2), one in each of `count` equally likely parts, in random order.

    Of sixty plain draws the smaller spread varies so much that on one seed in seventy the twelve part too late.
    """
    within, order = jax.random.split(key)
    parts = jnp.stack([jnp.arange(count), jax.random.permutation(order, count)], axis=1)
    return jax.scipy.special.ndtri((parts + jax.random.uniform(within, (count, 2), minval=0.01, maxval=0.99)) / count)


def init(config: LatePitchfork, key: Any) -> State:
    draws, turn, free, noise = (jax.random.fold_in(key, use) for use in range(4))
    points = mirrored(jnp.array(CENTRE) + jnp.array(SPREAD) * even_normals(draws, QUARTER))
    angle = jax.random.uniform(turn, maxval=2 * jnp.pi)
    aside = jnp.maximum(jnp.abs(jnp.array([jnp.cos(angle), jnp.sin(angle)])), 0.3) * config.start
    twelve = mirrored(config.start * jax.random.normal(free, (3, 2)))
    settled = jnp.array([config.start, 0.0])
    critical = prototypes.critical_sharpness(points)
    return State(jnp.zeros((), int), noise, points, critical, settled, jnp.stack([aside, -aside]), twelve)


def dial(config: LatePitchfork, at: Any) -> Any:
    """Sharpness at a notch, in units of the critical one."""
    return config.low + (config.high - config.low) * at / config.steps


def step(config: LatePitchfork, state: State) -> State:
    """One notch: the settled pair runs to rest, the others take one step down the loss."""
    points, sharpness = state.points, state.critical * dial(config, state.at)

    def iterate(_: int, now: Any) -> Any:
        """The pair ±a: its part of the points, less that of the other, each half of them by symmetry."""
        shares = prototypes.soft_shares(points, jnp.stack([now, -now]), sharpness)
        return matmul(shares[:, 0] - shares[:, 1], points) / len(points)

    small = jnp.linalg.norm(state.settled) < config.start
    settled = jnp.where(small, jnp.array([config.start, 0.0]), state.settled)

    def moved(now: Any) -> Any:
        return now + config.rate * len(now) * prototypes.prototype_pull(points, now, sharpness)

    noise = config.jitter * jax.random.normal(jax.random.fold_in(state.key, state.at), (3, 2))
    return state._replace(
        at=state.at + 1,
        settled=jax.lax.fori_loop(0, ITERATIONS, iterate, settled),
        pair=moved(state.pair),
        twelve=moved(state.twelve) + mirrored(noise),
    )


def measure(config: LatePitchfork, state: State) -> dict[str, Any]:
    """What is where; `flow` is of the pair that lags. The dial is read where the settled pair was settled."""
    ratio = dial(config, jnp.maximum(state.at - 1, 0))
    sharpness = ratio * state.critical
    return {
        "ratio": ratio,
        "sharpness": sharpness,
        "settled": state.settled,
        "pair": state.pair,
        "twelve": state.twelve,
        "curvature": prototypes.parting_curvature(state.points, sharpness),
        "loss": prototypes.prototype_loss(state.points, state.pair, sharpness),
    }


def constants(config: LatePitchfork, state: State) -> dict[str, Any]:
    return {"points": state.points, "critical": state.critical}


def schedule(config: LatePitchfork) -> np.ndarray:
    frame, share = PLAYED
    return stretched_schedule(config, (0, frame, 95), (0, round(share * config.steps)))


def shown(config: LatePitchfork) -> int:
    """The last frame of the play: the pair has parted, and only the twelve, which are not drawn, have still to."""
    return last_frame_by(round(PLAYED[1] * config.steps), schedule(config))


def derive(
    config: LatePitchfork,
    *,
    points: np.ndarray,
    ratio: np.ndarray,
    sharpness: np.ndarray,
    settled: np.ndarray,
    pair: np.ndarray,
    twelve: np.ndarray,
    curvature: np.ndarray,
    step: np.ndarray,
) -> dict[str, Any]:
    data, beta, rho = points.astype(np.float64), sharpness.astype(np.float64), ratio.astype(np.float64)
    spread = (data**2).mean(axis=0)
    arms = np.stack([branch(data[:, axis], beta) for axis in range(2)], axis=1)
    split = np.abs(pair[:, 0] - pair[:, 1])[:, 0].astype(np.float64) / 2
    dials = dial(config, np.arange(config.steps)) / spread.max()
    law = law_of(float(split[0]), config.rate, dials, spread[0])
    known = (split < SEEN) & (law[step] > 1e-5)
    still = np.abs(rho - 1) > NEAR
    root = (rho > 1 + NEAR) & (rho < 1 + ROOT)
    escape = escape_of(split, step)
    expected = escape_of(law, np.arange(config.steps + 1))
    reached = float(dial(config, escape))
    ends = np.abs(np.abs(twelve[-1].astype(np.float64)) - arms[-1])
    return {
        "curvature_off": np.abs(curvature - (1 - rho)),
        "branch_off": np.where(still, np.abs(np.abs(settled) - arms * (1.0, 0.0)).max(axis=1), 0.0),
        "root_off": np.abs(settled[root, 0] / square_root_law(data[:, 0], beta[root]) - 1).max(initial=0.0),
        "law_off": np.abs(np.log(np.maximum(split, 1e-30) / law[step]))[known].max(initial=0.0),
        "escape": np.float64(reached),
        "escape_off": np.float64(abs(reached - dial(config, expected))),
        "twelve_off": np.linalg.norm(ends, axis=1).max(),
        "sides_changed": np.float64(swapped_sides(twelve[..., 0].astype(np.float64))),
        **pictured(data, beta, rho, pair.astype(np.float64), law[step], reached, shown(config) + 1),
    }


def targets(config: LatePitchfork) -> Goals:
    linear, fork = "±start · exp Σ ln(1 + h(βλ − 1))", "a = mean of x tanh(β a x)"
    return {
        "curvature": Target(
            "2/β · least eigenvalue of the Hessian, off 1 − β/β_c",
            "curvature_off",
            "at most",
            1e-3,
            "1 − βλ₁",
            at="every",
        ),
        "branch": Target("settled pair off the fork", "branch_off", "at most", 0.01, fork, at="every"),
        "root": Target("settled pair off the square root", "root_off", "at most", 0.15, "a² ≈ 3(βλ₁ − 1)/(β³ mean x⁴)"),
        "law": Target("|ln| of the lagging split over its law, while small", "law_off", "at most", 0.05, linear),
        "escape": Target("sharpness at which it is seen, off the law’s", "escape_off", "at most", 0.02, linear),
        "late": Target("sharpness at which it is seen", "escape", "at least", 1.2, "what is lost must be regained"),
        "twelve": Target("twelve: farthest from (±a₁, ±a₂)", "twelve_off", "at most", 0.02, fork),
        "sides": Target("twelve: sides changed once taken", "sides_changed", "at most", 0.0, "mirrored noise"),
    }


SCENE = Scene(
    name="late-pitchfork",
    title="Sharpening reveals two groups, but later than it could",
    subtitle="Two prototypes of width 1/√β; β rises from {low:g} to {high:g} times β_c = 1/λ₁, rate {rate:g} a step",
    alt="Two prototypes of some points, as their blur shrinks: from a sharpness of 1, where it is as wide as the data, "
    "they could part along a dashed fork, and they do at {escape:.2f}; the tiny split between them shrank until 1, and "
    "had to grow back, as its dashed law says.",
    post="Learning mechanics",
    source="Feature Lottery? (Yang 2026, arXiv 2605.24057); Rose, Gurewitz & Fox 1990 (deterministic annealing)",
    output="dynamics/late-pitchfork",
    message="Two centres can part when their blur is as narrow as the data is wide, and part visibly only later: the "
    "tiny split between them had shrunk before, and must first be regained.",
    look_for="The disc shrinks through the dashed ring, the fork opens, and nothing moves but the split below, in "
    "powers of ten; only when it is large enough to be seen do the dots leave the middle, and hurry to the fork.",
    formulas=(
        ("where prototypes can part", r"\beta_c = \frac{1}{\lambda_{\max}(\mathrm{Cov})}"),
        ("the fork", r"a = \frac{1}{n} \sum_i x_i \tanh(\beta a x_i)"),
        ("the split while small", r"a(t) = a_0 \exp \sum_{u < t} \ln \left( 1 + h (\beta_u \lambda_1 - 1) \right)"),
    ),
    group="dynamics",
    step_name="notch",
    story=STORY,
    config=LatePitchfork,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
