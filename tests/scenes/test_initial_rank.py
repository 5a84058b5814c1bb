"""Starts of several ranks against the flow of two numbers, integrated apart, and flows that the laws are not about."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from render.training import trajectory
from scenes.dynamics.initial_rank import SCENE, InitialRank
from tests import conftest

CONFIG = InitialRank()
TARGETS = SCENE.targets(CONFIG)
RANKS = {"sixteen": 16, "four": 4, "one": 1, "task": 16}  # of which a start sees r/16 of the target
SCALES = {"sixteen": 1.0, "four": 2.0, "one": 4.0, "task": 4.0}


def arrays() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def test_hands_start_at_the_angle_of_what_a_start_sees_and_end_on_the_task():
    found = arrays()
    for arm, seen in RANKS.items():
        angle = np.rad2deg(np.arccos(np.sqrt(seen / 16)))
        assert found[f"turned/{arm}"][0] == pytest.approx(0, abs=1e-3)
        assert found[f"turned/{arm}"][-1] == pytest.approx(angle, abs=0.01)


@functools.cache
def flow_of(seen: float, scale: float) -> Any:
    """Readout, and the used direction along and across the target, over time: the whole network in three numbers."""

    def velocity(time: float, state: np.ndarray) -> list[float]:
        readout, along, across = state
        left = 4.0 - readout * along, -readout * across
        return [along * left[0] + across * left[1], readout * left[0], readout * left[1]]

    start = [0.0, scale * np.sqrt(seen), scale * np.sqrt(1 - seen)]
    return solve_ivp(velocity, (0, 40), start, rtol=1e-10, atol=1e-12, dense_output=True).sol


@pytest.mark.parametrize("arm", ["four", "one"])
def test_angles_over_time_are_those_of_the_flow_of_three_numbers(arm):
    found, solution = arrays(), flow_of(RANKS[arm] / 16, SCALES[arm])
    readout, along, across = solution(found["time"])
    first = np.arctan2(across[0], along[0])
    np.testing.assert_allclose(found[f"turned/{arm}"], np.rad2deg(first - np.arctan2(across, along)), atol=0.01)
    np.testing.assert_allclose(along**2 + across**2 - readout**2, SCALES[arm] ** 2, rtol=1e-6)


def test_kernels_keep_what_the_closed_form_says():
    """<K, K_0> / (|K| |K_0|), term by term: s^2 (P - vv'), bb'/a^2 and a^2 I, of which the first two are orthogonal."""
    found = arrays()
    for arm, seen in RANKS.items():
        square = SCALES[arm] ** 2
        rank, readout = 16 / square, (-square + np.sqrt(square**2 + 64)) / 2
        inner = square * (rank - 1) + seen / readout + readout * rank
        norm = square**2 * (rank - 1) + (16 / readout) ** 2 + 16 * readout**2 + 32 + 2 * readout * square * (rank - 1)
        assert found[f"kept/{arm}"][-1] == pytest.approx(inner / np.sqrt(norm * rank), abs=2e-5)
        assert found[f"kept/{arm}"][0] == pytest.approx(1, abs=1e-5)
    assert [round(float(found[f"kept/{arm}"][-1]), 4) for arm in RANKS] == [0.9842, 0.7036, 0.1097, 0.9797]


def test_starts_are_of_one_size_and_see_their_share():
    state = SCENE.init(CONFIG, jax.random.key(0))
    weights = np.asarray(state.weights_start, np.float64)
    np.testing.assert_allclose(np.linalg.norm(weights, axis=(1, 2)), 4, rtol=1e-5)
    assert [np.linalg.matrix_rank(each, tol=1e-3) for each in weights] == [16, 4, 1, 1]
    goal = np.asarray(state.target, np.float64)
    assert np.linalg.norm(goal) == pytest.approx(4, rel=1e-5)
    for each, seen in zip(weights, RANKS.values(), strict=True):
        _, _, rows = np.linalg.svd(each)
        basis = rows[: np.linalg.matrix_rank(each, tol=1e-3)]
        assert np.linalg.norm(basis @ goal) ** 2 / 16 == pytest.approx(seen / 16, abs=1e-5)


def missed(found: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    values = {key: TARGETS[key].value(found) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def test_weights_that_decay_miss():
    def step(config: InitialRank, state: Any) -> Any:
        state = SCENE.step(config, state)
        return state._replace(flow=tuple((1 - 0.1 * config.dt) * each for each in state.flow))

    found = trajectory.run(dataclasses.replace(SCENE, step=step), InitialRank(frames=3)).arrays
    missed(found, "end", "alignment", "readout", "kept", "form", "drive")


def test_a_readout_that_is_not_zero_at_first_misses():
    """It does not grow along one direction alone, and a start in 16 directions no longer keeps its kernel."""

    def init(config: InitialRank, key: Any) -> Any:
        state = SCENE.init(config, key)
        units = jnp.sin(jnp.arange(state.flow[1].size, dtype=jnp.float32)).reshape(state.flow[1].shape)
        return state._replace(flow=(state.flow[0], 0.5 * units))

    found = trajectory.run(dataclasses.replace(SCENE, init=init), InitialRank(frames=3)).arrays
    missed(found, "end", "alignment", "readout", "form")


def test_an_untrained_network_and_one_with_frozen_weights_miss():
    """Where weights are frozen the kernel only gains |a|^2 I: no direction turns."""
    found = arrays()
    early = {name: array[:1] for name, array in found.items() if np.ndim(array)}
    missed(early, "end", "alignment", "readout", "one", "apart")
    assert early["kept/one"][-1] == pytest.approx(1)


def test_what_is_drawn_is_what_was_measured():
    found = arrays()
    hands = np.concatenate([found["hands/0"], found["hands/1"]], axis=1)
    for number, (arm, seen) in enumerate(RANKS.items()):
        way = hands[:, number, 1] - hands[:, number, 0]
        first = np.rad2deg(np.arccos(np.sqrt(seen / 16)))
        np.testing.assert_allclose(
            np.rad2deg(np.arctan2(way[:, 0], way[:, 1])), first - found[f"turned/{arm}"], atol=0.03
        )
        bars = np.concatenate([found["bars/0"], found["bars/1"]], axis=1)[:, number]
        np.testing.assert_allclose(bars[:, 1, 0] - bars[:, 0, 0], found[f"kept/{arm}"], atol=1e-6)
    filled = np.concatenate([found["filled/0"], found["filled/1"]]).reshape(4, 16, 4, 2)
    widths = filled[:, :, 1, 0] - filled[:, :, 0, 0]
    np.testing.assert_allclose((widths / widths.max()).sum(axis=1), list(RANKS.values()), atol=1e-3)
    np.testing.assert_allclose(found["swept/1"][-1, 0, [1, -1]], found["angle/1"][0, [1, -1]], atol=2e-3)


def test_the_states_follow_the_hands():
    found = arrays()
    states, few, one = found["state"], found["turned/four"], found["turned/one"]
    assert list(dict.fromkeys(states.tolist())) == [0, 1, 2, 3]
    begun, late, there = (int(np.argmax(states == each)) for each in (1, 2, 3))
    assert few[begun] > 0.05 * few[-1] > few[begun - 1]
    assert few[late] > 0.97 * few[-1] > few[late - 1]
    assert one[there] > 0.97 * one[-1] > one[there - 1]
    assert there <= SCENE.shown(CONFIG)


@pytest.mark.parametrize(("field", "value"), [("hidden", 15), ("size", 0.0), ("length", -1.0), ("dt", 1.0)])
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        InitialRank(**{field: value})
