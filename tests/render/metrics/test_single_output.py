"""The end of a two-layer network with one output, against a flow that is integrated whole, and at its edges."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from render.metrics.single_output import kernel_at_end, readout_at_end, reduced_kernel, tangent_kernel

RNG = np.random.default_rng(0)
HIDDEN, INPUTS = 6, 4


def start(rank: int, scale: float) -> np.ndarray:
    units, parts = (np.linalg.qr(RNG.normal(size=(size, size)))[0] for size in (HIDDEN, INPUTS))
    return scale * units[:, :rank] @ parts[:, :rank].T


def flowed(weights: np.ndarray, target: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights and readout after a time, from all of their equations."""

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        now, readout = state[:-HIDDEN].reshape(weights.shape), state[-HIDDEN:]
        left = target - now.T @ readout
        return np.concatenate([np.outer(readout, left).ravel(), now @ left])

    begin = np.concatenate([weights.ravel(), np.zeros(HIDDEN)])
    end = solve_ivp(velocity, (0, time), begin, rtol=1e-10, atol=1e-12).y[:, -1]
    return end[:-HIDDEN].reshape(weights.shape), end[-HIDDEN:]


@pytest.mark.parametrize(("rank", "scale"), [(4, 1.0), (2, 0.7), (1, 1.5)])
def test_kernels_on_the_way_and_at_the_end_are_those_of_the_whole_flow(rank, scale):
    weights, target = start(rank, scale), RNG.normal(size=INPUTS)
    first = weights.T @ weights
    seen = first @ target / np.linalg.norm(first @ target)
    along = weights @ target / np.linalg.norm(weights @ target)
    for time in (0.4, 60.0):
        now, readout = flowed(weights, target, time)
        kernel = now.T @ now + readout @ readout * np.eye(INPUTS)
        np.testing.assert_allclose(tangent_kernel(jnp.asarray(now), jnp.asarray(readout)), kernel, atol=1e-5)
        reduced = reduced_kernel(first, scale, seen, now.T @ along, readout @ along)
        np.testing.assert_allclose(reduced, kernel, atol=1e-5)
    np.testing.assert_allclose(kernel_at_end(first, scale, seen, jnp.asarray(target)), kernel, atol=1e-4)
    assert readout_at_end(scale, np.linalg.norm(target)) == pytest.approx(np.linalg.norm(readout), abs=1e-5)


def test_the_readout_solves_its_equation_under_jit_and_vmap():
    scales, lengths = (jnp.asarray(RNG.uniform(0.01, 30, size=200), jnp.float32) for _ in range(2))
    found = np.asarray(jax.jit(jax.vmap(readout_at_end))(scales, lengths), np.float64)
    scales, lengths = (np.asarray(each, np.float64) for each in (scales, lengths))
    np.testing.assert_allclose(found**4 + scales**2 * found**2, lengths**2, rtol=1e-5)


def test_small_and_large_first_weights_are_its_limits():
    assert readout_at_end(0.0, 9.0) == pytest.approx(3.0)
    assert readout_at_end(1e4, 1.0) == pytest.approx(1e-4, rel=1e-5)  # a difference of squares would give 0


def test_inputs_that_are_turned_turn_the_kernel():
    weights, target = start(2, 1.0), RNG.normal(size=INPUTS)
    turn = np.linalg.qr(RNG.normal(size=(INPUTS, INPUTS)))[0]

    def end(weights: np.ndarray, target: np.ndarray) -> np.ndarray:
        first = weights.T @ weights
        seen = first @ target / np.linalg.norm(first @ target)
        return np.asarray(kernel_at_end(jnp.asarray(first), 1.0, jnp.asarray(seen), jnp.asarray(target)))

    np.testing.assert_allclose(end(weights @ turn.T, turn @ target), turn @ end(weights, target) @ turn.T, atol=1e-5)


def test_a_start_on_the_target_only_grows_along_it():
    target = np.array([0.0, 2.0, 0.0, 0.0])
    first = np.diag([0.0, 1.0, 0.0, 0.0])
    found = np.asarray(kernel_at_end(first, 1.0, target / 2, jnp.asarray(target)))
    square = (-1 + np.sqrt(17)) / 2
    np.testing.assert_allclose(found, np.diag([square, square + 4 / square, square, square]), atol=1e-5)
