"""Networks and pairs of weights at rates from small to divergent, against runs of their own; and what is drawn."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from render.training import trajectory
from scenes.dynamics.catapult import SCENE, Catapult
from tests import conftest

TARGETS = SCENE.targets(Catapult())
RATE, WIDTH = 0.4, 256
PARTS = 7  # frames of a jump


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def jumped(pairs: np.ndarray, steps: int, rate: float = RATE) -> np.ndarray:
    """Pairs (n, 2) before and after each of some steps of gradient descent on (u v - 1)^2/2: (steps + 1, n, 2)."""
    ways = [pairs.astype(np.float64)]
    for _ in range(steps):
        u, v = ways[-1].T
        ways.append(np.stack([u - rate * (u * v - 1) * v, v - rate * (u * v - 1) * u], axis=1))
    return np.stack(ways)


def test_pairs_jump_as_gradient_descent_has_them():
    arrays = run()
    for arm, rate in (("full", RATE), ("half", RATE / 2)):
        np.testing.assert_allclose(arrays[arm][:12], jumped(arrays[arm][0], 11, rate), rtol=2e-3, atol=2e-3)
    np.testing.assert_array_equal(arrays["full"][0], arrays["half"][0])
    assert (np.abs(arrays["full"][0].prod(axis=1) - 1) < 0.6).all()
    end = arrays["full"][-1].astype(np.float64)
    assert (RATE * (end**2).sum(axis=1)).max() <= 2
    assert np.abs(end.prod(axis=1) - 1).max() < 0.01
    assert (RATE * (arrays["full"][0] ** 2).sum(axis=1) > 2).sum() > 40


def test_networks_of_all_rates_run_as_gradient_descent_on_their_weights_has_them():
    """Two numbers do for any weights: those that have the measured ones are made, and trained."""
    arrays = run()
    steep = float(arrays["curvatures"][0, 0])
    total = WIDTH * steep  # |u|^2 + |v|^2, and u . v = sqrt n: along the first axis both, the rest along others
    u, v = np.zeros(WIDTH), np.zeros(WIDTH)
    u[0] = v[0] = WIDTH**0.25
    u[1] = v[2] = np.sqrt((total - 2 * WIDTH**0.5) / 2)
    for arm, factor in ((0, 1.0), (1, 3.0), (2, 3.7)):
        rate, first, second = factor / steep, u.copy(), v.copy()
        for frame in range(30):
            output = first @ second / WIDTH**0.5
            assert arrays["outputs"][frame, arm] == pytest.approx(output, rel=1e-3, abs=1e-3)
            curvature = (first @ first + second @ second) / WIDTH
            assert arrays["curvatures"][frame, arm] == pytest.approx(curvature, rel=1e-3)
            first, second = (
                first - rate * output * second / WIDTH**0.5,
                second - rate * output * first / WIDTH**0.5,
            )


def test_the_three_phases():
    arrays = run()
    steep, outputs = arrays["curvatures"], arrays["outputs"]
    assert steep[-1, 0] == pytest.approx(steep[0, 0], rel=0.05)
    for arm in (1, 2):
        assert np.abs(outputs[:, arm]).max() > 3 * np.abs(outputs[0, arm])
        assert np.abs(outputs[-1, arm]) < 1e-3
        assert steep[-1, arm] * arrays["rates"][arm] <= 2 < steep[0, arm] * arrays["rates"][arm]
    assert np.abs(outputs[-1, 3]) > 1e3 * WIDTH
    assert np.isfinite(outputs).all()


def missed(arrays: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    """Values of targets that all must be missed."""
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def broken(step: Any, steps: int = 120) -> dict[str, np.ndarray]:
    return trajectory.run(dataclasses.replace(SCENE, step=step), Catapult(steps=steps)).arrays


def test_half_a_step_misses():
    def step(config: Catapult, state: Any) -> Any:
        after = SCENE.step(config, state._replace(rates=state.rates / 2))
        return after._replace(rates=state.rates)

    values = missed(broken(step), "course", "dial_course", "climbs", "caught", "diverges")
    assert values["climbs"] == pytest.approx(1)


def test_clipped_weights_and_a_tenth_of_the_rate_miss():
    """Networks whose weights may not grow cannot diverge; pairs at a tenth of the rate stay where it is steep."""

    def step(config: Catapult, state: Any) -> Any:
        after = SCENE.step(config, state)
        slow = SCENE.step(dataclasses.replace(config, rate=config.rate / 10), state)
        clipped = jnp.clip(after.networks, -3.0, 3.0)
        return after._replace(networks=clipped, full=slow.full)

    values = missed(broken(step), "dial_course", "diverges", "pairs_caught")
    assert values["pairs_caught"] > 3


def test_too_few_steps_miss():
    arrays = run()
    early = {name: array[:3] for name, array in arrays.items() if np.ndim(array)}
    missed(early, "caught", "learned", "dial_caught", "dial_learned", "pairs_caught", "pairs_learned")


def test_the_pair_that_is_drawn_jumps_as_measured_and_ends_inside_the_ring():
    arrays = run()
    pair = arrays["pair"][:, 0].astype(np.float64)
    places = (np.stack([arrays["full"][..., 0] - arrays["full"][..., 1], arrays["full"].sum(axis=2)], axis=2)) / 2**0.5
    away = np.abs(np.abs(places[0]) - np.abs(pair[0])).max(axis=1)
    which = int(away.argmin())
    for jump in range(10):
        place = places[jump, which] * [np.sign(places[0, which, 0]), 1]
        np.testing.assert_allclose(pair[PARTS * jump], place, atol=1e-5)
    radius = np.sqrt(2 / RATE)
    assert np.linalg.norm(pair[0]) > radius > np.linalg.norm(pair[PARTS * 9])
    np.testing.assert_allclose(np.linalg.norm(arrays["ring"][0], axis=1), radius, rtol=1e-9)
    valley = arrays["valley"][0]
    np.testing.assert_allclose(valley[:, 1] ** 2 - valley[:, 0] ** 2, 2, rtol=1e-9)  # u v = 1
    rests = arrays["rests"][: PARTS * 9, 0]
    assert np.linalg.norm(rests - rests[0], axis=1).max() < 0.1
    for part in range(1, PARTS):  # on the way from one place to the next
        start, now, end = pair[PARTS * 4], pair[PARTS * 4 + part], pair[PARTS * 5]
        assert np.linalg.norm(now - start) + np.linalg.norm(now - end) == pytest.approx(np.linalg.norm(end - start))


def test_the_cut_is_the_loss_along_the_jump():
    arrays = run()
    pair = arrays["pair"][:, 0].astype(np.float64)
    for jump in range(6):
        frame = PARTS * jump
        start, end = pair[frame], pair[frame + PARTS]
        (one, height), (other, landing) = arrays["jump"][frame, 0]
        assert abs(other - one) == pytest.approx(np.linalg.norm(end - start), rel=1e-4)
        for share in (0.0, 0.3, 1.0):
            a, b = start + share * (end - start)
            expected = ((b**2 - a**2) / 2 - 1) ** 2 / 2
            drawn = np.interp(one + share * (other - one), arrays["cut"], arrays["bowl"][frame])
            assert drawn == pytest.approx(expected, abs=3e-3)
        assert arrays["higher"][frame] == (landing > height)
        assert arrays["lower"][frame] == 1 - arrays["higher"][frame]


def test_ground_is_flat_where_the_ring_says():
    arrays = run()
    for number in range(5):
        flat = arrays[f"flat_levels/{number}"][0]
        assert np.linalg.norm(flat, axis=1).max() <= np.sqrt(2 / RATE) + 1e-9
        both = arrays[f"levels/{number}"][0]
        high = np.abs((both[:201, 1] ** 2 - both[:201, 0] ** 2) / 2 - 1)
        np.testing.assert_allclose(high, high[0], rtol=1e-9)


def test_states_are_those_of_the_valley_that_the_pair_is_over():
    arrays = run()
    last = PARTS * 9
    states, steep = arrays["state"][: last + 1], arrays["valley_steepness"][: last + 1]
    assert set(states.tolist()) == {0, 1, 2}
    assert (steep[states < 2] > 2).all() or (arrays["higher"][: last + 1][states < 2]).any()
    assert (steep[states == 2] < 2).all()
    assert not arrays["higher"][: last + 1][states == 2].any()
    assert arrays["jumped"][last] == 9


@pytest.mark.parametrize("frames", [2, 5, 12, 30])
def test_a_few_frames_have_a_few_jumps(frames):
    config = Catapult(frames=frames, steps=300)
    steps = SCENE.steps(config)
    shown = SCENE.shown(config)
    assert 1 <= shown < frames
    assert len(steps) == frames


@pytest.mark.parametrize(("field", "value"), [("width", 1), ("rate", 0.0), ("pairs", 0), ("scatter", -0.1)])
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        Catapult(**{field: value})
