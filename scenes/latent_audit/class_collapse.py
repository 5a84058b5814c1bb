"""Three classes shrink onto their means as the noise is turned down: the audit's two numbers against closed forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import geometry
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

from .. import toys
from .class_collapse_picture import STORY, panels

OVERLAP, COLLAPSED = 0.2, 0.01  # share of the spread within classes: above the first they overlap


@dataclass(frozen=True, kw_only=True)
class ClassCollapse(Config):
    """Three clouds and a dial of noise: its standard deviation σ goes evenly from noise_start to noise_end."""

    hold_ms: int = 3000
    steps: int = 790
    classes: int = between(3, 2, 10, ", one colour a class")
    per_class: int = between(34, 3, 1000, ": two cannot be whitened in the plane")
    noise_start: float = positive(0.58, low=1e-6, high=1e6)
    noise_end: float = positive(0.035, low=1e-6, high=1e6)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("noise_start", self.noise_start > self.noise_end, f"more than noise_end={self.noise_end!r}")


class State(NamedTuple):
    """Notch of the dial; noise (points, 2), drawn once and whitened exactly in each class; labels (points,)."""

    notch: Any
    noise: Any
    labels: Any


def init(config: ClassCollapse, key: Any) -> State:
    noise = jax.random.normal(key, (config.classes, config.per_class, 2))
    labels = jnp.repeat(jnp.arange(config.classes), config.per_class)
    return State(jnp.zeros((), jnp.int32), jax.vmap(toys.whiten)(noise).reshape(-1, 2), labels)


def step(config: ClassCollapse, state: State) -> State:
    return state._replace(notch=state.notch + 1)


def measure(config: ClassCollapse, state: State) -> dict[str, Any]:
    """Metrics of the features without normalisation: scaled to unit length they would not follow the closed forms."""
    turned = state.notch / config.steps
    sigma = (1 - turned) * config.noise_start + turned * config.noise_end
    angles = jnp.pi / 2 + 2 * jnp.pi * jnp.arange(config.classes) / config.classes
    centres = jnp.stack([jnp.cos(angles), jnp.sin(angles)], axis=1)
    features = centres[state.labels] + sigma * state.noise
    return {
        "sigma": sigma,
        "features": features,
        "class_means": geometry.class_means(features, state.labels, config.classes),
        "within_class_variance": geometry.within_class_variance(features, state.labels, config.classes),
        "collapse_ratio": geometry.collapse_ratio(features, state.labels, config.classes),
    }


def constants(config: ClassCollapse, state: State) -> dict[str, Any]:
    return {"labels": state.labels}


def derive(
    config: ClassCollapse,
    *,
    sigma: np.ndarray,
    within_class_variance: np.ndarray,
    collapse_ratio: np.ndarray,
    class_means: np.ndarray,
) -> dict[str, np.ndarray]:
    """Closed forms: the variance of two whitened dimensions is 2σ², that of means on the unit circle 1."""
    within = 2 * sigma.astype(np.float64) ** 2
    ratio = within / (within + 1)
    pairs = np.stack(np.triu_indices(config.classes, k=1), axis=1)
    lowest = np.minimum.accumulate(collapse_ratio)
    return {
        "classes": np.arange(config.classes),
        "between_means": class_means[:, pairs],
        "state": (lowest <= OVERLAP).astype(int) + (lowest <= COLLAPSED),
        "within_theory": within,
        "ratio_theory": ratio,
        "within_deviation": np.abs(within_class_variance / within - 1),
        "ratio_deviation": np.abs(collapse_ratio / ratio - 1),
    }


def targets(config: ClassCollapse) -> Goals:
    within, ratio = "Tr Σ_W = 2σ²", "Tr Σ_W/(Tr Σ_W + Tr Σ_B) = 2σ²/(2σ² + 1)"
    collapsed = "no spread is left within classes"
    return {
        "within": Target("within-class variance / 2σ² − 1", "within_deviation", "at most", 1e-5, within, at="every"),
        "ratio": Target("collapse ratio / closed form − 1", "ratio_deviation", "at most", 1e-5, ratio, at="every"),
        "end": Target("collapse ratio, end", "collapse_ratio", "at most", 0.01, collapsed),
    }


SCENE = Scene(
    name="class-collapse",
    title="Turn the noise down, and each class collapses onto its mean",
    subtitle="two numbers of the audit, measured on the points at every notch, follow their closed forms",
    alt="Three clouds shrink onto their class means as the noise scale falls to {sigma:.3f}: the collapse ratio falls "
    "to {collapse_ratio:.5f} along its closed form, the within-class variance to {within_class_variance:.5f}.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, class collapse; Papyan, Han & Donoho 2020 (arXiv 2008.08186)",
    output="jax-welch/class-collapse",
    message="With less noise, all examples of a class end on its mean: classes collapse.",
    look_for="Three clouds shrink to three dots, and the share of spread within classes follows theory.",
    formulas=(
        (
            "share of the spread that is within classes",
            r"\frac{\operatorname{Tr}\Sigma_W}{\operatorname{Tr}(\Sigma_W + \Sigma_B)} = \frac{2\sigma^2}{2\sigma^2+1}",
        ),
    ),
    group="states",
    story=STORY,
    config=ClassCollapse,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    panels=panels,
    targets=targets,
)
