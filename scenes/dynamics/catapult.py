"""Descent at a rate too large for a steep valley: it jumps across, and lands where the valley is flat enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import large_rates
from render.metrics.factored_output import descended, output_and_kernel
from render.scene import Config, Scene, strictly
from render.target import Goals, Target

from .catapult_jumps import followed_frames, pictured
from .catapult_models import GONE, error, imbalance, lawful, network_loss, pair_loss
from .catapult_picture import STORY, panels

ARMS = {"small": 1.0, "large": 3.0, "larger": 3.7, "divergent": 4.3}  # rates in units of 1/lambda at the start
DIAL = np.linspace(0.1, 3.9, 40)  # and those of a dial
SEEN = 1e-5  # change of the curvature over itself, below which its sign is rounding
SINGLE = 46  # frames that are a step apart
CAP = 1e8  # of losses that are reported


@dataclass(frozen=True, kw_only=True)
class Catapult(Config):
    """Networks f = u . v/sqrt n at rates from small to divergent, and pairs of weights on the valley u v = 1.

    width: n. pairs: of weights, (e^q, e^-q), q even in +-reach, and moved by `scatter` times normal numbers. rate: of
    the pairs; it is also halved for those from the same start that stay.
    """

    frames: int = between(71, 2, 2000)
    frame_ms: int = 90
    hold_ms: int = 3000
    steps: int = 2000
    width: int = between(256, 2, 10_000)
    pairs: int = between(200, 2, 10_000)
    rate: float = positive(0.4, high=0.9)
    reach: float = positive(1.12, high=3.0)
    scatter: float = between(0.03, 0.0, 0.5)


class State(NamedTuple):
    """Weights of networks (2, rates, width) and their rates, and of pairs (pairs, 2), at the rate and at half of it.

    off: largest distances so far of outputs, curvatures and imbalances from their laws; wrong: steps in which the
    curvature went the other way.
    """

    networks: Any
    rates: Any
    full: Any
    half: Any
    off: dict[str, Any]
    wrong: Any


def init(config: Catapult, key: Any) -> State:
    first, second, places, away = (jax.random.fold_in(key, use) for use in range(4))
    u, v = jax.random.normal(first, (config.width,)), jax.random.normal(second, (config.width,))
    v += (jnp.sqrt(config.width) - jnp.sum(u * v)) * u / jnp.sum(u**2)  # so that f = 1
    factors = jnp.array([*ARMS.values(), *DIAL], jnp.float32)
    networks = jnp.broadcast_to(jnp.stack([u, v])[:, None], (2, len(factors), config.width))
    q = jax.random.uniform(places, (config.pairs,), minval=-config.reach, maxval=config.reach)
    noise = config.scatter * jax.random.normal(away, (config.pairs, 2))
    pairs = jnp.exp(jnp.stack([q, -q], axis=1)) + noise
    off = dict.fromkeys(("output", "curvature", "imbalance"), jnp.zeros(()))
    return State(networks, factors / output_and_kernel(*networks)[1], pairs, pairs, off, jnp.zeros((), int))


def step(config: Catapult, state: State) -> State:
    """One step of gradient descent for every network and pair, held against the law of that step."""
    now, rates = state.networks, state.rates
    f, steep = output_and_kernel(*now)
    moves = jnp.abs(f) <= GONE * config.width
    after = jnp.where(moves[:, None], now - rates[:, None] * jax.grad(network_loss)(now), now)
    f_law, steep_law = descended(f, steep, config.width, rates, f)
    f_after, steep_after = output_and_kernel(*after)
    size = jnp.abs(f) * (1 + rates * steep + rates**2 * f**2 / config.width)
    f_off = jnp.abs(f_after - f_law) / jnp.maximum(jnp.maximum(size, jnp.abs(f_after)), 1.0)
    steep_off = jnp.abs(steep_after - steep_law) / jnp.maximum(steep, steep_after)
    change = steep_after - steep
    wrong = moves & (jnp.abs(change) > SEEN * steep) & (jnp.sign(change) != jnp.sign(rates * steep - 4))
    full, half = (
        pairs - rate * jax.grad(pair_loss)(pairs)
        for pairs, rate in ((state.full, config.rate), (state.half, config.rate / 2))
    )
    law = large_rates.imbalance_after(imbalance(state.full), error(state.full), config.rate)
    squares = jnp.maximum(jnp.sum(state.full**2, axis=1), jnp.sum(full**2, axis=1))
    found = {
        "output": jnp.where(moves, f_off, 0.0),
        "curvature": jnp.where(moves, steep_off, 0.0),
        "imbalance": jnp.abs(imbalance(full) - law) / squares,
    }
    off = {name: jnp.maximum(state.off[name], jnp.max(each)) for name, each in found.items()}
    return State(after, rates, full, half, off, state.wrong + jnp.sum(wrong))


def measure(config: Catapult, state: State) -> dict[str, Any]:
    outputs, curvatures = output_and_kernel(*state.networks)
    return {
        "outputs": outputs,
        "curvatures": curvatures,
        "full": state.full,
        "half": state.half,
        "off": dict(state.off),
        "wrong": state.wrong,
        "loss": pair_loss(state.full) / config.pairs,
    }


def constants(config: Catapult, state: State) -> dict[str, Any]:
    return {"rates": state.rates}


def raw(config: Catapult, state: State) -> dict[str, Any]:
    incoming, readout = state.networks
    return {"incoming": incoming, "readout": readout}


def schedule(config: Catapult) -> np.ndarray:
    """A step a frame while the jumps are large, and then geometric."""
    single = min(SINGLE, 2 * config.frames // 3)
    later = np.geomspace(single, config.steps, config.frames - single + 1)[1:]
    return strictly(np.concatenate([np.arange(single), later]), config)


def shown(config: Catapult) -> int:
    """The last frame of the jumps that are drawn, each in several frames."""
    return min(followed_frames(schedule(config)), config.frames - 1)


def derive(
    config: Catapult,
    *,
    outputs: np.ndarray,
    curvatures: np.ndarray,
    rates: np.ndarray,
    full: np.ndarray,
    half: np.ndarray,
    step: np.ndarray,
) -> dict[str, Any]:
    f, steep, rate = (array.astype(np.float64) for array in (outputs, curvatures, rates))
    sharpness, count = rate * steep, len(ARMS)
    off = np.abs(sharpness - rate * lawful(f[0], steep[0], rate, config.width, step))
    squares = (full.astype(np.float64) ** 2).sum(axis=2)
    errors = full[..., 0].astype(np.float64) * full[..., 1] - 1
    losses = np.minimum(f**2 / 2, CAP)
    below, above = DIAL < 1.9, DIAL > 2.05
    return {
        "law_off": off[:, 1:3].max(axis=1),
        "dial_off": off[:, count:].max(axis=1),
        "kept": steep[:, 0] / steep[0, 0],
        "climb": {arm: (f[:, k] ** 2).max() / f[0, k] ** 2 for k, arm in enumerate(ARMS)},
        "caught_sharpness": sharpness[:, 1:3],
        "caught_loss": losses[:, 1:3],
        "divergent_loss": losses[:, 3],
        "dial_kept": (steep / steep[0])[:, count:][:, below].min(axis=1),
        "dial_sharpness": sharpness[:, count:][:, above].max(axis=1),
        "dial_output": np.abs(f[:, count:]).max(axis=1),
        "pair_sharpness": config.rate * squares.max(axis=1),
        "pair_error": np.abs(errors).max(axis=1),
        **pictured(config, full.astype(np.float64), half.astype(np.float64), step),
    }


def targets(config: Catapult) -> Goals:
    f_law, steep_law = "f′ = f(1 − ηλ + η²f²/n)", "λ′ = λ + (ηf²/n)(ηλ − 4)"
    stable, mild, caught = "stable where ηλ ≤ 2", "η < 2/λ₀: lazy", "2/λ₀ < η < 4/λ₀: thrown"
    return {
        "output_law": Target("|f′ − law|, largest", "off/output", "at most", 1e-5, f_law, at="every"),
        "curvature_law": Target("|λ′ − law| over λ, largest", "off/curvature", "at most", 1e-5, steep_law, at="every"),
        "sign": Target("steps with sign(Δλ) ≠ sign(ηλ − 4)", "wrong", "at most", 0, steep_law, at="every"),
        "course": Target("at 3 and 3.7 over λ₀: ηλ off the law", "law_off", "at most", 1e-3, steep_law, at="every"),
        "dial_course": Target("dial: ηλ off the law", "dial_off", "at most", 1e-3, steep_law, at="every"),
        "lazy": Target("at 1 over λ₀: λ over λ₀", "kept", "within", 1.0, mild, tolerance=0.05),
        "lazy_falls": Target("at 1 over λ₀: largest f² over the first", "climb/small", "at most", 1.0, mild),
        "climbs": Target("at 3 over λ₀: largest f² over the first", "climb/large", "at least", 10.0, caught),
        "caught": Target("at 3 and 3.7 over λ₀: ηλ", "caught_sharpness", "at most", 2.0, stable),
        "learned": Target("at 3 and 3.7 over λ₀: loss", "caught_loss", "at most", 1e-6, caught),
        "diverges": Target("at 4.3 over λ₀: loss, at most 10⁸", "divergent_loss", "at least", 1e6, "4/λ₀ < η"),
        "dial_lazy": Target("dial below 1.9: least λ/λ₀", "dial_kept", "at least", 0.9, mild),
        "dial_caught": Target("dial above 2.05: largest ηλ", "dial_sharpness", "at most", 2.0, stable),
        "dial_learned": Target(
            "dial: largest |f|", "dial_output", "at most", 0.05, "η < 4/λ₀: bounded, and stable ends"
        ),
        "pairs_caught": Target("pairs: largest η(u² + v²)", "pair_sharpness", "at most", 2.0, stable),
        "pairs_learned": Target("pairs: largest |uv − 1|", "pair_error", "at most", 0.01, "they end in the valley"),
        "pair_law": Target(
            "pairs: u² − v² off its law", "off/imbalance", "at most", 1e-5, "D′ = D(1 − η²e²), e = uv − 1", at="every"
        ),
    }


SCENE = Scene(
    name="catapult",
    title="Too large a rate throws weights to flatter ground",
    subtitle="Gradient descent on (uv − 1)²/2 at η = {rate:g} and at half of it; networks u·v/√n, n = {width}, up to "
    "4.3/λ₀",
    alt="Two weights in a valley of the loss, too steep for their rate: they jump across, higher each time, and land "
    "where it is flat enough; of {pairs} pairs all end there, none over {pair_sharpness:.3f} of 2; at half the rate "
    "the weights stay where they were.",
    post="Learning mechanics",
    source="Lewkowycz et al. 2020, The large learning rate phase of deep learning: the catapult mechanism (arXiv "
    "2003.02218)",
    output="dynamics/catapult",
    message="At a rate that is too large for the valley it is in, descent jumps out of it, and comes to rest where the "
    "valley is flat enough for this rate.",
    look_for="The orange dot jumps across the valley, further each time, until a large jump lands inside the dashed "
    "ring, where the valley is wider. The dark dot, at half the rate, stays.",
    formulas=(
        (
            "output and curvature of the network after a step",
            r"f' = f \left( 1 - \eta\lambda + \frac{\eta^2 f^2}{n} \right), \quad "
            r"\lambda' = \lambda + \frac{\eta f^2}{n} (\eta\lambda - 4)",
        ),
        (
            "what makes two weights equal",
            r"u'^2 - v'^2 = (u^2 - v^2) \left( 1 - \eta^2 (u v - 1)^2 \right)",
        ),
    ),
    group="dynamics",
    story=STORY,
    config=Catapult,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    raw=raw,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
