"""Layer after layer attention moves each token towards an average of all, until all are one; skips only delay it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import tokens
from render.metrics.geometry import unit_rows
from render.metrics.linear_algebra import matmul, one_by_one
from render.scene import Config, Scene, gradual_schedule
from render.target import Goals, Target

from .token_collapse_drawn import ONE_DEG, pictured
from .token_collapse_picture import STORY, panels

STACKS = ("bare", "skip", "sharp", "split")  # of tokens that start equally far apart, where the law is exact
CLOUDS = ("soft", "sharp", "sharper", "split")  # of tokens that start anywhere on a sphere in space
DRAWN = CLOUDS[:2]
LATE = (0.03, 1e-4)  # distances of the farthest two between which their rate is read off
EVEN_UNTIL = 30.0  # layer up to which each has a frame of its own: by then soft attention is done
RESOLVED = 1e9  # omega that float32 still tells from infinity
CAP = 1e30  # of the law, which would overflow without skip


@dataclass(frozen=True, kw_only=True)
class TokenCollapse(Config):
    """Stacks of layers x <- unit(x + gain Ax), A the softmax of sharpness times the tokens' cosines.

    steps: layers. apart: tokens that start orthogonal, in `dim` dimensions. count: tokens on the sphere. gain: of the
    average that is added. sharp: sharpness of the orthogonal tokens' sharp stack, bare: of the one without skip.
    clustering, waiting: sharpness of the sphere's sharp and sharper stacks. Soft and split stacks have 1.
    """

    frames: int = 72
    frame_ms: int = 90
    hold_ms: int = 3000
    steps: int = 120
    apart: int = between(32, 2, 256)
    dim: int = between(48, 2, 512)
    count: int = between(24, 2, 256)
    gain: float = positive(0.2, low=1e-3, high=10.0)
    bare: float = positive(5.0, low=1e-2, high=20.0)
    sharp: float = positive(6.0, low=1e-2, high=20.0)
    clustering: float = positive(3.0, low=1e-2, high=20.0)
    waiting: float = positive(8.0, low=1e-2, high=20.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("dim", self.dim >= self.apart, f"at least apart = {self.apart}: orthogonal tokens need the room")

    def layers(self, of: tuple[str, ...]) -> np.ndarray:
        """(skip, gain, sharpness, split) of each stack: (stacks, 4)."""
        gain = self.gain
        known: dict[tuple[str, ...], Any] = {
            STACKS: ((0, 1, self.bare, 0), (1, gain, 1, 0), (1, gain, self.sharp, 0), (1, gain, 1, 1)),
            CLOUDS: ((1, gain, 1, 0), (1, gain, self.clustering, 0), (1, gain, self.waiting, 0), (1, gain, 1, 1)),
        }
        return np.array(known[of], np.float32)


class State(NamedTuple):
    """Tokens of each stack: (stacks, apart, dim) that are equally far apart, (stacks, count, 3) on a sphere."""

    stacks: Any
    clouds: Any


def init(config: TokenCollapse, key: Any) -> State:
    normal = jax.random.normal(jax.random.fold_in(key, 0), (config.dim, config.apart))
    orthonormal = one_by_one(lambda matrix: jnp.linalg.qr(matrix)[0])(normal).T
    spread = unit_rows(jax.random.normal(jax.random.fold_in(key, 1), (config.count, 3)))
    return State(jnp.stack([orthonormal] * len(STACKS)), jnp.stack([spread] * len(CLOUDS)))


def layer(now: Any, how: Any, attend: Any = tokens.attended) -> Any:
    """Tokens (n, dim) after a layer. how: skip, gain, sharpness, and whether mean and rest are kept apart (0 or 1).

    Apart: the average's mean takes the place of the tokens' mean, and only what differs from it is added up.
    """
    skip, gain, sharpness, split = how
    averages = attend(now, sharpness)
    apart = (1 - gain) * jnp.mean(averages, axis=0) - jnp.mean(now, axis=0)
    return unit_rows(skip * now + gain * averages + split * apart)


def step(config: TokenCollapse, state: State) -> State:
    """One layer of every stack."""
    return State(
        jax.vmap(layer)(state.stacks, config.layers(STACKS)), jax.vmap(layer)(state.clouds, config.layers(CLOUDS))
    )


def measure(config: TokenCollapse, state: State) -> dict[str, Any]:
    sharpness, drawn = config.layers(STACKS)[:, 2], config.layers(CLOUDS)[: len(DRAWN), 2]
    grams = jax.vmap(lambda rows: matmul(rows, rows.T))(state.stacks)
    mean, centred = jax.vmap(tokens.mean_and_centred)(state.stacks)
    one, other = np.triu_indices(config.apart, k=1)
    cosines = grams[:, one, other]
    chords = jnp.linalg.norm(state.clouds[:, :, None] - state.clouds[:, None], axis=-1).max(axis=(1, 2))
    averages = jax.vmap(tokens.attended)(state.clouds[: len(DRAWN)], drawn)
    return {
        "ratio": named(STACKS, mean / jnp.maximum(centred, 1e-30)),
        "uneven": jnp.max(jnp.abs(cosines - jnp.mean(cosines, axis=1, keepdims=True))),
        "directions": named(STACKS, jax.vmap(participation)(grams)),
        "derivative": named(STACKS, jax.vmap(tokens.logit_derivative)(state.stacks, sharpness)),
        "cloud": named(DRAWN, state.clouds[: len(DRAWN)]),
        "averages": named(DRAWN, averages),
        "apart": named(CLOUDS, chords**2 / 2),
    }


def raw(config: TokenCollapse, state: State) -> dict[str, Any]:
    """All tokens: tokens_stacks (stacks, apart, dim), tokens_clouds (stacks, count, 3)."""
    return {"tokens_stacks": state.stacks, "tokens_clouds": state.clouds}


def named(arms: tuple[str, ...], arrays: Any) -> dict[str, Any]:
    return dict(zip(arms, arrays, strict=True))


def participation(gram: Any) -> Any:
    """Participation ratio of a Gram matrix's eigenvalues, which need not be known: trace^2 over the sum of squares."""
    return jnp.trace(gram) ** 2 / jnp.sum(gram**2)


def schedule(config: TokenCollapse) -> np.ndarray:
    return gradual_schedule(config, EVEN_UNTIL)


def derive(
    config: TokenCollapse,
    *,
    ratio: dict[str, np.ndarray],
    directions: dict[str, np.ndarray],
    derivative: dict[str, np.ndarray],
    cloud: dict[str, np.ndarray],
    averages: dict[str, np.ndarray],
    apart: dict[str, np.ndarray],
    step: np.ndarray,
) -> dict[str, Any]:
    sharpness = config.layers(STACKS)[:, 2].astype(float)
    law = np.stack([course(config, arm, float(ratio[arm][0]))[step] for arm in STACKS], axis=1)
    ratios, ranks, slopes = (together(of) for of in (ratio, directions, derivative))
    seen, count = law < RESOLVED, config.apart
    chords = {arm: np.sqrt(2 * array.astype(np.float64)) for arm, array in apart.items()}
    widest = {arm: np.rad2deg(2 * np.arcsin(np.minimum(chord / 2, 1))) for arm, chord in chords.items()}
    return {
        "ratio_off": np.where(seen, np.abs(np.log(ratios / law)), 0),
        "directions_off": np.abs(ranks / tokens.equidistant_participation(law, count) - 1),
        "derivative_off": np.where(seen, np.abs(slopes / tokens.equidistant_derivative(law, count, sharpness) - 1), 0),
        "rate_off": np.float64(abs(late_rate(chords["soft"], step) * (1 + config.gain) - 1)),
        "later": np.float64(first_below(widest["sharp"], step) - first_below(widest["soft"], step)),
        "widest": widest,
        **pictured({arm: (cloud[arm].astype(np.float64), averages[arm].astype(np.float64)) for arm in DRAWN}, widest),
    }


def together(of: dict[str, np.ndarray]) -> np.ndarray:
    """The arrays (frames,) of all stacks, in their order: (frames, stacks)."""
    return np.stack([of[arm] for arm in STACKS], axis=1).astype(np.float64)


def course(config: TokenCollapse, arm: str, start: float) -> np.ndarray:
    """omega of a stack in each layer by the law, (steps + 1,), from what it is before the first; at most CAP."""
    skip, gain, sharpness, split = config.layers(STACKS)[STACKS.index(arm)].astype(float)
    ratios = np.full(config.steps + 1, start)
    for at in range(config.steps):
        now = ratios[at : at + 1]
        after = (
            tokens.equidistant_split_layer(now, config.apart, sharpness, gain)
            if split
            else tokens.equidistant_layer(now, config.apart, sharpness, skip, gain)
        )
        ratios[at + 1] = min(float(after[0]), CAP)
    return ratios


def late_rate(chords: np.ndarray, step: np.ndarray) -> float:
    """Factor a layer on the farthest two's distance, (frames,), in its frames in LATE; 0 without two of them."""
    (late,) = np.nonzero((chords < LATE[0]) & (chords > LATE[1]))
    if len(late) < 2:
        return 0.0
    return float((chords[late[-1]] / chords[late[0]]) ** (1 / (step[late[-1]] - step[late[0]])))


def first_below(widest: np.ndarray, step: np.ndarray) -> float:
    """Layer of the first frame in which all are one to the eye; one past the last if none is."""
    below = widest < ONE_DEG
    return float(step[np.argmax(below)]) if below.any() else float(step[-1] + 1)


def targets(config: TokenCollapse) -> Goals:
    law, last = "ω′ = ω((skip + gain)/(skip + gain κ))²", "ω → ∞: one direction"
    rate, poles = "κ → 0: distances × skip/(skip + gain)", "measured; no closed form"
    return {
        "ratio": Target("|ln of mean over centred part, over its law|", "ratio_off", "at most", 0.01, law, at="every"),
        "directions": Target(
            "participation ratio off its law", "directions_off", "at most", 1e-3, "n²/(a² + (n−a)²/(n−1))", at="every"
        ),
        "derivative": Target(
            "derivative by the logits off its law", "derivative_off", "at most", 0.01, "softmax Jacobian", at="every"
        ),
        "uneven": Target("largest |cosine − mean cosine|", "uneven", "at most", 1e-3, "equal stay equal", at="every"),
        "skip": Target("skip: participation ratio", "directions/skip", "at most", 1.01, last),
        "sharp": Target("sharp: participation ratio", "directions/sharp", "at most", 1.01, last),
        "split": Target("split: participation ratio", "directions/split", "at least", 31.0, "ω only falls: n − 1"),
        "soft_one": Target("sphere, soft: 1 − least cosine", "apart/soft", "at most", 0.05, last),
        "soft_rate": Target("sphere, soft: last distances off × 1/(1 + gain)", "rate_off", "at most", 0.01, rate),
        "later": Target("sphere, sharp: layers until one, less soft's", "later", "at least", 1.0, "clusters wait"),
        "sharper_apart": Target("sphere, sharper: 1 − least cosine", "apart/sharper", "at least", 0.5, poles),
        "split_apart": Target("sphere, split: 1 − least cosine", "apart/split", "at least", 0.5, poles),
    }


SCENE = Scene(
    name="token-collapse",
    title="Attention pulls all tokens into one",
    subtitle="x ← unit(x + {gain:g} softmax(γ XXᵀ)X, row by row) over {steps} layers, no weights, nothing trained",
    alt="{count} tokens on a ball, each tied to the average that it attends to: layer by layer they run together, "
    "until the widest angle between two is {widest/soft:.1f} degrees. Under sharp attention clusters come first, and "
    "they are {widest/sharp:.1f} degrees apart after {steps} layers.",
    post="Learning mechanics",
    source="Geometric and Dynamic Scaling in Deep Transformers; Mean Mode Screaming; Dong, Cordonnier & Loukas 2021; "
    "Geshkovski, Letrouit, Polyanskiy & Rigollet 2023 (arXiv 2312.10794)",
    output="dynamics/token-collapse",
    message="A layer of attention moves each token towards an average of all, and averages are alike: in the end all "
    "tokens are one, sharp attention only later.",
    look_for="Left, the black averages are a bunch from the first layer on, and the tokens follow them into one dot; "
    "right, sharp attention makes clusters, which wait.",
    formulas=(
        (
            "the mean part over the centred part, of tokens equally far apart, after a layer",
            r"\omega' = \omega \left( \frac{1 + g}{1 + g \kappa} \right)^2",
        ),
        (
            "how much attention keeps of a distance, with 1 − c = ε",
            r"\kappa = \frac{1 - e^{-\gamma \varepsilon}}{1 + (n - 1) e^{-\gamma \varepsilon}}",
        ),
    ),
    group="dynamics",
    story=STORY,
    step_name="layer",
    config=TokenCollapse,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    derive=derive,
    schedule=schedule,
    panels=panels,
    targets=targets,
)
