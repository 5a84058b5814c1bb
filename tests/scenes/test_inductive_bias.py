"""Two models of one span: the flow recomputed as a matrix exponential, the interpolant as a least-norm problem."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import scipy.integrate
import scipy.linalg

from scenes.richness.inductive_bias import SCENE, InductiveBias
from tests.conftest import default_run

NAME = "inductive-bias"
K = np.arange(1, 11)
GRID = np.linspace(0, 1, 201)
AMPLITUDES = {"falling": K**-4.0, "rising": (K / 10) ** 4.0}


@pytest.fixture(scope="module")
def arrays():
    return default_run(NAME).arrays


def features(points: np.ndarray, model: str) -> np.ndarray:
    return np.sin(np.pi * np.outer(points.astype(float), K)) * AMPLITUDES[model]


@pytest.mark.parametrize("seed", range(5))
def test_there_is_a_point_in_each_quarter_and_the_values_are_of_order_one(seed):
    state = SCENE.init(InductiveBias(), jax.random.key(seed))
    points = np.asarray(state.points)
    assert np.floor(4 * points).tolist() == [0, 1, 2, 3]
    assert np.diff(points).min() > 0.05
    assert np.mean(np.asarray(state.values) ** 2) == pytest.approx(1, rel=1e-4)
    # of a sum of three sines, though four points could be anything
    low = np.sin(np.pi * np.outer(points, K[:3]))
    assert np.linalg.lstsq(low, np.asarray(state.values), rcond=None)[1] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("model", AMPLITUDES)
def test_functions_follow_the_flow_of_their_kernel(arrays, model):
    """f(t) on the grid is K(grid, X) K^-1 (1 - exp(-K t)) y, K the kernel on the points, time in units of 1/s_1^2."""
    phi, far = features(arrays["points"], model), features(GRID, model)
    kernel, values = phi @ phi.T, arrays["values"].astype(float)
    top = np.linalg.eigvalsh(kernel)[-1]
    for frame in (0, 20, 40):
        time = arrays["time"][frame].astype(float) / top
        moved = np.linalg.solve(kernel, (np.eye(4) - scipy.linalg.expm(-kernel * time)) @ values)
        expected = far @ phi.T @ moved
        np.testing.assert_allclose(arrays[f"function/{model}"][frame], expected, atol=2e-3 * np.abs(expected).max())
        on_points = kernel @ moved - values
        assert arrays[f"loss/{model}"][frame] == pytest.approx(np.mean(on_points**2) / 2, rel=1e-2)
        assert arrays[f"missed/{model}"][frame] == pytest.approx(np.abs(on_points).max(), rel=1e-2)


@pytest.mark.parametrize("model", AMPLITUDES)
def test_the_interpolant_fits_and_no_other_that_fits_has_a_smaller_norm(arrays, model):
    phi, values = features(arrays["points"], model), arrays["values"].astype(float)
    weights = phi.T @ np.linalg.solve(phi @ phi.T, values)  # least norm by its normal equations
    np.testing.assert_allclose(arrays[f"interpolant/{model}"], features(GRID, model) @ weights, atol=1e-4)
    idle = scipy.linalg.null_space(phi)
    np.testing.assert_allclose(idle.T @ weights, 0, atol=1e-6 * np.linalg.norm(weights))


@pytest.mark.parametrize("model", AMPLITUDES)
def test_the_flow_ends_on_its_interpolant_through_all_points(arrays, model):
    least = arrays[f"interpolant/{model}"]
    off = np.linalg.norm(arrays[f"function/{model}"][-1] - least) / np.linalg.norm(least)
    assert off <= 1e-3
    assert arrays[f"off/{model}"][-1] == pytest.approx(off, abs=1e-5)
    assert arrays[f"missed/{model}"][-1] <= 1e-4
    assert arrays[f"off/{model}"][0] > 0.9


def test_energy_is_that_of_the_drawn_function_projected_on_sines(arrays):
    for model in AMPLITUDES:
        parts = 2 * scipy.integrate.trapezoid(np.sin(np.pi * np.outer(K, GRID)) * arrays[f"function/{model}"][-1], GRID)
        np.testing.assert_allclose(arrays[f"energies/{model}"][-1], parts**2 / np.sum(parts**2), atol=1e-4)
        low = arrays[f"low_energy/{model}"][-1]
        assert low == pytest.approx(np.sum(parts[:3] ** 2) / np.sum(parts**2), abs=1e-4)
    assert arrays["low_energy/falling"][-1] >= 0.9
    assert arrays["low_energy/rising"][-1] <= 0.1


@pytest.mark.parametrize(("field", "value"), [("modes", 3), ("exponent", 10), ("jitter", 1.0), ("last", -2.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        InductiveBias(**{field: value})


def test_the_dots_are_the_points_and_the_states_count_the_models_that_meet_them():
    arrays = default_run("inductive-bias").arrays
    np.testing.assert_allclose(arrays["dots"], np.stack([arrays["points"], arrays["values"]], axis=1))
    met = sum(np.minimum.accumulate(arrays[f"missed/{model}"]) <= 0.05 for model in ("falling", "rising"))
    np.testing.assert_array_equal(arrays["state"], met)
    assert set(arrays["state"]) == {0, 1, 2}
