"""Decay alone, recomputed in NumPy: what scales away, what does not, and when biases round the outputs to constants."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest

from scenes.richness.weight_decay_only import SCENE, WeightDecayOnly
from tests.conftest import default_run
from tests.scenes.richness_helpers import low_rank, nc1, practical, relative_eigenvalues, responses, trained

HALFWAY = 315


@functools.cache
def halfway() -> tuple:
    return trained(SCENE, WeightDecayOnly(), steps=HALFWAY)


def test_what_is_measured_is_what_the_network_says():
    state, measured = halfway()
    labels = state.train.labels
    features, outputs = responses(state.params, state.train.inputs)
    assert measured["low_rank"] == pytest.approx(low_rank(features, outputs), abs=1e-4)
    assert measured["low_rank_practical"] == pytest.approx(practical(features, outputs), abs=1e-4)
    assert measured["nc1_ridge"] == pytest.approx(nc1(features, labels, 1e-4), rel=1e-3)
    unit = features / np.abs(features).max()
    assert measured["nc1_inverse"] == pytest.approx(nc1(unit, labels, 0), rel=1e-3)
    means = np.stack([features[labels == label].mean(axis=0) for label in range(10)])
    between = ((means[labels] - features.mean(axis=0)) ** 2).sum()
    assert measured["nc1_quotient"] == pytest.approx(((features - means[labels]) ** 2).sum() / between, rel=1e-3)
    variances = np.linalg.eigvalsh(np.cov(features.T, bias=True))[::-1][:24]
    np.testing.assert_allclose(measured["variances"], variances, rtol=1e-3)
    np.testing.assert_allclose(measured["eigenvalues/net"], relative_eigenvalues(features, 24), rtol=1e-3)


def test_every_weight_is_the_first_one_times_the_factor():
    state, measured = halfway()
    start = SCENE.init(WeightDecayOnly(), jax.random.key(0))
    assert measured["factor"] == pytest.approx(0.1, rel=1e-5)
    for layer, first in zip(state.params, start.params, strict=True):
        np.testing.assert_allclose(layer["weights"], 0.1 * np.asarray(first["weights"]), rtol=1e-5)
        assert not layer["bias"].any()


def test_three_bias_free_layers_scale_variances_with_the_sixth_power():
    run = default_run("weight-decay-only").arrays
    np.testing.assert_allclose(run["factor"][[0, -1]], [1, 0.01], rtol=1e-5)
    expected = run["factor"][:, None].astype(float) ** 6 * run["variances"][0]
    np.testing.assert_allclose(run["variances"], expected, rtol=2e-3)
    np.testing.assert_allclose(run["squared_norm"], run["factor"] ** 2 * run["squared_norm"][0], rtol=1e-4)


def test_the_ridge_alone_makes_nc1_fall():
    run = default_run("weight-decay-only").arrays
    np.testing.assert_allclose(run["nc1_fall"], run["nc1_ridge"][0].astype(float) / run["nc1_ridge"], rtol=1e-6)
    assert run["nc1_fall"][-1] >= 1e6
    assert np.ptp(run["low_rank"]) < 1e-3
    for name in ("nc1_inverse", "nc1_quotient", "utilization/net", "eigenvalues/net"):
        np.testing.assert_allclose(run[name], run[name][:1].repeat(64, axis=0), rtol=1e-3)


def test_with_biases_outputs_round_to_constants_as_the_caption_says():
    for seed in range(3):
        config = WeightDecayOnly(biases=True, scale=1e-3)
        state, measured = trained(SCENE, config, steps=config.steps, seed=seed)
        bias = state.params[-1]["bias"]
        assert measured["low_rank"] > 0.995
        _, outputs = responses(state.params, state.train.inputs)
        assert np.ptp(outputs, axis=0).max() < 1e-6 * np.abs(bias).max()  # float32 has 6e-8 of what it is added to


@pytest.mark.parametrize(("field", "value"), [("scale", 1.0), ("scale", 1e-7), ("ridge", 0.0)])
def test_a_senseless_value_is_rejected_by_name(field, value):
    with pytest.raises(ValueError, match=f"{field}={value}"):
        WeightDecayOnly(**{field: value})


def test_the_scores_are_relative_to_their_start_and_theory_is_the_size_of_covariances():
    arrays = default_run("weight-decay-only").arrays
    np.testing.assert_allclose(arrays["score_with"], arrays["nc1_ridge"] / arrays["nc1_ridge"][0], rtol=1e-5)
    np.testing.assert_allclose(arrays["score_without"], 1, atol=1e-2)
    sizes = arrays["variances"].sum(axis=1)
    np.testing.assert_allclose(arrays["score_theory"], sizes / sizes[0], rtol=1e-3)
    assert list(dict.fromkeys(arrays["state"])) == [0, 1, 2]
    swallowed = arrays["state"] == 2
    np.testing.assert_array_equal(swallowed, arrays["spread/between"] < 1e-4)
    both = [arrays[f"spread/{of}"] / arrays[f"spread/{of}"][0] for of in ("inside", "between")]
    np.testing.assert_allclose(both[0], both[1], rtol=1e-3)
