"""Alignment and uniformity: a contrastive encoder spreads over the circle first, then pulls the two views together."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from render.film import Layout, Story
from render.metrics import contrastive
from render.scene import Scene
from render.target import Goals, Target

from .align_uniform_arms import AlignUniform, Arm, State, embed, init, loss, step
from .align_uniform_picture import panels
from .align_uniform_rings import rings

SETTLED = 320  # step by which partners are together; after it the ring only drifts


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


def shown(config: AlignUniform) -> int:
    """Number of the last frame that is played: the one nearest SETTLED."""
    return int(np.abs(schedule(config) - SETTLED).argmin())


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
    its peak; state: spreading, spread with partners apart, partners together, each from its last crossing.
    """
    alignment, uniformity = alignment.astype(float), uniformity.astype(float)
    weak_alignment, weak_uniformity = weak_alignment.astype(float), weak_uniformity.astype(float)
    spread_at, aligned_at = clocks(alignment, uniformity)
    weak_spread_at, weak_aligned_at = clocks(weak_alignment, weak_uniformity)
    in_heap = uniformity > config.random_above
    frame = np.arange(config.frames)
    is_spread = frame > last_frame(in_heap)
    return {
        "hump": alignment.max() / above_zero(alignment[0]),
        "frames_between_clocks": np.asarray(aligned_at - spread_at),
        "weak_frames_between_clocks": np.asarray(weak_aligned_at - weak_spread_at),
        "apart_once_spread": apart_share(alignment)[min(spread_at, config.frames - 1)],
        "peak_over_weak": alignment.max() / above_zero(weak_alignment.max()),
        "spread_share": spread_share(config, uniformity),
        "apart_share": apart_share(alignment),
        "state": is_spread.astype(int)
        + (is_spread & (frame > last_frame(in_heap | (alignment > config.structured_below)))),
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


SCENE = Scene(
    name="align-uniform",
    title="Contrastive learning: first spread out, then find your partner",
    subtitle="{classes} classes, two noisy views of each point: uniformity is fast, alignment is slow",
    alt="Two rings, one for each noisy copy of every example, and threads that join the copies of 40 of them: all "
    "begin in one heap, spread round the circle in a tangle until their uniformity reaches the circle's optimum "
    "({uniformity:.4f}), and only then do the threads become spokes: alignment ends at {alignment:.5f}.",
    post="The Three States of Information, in JAX",
    source="The Three States of Information, in JAX, alignment and uniformity; Wang & Isola 2020 (arXiv 2005.10242)",
    output="ts-align-uniform",
    message="A contrastive network first spreads all examples round the circle, which tears the two noisy copies of an "
    "example apart, and only then brings the two copies together.",
    look_for="The threads join the two copies of one example: a heap, then a tangle, then spokes.",
    formulas=(
        ("alignment, of the two views of an example", r"\frac{1}{n} \sum_i \left| z_i - z_i' \right|^2"),
        (
            "uniformity, of every two points",
            r"\ln \frac{1}{n (n - 1)} \sum_{i \ne j} e^{-2 \left| z_i - z_j \right|^2}",
        ),
        ("its optimum on the circle", r"\ln \frac{n e^{-4} I_0(4) - 1}{n - 1}"),
    ),
    group="states",
    story=Story(
        state="state",
        names=("spreading", "drawing together", "partners together"),
        sentences=(
            "The heap spreads, and partners are torn apart.",
            "Spread round the circle: now partners draw together.",
            "Partners found, and all still evenly spread.",
        ),
        wide=Layout(("ab",), widths=(1.25, 1)),
        column=Layout(("a", "b"), heights=(2.6, 1)),
        poster=(0.0, 0.5, 1.0),
    ),
    config=AlignUniform,
    init=init,
    step=step,
    measure=measure,
    constants=constants,
    schedule=schedule,
    shown=shown,
    derive=derive,
    panels=panels,
    targets=targets,
)
