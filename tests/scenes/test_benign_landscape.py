"""The benign landscape, recomputed in float64 from the codes of all six starts."""

from __future__ import annotations

import numpy as np
import pytest

from render.training import trajectory
from scenes.latent_audit.benign_landscape import SCENE, BenignLandscape

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def runs() -> list[dict[str, np.ndarray]]:
    names = {"codes", "loss", "potential", "spread", "frame_eigenvalues", "tightness_gap", "codes/4"}
    names |= {f"potential/{start}" for start in range(6)}
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


def test_what_a_sphere_shows_is_its_own_start(runs):
    np.testing.assert_array_equal(runs[0]["codes/4"], runs[0]["codes"][:, 4])
    np.testing.assert_array_equal(runs[0]["potential/4"], runs[0]["potential"][:, 4])


def test_every_target_is_met(runs):
    for target in SCENE.targets(BenignLandscape()).values():
        assert all(target.met(target.value(run)) for run in runs), target.name
        assert target.seeds == 64


def test_no_code_jumps(runs):
    for run in runs:
        assert np.linalg.norm(np.diff(run["codes"], axis=0), axis=3).max() < 0.5  # the sphere is 2 wide


@pytest.mark.parametrize(("field", "value"), [("classes", 1), ("classes", 11), ("learning_rate", 0.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        BenignLandscape(**{field: value})
