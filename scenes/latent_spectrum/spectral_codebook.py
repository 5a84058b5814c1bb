"""A dial over label kernels, from flat to graded, and the 2-D codes that their spectra give: nothing is random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from render import views
from render.bounds import between, positive, share
from render.film import Badge
from render.metrics import kernels, linear_algebra
from render.metrics.geometry import unit_rows
from render.metrics.spectrum import participation_ratio
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Insets, Level, Panel, Readout
from render.picture.panels.circle import Circle
from render.picture.panels.heatmap import Heatmap
from render.picture.panels.history import Curve, History
from render.scene import Config, Scene, even_schedule
from render.target import Goals, Target


@dataclass(frozen=True, kw_only=True)
class SpectralCodebook(Config):
    """A graded kernel and a dial.

    width: of the kernel, in classes; cut_at: share of the dial after which the cycle is cut.
    """

    steps: int = 79
    classes: int = between(9, 4, 10, ", one colour a class")
    width: float = positive(2.2, low=1e-2, high=1e2)
    cut_at: float = share(0.4, low=0.01, high=0.99)


class State(NamedTuple):
    notch: Any


def init(config: SpectralCodebook, key: Any) -> State:
    return State(jnp.zeros((), int))


def step(config: SpectralCodebook, state: State) -> State:
    return State(state.notch + 1)


def kernel_at(config: SpectralCodebook, peak: Any, cut: Any) -> Any:
    """Label kernel (1 - peak) I + peak exp(-(d/width)^2); d: distances on the cycle at cut 0, on the line at cut 1."""
    cycle, line = kernels.cycle_distances(config.classes), kernels.line_distances(config.classes)
    graded = kernels.gaussian_kernel((1 - cut) * cycle + cut * line, config.width)
    return (1 - peak) * jnp.eye(config.classes) + peak * graded


def measure(config: SpectralCodebook, state: State) -> dict[str, Any]:
    dial = state.notch / config.steps
    cut = jnp.clip((dial - config.cut_at) / (1 - config.cut_at), 0, 1) ** 2  # squared: the ring opens slowly at first
    kernel = kernel_at(config, jnp.clip(dial / config.cut_at, 0, 1), cut)
    straight = kernel_at(config, dial, 1.0)
    embedding = kernels.classical_mds(kernel, 2)
    eigenvalues = linear_algebra.eigvalsh(kernels.double_centre(kernel))[::-1]
    return {
        "dial": dial,
        "cut": cut,
        "kernel": kernel,
        "end_similarity": kernel[0, -1],
        "embedding": embedding,
        "raw_codes": unit_rows(embedding),
        "raw_straight_codes": kernels.spectral_codebook(straight, 2),
        "spectrum": eigenvalues,
        "participation_ratio": participation_ratio(jnp.maximum(eigenvalues, 0)),
    }


def raw(config: SpectralCodebook, state: State) -> dict[str, Any]:
    """kernel_straight (classes, classes): that of a second dial, from flat to graded on the line throughout."""
    return {"kernel_straight": kernel_at(config, state.notch / config.steps, 1.0)}


def constants(config: SpectralCodebook, state: State) -> dict[str, Any]:
    """Eigenvalues for the ledger, second and third over the first and the least: the post's captions quote them.

    post: of the graded kernel less its overall mean, as the post centres; graded: of the same, double-centred; block:
    of a kernel of three equal superclasses, double-centred.
    """
    graded = kernels.graded_kernel(config.classes, config.width)
    superclass = jnp.arange(config.classes) // 3
    block = jnp.equal(superclass[:, None], superclass).astype(float)
    post, centred, blocks = (
        linear_algebra.eigvalsh(kernel)[::-1]
        for kernel in (graded - graded.mean(), kernels.double_centre(graded), kernels.double_centre(block))
    )
    return {
        "post_second": post[1] / post[0],
        "post_third": post[2] / post[0],
        "post_least": post[-1],
        "graded_second": centred[1] / centred[0],
        "graded_third": centred[2] / centred[0],
        "graded_least": centred[-1],
        "block_second": blocks[1] / blocks[0],
        "block_third": blocks[2] / blocks[0],
    }


def derive(
    config: SpectralCodebook,
    *,
    cut: np.ndarray,
    embedding: np.ndarray,
    raw_codes: np.ndarray,
    raw_straight_codes: np.ndarray,
    spectrum: np.ndarray,
) -> dict[str, np.ndarray]:
    ring = views.fourier_pair(config.classes) * np.sqrt(config.classes / 2)

    def aligned(raw: np.ndarray) -> np.ndarray:
        # the flat kernel has equal eigenvalues, so that any plane will do: the first frame takes the regular polygon's
        return views.procrustes_chain(np.concatenate([ring[None], raw[1:]]))

    codes, straight = aligned(raw_codes), aligned(raw_straight_codes)
    move, straight_move = views.largest_moves(codes), views.largest_moves(straight)
    places = codes[..., 0] + 1j * codes[..., 1]
    gaps = np.angle(np.roll(places, -1, axis=1) / places)  # the last one closes the cycle
    distances = np.linalg.norm(embedding[-1][:, None] - embedding[-1], axis=2)
    apart = np.abs(np.subtract.outer(np.arange(config.classes), np.arange(config.classes)))
    return {
        "codes": codes,
        "straight_codes": straight,
        "leg": (cut > 0).astype(int),
        "tie": 1 - cut,
        "end_gap": np.degrees(gaps[:, -1] % (2 * np.pi)),
        "move": move,
        "straight_move": straight_move,
        "largest_move": np.maximum.accumulate(move),
        "straight_jump": np.maximum.accumulate(straight_move),
        "flat_deviation": np.abs(spectrum[0, :-1] - 1).max(),
        "ring_deviation": np.abs(gaps[cut == 0] - 2 * np.pi / config.classes).max(),
        "smallest_turn": np.degrees(gaps[-1, :-1].min()),
        "neighbour_margin": distances[apart > 1].min() - distances[apart == 1].max(),
    }


def targets(config: SpectralCodebook) -> Goals:
    """Targets on one seed each, since nothing is random."""
    return {
        "flat": Target(
            "eigenvalues of the flat kernel, off 1", "flat_deviation", "at most", 1e-5, "J has C−1 ones", seeds=1
        ),
        "ring": Target(
            "gaps before the cut, off 2π/C", "ring_deviation", "at most", 1e-3, "circulant: Fourier pair", seeds=1
        ),
        "turns": Target(
            "smallest turn to the next class, degrees", "smallest_turn", "at least", 1, "monotone angles", seeds=1
        ),
        "order": Target(
            "non-neighbour − neighbour distance", "neighbour_margin", "at least", 0, "classes in order", seeds=1
        ),
        "smooth": Target(
            "largest move of a code in a frame",
            "largest_move",
            "at most",
            0.08,
            "a morph never jumps",
            seeds=1,
            read_off=("move",),
        ),
    }


def panels(config: SpectralCodebook, goals: Goals) -> tuple[Panel, ...]:
    last = config.classes - 1
    return (
        Circle(
            title="codes: top two modes, rows of unit length",
            codes="codes",
            ghosts="straight_codes",
            path=True,
            tie="tie",
            caption="the cut of the cycle opens the horseshoe, not the peak\n"
            "rings: codes of the straight dial, flat to graded",
            insets=Insets(left=14, right=14, bottom=48),
            readouts=(
                Readout(
                    f"gap from class {last} to class 0", "end_gap", "{:.1f}°", note=f"ring {360 / (last + 1):.0f}°"
                ),
            ),
        ),
        Heatmap(
            title="label kernel: similarity of classes",
            values="kernel",
            low=0,
            ticks=True,
            key=True,
            insets=Insets(left=24, right=24, bottom=26),
            readouts=(Readout(f"similarity of 0 and {last}", "end_similarity", "{:.2f}"),),
        ),
        Bars(
            title="its eigenvalues, double-centred",
            series=(Heights("spectrum", first=2),),
            goal=Level(1.0, f"flat: C−1 = {last} ones"),
            x_axis=Axis("mode; in colour the two of the codes"),
            readouts=(Readout("participation ratio", "participation_ratio", "{:.2f}", note=f"of {last} modes"),),
        ),
        History(
            title="how far the fastest code moves in a frame",
            curves=(
                Curve("straight_move", "second"),
                Curve("move", "accent", Level(goals["smooth"], "no jumps: at most {}", side="right")),
            ),
            badge="leg",
            x="dial",
            x_axis=Axis("dial; at the mark the spectrum is peaked and the cut begins"),
            y_axis=Axis(ticks=(0, 0.1, 0.2, 0.3)),
            readouts=(
                Readout("this path, largest so far", "largest_move", "{:.3f}", goals["smooth"], "", colour="accent"),
                Readout("straight dial, its jump", "straight_jump", "{:.3f}", colour="second"),
            ),
            readout_columns=2,
        ),
    )


SCENE = Scene(
    name="spectral-codebook",
    title="The cut of the cycle makes the horseshoe, not the peak",
    subtitle="{classes} classes on a dial: the spectrum peaks and the ring stays; the cycle is cut and the ring opens",
    alt="Codes of {classes} classes stay an even ring while the spectrum of their label kernel goes from flat to "
    "peaked, and open into a horseshoe with a gap of {end_gap:.0f} degrees when the cycle of classes is cut; no code "
    "moves more than {largest_move:.3f} in a frame, while the straight dial jumps by {straight_jump:.2f}.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, spectral codebook; Torgerson 1952 (classical scaling); "
    "Schoenemann 1966 (orthogonal Procrustes)",
    output="spectral-codebook",
    layout=("abc", "add"),
    widths=(1.22, 1, 1.05),
    heights=(1.25, 1),
    badge=Badge("leg", ("PEAK THE SPECTRUM", "CUT THE CYCLE"), ("second", "accent")),
    config=SpectralCodebook,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
