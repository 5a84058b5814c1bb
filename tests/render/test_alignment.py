"""Frames aligned to the frame before: no flips, nothing bent, and the farthest that a point goes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group

from render.views import largest_moves, procrustes_chain


def walk(frames: int, dim: int) -> np.ndarray:
    rng = np.random.default_rng(dim)
    return rng.normal(size=(1, 7, dim)) + np.cumsum(0.01 * rng.normal(size=(frames, 7, dim)), axis=0)


@pytest.mark.parametrize("dim", [2, 3])
def test_turns_and_mirrors_between_frames_are_undone(dim):
    points = walk(12, dim)
    points -= points.mean(axis=1, keepdims=True)
    turns = ortho_group.rvs(dim, size=12, random_state=0)
    aligned = procrustes_chain(points @ turns)
    np.testing.assert_array_equal(aligned[0], points[0] @ turns[0])
    assert largest_moves(aligned).max() < 0.08
    assert largest_moves(points @ turns).max() > 0.5
    for before, now in itertools.pairwise(aligned):
        np.testing.assert_allclose(orthogonal_procrustes(now, before)[0], np.eye(dim), atol=1e-10)


def test_inner_products_of_a_frame_are_kept():
    points = walk(5, 2)
    aligned = procrustes_chain(points)
    np.testing.assert_allclose(aligned @ aligned.transpose(0, 2, 1), points @ points.transpose(0, 2, 1), atol=1e-12)


def test_the_points_that_were_given_stay_as_they_are():
    points = walk(5, 2).astype(np.float32)
    before = points.copy()
    assert procrustes_chain(points).dtype == np.float64
    np.testing.assert_array_equal(points, before)


def test_the_largest_move_is_that_of_the_fastest_point():
    points = np.zeros((3, 2, 2))
    points[1:, 1] = (3, 4)
    points[2, 0] = (0, 2)
    assert largest_moves(points).tolist() == [0, 5, 2]
