"""The dial over label kernels: what each of its four legs changes, and what is measured of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.metrics import kernels, linear_algebra
from render.metrics.geometry import unit_rows
from render.metrics.spectrum import participation_ratio
from render.scene import Config

ENDS = (1 / 9, 1 / 3, 1 / 2, 19 / 27)  # shares of the dial: peaked, tie cut, tied again, gathered; the rest makes alike
GROUPS = 3  # of classes, as many in each, that gather: cats, dogs and cars
ALIKE = 0.9  # likeness of cats and dogs at the end; at 1 they would meet infinitely fast


@dataclass(frozen=True, kw_only=True)
class SpectralCodebook(Config):
    """width: of the kernel, in classes."""

    frames: int = 109
    steps: int = 108
    hold_ms: int = 3000
    classes: int = between(9, 6, 9, ", in three groups, one colour a class", of=GROUPS)
    width: float = positive(2.2, low=1e-2, high=1e2)


class State(NamedTuple):
    notch: Any


def init(config: SpectralCodebook, key: Any) -> State:
    return State(jnp.zeros((), int))


def step(config: SpectralCodebook, state: State) -> State:
    return State(state.notch + 1)


def group_of(config: SpectralCodebook) -> Any:
    return np.arange(config.classes) // (config.classes // GROUPS)


def kernel_at(config: SpectralCodebook, peak: Any, cut: Any, gather: Any = 0.0) -> Any:
    """Label kernel (1 - peak) I + peak exp(-(d/width)^2); d: distances on the cycle at cut 0, on the line at cut 1.

    gather: 0 has the classes at even places of the cycle, 1 those of a group at the place of its middle.
    """
    size = config.classes // GROUPS
    places = jnp.arange(config.classes) * (1 - gather) + gather * (size * group_of(config) + (size - 1) / 2)
    apart = jnp.abs(places[:, None] - places)
    cycle, line = jnp.minimum(apart, config.classes - apart), kernels.line_distances(config.classes)
    graded = kernels.gaussian_kernel((1 - cut) * cycle + cut * line, config.width)
    return (1 - peak) * jnp.eye(config.classes) + peak * graded


def blocks_at(config: SpectralCodebook, likeness: Any) -> Any:
    """Label kernel of three groups: 1 within each, `likeness` between the first two, as gathered to the third."""
    group = group_of(config)
    same = group[:, None] == group
    first_two = (group[:, None] < 2) & (group < 2)
    return jnp.where(same, 1.0, jnp.where(first_two, likeness, unlike(config)))


def unlike(config: SpectralCodebook) -> Any:
    """Likeness of any two groups once they have gathered: they are a third of the cycle apart."""
    return jnp.exp(-jnp.square(config.classes / GROUPS / config.width))


def measure(config: SpectralCodebook, state: State) -> dict[str, Any]:
    peaked, opened, closed, gathered = (round(end * config.steps) for end in ENDS)

    def along(start: int, end: int) -> Any:
        return jnp.clip((state.notch - start) / max(end - start, 1), 0, 1)

    turned = jnp.where(state.notch <= opened, along(peaked, opened), 1 - along(opened, closed))
    cut = turned**1.5 / (1 + 6 * (1 - turned))  # most of the dial where codes move most, at small cuts
    gather, made_alike = along(closed, gathered), along(gathered, config.steps)
    likeness = unlike(config) + made_alike * (ALIKE - unlike(config))
    on_cycle = kernel_at(config, along(0, peaked), cut, gather)
    kernel = jnp.where(made_alike > 0, blocks_at(config, likeness), on_cycle)
    embedding = kernels.classical_mds(kernel, 2)
    eigenvalues = linear_algebra.eigvalsh(kernels.double_centre(kernel))[::-1]
    return {
        "dial": state.notch / config.steps,
        "cut": cut,
        "gather": gather,
        "likeness": likeness,
        "kernel": kernel,
        "end_similarity": kernel[0, -1],
        "embedding": embedding,
        "raw_codes": unit_rows(embedding),
        "raw_straight_codes": kernels.spectral_codebook(kernel_at(config, state.notch / config.steps, 1.0), 2),
        "spectrum": eigenvalues,
        "participation_ratio": participation_ratio(jnp.maximum(eigenvalues, 0)),
    }
