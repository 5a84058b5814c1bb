"""Three states of a representation: random, organized, structured, read off its spectrum while a classifier trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from render import views
from render.bounds import between
from render.metrics import geometry, linear_algebra, spectrum
from render.scene import Scene
from render.target import Goals, Target

from .. import classifier
from .spectrum_states_picture import STORY, panels

RANDOM, ORGANIZED, STRUCTURED = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class SpectrumStates(classifier.ClassifierConfig):
    """The classifier on wide blobs, warmed up slowly, and the limits of the three states.

    random_above: share of the dimensions that the participation ratio fills while the state is RANDOM.

    structured_below: distance to the own class mean over that between class means, in the view, once STRUCTURED.
    """

    hold_ms: int = 3000
    classes: int = 5
    input_dim: int = 32
    feature_dim: int = 12
    spread: float = 0.8
    noise: float = 0.9
    warmup: float = 0.25
    random_above: float = between(0.62, -1e3, 1e3)
    structured_below: float = between(0.25, -1e3, 1e3)


def init(config: SpectrumStates, key: Any) -> classifier.State:
    """The classifier, with its initial features whitened exactly: an isotropic random state, by construction."""
    state = classifier.init(config, key)
    features, _ = classifier.outputs(state)
    mean = features.mean(axis=0)
    covariance = (features - mean).T @ (features - mean) / len(features)
    values, vectors = linear_algebra.eigh(covariance)
    whiten = vectors / jnp.sqrt(values) @ vectors.T
    last = state.encoder[-1]
    whitened = {"weights": last["weights"] @ whiten, "bias": (last["bias"] - mean) @ whiten}
    return state._replace(encoder=[*state.encoder[:-1], whitened])


def measure(config: SpectrumStates, state: classifier.State) -> dict[str, Any]:
    features, logits = classifier.outputs(state)
    eigenvalues = spectrum.covariance_eigenvalues(features)
    return {
        "features": features,
        "loss": classifier.loss(config, (state.encoder, state.classifier), state.inputs, state.labels),
        "accuracy": geometry.accuracy(logits, state.labels),
        "class_means": geometry.centred_class_means(features, state.labels, config.classes),
        "spectrum": eigenvalues / eigenvalues[0],
        "participation_ratio": spectrum.participation_ratio(eigenvalues),
    }


def derive(
    config: SpectrumStates,
    *,
    features: np.ndarray,
    class_means: np.ndarray,
    labels: np.ndarray,
    participation_ratio: np.ndarray,
    spectrum: np.ndarray,
) -> dict[str, np.ndarray]:
    shown = views.simplex_view(features, class_means)
    view, view_means = shown["view"], shown["view_means"]
    first, second = np.triu_indices(config.classes, k=1)
    within = np.linalg.norm(view - view_means[:, labels], axis=2).mean(axis=1)
    between = np.linalg.norm(view_means[:, first] - view_means[:, second], axis=2).mean(axis=1)
    looseness = within / between
    is_random = participation_ratio > config.random_above * config.feature_dim
    badge = np.where(is_random, RANDOM, np.where(looseness < config.structured_below, STRUCTURED, ORGANIZED))
    kept = min(config.classes - 1, config.feature_dim)
    in_order = (np.diff(badge) >= 0).all()
    shortest = min(int((badge == state).sum()) for state in (RANDOM, ORGANIZED, STRUCTURED))
    return {
        **shown,
        "looseness": looseness,
        "badge": badge,
        "state": np.maximum.accumulate(badge),
        "kept": spectrum[:, :kept],
        "kept_at": np.arange(1.0, kept + 1),
        "faded": spectrum[:, kept:],
        "faded_at": np.arange(kept + 1.0, config.feature_dim + 1),
        "least_kept": spectrum[:, kept - 1],
        "most_faded": spectrum[:, kept:].max(axis=1, initial=0.0),
        "outline": outline(kept, config.feature_dim),
        "shortest_state": np.float64(shortest if in_order else 0),
    }


def outline(kept: int, count: int) -> np.ndarray:
    """Theory's spectrum as segments (3, 2, 2): at the height of those kept, down, and along the foot of the others."""
    edge = kept + 0.5
    corners = np.array([[0.5, 1.0], [edge, 1.0], [edge, 0.0], [count + 0.5, 0.0]])
    return np.stack([corners[:-1], corners[1:]], axis=1)


def targets(config: SpectrumStates) -> Goals:
    modes, ratio = float(config.classes - 1), "participation_ratio"
    equal = "C−1 equal modes"
    return {
        "start": Target("participation ratio, start", ratio, "at least", 11.5, "isotropic: d", at="first"),
        "end": Target("participation ratio, end", ratio, "within", modes, equal, tolerance=0.05),
        "even": Target("least variance kept, over the largest", "least_kept", "at least", 0.98, equal),
        "faded": Target("largest variance of the others, over it", "most_faded", "at most", 0.01, f"{equal}, no other"),
        "shortest": Target(
            "frames of the shortest state, in order", "shortest_state", "at least", 6, "each is seen", share=0.9
        ),
    }


SCENE = Scene(
    name="spectrum-states",
    title="Training keeps few directions: those that tell classes apart",
    subtitle="{classes} classes, {feature_dim} features: from every direction alike to C−1 modes",
    alt="The spectrum of a {feature_dim}-dimensional feature layer falls from flat to C−1 equal modes: the "
    "participation ratio goes from {feature_dim} to {participation_ratio:.2f}, while {classes} classes "
    "separate in the plane.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, spectrum states; Gao et al. 2017 (bioRxiv 214262); "
    "Zhu et al. 2021 (arXiv 2105.02375)",
    output="ts-spectrum-states",
    message="Training keeps only as many directions of the features as it takes to tell the classes apart.",
    look_for="All bars are alike at first; most of them vanish, and few equal ones stay, as theory's outline has it.",
    formulas=(
        ("directions in use: the participation ratio", r"\frac{\left(\sum_i \lambda_i\right)^2}{\sum_i \lambda_i^2}"),
        ("equal directions that the end keeps", r"C - 1"),
    ),
    group="states",
    story=STORY,
    config=SpectrumStates,
    init=init,
    step=classifier.step,
    measure=measure,
    raw=classifier.raw,
    constants=classifier.constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
