"""Attention learns to look at one token: no row can be sharper than the length of its logits lets it be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive, share
from render.metrics import attention
from render.metrics.linear_algebra import matmul, one_by_one
from render.scene import Config, Scene
from render.target import Goals, Target

from ..flows import rk4
from .attention_entropy_drawn import pictured
from .attention_entropy_picture import STORY, panels

HEADS = ("zero", "free", "held")


@dataclass(frozen=True, kw_only=True)
class AttentionEntropy(Config):
    """One head of attention that learns to look at the own token, from three starts.

    tokens: T; dim: of queries and keys. dt: time of a step. start: length of each row's centred logits. pull: weight
    of (H - level ln T)^2/2, added per row where the entropy is held.
    """

    frames: int = 90
    frame_ms: int = 70
    hold_ms: int = 3000
    steps: int = 2400
    tokens: int = between(24, 4, 128)
    dim: int = between(32, 4, 256)
    dt: float = positive(0.25, low=1e-4, high=1.0)
    start: float = positive(4.0, low=1e-2, high=10.0)
    pull: float = positive(4.0, low=1e-1, high=1e2)
    level: float = share(0.5, low=0.1, high=0.9)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("dim", self.dim >= self.tokens, f"at least tokens = {self.tokens}: orthogonal keys need the room")

    @property
    def wanted(self) -> float:
        """Entropy that held rows are pulled to, in nats."""
        return self.level * float(np.log(self.tokens))


class State(NamedTuple):
    """Queries and keys (tokens, dim), orthonormal rows; weights (3, dim, dim) of the heads."""

    queries: Any
    keys: Any
    weights: Any


def init(config: AttentionEntropy, key: Any) -> State:
    """Orthonormal queries and keys; the random rows of logits are the same in the free and in the held head."""
    count, dim = config.tokens, config.dim
    first, second, third = (jax.random.fold_in(key, use) for use in range(3))
    orthonormal = one_by_one(lambda matrix: jnp.linalg.qr(matrix)[0])
    queries, keys = (orthonormal(jax.random.normal(each, (dim, count))).T for each in (first, second))
    logits = jax.random.normal(third, (count, count))
    logits = logits - jnp.mean(logits, axis=1, keepdims=True)
    logits = config.start * logits / jnp.linalg.norm(logits, axis=1, keepdims=True)
    weights = matmul(matmul(queries.T, logits), keys)
    return State(queries, keys, jnp.stack([jnp.zeros_like(weights), weights, weights]))


def logits_of(state: State) -> Any:
    """Q W K' of each head: (3, tokens, tokens)."""
    return matmul(matmul(state.queries, state.weights), state.keys.T)


def loss(config: AttentionEntropy, logits: Any, pull: Any) -> Any:
    """Cross-entropy of each row to the own token, and what pulls its entropy, summed over the rows of a head."""
    right = jnp.sum(jnp.diagonal(jax.nn.log_softmax(logits, axis=1)))
    off = attention.softmax_entropy(logits) - config.wanted
    return -right + jnp.sum(pull / 2 * off**2)


def step(config: AttentionEntropy, state: State) -> State:
    """Gradient flow of the weights for a time dt."""
    pulls = jnp.array([0.0, 0.0, config.pull])

    def total(weights: Any) -> Any:
        logits = logits_of(state._replace(weights=weights))
        return jnp.sum(jax.vmap(lambda rows, pull: loss(config, rows, pull))(logits, pulls))

    slope = jax.grad(total)
    moved = rk4(lambda weights: jax.tree.map(jnp.negative, slope(weights)), state.weights, config.dt)
    return state._replace(weights=moved)


def measure(config: AttentionEntropy, state: State) -> dict[str, Any]:
    logits = logits_of(state)
    entropy, length = attention.softmax_entropy(logits), attention.logit_length(logits)
    own = jnp.diagonal(logits[0])
    others = (jnp.sum(logits[0], axis=1) - own) / (config.tokens - 1)
    ringed = config.tokens // 2
    return {
        "entropy": dict(zip(HEADS, entropy, strict=True)),
        "length": dict(zip(HEADS, length, strict=True)),
        "by_variance": jnp.max(jnp.abs(attention.entropy_by_variance(logits) - entropy)),
        "gap": own - others,
        "scores": dict(zip(HEADS[1:], logits[1:, ringed] - jnp.mean(logits[1:, ringed], axis=1)[:, None], strict=True)),
        "weights": dict(zip(HEADS[1:], jax.nn.softmax(logits[1:, ringed], axis=1), strict=True)),
        "loss": -jnp.mean(jnp.diagonal(jax.nn.log_softmax(logits[1], axis=1))),
    }


def raw(config: AttentionEntropy, state: State) -> dict[str, Any]:
    """queries, keys (tokens, dim); weights (3, dim, dim) of the heads zero, free and held."""
    return state._asdict()


def derive(
    config: AttentionEntropy,
    *,
    entropy: dict[str, np.ndarray],
    length: dict[str, np.ndarray],
    gap: np.ndarray,
    scores: dict[str, np.ndarray],
    weights: dict[str, np.ndarray],
    step: np.ndarray,
) -> dict[str, Any]:
    entropies, lengths = (np.stack([of[head] for head in HEADS], axis=1).astype(np.float64) for of in (entropy, length))
    lowest = attention.lowest_entropy(lengths, config.tokens)
    highest = attention.highest_entropy(lengths, config.tokens)
    law, above = gap_law(config, step), entropies - lowest
    return {
        "below_lowest": -above,
        "above_highest": entropies - highest,
        "gap_off": np.abs(gap.astype(np.float64) - law[:, None]) / (1 + law[:, None]),
        "zero_off": np.abs(above[:, 0]),
        "free_left": above[:, 1].mean(axis=1) / above[0, 1].mean(),
        "held_off": np.abs(entropies[:, 2] - held_end(config)[1]),
        "time": config.dt * step,
        "looked": {head: np.exp(entropies[:, at].mean(axis=1)) for at, head in enumerate(HEADS)},
        **pictured(config, entropies, lengths, above, scores, weights),
    }


def gap_law(config: AttentionEntropy, step: np.ndarray) -> np.ndarray:
    """Gap D of the own logit over the others at the frames of `step`, from D = 0: e^D + (T-1) D - 1 = T t; (frames,).

    The rows of a head that starts at 0 stay on the lower edge, where dD/dt = T/(e^D + T - 1).
    """
    count, time = config.tokens, config.tokens * config.dt * step.astype(np.float64)
    gap = np.log1p(time)  # above the root
    for _ in range(60):
        gap = gap - (np.exp(gap) + (count - 1) * gap - 1 - time) / (np.exp(gap) + count - 1)
    return gap


def held_end(config: AttentionEntropy) -> tuple[float, float]:
    """Gap and entropy at which a held row stands still on the lower edge: pull (H0 - H) D p = 1, p the own weight."""
    count, low, high = config.tokens, 0.0, 50.0
    entropy = config.wanted
    for _ in range(100):
        gap = (low + high) / 2
        entropy = float(attention.lowest_entropy(np.array(gap / (count / (count - 1)) ** 0.5), count))
        own = 1 / (1 + (count - 1) * np.exp(-gap))
        low, high = (low, gap) if config.pull * (config.wanted - entropy) * gap * own > 1 else (gap, high)
    return gap, entropy


def targets(config: AttentionEntropy) -> Goals:
    lower, upper = "one logit high, the others equal", "one logit low, the others equal"
    law, heat = "e^Δ + (T−1)Δ − 1 = T t", "H = ln T − ∫ b Var db"
    return {
        "lower": Target("lower edge less entropy, largest", "below_lowest", "at most", 1e-4, lower, at="every"),
        "upper": Target("entropy less upper edge, largest", "above_highest", "at most", 1e-4, upper, at="every"),
        "variance": Target("entropy off the variance identity", "by_variance", "at most", 1e-4, heat, at="every"),
        "gap": Target("zero start: gap off its law, over 1 + Δ", "gap_off", "at most", 1e-3, law, at="every"),
        "zero": Target("zero start: rows off the lower edge", "zero_off", "at most", 1e-3, lower, at="every"),
        "free": Target("free: mean distance to the edge, over the start's", "free_left", "at most", 0.1, lower),
        "held": Target("held: entropy off its end", "held_off", "at most", 0.02, "pull (H₀ − H) Δ p = 1"),
    }


SCENE = Scene(
    name="attention-entropy",
    title="Sharp attention needs scores far apart",
    subtitle="{tokens} tokens, one head softmax(QWKᵀ); gradient flow of W to the own token, free or with H held",
    alt="Rows of attention by how far their scores spread and how many tokens they look at, over a border that no row "
    "can pass: free rows slide down to it and along it, until they look at {looked/free:.2f} tokens; those told to "
    "look at 5 are stopped by it at {looked/held:.2f}.",
    post="Learning mechanics",
    source="Entropy-Guided Attention for Private LLMs; Zhai et al. 2023 (σReparam)",
    output="dynamics/attention-entropy",
    message="How few tokens attention looks at is bounded by how far apart its scores are: to be sharp, one score must "
    "stand far above the rest.",
    look_for="Orange dots fall to the dashed border and then slide along it, as one score grows; blue ones come back "
    "along it, at the same sharpness, until the border stops them.",
    formulas=(
        (
            "the least entropy of T scores of centred length R",
            r"H_{\min} = \ln(1 + E) + \frac{\Delta E}{1 + E}, \quad E = (T - 1) e^{-\Delta}, "
            r"\quad \Delta = R \sqrt{\frac{T}{T - 1}}",
        ),
        ("from equal scores, the gap at time t", r"e^{\Delta} + (T - 1) \Delta - 1 = T t"),
    ),
    group="dynamics",
    story=STORY,
    config=AttentionEntropy,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    derive=derive,
    panels=panels,
    targets=targets,
)
