"""Six random starts descend one frame potential, and every one of them reaches the floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.metrics import codes, geometry
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Insets, Level, Panel, Readout
from render.picture.panels.history import Curve, History
from render.picture.panels.sphere import Sphere
from render.scene import Config, Scene
from render.target import Goals, Target

from .. import networks

STARTS = 6


@dataclass(frozen=True, kw_only=True)
class BenignLandscape(Config):
    steps: int = 600
    classes: int = between(7, 2, 10)
    learning_rate: float = positive(0.05, high=1e3)


class State(NamedTuple):
    """Codes (starts, classes, 3), of any length, since the potential knows directions only; opt_state, one a start."""

    codes: Any
    opt_state: Any


def init(config: BenignLandscape, key: Any) -> State:
    starts = geometry.unit_rows(jax.random.normal(key, (STARTS, config.classes, 3)))
    return State(starts, jax.vmap(optax.adam(config.learning_rate).init)(starts))


def step(config: BenignLandscape, state: State) -> State:
    """One step of Adam for each start, all at once."""

    def descend(codes_now: Any, opt_state: Any) -> tuple[Any, Any]:
        return networks.descend(codes.frame_potential, optax.adam(config.learning_rate), codes_now, opt_state)

    return State(*jax.vmap(descend)(state.codes, state.opt_state))


def measure(config: BenignLandscape, state: State) -> dict[str, Any]:
    unit = geometry.unit_rows(state.codes)
    potential = jax.vmap(codes.frame_potential)(unit)
    return {
        "codes": unit,
        "loss": potential.mean(),
        "potential": potential,
        "spread": jnp.ptp(potential),
        "frame_eigenvalues": jax.vmap(codes.frame_eigenvalues)(unit),
    }


def derive(
    config: BenignLandscape, *, codes: np.ndarray, potential: np.ndarray, frame_eigenvalues: np.ndarray
) -> dict[str, Any]:
    return {
        "codes": {str(start): codes[:, start] for start in range(STARTS)},
        "potential": {str(start): potential[:, start] for start in range(STARTS)},
        "eigenvalue": {str(k): frame_eigenvalues[:, :, k] for k in range(3)},
        "tightness_gap": np.abs(frame_eigenvalues - config.classes / 3).max(axis=(1, 2)),
    }


def floor(config: BenignLandscape) -> float:
    """Least frame potential, Benedetto & Fickus 2003, less the diagonal: max(C, C^2/d) - C, with d = 3."""
    return max(config.classes, config.classes**2 / 3) - config.classes


def targets(config: BenignLandscape) -> Goals:
    tight = "max(C, C²/d) − C: no bad local minima (Benedetto & Fickus 2003)"
    potentials = {
        f"start_{k}": Target(
            f"potential of start {k + 1}",
            f"potential/{k}",
            "within",
            floor(config),
            tight,
            tolerance=1e-3,
            read_off=("potential",),
        )
        for k in range(STARTS)
    }
    return {"spread": Target("spread between the starts", "spread", "at most", 1e-3, tight), **potentials}


def panels(config: BenignLandscape, goals: Goals) -> tuple[Panel, ...]:
    level = config.classes / 3
    spheres = tuple(
        Sphere(
            title=f"start {start + 1}",
            codes=f"codes/{start}",
            colour=start,
            dot_pt=6.0,
            readouts=(Readout("potential", f"potential/{start}", "{:.4f}", goals[f"start_{start}"], ""),),
            insets=Insets(left=8, right=8, bottom=8),
        )
        for start in range(STARTS)
    )
    return (
        *spheres,
        History(
            title="frame potential of each start",
            curves=(
                Curve("loss", "third"),
                Curve("potential", "classes", Level(goals["start_0"], "C²/d − C = {:.4f}", side="right")),
            ),
            readouts=(Readout("loss, the mean of the six", "loss", "{:.4f}", colour="third"),),
        ),
        History(
            title="spread: highest start − lowest start",
            curves=(Curve("spread", "accent", Level(goals["spread"], "goal {}")),),
            y_axis=Axis(scale="log", floor=1e-6),
            readouts=(Readout("spread", "spread", "{:.1e}", goals["spread"], colour="accent"),),
        ),
        Bars(
            title="eigenvalues of X'X, each start",
            series=(Heights("eigenvalue", dict.fromkeys("012", "classes")),),
            goal=Level(level),
            x_axis=Axis("start"),
            readouts=(Readout(f"farthest from C/d = {level:.2f}, tight", "tightness_gap", "{:.0e}"),),
        ),
    )


SCENE = Scene(
    name="benign-landscape",
    title="Every random start reaches the same floor",
    subtitle="C = {classes} codes in d = 3, six starts at once: different frames in the end, all of them tight",
    alt="Six random starts of {classes} codes on a sphere descend the frame potential at once: every curve dives to "
    "the floor C²/d − C, {loss:.4f}, and the spread between them falls to {spread:.1e}.",
    post="Auditing Latent Space Geometry in JAX",
    source="Auditing Latent Space Geometry in JAX, benign landscape; Benedetto & Fickus 2003",
    output="jax-welch/benign-landscape",
    layout=("abcdef", "gghhii"),
    heights=(1, 1.1),
    width_px=1140,
    config=BenignLandscape,
    init=init,
    step=step,
    measure=measure,
    derive=derive,
    panels=panels,
    targets=targets,
)
