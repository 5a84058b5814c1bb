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
from render.panels.base import Insets, Panel, Readout
from render.panels.curves import Curve, Curves
from render.panels.spectrum import Bars, Spectrum
from render.panels.sphere import Sphere
from render.scene import Arrays, Config, Scene, Target
from scenes import networks

STARTS = 6


@dataclass(frozen=True, kw_only=True)
class BenignLandscape(Config):
    steps: int = 600
    classes: int = between(7, 2, 10)
    learning_rate: float = positive(0.05, high=1e3)


class State(NamedTuple):
    """codes: (starts, classes, 3), of any length, since the potential knows directions only; moments: one a start."""

    codes: Any
    moments: Any


def init(config: BenignLandscape, key: Any) -> State:
    starts = geometry.unit_rows(jax.random.normal(key, (STARTS, config.classes, 3)))
    return State(starts, jax.vmap(optax.adam(config.learning_rate).init)(starts))


def step(config: BenignLandscape, state: State) -> State:
    """One step of Adam for each start, all at once."""

    def descend(codes_now: Any, moments: Any) -> tuple[Any, Any]:
        return networks.descend(codes.frame_potential, optax.adam(config.learning_rate), codes_now, moments)

    return State(*jax.vmap(descend)(state.codes, state.moments))


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


def derive(config: BenignLandscape, measured: Arrays) -> dict[str, np.ndarray]:
    eigenvalues = measured["frame_eigenvalues"]
    arrays = {f"eigenvalue_{k}": eigenvalues[:, :, k] for k in range(3)}
    for start in range(STARTS):
        arrays |= {f"{name}_{start}": measured[name][:, start] for name in ("codes", "potential")}
    return arrays | {"tightness_gap": np.abs(eigenvalues - config.classes / 3).max(axis=(1, 2))}


def floor(config: BenignLandscape) -> float:
    """Benedetto & Fickus 2003, less the diagonal: max(C, C^2/d) - C, with d = 3."""
    return max(config.classes, config.classes**2 / 3) - config.classes


def targets(config: BenignLandscape) -> tuple[Target, ...]:
    tight = "max(C, C²/d) − C: no bad local minima (Benedetto & Fickus 2003)"
    return (
        Target("spread between the starts", "spread", "at most", 1e-3, tight),
        *(
            Target(f"potential of start {k + 1}", f"potential_{k}", "within", floor(config), tight, 1e-3)
            for k in range(STARTS)
        ),
    )


def panels(config: BenignLandscape) -> tuple[Panel, ...]:
    spread, *potentials = targets(config)
    goal = potentials[0].goal
    level = config.classes / 3
    spheres = tuple(
        Sphere(
            title=f"start {start + 1}",
            codes=f"codes_{start}",
            colour=start,
            dot_pt=6.0,
            readouts=(Readout("potential", f"potential_{start}", "{:.4f}", potentials[start], ""),),
            insets=Insets(left=8, right=8, bottom=8),
        )
        for start in range(STARTS)
    )
    return (
        *spheres,
        Curves(
            title="frame potential of each start",
            curves=(Curve("loss", "third"), Curve("potential", "classes", goal, f"C²/d − C = {goal:.4f}", "right")),
            readouts=(Readout("loss, the mean of the six", "loss", "{:.4f}", colour="third"),),
        ),
        Curves(
            title="spread: highest start − lowest start",
            curves=(Curve("spread", "accent", spread.goal, "goal 0.001"),),
            scale="log",
            floor=1e-6,
            readouts=(Readout("spread", "spread", "{:.1e}", spread, colour="accent"),),
        ),
        Spectrum(
            title="eigenvalues of X'X, each start",
            series=tuple(Bars(f"eigenvalue_{k}", "classes") for k in range(3)),
            goal=level,
            xlabel="start",
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
    derive_reads=("codes", "potential", "frame_eigenvalues"),
    panels=panels,
    targets=targets,
)
