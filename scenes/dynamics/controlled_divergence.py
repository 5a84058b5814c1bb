"""One rate, two losses: cross-entropy, whose slope is bounded, survives what blows the squared error up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from render.bounds import positive, share
from render.metrics.factored_output import descended, output_and_kernel
from render.scene import Config, Scene, stretched_schedule
from render.target import Goals, Target

from .controlled_divergence_picture import STORY, panels
from .controlled_divergence_view import pictured

WIDTHS = (16, 64, 256, 1024, 4096, 16384)
COUNTS = np.array(WIDTHS, np.float32)
ARMS = ("ce", "mse", "ce_fast", "mse_slow")
TICKS = 8  # of the clock to a step of descent, so that a jump is seen on its way
GONE = 1e6  # times the width: an output so large has left for good, and is held there before float32 ends
BEFORE = 5  # steps of the limit of infinite width: later outputs are of order 1, which it does not resolve
ROUNDING = 1e-5  # of the kernel's square: a smaller rise of a product is rounding


@dataclass(frozen=True, kw_only=True)
class ControlledDivergence(Config):
    """Networks u.v/sqrt n of six widths, each descending two losses at rates that grow with the width or not.

    steps: ticks of the clock, of which every eighth is a step of descent. yes: share of labels that say yes. rate: of
    cross-entropy and of the squared error over sqrt n. slow: rate of the arm of the squared error that stays.
    """

    frames: int = 87
    frame_ms: int = 70
    hold_ms: int = 3000
    steps: int = 320
    yes: float = share(0.7, low=0.01, high=0.99)
    rate: float = positive(1.0, low=1e-3, high=10.0)
    slow: float = positive(0.5, low=1e-3, high=10.0)


class State(NamedTuple):
    """Tick of the clock; weights by width, each (arms, width); the worst of a law so far, and rises that it forbids."""

    at: Any
    incoming: dict[str, Any]
    readout: dict[str, Any]
    law_off: Any
    rises: Any


def init(config: ControlledDivergence, key: Any) -> State:
    """Narrow networks are the first units of the widest; readouts are orthogonal to what comes in: the output is 0."""
    drawn = jax.random.normal(key, (2, WIDTHS[-1]))
    incoming, readout = {}, {}
    for width in WIDTHS:
        u, v = drawn[:, :width]
        for _ in range(2):  # once leaves what rounding leaves
            v = v - jnp.sum(u * v) / jnp.sum(u**2) * u
        incoming[str(width)], readout[str(width)] = (jnp.tile(each, (len(ARMS), 1)) for each in (u, v))
    return State(jnp.zeros((), int), incoming, readout, jnp.zeros(()), jnp.zeros((), int))


def rates(config: ControlledDivergence, width: int) -> np.ndarray:
    """Learning rate of each arm at a width, (arms,)."""
    root = config.rate * np.sqrt(width)
    return np.array([root, root, config.rate * width, config.slow], np.float32)


def losses(config: ControlledDivergence, output: Any) -> Any:
    """Loss of each arm at its outputs (arms, widths): cross-entropy, or the squared distance from labels of +1 and -1.

    Of both a share of the labels says yes; of the squared error their variance is left out, which moves nothing.
    """
    entropy = config.yes * jax.nn.softplus(-output) + (1 - config.yes) * jax.nn.softplus(output)
    squared = np.array([arm.startswith("mse") for arm in ARMS])
    return jnp.where(squared[:, None], (output - (2 * config.yes - 1)) ** 2 / 2, entropy)


def outputs_and_kernels(state: State) -> tuple[Any, Any]:
    """Outputs and kernels of all networks, (arms, widths) each."""
    found = [output_and_kernel(state.incoming[str(width)], state.readout[str(width)]) for width in WIDTHS]
    outputs, kernels = (jnp.stack(each, axis=1) for each in zip(*found, strict=True))
    return outputs, kernels


def step(config: ControlledDivergence, state: State) -> State:
    """One tick; every eighth is a step of gradient descent."""
    after = jax.lax.cond(state.at % TICKS == TICKS - 1, lambda now: descend(config, now), lambda now: now, state)
    return after._replace(at=state.at + 1)


def descend(config: ControlledDivergence, state: State) -> State:
    """One step of all networks, u - t v and v - t u with t = rate g/sqrt n, and how far it is off their law."""
    output, kernel = outputs_and_kernels(state)
    pull = jax.grad(lambda now: jnp.sum(losses(config, now)))(output)
    moving = jnp.abs(output) <= GONE * COUNTS
    rate = jnp.stack([rates(config, width) for width in WIDTHS], axis=1)
    turn = jnp.where(moving, rate * pull / np.sqrt(COUNTS), 0)
    after = state
    for place, name in enumerate(map(str, WIDTHS)):
        u, v, by = state.incoming[name], state.readout[name], turn[:, place, None]
        after = after._replace(incoming=after.incoming | {name: u - by * v}, readout=after.readout | {name: v - by * u})
    now = outputs_and_kernels(after)
    told = descended(output, kernel, jnp.asarray(COUNTS), rate, pull)
    off = jnp.maximum(jnp.abs(told[1] - now[1]), 2 * jnp.abs(told[0] - now[0]) / np.sqrt(COUNTS))
    off = jnp.where(moving, off / jnp.maximum(jnp.maximum(kernel, now[1]), 0.01), 0)
    product, before = (each[1][0] ** 2 - 4 * each[0][0] ** 2 / COUNTS for each in (now, (output, kernel)))
    rises = jnp.sum(product - before > ROUNDING * kernel[0] ** 2)
    return after._replace(law_off=jnp.maximum(state.law_off, jnp.max(off)), rises=state.rises + rises)


def measure(config: ControlledDivergence, state: State) -> dict[str, Any]:
    outputs, kernels = outputs_and_kernels(state)
    return {
        "output": dict(zip(ARMS, outputs, strict=True)),
        "kernel": dict(zip(ARMS, kernels, strict=True)),
        "law_off": state.law_off,
        "rises": state.rises,
        "loss": losses(config, outputs)[0, -1],
    }


def raw(config: ControlledDivergence, state: State) -> dict[str, Any]:
    incoming = {f"incoming_{width}": weights for width, weights in state.incoming.items()}
    return incoming | {f"readout_{width}": weights for width, weights in state.readout.items()}


def schedule(config: ControlledDivergence) -> np.ndarray:
    """Every tick of the first jumps, every second one of those that follow, and then a frame a jump."""
    return stretched_schedule(config, (0, 32, 56, 86), (0, config.steps // 10, config.steps // 4))


def limit(config: ControlledDivergence, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Output over sqrt n and kernel of infinitely wide networks under cross-entropy, (BEFORE + 1, n), from (n,).

    P+- = L +- 2 x become P+- (1 -+ c g)^2; the pull g is 1/2 - p at x = 0, and then 1[x > 0] - p.
    """
    kernel = np.asarray(kernel, np.float64)
    states = [(np.zeros_like(kernel), kernel)]
    for _ in range(BEFORE):
        x, now = states[-1]
        turn = config.rate * ((1 + np.sign(x)) / 2 - config.yes)
        along, against = (now + 2 * x) * (1 - turn) ** 2, (now - 2 * x) * (1 + turn) ** 2
        states.append(((along - against) / 4, (along + against) / 2))
    outputs, kernels = zip(*states, strict=True)
    return np.stack(outputs), np.stack(kernels)


def derive(
    config: ControlledDivergence, *, output: dict[str, np.ndarray], kernel: dict[str, np.ndarray], step: np.ndarray
) -> dict[str, Any]:
    made = np.asarray(step) // TICKS  # steps of descent at each frame
    outputs = {arm: array.astype(np.float64) for arm, array in output.items()}
    kernels = {arm: array.astype(np.float64) for arm, array in kernel.items()}
    widths = np.array(WIDTHS, float)
    sizes = {arm: np.abs(array).max(axis=0) for arm, array in outputs.items()}
    ends = {arm: np.log10(np.maximum(np.abs(array[-1]) / widths, 1e-30)) for arm, array in outputs.items()}
    x, wide = limit(config, kernels["ce"][0])
    first = np.array([int(np.searchsorted(made, at)) for at in range(BEFORE + 1)]).clip(max=len(made) - 1)
    scaled = outputs["ce"][first] / np.sqrt(widths)
    off = np.maximum(np.abs(scaled - x), np.abs(kernels["ce"][first] - wide))
    ratio = sizes["ce"] / np.sqrt(widths)
    gained = {arm: array / array[0] for arm, array in kernels.items()}
    told = gained["ce"][first[-1], 3:] / (wide[-1] / wide[0])[3:]
    return {
        "limit_off": np.float64(off[:, -1].max()),
        "largest_off": np.float64(np.abs(ratio / np.maximum(np.abs(x).max(axis=0), 1e-30) - 1)[3:].max()),
        "largest": np.float64(ratio[2:].min()),
        "kernel_off": np.float64(np.abs(told - 1).max()),
        "kernel_most": np.float64(gained["ce"].max()),
        "squared_gone": np.float64(ends["mse"].min()),
        "fast_gone": np.float64(ends["ce_fast"][1:].min()),
        "slow_moved": np.float64((widths * np.abs(gained["mse_slow"] - 1)).max()),
        "made": made,
        **pictured(
            config.yes,
            np.stack([outputs["ce"][:, -1], outputs["mse"][:, -1]], axis=1),
            kernels["ce"][:, -1],
            wide[:, -1],
            made,
            np.asarray(step) % TICKS / TICKS,
        ),
    }


def targets(config: ControlledDivergence) -> Goals:
    law, wide = "P± → P±(1 ∓ ηg/√n)²", "P± law at infinite width"
    kept = "P₊P₋ → P₊P₋(1 − (cg)²)², |cg| < √2"
    return {
        "law": Target("all arms: a step off its law, over λ", "law_off", "at most", 1e-5, law, at="every"),
        "product": Target("cross-entropy at √n: rises of P₊P₋", "rises", "at most", 0, kept, at="every"),
        "limit": Target("widest: f/√n and λ off the limit's, steps 0 to 5", "limit_off", "at most", 0.02, wide),
        "largest": Target(
            "n ≥ 1,024: largest logit over √n times the limit's, off 1", "largest_off", "at most", 0.05, wide
        ),
        "root": Target("n ≥ 256: least of the largest logits over √n", "largest", "at least", 0.3, "f ~ √n"),
        "kernel": Target("n ≥ 1,024: λ(5)/λ(0) off the limit's, relative", "kernel_off", "at most", 0.02, wide),
        "bounded": Target("cross-entropy at √n: largest λ/λ(0)", "kernel_most", "at most", 1.15, kept),
        "squared": Target(
            "squared error at √n: least log₁₀ |f|/n", "squared_gone", "at least", 5, "|g| grows with |f|"
        ),
        "fast": Target("cross-entropy at n, n ≥ 64: least log₁₀ |f|/n", "fast_gone", "at least", 5, "|cg| ~ √n > √2"),
        "slow": Target("squared error at 1/2: n |λ/λ(0) − 1|, largest", "slow_moved", "at most", 1, "λ moves by f²/n"),
    }


SCENE = Scene(
    name="controlled-divergence",
    title="Cross-entropy survives a learning rate that blows squared error up",
    subtitle="u·v/√n of width 16,384 at the rate √n = 128, on one input of which {yes:.0%} of the labels say yes",
    alt="Two balls on the loss over the output of one network, at the same learning rate. On the straight sides of "
    "cross-entropy it bounces up to {most:.0f} and comes to rest at {rest:.2f}; on the bowl of the squared error its "
    "second jump already ends at {away:,.0f}.",
    post="Learning mechanics",
    source="On the Surprising Effectiveness of Large Learning Rates under Standard Width Scaling; Lewkowycz et al. "
    "2020 (the model and its law)",
    output="dynamics/controlled-divergence",
    message="At a rate that grows with the root of the width cross-entropy bounces and settles, since its slope has a "
    "bound; the squared error, which gets steeper, is thrown out for good.",
    look_for="The first jump looks alike; the second throws one ball out of the bowl, and the other only to the "
    "opposite slope.",
    formulas=(
        ("one step of any loss, exactly", r"P_\pm \to P_\pm \left(1 \mp \frac{\eta g}{\sqrt n}\right)^2"),
        ("which move output and kernel", r"P_\pm = \lambda \pm \frac{2 f}{\sqrt n}"),
        ("the slope of cross-entropy has a bound", r"|g| = |\sigma(f) - p| \le \max(p, 1 - p)"),
    ),
    group="dynamics",
    story=STORY,
    config=ControlledDivergence,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    derive=derive,
    schedule=schedule,
    panels=panels,
    targets=targets,
)
