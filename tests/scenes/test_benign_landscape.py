"""The benign landscape, recomputed in float64 from the codes of all six starts."""

from __future__ import annotations

import numpy as np
import pytest

from render.training import trajectory
from scenes.latent_audit.benign_landscape import SCENE, BenignLandscape, splits
from scenes.latent_audit.benign_landscape_picture import LENGTH, TALL

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def runs() -> list[dict[str, np.ndarray]]:
    names = {"codes", "loss", "potential", "spread", "frame_eigenvalues", "tightness_gap", "unsquared_codes"}
    names |= {f"potential/{start}" for start in range(6)} | {"unsquared", "unsquared_off", "unsquared_highest"}
    names |= {"centres", "shapes", "lines", "dots", "stuck", "stuck_count", "stuck_dot", "state"}
    return trajectory.run_seeds(SCENE, BenignLandscape(), SEEDS, names)


def potential(codes: np.ndarray) -> float:
    return sum((codes[i] @ codes[j]) ** 2 for i in range(len(codes)) for j in range(len(codes)) if i != j)


def test_a_tight_frame_of_seven_codes_has_the_potential_of_the_floor():
    # Three orthonormal rows as columns: seven points on the real Fourier basis of odd order, scaled by sqrt(C/d).
    angles = 2 * np.pi * np.arange(7) / 7
    frame = np.stack([np.full(7, 1 / 7**0.5), np.cos(angles) * (2 / 7) ** 0.5, np.sin(angles) * (2 / 7) ** 0.5], axis=1)
    codes = frame * (7 / 3) ** 0.5
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1)
    goal = SCENE.targets(BenignLandscape())["start_0"].goal
    assert goal == pytest.approx(potential(codes))
    assert goal == pytest.approx(9.3333, abs=5e-5)


def test_numbers_are_those_of_the_codes(runs):
    for run in runs:
        for frame in (0, 20, 79):
            codes = run["codes"][frame].astype(np.float64)
            values = [potential(start) for start in codes]
            np.testing.assert_allclose(np.linalg.norm(codes, axis=2), 1, atol=1e-6)
            np.testing.assert_allclose(run["potential"][frame], values, rtol=1e-5)
            assert run["loss"][frame] == pytest.approx(np.mean(values), rel=1e-5)
            assert run["spread"][frame] == pytest.approx(max(values) - min(values), abs=1e-5)
            eigenvalues = np.array([np.linalg.eigvalsh(start.T @ start)[::-1] for start in codes])
            np.testing.assert_allclose(run["frame_eigenvalues"][frame], eigenvalues, atol=1e-5)
            assert run["tightness_gap"][frame] == pytest.approx(np.abs(eigenvalues - 7 / 3).max(), abs=1e-5)


def test_six_starts_differ_first_and_agree_last_in_potential_but_not_in_shape(runs):
    for run in runs:
        assert run["spread"][0] > 1
        assert run["spread"][-1] <= 1e-3
        shapes = [np.sort(np.abs(start @ start.T)[np.triu_indices(7, k=1)]) for start in run["codes"][-1]]
        assert min(np.abs(shapes[i] - shapes[j]).max() for i in range(6) for j in range(i)) > 0.01


def test_the_floor_is_never_broken(runs):
    assert min(run["potential"].min() for run in runs) > 28 / 3 - 1e-4


def test_a_blob_stands_as_high_as_it_is_from_round(runs):
    for run in runs:
        off = np.linalg.norm(run["frame_eigenvalues"].astype(np.float64) - 7 / 3, axis=2)
        np.testing.assert_allclose(run["centres"][..., 1] / TALL, off, atol=5e-3)
        np.testing.assert_allclose(run["shapes"][-1], np.broadcast_to(7 / 3 * np.eye(2), (6, 2, 2)), atol=5e-3)
        np.testing.assert_allclose(
            np.linalg.eigvalsh(run["shapes"][0]), run["frame_eigenvalues"][0][:, [2, 0]], atol=1e-5
        )


def test_a_line_goes_through_the_centre_of_its_blob_and_is_its_code_seen_from_a_side(runs):
    lines = runs[0]["lines"].reshape(80, 6, 7, 2, 2)
    np.testing.assert_allclose(lines.mean(axis=3), np.repeat(runs[0]["centres"][:, :, None], 7, axis=2), atol=1e-9)
    halves = (lines[..., 1, :] - lines[..., 0, :]) / 2 / LENGTH
    np.testing.assert_allclose(np.einsum("fskx,fsky->fsxy", halves, halves), runs[0]["shapes"], atol=1e-6)
    assert np.linalg.norm(halves, axis=-1).max() <= 1 + 1e-6


def test_three_perpendicular_lines_are_the_floor_of_what_is_not_squared():
    values = splits(BenignLandscape())
    np.testing.assert_array_equal(values[:3], [10, 12, 14])  # 3 + 2 + 2, 3 + 3 + 1, 4 + 2 + 1
    codes = np.eye(3)[[0, 0, 0, 1, 1, 2, 2]]
    table = np.abs(codes @ codes.T)
    assert table.sum() - 7 == values[0]


def test_not_squared_one_of_the_same_starts_is_stuck(runs):
    run = runs[0]
    np.testing.assert_array_equal(run["unsquared_codes"][0], run["codes"][0])
    codes = run["unsquared_codes"][-1].astype(np.float64)
    values = [np.abs(start @ start.T).sum() - 7 for start in codes]
    np.testing.assert_allclose(values, [10] * 5 + [12], atol=1e-2)
    np.testing.assert_array_equal(run["stuck"], [0] * 5 + [1])
    assert run["stuck_count"] == 1
    named = run["stuck_dot"][:, 1] > 0
    np.testing.assert_array_equal(named, run["state"] == 2)
    np.testing.assert_allclose(run["stuck_dot"][named], run["dots"][named, 5])


def test_states_follow_the_highest_blob(runs):
    for run in runs:
        highest = run["centres"][..., 1].max(axis=1) / TALL
        assert (np.diff(run["state"]) >= 0).all()
        assert set(run["state"]) == {0, 1, 2}
        assert highest[run["state"] == 1].max() < 1
        assert highest[run["state"] == 2].max() < 0.05


def test_the_potentials_of_the_targets_are_those_of_the_starts(runs):
    np.testing.assert_array_equal(runs[0]["potential/4"], runs[0]["potential"][:, 4])


def test_every_target_is_met(runs):
    for target in SCENE.targets(BenignLandscape()).values():
        tried = runs if target.share == 1 else runs[:1]
        assert all(target.met(target.value(run)) for run in tried), target.name
        assert target.seeds == 64


def test_no_code_jumps(runs):
    for run in runs:
        assert np.linalg.norm(np.diff(run["codes"], axis=0), axis=3).max() < 0.5  # the sphere is 2 wide


@pytest.mark.parametrize(("field", "value"), [("classes", 1), ("classes", 11), ("learning_rate", 0.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        BenignLandscape(**{field: value})
