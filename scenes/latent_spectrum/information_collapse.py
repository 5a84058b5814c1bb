"""Information collapse: training splits the covariance into prototypes that stay and information that goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from render.bounds import positive
from render.metrics import geometry, linear_algebra
from render.scene import Scene, gradual_schedule
from render.target import Goals, Target

from .. import classifier
from .information_collapse_picture import STORY, panels

MIXED, CLASS_ONLY = 0.4, 0.02  # share of variance inside classes: at most, then they are apart, and all that is left
EVEN_UNTIL = 30  # steps: up to here frames are about evenly spaced, and then geometrically
ROOM = 1.45  # of the picture, in radii of theory's simplex: means overshoot it on their way
FLOOR = 1e-6  # of the first eigenvalue: what counts as a mode


@dataclass(frozen=True, kw_only=True)
class InformationCollapse(classifier.ClassifierConfig):
    hold_ms: int = 3000
    classes: int = 4
    input_dim: int = 32
    hidden: int = 64
    feature_dim: int = 8
    noise: float = 0.5
    decay: float = positive(1e-2, high=1e3)  # without it theory has no size


def measure(config: InformationCollapse, state: classifier.State) -> dict[str, Any]:
    features, logits = classifier.outputs(state)
    within, _ = geometry.class_covariances(features, state.labels, config.classes)
    means = geometry.centred_class_means(features, state.labels, config.classes)
    prototypes = between_eigenvalues(config, means)
    information = linear_algebra.eigvalsh(within)[::-1] / prototypes[0]
    return {
        "features": features,
        "loss": classifier.loss(config, (state.encoder, state.classifier), state.inputs, state.labels),
        "accuracy": geometry.accuracy(logits, state.labels),
        "class_means": means,
        "between_spectrum": prototypes / prototypes[0],
        "within_spectrum": information,
        "within_total": information.sum(),
        "between_modes": jnp.sum(prototypes > FLOOR * prototypes[0]),
        "between_flatness": prototypes[config.classes - 2] / prototypes[0],
        "within_between_ratio": geometry.within_between_ratio(features, state.labels, config.classes),
    }


def between_eigenvalues(config: InformationCollapse, means: Any) -> Any:
    """Eigenvalues of Sigma_B, largest first, as squared singular values of the means, without forming the product.

    In float32 rounding of the product would appear as eigenvalues of 1e-7 of the first, which would count as rank.
    """
    values = linear_algebra.svd(means)[1] ** 2 / config.classes
    return jnp.zeros(config.feature_dim).at[: len(values)].set(values[: config.feature_dim])


def derive(
    config: InformationCollapse,
    *,
    features: np.ndarray,
    class_means: np.ndarray,
    labels: np.ndarray,
    within_between_ratio: np.ndarray,
) -> dict[str, np.ndarray]:
    """The run in three directions between the last class means, turned onto theory's simplex, and in two others.

    Lengths are in units of ROOM times the distance of theory's means from their centre.
    """
    ideal = simplex(config.classes) * classifier.simplex_distance(config) / np.sqrt(2)
    left, _, right = np.linalg.svd(class_means[-1].astype(np.float64).T @ ideal)
    kept = min(config.classes - 1, config.feature_dim)
    size = ROOM * np.linalg.norm(ideal, axis=1).max()
    onto = left[:, :kept] @ right[:kept]
    centred = (features - features.mean(axis=1, keepdims=True)).astype(np.float64) / size
    examples, centres = in_space(centred @ onto), in_space(class_means / size @ onto)
    pairs = np.stack(np.triu_indices(config.classes, k=1), axis=1)
    inside = within_between_ratio / (1 + within_between_ratio)
    lowest = np.minimum.accumulate(inside)
    edge = np.linalg.norm(ideal[0] - ideal[1]) / size
    return {
        "examples": examples,
        "centres": centres,
        "threads": np.stack([examples, centres[:, labels]], axis=2),
        "edges": centres[:, pairs],
        "simplex": in_space(ideal / size)[pairs],
        "others": np.concatenate([centred @ left[:, kept:], np.zeros((*centred.shape[:2], 2))], axis=-1)[..., :2],
        "classes": np.arange(config.classes),
        "corner_off": np.linalg.norm(centres - in_space(ideal / size), axis=-1).max(axis=1) / edge,
        "inside": inside,
        "state": (lowest <= MIXED).astype(int) + (lowest <= CLASS_ONLY),
    }


def schedule(config: InformationCollapse) -> np.ndarray:
    """Steps of the frames, (frames,): not dense in the first ones, which do little."""
    return gradual_schedule(config, EVEN_UNTIL)


def simplex(classes: int) -> np.ndarray:
    """Vertices of a simplex, (classes, classes - 1), with edges of length sqrt(2): rows of Helmert's matrix."""
    rows = np.tril(np.ones((classes, classes)), -1) - np.diag(np.arange(classes))
    return (rows[1:] / np.linalg.norm(rows[1:], axis=1, keepdims=True)).T


def in_space(points: np.ndarray) -> np.ndarray:
    """The last three coordinates, (..., n) -> (..., 3), across, up and to the reader; a simplex's last vertex is up."""
    padded = np.concatenate([np.zeros((*points.shape[:-1], 3)), points], axis=-1)
    return np.stack([padded[..., -3], -padded[..., -1], padded[..., -2]], axis=-1)


def targets(config: InformationCollapse) -> Goals:
    modes, ratio = float(config.classes - 1), "within_between_ratio"
    even = "a simplex is a tight frame: C−1 equal modes"
    short = "Papyan et al. 2020, NC1: no spread in a class"
    return {
        "modes": Target(
            "modes of Σ_B, every frame", "between_modes", "within", modes, "rank of C centred means", at="every"
        ),
        "flatness": Target("last over first mode of Σ_B", "between_flatness", "at least", 0.97, even),
        "corners": Target(
            "centre farthest from its corner, in edges", "corner_off", "at most", 0.01, f"{even}, of theory's size"
        ),
        "ratio": Target("Σ_W/Σ_B", ratio, "at most", 0.01, short),
        "ratio_at_start": Target("Σ_W/Σ_B, start", ratio, "at least", 0.5, "there is something to lose", at="first"),
    }


SCENE = Scene(
    name="information-collapse",
    title="Training keeps what separates classes, and nothing else",
    subtitle="the covariance splits in two: between classes C−1 modes stay and even out, within classes all modes go",
    alt="Threads join the examples of {classes} classes to their centres: the threads shrink to nothing and centres "
    "land on a dashed simplex; in other directions the cloud shrinks to a speck. The share of variance inside classes "
    "falls to {inside:.4f}.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, information collapse; Papyan, Han & Donoho 2020 (arXiv 2008.08186); "
    "Zhu et al. 2021 (arXiv 2105.02375)",
    output="information-collapse",
    message="Training keeps what tells classes apart; all else that differs between examples vanishes.",
    look_for="The threads from examples to their class centres vanish; the centres land on the dashed tetrahedron.",
    formulas=(
        (
            "spread within classes over spread between them",
            r"\frac{\operatorname{Tr} \Sigma_W}{\operatorname{Tr} \Sigma_B} \to 0",
        ),
        ("modes that stay, all equal", r"\operatorname{rank} \Sigma_B = C - 1"),
    ),
    group="states",
    story=STORY,
    config=InformationCollapse,
    init=classifier.init,
    step=classifier.step,
    measure=measure,
    raw=classifier.raw,
    constants=classifier.constants,
    derive=derive,
    schedule=schedule,
    panels=panels,
    targets=targets,
)
