"""Grokking, recomputed in float64 from the weights; what is derived, from accuracies made up by hand."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from scenes.richness.grokking import SCENE, Grokking
from tests.conftest import default_run

P, TRAIN = 23, 317


@pytest.fixture(scope="module")
def state():
    """A few steps in, when features are no longer those of the draw."""
    config = Grokking()
    start = SCENE.init(config, jax.random.key(3))
    return jax.lax.fori_loop(0, 30, lambda _, s: SCENE.step(config, s), start)


@pytest.fixture(scope="module")
def measured(state):
    return jax.device_get(SCENE.measure(Grokking(), state))


@pytest.fixture(scope="module")
def forward(state):
    """Features and outputs of all pairs, those that are trained on first; a + b mod 23."""
    order = np.asarray(state.order)
    first, second = order // P, order % P
    u, v, w = (np.asarray(array, np.float64) for array in state.weights)
    features = np.maximum((u[first] + u[P + second]) ** 2 @ v, 0)
    return features, features @ w, (first + second) % P


def test_every_pair_is_there_once_and_sixty_percent_are_trained_on(state):
    assert sorted(np.asarray(state.order).tolist()) == list(range(P * P))
    assert Grokking().train_pairs == TRAIN == round(0.6 * 529)


def test_weights_are_drawn_as_wide_as_their_layer_asks():
    weights = SCENE.init(Grokking(), jax.random.key(0)).weights
    assert [w.shape for w in weights] == [(46, 112), (112, 96), (96, 23)]
    for array, std in zip(weights, (0.35, 0.35 / 112**0.5, 0.35 / 96**0.5), strict=True):
        assert float(array.std()) == pytest.approx(std, rel=0.1)


def test_losses_and_accuracies_are_those_of_the_split(measured, forward):
    _, outputs, labels = forward
    squares = ((outputs - np.eye(P)[labels]) ** 2).sum(axis=1)
    right = outputs.argmax(axis=1) == labels
    for prefix, rows in (("", slice(None, TRAIN)), ("test_", slice(TRAIN, None))):
        assert measured[f"{prefix}loss"] == pytest.approx(squares[rows].mean(), rel=1e-4)
        assert measured[f"{prefix}accuracy"] == pytest.approx(right[rows].mean(), abs=1e-6)


def test_the_low_rank_measure_is_that_of_the_features_on_train_pairs(measured, forward):
    features, outputs = (array[:TRAIN] - array[:TRAIN].mean(axis=0) for array in forward[:2])
    basis, singular, _ = np.linalg.svd(outputs, full_matrices=False)
    basis = basis[:, singular > 0.05 * singular[0]]
    kernel, norm = features @ features.T, np.linalg.norm(features.T @ features)
    cka = np.trace(basis.T @ kernel @ basis) / norm / basis.shape[1] ** 0.5
    assert measured["low_rank"] == pytest.approx(1 - cka, abs=1e-4)
    own = np.sum(kernel * (outputs @ outputs.T)) / norm / np.linalg.norm(outputs.T @ outputs)
    assert measured["low_rank_practical"] == pytest.approx(1 - own, abs=1e-4)


def test_the_three_curves_are_those_of_the_train_features(measured, forward):
    features, outputs = (array[:TRAIN] - array[:TRAIN].mean(axis=0) for array in forward[:2])
    functions, singular, _ = np.linalg.svd(features, full_matrices=False)
    np.testing.assert_allclose(measured["relative_eigenvalues"], (singular / singular[0]) ** 2, atol=1e-4)
    classes = np.eye(P)[forward[2][:TRAIN]]
    alive = int((singular > 1e-3 * singular[0]).sum())
    for name, span in (("quality", classes - classes.mean(axis=0)), ("utilization", outputs)):
        basis, values, _ = np.linalg.svd(span, full_matrices=False)
        basis = basis[:, values > 0.05 * values[0]]
        curve = np.cumsum(((functions.T @ basis) ** 2).sum(axis=1)) / basis.shape[1]
        np.testing.assert_allclose(measured[name][:alive], curve[:alive], atol=2e-3)
    assert measured["utilization"][-1] == pytest.approx(1, abs=1e-3)


def test_a_cell_of_the_table_is_the_margin_of_its_sum(measured, forward, state):
    _, outputs, labels = forward
    for row in (0, 100, 400, 528):
        pair = int(state.order[row])
        others = np.delete(outputs[row], labels[row])
        margin = outputs[row, labels[row]] - others.max()
        assert labels[row] == (pair // P + pair % P) % P
        assert measured["margins"][pair // P, pair % P] == pytest.approx(margin, abs=1e-4)


def made_up(config: Grokking, train: list[float], test: list[float], low_rank: list[float]) -> dict[str, np.ndarray]:
    margins = np.zeros((config.frames, 2, 2))
    numbers = {"accuracy": train, "test_accuracy": test, "low_rank": low_rank}
    arrays = {name: np.array(values) for name, values in numbers.items()}
    return SCENE.derive(config, step=SCENE.schedule(config), margins=margins, **arrays)


def test_delay_and_fall_are_between_the_first_frames_that_count():
    config = Grokking(frames=5, steps=64)  # frames at steps 0, 1, 8, 27, 64
    derived = made_up(config, [0.1, 0.99, 1.0, 0.99, 1.0], [0, 0, 0.1, 0.94, 0.95], [0.4, 0.5, 0.45, 0.2, 0.05])
    assert SCENE.schedule(config).tolist() == [0, 1, 8, 27, 64]
    assert derived["state"].tolist() == [0, 0, 1, 1, 2]
    np.testing.assert_allclose(derived["delay"], [0, 0, 0, 0, 8])
    np.testing.assert_allclose(derived["fall"], [0, 0, 0, 0.25, 0.4])


@pytest.mark.parametrize(
    ("train", "test"),
    [([0.1, 0.5, 1, 1, 1], [0.0] * 5), ([0.1, 0.5, 0.9, 0.9, 0.9], [0, 0, 0, 1, 1]), ([0.0] * 5, [0.0] * 5)],
)
def test_what_never_happens_is_no_delay(train, test):
    derived = made_up(Grokking(frames=5, steps=64), train, test, [0.4, 0.5, 0.45, 0.2, 0.05])
    assert derived["delay"].max() == 0
    assert np.isfinite(derived["fall"]).all()


def test_the_fewest_functions_that_are_enough_are_one_less_than_the_classes():
    # At perfect collapse onto a simplex the class functions span C - 1 dimensions, each as good as the others.
    np.testing.assert_allclose(default_run("grokking").arrays["fewest"], np.minimum(np.arange(1, 97) / 22, 1))


def test_train_pairs_are_known_by_heart_before_the_test_pairs_are_understood():
    arrays = default_run("grokking").arrays
    by_heart = int(np.argmax(arrays["accuracy"] >= 1))
    understood = int(np.argmax(arrays["test_accuracy"] >= 0.95))
    assert 0 < by_heart < understood
    assert arrays["test_accuracy"][by_heart] < 0.1
    assert arrays["delay"][-1] == pytest.approx(arrays["step"][understood] / arrays["step"][by_heart])
    assert arrays["delay"][-1] >= 10
    assert arrays["low_rank"][by_heart] - arrays["low_rank"][understood] >= 0.15
    assert arrays["low_rank"][-1] <= 0.1
    assert sorted(set(arrays["state"].tolist())) == [0, 1, 2]


def test_a_dot_is_large_where_its_sum_is_right_and_trained_sums_are_right_first():
    run = default_run("grokking")
    dots, kinds = run.arrays["dots"], run.arrays["kinds"]
    margins = run.arrays["margins"].reshape(len(dots), -1)
    np.testing.assert_array_equal(dots > 0.5, margins > 0)
    assert dots.max() <= 1
    by_heart = int(np.argmax(run.arrays["accuracy"] >= 1))
    right = (dots > 0.5)[by_heart]
    assert right[kinds == 0].all()
    assert right[kinds == 1].mean() < 0.2
    assert (dots > 0.5)[-1].mean() > 0.95
    assert (kinds == 0).mean() == pytest.approx(run.arrays["shown_share"] / 100, abs=1e-3)
    np.testing.assert_array_equal(run.arrays["grid"] @ [23, 1], np.arange(529))


@pytest.mark.parametrize(("field", "value"), [("modulus", 2), ("share", 0.99), ("decay", -1.0), ("learning_rate", 0.0)])
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        Grokking(**{field: value})
