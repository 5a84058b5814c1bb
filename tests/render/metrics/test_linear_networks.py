"""The exact flow of two linear layers against a solver, sigmoids, its invariants, and tasks with nothing to learn."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from render.metrics import linear_networks
from tests.render.metrics.metric_helpers import jitted

metrics = jitted(linear_networks)
RNG = np.random.default_rng(0)
INPUTS, OUTPUTS, HIDDEN = 3, 4, 5


def orthonormal(rows: int, columns: int) -> np.ndarray:
    return np.linalg.qr(RNG.normal(size=(rows, columns)))[0]


def balanced(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Layers with W2'W2 = W1 W1' whose modes have nothing to do with those of a task."""
    turn = orthonormal(HIDDEN, INPUTS)
    return (turn * sizes) @ orthonormal(INPUTS, INPUTS).T, (orthonormal(OUTPUTS, INPUTS) * sizes) @ turn.T


def solved(first: np.ndarray, second: np.ndarray, task: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights after a time of the flow of the two layers, in float64 by SciPy."""

    def velocity(_: float, flat: np.ndarray) -> np.ndarray:
        one, two = flat[: first.size].reshape(first.shape), flat[first.size :].reshape(second.shape)
        wrong = task - two @ one
        return np.concatenate([(two.T @ wrong).ravel(), (wrong @ one.T).ravel()])

    start = np.concatenate([first.ravel(), second.ravel()])
    end = solve_ivp(velocity, (0, time), start, method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    return end[: first.size].reshape(first.shape), end[first.size :].reshape(second.shape)


def stacked(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.concatenate([first.T, second])


@pytest.mark.parametrize("time", [0.05, 0.8, 2.5])
def test_the_flow_is_that_of_the_weights_step_by_step(time):
    first, second = balanced(np.array([0.05, 0.3, 0.6]))
    task = RNG.normal(size=(OUTPUTS, INPUTS))
    found = np.asarray(metrics.linear_flow(stacked(first, second), task, time), np.float64)
    end = stacked(*solved(first, second, task, time))
    np.testing.assert_allclose(found @ found.T, end @ end.T, atol=1e-4)


def test_two_short_ways_are_one_long_way_and_no_time_is_no_way():
    start, task = stacked(*balanced(np.array([0.1, 0.2, 0.4]))), RNG.normal(size=(OUTPUTS, INPUTS))
    half = metrics.linear_flow(metrics.linear_flow(start, task, 0.7), task, 0.7)
    whole = metrics.linear_flow(start, task, 1.4)
    np.testing.assert_allclose(half @ half.T, whole @ whole.T, atol=1e-5)
    np.testing.assert_allclose(metrics.linear_flow(start, task, 0.0), start, atol=1e-6)


def test_a_turn_of_the_hidden_units_changes_nothing_that_the_network_does():
    start, task = stacked(*balanced(np.array([0.1, 0.2, 0.4]))), RNG.normal(size=(OUTPUTS, INPUTS))
    plain, turned = (metrics.linear_flow(each, task, 1.0) for each in (start, start @ orthonormal(HIDDEN, HIDDEN)))
    np.testing.assert_allclose(plain @ plain.T, turned @ turned.T, atol=1e-5)


def test_a_task_of_rank_one_and_one_of_nothing():
    """Weights outside the task's modes decay algebraically: of size c each, as 1/(1 + c^2 t) squared."""
    first, second = balanced(np.array([0.3, 0.6, 0.9]))
    for task in (np.outer(RNG.normal(size=OUTPUTS), RNG.normal(size=INPUTS)), np.zeros((OUTPUTS, INPUTS))):
        found = np.asarray(metrics.linear_flow(stacked(first, second), task, 1.5), np.float64)
        end = stacked(*solved(first, second, task, 1.5))
        np.testing.assert_allclose(found @ found.T, end @ end.T, atol=2e-5)
    sizes = np.linalg.eigvalsh(found @ found.T)[-INPUTS:]
    doubled = 2 * np.array([0.3, 0.6, 0.9]) ** 2
    np.testing.assert_allclose(sizes, doubled / (1 + 1.5 * doubled), atol=1e-5)


def test_modes_that_start_aligned_go_along_their_sigmoids():
    strengths, starts, times = np.array([3.0, 1.5, 0.5]), np.array([1e-2, 2e-2, 1e-3]), np.linspace(0, 4, 9)
    left, right = orthonormal(OUTPUTS, INPUTS), orthonormal(INPUTS, INPUTS)
    turn, task = orthonormal(HIDDEN, INPUTS), (left * strengths) @ right.T
    flown = stacked((turn * np.sqrt(starts)) @ right.T, (left * np.sqrt(starts)) @ turn.T)
    for time in times:
        flown = metrics.linear_flow(flown, task, 0.5 if time else 0.0)
        now = np.asarray(flown, np.float64)
        learned = np.diag(left.T @ (now @ now.T)[INPUTS:, :INPUTS] @ right)
        grown = np.exp(2 * strengths * time)
        np.testing.assert_allclose(learned, strengths * grown / (grown - 1 + strengths / starts), atol=2e-5)
        shares = jax.vmap(linear_networks.aligned_share, (0, 0, None))(strengths, starts, time)
        np.testing.assert_allclose(shares, learned / strengths, atol=2e-5)
    half = np.log(strengths / starts - 1) / (2 * strengths)
    halves = [metrics.aligned_share(*each) for each in zip(strengths, starts, half, strict=True)]
    np.testing.assert_allclose(halves, 0.5, atol=1e-4)


def test_balance_is_what_the_layers_are_built_with():
    first, second = balanced(np.array([0.5, 1.0, 2.0]))
    assert metrics.balance_gap(first, second) < 1e-5
    assert metrics.relative_balance_gap(first, second) < 1e-6
    other = RNG.normal(size=second.shape)
    gap = other.T @ other - first @ first.T
    np.testing.assert_allclose(metrics.balance_gap(first, other), np.abs(gap).max(), rtol=1e-5)
    relative = np.linalg.norm(gap) / np.linalg.norm(first @ first.T)
    np.testing.assert_allclose(metrics.relative_balance_gap(first, other), relative, rtol=1e-5)
    tiny = metrics.relative_balance_gap(1e-3 * first, 1e-3 * other)
    np.testing.assert_allclose(tiny, relative, rtol=1e-4)
    assert not jnp.isfinite(metrics.relative_balance_gap(0 * first, other))
    np.testing.assert_allclose(metrics.stacked_weights(first, second), stacked(first, second), rtol=1e-6)
