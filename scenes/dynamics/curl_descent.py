"""One layer's learning rule is flipped: weights go round on circles, and only large circles meet a solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics.signed_rules import kept_by_units
from render.scene import Config, Scene, gradual_schedule, last_frame_by
from render.target import Goals, Target

from ..flows import rk4
from .curl_descent_laws import circled, circles_mean_loss, descended, network_output
from .curl_descent_picture import STORY, panels
from .curl_descent_view import pictured

TEACHER = 1.0  # what a w should be
INSIDE, OUTSIDE = (0.10, 0.85), (1.15, 3.2)  # R^2 over twice the teacher: at 1 the circle touches the solutions
GAP = 0.02  # radians: least angle at the start to what repels, beside which rounding decides how long a copy stays
LENGTHS = {"incoming": 1.2, "readout": 0.05}  # squared lengths at the start of the networks
FLIPPED = {"none": 0.0, "some": 3 / 8, "most": 3 / 4, "all": 1.0}  # share of hidden units whose readout is flipped
LEARNED = 1e-3  # an error this small is none
SEEN = 2 / 3  # of the run: later nothing new is seen
EVEN_UNTIL = 0.5  # of the run: large circles, which are the fastest, are over early


@dataclass(frozen=True, kw_only=True)
class CurlDescent(Config):
    """Copies of the network a w x under two learning rules, and wider networks with some units flipped.

    copies: of each arm, one half inside the critical circle. hidden: units of the wider networks. dt: time of a step.
    flip: factor on the rule of a in the flipped arm: -1 climbs the loss, 1 is gradient flow.
    """

    frames: int = 115
    frame_ms: int = 60
    hold_ms: int = 3000
    steps: int = 1188
    copies: int = between(120, 4, 2000, of=2)
    hidden: int = between(16, 4, 1024)
    dt: float = positive(0.01, low=1e-4, high=0.1)
    flip: float = between(-1.0, -1.0, 1.0)


class State(NamedTuple):
    """Weights (w, a) of the copies of both arms, (copies, 2); those of four networks (4, hidden), and their turn (4,).

    The turn is the integral of the error over time.
    """

    gradient: Any
    flipped: Any
    incoming: Any
    readout: Any
    turn: Any


def init(config: CurlDescent, key: Any) -> State:
    """Copies in all directions, as many inside the critical circle as outside, the same in both arms."""
    angles, radii, sides, units = (jax.random.fold_in(key, use) for use in range(4))
    half = config.copies // 2
    low, high = (jnp.repeat(jnp.array([INSIDE[end], OUTSIDE[end]]), half) for end in (0, 1))
    squares = 2 * TEACHER * (low + (high - low) * jax.random.uniform(radii, (config.copies,)))
    angle = jax.random.uniform(angles, (config.copies,), maxval=2 * jnp.pi)
    repels = jnp.arcsin(jnp.minimum(2 * TEACHER / squares, 1)) / 2  # outside: where a circle meets |a| < |w|
    angle = parted(parted(angle, -jnp.pi / 4), repels)  # and a = -w, on which gradient flow runs into its saddle
    start = jnp.sqrt(squares)[:, None] * jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1)
    side = 2.0 * jax.random.bernoulli(sides, shape=(config.hidden,)) - 1
    readout = jax.random.normal(units, (config.hidden,))
    readout *= jnp.sqrt(LENGTHS["readout"]) / jnp.sqrt(jnp.sum(readout**2))
    alike = (len(FLIPPED), config.hidden)
    return State(
        start,
        start,
        jnp.broadcast_to(side * jnp.sqrt(LENGTHS["incoming"] / config.hidden), alike),
        jnp.broadcast_to(readout, alike),
        jnp.zeros(len(FLIPPED)),
    )


def parted(angle: Any, line: Any) -> Any:
    """Angles that are off that of a line through the origin by GAP at least."""
    away = (angle - line + jnp.pi / 2) % jnp.pi - jnp.pi / 2
    return angle - away + jnp.where(away < 0, -1, 1) * jnp.maximum(jnp.abs(away), GAP)


def signs(config: CurlDescent) -> np.ndarray:
    """Signs of the readout's rule, (4, hidden): the first units of each network are flipped."""
    flipped = np.array([round(share * config.hidden) for share in FLIPPED.values()])
    return np.where(np.arange(config.hidden) < flipped[:, None], -1.0, 1.0)


def velocity(config: CurlDescent, state: State) -> State:
    """Gradient flow of (1 - a w)^2 / 2, with the sign of the readout's rule flipped where it is."""

    def copies(weights: Any, sign: float) -> Any:
        w, a = weights.T
        error = TEACHER - a * w
        return jnp.stack([a * error, sign * w * error], axis=1)

    error = TEACHER - outputs(state)
    return State(
        copies(state.gradient, 1.0),
        copies(state.flipped, config.flip),
        state.readout * error[:, None],
        signs(config) * state.incoming * error[:, None],
        error,
    )


def outputs(state: State) -> Any:
    """What each network answers to x = 1, (4,)."""
    return jnp.sum(state.incoming * state.readout, axis=1)


def step(config: CurlDescent, state: State) -> State:
    return rk4(lambda now: velocity(config, now), state, config.dt)


def measure(config: CurlDescent, state: State) -> dict[str, Any]:
    arms = {"gradient": state.gradient, "flipped": state.flipped}
    errors = {arm: TEACHER - weights[:, 0] * weights[:, 1] for arm, weights in arms.items()}
    alike = jnp.ones(config.copies)
    return {
        "weights": arms,
        "errors": errors,
        "kept": {
            arm: kept_by_units(weights[:, :1], weights[:, 1], sign * alike)
            for (arm, weights), sign in zip(arms.items(), (1.0, -1.0), strict=True)
        },
        "incoming": state.incoming,
        "readout": state.readout,
        "turn": state.turn,
        "output": outputs(state),
        "loss": jnp.mean(errors["flipped"] ** 2) / 2,
    }


def schedule(config: CurlDescent) -> np.ndarray:
    return gradual_schedule(config, EVEN_UNTIL * config.steps)


def shown(config: CurlDescent) -> int:
    """The last frame in which something new is seen: the smallest circles have closed once."""
    return last_frame_by(SEEN * config.steps, schedule(config))


def derive(
    config: CurlDescent,
    *,
    weights: dict[str, np.ndarray],
    errors: dict[str, np.ndarray],
    kept: dict[str, np.ndarray],
    incoming: np.ndarray,
    readout: np.ndarray,
    turn: np.ndarray,
    output: np.ndarray,
    step: np.ndarray,
) -> dict[str, Any]:
    times = config.dt * np.asarray(step, np.float64)
    places = {arm: array.astype(np.float64) for arm, array in weights.items()}
    error = {arm: array.astype(np.float64) for arm, array in errors.items()}
    theory = {
        "gradient": descended(places["gradient"][0], TEACHER, times),
        "flipped": circled(places["flipped"][0], TEACHER, times),
    }
    charge = {arm: array.astype(np.float64) for arm, array in kept.items()}
    moved = {arm: np.abs(each - each[0]) for arm, each in charge.items()}
    half = config.copies // 2
    inside, outside = np.arange(half), np.arange(half, config.copies)
    w, a = np.abs(places["flipped"][-1, outside]).T
    learned = np.abs(error["flipped"]) < LEARNED
    law = network_output(incoming[0], readout[0], signs(config), turn)
    losses = (TEACHER - output.astype(np.float64)) ** 2 / 2
    rises = dict(zip(FLIPPED, losses.max(axis=0) / losses[0], strict=True))
    off = np.abs(TEACHER - output.astype(np.float64))
    radius = np.abs(np.sum((incoming[0, -1].astype(np.float64) + 1j * readout[0, -1]) ** 2))
    circles = np.trapezoid(np.mean(error["flipped"][:, inside] ** 2 / 2, axis=1), times) / (times[-1] - times[0])
    return {
        "off_law": {arm: np.abs(places[arm] - theory[arm]).max(axis=(1, 2)) for arm in places},
        "unkept": {
            "gradient": (moved["gradient"] / (1 + np.abs(charge["gradient"][0]))).max(axis=1),
            "flipped": (moved["flipped"] / charge["flipped"][0]).max(axis=1),
        },
        "outside_error": np.abs(error["flipped"][:, outside]).max(axis=1),
        "lower_half": np.float64(np.count_nonzero(a < w)),
        "missorted": np.count_nonzero(learned[:, inside], axis=1) + np.count_nonzero(~learned[:, outside], axis=1),
        "output_off": np.abs(output - law).max(axis=1),
        "falls": np.float64(max(rises["none"], rises["some"])),
        "rises": np.float64(rises["most"]),
        "networks_error": off[:, :3].max(axis=1),
        "closest_off": np.float64(off[:, 3].min() - (TEACHER - radius / 2)),
        "mean_loss_off": np.abs(circles / circles_mean_loss(charge["flipped"][0, inside], TEACHER) - 1),
        **pictured(places, theory["flipped"], TEACHER, times),
    }


def targets(config: CurlDescent) -> Goals:
    flow, circle, edge = "S = (a + w)² by its logistic law", "(w, a) ∝ exp(tM)(w, a)(0)", "R² = 2β parts them"
    turn = "F is a function of τ = ∫e dt alone"
    return {
        "gradient": Target("descent: copies off their law", "off_law/gradient", "at most", 5e-4, flow, at="every"),
        "flipped": Target("flipped: copies off their law", "off_law/flipped", "at most", 5e-4, circle, at="every"),
        "difference": Target(
            "descent: a² − w² moved, over 1 + |a² − w²|", "unkept/gradient", "at most", 1e-4, "kept", at="every"
        ),
        "radius": Target("flipped: a² + w² moved, relative", "unkept/flipped", "at most", 1e-4, "kept", at="every"),
        "outside": Target("outside: largest |e|", "outside_error", "at most", 1e-3, edge),
        "lower": Target(
            "outside: copies that rest at |a| < |w|", "lower_half", "at most", 0, "there e grows as (w² − a²) e"
        ),
        "sorted": Target("copies on the wrong side: learned inside, or not outside", "missorted", "at most", 0, edge),
        "networks": Target("networks: output off its law", "output_off", "at most", 1e-3, turn, at="every"),
        "falls": Target("none or 3/8 flipped: largest loss over the first", "falls", "at most", 1 + 1e-6, "S > 0"),
        "rises": Target("3/4 flipped: largest loss over the first", "rises", "at least", 1.1, "S < 0: it first climbs"),
        "learned": Target("none, 3/8 or 3/4 flipped: largest |e|", "networks_error", "at most", 1e-3, "F(τ) reaches β"),
        "closest": Target(
            "all flipped: least |e| less its law", "closest_off", "within", 0.0, "β − R²/2", tolerance=0.01
        ),
        "circles": Target("inside: mean loss off its law, relative", "mean_loss_off", "at most", 0.1, "β√(4β² − R⁴)/4"),
    }


SCENE = Scene(
    name="curl-descent",
    title="Flip one learning rule: large weights learn, small ones circle",
    subtitle="a w should be 1, gradient flow with the rule of a flipped: w′ = a e, a′ = −w e; {copies} copies",
    alt="Dots on circles in the plane of two weights, whose product should be 1: outside a dashed edge all come to "
    "rest on the curve of solutions, within {outside_error:.6f}; inside they circle for ever. Beside it the "
    "same starts without the flip, which all learn.",
    post="Learning mechanics",
    source="Ninou, Kadmon & Cayco-Gajic 2025, Curl Descent (arXiv 2510.02765); Adler 1946 (locked or rotating)",
    output="dynamics/curl-descent",
    message="With one of two learning rules flipped, weights move on circles: large circles run into a solution and "
    "stop, small ones never meet one.",
    look_for="The two big dots: the outer one rides its circle into a solution and stays, the inner one comes round "
    "to where it began.",
    formulas=(
        ("the flipped rule", r"\dot w = a\,(\beta - a w), \qquad \dot a = -w\,(\beta - a w)"),
        ("what it keeps", r"a^2 + w^2 = R^2"),
        ("the edge, outside of which it learns", r"R^2 = 2 \beta"),
    ),
    group="dynamics",
    story=STORY,
    config=CurlDescent,
    init=init,
    step=step,
    measure=measure,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
