"""Distances to the two nearest points, against all distances by differences."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from render.audit import neighbours, pieces


def oracle(rows: np.ndarray) -> np.ndarray:
    return np.sort(cdist(rows, rows) + np.diag(np.full(len(rows), np.inf)), axis=1)[:, :2]


@pytest.mark.parametrize("dim", [1, 3, 40])
def test_distances_are_those_of_the_differences(dim: int) -> None:
    rows = np.random.default_rng(0).standard_normal((200, dim))
    np.testing.assert_allclose(neighbours.two_nearest(rows), oracle(rows), rtol=1e-12)


def test_points_on_a_line_have_distances_in_closed_form() -> None:
    rows = np.cumsum([0.0, 1.0, 2.0, 4.0])[:, None]  # 0, 1, 3, 7
    np.testing.assert_array_equal(neighbours.two_nearest(rows), [[1, 3], [1, 2], [2, 3], [4, 6]])


@pytest.mark.parametrize("apart", [1e-6, 1e-9, 1e-12])
def test_points_close_together_far_from_others_are_told_apart(apart: float) -> None:
    rng = np.random.default_rng(1)
    rows = np.repeat(rng.standard_normal((4, 20)), 15, axis=0) + apart * rng.standard_normal((60, 20))
    np.testing.assert_allclose(neighbours.two_nearest(rows), oracle(rows), rtol=1e-12)


def test_equal_points_and_equal_distances_are_exact() -> None:
    rows = np.repeat(np.eye(30), 2, axis=0) * 1e6 / 3
    np.testing.assert_allclose(neighbours.two_nearest(rows), oracle(rows), rtol=1e-12)
    assert not neighbours.two_nearest(rows)[:, 0].any()


def test_three_points_have_two_others_each() -> None:
    rows = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    np.testing.assert_allclose(neighbours.two_nearest(rows), oracle(rows), rtol=1e-12)


def test_of_equal_points_one_is_told() -> None:
    rows = np.random.default_rng(2).standard_normal((20, 5))
    found = pieces.neighbours(np.concatenate([rows, rows[:3]]))
    assert found is not None
    assert found.counted.sum() == 20
    alone = pieces.neighbours(rows)
    assert alone is not None
    np.testing.assert_allclose(np.sort(found.first[found.counted]), np.sort(alone.first), rtol=1e-12)
