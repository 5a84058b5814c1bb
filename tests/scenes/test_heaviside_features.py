"""A step learned by a tanh network: functions, signs and curves recomputed in float64 from the weights."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from render.scene import flat
from scenes.richness.heaviside_features import SCENE, HeavisideFeatures
from tests.conftest import default_run

NAME = "heaviside-features"


@pytest.fixture(scope="module")
def state():
    start = SCENE.init(HeavisideFeatures(), jax.random.key(5))
    return jax.lax.fori_loop(0, 40, lambda _, s: SCENE.step(HeavisideFeatures(), s), start)


@pytest.fixture(scope="module")
def measured(state):
    return jax.device_get(SCENE.measure(HeavisideFeatures(), state))


@pytest.fixture(scope="module")
def forward(state):
    features = np.linspace(-1, 1, 256)[:, None]
    for layer in state.layers[:-1]:
        features = np.tanh(features @ np.asarray(layer["weights"], float) + np.asarray(layer["bias"], float))
    last = state.layers[-1]
    return features, features @ np.asarray(last["weights"], float) + np.asarray(last["bias"], float)


def test_weights_and_biases_fill_the_interval_that_their_layer_asks_for():
    layers = SCENE.init(HeavisideFeatures(), jax.random.key(0)).layers
    assert [layer["weights"].shape for layer in layers] == [(1, 64), (64, 64), (64, 64), (64, 1)]
    for layer, fan_in in zip(layers, (1, 64, 64, 64), strict=True):
        for array in layer.values():
            assert np.abs(array).max() <= fan_in**-0.5
            assert array.size == 1 or np.abs(array).max() > 0.8 * fan_in**-0.5


def test_the_target_is_a_step_at_zero():
    arrays = default_run(NAME).arrays
    np.testing.assert_allclose(arrays["inputs"], np.linspace(-1, 1, 256), atol=1e-6)
    np.testing.assert_array_equal(arrays["target"], np.sign(arrays["inputs"]))


def test_output_loss_and_low_rank_measure_are_those_of_the_weights(measured, forward):
    features, output = forward
    step = np.sign(np.linspace(-1, 1, 256))
    np.testing.assert_allclose(measured["output"], output[:, 0], atol=1e-4)
    assert measured["loss"] == pytest.approx(np.mean((output[:, 0] - step) ** 2), rel=1e-3)
    centred = features - features.mean(axis=0)
    direction = output[:, 0] - output.mean()
    along = centred.T @ (direction / np.linalg.norm(direction))
    assert measured["low_rank"] == pytest.approx(1 - along @ along / np.linalg.norm(centred.T @ centred), abs=1e-4)


def test_eigenfunctions_are_the_left_singular_vectors_and_their_shares_of_the_step(measured, forward):
    features, output = (array - array.mean(axis=0) for array in forward)
    left, singular, _ = np.linalg.svd(features, full_matrices=False)
    for function, vector in zip(measured["functions"], left.T, strict=False):
        assert abs(function @ vector) == pytest.approx(16, rel=1e-3)  # |e_k|^2 = n = 256
        assert np.mean(function**2) == pytest.approx(1, rel=1e-3)
    np.testing.assert_allclose(measured["relative_eigenvalues"], (singular[:10] / singular[0]) ** 2, atol=1e-5)
    step = np.sign(np.linspace(-1, 1, 256)) / 16
    np.testing.assert_allclose(measured["quality"][:5], np.cumsum((left.T @ step) ** 2)[:5], atol=1e-3)
    used = output[:, 0] / np.linalg.norm(output)
    np.testing.assert_allclose(measured["utilization"][:5], np.cumsum((left.T @ used) ** 2)[:5], atol=1e-3)
    assert measured["first_quality"] == measured["quality"][0]
    assert measured["first_utilization"] == measured["utilization"][0]


def test_a_sign_that_flips_from_frame_to_frame_is_taken_back():
    x = np.linspace(-1, 1, 101)
    waves = np.stack([x, x**2 - 0.3, x**3 - 0.5 * x])
    flips = np.array([[1, 1, 1], [-1, 1, -1], [-1, -1, 1], [1, -1, -1]])
    config, shown = HeavisideFeatures(), np.zeros((4, 24, waves.shape[-1]))
    derived = SCENE.derive(config, functions=-flips[:, :, None] * waves, units=shown, first_quality=np.zeros(4))
    derived = flat(derived)
    for k in range(3):
        np.testing.assert_allclose(derived[f"function/{k + 1}"], np.tile(waves[k], (4, 1)))
        np.testing.assert_array_equal(derived[f"sign_changes/{k + 1}"], [k + 1] * 4)


def test_no_function_flips_in_the_run_and_each_is_its_own_up_to_a_sign():
    arrays = default_run(NAME).arrays
    for k in range(3):
        shown, found = arrays[f"function/{k + 1}"], arrays["functions"][:, k]
        np.testing.assert_allclose(np.abs(shown), np.abs(found), atol=1e-6)
        assert (np.sum(shown[1:] * shown[:-1], axis=1) >= 0).all()


def test_the_first_function_starts_as_a_wave_and_ends_as_the_step():
    arrays = default_run(NAME).arrays
    first, step = arrays["function/1"], arrays["target"]
    # a straight line has three quarters of a step: <x, sign x>^2 / <x, x> = (1/2)^2 / (1/3)
    assert arrays["first_quality"][0] == pytest.approx(0.75, abs=0.05)
    assert np.corrcoef(first[-1], step)[0, 1] ** 2 >= 0.97
    for k in range(3):
        assert np.count_nonzero(np.diff(np.sign(arrays[f"function/{k + 1}"][0]))) == k + 1


@pytest.mark.parametrize(("field", "value"), [("points", 17), ("width", 2), ("modes", 2), ("learning_rate", 0.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        HeavisideFeatures(**{field: value})


def test_every_unit_has_a_curve_and_the_states_follow_the_first_share():
    arrays = default_run("heaviside-features").arrays
    for k in range(24):
        np.testing.assert_array_equal(arrays[f"unit/{k + 1}"], arrays["units"][:, k])
    best = np.maximum.accumulate(arrays["first_quality"])
    np.testing.assert_array_equal(arrays["state"], (best >= 0.85) + 1 * (best >= 0.97))
    assert set(arrays["state"]) == {0, 1, 2}
    assert arrays["share"][-1] == arrays["first_quality"][-1]
    assert arrays["at_start"] == arrays["first_quality"][0]
