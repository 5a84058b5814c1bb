"""Lengths of neurons against their laws, worked out apart; what breaks them; and what is drawn."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from render.training import trajectory
from scenes.dynamics import norm_equilibrium, norm_equilibrium_neurons
from scenes.dynamics.norm_equilibrium import SCENE, NormEquilibrium
from tests import conftest

TARGETS = SCENE.targets(NormEquilibrium())
RATE, DECAY, SIGMA = 0.0283, 0.01415, 1.0


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def radii(arm: str) -> np.ndarray:
    return np.linalg.norm(run()[f"weights/{arm}"].astype(np.float64), axis=2)


def gradient_size(angle: np.ndarray) -> np.ndarray:
    """Mean of error^2 x_side^2 over Gaussian inputs: error = (1 - cos) x_along - sin x_side - noise."""
    along, side = 1 - np.cos(angle), -np.sin(angle)
    return along**2 + 3 * side**2 + SIGMA**2


def circle() -> float:
    """Length at which a mean step adds what decay takes, with the angle that such steps leave."""

    def off(norm: float) -> float:
        size = brentq(lambda size: size - (SIGMA**2 + 3 * RATE * size / (2 * norm)), 0.5, 5)
        return (1 - RATE * DECAY) ** 2 * norm + RATE**2 * size / norm - norm

    return float(np.sqrt(brentq(off, 0.2, 5.0)))


def test_all_end_on_the_circle_and_without_decay_they_grow():
    end = radii("decay")[-1]
    assert circle() == pytest.approx(run()["circle"], rel=1e-5)
    assert end.mean() == pytest.approx(circle(), rel=0.01)
    assert np.abs(end / circle() - 1).max() < 0.15
    grown = radii("steps")
    assert (np.diff(grown, axis=0) > -1e-5).all()
    expected = (grown[0] ** 4).mean() + 2 * RATE**2 * SIGMA**2 * 6000
    assert (grown[-1] ** 4).mean() == pytest.approx(expected, rel=0.1)


def test_the_flow_turns_as_its_equation_says_and_keeps_every_length():
    arrays, aims = run(), run()["teachers"].astype(np.float64)
    rows, steps = arrays["weights/flow"].astype(np.float64), arrays["step"]
    lengths = np.linalg.norm(rows, axis=2)
    np.testing.assert_allclose(lengths, np.broadcast_to(lengths[:1], lengths.shape), rtol=5e-4)
    angles = np.arccos(np.clip((rows * aims).sum(2) / lengths, -1, 1))
    for neuron in (3, 70):
        norm = (rows[0, neuron] ** 2).sum()
        times = RATE * steps[:30]
        solved = solve_ivp(
            lambda t, a, norm=norm: -np.sin(a) / norm, (0, times[-1]), angles[:1, neuron], t_eval=times, rtol=1e-9
        )
        np.testing.assert_allclose(angles[:30, neuron], solved.y[0], atol=2e-3)


def test_samples_are_the_same_for_both_arms_that_take_steps():
    arrays = run()
    assert arrays["step"][1] == 1
    apart = arrays["weights/steps"][1] - arrays["weights/decay"][1]
    np.testing.assert_allclose(apart, RATE * DECAY * arrays["weights/decay"][0], atol=1e-6)


def broken(steps: int = 200, **changes: Any) -> dict[str, np.ndarray]:
    """A run of a scene with functions changed, short."""
    return trajectory.run(dataclasses.replace(SCENE, **changes), NormEquilibrium(steps=steps, frames=20)).arrays


def missed(arrays: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    """Values of targets that all must be missed."""
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def test_answers_that_know_the_length_and_steps_of_euler_miss(monkeypatch):
    """A neuron that is not divided by its length has a gradient along it; Euler's steps leave the circle of a flow."""

    def loss(rows: Any, inputs: Any, labels: Any) -> Any:
        return jnp.sum((jnp.sum(rows * inputs, axis=1) - labels) ** 2) / 2

    monkeypatch.setattr(norm_equilibrium, "loss", loss)
    monkeypatch.setattr(norm_equilibrium.flows, "rk4", lambda velocity, rows, dt: rows + dt * velocity(rows))
    arrays = broken(step=lambda config, state: SCENE.step(config, state))
    values = missed(arrays, "radial", "law", "grows", "flow_kept", "flow_angle")
    assert values["radial"] > 0.9


def test_half_of_decay_misses():
    def halved(config: NormEquilibrium, state: Any) -> Any:
        return SCENE.step(dataclasses.replace(config, decay=config.decay / 2), state)

    values = missed(broken(6000, step=halved), "radius", "turn", "missing")
    assert values["radius"] == pytest.approx(2**0.25, abs=0.03)
    assert values["turn"] == pytest.approx(0.5, abs=0.03)


def test_neurons_that_are_not_trained_miss():
    arrays = run()
    start = {name: array[:1] for name, array in arrays.items() if np.ndim(array)}
    missed(start, "spread")


def test_arrows_are_what_a_mean_step_adds_and_what_decay_takes():
    arrays = run()
    rows = arrays["weights/decay"].astype(np.float64)
    lengths, aims = np.linalg.norm(rows, axis=2), arrays["teachers"].astype(np.float64)
    angles = np.arccos(np.clip((rows * aims).sum(2) / lengths, -1, 1))
    for which, neuron in enumerate((37, 112)):
        added = RATE**2 * gradient_size(angles[:, neuron]) / (2 * lengths[:, neuron] ** 3)
        taken = RATE * DECAY * lengths[:, neuron]
        out, back = (arrays[name][:, which, 1] - arrays[name][:, which, 0] for name in ("pushes", "pulls"))
        ratio = np.linalg.norm(out, axis=1) / np.linalg.norm(back, axis=1)
        np.testing.assert_allclose(ratio, added / taken, rtol=1e-3)
        assert ((out * rows[:, neuron]).sum(1) > 0).all()
        assert ((back * rows[:, neuron]).sum(1) < 0).all()
        np.testing.assert_allclose(
            arrays["pushed"][:, neuron, 1] / arrays["pulled"][:, neuron, 1], added / taken, rtol=1e-3
        )
        assert ratio[-1] == pytest.approx(1, abs=0.25)
    short, long = lengths[0, [37, 112]]
    assert short < circle() < long
    np.testing.assert_allclose(arrays["tips/decay"], rows / circle(), rtol=1e-4)
    assert (arrays["long"] == (lengths[0] > circle())).all()


def test_one_length_is_said_when_the_spread_is_what_the_target_allows():
    arrays, lengths = run(), radii("decay")
    spread = lengths.std(axis=1) / lengths.mean(axis=1)
    states = arrays["state"]
    assert set(states.tolist()) == {0, 1, 2}
    first = int(np.argmax(states == 2))
    assert spread[first] <= TARGETS["spread"].goal < spread[first - 1]
    np.testing.assert_allclose(arrays["spread"], spread, rtol=1e-5)


def test_teachers_go_round_the_circle_and_nobody_starts_opposite_its_own():
    aims = np.asarray(norm_equilibrium_neurons.teachers(6), np.float64)
    np.testing.assert_allclose(aims @ aims.T, np.cos(np.pi / 3 * (np.arange(6)[:, None] - np.arange(6))), atol=1e-6)
    start = run()["weights/flow"][0]
    cosines = (start * run()["teachers"]).sum(1) / np.linalg.norm(start, axis=1)
    assert cosines.min() > -np.cos(0.049)


@pytest.mark.parametrize(("field", "value"), [("rate", 0.0), ("decay", 1.0), ("noise", -1.0), ("longest", 0.1)])
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        NormEquilibrium(**{field: value})
