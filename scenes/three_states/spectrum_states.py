"""Three states of a representation: random, organized, structured, read off its spectrum while a classifier trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from render import views
from render.bounds import between
from render.film import Badge
from render.metrics import geometry, linear_algebra, spectrum
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.scene import Scene
from render.target import Goals, Target

from .. import classifier

RANDOM, ORGANIZED, STRUCTURED = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class SpectrumStates(classifier.ClassifierConfig):
    """The classifier on wide blobs, warmed up slowly, and the limits of the three states.

    random_above: share of the dimensions that the participation ratio fills while the state is RANDOM.

    structured_below: distance to the own class mean over that between class means, in the view, once STRUCTURED.
    """

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
) -> dict[str, np.ndarray]:
    shown = views.simplex_view(features, class_means)
    view, view_means = shown["view"], shown["view_means"]
    first, second = np.triu_indices(config.classes, k=1)
    within = np.linalg.norm(view - view_means[:, labels], axis=2).mean(axis=1)
    between = np.linalg.norm(view_means[:, first] - view_means[:, second], axis=2).mean(axis=1)
    looseness = within / between
    is_random = participation_ratio > config.random_above * config.feature_dim
    badge = np.where(is_random, RANDOM, np.where(looseness < config.structured_below, STRUCTURED, ORGANIZED))
    in_order = (np.diff(badge) >= 0).all()
    shortest = min(int((badge == state).sum()) for state in (RANDOM, ORGANIZED, STRUCTURED))
    return {
        **shown,
        "looseness": looseness,
        "badge": badge,
        "shortest_state": np.float64(shortest if in_order else 0),
    }


def targets(config: SpectrumStates) -> Goals:
    modes, ratio = float(config.classes - 1), "participation_ratio"
    return {
        "start": Target("participation ratio, start", ratio, "at least", 11.5, "isotropic: d", at="first"),
        "end": Target("participation ratio, end", ratio, "within", modes, "C−1 equal modes", tolerance=0.05),
        "shortest": Target(
            "frames of the shortest state, in order", "shortest_state", "at least", 6, "each is seen", share=0.9
        ),
    }


def panels(config: SpectrumStates, goals: Goals) -> tuple[Panel, ...]:
    modes = config.classes - 1
    return (
        classifier.view_panel(
            Readout("spread / separation of classes", "looseness", "{:.2f}", note=f"< {config.structured_below:g}")
        ),
        Bars(
            title="eigenvalues of the feature covariance",
            series=(Heights("spectrum", first=modes),),
            x_axis=Axis(f"mode, relative to the first; {modes} = C−1 in colour"),
        ),
        History(
            title="modes in use",
            curves=(Curve("participation_ratio", "accent", Level(goals["end"], "C−1 = {}")),),
            levels=(Level(config.feature_dim, "d = {}", side="right", above=False),),
            y_axis=Axis(scale="log", ticks=(modes, 6, 8, config.feature_dim)),
            badge="badge",
            readouts=(Readout("participation ratio", "participation_ratio", "{:.2f}", goals["end"], colour="accent"),),
        ),
        History(
            title="loss",
            curves=(Curve("loss", "third"),),
            badge="badge",
            readouts=(Readout("loss", "loss", "{:.3f}", colour="third"),),
        ),
    )


SCENE = Scene(
    name="spectrum-states",
    title="Training reshapes the spectrum: three states",
    subtitle="{classes} classes, {feature_dim} features: from every direction alike to C−1 modes",
    alt="The spectrum of a {feature_dim}-dimensional feature layer falls from flat to C−1 equal modes: the "
    "participation ratio goes from {feature_dim} to {participation_ratio:.2f}, while {classes} classes "
    "separate in the plane.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, spectrum states; Gao et al. 2017 (bioRxiv 214262); "
    "Zhu et al. 2021 (arXiv 2105.02375)",
    output="ts-spectrum-states",
    layout=("abb", "acd"),
    widths=(1.24, 1.15, 0.85),
    badge=Badge("badge", ("RANDOM", "ORGANIZED", "STRUCTURED"), ("third", "second", "met")),
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
