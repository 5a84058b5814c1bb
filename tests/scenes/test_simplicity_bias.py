"""The numbers of simplicity bias, recomputed from the saved points and margins with scikit-learn and NumPy."""

from __future__ import annotations

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tests.conftest import default_run


def test_the_linear_classifier_is_scikit_learn_s() -> None:
    arrays = default_run("simplicity-bias").arrays
    points, labels = arrays["points"].astype(np.float64), arrays["labels"]
    linear = LinearDiscriminantAnalysis().fit(points, labels)
    np.testing.assert_allclose(arrays["linear_accuracy"], linear.score(points, labels), atol=1e-6)


def test_boundary_complexity_counts_the_flips_of_the_margin_s_sign() -> None:
    arrays = default_run("simplicity-bias").arrays
    for margin, complexity in zip(arrays["margin"], arrays["complexity"], strict=True):
        decided = margin > 0
        flips = (decided[1:] != decided[:-1]).sum() + (decided[:, 1:] != decided[:, :-1]).sum()
        np.testing.assert_allclose(complexity, flips / 130, rtol=1e-6)


def test_the_margin_at_the_points_gives_the_accuracy_and_the_agreement() -> None:
    arrays = default_run("simplicity-bias").arrays
    points, labels = arrays["points"].astype(np.float64), arrays["labels"]
    linear = LinearDiscriminantAnalysis().fit(points, labels).predict(points)
    ticks = np.linspace(-2.4, 2.4, 130)
    inside = (np.abs(points) < 2.4).all(axis=1)
    columns, rows = (np.abs(ticks[:, None] - points[inside, axis]).argmin(axis=0) for axis in (0, 1))
    for frame in (0, 8, 30, 79):
        decided = (
            arrays["margin"][frame][rows, columns] > 0
        )  # of the nearest cell: a point near the boundary may differ
        np.testing.assert_allclose(arrays["accuracy"][frame], (decided == labels[inside]).mean(), atol=0.03)
        np.testing.assert_allclose(arrays["agreement"][frame], (decided == linear[inside]).mean(), atol=0.03)


def test_the_whole_run_s_numbers_are_read_at_the_peak_of_agreement() -> None:
    arrays = default_run("simplicity-bias").arrays
    agreement, accuracy = arrays["agreement"].tolist(), arrays["accuracy"].tolist()
    peak = agreement.index(max(agreement))
    solved = next(frame for frame, value in enumerate(accuracy) if round(value, 6) >= 0.95)
    assert arrays["peak_agreement"] == max(agreement) >= 0.96
    assert arrays["frames_before_solved"] == solved - peak >= 1
    np.testing.assert_allclose(arrays["gap_at_peak"], abs(accuracy[peak] - arrays["linear_accuracy"]), atol=1e-6)
    np.testing.assert_allclose(arrays["complexity_ratio"], arrays["complexity"][-1] / arrays["complexity"][peak])
