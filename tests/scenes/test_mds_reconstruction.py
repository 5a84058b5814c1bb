"""Reconstruction of a graded kernel, recomputed in float64: a truncated singular value decomposition at each rank."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.linalg import svd

from render.training import trajectory
from render.training.trajectory import Trajectory
from scenes.latent_spectrum.mds_reconstruction import SCENE, MdsReconstruction
from tests import conftest

C, WIDTH = 10, 2.6
PLACES = np.arange(C)
KERNEL = np.exp(-(((PLACES[:, None] - PLACES) / WIDTH) ** 2))
J = np.eye(C) - 1 / C
TARGET = J @ KERNEL @ J


def default_run() -> Trajectory:
    return conftest.default_run(SCENE.name)


def truncated(rank: int) -> np.ndarray:
    left, values, right = svd(TARGET)
    return (left[:, :rank] * values[:rank]) @ right[:rank]


def frames_of(rank: int) -> np.ndarray:
    """Frames whose weights are whole and add up to the rank."""
    weights = default_run().arrays["weights"]
    return np.flatnonzero((weights == (np.arange(C) < rank)).all(axis=1))


@pytest.mark.parametrize("rank", range(1, C + 1))
def test_every_rank_is_shown_whole_and_is_eckart_and_youngs(rank):
    arrays, frames = default_run().arrays, frames_of(rank)
    assert len(frames) >= 1
    np.testing.assert_allclose(arrays["gram"][frames], [truncated(rank)] * len(frames), atol=2e-6)
    values = svd(TARGET, compute_uv=False)
    tail = (values[rank:] ** 2).sum() / (values**2).sum()
    np.testing.assert_allclose(arrays["error"][frames] ** 2, tail, atol=1e-6)
    np.testing.assert_allclose(arrays["alignment"][frames], np.sqrt(1 - tail), atol=1e-6)


def test_nothing_is_missing_from_rank_nine_on():
    arrays = default_run().arrays
    assert np.linalg.matrix_rank(TARGET) == C - 1
    for rank in (C - 1, C):
        frames = frames_of(rank)
        assert arrays["error"][frames].max() <= 1e-5
        assert arrays["alignment"][frames].min() >= 1 - 1e-6


def test_between_two_ranks_the_next_mode_fades_in_without_a_jump():
    arrays = default_run().arrays
    weights, budget = arrays["weights"], arrays["budget"]
    np.testing.assert_allclose(weights.sum(axis=1), budget, atol=1e-5)
    assert (np.diff(budget) >= 0).all()
    assert (budget[0], budget[-1]) == (1, C)
    assert np.abs(np.diff(arrays["gram"], axis=0)).max() < 0.05
    assert ((weights > 0) & (weights < 1)).sum(axis=1).max() == 1
    assert (np.diff(arrays["error"]) < 1e-6).all()
    assert (np.diff(arrays["alignment"]) > -1e-6).all()


def test_the_first_modes_have_most_of_the_frames_and_each_a_state():
    arrays = default_run().arrays
    assert (arrays["budget"] <= 4).mean() > 0.75
    assert (np.diff(arrays["state"]) >= 0).all()
    np.testing.assert_array_equal(arrays["state"], np.minimum(np.floor(arrays["budget"] + 1e-5), 4) - 1)


def test_the_patterns_that_are_drawn_add_up_to_what_is_rebuilt():
    arrays = default_run().arrays
    modes = np.stack([arrays[f"mode/{k}"] for k in range(C)])
    np.testing.assert_allclose(modes.sum(axis=0), TARGET, atol=1e-6)
    for frame in (0, 30, 79):
        added = [arrays[f"added/{k}"][frame] for k in range(C)]
        assert all(np.ptp(edges) == 0 for edges in added)
        rebuilt = np.tensordot([edges[0] for edges in added], modes, axes=1)
        np.testing.assert_allclose(arrays["gram"][frame], rebuilt, atol=2e-6)
    strongest = [np.abs(mode).max() for mode in modes]
    assert strongest == sorted(strongest, reverse=True)


def test_the_bar_shrinks_to_the_dashed_lines():
    arrays = default_run().arrays
    np.testing.assert_array_equal(arrays["missing"][:, 0], arrays["error"])
    values = svd(TARGET, compute_uv=False)
    least = [np.sqrt((values[rank:] ** 2).sum() / (values**2).sum()) for rank in (1, 2, 3, 4)]
    np.testing.assert_allclose(arrays["least_lines"][..., 0], np.stack([least, least], axis=1), atol=1e-6)
    np.testing.assert_allclose(arrays["least_names"][:, 0], least, atol=1e-6)
    for rank, place in enumerate(least, 1):
        np.testing.assert_allclose(arrays["missing"][frames_of(rank), 0], place, atol=1e-5)


def test_the_least_error_holds_in_every_frame():
    arrays = default_run().arrays
    values = svd(TARGET, compute_uv=False)
    weights = arrays["weights"].astype(float)
    theory = np.sqrt(((1 - weights) ** 2) @ values**2 / (values**2).sum())
    np.testing.assert_allclose(arrays["error"], theory, atol=2e-6)
    np.testing.assert_allclose(arrays["spent"], weights * values, atol=2e-6)


def test_centred_by_its_overall_mean_alone_the_kernel_is_never_rebuilt():
    mean_centred = KERNEL - KERNEL.mean()
    values, vectors = np.linalg.eigh(mean_centred)
    assert values[0] < -0.29
    best = (vectors * np.maximum(values, 0)) @ vectors.T
    error = np.linalg.norm(best - mean_centred) / np.linalg.norm(mean_centred)
    alignment = (best * mean_centred).sum() / np.linalg.norm(best) / np.linalg.norm(mean_centred)
    assert error == pytest.approx(0.081, abs=5e-4)
    assert alignment == pytest.approx(0.9967, abs=5e-5)
    shown = default_run().arrays["mean_centred_error"]
    assert shown[-1] == pytest.approx(error, abs=1e-5)
    assert (shown[default_run().arrays["budget"] >= 6] > 0.08).all()


def test_targets_hold_and_nothing_is_random():
    run = default_run()
    other = trajectory.run(SCENE, MdsReconstruction(seed=7))
    for target in SCENE.targets(run.config).values():
        assert target.met(target.value(run.arrays)), target.name
        assert target.seeds == 1
    for name, array in run.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])


@pytest.mark.parametrize(("field", "value"), [("classes", 2), ("classes", 17), ("width", -1.0), ("rest", 1.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(MdsReconstruction(), **{field: value})


@pytest.mark.parametrize("overrides", [{"classes": 3}, {"classes": 16, "rest": 0.0}, {"frames": 2, "steps": 1000}])
def test_other_configurations_run(overrides):
    arrays = trajectory.run(SCENE, MdsReconstruction(**overrides)).arrays
    assert arrays["error_off"] < 1e-5
