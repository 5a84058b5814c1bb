"""Networks have the initial variance and the outputs that NumPy says, and one step is one step downhill."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from scenes import networks


def test_a_network_has_a_layer_a_gap_with_zero_biases():
    layers = networks.init_mlp(jax.random.key(0), (5, 8, 8, 3))
    assert [layer["weights"].shape for layer in layers] == [(5, 8), (8, 8), (8, 3)]
    assert [layer["bias"].shape for layer in layers] == [(8,), (8,), (3,)]
    assert all((np.asarray(layer["bias"]) == 0).all() for layer in layers)


@pytest.mark.parametrize("fan_in", [10, 64, 500])
def test_weights_have_mean_zero_and_the_variance_of_he(fan_in):
    (layer,) = networks.init_mlp(jax.random.key(1), (fan_in, 1000))
    weights = np.asarray(layer["weights"], np.float64)
    assert weights.var() == pytest.approx(2 / fan_in, rel=5 * (2 / weights.size) ** 0.5)
    assert abs(weights.mean()) < 5 * (2 / fan_in / weights.size) ** 0.5


def test_he_keeps_the_second_moment_from_layer_to_layer():
    layers = networks.init_mlp(jax.random.key(2), (400, 400, 400, 400))
    inputs = np.random.default_rng(0).normal(size=(200, 400)).astype(np.float32)
    moments = [np.mean(np.asarray(networks.apply_mlp(layers[:depth], inputs)) ** 2) for depth in (1, 2, 3)]
    np.testing.assert_allclose(moments, 2.0, rtol=0.2)


def test_layers_and_keys_have_weights_of_their_own():
    first, second = (np.asarray(layer["weights"]) for layer in networks.init_mlp(jax.random.key(3), (40, 40, 40)))
    other = np.asarray(networks.init_mlp(jax.random.key(4), (40, 40))[0]["weights"])
    for one, two in ((first, second), (first, other)):
        assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("sizes", [(4, 3), (4, 6, 3), (4, 6, 5, 3)])
def test_outputs_are_those_of_numpy(sizes):
    rng = np.random.default_rng(5)
    layers = networks.init_mlp(jax.random.key(5), sizes)
    layers = [{**layer, "bias": jnp.asarray(rng.normal(size=layer["bias"].shape))} for layer in layers]
    inputs = rng.normal(size=(9, 4))
    expected = inputs
    for index, layer in enumerate(layers):
        expected = expected @ np.asarray(layer["weights"], np.float64) + np.asarray(layer["bias"], np.float64)
        if index < len(layers) - 1:
            expected = np.where(expected > 0, expected, 0)
    np.testing.assert_allclose(networks.apply_mlp(layers, jnp.asarray(inputs)), expected, rtol=1e-4, atol=1e-5)
    assert (expected < 0).any(), "the last layer is not rectified"


def test_one_step_of_gradient_descent_goes_down_the_gradient():
    optimiser = optax.sgd(0.1)
    params = {"a": jnp.array([1.0, -2.0]), "b": jnp.array(3.0)}
    new, _ = networks.descend(lambda p: jnp.sum(p["a"] ** 2) + 2 * p["b"], optimiser, params, optimiser.init(params))
    np.testing.assert_allclose(new["a"], [0.8, -1.6], rtol=1e-6)
    np.testing.assert_allclose(new["b"], 2.8, rtol=1e-6)


def test_the_optimisers_state_is_carried_on():
    optimiser = optax.sgd(0.1, momentum=0.5)
    params = jnp.array(0.0)
    moments = optimiser.init(params)
    places = []
    for _ in range(3):
        params, moments = networks.descend(lambda p: p, optimiser, params, moments)
        places.append(float(params))
    np.testing.assert_allclose(places, [-0.1, -0.25, -0.425], rtol=1e-5)  # velocities 1, 1.5, 1.75


def test_weight_decay_sees_the_parameters():
    optimiser = optax.adamw(0.1, weight_decay=0.5)
    params = jnp.array([2.0])
    new, _ = networks.descend(lambda p: 0.0 * p.sum(), optimiser, params, optimiser.init(params))
    np.testing.assert_allclose(new, [1.9], rtol=1e-5)


def test_networks_work_under_vmap_over_keys():
    keys = jax.vmap(jax.random.key)(np.arange(3, dtype=np.uint32))
    inputs = jnp.ones((4, 5))
    outputs = jax.vmap(lambda key: networks.apply_mlp(networks.init_mlp(key, (5, 7, 2)), inputs))(keys)
    for seed in range(3):
        alone = networks.apply_mlp(networks.init_mlp(jax.random.key(seed), (5, 7, 2)), inputs)
        np.testing.assert_allclose(outputs[seed], alone, rtol=1e-5, atol=1e-6)
