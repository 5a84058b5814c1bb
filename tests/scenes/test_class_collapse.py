"""Class collapse, recomputed in float64 from the points."""

from __future__ import annotations

import numpy as np
import pytest

from render.training import trajectory
from scenes.latent_audit.class_collapse import SCENE, ClassCollapse

SEEDS = (0, 1, 2)
NAMES = (
    "features",
    "class_means",
    "labels",
    "sigma",
    "within_class_variance",
    "collapse_ratio",
    "state",
    "between_means",
)


@pytest.fixture(scope="module")
def runs() -> list[dict[str, np.ndarray]]:
    targets = SCENE.targets(ClassCollapse()).values()
    return trajectory.run_seeds(SCENE, ClassCollapse(), SEEDS, {*NAMES, *(target.array for target in targets)})


def test_numbers_are_those_of_the_points(runs):
    for run in runs:
        for frame in (0, 40, 79):
            points = run["features"][frame].astype(np.float64)
            means = np.array([points[run["labels"] == label].mean(axis=0) for label in range(3)])
            within = ((points - means[run["labels"]]) ** 2).sum(axis=1).mean()
            total = ((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()
            assert run["within_class_variance"][frame] == pytest.approx(within, rel=1e-5)
            assert run["collapse_ratio"][frame] == pytest.approx(within / total, rel=1e-5)
            np.testing.assert_allclose(run["class_means"][frame], means, atol=1e-6)


def test_means_stand_still_on_the_unit_circle_at_equal_angles(runs):
    for run in runs:
        means = run["class_means"]
        np.testing.assert_allclose(np.linalg.norm(means, axis=2), 1, atol=1e-6)
        np.testing.assert_allclose(means, np.broadcast_to(means[-1], means.shape), atol=1e-6)
        np.testing.assert_allclose(means[0] @ means[0].T, 1.5 * np.eye(3) - 0.5, atol=1e-5)


def test_each_class_is_whitened_and_scaled(runs):
    for run in runs:
        for frame in (0, 79):
            for label in range(3):
                points = run["features"][frame][run["labels"] == label].astype(np.float64)
                covariance = np.cov(points.T, bias=True) / run["sigma"][frame] ** 2
                assert len(points) == 34
                np.testing.assert_allclose(covariance, np.eye(2), atol=1e-5)


def test_the_dial_goes_down_evenly(runs):
    np.testing.assert_allclose(runs[0]["sigma"][[0, -1]], [0.58, 0.035], rtol=1e-6)
    steps = np.diff(runs[0]["sigma"])
    np.testing.assert_allclose(steps, -0.545 / 79, rtol=1e-3)


def test_both_numbers_follow_their_closed_forms_in_every_frame(runs):
    for run in runs:
        twice = 2 * np.linspace(0.58, 0.035, 80) ** 2
        np.testing.assert_allclose(run["within_class_variance"], twice, rtol=1e-5)
        np.testing.assert_allclose(run["collapse_ratio"], twice / (twice + 1), rtol=1e-5)
        assert run["collapse_ratio"][-1] <= 0.01


def test_the_states_follow_the_share_and_the_sides_join_the_means(runs):
    for run in runs:
        np.testing.assert_array_equal(
            run["state"], (run["collapse_ratio"] <= 0.2) + 1 * (run["collapse_ratio"] <= 0.01)
        )
        assert set(run["state"]) == {0, 1, 2}
        sides = run["between_means"][-1]
        np.testing.assert_allclose(np.linalg.norm(sides[:, 0] - sides[:, 1], axis=1), np.sqrt(3), atol=1e-5)


def test_every_target_is_met(runs):
    for target in SCENE.targets(ClassCollapse()).values():
        assert all(target.met(target.value(run)) for run in runs), target.name


def test_another_seed_is_another_cloud(runs):
    assert np.abs(runs[0]["features"] - runs[1]["features"]).max() > 0.1


@pytest.mark.parametrize(
    ("field", "value"), [("noise_end", 0.0), ("noise_start", 0.01), ("classes", 11), ("per_class", 2)]
)
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        ClassCollapse(**{field: value})
