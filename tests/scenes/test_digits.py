"""Digits are scikit-learn's, split by the seed, and the networks on them descend the squared error."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.datasets import load_digits

from scenes import digits, toys
from tests.scenes.richness_helpers import images, responses

CONFIG = digits.DigitsConfig(train_points=150, hidden=12, batch=100, steps=90, warmup=3, modes=10)


def start(config: digits.DigitsConfig, body: tuple[float, ...] = (1.0, 0.0)) -> digits.State:
    data_key, network_key = jax.random.split(jax.random.key(4))
    (places,) = toys.normals(data_key, (1797,))
    train, test = digits.split(config, places)
    targets = jnp.stack([jax.nn.one_hot(train.labels, 10)] * len(body))
    params = digits.networks_alike(config, network_key, runs=len(body))
    return digits.start(config, params, train, test, targets, jnp.array(body))


def test_the_digits_are_scikit_learn_s():
    data = load_digits()
    inputs, labels = digits.handwritten()
    np.testing.assert_array_equal(inputs, data.data)
    np.testing.assert_array_equal(labels, data.target)
    assert inputs.dtype == labels.dtype == np.uint8


def test_a_split_has_every_image_once_with_its_own_label():
    state = start(CONFIG)
    assert (len(state.train.inputs), len(state.test.inputs)) == (150, 1647)
    seen = [
        (np.asarray(row).tobytes(), int(label))
        for part in (state.train, state.test)
        for row, label in zip(np.asarray(part.inputs), part.labels, strict=True)
    ]
    assert len({image for image, _ in seen}) == len(images()) == 1797
    assert all(images()[image] == label for image, label in seen)


def test_the_label_takes_the_place_of_ten_pixels_and_no_more():
    inputs = np.arange(128.0).reshape(2, 64).astype(np.float32)
    written = np.asarray(digits.label_in_pixels(inputs, jnp.array([3, 9]), 0.6))
    np.testing.assert_array_equal(written[:, 10:], inputs[:, 10:])
    np.testing.assert_allclose(written[:, :10], 0.6 * np.eye(10)[[3, 9]], rtol=1e-6)


def test_runs_start_alike_with_the_weights_of_he_times_a_scale():
    config = digits.DigitsConfig(weight_scale=0.5, readout_scale=0.25)
    params = digits.networks_alike(config, jax.random.key(0), runs=3)
    for layer, fan_in, scale in zip(params, (64, 128, 128, 128), (0.5, 0.5, 0.5, 0.25), strict=True):
        weights = np.asarray(layer["weights"], np.float64)
        np.testing.assert_array_equal(weights, weights[:1].repeat(3, axis=0))
        assert weights[0].std() == pytest.approx(scale * (2 / fan_in) ** 0.5, rel=0.08)
        assert not np.any(layer["bias"])


def test_a_frozen_body_stays_and_a_last_layer_never_does():
    before = start(CONFIG)
    after = jax.jit(lambda state: jax.lax.fori_loop(0, 5, lambda _, s: digits.step(CONFIG, s), state))(before)
    for index, (old, new) in enumerate(zip(before.params, after.params, strict=True)):
        moved = np.abs(np.asarray(new["weights"]) - np.asarray(old["weights"])).max(axis=(1, 2))
        assert moved[0] > 0
        assert (moved[1] > 0) == (index == 3)


def test_two_steps_are_those_of_adam_on_the_rows_in_turn():
    state = start(CONFIG, body=(1.0,))
    params = jax.tree.map(lambda array: array[0], state.params)
    schedule = optax.warmup_cosine_decay_schedule(0.0, 4e-3, 3, 90)
    adam = optax.adam(schedule)
    moments = adam.init(params)
    for rows in (np.arange(100), np.r_[100:150, 0:50]):
        inputs, labels = state.train.inputs[rows], state.train.labels[rows]

        def loss(params, x=inputs, labels=labels):
            for layer in params[:-1]:
                x = jnp.maximum(x @ layer["weights"] + layer["bias"], 0)
            x = x @ params[-1]["weights"] + params[-1]["bias"]
            return ((x - jax.nn.one_hot(labels, 10)) ** 2).sum() / 100

        updates, moments = adam.update(jax.grad(loss)(params), moments, params)
        params = optax.apply_updates(params, updates)
        state = digits.step(CONFIG, state)
    for mine, theirs in zip(jax.tree.leaves(state.params), jax.tree.leaves(params), strict=True):
        np.testing.assert_allclose(mine[0], theirs, atol=2e-6)


def test_features_are_what_enters_the_last_layer():
    state = start(CONFIG)
    features, outputs = digits.responses(state, state.train)
    for run in range(2):
        for mine, theirs in zip((features, outputs), responses(state.params, state.train.inputs, run), strict=True):
            np.testing.assert_allclose(mine[run], theirs, rtol=1e-4, atol=1e-5)
    error = ((np.asarray(outputs[0], float) - np.asarray(state.targets[0])) ** 2).sum(axis=1).mean()
    assert float(digits.squared_error(outputs[0], state.targets[0])) == pytest.approx(error, rel=1e-5)


def test_accuracies_are_of_one_set_of_labels_or_of_one_a_run():
    outputs = jnp.array([[[2.0, 1.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])
    np.testing.assert_allclose(digits.accuracies(outputs, jnp.array([0, 1])), [1, 0.5])
    np.testing.assert_allclose(digits.accuracies(outputs, jnp.array([[0, 0], [1, 1]])), [0.5, 1])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("train_points", 99),
        ("train_points", 1700),
        ("hidden", 9),
        ("batch", 0),
        ("batch", 1201),
        ("warmup", 1000),
        ("memory", 1.0),
        ("modes", 9),
        ("modes", 129),
        ("weight_scale", 0.0),
        ("readout_scale", -1.0),
        ("learning_rate", 0.0),
    ],
)
def test_a_senseless_value_is_rejected_by_name(field, value):
    with pytest.raises(ValueError, match=f"{field}={value}"):
        digits.DigitsConfig(**{field: value})
