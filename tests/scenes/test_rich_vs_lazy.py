"""Rich and lazy, recomputed in NumPy from the networks; the shortcut is in the training images alone."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from scenes.richness.rich_vs_lazy import SCENE, RichVsLazy
from tests.conftest import default_run
from tests.scenes.richness_helpers import check_runs, responses, trained

SMALL = RichVsLazy(train_points=200, hidden=32, steps=100)


@functools.cache
def small() -> tuple:
    return trained(SCENE, SMALL, steps=40)


def test_what_is_measured_is_what_the_networks_say():
    state, measured = small()
    check_runs(state, measured, ("rich", "lazy"))
    for run, name in enumerate(("rich", "lazy")):
        _, outputs = responses(state.params, state.train.inputs, run)
        _, unseen = responses(state.params, state.test.inputs, run)
        train = (outputs.argmax(axis=1) == state.train.labels).mean()
        test = (unseen.argmax(axis=1) == state.test.labels).mean()
        assert measured[f"train_accuracy/{name}"] == pytest.approx(train, abs=0.006)
        assert measured[f"test_accuracy/{name}"] == pytest.approx(test, abs=0.002)
        loss = ((outputs - np.eye(10)[state.train.labels]) ** 2).sum(axis=1).mean()
        assert measured["loss" if run == 0 else "loss_lazy"] == pytest.approx(loss, rel=1e-4)
    assert measured["low_rank_gap"] == measured["low_rank/lazy"] - measured["low_rank/rich"]
    assert measured["test_gap"] == measured["test_accuracy/lazy"] - measured["test_accuracy/rich"]


def test_pixels_tell_the_label_in_training_and_nothing_in_the_test():
    state, _ = small()
    for part in (state.train, state.test):
        np.testing.assert_allclose(np.unique(part.inputs[:, :10]), [0, 0.6], rtol=1e-6)
        np.testing.assert_array_equal((part.inputs[:, :10] > 0).sum(axis=1), 1)
    np.testing.assert_array_equal(state.train.inputs[:, :10].argmax(axis=1), state.train.labels)
    told = (state.test.inputs[:, :10].argmax(axis=1) == state.test.labels).mean()
    assert told == pytest.approx(0.1, abs=4 * (0.09 / len(state.test.labels)) ** 0.5)


def test_the_rich_net_fits_learns_the_digits_first_and_ends_at_the_shortcut():
    run = default_run("rich-vs-lazy").arrays
    assert run["train_accuracy/rich"][-1] == 1
    assert run["test_accuracy/rich"].max() > 0.6
    assert run["test_accuracy/rich"][-1] <= 0.2
    assert run["test_accuracy/lazy"][-1] >= run["test_accuracy/rich"][-1] + 0.5
    assert run["low_rank/rich"][-1] <= 0.05
    assert run["low_rank/lazy"][-1] >= run["low_rank/rich"][-1] + 0.3


def test_they_start_alike_and_the_features_of_the_lazy_one_never_move():
    run = default_run("rich-vs-lazy").arrays
    for name in ("low_rank", "quality", "utilization", "eigenvalues", "test_accuracy"):
        np.testing.assert_allclose(run[f"{name}/rich"][0], run[f"{name}/lazy"][0], atol=1e-4)
    np.testing.assert_allclose(run["eigenvalues/lazy"], run["eigenvalues/lazy"][:1].repeat(80, axis=0), atol=1e-5)


def test_the_rich_features_end_as_the_nine_dimensions_of_the_classes():
    run = default_run("rich-vs-lazy").arrays
    np.testing.assert_allclose(run["ideal"], np.minimum(np.arange(1, 25) / 9, 1), rtol=1e-6)
    np.testing.assert_allclose(run["quality/rich"][-1], run["ideal"], atol=0.01)
    np.testing.assert_allclose(run["utilization/rich"][-1], run["ideal"], atol=0.01)
    assert run["eigenvalues/rich"][-1][9] < 0.05 < 0.3 < run["eigenvalues/rich"][-1][8]
    assert run["quality/lazy"][-1][8] < 0.6


@pytest.mark.parametrize("value", [0.0, -0.6])
def test_an_amplitude_is_positive(value):
    with pytest.raises(ValueError, match=f"amplitude={value}"):
        RichVsLazy(amplitude=value)
