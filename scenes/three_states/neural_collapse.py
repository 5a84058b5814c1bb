"""Neural collapse: trained to the end, class means become a simplex equiangular tight frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render import views
from render.metrics import geometry, spectrum
from render.panels.base import Panel, Readout
from render.panels.curves import Curve, Curves
from render.panels.histogram import Histogram
from render.panels.numbers import Numbers
from render.panels.scatter import Scatter
from render.scene import Arrays, Config, Scene, Target
from scenes import networks, toys

RATIO = r"$\Sigma_W\,/\,\Sigma_B$"


@dataclass(frozen=True, kw_only=True)
class NeuralCollapse(Config):
    """decay: lambda of the loss; spread and noise: of the blobs, as standard deviations; warmup: share of the steps."""

    steps: int = 4000
    classes: int = 6
    per_class: int = 60
    input_dim: int = 64
    hidden: int = 128
    feature_dim: int = 16
    spread: float = 0.4
    noise: float = 0.4
    decay: float = 1e-2
    learning_rate: float = 1e-2
    warmup: float = 0.15

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("classes", 2 <= self.classes <= 10, "2 to 10, one colour a class")
        self.require("per_class", 2 <= self.per_class <= 1000, "2 to 1000")
        for field in ("input_dim", "hidden", "feature_dim"):
            self.require(field, 1 <= getattr(self, field) <= 4096, "1 to 4096")
        for field in ("spread", "noise", "learning_rate"):
            self.require(field, getattr(self, field) > 0, "a positive number")
        self.require("warmup", 0 <= self.warmup < 1, "a share of the steps, from 0 to below 1")
        self.require("decay", self.decay >= 0, "zero or a positive number")


class State(NamedTuple):
    encoder: networks.Layers
    classifier: networks.Layers
    moments: Any
    inputs: Any
    labels: Any


def init(config: NeuralCollapse, key: Any) -> State:
    data_key, encoder_key, classifier_key = jax.random.split(key, 3)
    inputs, labels = toys.blobs(
        data_key, config.classes, config.per_class, config.input_dim, config.spread, config.noise
    )
    encoder = networks.init_mlp(encoder_key, (config.input_dim, config.hidden, config.feature_dim))
    classifier = networks.init_mlp(classifier_key, (config.feature_dim, config.classes))
    return State(encoder, classifier, optimiser(config).init((encoder, classifier)), inputs, labels)


def optimiser(config: NeuralCollapse) -> optax.GradientTransformation:
    """Adam, warmed up so that the features do not overshoot at once, with cosine decay so that they settle."""
    warmup = round(config.warmup * config.steps)
    return optax.adam(optax.warmup_cosine_decay_schedule(0.0, config.learning_rate, warmup, config.steps))


def loss(config: NeuralCollapse, params: Any, inputs: Any, labels: Any) -> Any:
    """Cross-entropy + (lambda/2)(|W|^2 + mean_i |z_i|^2): its global optimum is the simplex (Zhu et al. 2021)."""
    encoder, classifier = params
    features = networks.apply_mlp(encoder, inputs)
    logits = networks.apply_mlp(classifier, features)
    cross_entropy = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
    norms = jnp.sum(classifier[0]["weights"] ** 2) + jnp.mean(jnp.sum(features**2, axis=1))
    return cross_entropy + config.decay / 2 * norms


def step(config: NeuralCollapse, state: State) -> State:
    (encoder, classifier), moments = networks.descend(
        lambda params: loss(config, params, state.inputs, state.labels),
        optimiser(config),
        (state.encoder, state.classifier),
        state.moments,
    )
    return state._replace(encoder=encoder, classifier=classifier, moments=moments)


def measure(config: NeuralCollapse, state: State) -> dict[str, Any]:
    features = networks.apply_mlp(state.encoder, state.inputs)
    logits = networks.apply_mlp(state.classifier, features)
    means = geometry.centred_class_means(features, state.labels, config.classes)
    cosines = geometry.pairwise_cosines(means)
    return {
        "features": features,
        "loss": loss(config, (state.encoder, state.classifier), state.inputs, state.labels),
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


def constants(config: NeuralCollapse, state: State) -> dict[str, Any]:
    return {"labels": state.labels}


def derive(config: NeuralCollapse, measured: Arrays) -> dict[str, np.ndarray]:
    edges = views.edges_around(-1 / (config.classes - 1), -1, 1, 0.05)
    return {
        **views.simplex_view(measured["features"], measured["class_means"]),
        "cosine_counts": views.histogram_counts(measured["cosines"], edges),
        "cosine_edges": edges,
    }


def targets(config: NeuralCollapse) -> tuple[Target, ...]:
    simplex = "Papyan et al. 2020, NC2: every cosine is −1/(C−1)"
    return (
        Target("spread of the cosines, start", "cosine_std", "at least", 0.15, "there is something to see", at="first"),
        Target("spread of the cosines", "cosine_std", "at most", 0.005, simplex),
        Target("largest |cosine + 1/(C−1)|", "cosine_deviation", "at most", 0.015, simplex),
        Target("equinorm", "equinorm", "at most", 0.01, "Papyan et al. 2020, NC2: means of one length"),
        Target("Σ_W/Σ_B", "within_between_ratio", "at most", 0.01, "Papyan et al. 2020, NC1: no spread in a class"),
        Target("train accuracy", "accuracy", "at least", 1.0, "terminal phase of training"),
        Target("self-duality", "self_duality", "at most", 0.05, "Papyan et al. 2020, NC3"),
        Target("nearest class centre", "nearest_centre", "at least", 1.0, "Papyan et al. 2020, NC4"),
    )


def panels(config: NeuralCollapse) -> tuple[Panel, ...]:
    goals = {target.array: target for target in targets(config) if target.at == "last"}
    ideal = -1 / (config.classes - 1)
    modes = config.classes - 1
    return (
        Scatter(
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
            goal=ideal,
            formula=f"−1/(C−1) = −{-ideal:.2f}",
            xlabel="cosine",
            readouts=(Readout("farthest from the line", "cosine_deviation", "{:.4f}", goals["cosine_deviation"]),),
        ),
        Curves(
            title="collapse over training",
            curves=(
                Curve("loss", "third"),
                Curve("within_between_ratio", "second", goals["within_between_ratio"].goal, RATIO + r" $\leq$ 0.01"),
                Curve("cosine_std", "accent", goals["cosine_std"].goal, r"std $\leq$ 0.005", above=False),
            ),
            scale="log",
            readouts=(
                Readout("std of cosines", "cosine_std", "{:.4f}", goals["cosine_std"], "", colour="accent"),
                Readout(RATIO, "within_between_ratio", "{:.4f}", goals["within_between_ratio"], "", colour="second"),
                Readout("loss", "loss", "{:.4f}", colour="third"),
            ),
            readout_columns=3,
        ),
        Numbers(
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
    name="neural-collapse",
    title="The structured endpoint is a simplex",
    subtitle="six classes, cross-entropy with decay on features and classifier: class means end equally long, "
    "equally far apart",
    alt="Features of six classes shrink onto their class means while the means move onto the corners of a simplex: "
    "the spread of their pairwise cosines falls to {cosine_std:.4f} and the ratio of within-class to between-class "
    "variance to {within_between_ratio:.4f}.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, neural collapse; Papyan, Han & Donoho 2020 (arXiv 2008.08186); "
    "Zhu et al. 2021 (arXiv 2105.02375)",
    output="ts-neural-collapse",
    layout=("abd", "acc"),
    widths=(1.24, 1, 1),
    config=NeuralCollapse,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    derive_reads=("features", "class_means", "cosines"),
    panels=panels,
    targets=targets,
)
