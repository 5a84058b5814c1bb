"""Neural collapse: trained to the end, class means become a simplex equiangular tight frame."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from render.metrics import geometry, richness, spectrum
from render.scene import Scene
from render.target import Goals, Target

from .. import classifier
from . import collapse_arms
from .collapse_arms import NeuralCollapse, State
from .collapse_rows import Rows
from .neural_collapse_picture import APART, EQUAL, MIXED_UP, STORY, panels

EQUAL_BELOW = 1.05  # largest over smallest distance between class means


def measure(config: NeuralCollapse, state: State) -> dict[str, Any]:
    features, logits = classifier.outputs(state.free)
    return {
        **measure_collapse(config, state.decayed),
        **measure_distances(config, state.decayed),
        **{f"{name}_free": array for name, array in measure_distances(config, state.free).items()},
        "features_free": features,
        "accuracy_free": geometry.accuracy(logits, state.free.labels),
        "decay_steps": state.decay_steps,
    }


def measure_collapse(config: NeuralCollapse, state: classifier.State) -> dict[str, Any]:
    features, logits = classifier.outputs(state)
    means = geometry.centred_class_means(features, state.labels, config.classes)
    cosines = geometry.pairwise_cosines(means)
    return {
        "features": features,
        "loss": classifier.loss(config, (state.encoder, state.classifier), state.inputs, state.labels),
        "accuracy": geometry.accuracy(logits, state.labels),
        "class_means": means,
        "cosines": cosines,
        "cosine_std": cosines.std(),
        "cosine_deviation": jnp.abs(cosines + 1 / (config.classes - 1)).max(),
        "equinorm": geometry.norm_variation(means),
        "within_between_ratio": geometry.within_between_ratio(features, state.labels, config.classes),
        "self_duality": geometry.self_duality(state.classifier[0]["weights"].T, means),
        "nearest_centre": geometry.nearest_class_centre_agreement(features, state.labels, logits),
        "participation_ratio": spectrum.participation_ratio(spectrum.covariance_eigenvalues(features)),
    }


def measure_distances(config: NeuralCollapse, state: classifier.State) -> dict[str, Any]:
    """Of either arm: how far apart the class means are, and how little but the outputs' directions is left."""
    features, logits = classifier.outputs(state)
    distances = geometry.pairwise_distances(geometry.centred_class_means(features, state.labels, config.classes))
    smallest = distances.min()
    return {
        "distances": distances,
        "distance_ratio": distances.max() / jnp.where(smallest > 0, smallest, 1.0),
        "low_rank": richness.low_rank_measure(features, logits),
    }


def derive(
    config: NeuralCollapse,
    *,
    features: np.ndarray,
    features_free: np.ndarray,
    labels: np.ndarray,
    cosines: np.ndarray,
    distances: np.ndarray,
    distances_free: np.ndarray,
    distance_ratio: np.ndarray,
    accuracy: np.ndarray,
    decay_steps: np.ndarray,
    step: np.ndarray,
) -> dict[str, np.ndarray]:
    rows = Rows.shortest_on_top(config.classes, distances[0])
    learned = np.maximum.accumulate((decay_steps < step) | (accuracy >= config.learned))
    when = int(learned.argmax()) if learned.any() else -1
    free = rows.drawn(features_free, labels, distances_free)
    return {
        **rows.drawn(features, labels, distances),
        **{f"free_{name}": array for name, array in free.items()},
        "row_classes": rows.classes_of_ends(),
        "speck_classes": rows.classes_of_specks(labels),
        "row_cosines": rows.beside(cosines),
        "simplex_distance": np.asarray(classifier.simplex_distance(config)),
        "decay_off_step": decay_steps[-1],
        "distance_ratio_learned": distance_ratio[when],
        "distance_growth": distances[when].mean() / distances[0].mean(),
        "state": states(learned, distance_ratio),
    }


def states(learned: np.ndarray, distance_ratio: np.ndarray) -> np.ndarray:
    """MIXED_UP, APART once the classifier has learned, EQUAL once distances are so to the end: (frames,), rising."""
    unequal_later = np.maximum.accumulate((distance_ratio > EQUAL_BELOW)[::-1])[::-1]
    return np.where(learned, np.where(unequal_later, APART, EQUAL), MIXED_UP)


def targets(config: NeuralCollapse) -> Goals:
    simplex = "Papyan et al. 2020, NC2: every cosine is −1/(C−1)"
    short = "Papyan et al. 2020, NC1: no spread in a class"
    pushed = "the loss pushes classes apart, whichever are near"
    alone = "without decay the loss has no minimum: lengths grow on"
    distance = classifier.simplex_distance(config)
    return {
        "spread_at_start": Target(
            "spread of the cosines, start", "cosine_std", "at least", 0.15, "there is something to see", at="first"
        ),
        "spread": Target("spread of the cosines", "cosine_std", "at most", 0.005, simplex),
        "farthest": Target("largest |cosine + 1/(C−1)|", "cosine_deviation", "at most", 0.015, simplex),
        "equinorm": Target("equinorm", "equinorm", "at most", 0.01, "Papyan et al. 2020, NC2: means of one length"),
        "ratio": Target("Σ_W/Σ_B", "within_between_ratio", "at most", 0.01, short),
        "accuracy": Target("train accuracy", "accuracy", "at least", 1.0, "terminal phase of training"),
        "self_duality": Target("self-duality", "self_duality", "at most", 0.05, "Papyan et al. 2020, NC3"),
        "nearest_centre": Target("nearest class centre", "nearest_centre", "at least", 1.0, "Papyan et al. 2020, NC4"),
        "distances": Target(
            "each distance between class means",
            "distances",
            "within",
            distance,
            "Zhu et al. 2021: √(2s√C), s = log((C−1)(1−q)/q), q = λ(C−1)/√C",
            tolerance=0.05,
            read_off=("row_means", "row_ends"),
        ),
        "ratio_of_distances": Target("largest over smallest distance", "distance_ratio", "at most", 1.01, simplex),
        "ratio_of_distances_at_start": Target(
            "largest over smallest distance, start",
            "distance_ratio",
            "at least",
            1.4,
            "there is something to even out",
            at="first",
        ),
        "ratio_of_distances_learned": Target(
            "largest over smallest distance, once learned", "distance_ratio_learned", "at least", 1.2, pushed
        ),
        "growth": Target("mean distance, once learned over start", "distance_growth", "at least", 1.7, pushed),
        "ratio_of_distances_free": Target(
            "largest over smallest distance, without decay",
            "distance_ratio_free",
            "at least",
            1.2,
            "no price on length: at best evened out over far more steps",
        ),
        "distances_free": Target(
            "each distance between class means, without decay", "distances_free", "at least", 1.5 * distance, alone
        ),
        "low_rank_at_start": Target(
            "D_LR, start", "low_rank", "at least", 0.04, "there is something to lose", at="first"
        ),
        "low_rank": Target(
            "D_LR", "low_rank", "at most", 2e-5, "arXiv 2410.04264v3, Eq. 4: 0 where features are what outputs need"
        ),
    }


SCENE = Scene(
    name="neural-collapse",
    title="Training with decay puts all classes equally far apart",
    subtitle="{classes} classes, cross-entropy with decay on features and classifier: class means end equally long, "
    "equally far apart",
    alt="Each two of {classes} classes are a row, as long as their class means are apart: ragged at first, all on the "
    "{simplex_distance:.2f} of theory at the end, the longest over the shortest {distance_ratio:.4f}; without decay "
    "they end ragged, {distance_ratio_free:.2f}. All cosines between class means end within {cosine_deviation:.4f} of "
    "-1/(C-1), drawn beside the rows.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, neural collapse; Papyan, Han & Donoho 2020 (arXiv 2008.08186); "
    "Zhu et al. 2021 (arXiv 2105.02375)",
    output="ts-neural-collapse",
    message="Trained with a price on length, all classes end equally far apart; without it, after as many steps, they "
    "do not.",
    look_for="The ragged right ends of the rows line up on the dashed value of theory; those of the same run without "
    "decay stay ragged.",
    formulas=(
        ("cosine of every two centred class means", r"\cos(\mu_c, \mu_{c'}) = -\frac{1}{C - 1}"),
        (
            "distance of every two class means",
            r"\sqrt{2 s \sqrt{C}}, \quad s = \log \frac{(C - 1)(1 - q)}{q}, \quad q = \frac{\lambda (C - 1)}{\sqrt{C}}",
        ),
    ),
    group="states",
    story=STORY,
    config=NeuralCollapse,
    init=collapse_arms.init,
    step=collapse_arms.step,
    measure=measure,
    raw=collapse_arms.raw,
    constants=collapse_arms.constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
