"""Smaller targets, recomputed in NumPy: which measures of richness put the networks in order, and which do not."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest

from scenes.richness.target_downscaling import SCENE, TargetDownscaling
from tests.conftest import default_run
from tests.scenes.richness_helpers import check_runs, nc1, practical, responses, trained

SMALL = TargetDownscaling(train_points=300, hidden=32, steps=100)
RUNS = ("small", "middle", "large")
ALPHAS = (0.2, 2.0, 20.0)
MEASURES = ("low_rank", "nc1_inverse", "kernel_left", "nc1_ridge", "squared_norm")


@functools.cache
def small() -> tuple:
    return trained(SCENE, SMALL, steps=40)


def test_what_is_measured_is_what_the_networks_say():
    state, measured = small()
    nets, start = state.nets, SCENE.init(SMALL, jax.random.key(0)).nets
    labels = nets.train.labels
    check_runs(nets, measured, RUNS)
    first, _ = responses(start.params, start.train.inputs, 0)
    for run, name in enumerate(RUNS):
        features, outputs = responses(nets.params, nets.train.inputs, run)
        expected = {
            "nc1_ridge": nc1(features, labels, 1e-4),
            "nc1_inverse": nc1(features, labels, 0),
            "kernel_left": 1 - practical(first, features),
            "squared_norm": sum((np.asarray(leaf[run], float) ** 2).sum() for leaf in jax.tree.leaves(nets.params)),
        }
        for array, value in expected.items():
            assert measured[f"{array}/{name}"] == pytest.approx(value, rel=0.02), (array, name)
        loss = ALPHAS[run] ** 2 * ((outputs - nets.targets[run]) ** 2).sum(axis=1).mean()
        assert measured["loss" if run == 0 else f"loss_{name}"] == pytest.approx(loss, rel=1e-3)
    low_ranks = [measured[f"low_rank/{name}"] for name in RUNS]
    assert measured["smallest_gap"] == min(np.diff(low_ranks))


def test_targets_are_the_classes_divided_by_alpha():
    state, _ = small()
    for alpha, targets in zip(ALPHAS, state.nets.targets, strict=True):
        np.testing.assert_allclose(targets, np.eye(10)[state.nets.train.labels] / alpha, rtol=1e-6)


def test_all_three_fit_and_the_low_rank_measure_orders_them():
    run = default_run("target-downscaling").arrays
    assert run["train_accuracy"][-1] == 1
    assert (np.diff([run[f"low_rank/{name}"][-1] for name in RUNS]) >= 0.1).all()


@pytest.mark.parametrize(
    ("measure", "ordered"), [("low_rank", 1), ("nc1_inverse", 1), ("nc1_ridge", -1), ("squared_norm", -1)]
)
def test_which_measures_order_alpha_and_which_order_it_backwards_as_the_caption_says(measure, ordered):
    run = default_run("target-downscaling").arrays
    assert (ordered * np.diff([run[f"{measure}/{name}"][-1] for name in RUNS]) > 0).all()


def test_bars_are_the_measures_in_units_of_the_largest():
    run = default_run("target-downscaling").arrays
    for column, measure in enumerate(MEASURES):
        values = np.array([run[f"{measure}/{name}"] for name in RUNS], float)
        for row, name in enumerate(RUNS):
            np.testing.assert_allclose(run[f"compared/{name}"][:, column], values[row] / values.max(axis=0), rtol=1e-6)


@pytest.mark.parametrize(("field", "value"), [("alpha", 0.0), ("alpha", 1000.0), ("ridge", 0.0)])
def test_a_senseless_value_is_rejected_by_name(field, value):
    with pytest.raises(ValueError, match=f"{field}={value}"):
        TargetDownscaling(**{field: value})


def test_the_filled_part_of_a_box_is_the_share_of_variance_that_the_answer_uses():
    arrays = default_run("target-downscaling").arrays
    for run in ("small", "middle", "large"):
        widths, use = arrays[f"widths/{run}"], arrays[f"use/{run}"]
        np.testing.assert_allclose(widths.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose((widths * use).sum(axis=1), arrays[f"used/{run}"], atol=1e-5)
    assert list(dict.fromkeys(arrays["state"])) == [0, 1, 2]
    assert (arrays["train_accuracy"][arrays["state"] == 2][-1]) == 1
