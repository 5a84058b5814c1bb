"""Shuffled labels: what is shuffled, how much, and that the richness is the same in the end."""

from __future__ import annotations

import functools

import jax.numpy as jnp
import numpy as np
import pytest

from scenes.richness import label_shuffling
from scenes.richness.label_shuffling import SCENE, LabelShuffling
from tests.conftest import default_run
from tests.scenes.richness_helpers import check_runs, images, responses, trained

SMALL = LabelShuffling(train_points=300, hidden=32, steps=100, share=0.25, weight_scale=1.0)
RUNS = ("none", "some", "all")


@functools.cache
def small() -> tuple:
    return trained(SCENE, SMALL, steps=40)


def test_what_is_measured_is_what_the_networks_say():
    state, measured = small()
    check_runs(state, measured, RUNS)
    fitted, low_ranks = [], []
    for run, name in enumerate(RUNS):
        _, outputs = responses(state.params, state.train.inputs, run)
        _, unseen = responses(state.params, state.test.inputs, run)
        fitted.append((outputs.argmax(axis=1) == state.targets[run].argmax(axis=1)).mean())
        low_ranks.append(measured[f"low_rank/{name}"])
        test = (unseen.argmax(axis=1) == state.test.labels).mean()
        assert measured[f"test_accuracy/{name}"] == pytest.approx(test, abs=0.002)
        loss = ((outputs - state.targets[run]) ** 2).sum(axis=1).mean()
        assert measured["loss" if run == 0 else f"loss_{name}"] == pytest.approx(loss, rel=1e-4)
    assert measured["train_accuracy"] == pytest.approx(min(fitted), abs=0.004)
    assert measured["low_rank_spread"] == max(low_ranks) - min(low_ranks)
    assert measured["low_rank_most"] == max(low_ranks)


def test_shares_of_the_labels_are_shuffled_and_classes_keep_their_size():
    state, _ = small()
    truth = np.array([images()[row.tobytes()] for row in state.train.inputs])
    for run, count in enumerate((0, 75, 300)):
        labels = state.targets[run].argmax(axis=1)
        np.testing.assert_array_equal(np.bincount(labels, minlength=10), np.bincount(truth, minlength=10))
        np.testing.assert_array_equal(labels[count:], truth[count:])
        if count:
            assert (labels[:count] == truth[:count]).mean() == pytest.approx(0.1, abs=4 * (0.09 / count) ** 0.5)


def test_shuffling_moves_labels_by_one_place():
    labels = jnp.array([5, 6, 7, 8])
    assert label_shuffling.shuffled(labels, 3).tolist() == [7, 5, 6, 8]
    assert label_shuffling.shuffled(labels, 0).tolist() == [5, 6, 7, 8]


def test_dynamics_end_as_rich_and_accuracy_at_chance():
    run = default_run("label-shuffling").arrays
    low_ranks = [run[f"low_rank/{name}"][-1] for name in RUNS]
    assert max(low_ranks) <= 0.15
    assert max(low_ranks) - min(low_ranks) <= 0.1
    assert run["train_accuracy"][-1] == 1
    assert run["test_accuracy/none"][-1] >= 0.95
    assert 0.5 < run["test_accuracy/some"][-1] < run["test_accuracy/none"][-1]
    assert run["test_accuracy/all"][-1] <= 0.15
    for name in RUNS:
        np.testing.assert_allclose(run[f"quality/{name}"][-1], np.minimum(np.arange(1, 25) / 9, 1), atol=0.05)


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_a_share_is_from_0_to_1(value):
    with pytest.raises(ValueError, match=f"share={value}"):
        LabelShuffling(share=value)
