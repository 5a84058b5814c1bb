"""Simplex descent, recomputed in float64 from the codes, against a tetrahedron written down."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy

from render.training import trajectory
from scenes.latent_audit.simplex_descent import SCENE, SimplexDescent

SEEDS = (0, 1, 2, 3)
TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)


@pytest.fixture(scope="module")
def runs() -> list[dict[str, np.ndarray]]:
    names = {
        "codes",
        "cosines",
        "loss",
        "simplex_error",
        "coherence",
        "entropy_rank",
        "table",
        "protractor",
        "angle_off",
        "state",
    }
    return trajectory.run_seeds(SCENE, SimplexDescent(), SEEDS, names)


def test_the_tetrahedron_has_the_cosines_that_are_the_goal():
    np.testing.assert_allclose(TETRAHEDRON @ TETRAHEDRON.T, 4 / 3 * np.eye(4) - 1 / 3, atol=1e-12)


def test_numbers_are_those_of_the_codes(runs):
    simplex = TETRAHEDRON @ TETRAHEDRON.T
    for run in runs:
        for frame in (0, 30, 50):
            codes = run["codes"][frame].astype(np.float64)
            table = codes @ codes.T
            np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1, atol=1e-6)
            np.testing.assert_allclose(run["cosines"][frame], table, atol=1e-6)
            off = np.abs(table[np.triu_indices(4, k=1)])
            assert run["coherence"][frame] == pytest.approx(off.max(), abs=1e-6)
            assert run["loss"][frame] == pytest.approx(np.square(table - simplex).sum() / 16, abs=1e-6)
            relative = np.linalg.norm(table - simplex) / np.linalg.norm(simplex)
            assert run["simplex_error"][frame] == pytest.approx(relative, abs=1e-6)
            rank = np.exp(entropy(np.linalg.eigvalsh(codes.T @ codes)))
            assert run["entropy_rank"][frame] == pytest.approx(rank, abs=1e-5)


def test_the_last_frame_is_a_tetrahedron_up_to_rotation_and_reflection(runs):
    for run in runs:
        codes = run["codes"][-1].astype(np.float64)
        left, _, right = np.linalg.svd(codes.T @ TETRAHEDRON)
        np.testing.assert_allclose(codes @ left @ right, TETRAHEDRON, atol=1e-5)


def test_the_loss_falls_and_the_start_is_no_simplex(runs):
    for run in runs:
        assert run["simplex_error"][0] > 0.3
        assert (np.diff(run["loss"]) < 1e-9).all()


def test_every_target_is_met(runs):
    for target in SCENE.targets(SimplexDescent()).values():
        assert all(target.met(target.value(run)) for run in runs), target.name


def test_no_code_jumps(runs):
    for run in runs:
        assert np.linalg.norm(np.diff(run["codes"], axis=0), axis=2).max() < 0.5  # the sphere is 2 wide


@pytest.mark.parametrize(("field", "value"), [("classes", 5), ("classes", 1), ("learning_rate", 0.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        SimplexDescent(**{field: value})


def test_the_protractor_has_every_angle_at_its_place(runs):
    for run in runs:
        for frame in (0, 30, 79):
            codes = run["codes"][frame].astype(np.float64)
            angles = [
                np.rad2deg(np.arccos(np.clip(codes[i] @ codes[j], -1, 1))) for i in range(4) for j in range(i + 1, 4)
            ]
            x, y = run["protractor"][frame].T
            np.testing.assert_allclose(np.rad2deg(np.arctan2(y, x)), angles, atol=0.05)
            assert run["angle_off"][frame] == pytest.approx(np.abs(np.array(angles) - 109.4712).max(), abs=0.05)
            off = ~np.eye(4, dtype=bool)
            np.testing.assert_array_equal(run["table"][frame][off], run["cosines"][frame][off])
            assert not run["table"][frame][~off].any()
        assert set(run["state"]) == {0, 1, 2}
