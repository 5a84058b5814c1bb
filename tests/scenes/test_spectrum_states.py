"""The numbers of the three states, recomputed from the saved features in float64."""

from __future__ import annotations

import numpy as np

from tests.conftest import default_run


def test_the_initial_features_are_white_and_of_mean_zero() -> None:
    first = default_run("spectrum-states").arrays["features"][0].astype(np.float64)
    np.testing.assert_allclose(first.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(first.T, bias=True), np.eye(12), atol=1e-3)


def test_every_frame_s_participation_ratio_is_that_of_its_features() -> None:
    arrays = default_run("spectrum-states").arrays
    for features, spectrum, ratio in zip(
        arrays["features"], arrays["spectrum"], arrays["participation_ratio"], strict=True
    ):
        eigenvalues = np.linalg.eigvalsh(np.cov(features.T.astype(np.float64), bias=True))[::-1]
        np.testing.assert_allclose(ratio, eigenvalues.sum() ** 2 / (eigenvalues**2).sum(), rtol=1e-3)
        np.testing.assert_allclose(spectrum, eigenvalues / eigenvalues[0], atol=1e-4)


def test_the_badge_reads_the_participation_ratio_and_the_view() -> None:
    arrays = default_run("spectrum-states").arrays
    labels, badge = arrays["labels"], arrays["badge"]
    for frame in range(len(badge)):
        view = arrays["view"][frame]
        means = np.stack([view[labels == c].mean(axis=0) for c in range(5)])
        own = np.mean([np.linalg.norm(point - means[label]) for point, label in zip(view, labels, strict=True)])
        apart = np.mean([np.linalg.norm(means[a] - means[b]) for a in range(5) for b in range(a)])
        if arrays["participation_ratio"][frame] > 0.62 * 12:
            assert badge[frame] == 0
        else:
            assert badge[frame] == (2 if own < apart / 4 else 1)
    assert [int(state) for state in dict.fromkeys(badge)] == [0, 1, 2]
    assert arrays["shortest_state"] == min((badge == state).sum() for state in (0, 1, 2)) >= 6


def test_the_bars_are_the_spectrum_and_the_states_never_go_back() -> None:
    arrays = default_run("spectrum-states").arrays
    np.testing.assert_array_equal(np.concatenate([arrays["kept"], arrays["faded"]], axis=1), arrays["spectrum"])
    np.testing.assert_array_equal(np.concatenate([arrays["kept_at"], arrays["faded_at"]]), np.arange(1, 13))
    assert (np.diff(arrays["state"]) >= 0).all()
    np.testing.assert_array_equal(arrays["state"], arrays["badge"])
