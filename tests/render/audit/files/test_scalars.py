"""Scalars of a step: read from any file with names, told in the JSON, and judged by conditions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from render.audit.files.snapshots import open_snapshot
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

Audit = Callable[..., Ended]


@pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
def test_scalars_are_read_and_what_is_none_is_not(tmp_path: Path, write: Callable[..., None]) -> None:
    arrays = {
        "scalar/loss": np.float64(0.25),
        "scalar/epoch": np.int32(7),
        "scalar/nan": np.array([np.nan], np.float32),
        "scalar/two": np.zeros(2),
        "scalar/text": np.array("a"),
        "layer/conv": np.zeros((60, 2)),
        "views": np.zeros((60, 12)),
        "other": np.zeros(3),
    }
    write(tmp_path / "a.npz", **clusters(60), **arrays)
    snapshot = open_snapshot(tmp_path / "a.npz")
    assert snapshot.scalars == pytest.approx({"loss": 0.25, "epoch": 7.0, "nan": np.nan}, nan_ok=True)
    assert snapshot.unused == ("other (3,) float64",)


def test_conditions_and_json_have_the_scalars_of_every_step(audit: Audit) -> None:
    Path("run").mkdir()
    for step, loss in enumerate((1.0, 5.0, np.nan, 2.0)):
        more = {"scalar/val": np.float64(9)} if step == 3 else {}
        save(Path(f"run/step-{step}.npz"), **clusters(60, 4, 3), **{"scalar/loss": np.float64(loss)}, **more)

    def said(condition: str) -> str:
        return audit("run", "--no-picture", "-q", "--fail-on", condition).err

    assert said("loss>3") == ""
    assert said("loss>1") == "render: alarm: loss is 2: loss>1\n"
    assert said("val>3 at any") == "render: alarm: val is 9 at step 3: val>3 at any\n"
    assert said("loss>3 at any") == "render: alarm: loss is 5 at step 1: loss>3 at any\n"
    Path("a.toml").write_text('[alarms]\nloss = ">3 for 2"\n')
    assert "loss is nan at step 2" in audit("run", "--no-picture", "-q", "--alarms", "a.toml").err
    require_line(audit("run", "--fail-on", "los>3"), "there is no number called los; did you mean loss?")
    audit("run", "--no-picture", "-q", "--json", "r.json")
    steps = json.loads(Path("r.json").read_text())["snapshots"]
    assert [one["scalars"] for one in steps] == [{"loss": 1}, {"loss": 5}, {"loss": "nan"}, {"loss": 2, "val": 9}]
