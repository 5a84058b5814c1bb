"""Regression on two targets, recomputed from its definition, and regressions that the laws are not about."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.richness.task_alignment import SCENE, TaskAlignment
from tests import oracles
from tests.conftest import default_data, default_run

CONFIG = TaskAlignment()
TARGETS = SCENE.targets(CONFIG)
STRENGTHS = np.arange(1.0, 101) ** -1.5
EARLY = np.sqrt(STRENGTHS / STRENGTHS.sum())


def rows() -> np.ndarray:
    return default_data("task-alignment")["raw/rows"][0].astype(np.float64)


def maps(samples: int, strengths: np.ndarray = STRENGTHS, ridge: float = 0.0) -> np.ndarray:
    """What regression makes of a target, (draws, dim, dim), from the first samples of every draw."""
    seen = rows()[:, :samples]
    spread = strengths[:, None] * np.swapaxes(seen, 1, 2)
    return spread @ np.linalg.solve(seen @ spread + ridge * np.eye(samples), seen)


def ratios(found: np.ndarray, samples: int) -> tuple[float, float]:
    """Errors of the early and of the late target over Eq. 16."""
    shares = oracles.learnability(STRENGTHS, samples)
    errors = []
    for target in (EARLY, EARLY[::-1]):
        expected = ((1 - shares) ** 2 * target**2).sum() / (1 - (shares**2).sum() / samples)
        errors.append(((target - found @ target) ** 2).sum(axis=1).mean() / expected)
    return errors[0], errors[1]


def shares_off(found: np.ndarray, samples: int) -> float:
    learned = np.diagonal(found, axis1=1, axis2=2).mean(axis=0)
    return np.abs(learned - oracles.learnability(STRENGTHS, samples)).max()


@pytest.mark.parametrize("samples", [4, 26, 80])
def test_projections_give_the_regression_of_the_definition(samples):
    arrays, found = default_run("task-alignment").arrays, maps(samples)
    assert arrays["samples"][samples] == samples
    early, late = ratios(found, samples)
    np.testing.assert_allclose(
        [arrays["ratio/early"][samples], arrays["ratio/late"][samples]], [early, late], rtol=1e-3
    )
    learned = np.diagonal(found, axis1=1, axis2=2).mean(axis=0)
    np.testing.assert_allclose(arrays["learned"][samples], learned, atol=1e-4)
    answers = (found @ EARLY[::-1]) ** 2
    lengths = np.sqrt(answers.mean(axis=0).reshape(10, 10).sum(axis=1))
    np.testing.assert_allclose(arrays["answer/late"][samples], lengths, atol=1e-3)


def test_without_a_sample_nothing_is_known():
    arrays = default_run("task-alignment").arrays
    for name in ("early", "late"):
        assert arrays[f"error/{name}"][0] == pytest.approx(1, abs=1e-5)
        assert arrays[f"expected_error/{name}"][0] == pytest.approx(1, abs=1e-5)
        assert not arrays[f"answer/{name}"][0].any()
    assert not arrays["learned"][0].any()


def test_the_regression_is_judged_as_the_targets_judge_it():
    for samples in (26, 74):
        early, late = ratios(maps(samples), samples)
        assert TARGETS["early"].met(early)
        assert TARGETS["late"].met(late)
        assert TARGETS["learned"].met(shares_off(maps(samples), samples))


@pytest.mark.parametrize(
    ("broken", "missed"),
    [
        ("flat", {"early", "late", "learned"}),  # 2.4 to 11; .44; .74
        ("half", {"early", "learned"}),  # 1.6; .33
        ("ridge", {"trace", "learned"}),  # .21; .14
    ],
)
def test_other_regressions_miss(broken, missed):
    samples = 26
    found = {
        "flat": lambda: maps(samples, strengths=np.ones(100)),
        "half": lambda: maps(samples // 2),
        "ridge": lambda: maps(samples, ridge=0.1),
    }[broken]()
    early, late = ratios(found, samples)
    traces = np.trace(found, axis1=1, axis2=2) / samples
    values = {
        "early": early,
        "late": late,
        "learned": shares_off(found, samples),
        "trace": np.abs(traces - 1).max(),
    }
    assert missed <= {key for key, value in values.items() if not TARGETS[key].met(value)}, values


def test_a_flat_regression_never_answers_worse_than_nothing():
    errors = [((EARLY[::-1] - maps(n, np.ones(100)) @ EARLY[::-1]) ** 2).sum(axis=1).mean() for n in (10, 26, 60)]
    assert not TARGETS["worst"].met(max(errors))
    np.testing.assert_allclose(errors, [0.9, 0.74, 0.4], atol=0.03)


def test_the_states_follow_the_late_error():
    arrays = default_run("task-alignment").arrays
    state, error = arrays["state"], arrays["error/late"]
    assert list(dict.fromkeys(state)) == [0, 1, 2, 3]
    worse, turns, better = (int(np.argmax(state == each)) for each in (1, 2, 3))
    assert error[worse] >= 1.2 > error[worse - 1]
    assert error.argmax() == turns - 1
    assert error[better:].max() < 1 <= error[better - 1]
    assert arrays["better_from"] == arrays["samples"][better]
    assert arrays["worst"] == error.max()


@pytest.mark.parametrize(
    ("field", "value"), [("steps", 100), ("dim", 101), ("dim", 10), ("draws", 1), ("exponent", -1.0)]
)
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        TaskAlignment(**{field: value})
