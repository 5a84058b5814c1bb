"""The dial over label kernels, recomputed in float64: what peaks, what bends, and what jumps."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.linalg import eigh, orthogonal_procrustes

from render.training import trajectory
from render.training.trajectory import Trajectory
from scenes.latent_spectrum.spectral_codebook import SCENE
from scenes.latent_spectrum.spectral_codebook_legs import SpectralCodebook
from tests import conftest

C, WIDTH = 9, 2.2
PLACES = np.arange(C)
LINE = np.abs(PLACES[:, None] - PLACES).astype(float)
CYCLE = np.minimum(LINE, C - LINE)
J = np.eye(C) - 1 / C
PEAKED, OPENED, CLOSED, GATHERED, LAST = 12, 36, 54, 76, 108  # notches at which legs end
GROUP = PLACES // 3
UNLIKE = np.exp(-((3 / WIDTH) ** 2))


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


def opened(share: float) -> float:
    return share**1.5 / (1 + 6 * (1 - share))


def kernels() -> list[np.ndarray]:
    """The kernel of each frame: identity to cycle, the cycle cut and tied, groups gathered, two made alike."""
    found = [(1 - peak) * np.eye(C) + peak * graded(CYCLE) for peak in np.arange(PEAKED) / PEAKED]
    cuts = [opened(share) for share in [*np.linspace(0, 1, 25), *np.linspace(1, 0, 19)[1:-1]]]
    found += [graded((1 - cut) * CYCLE + cut * LINE) for cut in cuts]
    for gather in np.linspace(0, 1, 23):
        places = (1 - gather) * PLACES + gather * (3 * GROUP + 1)
        apart = np.abs(places[:, None] - places)
        found.append(graded(np.minimum(apart, C - apart)))
    same, alike = GROUP[:, None] == GROUP, (GROUP[:, None] < 2) & (GROUP < 2)
    for likeness in np.linspace(UNLIKE, 0.9, 33)[1:]:
        found.append(np.where(same, 1, np.where(alike, likeness, UNLIKE)))
    return found


def test_kernels_spectra_and_codes_are_those_of_float64():
    arrays = default_run().arrays
    assert len(arrays["kernel"]) == len(kernels())
    for frame, kernel in enumerate(kernels()):
        np.testing.assert_allclose(arrays["kernel"][frame], kernel, atol=1e-6)
        np.testing.assert_allclose(arrays["spectrum"][frame], modes(J @ kernel @ J)[0], atol=5e-6)
        if 0 < frame <= GATHERED:  # inner products do not depend on which basis of a plane an eigensolver returns
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
    first_leg = arrays["state"] == 0
    assert first_leg.sum() == PEAKED + 1
    angles = np.unwrap(np.arctan2(-arrays["codes"][..., 1], arrays["codes"][..., 0]), axis=1)
    gaps = np.diff(angles, axis=1)
    np.testing.assert_allclose(gaps[first_leg], 2 * np.pi / 9, atol=1e-3)
    assert arrays["spectrum"][first_leg][-1][:2].min() > 2
    assert arrays["spectrum"][first_leg][-1][2:].max() < 0.45
    assert (gaps[OPENED] > 0).all()
    assert gaps[OPENED].sum() < 2 * np.pi
    assert arrays["end_gap"][0] == pytest.approx(40, abs=1e-3)
    assert arrays["end_gap"][OPENED] == pytest.approx(360 - np.degrees(gaps[OPENED].sum()), abs=1e-3)
    assert arrays["end_gap"][OPENED] > 90
    assert arrays["open_gap"] == arrays["end_gap"][OPENED]


def test_graded_end_is_the_graded_kernel_with_its_known_spectrum():
    arrays, kernel = default_run().arrays, graded(LINE)
    spectrum = arrays["spectrum"][OPENED]
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


def test_the_tie_is_cut_once_and_what_follows_is_told_in_order():
    arrays = default_run().arrays
    assert np.flatnonzero(np.diff(arrays["state"])).tolist() == [PEAKED, OPENED, GATHERED]
    assert np.diff(arrays["state"]).max() == 1
    assert (arrays["cut"][[0, PEAKED, OPENED, CLOSED, LAST]] == [0, 0, 1, 0, 0]).all()


def test_groups_gather_at_three_points_a_third_of_the_circle_apart():
    arrays = default_run().arrays
    means = arrays["codes"][GATHERED].reshape(3, 3, 2).mean(axis=1)
    np.testing.assert_allclose(arrays["codes"][GATHERED], np.repeat(means, 3, axis=0), atol=1e-6)
    np.testing.assert_allclose(means @ means.T, 1.5 * np.eye(3) - 0.5, atol=1e-6)
    strengths = arrays["spectrum"][CLOSED : GATHERED + 1] / arrays["spectrum"][CLOSED : GATHERED + 1, :1]
    np.testing.assert_allclose(strengths[:, 1], 1, atol=1e-5)
    # theory has cats at the right above, dogs at the right below, cars at the left
    np.testing.assert_allclose(means, [[0.5, 0.75**0.5], [0.5, -(0.75**0.5)], [-1, 0]], atol=0.05)


def test_two_sides_of_the_triangle_keep_their_length_and_one_shrinks_as_theory_says():
    arrays = default_run().arrays
    codes, likeness = arrays["codes"][GATHERED:], arrays["likeness"][GATHERED:].astype(float)
    np.testing.assert_allclose(likeness, np.linspace(UNLIKE, 0.9, 33), atol=1e-6)
    unit = 2 * (1 - UNLIKE) / 3  # squared length of a code at the start of the leg
    for other, theory in ((3, 1 - likeness), (6, np.full(33, 1 - UNLIKE))):
        found = ((codes[:, 0] - codes[:, other]) ** 2).sum(axis=1)
        np.testing.assert_allclose(found, 2 * theory / unit, atol=1e-5)
    second = 3 * (1 - likeness) / (3 + likeness - 4 * UNLIKE)
    np.testing.assert_allclose(arrays["spectrum"][GATHERED:, 1] / arrays["spectrum"][GATHERED:, 0], second, atol=1e-5)
    assert arrays["pair_angle"][-1] == pytest.approx(55.31, abs=0.01)
    half = (3 + 4 * UNLIKE) / 7  # the likeness at which the spectrum is [1, 1/2, 0]
    assert np.interp(half, likeness, second) == pytest.approx(0.5, abs=1e-3)
    np.testing.assert_allclose(arrays["theory_strength"][GATHERED:, 0, 0, 1], second, atol=1e-6)


def test_dashed_places_are_those_of_the_triangle():
    arrays = default_run().arrays
    for code in arrays["codes"][GATHERED + 1 :, 0]:
        near = np.interp(code[1], arrays["path"][-1][::-1], arrays["path_x"][::-1])
        assert near == pytest.approx(code[0], abs=0.03)
    assert (arrays["path"][: GATHERED + 1] > 2).all()


def test_what_changes_is_drawn_in_its_ink_and_only_then():
    arrays = default_run().arrays
    assert not arrays["changed"][: PEAKED + 1].any()
    assert not arrays["cell_widths"][: PEAKED + 1].any()
    drawn = arrays["changed"] > 0
    assert np.flatnonzero(drawn[OPENED - 1]).tolist() == [8]
    assert np.flatnonzero(drawn[GATHERED]).tolist() == [0, 1, 3, 4, 6, 7]
    assert np.flatnonzero(drawn[-1]).tolist() == [2]
    whole = np.arange(LAST + 1) != OPENED
    assert ((arrays["plain"] > 0) ^ drawn)[whole].all()
    cell = arrays["cells"][:4].reshape(-1, 2)
    assert (cell.min(axis=0).tolist(), cell.max(axis=0).tolist()) == ([0, 0], [1, 1])  # last row, first column


def test_our_path_has_no_jump_and_the_straight_dial_is_one():
    arrays = default_run().arrays
    moves = np.linalg.norm(np.diff(arrays["codes"], axis=0), axis=2)
    assert 0.05 < moves.max() <= 0.06
    assert arrays["largest_move"][-1] == pytest.approx(moves.max())
    straight = np.linalg.norm(np.diff(arrays["straight_codes"], axis=0), axis=2).max(axis=1)
    assert straight[0] == pytest.approx(0.36, abs=0.005)
    assert straight[1:].max() < 0.003
    np.testing.assert_allclose(arrays["straight_jump"][1:], straight[0])


def test_a_straight_dial_has_the_graded_kernels_eigenvectors_from_its_first_notch_on():
    notch = 107 / 108 * np.eye(C) + 1 / 108 * graded(LINE)
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


@pytest.mark.parametrize(("field", "value"), [("classes", 3), ("classes", 8), ("classes", 12), ("width", 0.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(SpectralCodebook(), **{field: value})


@pytest.mark.parametrize("overrides", [{"classes": 6}, {"width": 4.0}, {"frames": 2, "steps": 1}])
def test_other_configurations_run(overrides):
    arrays = trajectory.run(SCENE, SpectralCodebook(**overrides)).arrays
    assert np.isfinite(arrays["codes"]).all()
