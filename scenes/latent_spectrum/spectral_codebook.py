"""A dial over label kernels in four legs, and the 2-D codes that their spectra give: nothing is random."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from render import views
from render.metrics import kernels, linear_algebra
from render.scene import Scene, even_schedule
from render.target import Goals, Target

from . import spectral_codebook_legs
from .spectral_codebook_legs import GROUPS, SpectralCodebook, State, kernel_at
from .spectral_codebook_marks import marks
from .spectral_codebook_picture import STORY, panels


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
    gather: np.ndarray,
    likeness: np.ndarray,
    embedding: np.ndarray,
    raw_codes: np.ndarray,
    raw_straight_codes: np.ndarray,
    spectrum: np.ndarray,
) -> dict[str, Any]:
    """Codes without jumps, what theory says of them leg by leg, and what the picture draws.

    codes (frames, classes, 2): rows of unit length; while two groups are made alike, rows at their own lengths, in
    units of the one that all have at the start of that leg. state (frames,): the spectrum peaks (0), the tie is cut
    (1), it is tied again and the classes gather (2), two groups are made alike (3).
    """
    size, frame = config.classes // GROUPS, int(np.argmax(cut))  # in which the tie is cut whole
    apart_likeness = likeness[0]
    alike = likeness > apart_likeness
    gathering = (gather > 0) & ~alike
    opened = np.maximum.accumulate(cut > 0)
    tied_again = opened & (np.arange(len(cut)) > frame)
    state = opened.astype(int) + tied_again + alike
    length = np.sqrt(2 * (1 - apart_likeness) / 3)
    # turned so that the groups end at the right above, at the right below, and at the left
    turn = np.pi / 3 - 2 * np.pi / config.classes * (np.arange(config.classes) - (size - 1) / 2)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)

    def aligned(raw: np.ndarray) -> np.ndarray:
        # the flat kernel has equal eigenvalues, so that any plane will do: the first frame takes the regular polygon's
        return views.procrustes_chain(np.concatenate([ring[None], raw[1:]]))

    rows = np.where(alike[:, None, None], embedding / length, raw_codes)
    codes, straight = aligned(rows), aligned(raw_straight_codes)
    move, straight_move = views.largest_moves(codes), views.largest_moves(straight)
    places = codes[..., 0] - 1j * codes[..., 1]  # mirrored: classes go round clockwise
    gaps = np.angle(np.roll(places, -1, axis=1) / places)  # the last one closes the cycle
    distances = np.linalg.norm(embedding[frame][:, None] - embedding[frame], axis=2)
    apart = np.abs(np.subtract.outer(np.arange(config.classes), np.arange(config.classes)))
    strengths = spectrum[:, :-1] / spectrum[:, :1]
    second = 3 * (1 - likeness) / (3 + likeness - 4 * apart_likeness)
    angle = 2 * np.degrees(np.arctan(np.sqrt(3 * second)))
    found = np.degrees(np.angle(places[:, size] / places[:, 0]) % (2 * np.pi))
    sides = [((embedding[:, 0] - embedding[:, k * size]) ** 2).sum(axis=1) for k in (1, 2)]
    off_sides = np.maximum(np.abs(sides[0] - 2 * (1 - likeness)), np.abs(sides[1] - 2 * (1 - apart_likeness)))
    spread = np.linalg.norm(raw_codes - raw_codes[:, (np.arange(config.classes) // size) * size], axis=2).max(axis=1)
    gathered = int(np.argmax(gather))

    def leg(values: np.ndarray, frames: np.ndarray) -> np.ndarray:
        return np.where(frames, values, 0.0)

    return {
        "codes": codes,
        "straight_codes": straight,
        "state": state,
        "end_gap": np.degrees(gaps[:, -1] % (2 * np.pi)),
        "pair_angle": found,
        "move": move,
        "straight_move": straight_move,
        "largest_move": np.maximum.accumulate(move),
        "straight_jump": np.maximum.accumulate(straight_move),
        "flat_deviation": np.abs(spectrum[0, :-1] - 1).max(),
        "ring_deviation": np.abs(gaps[state == 0] - 2 * np.pi / config.classes).max(),
        "smallest_turn": np.degrees(gaps[frame, :-1].min()),
        "open_gap": np.degrees(gaps[frame, -1] % (2 * np.pi)),
        "neighbour_margin": distances[apart > 1].min() - distances[apart == 1].max(),
        "second_off": {
            "gather": leg(np.abs(strengths[:, 1] - 1), gathering),
            "alike": leg(np.abs(strengths[:, 1] - second), alike),
        },
        "angle_off": {
            "gather": leg(np.abs(found - 120), gathering),
            "alike": leg(np.abs(found - angle), alike),
        },
        "sides_off": leg(off_sides, alike),
        "group_spread": spread[gathered],
        "third_strength": strengths[gathered, 2],
        **marks(codes, strengths, cut, state, second, ring),
    }


def targets(config: SpectralCodebook) -> Goals:
    """Targets on one seed each, since nothing is random."""

    def exactly(name: str, array: str, goal: float, formula: str, at: Any = "last") -> Target:
        return Target(name, array, "at most", goal, formula, at=at, seeds=1)

    alike = "three groups, likeness b of two, b₀ to the third"
    return {
        "flat": exactly("eigenvalues of the flat kernel, off 1", "flat_deviation", 1e-5, "J has C−1 ones"),
        "ring": exactly("gaps before the cut, off 2π/C", "ring_deviation", 1e-3, "circulant: Fourier pair"),
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
        "gather_second": exactly(
            "gather: second over first eigenvalue, off 1", "second_off/gather", 1e-5, "threefold symmetry", "every"
        ),
        "gather_angle": exactly(
            "gather: angle of the first two groups, off 120°", "angle_off/gather", 0.01, "threefold symmetry", "every"
        ),
        "gathered": exactly("gathered: spread in a group", "group_spread", 1e-5, "equal rows of the kernel"),
        "gathered_third": exactly("gathered: third over first eigenvalue", "third_strength", 1e-5, "three points"),
        "alike_second": exactly(
            "alike: second over first eigenvalue, off 3(1−b)/(3+b−4b₀)", "second_off/alike", 1e-5, alike, "every"
        ),
        "alike_angle": exactly(
            "alike: angle, off 2 atan(3√((1−b)/(3+b−4b₀)))", "angle_off/alike", 0.01, alike, "every"
        ),
        "alike_sides": exactly(
            "alike: squared sides, off 2(1−b) and 2(1−b₀)", "sides_off", 1e-5, "|x−y|² = K(x,x)+K(y,y)−2K(x,y)", "every"
        ),
    }


SCENE = Scene(
    name="spectral-codebook",
    title="Likeness draws the map: a ring, a horseshoe, a triangle",
    subtitle="{classes} classes on a dial: the spectrum peaks, one tie is cut, groups gather, two are made alike",
    alt="Codes of {classes} classes stay an even ring while the spectrum of their label kernel goes from flat to "
    "peaked, open into a horseshoe with a gap of {open_gap:.0f} degrees when one tie of the cycle is cut, gather at "
    "three points, and two of these close in on each other, to {pair_angle:.0f} degrees, as they are made alike; no "
    "code moves more than {largest_move:.3f} in a frame, while the straight dial jumps by {straight_jump:.2f}.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, spectral codebook; Torgerson 1952 (classical scaling); "
    "Schoenemann 1966 (orthogonal Procrustes)",
    output="spectral-codebook",
    message="Where classes stand follows from which of them are alike: more likeness all round moves nothing, a cut "
    "tie opens the ring, and two kinds made alike close in on each other.",
    look_for="Orange is what changes: the tie that opens the ring, then the side of the triangle that shrinks while "
    "the other two keep their length.",
    formulas=(
        ("squared distance of two codes, from the kernel", r"\left| x - y \right|^2 = K(x, x) + K(y, y) - 2 K(x, y)"),
        ("second over first eigenvalue, once two groups are alike", r"\frac{3 (1 - b)}{3 + b - 4 b_0}"),
    ),
    group="spectrum",
    story=STORY,
    config=SpectralCodebook,
    init=spectral_codebook_legs.init,
    step=spectral_codebook_legs.step,
    measure=spectral_codebook_legs.measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=even_schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
