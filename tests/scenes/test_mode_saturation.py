"""Saturation of modes: samples, features and the flow recomputed in float64, and the exact flow of the whole system."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from scenes.richness.mode_saturation import SCENE, ModeSaturation
from tests.conftest import default_run

NAME = "mode-saturation"
RHO = np.arange(1, 11) ** -1.5


@pytest.fixture(scope="module")
def start():
    return SCENE.init(ModeSaturation(), jax.random.key(2))


def test_functions_are_orthonormal_and_centred_on_the_samples(start):
    functions = np.asarray(start.functions, float)
    np.testing.assert_allclose(functions.T @ functions / 200, np.eye(10), atol=1e-5)
    np.testing.assert_allclose(functions.mean(axis=0), 0, atol=1e-5)
    inputs = np.asarray(start.inputs)
    assert (np.floor(inputs * 200) == np.arange(200)).all()
    for k in range(10):  # nearly the cosine, which whitening in order hardly turns
        assert np.corrcoef(functions[:, k], np.cos(np.pi * (k + 1) * inputs))[0, 1] > 0.95


def test_the_target_has_a_share_of_every_mode_of_either_sign(start):
    coefficients = np.asarray(start.coefficients)
    np.testing.assert_allclose(coefficients**2, 1 / np.arange(1, 11), rtol=1e-6)
    assert len(set(np.sign(coefficients))) == 2


def test_the_modes_of_the_run_are_those_of_the_exact_flow_of_its_kernel():
    """f(t) = (I - exp(-K t / n)) f*, K = Phi Phi', by the eigenvectors of K and no formula for a mode."""
    config = ModeSaturation()
    state = SCENE.init(config, jax.random.key(0))
    phi = np.asarray(state.functions, float) * RHO**0.5
    values, vectors = np.linalg.eigh(phi @ phi.T / 200)
    goal = np.asarray(state.functions, float) @ np.asarray(state.coefficients, float)
    arrays = default_run(NAME).arrays
    for frame in (5, 30, 50, 71):
        time = 0.02 * arrays["step"][frame]
        exact = vectors @ ((1 - np.exp(-values * time)) * (vectors.T @ goal))
        np.testing.assert_allclose(arrays["output"][frame], exact, atol=0.03)
        assert arrays["loss"][frame] == pytest.approx(np.mean((arrays["output"][frame] - goal) ** 2) / 2, rel=1e-2)
        assert arrays["theory_loss"][frame] == pytest.approx(np.mean((exact - goal) ** 2) / 2, rel=1e-3)


def test_a_step_is_eulers(start):
    phi, goal = np.asarray(start.functions, float) * RHO**0.5, np.asarray(start.functions @ start.coefficients, float)
    weights = np.zeros(10)
    state = start
    for _ in range(3):
        weights = weights + 0.02 * phi.T @ (goal - phi @ weights) / 200
        state = SCENE.step(ModeSaturation(), state)
    np.testing.assert_allclose(state.weights, weights, atol=1e-6)


def test_theory_is_one_minus_the_exponential_and_every_mode_follows_it():
    arrays = default_run(NAME).arrays
    expected = 1 - np.exp(-RHO * 0.02 * arrays["step"][:, None])
    np.testing.assert_allclose(arrays["theory"], expected, atol=1e-12)
    off = np.abs(arrays["learned"] - expected).max()
    assert off <= 0.01
    assert arrays["deviation"][-1] == pytest.approx(off)
    assert arrays["modes_learned"][0] == 0
    assert arrays["modes_learned"][-1] == 10


def test_a_mode_takes_as_long_as_its_eigenvalue_says():
    arrays = default_run(NAME).arrays
    for k in (0, 3, 9):
        frame = int(np.argmax(arrays["learned"][:, k] >= 0.95))
        expected = -np.log(0.05) / RHO[k] / 0.02
        assert arrays["step"][frame - 1] * 0.99 <= expected <= arrays["step"][frame] * 1.01


def test_utilization_is_the_share_of_the_outputs_squares():
    arrays = default_run(NAME).arrays
    for frame in (1, 40, 71):
        squares = (arrays["learned"][frame].astype(float) / np.sqrt(np.arange(1, 11))) ** 2
        np.testing.assert_allclose(arrays["utilization"][frame], np.cumsum(squares) / squares.sum(), atol=2e-3)
        np.testing.assert_allclose(arrays["theory_utilization"][frame], arrays["utilization"][frame], atol=5e-3)
    assert arrays["utilization"][0].max() == arrays["theory_utilization"][0].max() == 0


@pytest.mark.parametrize(("field", "value"), [("modes", 1), ("samples", 30), ("exponent", 0.0), ("rate", 0.5)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        ModeSaturation(**{field: value})


def test_every_mode_has_a_curve_of_its_own_and_the_states_count_those_that_are_learned():
    arrays = default_run(NAME).arrays
    for k in range(10):
        np.testing.assert_array_equal(arrays[f"share/{k + 1}"], arrays["learned"][:, k])
        times = 0.02 * arrays["step"]
        np.testing.assert_allclose(arrays[f"share_theory/{k + 1}"], 1 - np.exp(-RHO[k] * times), atol=1e-12)
    count = (arrays["learned"] >= 0.95).sum(axis=1)
    np.testing.assert_array_equal(arrays["state"], (count >= 1) + 1 * (count == 10))
