"""Callbacks: what they log, when, and that the training does not notice; each where its package is installed."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render import Recorder
from render.audit.files.series import open_series
from tests.render.integrations.runs import RUNS, X, Y, callback

PACKAGES = {"lightning": "lightning", "huggingface": "transformers", "keras": "keras"}
pytestmark = pytest.mark.filterwarnings("default")  # what trainers warn of is theirs


@pytest.fixture(params=RUNS)
def trainer(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(PACKAGES[request.param], reason=f"{PACKAGES[request.param]} is not installed")
    return request.param


class Kept:
    """A recorder that keeps what it is given."""

    on_error = "warn"

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.given: list[dict[str, Any]] = []

    def log(self, step: int, **given: Any) -> None:
        self.steps.append(step)
        self.given.append(given)


def made(trainer: str, recorder: Any, **named: Any) -> Any:
    return callback(trainer)(recorder, inputs(trainer), Y[:300], **{"every": 5, **RUNS[trainer][1], **named})


def inputs(trainer: str) -> Any:
    return {"x": X[:300]} if trainer == "huggingface" else X[:300]


def test_a_training_goes_on_as_it_would_have(trainer: str, tmp_path: Path) -> None:
    run = RUNS[trainer][0]
    alone, watched = run([], 16), run([made(trainer, Recorder(tmp_path / "run"))], 16)
    assert alone.keys() == watched.keys()
    for name in alone:
        np.testing.assert_array_equal(alone[name], watched[name])


def test_it_logs_the_batch_as_the_model_sees_it(trainer: str, tmp_path: Path) -> None:
    weights = list(RUNS[trainer][0]([made(trainer, Recorder(tmp_path / "run"))], 16).values())
    series = open_series(tmp_path / "run")
    assert ([one.step for one in series.snapshots], series.unread) == ([0, 5, 10, 15, 16], ())
    last, x = series.snapshots[-1], X[:300]
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        features, last_weight = x, weight if weight.shape[1] == x.shape[1] else weight.T
        x = np.maximum(x @ last_weight.T + bias, 0)
    outputs = features @ last_weight.T + bias
    assert last.labels is not None
    assert last.outputs is not None
    assert last.weights is not None
    np.testing.assert_array_equal(last.labels.read(0, 300), Y[:300])
    np.testing.assert_allclose(last.features.read(0, 300), features, atol=1e-4)
    np.testing.assert_allclose(last.outputs.read(0, 300), outputs, atol=1e-4)
    np.testing.assert_allclose(last.weights.read(0, 10), last_weight, atol=1e-6)


def test_of_several_layers_all_are_logged_in_the_order_of_their_depth(trainer: str) -> None:
    kept = Kept()
    RUNS[trainer][0]([made(trainer, kept, layers="*", every=8)], 16)
    assert kept.steps == [0, 8, 16]
    layers = kept.given[0]["layers"]
    assert "features" not in kept.given[0]
    first, last = RUNS[trainer][1]["layers"], RUNS[trainer][1]["head"]
    assert [*layers].index(first) < [*layers].index(last)
    assert tuple(layers[first].shape) == (300, 64)


def test_an_unknown_layer_is_said_before_training(trainer: str) -> None:
    head = RUNS[trainer][1]["head"]
    for named in ({"layers": "conv9"}, {"head": "conv9"}):
        with pytest.raises(ValueError, match=rf"no layer is called 'conv9'; the model has: .*{head}"):
            RUNS[trainer][0]([made(trainer, Kept(), **named)], 8)


def test_a_batch_that_the_model_cannot_take_ends_no_training(trainer: str) -> None:
    wrong = {"x": X[:9, :5]} if trainer == "huggingface" else X[:9, :5]
    kept = Kept()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        RUNS[trainer][0]([callback(trainer)(kept, wrong, Y[:9], every=50, **RUNS[trainer][1])], 8)
    assert kept.steps == []
    assert any("render logs nothing of step 0: " in str(one.message) for one in said)


def test_steps_are_whole(trainer: str) -> None:
    with pytest.raises(ValueError, match="every is 0: log every 1, 2"):
        made(trainer, Kept(), every=0)


def test_a_sequential_model_that_is_not_built_is(tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="keras is not installed")
    run = RUNS["keras"][0]
    alone = run([], 8, with_input=False)  # type: ignore[operator]
    watched = run([made("keras", Recorder(tmp_path / "run"))], 8, with_input=False)  # type: ignore[operator]
    for one, other in zip(alone.values(), watched.values(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(open_series(tmp_path / "run").snapshots) == 3
