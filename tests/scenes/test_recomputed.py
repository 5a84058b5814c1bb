"""Anyone can recompute the pictures: targets and measured arrays from `--data` and plain NumPy, at three frames."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from render.scene import belongs
from scenes import SCENES
from tests.conftest import default_data, default_run
from tests.scenes import recomputed_attention as attention
from tests.scenes import recomputed_networks as networks
from tests.scenes import recomputed_richness as richness
from tests.scenes import recomputed_states as states
from tests.scenes import recomputed_weights as weights
from tests.scenes.three_frames import Frame, double

RECOMPUTED: dict[str, Callable[[Frame], dict[str, Any]]] = {
    "align-uniform": states.align_uniform,
    "attention-entropy": attention.attention_entropy,
    "benign-landscape": states.benign_landscape,
    "catapult": weights.catapult,
    "class-collapse": states.class_collapse,
    "controlled-divergence": weights.controlled_divergence,
    "curl-descent": weights.curl_descent,
    "dark-knowledge": states.dark_knowledge,
    "distillation": states.distillation,
    "equilibrium-propagation": networks.equilibrium_propagation,
    "grokking": richness.grokking,
    "heaviside-features": richness.heaviside_features,
    "inductive-bias": richness.inductive_bias,
    "information-collapse": states.information_collapse,
    "initial-rank": networks.initial_rank,
    "label-shuffling": richness.label_shuffling,
    "late-pitchfork": networks.late_pitchfork,
    "mds-reconstruction": states.mds_reconstruction,
    "mode-saturation": richness.mode_saturation,
    "neural-collapse": states.neural_collapse,
    "norm-equilibrium": weights.norm_equilibrium,
    "nystrom": richness.nystrom,
    "progressive-differentiation": networks.progressive_differentiation,
    "rank-collapse": states.rank_collapse,
    "rate-and-decay": richness.rate_and_decay,
    "rich-vs-lazy": richness.rich_vs_lazy,
    "same-score": richness.same_score,
    "scalar-regression": richness.scalar_regression,
    "simplex-descent": states.simplex_descent,
    "simplicity-bias": states.simplicity_bias,
    "smoothed-labels": states.smoothed_labels,
    "spectral-codebook": states.spectral_codebook,
    "spectrum-states": states.spectrum_states,
    "target-downscaling": richness.target_downscaling,
    "unreachable-floor": states.unreachable_floor,
    "task-alignment": richness.task_alignment,
    "token-collapse": attention.token_collapse,
    "weight-decay-only": richness.weight_decay_only,
    "welch-descent": states.welch_descent,
}
# Measured, and nothing else is: what the rest of the scene's arrays are recomputed from.
GIVEN = {
    "align-uniform": {"features", "partners", "weak_features", "weak_partners"},
    "benign-landscape": {"codes", "unsquared_codes"},
    "catapult": {"off/output", "off/curvature", "off/imbalance", "wrong"},  # the largest so far and a count
    "class-collapse": {"features"},
    "controlled-divergence": {"law_off", "rises"},  # the largest so far and a count
    "late-pitchfork": {"pair", "settled", "twelve"},
    "neural-collapse": {"decay_steps"},
    # samples decide, each seen once: where steps have led, and sums and a largest so far
    "norm-equilibrium": {"weights/steps", "weights/decay", "average", "radial", "turned", "missed"},
    "progressive-differentiation": {"weights/first", "weights/second", "weights/single"},
    "rank-collapse": {"features"},
    "simplex-descent": {"codes"},
    "simplicity-bias": {"margin"},
    "smoothed-labels": {"logits/hard", "logits/smoothed"},
    "unreachable-floor": {"codes/five", "codes/six", "codes/seven", "codes/tight"},
    "welch-descent": {"codes"},
}
TOLERANCE = {
    "curl-descent/weights": 2e-4,  # beside what repels, what float32 rounds grows
    "distillation/limit_error": 0.05,  # what float32 leaves of a ridge regression, less what is nearly the same
    "equilibrium-propagation/order": 1e-3,  # slopes of errors that float32 rounds, of nudges down to 0.005
    "equilibrium-propagation/update_off": 3e-5,  # the same errors: what is left of 1e-7 over 0.005
    "inductive-bias": 1e-4,  # its slowest mode is what float32 leaves of a singular value
    "smoothed-labels/log_probabilities": 1e-4,  # of 200, cold
    "nystrom/direction_lost": 0.05,  # single directions of near-equal eigenvalues, as float32 tells them apart
    "nystrom/space_lost": 1e-3,
    "nystrom/value_errors": 1e-3,  # the last of all eigenvalues is 1e-4 of the first
    "token-collapse/widest": 1e-4,  # degrees: what float32 leaves between tokens that are one
}
WITHOUT_RAW = {
    *("align-uniform", "benign-landscape", "class-collapse", "curl-descent", "dark-knowledge"),
    *("inductive-bias", "late-pitchfork", "norm-equilibrium", "progressive-differentiation", "rank-collapse"),
    *("simplex-descent", "smoothed-labels", "unreachable-floor", "welch-descent"),
}

every_scene = pytest.mark.parametrize("name", SCENES)


def frame_of(name: str, which: int) -> Frame:
    return Frame(default_data(name), dataclasses.asdict(default_run(name).config), which)


@functools.cache
def recomputed(name: str, which: int) -> dict[str, Any]:
    return RECOMPUTED[name](frame_of(name, which))


@every_scene
def test_the_raw_arrays_are_of_the_first_the_middle_and_the_last_frame(name):
    data, frames = default_data(name), default_run(name).config.frames
    raw = {key: array for key, array in data.items() if key.startswith("raw/")}
    assert bool(raw) == (name not in WITHOUT_RAW)
    for key, array in raw.items():
        assert len(array) == 3, key
        assert np.isfinite(array).all(), key
    if raw:
        assert raw["raw/frame"].tolist() == [0, frames // 2, frames - 1]


@every_scene
@pytest.mark.parametrize("which", range(3), ids=["first", "middle", "last"])
def test_what_is_measured_can_be_recomputed(name, which):
    run, frame = default_run(name), frame_of(name, which)
    for array, expected in recomputed(name, which).items():
        found = run.arrays[array] if array in run.constants else run.arrays[array][frame.number]
        near = TOLERANCE.get(f"{name}/{array.partition('/')[0]}", TOLERANCE.get(name, 1e-5))
        np.testing.assert_allclose(double(found), expected, rtol=1e-4, atol=near, err_msg=array)


@every_scene
def test_nothing_that_is_measured_is_left_out(name):
    run = default_run(name)
    assert set(run.measured) == (set(recomputed(name, 1)) & set(run.measured)) | GIVEN.get(name, set())


@every_scene
def test_targets_hold_of_the_numbers_that_are_recomputed(name):
    run = default_run(name)
    for target in run.scene.targets(run.config).values():
        at_end = recomputed(name, 0 if target.at == "first" else 2)
        if target.array in at_end and target.at != "every":
            assert target.met(target.value({target.array: np.asarray(at_end[target.array])[None]})), target.name
        else:  # over the run: whatever it is derived from is recomputed
            read = {target.array} & set(run.measured) or set(run.scene.derive_reads) - {"step"}
            known = set(recomputed(name, 2)) | GIVEN.get(name, set()) | set(run.constants)
            assert all(any(belongs(path, name) for path in known) for name in read), target.name
