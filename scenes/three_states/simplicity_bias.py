"""Simplicity bias: on two moons a network first becomes the linear classifier, then bends."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from render.film import Layout, Story
from render.metrics import boundary, geometry
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.name import Name
from render.picture.marks.points import Points
from render.picture.marks.region import Region
from render.picture.marks.threads import Threads
from render.scene import Scene
from render.target import Goals, Target

from .. import networks
from .simplicity_bias_square import REACH, SIDE, across, grid, rightmost
from .simplicity_bias_training import SimplicityBias, State, init, loss, step

ALONG = 0.96  # agreement with the linear classifier from which on the network's boundary lies along its line


def linear_regions(state: State) -> Any:
    """Decisions of the linear classifier on the grid, which class means and a shared covariance alone determine."""
    return (grid() @ state.linear_weights + state.linear_bias > 0).reshape(SIDE, SIDE)


def measure(config: SimplicityBias, state: State) -> dict[str, Any]:
    logits = networks.apply_mlp(state.network, grid())
    margin = (logits[:, 1] - logits[:, 0]).reshape(SIDE, SIDE)
    decided = networks.apply_mlp(state.network, state.inputs)
    return {
        "margin": margin,
        "loss": loss(state.network, state.inputs, state.labels),
        "accuracy": geometry.accuracy(decided, state.labels),
        "agreement": jnp.mean(jnp.argmax(decided, axis=1) == state.linear),
        "region_agreement": jnp.mean((margin > 0) == linear_regions(state)),
        "complexity": boundary.boundary_complexity((margin > 0).astype(jnp.int32)),
    }


def raw(config: SimplicityBias, state: State) -> dict[str, Any]:
    """weights (width, 2): of the last layer."""
    features, outputs = networks.apply_with_features(state.network, state.inputs)
    return {"features": features, "outputs": outputs, "labels": state.labels, "weights": state.network[-1]["weights"]}


def constants(config: SimplicityBias, state: State) -> dict[str, Any]:
    return {
        "points": state.inputs,
        "labels": state.labels,
        "linear_accuracy": jnp.mean(state.linear == state.labels),
        "linear_weights": state.linear_weights,
        "linear_bias": state.linear_bias,
        "linear_complexity": boundary.boundary_complexity(linear_regions(state).astype(jnp.int32)),
    }


def derive(
    config: SimplicityBias,
    *,
    margin: np.ndarray,
    agreement: np.ndarray,
    region_agreement: np.ndarray,
    accuracy: np.ndarray,
    complexity: np.ndarray,
    linear_accuracy: np.ndarray,
    linear_weights: np.ndarray,
    linear_bias: np.ndarray,
    linear_complexity: np.ndarray,
) -> dict[str, np.ndarray]:
    """Numbers at the peak of agreement and at the end, the linear classifier's line, and the states.

    linear_line (1, 2, 2): its ends. boundary_end (frames, 2): of the network's boundary, the one furthest right.
    state: untrained, along the line, bent: the second lasts from the first to the last frame that agrees enough.
    """
    peak = int(agreement.argmax())
    solved = np.flatnonzero(accuracy >= 0.95)
    agrees = np.flatnonzero(agreement >= ALONG)
    first, after = (agrees[0], agrees[-1] + 1) if len(agrees) else (config.frames, config.frames)
    frame = np.arange(config.frames)
    return {
        "peak_agreement": agreement.max(),
        "peak_region_agreement": region_agreement[peak],
        "gap_at_peak": np.abs(accuracy[peak] - linear_accuracy),
        "gain_over_linear": accuracy[-1] - linear_accuracy,
        "frames_before_solved": np.float64((solved[0] if len(solved) else config.frames) - peak),
        "frames_along": np.asarray(after - first),
        "agreement_along": agreement[first:after].min(initial=1.0) if len(agrees) else np.zeros(()),
        "complexity_ratio": complexity[-1] / complexity[peak],
        "complexity_growth": complexity / complexity[peak],
        "complexity_over_linear": complexity / max(linear_complexity, 1 / SIDE),  # its line may miss the square
        "peak_complexity_over_linear": complexity[peak] / max(linear_complexity, 1 / SIDE),
        "linear_line": across(linear_weights, linear_bias)[None],
        "boundary_end": rightmost(margin),
        "state": (frame >= first).astype(int) + (frame >= after),
    }


def targets(config: SimplicityBias) -> Goals:
    linear = "Fisher 1936: class means and a shared covariance"
    later = "the boundary bends later"
    straight = "a straight line"
    return {
        "peak": Target(
            "agreement with the linear classifier, peak",
            "peak_agreement",
            "at least",
            ALONG,
            linear,
            read_off=("agreement",),
        ),
        "gap": Target("accuracy against the linear classifier's, at the peak", "gap_at_peak", "at most", 0.02, linear),
        "region": Target(
            "drawn square decided as by the linear classifier, at the peak",
            "peak_region_agreement",
            "at least",
            0.88,
            linear,
            read_off=("region_agreement",),
        ),
        "straight": Target(
            "boundary complexity over the straight line's, at the peak",
            "peak_complexity_over_linear",
            "within",
            1,
            straight,
            tolerance=0.3,
            read_off=("complexity_over_linear",),
        ),
        "stays": Target("frames along the line", "frames_along", "at least", 20, "simple comes first, and lasts"),
        "along": Target(
            "least agreement meanwhile", "agreement_along", "at least", 0.92, linear, read_off=("agreement",)
        ),
        "order": Target(
            "frames from the peak to accuracy 0.95", "frames_before_solved", "at least", 1, "simple comes first"
        ),
        "accuracy": Target(
            "train accuracy", "accuracy", "at least", 0.98, "the network bends until it fits the points"
        ),
        "gain": Target(
            "train accuracy over the linear classifier's",
            "gain_over_linear",
            "at least",
            0.08,
            "no straight line parts the moons",
        ),
        "bends": Target(
            "boundary complexity, end over peak",
            "complexity_ratio",
            "at least",
            1.3,
            later,
            read_off=("complexity_growth",),
        ),
    }


def panels(config: SimplicityBias, goals: Goals) -> tuple[Group, ...]:
    return (_square(), _points())


def _square() -> Group:
    """What the network decides where, the boundary between, and the best straight line."""
    side = Scale(low=-REACH, high=REACH)
    marks = (
        Region(score="margin", extent=REACH),
        Points(points="points", classes="labels", tint=0.8, size_pt=4.5, over=0.2),
        Threads(segments="linear_line", theory=True, label="best straight line", width_pt=2.0, over=0.3),
        Name(point="boundary_end", text="network"),
    )
    return Group(
        heading="the network's answer",
        note="as background; dots: examples",
        frames=(Plane(x=side, y=side, marks=marks),),
    )


def _points() -> Group:
    """Share of the points that are decided as by the straight line, and of those that are decided correctly."""
    return Group(
        heading="share of its answers",
        frames=(
            Plane(
                lines="lb",
                x=Scale(low=0.0, high=1.0),
                y=Scale(ticks=(0.5, 1.0), names=("50 %", "100 %"), low=0.42, high=1.02),
                marks=(
                    Course(array="agreement", ink="ink", label="agree with line", form="percent", bold=True),
                    Course(array="accuracy", ink="muted", label="correct", form="percent", bold=True),
                    Level(value="linear_accuracy", label="line's score"),
                ),
            ),
        ),
    )


SCENE = Scene(
    name="simplicity-bias",
    title="First a straight line, then the bends",
    subtitle="two moons: for a moment the network is the linear classifier that class means and covariance determine",
    alt="The decision boundary of a small network on two moons, over the dashed line of the linear classifier: it "
    "first lies along that line and then bends around the moons: train accuracy ends at {accuracy:.3f}.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, simplicity bias; Kalimeris et al. 2019 (arXiv 1905.11604)",
    output="ts-simplicity-bias",
    message="A network first decides as the best straight line does, and only later bends round the classes.",
    look_for="The solid boundary turns until it lies along the dashed line, stays there, and then bends away from it.",
    formulas=(
        (
            "the linear classifier, from class means and the covariance within classes",
            r"w \propto \Sigma^{-1} (\mu_1 - \mu_0)",
        ),
    ),
    group="states",
    story=Story(
        state="state",
        names=("untrained", "straight", "bends"),
        sentences=(
            "Untrained, the network cuts anywhere.",
            "It finds the best straight line first, and stays there.",
            "Only later does it bend round the classes.",
        ),
        wide=Layout(("ab",), widths=(1.3, 1)),
        column=Layout(("a", "b"), heights=(2.2, 1)),
        poster=(0.5, 1.0),
    ),
    config=SimplicityBias,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    panels=panels,
    targets=targets,
)
