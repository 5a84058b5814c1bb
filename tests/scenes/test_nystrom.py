"""Eigenvalues from samples: covariances diagonalised in float64, slopes of power laws made up by hand."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from render.scene import flat
from scenes.richness.nystrom import SCENE
from scenes.richness.nystrom_samples import Nystrom
from tests.conftest import default_run

NAME = "nystrom"
EXPONENTS = {"1": 1.0, "1_5": 1.5, "2": 2.0, "0_5": 0.5}
SMALL = Nystrom(draws=3, dim=12, pooled=4, fewest=50, rows=100, steps=20, frames=5)


@pytest.fixture(scope="module")
def state():
    start = SCENE.init(SMALL, jax.random.key(1))
    return SCENE.step(SMALL, SCENE.step(SMALL, start))


def test_rows_are_added_and_never_drawn_again(state):
    start = SCENE.init(SMALL, jax.random.key(1))
    middle = SCENE.step(SMALL, start)
    first, second = np.asarray(middle.products - start.products), np.asarray(state.products - middle.products)
    for added in (first, second):
        assert np.linalg.eigvalsh(added).min() > 0  # 100 rows in 12 dimensions
        assert np.trace(added, axis1=1, axis2=2).mean() == pytest.approx(1200, rel=0.1)
    assert np.abs(first - second).max() > 5
    assert int(SCENE.measure(SMALL, state)["samples"]) == 250


def test_errors_are_those_of_covariances_diagonalised_in_float64(state):
    measured = flat(jax.device_get(SCENE.measure(SMALL, state)))
    for column, (name, a) in enumerate(EXPONENTS.items()):
        rho = np.arange(1, 13) ** -a
        errors, functions, overlaps, values_off = [], [], [], []
        for gram in np.asarray(state.products, float):
            values, vectors = np.linalg.eigh(np.sqrt(np.outer(rho, rho)) * gram / 250)
            values, vectors = values[::-1], vectors[:, ::-1]
            # the squared error of the true functions' own variances has mean 2/n over samples
            luck = (np.diagonal(gram)[:4] / 250 - 1) ** 2 - 2 / 250
            errors.append((values[:4] / rho[:4] - 1) ** 2 - (1 - 12 / 250) * luck)
            # the found function in coordinates of the true ones, which are orthonormal under the true distribution
            found = np.sqrt(rho)[:, None] * vectors / np.sqrt(values)
            found *= np.sign(np.diagonal(found))
            functions.append(((found - np.eye(12)) ** 2).sum(axis=0)[:4])
            overlaps.append(vectors**2)
            values_off.append((values / rho - 1) ** 2)
            if len(errors) == 1:
                np.testing.assert_allclose(measured[f"eigenvalues/{name}"], values, rtol=1e-3)
        assert measured["errors"][column] == pytest.approx(np.mean(errors), rel=1e-3)
        np.testing.assert_allclose(measured[f"function_errors/{name}"], np.mean(functions, axis=0), rtol=5e-3)
        kept = np.array([[square[:k, :k].sum() / k for k in range(1, 13)] for square in overlaps]).mean(axis=0)
        alone = np.array([np.diagonal(square) for square in overlaps])
        np.testing.assert_allclose(measured[f"value_errors/{name}"], np.mean(values_off, axis=0), rtol=5e-3, atol=1e-5)
        np.testing.assert_allclose(measured[f"space_lost/{name}"], 1 - kept, atol=1e-4)
        np.testing.assert_allclose(
            measured[f"direction_lost/{name}"], 1 - np.sqrt(alone[:, :6]).mean(axis=0), atol=2e-3
        )
        if name == "1":
            assert measured["single_found"] == pytest.approx(alone[:, :6].mean(), abs=1e-3)


def test_less_noise_has_the_same_mean():
    """Over many runs the errors are those without the control variate on average, and vary less."""
    config = dataclasses.replace(SMALL, draws=8, fewest=400)
    plain, found = [], []
    for seed in range(40):
        state = SCENE.init(config, jax.random.key(seed))
        found.append(np.asarray(SCENE.measure(config, state)["errors"])[[0, 2]])
        rows = []
        for a in (1.0, 2.0):
            rho = np.arange(1, 13) ** -a
            grams = np.sqrt(np.outer(rho, rho)) * np.asarray(state.products, float) / 400
            rows.append(((np.linalg.eigvalsh(grams)[:, ::-1][:, :4] / rho[:4] - 1) ** 2).mean())
        plain.append(rows)
    plain, found = np.array(plain), np.array(found)
    gap = found - plain
    assert (np.abs(gap.mean(axis=0)) < 4 * gap.std(axis=0) / 40**0.5).all()
    assert (found.std(axis=0) < 0.8 * plain.std(axis=0)).all()


def test_errors_stay_above_zero_with_a_single_draw_of_a_single_mode():
    config = Nystrom(draws=1, pooled=1, dim=2, fewest=3)
    state = jax.vmap(lambda seed: SCENE.init(config, jax.random.key(seed)))(np.arange(200))
    errors = jax.vmap(lambda state: SCENE.measure(config, state)["errors"])(state)
    assert errors.min() > 0


def given(samples: np.ndarray, **more: object) -> dict[str, object]:
    """Arrays for `derive` of a run with these samples, all lost and nothing found but what is given."""
    nothing = {name: np.ones((len(samples), 100)) for name in EXPONENTS}
    lost = dict.fromkeys(("value_errors", "direction_lost", "space_lost"), nothing)
    return {"samples": samples, **lost, "single_found": np.zeros(len(samples)), **more}


def made_up(power: float, frames: int) -> dict[str, np.ndarray]:
    config = Nystrom(frames=frames)
    samples = 200 + 20 * SCENE.schedule(config)
    errors = 3.0 * samples[:, None] ** np.array([power, -1.0, -1.0, -2.0])
    functions = {name: np.outer(100 / samples, np.arange(1, 9)) for name in ("1", "1_5", "2")}
    functions["1_5"][:, 3] *= 10
    derived = SCENE.derive(config, **given(samples, errors=errors, function_errors=functions))
    return {"step": samples, **flat(derived)}


@pytest.mark.parametrize("power", [-1.0, -0.5])
def test_the_slope_of_a_power_law_is_its_power_once_samples_have_doubled(power):
    derived = made_up(power, 30)
    doubled = derived["step"] >= 400
    np.testing.assert_allclose(derived["slope/1"][doubled], power, atol=1e-9)
    np.testing.assert_allclose(derived["slope/0_5"][doubled], -2, atol=1e-9)
    assert not derived["slope/1"][~doubled].any()


def test_functions_are_judged_by_their_worst_mode_at_1600_samples():
    np.testing.assert_allclose(made_up(-1.0, 30)["function_error"], 100 * 4 * 10 / 1600)


def test_functions_are_judged_on_average_over_the_dial_from_400_to_6400_samples():
    config = Nystrom(frames=4, steps=620)
    samples = np.array([200, 400, 1600, 12_600])
    flat = {name: np.zeros((4, 8)) for name in ("1", "1_5", "2")}
    flat["1"][:, 0] = 0.8, 0.4, 0.3, 0.1
    flat["2"][:, 1] = 0.0, 0.0, 0.5, 0.0
    found = SCENE.derive(config, **given(samples, errors=np.ones((4, 4)), function_errors=flat))["function_error"]
    np.testing.assert_allclose(found, [0.8 / 8, 0.4 / 4, 0.5 / 2, 0.5 / 2])


def test_the_spectra_are_power_laws_and_the_noise_that_of_a_gaussian_variance():
    arrays = default_run(NAME).arrays
    for name, a in EXPONENTS.items():
        np.testing.assert_allclose(arrays[f"true/{name}"], np.arange(1, 101) ** -a)
    # the relative error of a sample variance of n normals has variance 2/n
    draws = np.random.default_rng(0).chisquare(200, 200_000) / 200
    assert arrays["noise"][0] == pytest.approx(draws.var(), rel=0.02)
    assert arrays["samples"][[0, -1]].tolist() == [200, 6400]


def test_errors_fall_as_one_over_n_but_for_the_longest_tail():
    arrays = default_run(NAME).arrays
    x, y = np.log(arrays["samples"].astype(float)), np.log(arrays["errors"].astype(float))
    for column, name in enumerate(EXPONENTS):
        slope = np.polyfit(x, y[:, column], 1)[0]
        assert arrays[f"slope/{name}"][-1] == pytest.approx(slope, abs=1e-6)
        assert (abs(slope + 1) <= 0.15) == (name != "0_5")
    assert arrays["function_error"][-1] <= 0.25


def lost_as(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rows at 1,000 samples between rows of ones, for four frames."""
    return {
        name: np.stack([np.ones(len(row)), np.ones(len(row)), row, np.ones(len(row))]) for name, row in values.items()
    }


def test_directions_and_spaces_are_judged_in_the_first_frame_with_1000_samples():
    samples, k = np.array([200, 600, 1000, 6400]), np.arange(1.0, 101)
    functions = {name: np.zeros((4, 8)) for name in ("1", "1_5", "2")}
    direction = {name: k / (400 * a) for name, a in EXPONENTS.items()}  # above 1/4 from 100 a on
    direction["1"] = np.where(k >= 12, 0.3, 0.0)
    found = SCENE.derive(
        Nystrom(frames=4),
        **given(
            samples,
            errors=np.ones((4, 4)),
            function_errors=functions,
            value_errors=lost_as({name: np.where(k <= 80, 0.01 * a, 0.5 + a) for name, a in EXPONENTS.items()}),
            direction_lost=lost_as({name: row[:50] for name, row in direction.items()}),
            space_lost=lost_as({name: 0.1 * a * k / 100 for name, a in EXPONENTS.items()}),
            single_found=np.array([0.1, 0.3, 0.2, 0.6]),
        ),
    )
    assert found["value_error_head"] == pytest.approx(0.02)
    assert found["value_error_tail"] == pytest.approx(1.0)
    assert found["space_lost_most"] == pytest.approx(0.2)
    assert found["direction_lost_half"] == pytest.approx((k / 800)[:50].mean())
    assert found["lost_from"] * 1000**0.5 == pytest.approx((12 + 51 / 1.5 + 51 / 2) / 3)
    np.testing.assert_allclose(found["space_found"], [0, 0, 0.95, 0])
    assert found["ahead"] == pytest.approx(-0.6)
    assert found["state"].tolist() == [0, 1, 1, 2]


def test_few_samples_find_more_of_the_space_than_many_find_of_single_directions():
    arrays = default_run(NAME).arrays
    assert arrays["space_found"][0] > arrays["single_found"][-1] + 0.08
    np.testing.assert_allclose(arrays["space_bar"][:, 0], arrays["space_found"])
    np.testing.assert_allclose(arrays["single_bar"][:, 0], arrays["single_found"])
    np.testing.assert_allclose(arrays["single_found"] + arrays["turned"] + arrays["outside"], 1, atol=1e-6)
    assert (np.diff(arrays["space_found"]) > -0.01).all()
    assert (np.diff(arrays["single_found"]) > -0.02).all()
    assert arrays["space_lost/1"][-1, 49] == pytest.approx(1 - arrays["space_found"][-1])


@pytest.mark.parametrize(("field", "value"), [("fewest", 90), ("rows", 0), ("pooled", 200), ("draws", 0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        Nystrom(**{field: value})
