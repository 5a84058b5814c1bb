"""A nudged network against its energy and against linear algebra at rest, and what breaks it."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from render.training import trajectory
from scenes.dynamics import equilibrium_propagation_network as network
from scenes.dynamics import equilibrium_propagation_run as course
from scenes.dynamics.equilibrium_propagation import SCENE, EquilibriumPropagation
from tests import conftest

CONFIG = EquilibriumPropagation()
TARGETS = SCENE.targets(CONFIG)
BOUNDS = (0, 12, 24, 36, 42)


@functools.cache
def start() -> Any:
    return jax.jit(lambda key: SCENE.init(CONFIG, key))(jax.random.key(0))


def arrays() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def test_a_step_with_the_same_weights_both_ways_goes_down_energy_and_nudge():
    state, rng = start(), np.random.default_rng(0)
    states = tuple(jnp.asarray(rng.normal(size=each.shape), jnp.float32) for each in state.rest["same"])

    def total(states: Any) -> Any:
        active = [state.inputs, *map(jnp.tanh, states)]
        pairs = zip(active, state.upwards, active[1:], strict=False)
        energy = sum(jnp.sum(each**2) for each in states) / 2 - sum(jnp.sum((a @ w) * b) for a, w, b in pairs)
        return energy + 0.3 * jnp.sum((states[-1] - state.labels) ** 2) / 2

    moved = network.move(state.upwards, None, state.inputs, states, 0.1, 0.3, state.labels)
    for now, after, slope in zip(states, moved, jax.grad(total)(states), strict=True):
        np.testing.assert_allclose(after, now - 0.1 * slope, atol=2e-6)


def jacobian(arm: str) -> np.ndarray:
    """Of a whole step by the states of the first example at rest, (42, 42), from its definition."""
    state = start()
    slopes = [1 - np.tanh(np.asarray(each[0], np.float64)) ** 2 for each in state.rest[arm]]
    curves = []
    active = [
        np.asarray(state.inputs[0], np.float64),
        *(np.tanh(np.asarray(x[0], np.float64)) for x in state.rest[arm]),
    ]
    ups = [np.asarray(w, np.float64) for w in state.upwards]
    downs = [w.T for w in ups[1:]] if arm == "same" else [np.asarray(w, np.float64) for w in state.back]
    table = np.zeros((42, 42))
    for layer in range(4):
        drive = active[layer] @ ups[layer] + (active[layer + 2] @ downs[layer] if layer < 3 else 0)
        rows = slice(BOUNDS[layer], BOUNDS[layer + 1])
        curves.append(-2 * active[layer + 1] * slopes[layer] * drive)
        table[rows, rows] = np.diag(curves[-1])
        if layer:
            below = slice(BOUNDS[layer - 1], BOUNDS[layer])
            table[rows, below] = slopes[layer][:, None] * ups[layer].T * slopes[layer - 1]
        if layer < 3:
            above = slice(BOUNDS[layer + 1], BOUNDS[layer + 2])
            table[rows, above] = slopes[layer][:, None] * downs[layer].T * slopes[layer + 1]
    return table


@pytest.mark.parametrize("arm", ["same", "other"])
def test_ways_and_gradients_are_those_of_the_linear_equations_at_rest(arm):
    """Pulled, states go to (I - J)^-1 (y - s) once they rest again; backprop for ever gives (I - J')^-1 (y - s)."""
    state, table = start(), jacobian(arm)
    assert (np.abs(table - table.T).max() < 1e-6) == (arm == "same")
    pull = np.zeros(42)
    pull[36:] = np.asarray(state.labels[0] - state.rest[arm][-1][0], np.float64)
    power = np.linalg.matrix_power((1 - CONFIG.rate) * np.eye(42) + CONFIG.rate * table, CONFIG.steps)
    for name, matrix, left in (("shift", table, power), ("ring", table.T, power.T)):
        expected = np.linalg.solve(np.eye(42) - matrix, (np.eye(42) - left) @ pull)
        np.testing.assert_allclose(arrays()[f"{name}/{arm}"][-1], expected, atol=5e-3 * np.abs(expected).max())


def test_weights_have_a_single_singular_value_and_the_chain_settles():
    upwards, back = network.weights(jax.random.key(3), 0.5)
    assert [each.shape for each in upwards] == [(8, 12), (12, 12), (12, 12), (12, 6)]
    assert [each.shape for each in back] == [(12, 12), (12, 12), (6, 12)]
    for each in (*upwards, *back):
        np.testing.assert_allclose(np.linalg.svd(each, compute_uv=False), 0.5, atol=1e-6)
    chain = np.zeros((42, 42))
    for layer, weights in enumerate(upwards[1:]):
        chain[BOUNDS[layer] : BOUNDS[layer + 1], BOUNDS[layer + 1] : BOUNDS[layer + 2]] = weights
    assert np.abs(np.linalg.eigvalsh(chain + chain.T)).max() == pytest.approx(np.cos(np.pi / 5), abs=1e-6)


def missed(found: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    values = {key: TARGETS[key].value(found) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def run() -> dict[str, np.ndarray]:
    """A short run of a scene that is compiled anew, whatever of its modules has been changed."""
    anew = dataclasses.replace(SCENE, init=lambda config, key: SCENE.init(config, key))
    return trajectory.run(anew, EquilibriumPropagation(steps=16, frames=17)).arrays


def test_a_network_that_has_not_settled_misses():
    """It moves by itself, also where the pull has not arrived."""
    state = start()
    states = network.settle(state.upwards, None, state.inputs, CONFIG.rate, 30)
    later = network.move(state.upwards, None, state.inputs, states, CONFIG.rate)
    moves = max(float(jnp.abs(after - now).max()) for now, after in zip(states, later, strict=True))
    assert moves > 100 * TARGETS["rest"].goal
    assert float(jnp.abs(later[0] - states[0]).max()) > 100 * TARGETS["front"].goal


def test_feedback_of_half_the_strength_misses(monkeypatch):
    """Neither the moves nor what is learned from them are the gradient where the way back is another one."""
    move = network.move

    def halved(upwards, back, *rest):
        return move(upwards, tuple(up.T / 2 for up in upwards[1:]) if back is None else back, *rest)

    monkeypatch.setattr(network, "move", halved)
    missed(run(), "velocity", "layers", "alone", "update", "same")


def test_one_pull_taken_for_two_misses(monkeypatch):
    """Without the opposite pull half of the difference is missing: the error no longer falls with the nudge."""
    whole = course.nudges
    monkeypatch.setattr(course, "nudges", lambda arm: np.maximum(whole(arm), 0))
    values = missed(run(), "velocity", "layers", "both", "update", "same")
    assert values["update"] == pytest.approx(0.5, abs=0.02)


def test_discs_and_rings_have_the_areas_of_ways_and_gradients():
    found = arrays()
    for arm in ("same", "other"):
        goal, ways = found[f"ring/{arm}"][-1], found[f"shift/{arm}"]
        assert found[f"neurons/{arm}"].shape == (24, 2)
        for layer in range(4):
            of_layer, rows = slice(BOUNDS[layer], BOUNDS[layer + 1]), slice(6 * layer, 6 * layer + 6)
            chosen = np.sort(np.argsort(-np.abs(goal[of_layer]))[:6])
            largest = np.abs(goal[of_layer]).max()
            np.testing.assert_allclose(
                found[f"rings/{arm}"][rows] ** 2 * largest, np.abs(goal[of_layer][chosen]), rtol=1e-5
            )
            signed = found[f"right/{arm}"][:, rows] ** 2 - found[f"wrong/{arm}"][:, rows] ** 2
            np.testing.assert_allclose(
                signed * largest, ways[:, of_layer][:, chosen] * np.sign(goal[of_layer][chosen]), atol=1e-6
            )
            assert set(found[f"neurons/{arm}"][rows, 0]) == {layer + 1.0}
    assert found["wrong/same"][20:].max() < 0.02
    assert np.abs(found["right/same"] - found["rings/same"])[-1].max() < 0.01
    assert found["wrong/other"][-1].max() > 0.5


def test_what_runs_along_connections_starts_at_the_output():
    """A neuron is sent something only after the one that sends it has moved, and sends on only after that."""
    found = arrays()
    sent = (found["running/same"] > 0).reshape(-1, 3, 12).any(axis=2)
    first = sent.argmax(axis=0)
    assert sent.any(axis=0).all()
    assert first[0] > first[1] > first[2] == 1
    states = found["state"]
    assert list(dict.fromkeys(states.tolist())) == [0, 1, 2, 3]
    assert states[SCENE.shown(CONFIG)] == 3


@pytest.mark.parametrize(("field", "value"), [("gain", 0.7), ("rate", 0.0), ("settling", 0), ("samples", 0)])
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        EquilibriumPropagation(**{field: value})
