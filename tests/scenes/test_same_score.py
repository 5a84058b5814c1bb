"""Nearly equal scores of networks that start alike, and networks of which one or the other is no longer so."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest

from render.scene import flat
from render.training.trajectory import COMPILER_OPTIONS
from scenes.richness.same_score import SCENE, SameScore
from tests.conftest import default_data, default_run

DEFAULT = SameScore()
RUNS = ("rich", "lazy")


def test_both_start_alike_on_the_classes_and_only_the_last_layer_of_one_moves():
    data = default_data("same-score")
    np.testing.assert_array_equal(data["raw/targets_rich"][0], np.eye(10)[data["raw/labels"][0]])
    np.testing.assert_array_equal(data["raw/targets_lazy"], data["raw/targets_rich"])
    rich, lazy = (data[f"raw/parameters_{run}"] for run in RUNS)
    np.testing.assert_array_equal(rich[0], lazy[0])
    last = (DEFAULT.hidden + 1) * 10  # weights and biases, at the end
    assert rich.shape[1] == 65 * DEFAULT.narrow + (DEFAULT.narrow + 1) * DEFAULT.hidden + last
    np.testing.assert_allclose(lazy[:, :-last], np.broadcast_to(lazy[0, :-last], lazy[:, :-last].shape), rtol=1e-5)
    assert np.abs(lazy[-1, -last:] - lazy[0, -last:]).max() > 1e-3
    assert np.abs(rich[-1, :-last] - rich[0, :-last]).max() > 1e-3
    he = (2 / DEFAULT.hidden) ** 0.5 * DEFAULT.readout_scale
    assert np.std(data["raw/weights_rich"][0]) == pytest.approx(he, rel=0.1)


def test_scores_end_alike_and_features_apart():
    run = default_run("same-score").arrays
    assert run["test_gap"][0] == pytest.approx(0, abs=1e-6)
    assert run["low_rank_gap"][0] == pytest.approx(0, abs=1e-5)
    assert run["test_gap"][-1] <= 0.08 < 0.25 <= run["low_rank_gap"][-1]
    assert run["used/rich"][-1] > 0.8 > 0.55 > run["used/lazy"][-1]
    assert list(dict.fromkeys(run["state"])) == [0, 1, 2]
    first = [int(np.argmax(run["state"] == state)) for state in (1, 2)]
    assert run["test_accuracy/rich"][first[0]] >= 0.8 > run["test_accuracy/rich"][first[0] - 1]
    assert run["test_accuracy/lazy"][first[1]] >= 0.9 > run["test_accuracy/lazy"][first[1] - 1]


@functools.cache
def programs() -> tuple:
    """The start of the default networks, and what is measured of them once they are trained."""

    def end(state):
        state = jax.lax.fori_loop(0, DEFAULT.steps, lambda _, state: SCENE.step(DEFAULT, state), state)
        return SCENE.measure(DEFAULT, state)

    start = jax.jit(functools.partial(SCENE.init, DEFAULT))(jax.random.key(0))
    return start, jax.jit(end, compiler_options=COMPILER_OPTIONS)


@pytest.mark.parametrize(
    ("fault", "missed"),
    [
        ("both are lazy", {"low_rank", "low_rank_gap", "test/rich", "in_modes/rich"}),
        ("large", {"low_rank", "low_rank_gap"}),
    ],
)
def test_two_lazy_networks_and_large_ones_miss(fault, missed):
    start, end = programs()
    if fault == "large":
        state = start._replace(params=jax.tree.map(lambda array: array / 0.3, start.params))
    else:
        state = start._replace(body=start.body * 0)
    measured = {name: np.asarray(array)[None] for name, array in flat(jax.device_get(end(state))).items()}
    goals = SCENE.targets(DEFAULT)
    assert missed <= {key for key, target in goals.items() if not target.met(target.value(measured))}


@pytest.mark.parametrize(("field", "value"), [("narrow", 5), ("narrow", 2000), ("hidden", 3), ("batch", 1300)])
def test_a_senseless_value_is_rejected_by_name(field, value):
    with pytest.raises(ValueError, match=f"{field}={value}"):
        SameScore(**{field: value})
