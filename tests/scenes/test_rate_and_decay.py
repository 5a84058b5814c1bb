"""Rates, decays and losses: one step of each by hand in NumPy, and nets that do not get there."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest

from render.scene import flat
from render.training.trajectory import COMPILER_OPTIONS
from scenes.richness.rate_and_decay import RUNS, SCENE, RateAndDecay
from tests.conftest import default_run

SMALL = RateAndDecay(train_points=300, hidden=24, steps=100, warmup=0)


def gradients(params: list, inputs: np.ndarray, targets: np.ndarray, run: int, entropy: bool) -> list[np.ndarray]:
    """Of each layer's weights, of the fit alone, by the chain rule."""
    layers = [{name: np.asarray(array[run], np.float64) for name, array in layer.items()} for layer in params]
    seen, values = [np.asarray(inputs, np.float64)], np.asarray(inputs, np.float64)
    for layer in layers[:-1]:
        values = np.maximum(values @ layer["weights"] + layer["bias"], 0)
        seen.append(values)
    outputs = values @ layers[-1]["weights"] + layers[-1]["bias"]
    if entropy:
        likely = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        back = (likely / likely.sum(axis=1, keepdims=True) - targets) / len(targets)
    else:
        back = 2 * (outputs - targets) / len(targets)
    found = []
    for layer, values in zip(layers[::-1], seen[::-1], strict=True):
        found.append(values.T @ back)
        back = (back @ layer["weights"].T) * (values > 0)
    return found[::-1]


@functools.cache
def stepped() -> tuple:
    start = jax.jit(functools.partial(SCENE.init, SMALL))(jax.random.key(0))
    return jax.device_get((start, jax.jit(functools.partial(SCENE.step, SMALL))(start)))


@pytest.mark.parametrize("name", RUNS)
def test_the_first_step_of_adam_goes_against_the_gradient_by_the_rate_of_its_arm(name):
    start, after = stepped()
    run = RUNS.index(name)
    rate = 4e-3 * {"small": 0.25, "large": 3.0}.get(name, 1.0)
    decay = {"some": 1e-3, "much": 1e-2}.get(name, 0.0)
    found = gradients(start.params, start.train.inputs[:96], start.targets[run][:96], run, name == "entropy")
    for layer, gradient, now in zip(start.params, found, after.params, strict=True):
        weights = np.asarray(layer["weights"][run], np.float64)
        gradient = gradient + decay * weights
        clear = np.abs(gradient) > 1e-4
        moved = np.asarray(now["weights"][run], np.float64) - weights
        assert clear.sum() > 50
        np.testing.assert_allclose(moved[clear], -rate * np.sign(gradient[clear]), rtol=2e-3)


def test_all_start_alike_up_to_the_last_layer():
    start, _ = stepped()
    for layer in start.params[:-1]:
        assert all((layer["weights"][run] == layer["weights"][0]).all() for run in range(len(RUNS)))
    last = np.asarray(start.params[-1]["weights"])
    for run, name in enumerate(RUNS):
        np.testing.assert_allclose(last[run], last[0] * (1.0 if name in RUNS[:3] else 0.5), rtol=1e-6)


def test_bars_fall_in_order_and_states_follow_the_largest():
    run = default_run("rate-and-decay").arrays
    for arm in (("small", "middle", "large"), ("none", "some", "much")):
        ends = [run[f"modes_used/{name}"][-1] for name in arm]
        assert ends == sorted(ends, reverse=True)
        assert min(ends) >= 8.99
        for name in arm:
            np.testing.assert_array_equal(run[f"bar/{name}"][:, 0], run[f"modes_used/{name}"])
    assert list(dict.fromkeys(run["state"])) == [0, 1, 2]
    half, few = (int(np.argmax(run["state"] == state)) for state in (1, 2))
    assert run["modes_used/large"][half] <= run["modes_used/large"][0] / 2 < run["modes_used/large"][half - 1]
    assert max(run["modes_used/large"][few], run["modes_used/much"][few]) <= 10.6
    early = int(np.flatnonzero(run["step"] <= 100)[-1])
    assert run["uneven_early"] == pytest.approx(run["uneven/entropy"][early] / run["uneven/none"][early])


@functools.cache
def program():
    """What is measured after some steps with other rates and decays: of one program, for all are its arguments."""

    def end(factors, decays, steps, key):
        config = RateAndDecay()
        arms = type("Arms", (RateAndDecay,), {"factors": factors, "decays": decays})()
        state = jax.lax.fori_loop(0, steps, lambda _, state: SCENE.step(arms, state), SCENE.init(config, key))
        return SCENE.measure(config, state)

    return jax.jit(end, compiler_options=COMPILER_OPTIONS)


@pytest.mark.parametrize(
    ("rates", "decays", "steps", "missed"),
    [
        ((1.0,) * 7, (0.0,) * 7, 50, {"rate/low_rank", "rate/modes", "decay/practical", "decay/modes"}),  # alike: all 0
        (
            np.array(RateAndDecay().factors) / 8,
            RateAndDecay().decays,
            300,
            {"decay/low_rank", "loss/low_rank", "train"},
        ),
    ],
)
def test_networks_that_are_alike_or_slow_miss(rates, decays, steps, missed):
    found = jax.device_get(program()(np.array(rates), np.array(decays), steps, jax.random.key(0)))
    measured = {name: np.asarray(array)[None] for name, array in flat(found).items()}
    goals = {key: target for key, target in SCENE.targets(RateAndDecay()).items() if target.array in measured}
    assert missed <= {key for key, target in goals.items() if not target.met(target.value(measured))}


@pytest.mark.parametrize(
    ("field", "value"), [("decay", 0.0), ("decay", 0.1), ("decayed_readout", 0.0), ("hidden", 5), ("batch", 1300)]
)
def test_a_senseless_value_is_rejected_by_name(field, value):
    with pytest.raises(ValueError, match=f"{field}={value}"):
        RateAndDecay(**{field: value})
