"""Information collapse: training splits the covariance into prototypes that stay and information that goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from render import views
from render.metrics import geometry, linear_algebra
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.scene import Scene
from render.target import Goals, Target

from .. import classifier

RATIO = r"$\Sigma_W\,/\,\Sigma_B$"
FLOOR = 1e-6  # of the first eigenvalue: what counts as a mode


@dataclass(frozen=True, kw_only=True)
class InformationCollapse(classifier.ClassifierConfig):
    classes: int = 4
    input_dim: int = 32
    hidden: int = 64
    feature_dim: int = 8
    noise: float = 0.5


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


def derive(config: InformationCollapse, *, features: np.ndarray, class_means: np.ndarray) -> dict[str, np.ndarray]:
    return views.simplex_view(features, class_means)


def targets(config: InformationCollapse) -> Goals:
    modes, ratio = float(config.classes - 1), "within_between_ratio"
    even = "a simplex is a tight frame: C−1 equal modes"
    short = "Papyan et al. 2020, NC1: no spread in a class"
    return {
        "modes": Target(
            "modes of Σ_B, every frame", "between_modes", "within", modes, "rank of C centred means", at="every"
        ),
        "flatness": Target("last over first mode of Σ_B", "between_flatness", "at least", 0.97, even),
        "ratio": Target("Σ_W/Σ_B", ratio, "at most", 0.01, short),
        "ratio_at_start": Target("Σ_W/Σ_B, start", ratio, "at least", 0.5, "there is something to lose", at="first"),
    }


def panels(config: InformationCollapse, goals: Goals) -> tuple[Panel, ...]:
    return (
        classifier.view_panel(Readout("farthest mean from its ring, in radii", "ghost_distance")),
        Bars(
            title="prototypes and information: eigenvalues over the first prototype's",
            series=(Heights("between_spectrum", "accent"), Heights("within_spectrum", "second")),
            x_axis=Axis("mode"),
            y_axis=Axis(scale="log", floor=1e-5),
            readout_columns=2,
            readouts=(
                Readout(r"prototypes $\Sigma_B$: modes", "between_modes", "{:.0f}", goals["modes"], colour="accent"),
                Readout("last mode over first", "between_flatness", "{:.3f}", goals["flatness"]),
                Readout(r"information $\Sigma_W$: sum", "within_total", "{:.4f}", note="", colour="second"),
            ),
        ),
        History(
            title="information left",
            curves=(Curve("within_between_ratio", "second", Level(goals["ratio"], RATIO + r" $\leq$ {}")),),
            y_axis=Axis(scale="log"),
            readouts=(Readout(RATIO, "within_between_ratio", "{:.4f}", goals["ratio"], "", colour="second"),),
        ),
        History(
            title="loss",
            curves=(Curve("loss", "third"),),
            readouts=(Readout("loss", "loss", "{:.3f}", colour="third"),),
        ),
    )


SCENE = Scene(
    name="information-collapse",
    title="Collapse grinds the information spectrum to zero",
    subtitle="the covariance splits in two: between classes C−1 modes stay and even out, within classes all modes go",
    alt="The covariance of a feature layer splits into prototypes and information: three between-class modes end equal "
    "({between_flatness:.3f}), and within-class over between-class variance falls to {within_between_ratio:.4f}.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, information collapse; Papyan, Han & Donoho 2020 (arXiv 2008.08186); "
    "Zhu et al. 2021 (arXiv 2105.02375)",
    output="information-collapse",
    layout=("abb", "acd"),
    widths=(1.24, 1, 1),
    heights=(1.25, 1),
    config=InformationCollapse,
    init=classifier.init,
    step=classifier.step,
    measure=measure,
    raw=classifier.raw,
    constants=classifier.constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
