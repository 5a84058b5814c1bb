"""Numbers by depth: those of each layer by itself, in JSON, in conditions and as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from render.audit.depth import CKA, NAMES
from render.audit.files.snapshots import open_snapshot
from render.audit.report import audit as report_on
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

Audit = Callable[..., Ended]
DATA = clusters(200, 8, 4, spread=0.5)
DEEP = {
    "conv": DATA["features"] @ np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32),
    "fc": DATA["features"],
}
REST = {"labels": DATA["labels"], "outputs": DATA["outputs"]}


def file(path: Path, **more: np.ndarray) -> Path:
    return save(path, **{f"layer/{name}": array for name, array in DEEP.items()}, **REST, **more)


def run(steps: int = 3) -> Path:
    Path("run").mkdir()
    for step in range(steps):
        file(Path(f"run/step-{step}.npz"))
    return Path("run")


def test_each_layer_has_the_numbers_that_it_has_by_itself(tmp_path: Path) -> None:
    depth = report_on(open_snapshot(file(tmp_path / "a.npz"))).depth
    assert depth is not None
    assert depth.chosen == "fc"
    for name, features in DEEP.items():
        alone = report_on(open_snapshot(save(tmp_path / "b.npz", features=features, **REST)), only=NAMES)
        assert alone.depth is None
        assert set(depth.values[name]) == {*NAMES, CKA}
        for number in NAMES:
            assert depth.values[name][number] == pytest.approx(alone.values[number], rel=1e-9)
    assert depth.values["fc"][CKA] == 1
    assert 0.3 < depth.values["conv"][CKA] < 1


def test_alikeness_is_that_of_unrelated_layers_where_they_are_unrelated(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    wide = {f"layer/{name}": rng.normal(size=(60, 400)) for name in "ab"}  # the biased form gives about 0.87
    depth = report_on(open_snapshot(save(tmp_path / "a.npz", **wide))).depth
    assert depth is not None
    assert abs(depth.values["a"][CKA]) < 0.15


def test_a_chosen_layer_is_audited_as_a_plain_table(audit: Audit) -> None:
    file(Path("a.npz"))
    save(Path("b.npz"), features=DEEP["conv"], **REST)
    chosen, plain = (
        audit(name, "--no-picture", *more) for name, more in (("a.npz", ["--layer", "conv"]), ("b.npz", []))
    )
    assert (chosen.code, chosen.err) == (0, "")
    assert chosen.out.replace("a.npz", "b.npz") == plain.out
    require_line(audit("a.npz", "--layer", "conv7"), "has no layer called conv7, it has: conv (200, 5), fc (200, 8)")


def test_the_layers_are_told_depth_down_and_in_json_at_every_step(audit: Audit) -> None:
    ended = audit(run(), "--json", "all.json")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    (first,) = [place for place, line in enumerate(lines) if line.startswith("by depth: ")]
    assert [line.split()[0] for line in lines[first + 1 : first + 4]] == ["layer", "conv", "fc"]
    told = json.loads(Path("all.json").read_text())
    assert set(told["depth"]) == {"kind", "text"}
    for snapshot in told["snapshots"]:
        assert list(snapshot["layers"]) == ["conv", "fc"]
        numbers = {name: one["value"] for name, one in snapshot["numbers"].items()}
        assert snapshot["layers"]["fc"] == {name: numbers[name] for name in NAMES} | {CKA: 1}
    for kind in ("gif", "png"):
        assert Path(f"out/run-audit.{kind}").exists()
    assert "## by depth: " in audit("run", "--no-picture", "--format", "md").out


def test_the_table_fits_its_columns(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    file(Path("a.npz"))
    lines = audit("a.npz", "--no-picture").out.split("by depth: ")[1].split("\n\n")[0].splitlines()
    assert max(map(len, lines)) <= 60


def test_conditions_name_a_layer(audit: Audit) -> None:
    folder = run(2)
    assert audit(folder, "-q", "--no-picture", "--fail-on", "fc:participation_ratio<0").code == 0
    ended = audit(folder, "-q", "--no-picture", "--fail-on", "conv:cka<1 at any")
    assert ended.code == 3
    assert "alarm: conv:cka is 0." in ended.err
    require_line(
        audit(folder, "-q", "--no-picture", "--fail-on", "fd:nc1<1"), "the data give no fd:nc1, only layers conv, fc"
    )
    require_line(audit(folder, "--fail-on", "fc:rankmy<1"), "there is no number of layers called rankmy")


def test_what_is_bad_in_one_layer_is_said_and_leaves_the_others(audit: Audit) -> None:
    broken = DEEP["conv"].copy()
    broken[3, 1] = np.nan
    save(Path("a.npz"), **{"layer/x": np.full((200, 3), np.nan), "layer/conv": broken, "layer/fc": DEEP["fc"]}, **REST)
    ended = audit("a.npz", "--no-picture", "--json", "a.json")
    assert ended.code == 2
    nothing, some = ended.err.splitlines()
    assert "layer/x: 600 entries are NaN" in nothing
    assert nothing.endswith("the report is without layer x")
    assert "layer/conv: 1 entries are NaN" in some
    assert list(json.loads(Path("a.json").read_text())["snapshots"][0]["layers"]) == ["conv", "fc"]
    assert audit("a.npz", "--partial", "-q").code == 0
