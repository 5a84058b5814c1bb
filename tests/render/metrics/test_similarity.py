from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest
from hypothesis import given
from scipy.spatial import procrustes
from scipy.stats import ortho_group
from sklearn.neighbors import NearestNeighbors

from render.metrics import kernels
from render.metrics import similarity as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz

linear_cka, residual, rotation = map(
    jax.jit, (module.linear_cka, module.procrustes_residual, module.procrustes_rotation)
)
kept = jax.jit(module.neighbours_kept, static_argnums=2)


def hsic(first: np.ndarray, second: np.ndarray) -> float:
    """The estimator as Song et al. 2012 write it, kernels and all."""
    count, one = len(first), np.ones(len(first))
    k, l = first @ first.T, second @ second.T  # noqa: E741
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    middle = one @ k @ one * (one @ l @ one) / ((count - 1) * (count - 2))
    return (np.trace(k @ l) + middle - 2 / (count - 2) * one @ k @ l @ one) / (count * (count - 3))


def cka(first: np.ndarray, second: np.ndarray) -> float:
    return hsic(first, second) / np.sqrt(hsic(first, first) * hsic(second, second))


@fuzz
@given(SEEDS)
def test_cka_is_the_estimator_of_the_papers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(9, 4)) + 3, rng.normal(size=(9, 6))
    np.testing.assert_allclose(linear_cka(first, second), cka(first, second), atol=2e-5)
    with jax.enable_x64(True):
        np.testing.assert_allclose(linear_cka(first, second), cka(first, second), atol=1e-12)


@fuzz
@given(SEEDS)
def test_a_rotated_scaled_and_shifted_copy_is_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(30, 5)) * [3, 2, 1, 1, 0.5]
    turned = np.pad(1e3 * (rows + 7) @ ortho_group.rvs(5, random_state=seed), ((0, 0), (0, 3)))
    with jax.enable_x64(True):
        np.testing.assert_allclose(linear_cka(rows, turned), 1, rtol=1e-12)
        np.testing.assert_allclose(residual(rows, turned), 0, atol=1e-12)
        np.testing.assert_allclose(kept(rows, turned, 4), 1)
        found = np.asarray(rotation(rows, turned))
    centred = turned - turned.mean(axis=0)
    np.testing.assert_allclose(1e3 * (rows - rows.mean(axis=0)) @ found, centred, atol=1e-8 * np.abs(centred).max())


def test_unrelated_rows() -> None:
    rng = np.random.default_rng(0)
    pairs = [rng.normal(size=(2, 40, 400)).astype(np.float32) for _ in range(40)]
    found = np.array([linear_cka(*pair) for pair in pairs])
    deviation = module.unrelated_cka_deviation(40)
    assert abs(found.mean()) < 4 * deviation / np.sqrt(40)
    assert 0.6 < found.std() / deviation < 1.4
    biased = np.mean([kernels.linear_cka(*pair) for pair in pairs[:5]])
    np.testing.assert_allclose(biased, 400 / 440, atol=0.01)
    near = np.mean([kept(*pair, 8) for pair in pairs])
    np.testing.assert_allclose(near, 8 / 39, atol=0.02)


def test_the_deviation_of_unrelated_rows_is_that_over_all_pairings() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(5, 3)), rng.exponential(size=(5, 2))
    found = [cka(first, second[list(order)]) for order in itertools.permutations(range(5))]
    np.testing.assert_allclose(np.mean(found), 0, atol=1e-12)
    np.testing.assert_allclose(np.std(found), module.unrelated_cka_deviation(5), rtol=1e-12)


def test_the_residual_is_that_of_scipy_in_both_directions() -> None:
    rng = np.random.default_rng(2)
    for dims in ((4, 4), (3, 4), (30, 30)):
        first, second = (rng.normal(size=(12, dim)) for dim in dims)
        expected = procrustes(np.pad(first, ((0, 0), (0, dims[1] - dims[0]))), second)[2]
        with jax.enable_x64(True):
            np.testing.assert_allclose(residual(first, second), expected, atol=1e-12)
            np.testing.assert_allclose(residual(second, first), expected, atol=1e-12)


def test_neighbours_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=(60, 4)), rng.normal(size=(60, 7))
    second[:, :4] += first
    near = [NearestNeighbors(n_neighbors=5).fit(rows).kneighbors(return_distance=False) for rows in (first, second)]
    expected = np.mean([len(set(a) & set(b)) / 5 for a, b in zip(*near, strict=True)])
    np.testing.assert_allclose(kept(first, second, 5), expected, rtol=1e-6)


def test_samples_that_are_equally_far_share_the_last_places() -> None:
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])  # each corner has two nearest
    line = np.arange(4.0)[:, None]
    np.testing.assert_allclose(kept(square, square, 1), 1)
    # ends share a half with their corner's two; inner ones have two halves, and so do the corners: 1/2 or 1 of them
    np.testing.assert_allclose(kept(square, line, 1), np.mean([0.5, 1, 1, 0.5]))


@pytest.mark.parametrize("dims", [1, 3])
def test_constant_features_are_like_nothing(dims: int) -> None:
    rows = np.random.default_rng(4).normal(size=(20, dims)).astype(np.float32)
    still = np.full((20, 2), 0.1, np.float32)
    for pair in ((rows, still), (still, rows), (still, still)):
        assert (linear_cka(*pair), residual(*pair)) == (0, 1)
    np.testing.assert_allclose(kept(rows, still, 5), 5 / 19, rtol=1e-5)
    np.testing.assert_allclose(kept(still, still, 5), 1, rtol=1e-5)
    assert linear_cka(np.eye(20), rows) == 0  # orthogonal rows: a kernel without anything off its diagonal
    broken = rows * np.float32(np.nan)
    assert np.isnan([linear_cka(rows, broken), residual(rows, broken)]).all()


def test_one_column_is_compared_by_its_size_alone() -> None:
    line = np.arange(10.0)[:, None]
    np.testing.assert_allclose(
        [linear_cka(line, -3 * line), residual(line, -3 * line), kept(line, -line, 2)], [1, 0, 1]
    )


def test_blocks_of_rows_give_what_all_give(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    first, second = rng.normal(size=(100, 4)), rng.normal(size=(100, 6))
    whole = module.linear_cka(first, second)
    monkeypatch.setattr("render.metrics.rows.BLOCK_ENTRIES", 150)
    np.testing.assert_allclose(module.linear_cka(first, second), whole, atol=1e-6)


def test_what_cannot_be_compared_is_refused() -> None:
    rows = np.zeros((5, 2))
    for function in (module.linear_cka, module.procrustes_residual, module.procrustes_rotation):
        with pytest.raises(ValueError, match="got 3 samples: expected 4 at least"):
            function(rows[:3], rows[:3])
        with pytest.raises(ValueError, match="the same samples"):
            function(rows, rows[1:])
    with pytest.raises(ValueError, match=r"got neighbours=5: expected 1 to 4, for 5 samples"):
        module.neighbours_kept(rows, rows, 5)
    with pytest.raises(ValueError, match="got 3 samples"):
        module.unrelated_cka_deviation(3)
