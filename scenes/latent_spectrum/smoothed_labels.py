"""Cooled scores against smoothed labels: one takes the wrong classes' share, the other their differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive, share
from render.metrics import kernels, spectrum
from render.metrics.geometry import unit_rows
from render.scene import Config, Scene, gradual_schedule, last_frame_by
from render.target import Goals, Target

from .smoothed_labels_picture import STORY, panels
from .smoothed_labels_strips import pictured

ARMS = ("cooled", "smoothed", "hard")
NEAR, FAR = 0.05, 0.3  # how far examples stand from their class towards a neighbour: a third of the way leaves a tie
EVEN_UNTIL = 10.0  # step up to which frames are about evenly spaced; both arms move fastest there
SEEN = 2 / 3  # of the run: later an eye sees nothing move
FADING = (5 / 12, 1 / 2)  # of the run: between these the rate at which differences fade is read off


@dataclass(frozen=True, kw_only=True)
class SmoothedLabels(Config):
    """Examples of a graded codebook, a dial that cools their scores, and free scores that follow two kinds of labels.

    width: of the graded kernel, in classes. warm, cold: temperatures at the ends of the dial; the free scores start at
    warm. smoothing: the part of every label that is shared by all classes. towards: how far the example that is drawn
    stands from its class, as a share of the way to a neighbour.
    """

    hold_ms: int = 3000
    steps: int = 1200
    classes: int = between(9, 4, 10, ", one shade a class")
    examples: int = between(64, 2, 1024)
    width: float = positive(2.2, low=1e-2, high=1e2)
    warm: float = positive(0.4, low=1e-3, high=1e3)
    cold: float = positive(0.01, low=1e-3, high=1e3)
    smoothing: float = share(0.1, low=1e-3, high=0.9)
    towards: float = share(0.12, low=0.0, high=0.49)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("warm", self.warm > self.cold, "a number above cold")


class State(NamedTuple):
    """Step of the run; codes (C, 2); features (n, 2) and their classes own (n,).

    logits, labels: (2, n, C), of smoothed and of hard labels.
    """

    at: Any
    codes: Any
    features: Any
    own: Any
    logits: Any
    labels: Any


def init(config: SmoothedLabels, key: Any) -> State:
    """Examples of random classes, each some way towards a neighbour; the first one is the one that is drawn."""
    count, last = config.examples, config.classes - 1
    codes = kernels.spectral_codebook(kernels.graded_kernel(config.classes, config.width), 2)
    classes, sides, ways = (jax.random.fold_in(key, use) for use in range(3))
    own = jax.random.randint(classes, (count,), 0, config.classes).at[0].set(config.classes // 2)
    side = 2 * jax.random.bernoulli(sides, shape=(count,)).astype(int).at[0].set(1) - 1
    near = jnp.where((own + side < 0) | (own + side > last), own - side, own + side)
    way = jax.random.uniform(ways, (count,), minval=NEAR, maxval=FAR).at[0].set(config.towards)[:, None]
    features = unit_rows((1 - way) * codes[own] + way * codes[near])
    start = features @ codes.T / config.warm
    hard = jax.nn.one_hot(own, config.classes)
    smoothed = (1 - config.smoothing) * hard + config.smoothing / config.classes
    return State(jnp.zeros((), int), codes, features, own, jnp.stack([start, start]), jnp.stack([smoothed, hard]))


def step(config: SmoothedLabels, state: State) -> State:
    """One step of Runge and Kutta, of length 1, down the cross-entropy: dz/dt = q - softmax z."""

    def slope(logits: Any) -> Any:
        return state.labels - jax.nn.softmax(logits)

    first = slope(state.logits)
    second = slope(state.logits + first / 2)
    third = slope(state.logits + second / 2)
    fourth = slope(state.logits + third)
    return state._replace(at=state.at + 1, logits=state.logits + (first + 2 * second + 2 * third + fourth) / 6)


def measure(config: SmoothedLabels, state: State) -> dict[str, Any]:
    """Masses of the others together, and how evenly they share it: entropy of p_j / (1 - p_own) over ln(C - 1)."""
    turned = jnp.log1p(state.at / EVEN_UNTIL) / jnp.log1p(SEEN * config.steps / EVEN_UNTIL)  # evenly over the frames
    turned = jnp.minimum(turned, 1)
    temperature = config.warm * (config.cold / config.warm) ** turned
    cooled = state.features @ state.codes.T / temperature
    logits = dict(zip(ARMS, (cooled, *state.logits), strict=True))
    others = jax.nn.one_hot(state.own, config.classes) == 0
    told = {arm: jax.nn.log_softmax(scores) for arm, scores in logits.items()}
    shares = {arm: jax.nn.softmax(jnp.where(others, scores, -jnp.inf)) for arm, scores in logits.items()}
    evenness = {arm: jax.vmap(spectrum.entropy)(part) / jnp.log(config.classes - 1) for arm, part in shares.items()}
    return {
        "temperature": temperature,
        "logits": {arm: logits[arm] for arm in ARMS[1:]},
        "log_probabilities": told,
        "others": {arm: jnp.sum(jnp.where(others, jnp.exp(each), 0), axis=1) for arm, each in told.items()},
        "evenness": evenness,
        "loss": -jnp.mean(jnp.sum(state.labels[0] * told["smoothed"], axis=1)),
    }


def schedule(config: SmoothedLabels) -> np.ndarray:
    return gradual_schedule(config, EVEN_UNTIL)


def shown(config: SmoothedLabels) -> int:
    """The last frame in which anything is still to be seen: the rest of the run only sharpens what targets read."""
    return last_frame_by(SEEN * config.steps, schedule(config))


def constants(config: SmoothedLabels, state: State) -> dict[str, Any]:
    return {"codes": state.codes, "features": state.features, "own": state.own}


def derive(
    config: SmoothedLabels,
    *,
    codes: np.ndarray,
    features: np.ndarray,
    own: np.ndarray,
    temperature: np.ndarray,
    logits: dict[str, np.ndarray],
    log_probabilities: dict[str, np.ndarray],
    others: dict[str, np.ndarray],
    evenness: dict[str, np.ndarray],
    step: np.ndarray,
) -> dict[str, Any]:
    scores = {arm: array.astype(np.float64) for arm, array in logits.items()}
    told = {arm: array.astype(np.float64) for arm, array in log_probabilities.items()}
    wrong = np.arange(config.classes) != own[:, None]
    rest = scores["smoothed"][:, wrong].reshape(config.frames, len(own), -1)
    likeness = features.astype(np.float64) @ codes.T.astype(np.float64)
    gaps = (likeness - likeness.max(axis=1, keepdims=True)) / temperature.astype(np.float64)[:, None, None]
    ratios = told["cooled"] - told["cooled"].max(axis=2, keepdims=True)
    smooth = config.classes * np.exp(told["smoothed"][:, wrong]) / config.smoothing
    means = {arm: array.mean(axis=1, dtype=np.float64) for arm, array in evenness.items()}
    return {
        "shares_off": np.abs(smooth - 1).max(axis=1),
        "rate": fading_rate(config, np.ptp(rest, axis=2), step),
        "crossed": np.float64(crossed(rest)),
        "sum_moved": np.max([np.abs(np.diff(z.sum(axis=2)[[0, -1]], axis=0)) for z in scores.values()]),
        "ratio_off": np.abs(ratios - gaps).max(axis=(1, 2)),
        "others_mean": {arm: array.mean(axis=1, dtype=np.float64) for arm, array in others.items()},
        "evenness_mean": means,
        "evened": means["hard"] - means["hard"][0],
        "parted": (evenness["smoothed"] - evenness["cooled"]).min(axis=1),
        **pictured(config, likeness[0], {arm: np.exp(array[:, 0]) for arm, array in told.items()}),
    }


def kept(config: SmoothedLabels) -> float:
    """What smoothed labels leave to the wrong classes together: eps (C - 1)/C."""
    return config.smoothing * (config.classes - 1) / config.classes


def fading_rate(config: SmoothedLabels, contrast: np.ndarray, steps: np.ndarray) -> np.float64:
    """Rate at which the others' scores come together, over eps/C: of all examples the one farthest from 1.

    contrast (frames, n): largest less least of the others' scores; near the end it falls as exp(-eps t/C), the
    eigenvalue of diag(q) - qq' for every direction among classes of equal q.
    """
    start = min(int(np.searchsorted(steps, FADING[0] * config.steps)), len(steps) - 2)
    end = max(int(np.searchsorted(steps, FADING[1] * config.steps)), start + 1)
    fallen = np.log(np.maximum(contrast[[start, end]], 1e-30))
    rates = (fallen[0] - fallen[1]) / (steps[end] - steps[start]) / (config.smoothing / config.classes)
    return np.float64(rates[np.abs(rates - 1).argmax()])


def crossed(scores: np.ndarray) -> float:
    """Largest gap by which two wrong classes ever stand the other way round than at the start.

    scores: (frames, n, C - 1).
    """
    gaps = scores[..., :, None] - scores[..., None, :]
    return float(np.max(-np.sign(gaps[0]) * gaps, initial=0.0)) + 0.0  # not -0


def targets(config: SmoothedLabels) -> Goals:
    fixed, softmax = "p = q where the gradient vanishes", "ln(p_j/p_k) = (s_j − s_k)/τ"
    goal, count = kept(config), config.classes
    return {
        "shares": Target("smoothed: C p_j/ε of the others, farthest from 1", "shares_off", "at most", 1e-3, fixed),
        "kept": Target(
            "smoothed: mass of the others",
            "others/smoothed",
            "within",
            goal,
            "ε(C−1)/C",
            tolerance=1e-5,
        ),
        "even": Target("smoothed: least evenness", "evenness/smoothed", "at least", 0.9999, "H = 1: all alike"),
        "rate": Target("differences fade, over ε/C", "rate", "within", 1.0, "diag q − qqᵀ", tolerance=0.01),
        "sum": Target("sum of the free scores, moved", "sum_moved", "at most", 5e-4, "Σ(q − p) = 0"),
        "order": Target(
            "others that cross: gap of scores", "crossed", "at most", 1e-4, "d(z_j − z_k)/dt = −(p_j − p_k)"
        ),
        "ratio": Target("cooled: ln(p_j/p_own) off its formula", "ratio_off", "at most", 2e-4, softmax),
        "gone": Target("cooled: mean mass of the others", "others_mean/cooled", "at most", 0.06, softmax),
        "sharp": Target("cooled: mean evenness", "evenness_mean/cooled", "at most", 0.06, softmax),
        "hard": Target("hard: mass of the others", "others/hard", "at most", 1e-3, f"m → {count - 1}/({count} t)"),
        "evened": Target("hard: gain of mean evenness", "evened", "at least", 0.1, "contrast ∝ t^(−1/C)"),
        "parted": Target("evenness, smoothed less cooled", "parted", "at least", 0.6, "1 − ln 2/ln(C−1) for a tie"),
    }


SCENE = Scene(
    name="smoothed-labels",
    title="Cooling erases the wrong classes, smoothing only their differences",
    subtitle="{classes} ordered classes: scores cooled to τ = {cold:g}, or trained on labels with ε = {smoothing:g}",
    alt="A softmax over {classes} classes, and its wrong classes under a magnifier: cooled they sharpen to one and "
    "vanish, {others_mean/cooled:.3f} is left to them in the mean; trained on smoothed labels they keep "
    "{others_mean/smoothed:.4f} and become equal.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, erased relations; Müller, Kornblith & Hinton 2019 (label smoothing); "
    "Hinton, Vinyals & Dean 2015 (temperature)",
    output="smoothed-labels",
    message="Cooling a softmax takes everything from the wrong classes; smoothed labels leave them a share and make "
    "them all alike.",
    look_for="Under the magnifiers: above, one wrong class takes over and then drains away; below, eight slices slide "
    "onto the dashed lines.",
    formulas=(
        ("cooled: two classes", r"\ln \frac{p_j}{p_k} = \frac{s_j - s_k}{\tau}"),
        ("smoothed: what is left to the others", r"\sum_{j \ne y} p_j = \varepsilon \frac{C - 1}{C}"),
    ),
    group="spectrum",
    story=STORY,
    config=SmoothedLabels,
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
