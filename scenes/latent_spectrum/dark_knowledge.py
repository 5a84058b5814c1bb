"""Dark knowledge: what a softmax over a graded codebook says of the other classes, from warm to cold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from render.bounds import between, positive
from render.film import Layout, Story, Strip
from render.metrics import kernels, spectrum
from render.metrics.geometry import unit_rows
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target

from .dark_knowledge_picture import panels

WARM, COOLING, COLD = 0, 1, 2
WARM_ORDER = (6, 7, 5, 8)  # the four nearest classes, nearest first
COLDEST = 1e-3  # far below the sweep: the softmax must not overflow there
COUNTED = 0.01  # a class with less probability than this is as good as gone
SEEN = 0.002  # two heights that differ by less than this share of the axis look the same
STAR = 1.45  # radius of the example in the ring: at 1, where it belongs, the dot of its own class would cover it


@dataclass(frozen=True, kw_only=True)
class DarkKnowledge(Config):
    """A graded codebook, a feature, and a dial of temperatures.

    own: the class that the feature is near; towards: the class it is moved to, by `share` of the way.

    warm, cold: the temperatures at the ends. width: of the graded kernel, in classes.
    """

    steps: int = 79
    hold_ms: int = 3000
    classes: int = between(9, 4, 10, ", one colour a class")
    width: float = positive(2.2, low=1e-2, high=1e2)
    own: int = between(6, 0, 9)
    towards: int = between(5, 0, 9)
    share: float = between(0.06, 0.0, 0.49)
    warm: float = positive(0.9, low=1e-4, high=1e4)
    cold: float = positive(0.03, low=1e-4, high=1e4)

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in ("own", "towards"):
            self.require(field, getattr(self, field) < self.classes, "a class, from 0 to classes - 1")
        self.require("warm", self.warm > self.cold, "a number above cold")


class State(NamedTuple):
    notch: Any
    codes: Any
    feature: Any


def init(config: DarkKnowledge, key: Any) -> State:
    codes = kernels.spectral_codebook(kernels.graded_kernel(config.classes, config.width), 2)
    moved = (1 - config.share) * codes[config.own] + config.share * codes[config.towards]
    return State(jnp.zeros((), int), codes, unit_rows(moved[None])[0])


def step(config: DarkKnowledge, state: State) -> State:
    return state._replace(notch=state.notch + 1)


def measure(config: DarkKnowledge, state: State) -> dict[str, Any]:
    temperature = config.warm * (config.cold / config.warm) ** (state.notch / config.steps)
    mass = kernels.soft_assignment(state.feature, state.codes, temperature)
    return {
        "temperature": temperature,
        "mass": mass,
        "dark_mass": kernels.dark_mass(mass),
        "entropy": spectrum.entropy(mass) / jnp.log(config.classes),
    }


def constants(config: DarkKnowledge, state: State) -> dict[str, Any]:
    return {
        "codes": state.codes,
        "feature": state.feature,
        "coldest_mass": kernels.soft_assignment(state.feature, state.codes, COLDEST),
    }


def derive(
    config: DarkKnowledge,
    *,
    codes: np.ndarray,
    feature: np.ndarray,
    temperature: np.ndarray,
    mass: np.ndarray,
    dark_mass: np.ndarray,
    entropy: np.ndarray,
    coldest_mass: np.ndarray,
) -> dict[str, np.ndarray]:
    mass, temperature = mass.astype(np.float64), temperature.astype(np.float64)
    codes, feature = codes.astype(np.float64), feature.astype(np.float64)
    masses = np.concatenate([mass, coldest_mass[None].astype(np.float64)])
    warm_order = np.argsort(-mass[0], kind="stable")[:4]
    return {
        "out_of_order": np.float64((warm_order != WARM_ORDER).sum()),
        "own_margin": mass[:, config.own] - np.delete(mass, config.own, axis=1).max(axis=1),
        "dark_mass_rise": np.diff(dark_mass).max(),
        "entropy_rise": np.diff(entropy).max(),
        "mass_off": np.abs(masses.sum(axis=1) - 1).max(),
        **over_likeness(codes @ feature, mass, temperature),
        "star": STAR * feature[None],
        "threads": np.stack([np.broadcast_to(STAR * feature, codes.shape), codes], axis=1),
    }


def over_likeness(likeness: np.ndarray, mass: np.ndarray, temperature: np.ndarray) -> dict[str, np.ndarray]:
    """Probabilities over the winner's as stems over likeness, and the theory's curve through their heads.

    likeness (C,): cosine of the example to each class; mass (frames, C), temperature (frames,). `nearest_first` are
    the classes by likeness; `least_step` is the least fall of a probability from a class to the next of these, negative
    where the two orders part; `alike_unlike` (frames, 2) are the second and the last of them. `counted` never rises as
    the temperature falls: once a class is less like than the mean under its softmax, its probability only falls.
    `winner` (C,) is 1 for the nearest class; `alike`, `unlike` are the numbers of the second and the last,
    `alike_warm`, `unlike_warm` what they have when it is warmest, as percentages of the winner's.
    """
    nearest_first = np.argsort(-likeness, kind="stable")
    relative = mass / mass.max(axis=1, keepdims=True)
    expected = np.exp((likeness - likeness.max()) / temperature[:, None])
    # cold, the curve falls from 1 to 0 right before its end: squares put most of the grid there
    curve_x = likeness.max() - (likeness.max() + 1) * np.linspace(1, 0, 200) ** 2
    feet = np.broadcast_to(np.stack([likeness, np.zeros_like(likeness)], axis=1), (*relative.shape, 2))
    heads = np.stack([np.broadcast_to(likeness, relative.shape), relative], axis=2)
    counted = (mass >= COUNTED).sum(axis=1)
    state = np.where(counted == len(likeness), WARM, np.where(counted > 1, COOLING, COLD))
    both = nearest_first[[1, -1]]
    return {
        "likeness": likeness,
        "nearest_first": nearest_first,
        "relative": relative,
        "stems": np.stack([feet, heads], axis=2),
        "relative_heads": heads,
        "curve_x": curve_x,
        "curve": np.exp((curve_x - likeness.max()) / temperature[:, None]),
        "off_curve": np.abs(relative - expected).max(axis=1),
        "winner_mass": mass.max(axis=1),
        "counted": counted,
        "least_relative": relative.min(axis=1),
        "least_step": -np.diff(relative[:, nearest_first], axis=1).max(axis=1),
        "alike_unlike": relative[:, both],
        "alike_unlike_heads": heads[:, both],
        "alike_warm": 100 * relative[0, both[0]],
        "unlike_warm": 100 * relative[0, both[1]],
        "alike": both[0],
        "unlike": both[1],
        "winner": np.arange(len(likeness)) == nearest_first[0],
        "state": state,
    }


def targets(config: DarkKnowledge) -> Goals:
    """Targets on one seed each, since nothing is random."""
    order = "Hinton et al. 2015: soft targets rank the other classes by similarity"
    softmax, one_hot = "softmax at temperature τ", "one-hot as τ → 0"
    return {
        "order": Target("warm: of 6, 7, 5, 8 out of order", "out_of_order", "at most", 0, order, seeds=1),
        "warm": Target("warm: dark mass", "dark_mass", "at least", 0.7, order, at="first", seeds=1),
        "cold": Target("cold: dark mass", "dark_mass", "at most", 0.005, one_hot, seeds=1),
        "own": Target("cold: own class less the next", "own_margin", "at least", 0, one_hot, seeds=1),
        "falls": Target("largest rise of dark mass as τ falls", "dark_mass_rise", "at most", 0, softmax, seeds=1),
        "sharpens": Target("largest rise of entropy as τ falls", "entropy_rise", "at most", 0, softmax, seeds=1),
        "ranked": Target("warm: least step of the ranking", "least_step", "at least", SEEN, order, at="first", seeds=1),
        "seen": Target("warm: least over the winner's", "least_relative", "at least", 0.1, order, at="first", seeds=1),
        "same": Target("cold: second and last over the winner's", "alike_unlike", "at most", 0.01, one_hot, seeds=1),
        "curve": Target(
            "probability over the winner's, farthest from exp((likeness − largest)/τ)",
            "off_curve",
            "at most",
            1e-5,
            softmax,
            at="every",
            seeds=1,
        ),
        "sum": Target(f"mass off 1, down to τ = {COLDEST:g}", "mass_off", "at most", 1e-6, softmax, seeds=1),
    }


SCENE = Scene(
    name="dark-knowledge",
    title="A warm softmax says who is alike, a cold one only who won",
    subtitle="{classes} ordered classes, one feature: the same cosines through a softmax from warm to cold",
    alt="A softmax over the cosines of one example to {classes} classes: warm, the more alike a class the more likely; "
    "cold, at temperature {temperature:.2f}, all but the winner drop to zero and keep {dark_mass:.4f} together.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, dark knowledge; Hinton, Vinyals & Dean 2015 (distillation); "
    "Torgerson 1952 (classical scaling)",
    output="dark-knowledge",
    message="At a high temperature a softmax ranks all classes by how alike they are; at a low one only the winner is "
    "left.",
    look_for="The dots never move sideways: as it cools, all but the winner's fall to zero, the less alike first.",
    formulas=(("probability of a class at temperature τ", r"p_j = \frac{e^{s_j / \tau}}{\sum_k e^{s_k / \tau}}"),),
    group="spectrum",
    story=Story(
        state="state",
        names=("warm", "cooling", "cold"),
        sentences=(
            "Warm: the more alike, the more likely; all {classes} are ranked.",
            "Cooling: the less alike, the sooner gone.",
            "Cold: only the winner is left.",
        ),
        wide=Layout(("ab",), widths=(1.45, 1)),
        column=Layout(("a",)),
        strip=Strip(array="temperature", live=True, label="temperature", form="{:.2f}"),
        poster=(0.0, 0.35, 1.0),
    ),
    config=DarkKnowledge,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
