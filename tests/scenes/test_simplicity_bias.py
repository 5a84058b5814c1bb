"""The numbers of simplicity bias, recomputed from the saved points and margins with scikit-learn and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from scenes.three_states import simplicity_bias as module
from scenes.three_states.simplicity_bias_square import SIDE, across, grid, rightmost
from tests.conftest import default_run

TICKS = np.linspace(-2.4, 2.4, 130)


def test_the_linear_classifier_is_scikit_learn_s() -> None:
    arrays = default_run("simplicity-bias").arrays
    points, labels = arrays["points"].astype(np.float64), arrays["labels"]
    linear = LinearDiscriminantAnalysis().fit(points, labels)
    np.testing.assert_allclose(arrays["linear_accuracy"], linear.score(points, labels), atol=1e-6)
    (ends,) = arrays["linear_line"]
    decided = linear.decision_function(ends)
    np.testing.assert_allclose(decided, 0, atol=1e-4)
    np.testing.assert_allclose(arrays["linear_weights"], linear.coef_[0], rtol=1e-2)  # n and n - 2 for the covariance
    np.testing.assert_allclose(np.abs(ends).max(axis=1), 2.4, rtol=1e-12)
    assert ends[0, 0] < ends[1, 0]


def test_regions_are_compared_with_scikit_learn_s_over_the_square() -> None:
    arrays = default_run("simplicity-bias").arrays
    linear = LinearDiscriminantAnalysis().fit(arrays["points"].astype(np.float64), arrays["labels"])
    square = np.stack(np.meshgrid(TICKS, TICKS), axis=-1).reshape(-1, 2)
    np.testing.assert_allclose(grid(), square, atol=1e-6)
    regions = linear.predict(square).reshape(130, 130)
    for margin, agreement in zip(arrays["margin"], arrays["region_agreement"], strict=True):
        np.testing.assert_allclose(agreement, ((margin > 0) == regions).mean(), atol=2e-4)
    # A straight line crosses as many rows and columns as its ends lie apart.
    apart = np.abs(np.diff(arrays["linear_line"][0], axis=0)).sum() / 4.8
    np.testing.assert_allclose(arrays["linear_complexity"], apart, atol=3 / 130)


@pytest.mark.parametrize(
    ("weights", "bias", "ends"),
    [
        ((1, 0), 0, ((0, -2.4), (0, 2.4))),
        ((0, -2), 2, ((-2.4, 1), (2.4, 1))),
        ((1, -1), 0, ((-2.4, -2.4), (2.4, 2.4))),
        ((3, 3), 0, ((-2.4, 2.4), (2.4, -2.4))),
        ((1, -2), 0, ((-2.4, -1.2), (2.4, 1.2))),
        ((2, -1), 0, ((-1.2, -2.4), (1.2, 2.4))),
        ((1, 1), -4, ((1.6, 2.4), (2.4, 1.6))),
        ((1, 0), -5, ((2.4, 0), (2.4, 0))),
        ((1, 1), 6, ((-2.4, -2.4), (-2.4, -2.4))),
        ((0, 0), 1, ((0, 0), (0, 0))),
    ],
)
def test_a_line_ends_on_the_rim_of_the_square(weights, bias, ends) -> None:
    np.testing.assert_allclose(across(np.array(weights, np.float32), np.float32(bias)), ends, atol=1e-6)


@pytest.mark.parametrize(
    ("weights", "bias", "end"),
    [
        ((1, -2), 0, (2.4, 1.2)),  # through the right side, and the left
        ((-1, 2), 0, (2.4, 1.2)),
        ((2, -1), 0, (1.2, 2.4)),  # through the top
        ((2, 1), -1, (1.7, -2.4)),  # through the bottom
        ((1, 0), -5, (4.8, 4.8)),  # nowhere
    ],
)
def test_a_boundary_ends_where_it_is_furthest_to_the_right(weights, bias, end) -> None:
    x, y = np.meshgrid(TICKS, TICKS)
    margin = (weights[0] * x + weights[1] * y + bias)[None]
    np.testing.assert_allclose(rightmost(margin), [end], atol=1e-6)


def test_a_closed_boundary_ends_at_its_right() -> None:
    x, y = np.meshgrid(TICKS, TICKS)
    np.testing.assert_allclose(rightmost((x**2 + y**2 - 1)[None]), [(1, 0)], atol=0.03)


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
    inside = (np.abs(points) < 2.4).all(axis=1)
    columns, rows = (np.abs(TICKS[:, None] - points[inside, axis]).argmin(axis=0) for axis in (0, 1))
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
    straight = arrays["linear_complexity"]
    np.testing.assert_allclose(arrays["complexity_over_linear"], arrays["complexity"] / straight, rtol=1e-6)
    np.testing.assert_allclose(arrays["peak_complexity_over_linear"], arrays["complexity"][peak] / straight, rtol=1e-6)
    assert arrays["peak_region_agreement"] == arrays["region_agreement"][peak]
    np.testing.assert_allclose(arrays["gain_over_linear"], accuracy[-1] - arrays["linear_accuracy"], atol=1e-6)


def test_the_network_is_along_the_line_from_the_first_to_the_last_frame_of_agreement() -> None:
    arrays = default_run("simplicity-bias").arrays
    state, agreement = arrays["state"].tolist(), arrays["agreement"].tolist()
    assert sorted(set(state)) == [0, 1, 2]
    assert state == sorted(state)
    along, bent = state.index(1), state.index(2)
    assert max(agreement[:along]) < 0.96 <= agreement[along]
    assert max(agreement[bent:]) < 0.96 <= agreement[bent - 1]
    assert arrays["frames_along"] == bent - along
    assert arrays["agreement_along"] == min(agreement[along:bent])


@pytest.mark.parametrize(
    ("agreement", "states", "along", "least"),
    [
        ([0.5, 0.97, 0.95, 0.96, 0.9], [0, 1, 1, 1, 2], 3, 0.95),
        ([0.97, 0.98, 0.99, 0.99, 0.97], [1, 1, 1, 1, 1], 5, 0.97),
        ([0.5, 0.6, 0.7, 0.8, 0.9], [0, 0, 0, 0, 0], 0, 0.0),
    ],
)
def test_states_where_a_network_agrees_always_or_never(agreement, states, along, least) -> None:
    curve = np.array(agreement)
    derived = module.derive(
        module.SimplicityBias(frames=5),
        margin=np.ones((5, SIDE, SIDE), np.float32),
        agreement=curve,
        region_agreement=curve,
        accuracy=curve,
        complexity=1 + curve,
        linear_accuracy=np.float64(0.9),
        linear_weights=np.array([1.0, 0.0]),
        linear_bias=np.float64(0.0),
        linear_complexity=np.float64(0.0),
    )
    assert derived["state"].tolist() == states
    assert derived["frames_along"] == along
    assert derived["agreement_along"] == least
    assert all(np.isfinite(array).all() for array in derived.values())
