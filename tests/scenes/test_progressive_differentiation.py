"""Two linear layers on a tree: theory by a matrix exponential and sigmoids, what breaks it, and what is drawn."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from render.metrics import linear_networks
from render.training import trajectory
from scenes.dynamics.progressive_differentiation import SCENE, ProgressiveDifferentiation, half_times
from scenes.dynamics.progressive_differentiation_tree import KINDS, PLACES, READING, course, slow_change
from tests import conftest

PARENTS = [[0] * 8, [1, 1, 1, 1, 2, 2, 2, 2], [3, 3, 4, 4, 5, 5, 6, 6], list(range(7, 15))]
TREE = np.array([[float(node in above) for above in zip(*PARENTS, strict=True)] for node in range(15)])
FLOW = jax.jit(linear_networks.linear_flow)
TARGETS = SCENE.targets(ProgressiveDifferentiation())


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def exact(first: np.ndarray, second: np.ndarray, time: float) -> np.ndarray:
    """W2 W1 at a time, by a matrix exponential of twice the size: of the Hamiltonian of the Riccati equation."""
    stacked = np.concatenate([first.T, second]).astype(np.float64)
    field = np.block([[np.zeros((8, 8)), TREE.T], [TREE, np.zeros((15, 15))]])
    both = np.block([[-field, np.eye(23)], [np.zeros((23, 23)), field]])
    grown = scipy.linalg.expm(both * time) @ np.concatenate([np.eye(23), stacked @ stacked.T])
    return np.linalg.solve(grown[:23].T, grown[23:].T).T[8:, :8]


def test_a_tree_of_eight_items_has_modes_of_strengths_15_7_3_3_and_four_times_1():
    np.testing.assert_allclose(np.linalg.svd(TREE)[1] ** 2, [15, 7, 3, 3, 1, 1, 1, 1])
    np.testing.assert_allclose(READING @ TREE, PLACES, atol=1e-12)
    np.testing.assert_allclose(READING, np.linalg.pinv(TREE.T) @ PLACES, atol=1e-12)
    np.testing.assert_allclose(0.5 * (TREE**2).sum(), 16)
    assert (np.diff(PLACES) < -0.7).all()


def test_the_network_follows_the_riccati_equation():
    arrays, time = run(), run()["time"]
    first, second = arrays["weights/first"], arrays["weights/second"]
    np.testing.assert_allclose(second[0] @ first[0], arrays["product"][0], atol=1e-9)
    for start, end in ((0, 12), (12, 25), (25, 40), (60, 75)):
        expected = exact(first[start], second[start], float(time[end] - time[start]))
        np.testing.assert_allclose(arrays["product"][end], expected, atol=1e-4)
    gram, product = course(first[0].astype(float), second[0].astype(float), time)
    np.testing.assert_allclose(product[12], exact(first[0], second[0], float(time[12])), atol=1e-6)
    np.testing.assert_allclose(gram[-1], scipy.linalg.sqrtm(TREE.T @ TREE).real, atol=1e-3)


def test_the_metric_goes_the_same_way_in_float32():
    arrays, flown = run(), None
    for frame, time in enumerate(arrays["time"][:50]):
        if flown is None:
            flown = linear_networks.stacked_weights(arrays["weights/first"][0], arrays["weights/second"][0])
        else:
            flown = FLOW(flown, TREE, time - arrays["time"][frame - 1])
        np.testing.assert_allclose((flown @ flown.T)[8:, :8], arrays["product"][frame], atol=2e-4)


def test_one_layer_learns_every_mode_alike():
    arrays = run()
    expected = -np.expm1(-arrays["time"])[:, None, None] * TREE
    np.testing.assert_allclose(arrays["weights/single"], expected, atol=1e-5)


def test_plateaus_are_at_half_of_what_is_left_and_hold_little_of_the_change():
    arrays = run()
    loss, time = arrays["loss"], arrays["time"]
    for plateau, at in ((16, 0.5), (8.5, 2.55), (5, 3.8), (2, 6.2), (0, 15)):
        assert np.interp(at, time, loss) == pytest.approx(plateau, abs=0.6)
    assert arrays["slow"] < 0.1


def test_change_in_plateaus_is_seen_where_it_is():
    """A made run: two drops of the loss, modes that change in them, and then between them."""
    time = np.linspace(0, 20, 201)
    fall = 1 / (1 + np.exp(-4 * (time[:, None] - [5.0, 15.0])))
    loss = 2 - fall.sum(axis=1)
    left, strengths, right = np.linalg.svd(TREE, full_matrices=False)
    answers = [np.einsum("ok,k,f,ki->foi", left, strengths, part, right) for part in (fall.mean(axis=1), time / 20)]
    assert slow_change(loss, answers[0], time) < 0.1
    assert slow_change(loss, answers[1], time) > 0.7
    assert slow_change(np.ones(201), answers[0], time) == 1


def test_half_times_are_read_between_frames():
    time = np.array([0.0, 1.0, 2.0, 4.0])
    learned = np.array([[0, 0, 0, 0.6], [0.4, 0, 0, 1], [0.6, 0.25, 0, 1], [1, 0.75, 0.1, 1]])
    np.testing.assert_allclose(half_times(learned, time), [1.5, 3, 4, 0])


def broken(config: ProgressiveDifferentiation, **parts: Any) -> dict[str, np.ndarray]:
    return trajectory.run(dataclasses.replace(SCENE, **parts), config).arrays


def missed(arrays: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    """Values of targets that all must be missed."""
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def test_steps_of_euler_miss_what_only_the_flow_keeps():
    task = jnp.asarray(TREE, jnp.float32)

    def step(config: ProgressiveDifferentiation, now: Any) -> Any:
        wrong = task - now.second @ now.first
        slopes = (now.second.T @ wrong, wrong @ now.first.T, task - now.single)
        return type(now)(*(weights + config.dt * slope for weights, slope in zip(now, slopes, strict=True)))

    values = missed(broken(ProgressiveDifferentiation(), step=step), "product", "gram", "one", "half")
    assert values["one"] == pytest.approx(1.8e-3, abs=2e-4)
    assert values["product"] == pytest.approx(0.049, abs=0.02)


def test_a_first_layer_that_does_not_learn_has_no_stages():
    def step(config: ProgressiveDifferentiation, now: Any) -> Any:
        return SCENE.step(config, now)._replace(first=now.first)

    values = missed(
        broken(ProgressiveDifferentiation(scale=0.5), step=step),
        *("product", "gram", "balance", "stages", "root", "small", "slow"),
    )
    assert values["stages"] < 1.15


def test_an_unbalanced_start_and_one_without_training_miss():
    def init(config: ProgressiveDifferentiation, key: Any) -> Any:
        state = SCENE.init(config, key)
        return state._replace(second=config.scale * jax.random.normal(key, state.second.shape))

    missed(broken(ProgressiveDifferentiation(steps=99), init=init), "balanced", "root", "rank")


def test_what_is_drawn_is_what_the_networks_answer():
    arrays, frames = run(), SCENE.shown(ProgressiveDifferentiation()) + 1
    heads, live = arrays["heads/two"], arrays["live/two"]
    assert heads.shape == (frames, 15, 2)
    assert live[0].tolist() == [1] + [0] * 14
    assert live[-1].tolist() == [0] * 7 + [1] * 8
    assert arrays["live/one"][:2].tolist() == [[1] + [0] * 14, [0] * 7 + [1] * 8]
    answers = np.einsum("o,foi->fi", READING, arrays["product"][:frames].astype(float))
    np.testing.assert_allclose(heads[-1, 7:, 1], answers[-1], atol=1e-9)
    assert (np.diff(heads[-1, 7:, 1]) < 0).all()
    for frame in (0, 20, 40, frames - 1):
        past = arrays["past/two"][frame]
        np.testing.assert_allclose(past[:, -1][live[frame] == 1], heads[frame][live[frame] == 1], atol=1e-9)
        assert past[..., 0].max() <= frame / (frames - 1) + 1e-9
        nodes = answers[frame].reshape(4, 2).mean(axis=1)
        held = live[frame, 3:7] == 1
        np.testing.assert_allclose(heads[frame, 3:7, 1][held], nodes[held], atol=1e-9)
        np.testing.assert_allclose(arrays["theory"][frame][:, -1, 1], answers[frame], atol=1e-3)
    np.testing.assert_allclose(arrays["fallen/two"], arrays["loss"] / arrays["loss"][0])
    assert KINDS.tolist() == [0, 1, 2, 1, 3, 2, 4, 1, 1, 3, 3, 2, 2, 4, 4]


def test_states_begin_where_a_split_is_seen():
    arrays = run()
    starts = arrays["time"][np.flatnonzero(np.diff(arrays["state"])) + 1]
    np.testing.assert_allclose(starts, [2.8, 4.3, 7.4], atol=0.7)


@pytest.mark.parametrize(
    ("field", "value"), [("dt", 0.0), ("dt", 1.0), ("hidden", 4), ("scale", 0.0), ("frames", 10**9)]
)
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        ProgressiveDifferentiation(**{field: value})
