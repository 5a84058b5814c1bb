"""Flipped learning rules against flows that are integrated anew, what breaks them, and what is drawn."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from render.training import trajectory
from scenes.dynamics import curl_descent
from scenes.dynamics.curl_descent import SCENE, CurlDescent
from scenes.dynamics.curl_descent_laws import circled, circles_mean_loss, descended, network_output
from tests import conftest

TARGETS = SCENE.targets(CurlDescent())


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def flow(start: np.ndarray, sign: float, times: np.ndarray) -> np.ndarray:
    """Weights (w, a) of the flow dw/dt = a e, da/dt = sign w e, e = 1 - a w, integrated closely: (times, 2)."""

    def velocity(_: float, weights: np.ndarray) -> list[float]:
        w, a = weights
        return [a * (1 - a * w), sign * w * (1 - a * w)]

    return solve_ivp(velocity, (0, times[-1]), start, t_eval=times, rtol=1e-10, atol=1e-12).y.T


STARTS = np.array([[1.9, 0.2], [-0.4, 0.7], [0.3, -1.6], [-2.0, -0.1], [0.05, 0.4]])


@pytest.mark.parametrize(("law", "sign"), [(descended, 1.0), (circled, -1.0)])
def test_the_laws_are_those_of_the_flows(law: Any, sign: float) -> None:
    times = np.linspace(0, 6, 13)
    expected = np.stack([flow(start, sign, times) for start in STARTS], axis=1)
    np.testing.assert_allclose(law(STARTS, 1.0, times), expected, atol=1e-7)


def test_a_circle_inside_has_the_period_and_the_mean_loss_that_are_said() -> None:
    start = np.array([0.6, 0.8])  # R = 1: the circle closes at 4 pi/sqrt(4 - R^4), and its loss twice as often
    period = 4 * np.pi / np.sqrt(3)
    times = np.linspace(0, period, 2001)
    weights = flow(start, -1.0, times)
    np.testing.assert_allclose(weights[-1], start, atol=1e-7)
    np.testing.assert_allclose(weights[1000], -start, atol=1e-6)
    losses = (1 - weights.prod(axis=1)) ** 2 / 2
    np.testing.assert_allclose(np.trapezoid(losses, times) / period, circles_mean_loss(np.ones(1), 1.0), rtol=1e-4)


def test_networks_are_a_function_of_their_turn() -> None:
    rng = np.random.default_rng(5)
    w, a, signs = 0.4 * rng.normal(size=6), 0.3 * rng.normal(size=6), np.array([1.0, -1, -1, 1, 1, -1])

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        error = 1 - state[:6] @ state[6:12]
        return np.concatenate([state[6:12] * error, signs * state[:6] * error, [error]])

    states = solve_ivp(velocity, (0, 3), np.concatenate([w, a, [0]]), rtol=1e-10, atol=1e-12).y
    law = network_output(w[None], a[None], signs[None], states[12][:, None])
    np.testing.assert_allclose(law[:, 0], np.sum(states[:6] * states[6:12], axis=0), atol=1e-7)


def test_the_run_is_the_flow_from_its_first_frame() -> None:
    arrays = run()
    times = 0.01 * arrays["step"]
    for arm, sign in (("gradient", 1.0), ("flipped", -1.0)):
        for copy in (0, 31, 59, 60, 85, 119):
            start = arrays[f"weights/{arm}"][0, copy].astype(float)
            np.testing.assert_allclose(arrays[f"weights/{arm}"][:, copy], flow(start, sign, times), atol=5e-4)


def test_the_edge_divides_what_learns_from_what_goes_round() -> None:
    arrays = run()
    weights = arrays["weights/flipped"].astype(float)
    squares, errors = np.sum(weights[0] ** 2, axis=1), np.abs(1 - weights.prod(axis=2))
    np.testing.assert_array_equal(squares > 2, np.arange(120) >= 60)
    assert np.abs(squares - 2).min() > 0.29
    assert errors[-1, squares > 2].max() < 1e-4
    assert (errors[:, squares < 2] >= 1 - squares[squares < 2] / 2 - 1e-4).all()
    at_rest = np.abs(weights[-1, squares > 2])
    assert (at_rest[:, 1] > at_rest[:, 0]).all()
    assert np.abs(1 - arrays["weights/gradient"][-1].prod(axis=1)).max() < 1e-3


def test_networks_climb_first_where_enough_is_flipped() -> None:
    """e' = -sum(a^2 + d w^2) e: at the start the error grows if the sum is negative."""
    arrays = run()
    w, a = arrays["incoming"][0].astype(float), arrays["readout"][0].astype(float)
    signs = np.array([np.where(np.arange(16) < flipped, -1, 1) for flipped in (0, 6, 12, 16)])
    rates = np.sum(a**2 + signs * w**2, axis=1)
    np.testing.assert_allclose(rates, [1.25, 0.35, -0.55, -1.15], atol=1e-5)
    losses = (1 - arrays["output"].astype(float)) ** 2 / 2
    np.testing.assert_array_equal(losses[1] > losses[0], rates < 0)
    assert arrays["rises"] == pytest.approx(losses[:, 2].max() / losses[0, 2])
    effective = np.abs(np.sum((w[3] + 1j * a[3]) ** 2))  # all flipped: one unit of this squared radius
    assert np.sqrt(2 * losses[:, 3].min()) == pytest.approx(1 - effective / 2, abs=0.01)


def missed(arrays: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    """Values of targets that all must be missed."""
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def test_without_flips_targets_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curl_descent, "FLIPPED", dict.fromkeys(("none", "some", "most", "all"), 0.0))
    arrays = trajectory.run(SCENE, CurlDescent(flip=1.0, frames=40)).arrays
    values = missed(arrays, "flipped", "radius", "lower", "sorted", "circles", "rises", "closest")
    assert values["sorted"] == 60
    assert values["lower"] > 10


def test_steps_of_euler_miss() -> None:
    def step(config: CurlDescent, state: Any) -> Any:
        velocity = curl_descent.velocity(config, state)
        return jax.tree.map(lambda now, slope: now + config.dt * slope, state, velocity)

    euler = trajectory.run(dataclasses.replace(SCENE, step=step), CurlDescent(frames=40)).arrays
    missed(euler, "gradient", "flipped", "difference", "radius", "networks", "closest")


def test_too_few_steps_miss() -> None:
    arrays = run()
    early = {name: array[: np.searchsorted(arrays["step"], 80)] for name, array in arrays.items() if np.ndim(array)}
    missed(early, "outside", "sorted", "learned")


def test_what_is_drawn_is_what_was_measured() -> None:
    arrays = run()
    for arm in ("gradient", "flipped"):
        measured, drawn = arrays[f"weights/{arm}"], arrays[f"dots/{arm}"]
        assert len(arrays["sides"]) == drawn.shape[1] <= 30
        for dot in range(drawn.shape[1]):
            assert (np.abs(measured - drawn[:, [dot]]).max(axis=(0, 2)) == 0).any()
    outside = np.sum(arrays["dots/flipped"][0] ** 2, axis=1) > 2
    np.testing.assert_array_equal(arrays["sides"], outside)
    for name, square in (("small", 1.0), ("large", 4.0)):
        weights = arrays[name][:, 0].astype(float)
        assert np.sum(weights[0] ** 2) > square - 0.2
        np.testing.assert_allclose(arrays[f"error/{name}"], 1 - weights.prod(axis=1), atol=1e-6)
        np.testing.assert_allclose(arrays[f"law/{name}"], arrays[f"error/{name}"], atol=1e-3)
    np.testing.assert_allclose(arrays["solutions"].prod(axis=2), 1, atol=1e-12)
    shafts = arrays["arrows"].reshape(len(arrays["step"]), 2, 3, 2, 2)[:, :, 0]
    along, out = shafts[:, :, 0] - shafts[:, :, 1], np.stack([arrays["small"][:, 0], arrays["large"][:, 0]], axis=1)
    np.testing.assert_allclose(np.sum(along * out, axis=2), 0, atol=1e-6)  # a flipped step goes sideways


def test_the_states_are_what_they_say() -> None:
    arrays = run()
    shown = SCENE.shown(CurlDescent()) + 1
    weights, states = arrays["weights/flipped"][:, 60:], arrays["state"]
    assert set(states[:shown].tolist()) == {0, 1, 2}
    assert np.abs(weights[states == 2] - weights[-1]).max() < 0.02
    turns = np.unwrap(np.arctan2(*arrays["small"][:shown, 0].T))
    assert np.ptp(turns) > 2 * np.pi  # the ring is whole when the play ends


@pytest.mark.parametrize(("field", "value"), [("copies", 5), ("hidden", 0), ("dt", 0.0), ("flip", -1.5), ("frames", 1)])
def test_a_senseless_value_is_named_before_anything_trains(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        CurlDescent(**{field: value})


def test_no_copy_starts_beside_what_repels() -> None:
    """There rounding, not the law, would decide how long it stays."""
    w, a = run()["weights/flipped"][0].astype(float).T
    angles, squares = np.arctan2(a, w), w**2 + a**2
    assert np.abs(np.sin(angles + np.pi / 4)).min() > 0.0199
    outside = squares > 2
    repels = np.arcsin(2 / squares[outside]) / 2
    assert np.abs(np.sin(angles[outside] - repels)).min() > 0.0199
    lifted = np.asarray(curl_descent.parted(np.array([0.001, -0.001, 3.1405, 1.0, 0.0]), 0.0))
    np.testing.assert_allclose(lifted, [0.02, -0.02, np.pi - 0.02, 1.0, 0.02], atol=1e-6)
