"""Rank collapse, recomputed in float64 from the points, and its closed form from SciPy's entropy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy

from render.training import trajectory
from scenes.latent_audit import rank_collapse
from scenes.latent_audit.rank_collapse import SCENE, RankCollapse

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def runs() -> list[dict[str, np.ndarray]]:
    names = {
        "features",
        "eigenvalues",
        "entropy_rank",
        "minor",
        "minor_energy",
        "arms",
        "rank_deviation",
        "axes",
        "state",
        "major_share",
    }
    return trajectory.run_seeds(SCENE, RankCollapse(), SEEDS, names)


def test_the_closed_form_ends_where_it_is_said_to():
    assert np.exp(entropy([1, 0.045**2])) == pytest.approx(1.0147, abs=5e-5)
    for minor in (1.0, 0.5, 0.045):
        share, rank = rank_collapse.closed_forms(minor)
        assert rank == pytest.approx(np.exp(entropy([1, minor**2])))
        assert share == pytest.approx(minor**2 / (1 + minor**2))


def test_numbers_are_those_of_the_points(runs):
    for run in runs:
        for frame in (0, 40, 79):
            values = np.linalg.eigvalsh(np.cov(run["features"][frame].astype(np.float64).T, bias=True))[::-1]
            np.testing.assert_allclose(run["eigenvalues"][frame], values, atol=1e-5)
            assert run["entropy_rank"][frame] == pytest.approx(np.exp(entropy(values)), abs=1e-5)
            assert run["minor_energy"][frame] == pytest.approx(values[1] / values.sum(), abs=1e-5)


def test_the_cloud_is_round_first_and_keeps_its_major_axis(runs):
    for run in runs:
        np.testing.assert_allclose(run["eigenvalues"][:, 0], 1, atol=1e-5)
        np.testing.assert_allclose(run["eigenvalues"][:, 1], run["minor"] ** 2, atol=1e-5)
        assert run["minor"][0] == 1
        assert run["minor"][-1] == pytest.approx(0.045)


def test_every_frame_is_on_the_closed_form(runs):
    for run in runs:
        closed = [np.exp(entropy([1, minor**2])) for minor in run["minor"].astype(np.float64)]
        np.testing.assert_allclose(run["entropy_rank"], closed, atol=1e-3)
        assert run["entropy_rank"][0] == pytest.approx(2, abs=1e-3)


def test_arms_are_two_standard_deviations_along_the_principal_axes_and_never_turn(runs):
    tilt = np.deg2rad(30)
    major, minor = np.array([np.cos(tilt), np.sin(tilt)]), np.array([-np.sin(tilt), np.cos(tilt)])
    for run in runs:
        np.testing.assert_allclose(np.abs(run["arms"][:, 0] @ major), 2, atol=1e-3)
        np.testing.assert_allclose(run["arms"][:, 0] @ minor, 0, atol=1e-2)
        np.testing.assert_allclose(np.abs(run["arms"][:, 1] @ minor), 2 * run["minor"], atol=1e-3)


def test_the_axes_reach_both_ways_and_the_states_follow_the_rank(runs):
    for run in runs:
        np.testing.assert_array_equal(run["axes"][:, :, 1], run["arms"])
        np.testing.assert_array_equal(run["axes"][:, :, 0], -run["arms"])
        np.testing.assert_array_equal(run["state"], (run["entropy_rank"] <= 1.9) + 1 * (run["entropy_rank"] <= 1.1))
        assert run["major_share"] == pytest.approx(100 / (1 + 0.045**2), abs=1e-3)


def test_every_target_is_met(runs):
    for target in SCENE.targets(RankCollapse()).values():
        assert all(target.met(target.value(run)) for run in runs), target.name


@pytest.mark.parametrize(("field", "value"), [("minor_end", 0.0), ("minor_end", 1.0), ("points", 2)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        RankCollapse(**{field: value})
