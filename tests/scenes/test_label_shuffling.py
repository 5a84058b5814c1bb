"""Shuffled labels: what is shuffled, how much, and that the richness is the same in the end."""

from __future__ import annotations

import dataclasses
import functools

import jax.numpy as jnp
import numpy as np
import pytest

from render.scene import family
from scenes.richness import label_shuffling
from scenes.richness.label_shuffling import SCENE, LabelShuffling
from tests.conftest import default_run
from tests.scenes.richness_helpers import check_runs, images, responses, trained

SMALL = LabelShuffling(train_points=300, hidden=32, steps=100, share=0.25, weight_scale=1.0)
RUNS = ("none", "some", "all")
DIM = 32  # of SMALL's features: with as many modes the sums of the low-rank measure are complete


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
        assert measured[f"fitted/{name}"] == pytest.approx(fitted[-1], abs=0.004)
        assert measured[f"rank/{name}"] == np.linalg.matrix_rank(outputs - outputs.mean(axis=0), rtol=0.05)
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


def derived(arrays: dict, step: np.ndarray, config: LabelShuffling) -> dict:
    known = {"example_images": np.zeros((4, 8, 8)), **arrays, "step": step}
    return SCENE.derive(config, **{name: family(known, name) for name in SCENE.derive_reads})


def test_bars_and_the_part_of_them_that_is_used_are_the_low_rank_measure_taken_apart(monkeypatch):
    """D_LR = 1 - sum lambda p / (sqrt(r) |lambda|), p_k = |P e_k|^2, P the projection onto the span of the outputs."""
    monkeypatch.setattr(label_shuffling, "BARS", DIM)
    config = dataclasses.replace(SMALL, modes=DIM)
    state, measured = trained(SCENE, config, steps=40)
    used = derived({name: array[None] for name, array in measured.items()}, np.array([40]), config)["used"]
    for run, name in enumerate(RUNS):
        features, outputs = (array - array.mean(axis=0) for array in responses(state.params, state.train.inputs, run))
        functions, singular, _ = np.linalg.svd(features, full_matrices=False)
        span, sizes, _ = np.linalg.svd(outputs, full_matrices=False)
        span = span[:, sizes > 0.05 * sizes[0]]
        heights = (singular / singular[0]) ** 2
        parts = heights * ((span.T @ functions) ** 2).sum(axis=0)
        np.testing.assert_allclose(used[name][0], parts, atol=2e-3)
        rank = measured[f"rank/{name}"]
        assert rank == span.shape[1]
        whole = np.linalg.norm(measured[f"eigenvalues/{name}"].astype(np.float64))
        assert 1 - used[name][0].sum() / (rank**0.5 * whole) == pytest.approx(measured[f"low_rank/{name}"], abs=1e-4)


def test_the_bars_drawn_tell_nearly_all_of_the_low_rank_measure_at_the_end():
    run = default_run("label-shuffling").arrays
    for name in RUNS:
        used, heights = run[f"used/{name}"], run[f"eigenvalues/{name}"][:, :16]
        assert used.shape == heights.shape == (80, 16)
        assert (used >= 0).all()
        assert (used <= heights).all()
        told = 1 - used[-1].sum() / (run[f"rank/{name}"][-1] ** 0.5 * np.linalg.norm(heights[-1]))
        assert told == pytest.approx(run[f"low_rank/{name}"][-1], abs=2e-3)
        assert used[-1][:9].sum() > 0.99 * used[-1].sum()
        assert run[f"rank/{name}"][-1] == 9
    lowest = np.min([run[f"utilization/{name}"][:, 8] for name in RUNS], axis=0)
    np.testing.assert_array_equal(run["nine_use"], lowest)


def test_examples_are_four_digits_of_the_training_images_that_are_told_right_and_wrong():
    run = default_run("label-shuffling").arrays
    assert run["labels_told/none"].tolist() == [0, 3, 6, 4]
    assert (run["labels_told/all"] != run["labels_told/none"]).all()
    shown = [images()[np.float32(image).tobytes()] for image in run["example_images"]]
    assert shown == [0, 3, 6, 4]
    wrong = [float(run[f"labels_wrong/{name}"]) for name in RUNS]
    np.testing.assert_allclose(wrong, [0, 0.09, 0.9], atol=0.005)


def test_examples_are_the_first_of_their_digit_with_another_label():
    truth = jnp.array([4, 0, 0, 3, 6, 6, 4, 3])
    told = jnp.array([4, 0, 1, 9, 6, 0, 3, 3])
    assert label_shuffling.examples(truth, told).tolist() == [2, 3, 5, 6]


def test_true_labels_are_learned_first_then_all():
    run = default_run("label-shuffling").arrays
    state, steps = run["state"], run["step"]
    assert sorted(set(state)) == [0, 1, 2]
    right, nonsense = (next(i for i in range(80) if run[f"fitted/{name}"][i] >= 0.99) for name in ("none", "all"))
    assert (state.tolist().index(1), state.tolist().index(2)) == (right, nonsense)
    assert run["learned_later"] == pytest.approx(steps[nonsense] / steps[right])


@pytest.mark.parametrize(
    ("right", "nonsense", "state", "later"),
    [
        ([0.1, 0.99, 0.98, 1.0], [0.1, 0.2, 0.3, 1.0], [0, 1, 1, 2], 4.0),
        ([0.1, 0.99, 0.98, 1.0], [1.0, 0.2, 0.3, 0.4], [0, 2, 2, 2], 0.0),
        ([0.1, 0.99, 0.98, 1.0], [0.1, 0.2, 0.3, 0.4], [0, 1, 1, 1], 0.0),
        ([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 1.0], [0, 0, 0, 0], 0.0),
    ],
)
def test_a_state_stays_and_labels_that_are_never_learned_give_no_ratio(right, nonsense, state, later):
    fitted = {"none": right, "some": nonsense, "all": nonsense}
    curves = {f"{name}/{run}": np.ones((4, 24)) for name in ("eigenvalues", "utilization") for run in RUNS}
    ranks = {f"rank/{run}": np.full(4, 9.0) for run in RUNS}
    shares = {f"fitted/{run}": np.array(share) for run, share in fitted.items()}
    found = derived({**curves, **ranks, **shares}, np.array([0, 10, 20, 40]), LabelShuffling())
    assert found["state"].tolist() == state
    assert found["learned_later"] == later


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_a_share_is_from_0_to_1(value):
    with pytest.raises(ValueError, match=f"share={value}"):
        LabelShuffling(share=value)
