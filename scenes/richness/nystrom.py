"""How many samples eigenvalues and eigenfunctions need: Gaussian features of a known spectrum, samples dialled up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.scene import Scene
from render.target import Goals, Target

from . import nystrom_samples
from .nystrom_picture import SINGLE, SPACE, STORY, panels
from .nystrom_samples import CHECKED_AT, EXPONENTS, OBEYING, Nystrom, half, spectra

JUDGED_AT = 1000  # samples at which all directions and the spaces that they span are judged
HEAD = 0.8  # share of the eigenvalues that few samples find
LOST = 0.25  # a direction is lost from here on
FOUND = (0.25, 0.5)  # shares of single directions found at which the picture says something else


def derive(
    config: Nystrom,
    *,
    samples: np.ndarray,
    errors: np.ndarray,
    function_errors: Mapping[str, np.ndarray],
    value_errors: Mapping[str, np.ndarray],
    direction_lost: Mapping[str, np.ndarray],
    space_lost: Mapping[str, np.ndarray],
    single_found: np.ndarray,
) -> dict[str, Any]:
    """Slopes on log-log axes over the dial so far, zero until the samples have doubled; function errors at CHECKED_AT.

    A function error is scaled to CHECKED_AT by the law 1/n, error * n / CHECKED_AT, and averaged over the frames so far
    with n from CHECKED_AT / 4 to 4 CHECKED_AT, since at a single n two functions that swap in a few draws dominate it;
    before that range it is this frame's alone. The worst eigenfunction counts.

    Numbers at JUDGED_AT samples, or in the first frame with more: space_lost_most, over all k and exponents;
    value_error_head, largest over the first HEAD of all k, and value_error_tail, at the last k, least over exponents;
    direction_lost_half, least over OBEYING of the mean over the first half; lost_from, mean over these of the first k
    that is LOST, over a sqrt(n). space_found (frames,), single_found: shares of the first half of directions, at
    exponent 1; ahead: the space's with the fewest samples, less the single directions' with the most. state (frames,):
    the steps of FOUND.
    """
    samples = samples.astype(np.float64)
    x, y = np.log(samples), np.log(errors.astype(np.float64))
    slopes = np.zeros_like(y)
    for frame in np.flatnonzero(samples >= 2 * samples[0]):
        centred = x[: frame + 1] - x[: frame + 1].mean()
        slopes[frame] = centred @ y[: frame + 1] / (centred @ centred)
    near = np.abs(np.log(samples / CHECKED_AT)) <= np.log(4) + 1e-9
    every = np.stack([function_errors[exponent] for exponent in OBEYING], axis=1)
    scaled = every.astype(np.float64) * (samples / CHECKED_AT)[:, None, None]
    so_far = (np.flatnonzero(near[: frame + 1]) for frame in range(config.frames))
    judged = [frames if len(frames) else [frame] for frame, frames in enumerate(so_far)]
    judged_frame = int(np.argmax(samples >= JUDGED_AT))
    value, direction, space = (
        {name: array[judged_frame] for name, array in arm.items()} for arm in (value_errors, direction_lost, space_lost)
    )
    head = max(1, int(HEAD * config.dim))
    lost_from = [
        (1 + int(np.argmax(direction[name] > LOST)) if (direction[name] > LOST).any() else half(config) + 1)
        / (EXPONENTS[name] * np.sqrt(samples[judged_frame]))
        for name in OBEYING
    ]
    space_found = 1 - space_lost["1"][:, half(config) - 1]
    return {
        "space_lost_most": max(row.max() for row in space.values()),
        "value_error_head": max(row[:head].max() for row in value.values()),
        "value_error_tail": min(row[-1] for row in value.values()),
        "direction_lost_half": min(direction[name].mean() for name in OBEYING),
        "lost_from": np.mean(lost_from),
        "space_found": space_found,
        "space_first": space_found[0],
        "ahead": space_found[0] - single_found[-1],
        "state": np.maximum.accumulate(sum((single_found >= step).astype(int) for step in FOUND)),
        "turned": space_found - single_found,
        "outside": 1 - space_found,
        "space_bar": space_found[:, None],
        "single_bar": single_found[:, None],
        "whole_bar": np.ones(1),
        "space_at": np.array([SPACE]),
        "single_at": np.array([SINGLE]),
        "modes": np.arange(1.0, config.dim + 1),
        "noise": 2 / samples,
        "function_error": np.array([scaled[frames].mean(axis=0).max() for frames in judged]),
        "true": dict(zip(EXPONENTS, spectra(config), strict=True)),
        "slope": dict(zip(EXPONENTS, slopes.T, strict=True)),
    }


def targets(config: Nystrom) -> Goals:
    law = "arXiv 2410.04264v3, Eq. 67 and Fig. 23: 1/n"
    near = "arXiv 2410.04264v3, Fig. 23"
    slopes = {
        f"slope/{exponent}": Target(
            f"slope, a = {EXPONENTS[exponent]:g}", f"slope/{exponent}", "within", -1, law, tolerance=0.15
        )
        for exponent in OBEYING
    }
    function_error = Target(
        f"function error at n = {CHECKED_AT}, a ≥ 1",
        "function_error",
        "at most",
        0.25,
        near,
        read_off=tuple(f"function_errors/{exponent}" for exponent in OBEYING),
    )
    at = f"at n = {JUDGED_AT}"
    return {
        **slopes,
        "function_error": function_error,
        "space": Target(f"space lost, {at}, all k and a", "space_lost_most", "at most", 0.25, f"{near}c, Eq. 74"),
        "head": Target(
            f"squared error of eigenvalues, {at}, k ≤ 0.8 p", "value_error_head", "at most", 0.03, f"{near}a, Eq. 67"
        ),
        "tail": Target(
            f"squared error of the last eigenvalue, {at}", "value_error_tail", "at least", 0.04, f"{near}a, Eq. 67"
        ),
        "half": Target(
            f"directions lost, {at}, mean over k ≤ p/2, a ≥ 1",
            "direction_lost_half",
            "at least",
            0.25,
            f"against {near}b: Eq. 68",
        ),
        "lost_from": Target(
            f"first k with Eq. 68 above 1/4 over a√n, {at}, mean over a ≥ 1",
            "lost_from",
            "within",
            0.33,
            "1 − |u·o| = π²k²/(6a²n) for small k/(a√n)",
            tolerance=0.07,
        ),
        "ahead": Target(
            "space found with the fewest samples − single directions with the most",
            "ahead",
            "at least",
            0.08,
            "near-equal eigenvalues mix within the space",
            read_off=("space_found", "single_found"),
        ),
    }


SCENE = Scene(
    name="nystrom",
    title="Samples find a space long before its single directions",
    subtitle="Gaussian features in {dim} dimensions, eigenvalues k^−a: the first half of directions; {draws} draws",
    alt="Two bars as samples grow: the space of the first half of all directions is found to {space_first:.0%} with "
    "the fewest samples and to {space_found:.0%} with the most, single directions only to {single_found:.0%} even "
    "then; beside them the shares of a found direction that lie on the true one, elsewhere in the space, and outside. "
    "Errors of eigenvalues fall with slopes {slope/1:.2f}, {slope/1_5:.2f} and {slope/2:.2f} for a = 1, 1.5 and 2.",
    post="Decoupling Dynamical Richness from Representation Learning",
    source="arXiv 2410.04264v3, Fig. 23 and Eq. 67, 68, 74",
    output="richness/nystrom",
    message="Few samples find most of the space that the leading directions span; each direction by itself takes many "
    "more.",
    look_for="The upper bar is long from the start; the lower one, even with the most samples, does not reach where "
    "the upper one began.",
    formulas=(
        ("lost of one direction", r"1 - \left| \langle u_k, o_k \rangle \right|"),
        ("lost at first order, for k that is small beside the root of n", r"\frac{\pi^2 k^2}{6 a^2 n}"),
    ),
    group="richness",
    story=STORY,
    config=Nystrom,
    init=nystrom_samples.init,
    step=nystrom_samples.step,
    measure=nystrom_samples.measure,
    raw=nystrom_samples.raw,
    derive=derive,
    schedule=nystrom_samples.schedule,
    step_name="notch",
    panels=panels,
    targets=targets,
)
