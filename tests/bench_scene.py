"""The benchmark's own scene: neural collapse in cards, which stands as it is while the project's scenes change."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from render import views
from render.metrics import geometry, spectrum
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.histogram import Histogram
from render.picture.panels.history import Curve, History
from render.picture.panels.points import Points
from render.picture.panels.readouts import Readouts
from render.scene import Scene
from render.target import Goals, Target
from scenes import classifier
from scenes.classifier import ClassifierConfig

RATIO = r"$\Sigma_W\,/\,\Sigma_B$"


def measure(config: ClassifierConfig, state: classifier.State) -> dict[str, Any]:
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


def derive(
    config: ClassifierConfig, *, features: np.ndarray, class_means: np.ndarray, cosines: np.ndarray
) -> dict[str, np.ndarray]:
    edges = views.edges_around(-1 / (config.classes - 1), -1, 1, 0.05)
    return {
        **views.simplex_view(features, class_means),
        "cosine_counts": views.histogram_counts(cosines, edges),
        "cosine_edges": edges,
    }


def targets(config: ClassifierConfig) -> Goals:
    simplex = "Papyan et al. 2020, NC2: every cosine is −1/(C−1)"
    short = "Papyan et al. 2020, NC1: no spread in a class"
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
    }


def panels(config: ClassifierConfig, goals: Goals) -> tuple[Panel, ...]:
    modes = config.classes - 1
    return (
        Points(
            title="features and class means, in the plane",
            points="view",
            labels="labels",
            means="view_means",
            ghosts="ghosts",
            caption="rings: a perfect simplex in the same projection",
            readouts=(Readout("farthest mean from its ring, in radii", "ghost_distance"),),
        ),
        Histogram(
            title=f"{config.classes * modes // 2} cosines between class means",
            counts="cosine_counts",
            edges="cosine_edges",
            goal=Level(-1 / modes, "−1/(C−1) = {:.2f}"),
            x_axis=Axis("cosine"),
            readouts=(Readout("farthest from the line", "cosine_deviation", "{:.4f}", goals["farthest"]),),
        ),
        History(
            title="collapse over training",
            curves=(
                Curve("loss", "third"),
                Curve("within_between_ratio", "second", Level(goals["ratio"], RATIO + r" $\leq$ {}")),
                Curve("cosine_std", "accent", Level(goals["spread"], r"std $\leq$ {}", above=False)),
            ),
            y_axis=Axis(scale="log"),
            readouts=(
                Readout("std of cosines", "cosine_std", "{:.4f}", goals["spread"], "", colour="accent"),
                Readout(RATIO, "within_between_ratio", "{:.4f}", goals["ratio"], "", colour="second"),
                Readout("loss", "loss", "{:.4f}", colour="third"),
            ),
            readout_columns=3,
        ),
        Readouts(
            title="what collapse promises",
            readouts=(
                Readout("train accuracy", "accuracy", "{:.3f}", goals["accuracy"]),
                Readout("NC2 equinorm", "equinorm", "{:.5f}", goals["equinorm"]),
                Readout("NC3 self-duality", "self_duality", "{:.5f}", goals["self_duality"]),
                Readout("NC4 nearest centre", "nearest_centre", "{:.3f}", goals["nearest_centre"]),
                Readout("participation ratio", "participation_ratio", "{:.2f}", note=f"C−1 = {modes}"),
            ),
        ),
    )


SCENE = Scene(
    name="collapse-in-cards",
    title="The structured endpoint is a simplex",
    subtitle="{classes} classes, cross-entropy with decay on features and classifier: class means end equally long, "
    "equally far apart",
    alt="Features of {classes} classes shrink onto their class means while the means move onto the corners of a "
    "simplex: the spread of their pairwise cosines falls to {cosine_std:.4f} and the ratio of within-class to "
    "between-class variance to {within_between_ratio:.4f}.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, neural collapse; Papyan, Han & Donoho 2020 (arXiv 2008.08186); "
    "Zhu et al. 2021 (arXiv 2105.02375)",
    output="collapse-in-cards",
    layout=("abd", "acc"),
    widths=(1.24, 1, 1),
    config=ClassifierConfig,
    init=classifier.init,
    step=classifier.step,
    measure=measure,
    raw=classifier.raw,
    constants=classifier.constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
