from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from render.metrics import weight_norms as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

norms = jitted(module)
RATE, DECAY = 0.03, 0.2


def test_a_step_at_right_angles_and_decay_change_the_squared_length_as_the_law_has_it() -> None:
    rng = np.random.default_rng(0)
    weights, gradient = rng.normal(size=(2, 50, 4))
    gradient -= weights * ((weights * gradient).sum(1) / (weights**2).sum(1))[:, None]
    after = weights - RATE * (gradient + DECAY * weights)
    found = norms.squared_norm_after((weights**2).sum(1), (gradient**2).sum(1), RATE, DECAY)
    np.testing.assert_allclose(found, (after**2).sum(1), rtol=1e-5)
    grown = norms.squared_norm_after((weights**2).sum(1), (gradient**2).sum(1), RATE)
    np.testing.assert_allclose(grown, ((weights - RATE * gradient) ** 2).sum(1), rtol=1e-5)


@fuzz
@given(SEEDS)
def test_the_average_is_the_square_of_the_law_but_for_its_last_term(seed: int) -> None:
    norm, size = np.random.default_rng(seed).exponential(size=2) + 0.1
    after = norms.squared_norm_after(norm, size, RATE, DECAY)
    average = norms.squared_gradient_average(norm**2, size * norm, RATE, DECAY)
    np.testing.assert_allclose(average, after**2 - RATE**4 * size**2, rtol=2e-5)


@pytest.mark.parametrize(("angle", "noise", "dim"), [(0.0, 1.0, 2), (0.7, 0.5, 2), (2.5, 0.0, 5), (np.pi, 1.0, 3)])
def test_the_expected_squared_gradient_is_the_mean_over_samples(angle: float, noise: float, dim: int) -> None:
    rng = np.random.default_rng(1)
    unit, aim = np.eye(dim)[0], np.cos(angle) * np.eye(dim)[0] + np.sin(angle) * np.eye(dim)[1]
    inputs, labels = rng.normal(size=(400_000, dim)), noise * rng.normal(size=400_000)
    errors = inputs @ (unit - aim) - labels
    sideways = inputs - np.outer(inputs @ unit, unit)
    mean = ((errors[:, None] * sideways) ** 2).sum(1).mean()
    np.testing.assert_allclose(norms.expected_squared_gradient(angle, noise, dim), mean, rtol=0.03, atol=1e-5)


@pytest.mark.parametrize(("rate", "decay", "noise", "dim"), [(0.03, 0.01, 1.0, 2), (0.1, 0.02, 0.3, 10)])
def test_where_it_settles_steps_add_what_decay_takes(rate: float, decay: float, noise: float, dim: int) -> None:
    norm, missing = (float(value) for value in norms.settled(rate, decay, noise, dim))
    size = noise**2 * (dim - 1) + (dim + 1) * missing
    assert missing == pytest.approx(rate * size / (2 * norm), rel=1e-5)
    assert norm == pytest.approx((1 - rate * decay) ** 2 * norm + rate**2 * size / norm, rel=1e-5)
    turn = rate**2 * size / norm**2
    assert turn == pytest.approx(rate * decay * (2 - rate * decay), rel=1e-5)


def test_without_noise_or_a_second_direction_nothing_holds_weights_up() -> None:
    assert float(norms.settled(0.1, 0.01, 0.0, 1)[0]) == pytest.approx(
        0.1 * (2 / 2), rel=1e-5
    )  # root of G is (d + 1) sqrt(k)/2
    tiny = norms.settled(0.1, 1e-8, 0.0, 2)
    assert float(tiny[1]) < 1e-6
    assert float(norms.squared_norm_after(0.0, 0.0, 0.1, 0.01)) == 0.0
