"""Welch descent, recomputed in float64 from the codes, against the icosahedron's six lines written down."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from render.training import trajectory
from scenes.latent_audit.welch_descent import SCENE, WelchDescent

SEEDS = (0, 1, 2, 3)
GOLDEN = (1 + 5**0.5) / 2
LINES = np.array([[0, 1, GOLDEN], [0, -1, GOLDEN], [1, GOLDEN, 0], [-1, GOLDEN, 0], [GOLDEN, 0, 1], [GOLDEN, 0, -1]])
LINES = LINES / np.linalg.norm(LINES, axis=1, keepdims=True)
PAIRS = np.triu_indices(6, k=1)


@pytest.fixture(scope="module")
def runs() -> list[dict[str, np.ndarray]]:
    names = {"codes", "cosines", "loss", "coherence", "frame_eigenvalues", "tightness_gap", "angle_spread", "welch_gap"}
    return trajectory.run_seeds(SCENE, WelchDescent(), SEEDS, names)


def triple_products(codes: np.ndarray) -> np.ndarray:
    """Signs of cos_ij cos_jk cos_ki: what lines keep when a code is replaced by its opposite."""
    table = codes @ codes.T
    return np.array([table[i, j] * table[j, k] * table[k, i] for i, j, k in itertools.combinations(range(6), 3)])


def test_the_icosahedron_reaches_the_floor_and_is_tight():
    np.testing.assert_allclose(np.abs(LINES @ LINES.T)[PAIRS], 1 / 5**0.5, atol=1e-12)
    np.testing.assert_allclose(LINES.T @ LINES, 2 * np.eye(3), atol=1e-12)
    coherence = SCENE.targets(WelchDescent())["coherence"]
    assert coherence.goal == pytest.approx(1 / 5**0.5)
    assert coherence.goal == pytest.approx(0.44721, abs=5e-6)


def test_numbers_are_those_of_the_codes(runs):
    for run in runs:
        for frame in (0, 20, -1):
            codes = run["codes"][frame].astype(np.float64)
            table = codes @ codes.T
            cosines = np.abs(table[PAIRS])
            eigenvalues = np.linalg.eigvalsh(codes.T @ codes)[::-1]
            np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1, atol=1e-6)
            np.testing.assert_allclose(run["cosines"][frame], table, atol=1e-6)
            assert run["coherence"][frame] == pytest.approx(cosines.max(), abs=1e-6)
            assert run["welch_gap"][frame] == pytest.approx(max(cosines.max() - 5**-0.5, 0), abs=1e-6)
            np.testing.assert_allclose(run["frame_eigenvalues"][frame], eigenvalues, atol=1e-5)
            assert run["tightness_gap"][frame] == pytest.approx(np.abs(eigenvalues - 2).max(), abs=1e-5)
            smooth = np.log(np.exp(30 * cosines).sum()) / 30
            tightness = np.square(eigenvalues - 2).sum() / 12
            assert run["loss"][frame] == pytest.approx(smooth + 0.15 * tightness, abs=1e-5)
            angles = np.rad2deg(np.arccos(cosines))
            assert run["angle_spread"][frame] == pytest.approx(angles.max() - angles.min(), abs=1e-2)


def test_the_last_frame_is_the_icosahedron_as_far_as_lines_can_say(runs):
    ideal = np.sort(triple_products(LINES))
    for run in runs:
        np.testing.assert_allclose(np.sort(triple_products(run["codes"][-1].astype(np.float64))), ideal, atol=1e-5)


def test_every_target_is_met(runs):
    for target in SCENE.targets(WelchDescent()).values():
        assert all(target.met(target.value(run)) for run in runs), target.name
        assert target.seeds == 64


def test_no_code_jumps_and_the_start_is_far_from_the_end(runs):
    for run in runs:
        assert np.linalg.norm(np.diff(run["codes"], axis=0), axis=2).max() < 0.5  # the sphere is 2 wide
        assert run["coherence"][0] > 0.6


@pytest.mark.parametrize(
    ("field", "value"), [("classes", 3), ("classes", 11), ("beta", 0.0), ("tightness", -1.0), ("learning_rate", 0.0)]
)
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        WelchDescent(**{field: value})
