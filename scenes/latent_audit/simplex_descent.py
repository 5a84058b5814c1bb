"""Four codes on the sphere descend the squared error of their cosines, and become a tetrahedron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from render.bounds import between, positive
from render.metrics import codes, geometry, spectrum
from render.picture.panels.base import Axis, Level, Panel, Readout
from render.picture.panels.heatmap import Heatmap
from render.picture.panels.history import Curve, History
from render.picture.panels.sphere import Sphere
from render.scene import Config, Scene
from render.target import Goals, Target

from .. import networks


@dataclass(frozen=True, kw_only=True)
class SimplexDescent(Config):
    """Codes and their descent, plain and projected: after each step they are made of unit length again."""

    steps: int = 900
    classes: int = between(4, 2, 4, ": three dimensions hold no larger simplex")
    learning_rate: float = positive(0.2, high=1e3)


class State(NamedTuple):
    codes: Any
    opt_state: Any


def init(config: SimplexDescent, key: Any) -> State:
    start = geometry.unit_rows(jax.random.normal(key, (config.classes, 3)))
    return State(start, optimiser(config).init(start))


def optimiser(config: SimplexDescent) -> optax.GradientTransformation:
    return optax.sgd(config.learning_rate)


def loss(codes_now: Any) -> Any:
    """Mean squared error of the cosine table: (1/C^2) sum_ij (<x_i, x_j> - g_ij)^2, g the simplex Gram."""
    return jnp.mean((codes.gram(codes_now) - codes.simplex_gram(len(codes_now))) ** 2)


def step(config: SimplexDescent, state: State) -> State:
    moved, opt_state = networks.descend(loss, optimiser(config), state.codes, state.opt_state)
    return State(geometry.unit_rows(moved), opt_state)


def measure(config: SimplexDescent, state: State) -> dict[str, Any]:
    return {
        "codes": state.codes,
        "cosines": codes.gram(state.codes),
        "loss": loss(state.codes),
        "simplex_error": codes.simplex_error(state.codes),
        "coherence": codes.coherence(state.codes),
        "entropy_rank": spectrum.entropy_rank(codes.frame_eigenvalues(state.codes)),
    }


def targets(config: SimplexDescent) -> Goals:
    floor, modes = 1 / (config.classes - 1), config.classes - 1.01
    simplex = "every cosine is −1/(C−1)"
    return {
        "error": Target("simplex error", "simplex_error", "at most", 1e-3, simplex),
        "coherence": Target("coherence", "coherence", "within", floor, "1/(C−1), the simplex", tolerance=1e-3),
        "rank": Target("entropy rank", "entropy_rank", "at least", modes, "C−1 equal eigenvalues"),
    }


def panels(config: SimplexDescent, goals: Goals) -> tuple[Panel, ...]:
    error, coherence = goals["error"], goals["coherence"]
    return (
        Sphere(
            title=f"{config.classes} codes on the sphere",
            codes="codes",
            cosines="cosines",
            caption="edges: |cosine|, from faint at 0 to full orange at 1",
        ),
        Heatmap(
            title="cosine table",
            values="cosines",
            numbers=True,
            classes=True,
            caption=f"goal: −1/(C−1) = −{coherence.goal:.2f} off the diagonal",
            readouts=(
                Readout("coherence", "coherence", "{:.4f}", coherence, f"= 1/(C−1) ± {coherence.tolerance:g}"),
                Readout("simplex error", "simplex_error", "{:.1e}", error),
                Readout("entropy rank", "entropy_rank", "{:.3f}", goals["rank"]),
            ),
        ),
        History(
            title="coherence: the largest |cosine|",
            curves=(Curve("coherence", "accent", Level(coherence, "1/(C−1) = {:.4f}")),),
            readouts=(Readout("coherence", "coherence", "{:.4f}", note="", colour="accent"),),
        ),
        History(
            title="distance of the table from a simplex",
            curves=(Curve("loss", "third"), Curve("simplex_error", "second", Level(error, "goal {}", above=False))),
            y_axis=Axis(scale="log", floor=1e-15),
            readouts=(
                Readout("simplex error", "simplex_error", "{:.1e}", error, colour="second"),
                Readout("loss", "loss", "{:.1e}", colour="third"),
            ),
        ),
    )


SCENE = Scene(
    name="simplex-descent",
    title="Four codes find their one fair angle: a tetrahedron",
    subtitle="projected gradient descent on the cosine table; C = {classes} codes in d = 3, room for a simplex of four",
    alt="Four codes on a turning sphere move apart until they form a tetrahedron: coherence falls to {coherence:.4f}, "
    "the simplex's 1/3, with entropy rank {entropy_rank:.3f} and simplex error {simplex_error:.1e}.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, simplex descent; Strohmer & Heath 2003; Roy & Vetterli 2007",
    output="jax-welch/simplex-descent",
    layout=("abc", "abd"),
    heights=(1, 1.15),
    widths=(1.12, 0.92, 1.1),
    width_px=1140,
    config=SimplexDescent,
    init=init,
    step=step,
    measure=measure,
    panels=panels,
    targets=targets,
)
