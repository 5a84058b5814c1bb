"""Numbers in the loop: those that the audit says of the file, of features and layers, and conditions on them."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render import Recorder
from render.audit import numbers
from render.audit.files.snapshots import Keys, open_snapshot
from render.audit.loop.values import CHEAP
from render.audit.report import audit as report
from tests.render.audit.audit_helpers import Ended, clusters

Audit = Callable[..., Ended]
DATA = clusters(300, 6, 3)
WEIGHTS = np.random.default_rng(1).normal(size=(3, 6))


@pytest.mark.parametrize("points", [300, 120])
def test_numbers_are_those_of_the_audit_of_the_file(tmp_path: Path, audit: Audit, points: int) -> None:
    rec = Recorder("run", max_points=points, numbers="all")
    seen = rec.log(40, **DATA, weights=WEIGHTS, loss=np.float32(0.5))
    assert audit(rec.path(40), "--no-picture", "-q", "--json", "r.json").code == 0
    (told,) = json.loads(Path("r.json").read_text())["snapshots"]
    assert told["scalars"] == {"loss": 0.5}
    assert seen == pytest.approx({**told["scalars"], **{n: one["value"] for n, one in told["numbers"].items()}})
    assert {*seen} == {*numbers.names(), "loss"}


def test_those_that_cost_little_have_the_same_values(tmp_path: Path) -> None:
    rec = Recorder(tmp_path, max_points=200)
    seen = rec.log(0, **DATA, weights=WEIGHTS)
    found = report(open_snapshot(rec.path(0))).values
    assert {*seen} == {*CHEAP}
    assert seen == pytest.approx({name: found[name] for name in CHEAP}, rel=1e-9)
    assert all(isinstance(value, float) for value in seen.values())


@pytest.mark.parametrize("scale", [0.0, 1e-12, 1e12])
def test_features_without_variance_or_of_any_scale_have_the_numbers_of_the_audit(tmp_path: Path, scale: float) -> None:
    rec = Recorder(tmp_path)
    seen = rec.log(0, features=1 + scale * DATA["features"].astype(float), labels=DATA["labels"])
    found = report(open_snapshot(rec.path(0))).values
    assert seen == pytest.approx({name: found[name] for name in CHEAP if name in found}, rel=1e-9)


def test_which_numbers_there_are_is_chosen(tmp_path: Path) -> None:
    def seen(**how: Any) -> set[str]:
        return {*Recorder(tmp_path / str(how), **how).log(0, **DATA, loss=1)}

    assert seen(numbers=False) == {"loss"}
    assert seen(numbers=("mean_cosine", "nc1")) == {"mean_cosine", "nc1", "loss"}
    assert seen(numbers=False, alarms=["rankme<0"]) == {"rankme", "loss"}
    with pytest.raises(ValueError, match="numbers: there is no number called nc9; did you mean nc"):
        Recorder(tmp_path, numbers=["nc9"])


def test_each_layer_has_its_numbers_and_the_last_stands_for_the_features(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    layers = {"conv1": rng.normal(size=(300, 4)), "fc": DATA["features"]}
    rec = Recorder(tmp_path, max_points=100, alarms=["conv1:nc1>0"])
    with pytest.warns(UserWarning, match=r"alarm: conv1:nc1 is .* at step 5: conv1:nc1>0"):
        seen = rec.log(5, layers=layers, labels=DATA["labels"], outputs=DATA["outputs"], weights=WEIGHTS)
    with np.load(rec.path(5)) as file:
        assert [name for name in file if name not in ("labels", "outputs", "weights")] == [
            "step",
            "layer/conv1",
            "layer/fc",
        ]
    for layer in layers:
        found = report(open_snapshot(rec.path(5), Keys(features=f"layer/{layer}"))).values
        own = {name.removeprefix(f"{layer}:"): value for name, value in seen.items() if name.startswith(f"{layer}:")}
        assert {"nc1", "participation_ratio", "cdnv"} <= {*own}
        assert own == pytest.approx({name: found[name] for name in own})
    assert seen["mean_cosine"] == seen["fc:mean_cosine"] != seen["conv1:mean_cosine"]
    assert "nc3" in seen
    assert open_snapshot(rec.path(5), Keys(features="layer/fc")).unused == ()


def test_a_condition_is_said_when_it_begins_to_hold(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    rec = Recorder(tmp_path, numbers=False, alarms=["loss>3", "loss>0 for 2", "loss<0.5*max"])
    losses = (2.0, 4.0, 5.0, 1.0, 6.0, math.nan)
    for step, loss in enumerate(losses):
        assert rec.log(10 * step, features=np.ones((5, 2)), loss=loss) == pytest.approx({"loss": loss}, nan_ok=True)
    said = [str(one.message).removeprefix("render.Recorder alarm: ") for one in recwarn]
    assert said == [
        "loss is 4 at step 10: loss>3",
        "loss is 4 at step 10: loss>0 for 2",
        "loss is 1 at step 30: loss<0.5*max",
        "loss is 6 at step 40: loss>3",
        "loss is nan at step 50: loss<0.5*max",
    ]
    assert all(one.filename == __file__ for one in recwarn)


def test_an_alarm_ends_a_training_where_it_is_asked_to_and_the_step_is_saved(tmp_path: Path) -> None:
    rec = Recorder(tmp_path, alarms=["mean_cosine>-1"], on_alarm="raise")
    with pytest.raises(RuntimeError, match=r"mean_cosine is .* at step 7: mean_cosine>-1"):
        rec.log(7, **DATA)
    assert rec.path(7).exists()
    with pytest.raises(ValueError, match="on_alarm is 'stop'"):
        Recorder(tmp_path, on_alarm="stop")


def test_an_alarm_that_is_none_or_cannot_be_judged_is_said_once(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    with pytest.warns(UserWarning, match=r"alarms has 'nc1=3' is no condition: .*; it is left out"):
        rec = Recorder(tmp_path, numbers=False, alarms=["nc1=3", "los>3", "nc3>1"])
    for step in (0, 1):
        assert rec.log(step, features=np.eye(5), loss=4.0) == {"loss": 4.0}
    assert [str(one.message).split(": ", 1)[1][:60] for one in recwarn] == [
        "there is no number called los; did you mean loss? there are ",
        "the data give no nc3",
    ]
    with pytest.raises(ValueError, match="is no condition"):
        Recorder(tmp_path, alarms=["nc1=3"], on_error="raise")


def test_rows_that_are_not_finite_are_said_once_and_end_nothing(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    rec = Recorder(tmp_path, numbers=("zero_rows",))
    bad = DATA["features"].copy()
    bad[3, 2] = np.nan
    for step in (0, 1):
        assert rec.log(step, features=bad) == {"zero_rows": 0.0}
    for step in (2, 3):
        assert rec.log(step, features=np.nan * bad, loss=np.inf) == {"loss": math.inf}
        assert rec.path(step).exists()
    one, other = (str(each.message) for each in recwarn)
    assert "step-000000000.npz: features: 1 entries are NaN or infinite, in 1 of 300 rows" in one
    assert "has no numbers of a step, which is saved: " in other
    assert "no row is left" in other


def test_a_scalar_that_is_none_is_left_out_and_one_that_is_called_as_a_number_gives_way(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    rec = Recorder(tmp_path)
    seen = rec.log(0, features=DATA["features"], loss=None, lr=[1.0, 2.0], mean_cosine=7.0)
    assert seen["mean_cosine"] != 7
    assert not {"loss", "lr"} & {*seen}
    found = "\n".join(str(one.message) for one in recwarn)
    assert "loss is None: give a number, as in loss=0.5; it is left out" in found
    assert "lr has shape (2,): give a number" in found
    assert "mean_cosine is a number of the audit" in found


def test_a_recorder_can_be_sent_to_another_process(tmp_path: Path) -> None:
    rec = Recorder(tmp_path, numbers=False, alarms=["loss>3"])
    rec.log(0, features=np.ones((5, 2)), loss=1)
    assert pickle.loads(pickle.dumps(rec)).log(1, features=np.ones((5, 2)), loss=1) == {"loss": 1.0}
