"""The dial over label kernels, recomputed in float64: what peaks, what bends, and what jumps."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.linalg import eigh, orthogonal_procrustes

from render.training import trajectory
from render.training.trajectory import Trajectory
from scenes.latent_spectrum.spectral_codebook import SCENE, SpectralCodebook
from tests import conftest

C, WIDTH = 9, 2.2
PLACES = np.arange(C)
LINE = np.abs(PLACES[:, None] - PLACES).astype(float)
CYCLE = np.minimum(LINE, C - LINE)
J = np.eye(C) - 1 / C


def default_run() -> Trajectory:
    return conftest.default_run(SCENE.name)


def graded(distances: np.ndarray) -> np.ndarray:
    return np.exp(-((distances / WIDTH) ** 2))


def modes(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, vectors = eigh(kernel)
    return values[::-1], vectors[:, ::-1]


def embedding(kernel: np.ndarray) -> np.ndarray:
    values, vectors = modes(J @ kernel @ J)
    return vectors[:, :2] * np.sqrt(values[:2])


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def kernels() -> list[np.ndarray]:
    """The kernel of each of the 80 frames: first from the identity to the cycle's, then the cycle is cut."""
    found = []
    for frame in range(80):
        peak, cut = min(frame / 79 / 0.4, 1), max((frame / 79 - 0.4) / 0.6, 0) ** 2
        found.append((1 - peak) * np.eye(C) + peak * graded((1 - cut) * CYCLE + cut * LINE))
    return found


def test_kernels_spectra_and_codes_are_those_of_float64():
    arrays = default_run().arrays
    for frame, kernel in enumerate(kernels()):
        np.testing.assert_allclose(arrays["kernel"][frame], kernel, atol=1e-6)
        np.testing.assert_allclose(arrays["spectrum"][frame], modes(J @ kernel @ J)[0], atol=5e-6)
        if frame:  # inner products do not depend on which basis of a plane an eigensolver returns
            codes, expected = arrays["codes"][frame], unit(embedding(kernel))
            np.testing.assert_allclose(codes @ codes.T, expected @ expected.T, atol=1e-4)


def test_flat_end_has_equal_modes_and_the_regular_polygon_is_one_of_its_planes():
    arrays = default_run().arrays
    np.testing.assert_allclose(arrays["spectrum"][0], [1] * 8 + [0], atol=1e-5)
    ring = arrays["codes"][0]
    np.testing.assert_allclose(J @ ring, ring, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(ring, axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(ring.T @ ring, C / 2 * np.eye(2), atol=1e-12)


def test_the_ring_stays_even_while_the_spectrum_peaks_and_opens_when_the_cycle_is_cut():
    arrays = default_run().arrays
    first_leg = arrays["cut"] == 0
    assert first_leg.sum() == 32
    angles = np.unwrap(np.arctan2(arrays["codes"][..., 1], arrays["codes"][..., 0]), axis=1)
    gaps = np.diff(angles, axis=1)
    np.testing.assert_allclose(gaps[first_leg], 2 * np.pi / 9, atol=1e-3)
    assert arrays["spectrum"][first_leg][-1][:2].min() > 2
    assert arrays["spectrum"][first_leg][-1][2:].max() < 0.45
    assert (gaps[-1] > 0).all()
    assert gaps[-1].sum() < 2 * np.pi
    assert arrays["end_gap"][0] == pytest.approx(40, abs=1e-3)
    assert arrays["end_gap"][-1] == pytest.approx(360 - np.degrees(gaps[-1].sum()), abs=1e-3)
    assert arrays["end_gap"][-1] > 90


def test_graded_end_is_the_graded_kernel_with_its_known_spectrum():
    arrays, kernel = default_run().arrays, graded(LINE)
    spectrum = arrays["spectrum"][-1]
    np.testing.assert_allclose(spectrum[:3] / spectrum[0], [1, 0.656, 0.304], atol=5e-4)
    mean_centred = modes(kernel - kernel.mean())[0]
    np.testing.assert_allclose(mean_centred[:3] / mean_centred[0], [1, 0.705, 0.304], atol=5e-4)
    assert mean_centred[-1] == pytest.approx(-0.24, abs=5e-3)
    assert spectrum.min() > -1e-6


def test_at_the_graded_end_every_neighbour_is_nearer_than_every_other_class():
    points = embedding(graded(LINE))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    margin = distances[LINE > 1].min() - distances[LINE == 1].max()
    assert margin > 0
    assert default_run().arrays["neighbour_margin"] == pytest.approx(margin, abs=1e-5)


@pytest.mark.parametrize("name", ["codes", "straight_codes"])
def test_no_turn_brings_a_frame_nearer_to_the_one_before(name):
    codes = default_run().arrays[name]
    for before, now in itertools.pairwise(codes):
        turn, _ = orthogonal_procrustes(now, before)
        np.testing.assert_allclose(turn, np.eye(2), atol=1e-6)


def test_our_path_has_no_jump_and_the_straight_dial_is_one():
    arrays = default_run().arrays
    moves = np.linalg.norm(np.diff(arrays["codes"], axis=0), axis=2)
    assert 0.02 < moves.max() <= 0.033
    assert arrays["largest_move"][-1] == pytest.approx(moves.max())
    assert np.abs(np.diff(moves.max(axis=1))).max() < 0.004
    straight = np.linalg.norm(np.diff(arrays["straight_codes"], axis=0), axis=2).max(axis=1)
    assert straight[0] == pytest.approx(0.36, abs=0.005)
    assert straight[1:].max() < 0.003
    np.testing.assert_allclose(arrays["straight_jump"][1:], straight[0])


def test_a_straight_dial_has_the_graded_kernels_eigenvectors_from_its_first_notch_on():
    notch = 78 / 79 * np.eye(C) + 1 / 79 * graded(LINE)
    first, end = (modes(J @ kernel @ J)[1][:, :2] for kernel in (notch, graded(LINE)))
    np.testing.assert_allclose(np.abs((first * end).sum(axis=0)), 1, atol=1e-10)
    drawn, expected = default_run().arrays["straight_codes"][1], unit(embedding(notch))
    np.testing.assert_allclose(drawn @ drawn.T, expected @ expected.T, atol=1e-4)


def test_targets_hold_and_nothing_is_random():
    run = default_run()
    other = trajectory.run(SCENE, SpectralCodebook(seed=7))
    for target in SCENE.targets(run.config).values():
        assert target.met(target.value(run.arrays)), target.name
        assert target.seeds == 1
    for name, array in run.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])


@pytest.mark.parametrize(
    ("field", "value"), [("classes", 3), ("classes", 11), ("width", 0.0), ("cut_at", 0.0), ("cut_at", 1.0)]
)
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(SpectralCodebook(), **{field: value})


@pytest.mark.parametrize("overrides", [{"classes": 4}, {"classes": 10, "width": 4.0}, {"frames": 2, "steps": 1}])
def test_other_configurations_run(overrides):
    arrays = trajectory.run(SCENE, SpectralCodebook(**overrides)).arrays
    assert np.isfinite(arrays["codes"]).all()
