"""Five, six and seven lines against packings that are written down, what breaks them, and what is drawn."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

from render.metrics import geometry
from render.training import trajectory
from scenes.latent_audit.unreachable_floor import SCENE, UnreachableFloor
from tests import conftest

GOLDEN = (1 + 5**0.5) / 2
SIX = np.array([[0, 1, GOLDEN], [0, -1, GOLDEN], [1, GOLDEN, 0], [-1, GOLDEN, 0], [GOLDEN, 0, 1], [GOLDEN, 0, -1]])
SIX = SIX / np.linalg.norm(SIX[0])
CUBE = np.array([*np.eye(3), *(np.array([1, *signs]) / 3**0.5 for signs in itertools.product((1, -1), repeat=2))])
FLOORS = {"five": (2 / 12) ** 0.5, "six": (3 / 15) ** 0.5, "seven": (4 / 18) ** 0.5}
TARGETS = SCENE.targets(UnreachableFloor())


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def overlaps(rows: np.ndarray) -> np.ndarray:
    table = np.abs(rows.astype(np.float64) @ rows.astype(np.float64).T)
    return np.sort(table[np.triu_indices(len(rows), k=1)])


def test_the_packings_are_what_they_are_said_to_be():
    np.testing.assert_allclose(overlaps(SIX), FLOORS["six"], atol=1e-12)
    np.testing.assert_allclose(overlaps(SIX[:5]), 1 / 5**0.5, atol=1e-12)
    np.testing.assert_allclose(np.linalg.eigvalsh(SIX[:5].T @ SIX[:5]), [1, 2, 2], atol=1e-12)
    np.testing.assert_allclose(CUBE.T @ CUBE, 7 / 3 * np.eye(3), atol=1e-12)
    np.testing.assert_allclose(overlaps(CUBE), [0] * 3 + [1 / 3] * 6 + [3**-0.5] * 12, atol=1e-12)


def test_more_than_six_vectors_in_five_dimensions_have_two_at_an_angle_of_90_degrees_at_most():
    """Whence 1/sqrt 3 for seven lines: xx' - I/3 has an inner product of cos^2 - 1/3 with another."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        rows = rng.normal(size=(7, 3))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        lifted = (rows[:, :, None] * rows[:, None, :] - np.eye(3) / 3).reshape(7, 9)
        inner = (lifted @ lifted.T)[np.triu_indices(7, k=1)]
        np.testing.assert_allclose(inner, ((rows @ rows.T) ** 2 - 1 / 3)[np.triu_indices(7, k=1)], atol=1e-12)
        assert np.linalg.matrix_rank(lifted) == 5
        assert inner.max() >= 0


def test_each_arm_ends_on_its_packing():
    arrays = run()
    for arm, packing in {"five": SIX[:5], "six": SIX, "seven": CUBE}.items():
        rows = arrays[f"codes/{arm}"][-1]
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(overlaps(rows), overlaps(packing), atol=1e-3)
    assert overlaps(arrays["codes/tight"][-1])[-1] > 0.6


def test_no_set_is_ever_below_its_bound_and_only_six_have_welchs():
    arrays = run()
    least = np.array([5**-0.5, 5**-0.5, 3**-0.5, 3**-0.5])
    worst = np.stack([arrays[f"coherence/{arm}"] for arm in ("five", "six", "seven", "tight")], axis=1)
    np.testing.assert_allclose(arrays["over_lowest"], worst / least, rtol=1e-6)
    assert arrays["over_lowest"].min() > 1 - 1e-5
    reached = {arm: arrays[f"coherence/{arm}"][-1] / floor for arm, floor in FLOORS.items()}
    assert reached == {
        "five": pytest.approx(1.0954, abs=2e-3),
        "six": pytest.approx(1, abs=1e-4),
        "seven": pytest.approx(1.2247, abs=1e-4),
    }


def missed(arrays: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    """Values of targets that all must be missed."""
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def test_a_blunt_maximum_and_starts_in_a_plane_miss():
    """Gradients stay in the span of the codes: in a plane six and seven end at the angles of a regular fan."""

    def init(config: UnreachableFloor, key: Any) -> Any:
        state = SCENE.init(config, key)
        flat = {arm: geometry.unit_rows(state.codes[arm].at[:, 2].set(0)) for arm in ("six", "seven")}
        return state._replace(codes=state.codes | flat)

    arrays = trajectory.run(dataclasses.replace(SCENE, init=init), UnreachableFloor(sharp=30.0)).arrays
    values = missed(arrays, "six", "seven", "cube", "seven_even", "five", "five_uneven")
    assert values["six"] == pytest.approx(np.cos(np.pi / 6), abs=0.01)
    assert values["seven"] == pytest.approx(np.cos(np.pi / 7), abs=0.01)
    assert values["five"] == pytest.approx(0.4571, abs=1e-3)


def test_too_few_steps_miss():
    arrays = run()
    early = {name: array[: np.searchsorted(arrays["step"], 20)] for name, array in arrays.items() if np.ndim(array)}
    missed(early, "six", "seven", "cube", "seven_even", "five", "five_uneven", "tight_even")


def test_dots_are_the_pairs_in_units_of_the_floor():
    arrays = run()
    for column, (arm, floor) in enumerate(FLOORS.items()):
        for frame in (0, 20, -1):
            heights = np.sort(arrays[f"dots/{arm}"][frame, :, 1])
            expected = np.maximum(overlaps(arrays[f"codes/{arm}"][frame]) / floor, 1e-3)
            np.testing.assert_allclose(heights, expected, atol=1e-4)
            np.testing.assert_allclose(arrays["worst"][frame, column, :, 1], expected[-1], atol=1e-4)
        assert np.abs(arrays[f"dots/{arm}"][..., 0] - column).max() < 0.5
        values = np.linalg.eigvalsh(arrays[f"codes/{arm}"][-1].T @ arrays[f"codes/{arm}"][-1])[::-1]
        np.testing.assert_allclose(arrays[f"spread/{arm}"][-1], values * 3 / (5 + column), atol=1e-5)
        assert arrays[f"kinds/{arm}"].sum() == (10, 15, 12)[column]
    np.testing.assert_allclose(arrays["beyond"][:, 2, 1], [(6 / 5) ** 0.5, 1, 1.5**0.5], rtol=1e-9)
    assert (arrays["above/five"], arrays["above/seven"]) == (pytest.approx(9.5, abs=0.2), pytest.approx(22.5, abs=0.1))


def test_at_rest_is_where_none_of_the_three_sinks_any_more():
    arrays = run()
    highest, states = arrays["worst"][:, :, 0, 1], arrays["state"]
    assert states.tolist() == sorted(states)
    assert set(states.tolist()) == {0, 1, 2}
    assert (highest[states == 2] < 1.02 * highest[-1]).all()
    assert (highest[np.argmax(states == 1)] < 0.9 * highest[0]).any()


@pytest.mark.parametrize(
    ("field", "value"), [("blunt", 0.0), ("sharp", 1e6), ("tightness", -1.0), ("learning_rate", 0.0), ("frames", 10**9)]
)
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        UnreachableFloor(**{field: value})
