"""Nearly equal scores, recomputed in NumPy, and networks of which one or the other is no longer so."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest

from render.scene import flat
from render.training.trajectory import COMPILER_OPTIONS
from scenes.richness.same_score import SCENE, SameScore
from tests import oracles
from tests.conftest import default_run
from tests.scenes.richness_helpers import images, responses, trained

SMALL = SameScore(train_points=300, hidden=48, narrow=16, steps=100)
DEFAULT = SameScore()
RUNS = ("rich", "lazy")


@functools.cache
def small() -> tuple:
    return trained(SCENE, SMALL, steps=40)


def test_what_is_measured_is_what_the_networks_say():
    state, measured = small()
    scores = {}
    for run, name in enumerate(RUNS):
        features, outputs = responses(state.params, state.train.inputs, run)
        assert features.shape == (300, 48)
        unseen = responses(state.params, state.test.inputs, run)[1]
        scores[name] = (unseen.argmax(axis=1) == state.test.labels).mean()
        some, answers = features[:100], outputs[:100]
        centred = answers - answers.mean(axis=0)
        left, singular, _ = np.linalg.svd(centred, full_matrices=False)
        basis = left[:, singular > 0.05 * singular[0]]
        moved = some - some.mean(axis=0)
        expected = {
            "low_rank": oracles.low_rank(features, outputs),
            "low_rank_practical": oracles.practical(features, outputs),
            "test_accuracy": scores[name],
            "in_modes": oracles.share_in_modes(some, answers, 48)[8],
            "used": 9 / basis.shape[1] * ((basis.T @ moved) ** 2).sum() / (moved**2).sum(),  # no eigenvectors
        }
        for array, value in expected.items():
            assert measured[f"{array}/{name}"] == pytest.approx(value, abs=2e-3), (array, name)
    assert measured["test_gap"] == pytest.approx(scores["rich"] - scores["lazy"], abs=1e-6)


def test_both_start_alike_on_the_classes_and_only_the_last_layer_of_one_moves():
    state, _ = small()
    start = SCENE.init(SMALL, jax.random.key(0))
    labels = np.array([images()[row.tobytes()] for row in np.asarray(state.train.inputs)])
    for run in range(2):
        np.testing.assert_array_equal(state.targets[run], np.eye(10)[labels])
    for first, now in zip(start.params, state.params, strict=True):
        np.testing.assert_array_equal(first["weights"][0], first["weights"][1])
        assert np.abs(now["weights"][0] - first["weights"][0]).max() > 1e-3
    for first, now in zip(start.params[:-1], state.params[:-1], strict=True):
        np.testing.assert_allclose(now["weights"][1], first["weights"][1], rtol=1e-5)
        assert not now["bias"][1].any()
    sizes = [layer["weights"].shape[1:] for layer in start.params]
    assert sizes == [(64, 16), (16, 48), (48, 10)]
    he = (2 / 48) ** 0.5 * SMALL.readout_scale
    assert np.std(start.params[-1]["weights"]) == pytest.approx(he, rel=0.15)


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
