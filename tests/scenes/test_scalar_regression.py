"""One number against ten classes, recomputed in NumPy; the nine outputs that one number has no use for stay zero."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from scenes.richness.scalar_regression import SCENE, ScalarRegression
from tests.conftest import default_run
from tests.scenes.richness_helpers import check_runs, images, responses, share_in_modes, trained

SMALL = ScalarRegression(train_points=300, hidden=32, steps=100, weight_scale=1.0)
RUNS = ("scalar", "classes")


@functools.cache
def small() -> tuple:
    return trained(SCENE, SMALL, steps=40)


def entropy_rank(weights: np.ndarray) -> float:
    shares = weights[weights > 0] / weights.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def test_what_is_measured_is_what_the_networks_say():
    state, measured = small()
    check_runs(state, measured, RUNS)
    for run, name in enumerate(RUNS):
        features, outputs = responses(state.params, state.train.inputs, run)
        shares = np.diff(share_in_modes(features, outputs, 32), prepend=0)
        assert measured[f"modes_used/{name}"] == pytest.approx(entropy_rank(shares), rel=5e-3)
        loss = ((outputs - state.targets[run]) ** 2).sum(axis=1).mean()
        assert measured["loss" if run == 0 else "loss_classes"] == pytest.approx(loss, rel=1e-4)


def test_targets_are_the_standardised_number_and_the_classes():
    state, _ = small()
    labels = np.array([images()[row.tobytes()] for row in state.train.inputs], float)
    np.testing.assert_allclose(state.targets[0][:, 0], (labels - labels.mean()) / labels.std(), atol=1e-5)
    assert not state.targets[0][:, 1:].any()
    np.testing.assert_array_equal(state.targets[1], np.eye(10)[labels.astype(int)])


def test_the_outputs_without_a_target_never_move():
    state, _ = small()
    last = state.params[-1]
    assert not last["weights"][0, :, 1:].any()
    assert not last["bias"][0, 1:].any()
    assert last["weights"][0, :, 0].all()
    assert last["bias"][0, 0] != 0
    assert last["weights"][1].any(axis=0).all()


def test_they_end_with_one_mode_and_with_nine():
    run = default_run("scalar-regression").arrays
    assert run["modes_used/scalar"][-1] == pytest.approx(1, abs=0.1)
    assert run["modes_used/classes"][-1] == pytest.approx(9, abs=0.3)
    assert run["low_rank/scalar"][-1] <= 0.05
    assert run["low_rank/classes"][-1] <= 0.1
    assert min(run[f"modes_used/{name}"][0] for name in RUNS) > 5
    assert run["train_accuracy"][-1] == 1
    assert run["loss"][-1] < 0.01
    np.testing.assert_allclose(run["utilization/classes"][-1], np.minimum(np.arange(1, 25) / 9, 1), atol=0.05)
    np.testing.assert_allclose(run["utilization/scalar"][-1], 1, atol=0.05)


def test_the_bars_are_the_share_of_the_answer_in_each_direction_and_the_states_count_those_in_use():
    arrays = default_run("scalar-regression").arrays
    for run, rank in (("scalar", 1), ("classes", 9)):
        use = arrays[f"use/{run}"]
        np.testing.assert_allclose(np.cumsum(use, axis=1) / rank, arrays[f"utilization/{run}"], atol=1e-5)
        np.testing.assert_allclose(use[-1, :rank], 1, atol=0.15)
        assert arrays[f"slots/{run}"][1].tolist() == [[0.5, 1.0], [rank + 0.5, 1.0]]
    assert list(dict.fromkeys(arrays["state"])) == [0, 1, 2]
    ended = arrays["state"] == 2
    assert (np.abs(arrays["modes_used/classes"][ended] / 9 - 1) <= 0.1).all()
