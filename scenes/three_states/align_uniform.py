"""Alignment and uniformity: a contrastive encoder spreads over the circle first, then pulls the two views together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.film import Badge
from render.metrics import contrastive, geometry
from render.picture.panels.base import Level, Panel, Readout
from render.picture.panels.circle import Circle
from render.picture.panels.history import Curve, History
from render.scene import Config, Scene
from render.target import Goals, Target

from .. import networks, toys
from .align_uniform_rings import rings

RANDOM, ORGANIZED, STRUCTURED = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class AlignUniform(Config):
    """Blobs in two views, an encoder to the circle, its training, and the limits of the three states.

    view_noise: standard deviation of the two views; weak_view_noise: in the arm with weak augmentations; cone_scale: of
    the last layer's weights at the start.

    random_above: uniformity while RANDOM; structured_below: alignment once STRUCTURED.
    """

    steps: int = 1000
    frames: int = 100
    classes: int = between(8, 1, 10, ", one colour a class")
    per_class: int = between(40, 2, 500, ": time grows with its square")
    input_dim: int = between(16, 1, 4096)
    hidden: int = between(64, 1, 4096)
    spread: float = positive(1.0, low=1e-6, high=1e6)
    noise: float = positive(0.5, low=1e-6, high=1e6)
    view_noise: float = positive(1.4, low=1e-6, high=1e6)
    weak_view_noise: float = positive(0.1, low=1e-6, high=1e6)
    cone_scale: float = positive(0.05, low=1e-6, high=1e6)
    learning_rate: float = positive(2e-3, high=1e3)
    random_above: float = between(-1.4, -1e3, 1e3)
    structured_below: float = between(0.02, -1e3, 1e3)


class Arm(NamedTuple):
    """One encoder in training, and the two views of each point that it sees."""

    encoder: networks.Layers
    opt_state: Any
    views: Any  # (2, points, input_dim)


class State(NamedTuple):
    strong: Arm
    weak: Arm
    labels: Any


def init(config: AlignUniform, key: Any) -> State:
    """Two arms that differ in the strength of their views alone, so that strength is what their difference shows.

    Both have the same points, the same two draws of noise and the same encoder, which starts in a cone, as untrained
    encoders do.
    """
    data_key, view_key, encoder_key = jax.random.split(key, 3)
    points, labels = toys.blobs(
        data_key, config.classes, config.per_class, config.input_dim, config.spread, config.noise
    )
    noise = jax.random.normal(view_key, (2, *points.shape))
    encoder = networks.init_mlp(encoder_key, (config.input_dim, config.hidden, config.hidden, 2))
    encoder[-1] = {"weights": config.cone_scale * encoder[-1]["weights"], "bias": jnp.array([1.0, 0.0])}
    strong, weak = (
        Arm(encoder, optimiser(config).init(encoder), points + strength * noise)
        for strength in (config.view_noise, config.weak_view_noise)
    )
    return State(strong, weak, labels)


def optimiser(config: AlignUniform) -> optax.GradientTransformation:
    return optax.adam(optax.cosine_decay_schedule(config.learning_rate, config.steps))


def embed(encoder: networks.Layers, views: Any) -> Any:
    """Both views on the unit circle: (2, points, 2)."""
    return jax.vmap(lambda inputs: geometry.unit_rows(networks.apply_mlp(encoder, inputs)))(views)


def loss(encoder: networks.Layers, views: Any) -> Any:
    """Alignment of the two views plus uniformity of all points of both, as in Wang & Isola 2020 with t = 2."""
    first, second = embed(encoder, views)
    return contrastive.alignment(first, second) + contrastive.circle_uniformity(jnp.concatenate([first, second]))


def step(config: AlignUniform, state: State) -> State:
    # One after the other, not vmapped: products of another shape would round the first arm's numbers otherwise.
    return state._replace(strong=train(config, state.strong), weak=train(config, state.weak))


def train(config: AlignUniform, arm: Arm) -> Arm:
    encoder, opt_state = networks.descend(
        lambda params: loss(params, arm.views), optimiser(config), arm.encoder, arm.opt_state
    )
    return arm._replace(encoder=encoder, opt_state=opt_state)


def measure(config: AlignUniform, state: State) -> dict[str, Any]:
    """weak_...: of the arm with weak augmentations."""
    strong, weak = measure_arm(state.strong), measure_arm(state.weak)
    return (
        strong
        | {"loss": loss(state.strong.encoder, state.strong.views)}
        | {f"weak_{name}": array for name, array in weak.items()}
    )


def measure_arm(arm: Arm) -> dict[str, Any]:
    first, second = embed(arm.encoder, arm.views)
    return {
        "features": first,
        "partners": second,
        "alignment": contrastive.alignment(first, second),
        "uniformity": contrastive.uniformity(jnp.concatenate([first, second])),
    }


def constants(config: AlignUniform, state: State) -> dict[str, Any]:
    return {"labels": state.labels}


def schedule(config: AlignUniform) -> np.ndarray:
    """Every step up to 40, where everything happens, then geometrically; evenly where there are too few frames."""
    early = min(41, config.frames // 2)
    late = np.round(np.geomspace(early, config.steps, config.frames - early)).astype(int)
    steps = np.concatenate([np.arange(early), late[:-1], [config.steps]])
    for frame in range(early, config.frames):
        steps[frame] = max(steps[frame], steps[frame - 1] + 1)
    return np.minimum(steps, config.steps - np.arange(config.frames)[::-1])


def derive(
    config: AlignUniform,
    *,
    features: np.ndarray,
    partners: np.ndarray,
    alignment: np.ndarray,
    uniformity: np.ndarray,
    weak_alignment: np.ndarray,
    weak_uniformity: np.ndarray,
) -> dict[str, np.ndarray]:
    """The order of the two clocks in both arms, the states of the first, and its two rings with their threads.

    spread_share: uniformity's way from its start to the circle's optimum, 0 to 1; apart_share: alignment as a share of
    its peak; state: spreading, spread with partners apart, partners together, as `badge`, from its last crossings.
    """
    alignment, uniformity = alignment.astype(float), uniformity.astype(float)
    weak_alignment, weak_uniformity = weak_alignment.astype(float), weak_uniformity.astype(float)
    spread_at, aligned_at = clocks(alignment, uniformity)
    weak_spread_at, weak_aligned_at = clocks(weak_alignment, weak_uniformity)
    badge = np.where(
        uniformity > config.random_above,
        RANDOM,
        np.where(alignment > config.structured_below, ORGANIZED, STRUCTURED),
    )
    frame = np.arange(config.frames)
    is_spread = frame > last_frame(badge == RANDOM)
    return {
        "hump": alignment.max() / above_zero(alignment[0]),
        "frames_between_clocks": np.asarray(aligned_at - spread_at),
        "weak_frames_between_clocks": np.asarray(weak_aligned_at - weak_spread_at),
        "apart_once_spread": apart_share(alignment)[min(spread_at, config.frames - 1)],
        "peak_over_weak": alignment.max() / above_zero(weak_alignment.max()),
        "spread_share": spread_share(config, uniformity),
        "weak_spread_share": spread_share(config, weak_uniformity),
        "apart_share": apart_share(alignment),
        "weak_apart_share": apart_share(weak_alignment),
        "badge": badge,
        "state": is_spread.astype(int) + (is_spread & (frame > last_frame(badge != STRUCTURED))),
        **rings(features, partners),
    }


def clocks(alignment: np.ndarray, uniformity: np.ndarray) -> tuple[int, int]:
    """Frames from which on uniformity has 90 % of its way behind it, and alignment is below a tenth of its peak."""
    way = (uniformity - uniformity[0]) / (uniformity[-1] - uniformity[0])
    return last_frame(way < 0.9) + 1, last_frame(alignment > 0.1 * alignment.max()) + 1


def spread_share(config: AlignUniform, uniformity: np.ndarray) -> np.ndarray:
    return (uniformity - uniformity[0]) / (optimum(config) - uniformity[0])


def apart_share(alignment: np.ndarray) -> np.ndarray:
    return alignment / above_zero(alignment.max())


def optimum(config: AlignUniform) -> float:
    return float(contrastive.circle_uniformity_optimum(2 * config.classes * config.per_class))


def above_zero(value: float) -> float:
    return max(value, float(np.finfo(np.float32).tiny))  # views may all agree


def last_frame(holds: np.ndarray) -> int:
    """Number of the last frame in which something holds, of truths (frames,); -1 if in none."""
    return int(np.flatnonzero(holds)[-1]) if holds.any() else -1


def targets(config: AlignUniform) -> Goals:
    exact = "ln((n e⁻⁴ I₀(4) − 1)/(n − 1)), equal spacing: Wang & Isola 2020, Cohn & Kumar 2007"
    order = "spread first, then align"
    return {
        "alignment": Target("alignment", "alignment", "at most", 0.005, "views of a point agree at the optimum"),
        "uniformity": Target("uniformity", "uniformity", "within", optimum(config), exact, tolerance=5e-4),
        "hump": Target("alignment's hump over its start", "hump", "at least", 3, "spreading flings positives apart"),
        "clocks": Target("frames between the two clocks", "frames_between_clocks", "at least", 1, order),
        "apart": Target(
            "alignment once spread, over its peak",
            "apart_once_spread",
            "at least",
            0.3,
            order,
            read_off=("apart_share",),
        ),
        "weak_alignment": Target("alignment, weak views", "weak_alignment", "at most", 0.005, "as with strong views"),
        "weak_uniformity": Target(
            "uniformity, weak views", "weak_uniformity", "within", optimum(config), exact, tolerance=1e-3
        ),
        "weak_clocks": Target(
            "frames between the two clocks, weak views", "weak_frames_between_clocks", "at least", 1, order
        ),
        "strength": Target(
            "alignment's peak, strong over weak views",
            "peak_over_weak",
            "at least",
            4,
            "the further apart the views, the higher the hump",
        ),
    }


def panels(config: AlignUniform, goals: Goals) -> tuple[Panel, ...]:
    return (
        Circle(
            title="two views of each point, on the circle",
            points="features",
            partners="partners",
            labels="labels",
            caption="one view just outside the circle, the other just inside",
        ),
        History(
            title="uniformity: the fast clock",
            curves=(Curve("uniformity", "accent", Level(goals["uniformity"], "optimum on the circle")),),
            badge="badge",
            readouts=(
                Readout("mean potential, in logs", "uniformity", "{:.4f}", goals["uniformity"], colour="accent"),
            ),
        ),
        History(
            title="alignment: the slow clock",
            curves=(Curve("alignment", "second", Level(goals["alignment"], "≤ {}", side="right")),),
            badge="badge",
            readouts=(Readout("views apart, squared", "alignment", "{:.4f}", goals["alignment"], colour="second"),),
        ),
        History(
            title="loss",
            curves=(Curve("loss", "third"),),
            badge="badge",
            readouts=(Readout("sum of the two", "loss", "{:.3f}", colour="third"),),
        ),
    )


SCENE = Scene(
    name="align-uniform",
    title="Contrastive learning: spread first, then snap together",
    subtitle="{classes} classes, two noisy views of each point: uniformity is fast, alignment is slow",
    alt="Points on a circle begin in a cone, spread until their uniformity reaches the circle's optimum "
    "({uniformity:.4f}), and only then do the two views of each point come together: alignment ends at "
    "{alignment:.5f}.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, alignment and uniformity; Wang & Isola 2020 (arXiv 2005.10242)",
    output="ts-align-uniform",
    layout=("abb", "acd"),
    widths=(1.24, 1.1, 0.9),
    badge=Badge("badge", ("RANDOM", "ORGANIZED", "STRUCTURED"), ("third", "second", "met")),
    config=AlignUniform,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    schedule=schedule,
    derive=derive,
    panels=panels,
    targets=targets,
)
