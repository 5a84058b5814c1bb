from __future__ import annotations

import numpy as np
from hypothesis import given
from scipy.integrate import solve_ivp

from render.metrics import signed_rules as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

signed_rules = jitted(module)


@fuzz
@given(SEEDS)
def test_it_is_the_plain_expression_and_a_rotation_of_the_inputs_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    incoming, readout = rng.normal(size=(6, 3)), rng.normal(size=6)
    signs = rng.choice([-1.0, 1.0, 0.5], size=6)
    expected = [a * a - d * (row @ row) for row, a, d in zip(incoming, readout, signs, strict=True)]
    np.testing.assert_allclose(signed_rules.kept_by_units(incoming, readout, signs), expected, atol=1e-5)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    np.testing.assert_allclose(signed_rules.kept_by_units(incoming @ rotation, readout, signs), expected, atol=1e-5)


def test_the_flow_keeps_it_for_any_signs_and_data() -> None:
    rng = np.random.default_rng(3)
    inputs, answers, signs = rng.normal(size=(20, 3)), rng.normal(size=20), np.array([1.0, -1.0, 1.0, -0.4, 0.0])
    start = 0.3 * rng.normal(size=20)

    def flow(_: float, weights: np.ndarray) -> np.ndarray:
        incoming, readout = weights[:15].reshape(5, 3), weights[15:]
        gradient = inputs.T @ (inputs @ incoming.T @ readout - answers) / 20
        return np.concatenate([-np.outer(readout, gradient).ravel(), -signs * (incoming @ gradient)])

    run = solve_ivp(flow, (0, 3), start, rtol=1e-10, atol=1e-12)
    kept = [signed_rules.kept_by_units(y[:15].reshape(5, 3), y[15:], signs) for y in run.y.T]
    assert np.abs(run.y[:, -1] - start).max() > 0.1
    np.testing.assert_allclose(kept, np.broadcast_to(kept[0], np.shape(kept)), atol=1e-6)


def test_a_flipped_unit_keeps_its_radius_and_one_without_weights_nothing() -> None:
    incoming, readout, signs = np.array([[3.0], [3.0], [0.0]]), np.array([4.0, 4.0, 0.0]), np.array([-1.0, 1.0, 1.0])
    np.testing.assert_allclose(signed_rules.kept_by_units(incoming, readout, signs), [25, 7, 0])
