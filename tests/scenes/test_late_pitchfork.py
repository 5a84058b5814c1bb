"""Two prototypes that part late: the fork by root finding, the law notch by notch, what breaks them, what is drawn."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from render.training import trajectory
from scenes.dynamics.late_pitchfork import CENTRE, SCENE, SPREAD, LatePitchfork
from scenes.dynamics.late_pitchfork_theory import branch, escape_of, law_of, square_root_law, swapped_sides
from tests import conftest

TARGETS = SCENE.targets(LatePitchfork())


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def fork(values: np.ndarray, sharpness: float) -> float:
    """The positive root of a = mean x tanh(beta a x), by Brent's method."""
    return brentq(lambda a: (values * np.tanh(sharpness * a * values)).mean() - a, 1e-6, 10)


def test_the_points_are_symmetric_and_their_axes_are_eigenvectors():
    arrays = run()
    points = arrays["points"].astype(float)
    assert points.shape == (240, 2)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-7)
    spread = np.cov(points.T, bias=True)
    np.testing.assert_allclose(spread[0, 1], 0, atol=1e-7)
    assert 1.5 < spread[0, 0] / spread[1, 1] < 3
    np.testing.assert_allclose(arrays["critical"], 1 / spread[0, 0], rtol=1e-5)
    np.testing.assert_allclose(arrays["sharpness"] * spread[0, 0], arrays["ratio"], rtol=1e-5)
    assert (arrays["ratio"][0], arrays["ratio"][-1]) == (pytest.approx(0.7), pytest.approx(4.2, abs=0.01))


def test_draws_fall_one_into_each_part_of_the_normal_distribution():
    draws = (run()["points"][:60].astype(float) - CENTRE) / SPREAD
    parts = np.floor(60 * norm.cdf(draws)).astype(int)
    np.testing.assert_array_equal(np.sort(parts, axis=0), np.repeat(np.arange(60)[:, None], 2, axis=1))
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.5


def test_the_settled_pair_is_on_the_fork_and_close_to_its_square_root():
    arrays = run()
    points, sharpness = arrays["points"].astype(float), arrays["sharpness"].astype(float)
    for frame in (40, 60, 75, -1):
        root = fork(points[:, 0], sharpness[frame])
        assert abs(arrays["settled"][frame, 0]) == pytest.approx(root, abs=2e-3)
        np.testing.assert_allclose(branch(points[:, 0], sharpness[[frame]]), root, atol=1e-9)
    below = arrays["ratio"] < 0.9
    assert np.abs(arrays["settled"][below]).max() < 2e-3
    np.testing.assert_array_equal(branch(points[:, 0], sharpness[below]), 0)
    near = sharpness[0] / arrays["ratio"][0] * np.array([1.0001, 1.001])
    exact = [fork(points[:, 0], each) for each in near]
    np.testing.assert_allclose(square_root_law(points[:, 0], near), exact, rtol=2e-3)


def test_the_lagging_pair_follows_its_law_notch_by_notch():
    arrays, config = run(), LatePitchfork()
    spread = (arrays["points"][:, 0].astype(float) ** 2).mean()
    size, expected = float(arrays["split"][0]), []
    for notch in range(1900):
        expected.append(size)
        size *= 1 + 0.1 * ((0.7 + 3.5 * notch / 1900) / spread * spread - 1)
        size = min(size, 1e3)
    small = arrays["split"] < 0.03
    steps = SCENE.steps(config)[small]
    np.testing.assert_allclose(arrays["split"][small], np.array(expected)[steps], rtol=0.03)
    np.testing.assert_allclose(arrays["split_law"][small], np.array(expected)[steps], rtol=1e-6)
    first = arrays["split"][0]
    assert 3e-4 <= first <= 1e-3
    assert arrays["split"].min() < first / 5
    assert arrays["ratio"][arrays["split"].argmin()] == pytest.approx(1, abs=0.02)
    regained = arrays["ratio"][(arrays["split"] > first) & (arrays["ratio"] > 1)][0]
    assert regained == pytest.approx(1.3, abs=0.03)
    assert arrays["escape"] == pytest.approx(1.47, abs=0.01)


def test_an_escape_is_read_between_frames_of_an_exponential():
    steps = np.array([0, 10, 20, 30])
    assert escape_of(1e-3 * np.exp(0.2 * steps), steps) == pytest.approx(np.log(30) / 0.2)
    assert escape_of(np.full(4, 1e-3), steps) == 30
    assert escape_of(np.ones(4), steps) == 0
    np.testing.assert_allclose(law_of(1e-3, 0.1, np.full(3, 2.0), 1.0), 1e-3 * 1.1 ** np.arange(4))
    assert law_of(1e-3, 0.5, np.full(500, 9.0), 1.0)[-1] == pytest.approx(1e3)


def test_sides_are_counted_from_where_they_can_be_told():
    heights = np.array([[0.0, 0.0, 0.05], [0.2, 0.2, 0.05], [1.0, -1.0, -1.0]])
    assert swapped_sides(heights) == 1
    assert swapped_sides(heights[:1]) == 3


def broken(config: LatePitchfork, **parts: Any) -> dict[str, np.ndarray]:
    return trajectory.run(dataclasses.replace(SCENE, **parts), config).arrays


def missed(arrays: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    """Values of targets that all must be missed."""
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def test_points_that_are_not_centred_part_elsewhere():
    def init(config: LatePitchfork, key: Any) -> Any:
        state = SCENE.init(config, key)
        return state._replace(points=state.points + 0.2)

    missed(broken(LatePitchfork(), init=init), "curvature", "twelve", "sides")


def test_a_pair_that_goes_faster_than_its_law_is_seen():
    """The run as it is, held against the law of a rate that is a sixth smaller."""
    arrays = run()
    slower = LatePitchfork(rate=0.1 / 1.2)
    derived = SCENE.derive(slower, **{name: arrays[name] for name in SCENE.derive_reads})
    values = missed({**arrays, **derived}, "law", "escape")
    assert values["law"] > 0.5


def test_a_wrong_sharpness_is_seen():
    def step(config: LatePitchfork, state: Any) -> Any:
        return SCENE.step(config, state._replace(critical=0.9 * state.critical))._replace(critical=state.critical)

    def measure(config: LatePitchfork, state: Any) -> dict[str, Any]:
        return {**SCENE.measure(config, state), "curvature": 1 - state.critical}  # whose Hessian takes time

    values = missed(
        broken(LatePitchfork(high=2.2, steps=815), step=step, measure=measure), "law", "escape", "branch", "root"
    )
    assert values["branch"] > 0.4


def test_what_is_drawn_is_what_was_measured():
    arrays, config = run(), LatePitchfork()
    frames = SCENE.shown(config) + 1
    heights = np.sort(arrays["pair"][..., 0], axis=1)
    np.testing.assert_allclose(arrays["part/upper"], heights[:, 1])
    np.testing.assert_allclose(arrays["part/lower"], heights[:, 0])
    np.testing.assert_allclose(arrays["split"], np.ptp(heights, axis=1) / 2, rtol=1e-6)
    np.testing.assert_array_equal(arrays["data"], arrays["points"][:, ::-1])
    np.testing.assert_allclose(
        arrays["blurs"][:, 0], arrays["pair"][np.arange(96), arrays["pair"][..., 0].argmax(1), ::-1]
    )
    radius = np.sqrt(np.linalg.eigvalsh(arrays["blur_shapes"][30, 0]))
    np.testing.assert_allclose(radius, 1 / np.sqrt(arrays["sharpness"][30]), rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(arrays["ring"][0], axis=1), 1 / np.sqrt(arrays["critical"]), rtol=1e-5)
    share = (arrays["escape"] - 0.7) / (arrays["ratio"][frames - 1] - 0.7)
    np.testing.assert_allclose(arrays["waiting"][0, 1:3, 0], share)
    middle = np.interp(0.6, arrays["fork_x"], arrays["fork/upper"])
    ratio = 0.7 + 0.6 * (arrays["ratio"][frames - 1] - 0.7)
    assert middle == pytest.approx(
        fork(arrays["points"][:, 0].astype(float), ratio * float(arrays["critical"])), abs=1e-3
    )
    states = arrays["state"]
    assert (arrays["ratio"][states == 0] < 1).all()
    assert (arrays["split"][states == 2] >= 0.029).all()
    assert arrays["live"][0].tolist() == [1, 0, 0]
    assert arrays["live"][frames - 1].tolist() == [0, 1, 1]
    assert arrays["told"][0].max() == 0
    assert arrays["told"][frames - 1].mean() > 0.8


@pytest.mark.parametrize(
    ("field", "value"),
    [("low", 1.0), ("high", 1.0), ("rate", 0.0), ("start", 1.0), ("jitter", -1.0), ("frames", 10**9)],
)
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        LatePitchfork(**{field: value})
