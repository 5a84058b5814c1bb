"""The two arms of neural collapse, the states of its run, and the theory of its end, each computed apart from it."""

from __future__ import annotations

import functools
import math

import jax
import numpy as np
import pytest
from scipy.optimize import minimize

from render.training import trajectory
from scenes import classifier
from scenes.three_states import collapse_arms
from scenes.three_states.collapse_arms import NeuralCollapse
from scenes.three_states.neural_collapse import SCENE
from tests import oracles
from tests.conftest import default_run

SMALL = NeuralCollapse(classes=3, per_class=4, input_dim=5, hidden=7, feature_dim=3, steps=6, frames=7, warmup=0.0)


def test_until_the_first_step_of_accuracy_99_percent_both_arms_are_one_and_from_then_on_they_part():
    run = default_run("neural-collapse").arrays
    off = int(run["decay_off_step"])
    for frame, step in enumerate(run["step"]):
        apart = np.abs(run["features"][frame] - run["features_free"][frame]).max()
        assert (apart == 0) == (step <= off), step
        assert run["decay_steps"][frame] == min(step, off)


def test_decay_goes_off_at_the_first_step_of_that_accuracy():
    config = SCENE.config()
    state = classifier.init(config, jax.random.key(config.seed))
    step = jax.jit(functools.partial(classifier.step, config))
    outputs = jax.jit(classifier.outputs)
    count = 0
    while (np.asarray(outputs(state)[1]).argmax(axis=1) == np.asarray(state.labels)).mean() < 0.99:
        state, count = step(state), count + 1
    assert default_run("neural-collapse").arrays["decay_off_step"] == count > 10


def test_the_first_arm_is_the_classifier_alone():
    alone = classifier.init(SMALL, jax.random.key(3))
    both = collapse_arms.init(SMALL, jax.random.key(3))
    for _ in range(SMALL.steps):
        alone, both = classifier.step(SMALL, alone), collapse_arms.step(SMALL, both)
    for found, expected in zip(jax.tree.leaves(both.decayed), jax.tree.leaves(alone), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_free_arm_descends_cross_entropy_alone():
    config = NeuralCollapse(**{**vars(SMALL), "learned": 0.0})
    both = alone = collapse_arms.init(config, jax.random.key(3))
    alone = alone.free
    no_price = classifier.ClassifierConfig(
        **{name: value for name, value in vars(SMALL).items() if name not in ("learned", "decay")}, decay=0.0
    )
    for _ in range(config.steps):
        both, alone = collapse_arms.step(config, both), classifier.step(no_price, alone)
    for found, expected in zip(jax.tree.leaves(both.free), jax.tree.leaves(alone), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    features, logits = (np.asarray(array, np.float64) for array in classifier.outputs(both.free))
    params = (both.free.encoder, both.free.classifier)
    for decay in (0.0, 0.7):
        price = decay / 2 * ((np.asarray(params[1][0]["weights"]) ** 2).sum() + (features**2).sum(axis=1).mean())
        found = classifier.loss(config, params, both.free.inputs, both.free.labels, decay)
        expected = oracles.cross_entropy(logits, np.asarray(both.free.labels)) + price
        assert float(found) == pytest.approx(expected, rel=1e-5)


def test_a_run_that_never_learns_has_decay_to_the_end_and_one_state():
    run = trajectory.run(SCENE, NeuralCollapse(**{**vars(SMALL), "learned": 1.0, "learning_rate": 1e-9})).arrays
    assert run["accuracy"].max() < 1
    assert run["decay_off_step"] == SMALL.steps
    np.testing.assert_array_equal(run["state"], 0)
    np.testing.assert_array_equal(run["features"], run["features_free"])


def test_states_are_mixed_up_then_apart_and_unequal_then_equal_to_the_end():
    run = default_run("neural-collapse").arrays
    state, ratio = run["state"], run["distance_ratio"]
    assert set(state) == {0, 1, 2}
    assert (np.diff(state) >= 0).all()
    np.testing.assert_array_equal(state == 0, run["step"] < run["decay_off_step"])
    assert (run["accuracy"][state == 0] < 0.99).all()
    assert (run["accuracy"][state > 0] >= 0.99).all()
    assert (ratio[state == 2] <= 1.05).all()
    assert ratio[state < 2][-1] > 1.05


def test_once_learned_classes_are_farther_apart_than_at_the_start_and_unequally():
    run = default_run("neural-collapse").arrays
    labels, learned = run["labels"], int((run["state"] > 0).argmax())
    start, then = (
        oracles.distances(oracles.class_means(run["features"][frame].astype(float), labels)) for frame in (0, learned)
    )
    assert run["distance_growth"] == pytest.approx(then.mean() / start.mean(), rel=1e-5)
    assert run["distance_ratio_learned"] == pytest.approx(then.max() / then.min(), rel=1e-5)


@pytest.mark.parametrize(("classes", "decay"), [(2, 0.1), (4, 0.02), (6, 0.01)])
def test_the_distance_of_theory_is_where_free_features_and_classifier_end(classes, decay):
    """One feature a class, as numbers of their own: the smallest loss that an optimiser of SciPy finds."""
    dim = classes

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        features, weights = flat[: classes * dim].reshape(classes, dim), flat[classes * dim :].reshape(dim, classes)
        logits = features @ weights
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        pull = (odds - np.eye(classes)) / classes
        value = -np.log(np.diag(odds)).mean() + decay / 2 * ((weights**2).sum() + (features**2).sum() / classes)
        slopes = pull @ weights.T + decay * features / classes, features.T @ pull + decay * weights
        return value, np.concatenate([slope.ravel() for slope in slopes])

    start = np.random.default_rng(0).normal(size=2 * classes * dim)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 10_000, "ftol": 0, "gtol": 1e-10})
    features = found.x[: classes * dim].reshape(classes, dim)
    logits = features @ found.x[classes * dim :].reshape(dim, classes)
    config = classifier.ClassifierConfig(classes=classes, decay=decay)
    np.testing.assert_allclose(oracles.distances(features), classifier.simplex_distance(config), rtol=1e-4)
    assert logits[0, 0] - logits[0, 1] == pytest.approx(classifier.simplex_margin(config), rel=1e-4)


def test_the_distance_of_theory_for_the_default_and_where_there_is_no_simplex():
    assert default_run("neural-collapse").arrays["simplex_distance"] == pytest.approx(5.1815535, abs=1e-6)
    assert classifier.simplex_distance(classifier.ClassifierConfig(classes=4, decay=1.0)) == 0
    assert classifier.simplex_distance(classifier.ClassifierConfig(decay=1000.0)) == 0
    assert classifier.simplex_distance(classifier.ClassifierConfig(decay=0.0)) == math.inf
