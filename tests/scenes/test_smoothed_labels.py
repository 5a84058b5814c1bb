"""Cooled, smoothed and hard: closed forms in float64, what breaks them, and what is drawn of one example."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import softmax

from render.scene import Scene
from render.training import trajectory
from scenes.latent_spectrum.smoothed_labels import SCENE, SmoothedLabels
from scenes.latent_spectrum.smoothed_labels_strips import likest_first
from tests import conftest

C, EPS = 9, 0.1
TARGETS = SCENE.targets(SmoothedLabels())


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def cosines(arrays: dict[str, np.ndarray]) -> np.ndarray:
    return arrays["features"].astype(np.float64) @ arrays["codes"].astype(np.float64).T


def wrong(arrays: dict[str, np.ndarray]) -> np.ndarray:
    return np.arange(C) != arrays["own"][:, None]


def test_examples_stand_between_their_class_and_a_neighbour_and_the_first_is_the_one_that_is_drawn():
    arrays = run()
    np.testing.assert_allclose(np.linalg.norm(arrays["features"], axis=1), 1, atol=1e-6)
    near = cosines(arrays)
    assert (near.argmax(axis=1) == arrays["own"]).all()
    second = np.argsort(-near, axis=1)[:, 1]
    assert (np.abs(second - arrays["own"]) == 1).all()
    assert arrays["own"][0] == 4
    assert second[0] == 5
    assert len(set(arrays["own"].tolist())) == C


def test_the_cooled_arm_is_the_softmax_of_its_temperature():
    arrays = run()
    assert arrays["temperature"][[0, -1]] == pytest.approx([0.4, 0.01], rel=1e-5)
    assert (np.diff(arrays["temperature"]) <= 0).all()
    for frame in (0, 30, -1):
        expected = softmax(cosines(arrays) / float(arrays["temperature"][frame]), axis=1)
        np.testing.assert_allclose(np.exp(arrays["log_probabilities/cooled"][frame]), expected, atol=2e-5)
        others = np.where(wrong(arrays), expected, 0).sum(axis=1)
        np.testing.assert_allclose(arrays["others/cooled"][frame], others, atol=2e-5)


@pytest.mark.parametrize(("arm", "smoothing"), [("smoothed", EPS), ("hard", 0.0)])
def test_free_scores_follow_the_flow_that_scipy_integrates(arm, smoothing):
    arrays = run()
    for example in (0, 5):
        label = (1 - smoothing) * np.eye(C)[arrays["own"][example]] + smoothing / C
        start = cosines(arrays)[example] / 0.4
        steps = arrays["step"][[10, 40, 79]]
        flow = solve_ivp(lambda _, z, q=label: q - softmax(z), (0, 1200), start, t_eval=steps, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(arrays[f"logits/{arm}"][[10, 40, 79], example], flow.y.T, atol=2e-3)


def test_smoothed_scores_end_at_their_labels_and_fade_at_eps_over_c():
    arrays = run()
    ended = np.exp(arrays["log_probabilities/smoothed"][-1].astype(np.float64))
    np.testing.assert_allclose(ended[wrong(arrays)], EPS / C, rtol=1e-4)
    np.testing.assert_allclose(arrays["others/smoothed"][-1], EPS * (C - 1) / C, atol=1e-6)
    label = np.full(C, EPS / C) + np.eye(C)[0] * (1 - EPS)
    rates = np.linalg.eigvalsh(np.diag(label) - np.outer(label, label))
    np.testing.assert_allclose(rates[1:8], EPS / C, rtol=1e-9)  # C - 2 times
    assert arrays["rate"] == pytest.approx(1, abs=0.01)


def test_hard_labels_leave_a_share_that_falls_as_one_over_t_and_even_it_out_slowly():
    arrays = run()
    steps = arrays["step"][-20:]
    expected = (C - 1) / (C * steps[:, None])
    np.testing.assert_allclose(arrays["others/hard"][-20:], np.broadcast_to(expected, (20, 64)), rtol=0.2)
    assert (np.diff(arrays["evenness_mean/hard"][20:]) > 0).all()


def test_evenness_is_the_entropy_of_what_the_others_share():
    arrays = run()
    for arm in ("cooled", "smoothed", "hard"):
        mass = np.exp(arrays[f"log_probabilities/{arm}"][20].astype(np.float64))[wrong(arrays)].reshape(64, C - 1)
        shares = mass / mass.sum(axis=1, keepdims=True)
        expected = -(shares * np.log(shares)).sum(axis=1) / np.log(C - 1)
        np.testing.assert_allclose(arrays[f"evenness/{arm}"][20], expected, atol=1e-4)


def relabelled(change) -> Scene:
    """The scene with other labels for the smoothed arm."""

    def init(config: SmoothedLabels, key):
        state = SCENE.init(config, key)
        return state._replace(labels=state.labels.at[0].set(change(state)))

    return dataclasses.replace(SCENE, init=init)


def to_neighbours(state):
    near = (abs(np.arange(C)[:, None] - np.arange(C)) == 1).astype(float)
    return 0.9 * jax.nn.one_hot(state.own, C) + EPS * jnp.array(near / near.sum(axis=1, keepdims=True))[state.own]


def all_to_others(state):
    own = jax.nn.one_hot(state.own, C)
    return (1 - EPS) * own + EPS / (C - 1) * (1 - own)


def decayed(config: SmoothedLabels, state):
    after = SCENE.step(config, state)
    return after._replace(logits=after.logits - 1e-3 * state.logits)


BROKEN = {
    "neighbours": (relabelled(to_neighbours), ("shares", "even", "parted")),
    "others": (relabelled(all_to_others), ("shares", "kept", "rate")),
    "decay": (dataclasses.replace(SCENE, step=decayed), ("shares", "kept", "rate")),
}


@pytest.mark.parametrize("variant", BROKEN)
def test_what_is_broken_misses(variant):
    scene, missed = BROKEN[variant]
    arrays = trajectory.run(scene, SmoothedLabels(examples=8)).arrays
    values = {key: TARGETS[key].value(arrays) for key in missed}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values


def test_too_little_cooling_and_too_little_training_miss():
    arrays = run()
    early = {name: array[:40] for name, array in arrays.items() if np.ndim(array)}
    for key in ("gone", "sharp", "shares", "even", "hard", "parted"):
        assert not TARGETS[key].met(TARGETS[key].value(early)), key


def test_a_wrong_class_that_overtakes_another_is_told():
    arrays = dict(run())
    scores = arrays["logits/smoothed"].copy()
    first, second = likest_first(cosines(arrays)[0])[:2]
    scores[40, 0, [first, second]] = scores[40, 0, [second, first]]
    reads = {name: arrays[name] for name in ("codes", "features", "own", "temperature", "step")}
    families = {
        name: {arm: arrays[f"{name}/{arm}"] for arm in ("cooled", "smoothed", "hard") if f"{name}/{arm}" in arrays}
        for name in ("logits", "log_probabilities", "others", "evenness")
    }
    families["logits"]["smoothed"] = scores
    wrong_order = SCENE.derive(SmoothedLabels(), **reads, **families)
    assert not TARGETS["order"].met(TARGETS["order"].value(wrong_order))
    assert TARGETS["order"].met(TARGETS["order"].value(arrays))


def test_strips_are_the_masses_and_a_magnifier_never_enlarges_what_is_nothing():
    arrays = run()
    order = np.argsort(-cosines(arrays)[0])
    for arm in ("cooled", "smoothed"):
        mass = np.exp(arrays[f"log_probabilities/{arm}"][:, 0].astype(np.float64))
        widths = np.ptp(arrays[f"strips/{arm}"][..., 0], axis=2)
        np.testing.assert_allclose(widths, mass[:, order], atol=1e-6)
        given = mass[:, order[1:]].sum(axis=1)
        np.testing.assert_allclose(arrays[f"given/{arm}"], given, atol=1e-6)
        window = np.ptp(arrays[f"windows/{arm}"][..., 0], axis=2)
        enlarged = mass[:, order[1:]] / np.maximum(given, EPS * (C - 1) / C)[:, None]
        np.testing.assert_allclose(window[:, 1:], enlarged, atol=1e-5)
        np.testing.assert_allclose(window.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(arrays["windows/cooled"][-1, 0, :, 0], [0, 1, 1, 0], atol=1e-3)
    np.testing.assert_allclose(arrays["equal_window"][:, 0, 0], np.arange(1, 8) / 8, atol=1e-9)
    np.testing.assert_allclose(arrays["equal_strip"][0, :, 0], 1 - EPS * 8 / 9, atol=1e-9)


def test_the_states_are_those_of_the_example_that_is_drawn():
    arrays = run()
    cooled, smoothed = arrays["given/cooled"], arrays["given/smoothed"]
    assert arrays["state"][0] == 0
    assert arrays["state"][-1] == 2
    parting, erased = (int(np.argmax(arrays["state"] == state)) for state in (1, 2))
    assert (
        min(cooled[parting], smoothed[parting]) < 0.9 * smoothed[0] <= min(cooled[parting - 1], smoothed[parting - 1])
    )
    assert cooled[erased] < 0.01
    assert arrays["at_first"] == pytest.approx(100 * smoothed[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [("smoothing", 1.0), ("smoothing", 0.0), ("cold", 0.0), ("warm", 0.005), ("classes", 10**6), ("examples", 10**9)],
)
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        SmoothedLabels(**{field: value})
