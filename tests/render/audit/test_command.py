"""`render audit`: what it prints and writes, and what rings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import cli
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

DATA = clusters(60, 4, 3)
Z, Y = DATA["features"], DATA["labels"]
Audit = Callable[..., Ended]


def test_a_snapshot_is_shown_as_a_table(audit: Audit) -> None:
    save(Path("step-7.npz"), **DATA, extra=np.zeros(3))
    ended = audit("step-7.npz")
    assert (ended.code, ended.err) == (0, "")
    headline, *table = ended.out.splitlines()
    assert headline.startswith("act: a cone: pairs of points have a mean cosine of 0.")
    assert table[0].startswith("  next: subtract the mean")
    assert (
        table[table.index("") + 1]
        == "step-7.npz, step 7: 60 points x 4 features, 3 classes; not used: extra (3,) float64"
    )
    (row,) = [line for line in table if line.split()[:1] == ["participation_ratio"]]
    assert "= simplex at these shares" in row
    assert audit("step-7.npz", "--quiet") == Ended(0, "", "")


def test_json_is_of_every_step_and_the_table_of_the_last(audit: Audit) -> None:
    Path("run").mkdir()
    for step in (5, 40, 10):
        save(Path(f"run/step-{step}.npz"), **DATA)
    ended = audit("run", "--json", "out.json")
    assert (ended.code, ended.err) == (0, "")
    assert "step-40.npz, step 40:" in ended.out
    assert "(the last of 3 snapshots)" in ended.out
    told = json.loads(Path("out.json").read_text())
    assert [one["step"] for one in told["snapshots"]] == [5, 10, 40]
    printed = audit("run", "--json", "-")
    assert json.loads(printed.out) == told


def test_keys_and_normalize_reach_the_report(audit: Audit) -> None:
    save(Path("a.npz"), z=Z, y=Y)
    np.save("z.npy", 5 * Z)
    np.save("y.npy", Y)
    first = json.loads(audit("a.npz", "--features", "z", "--labels", "y", "--normalize", "--json", "-").out)
    second = json.loads(audit("z.npy", "--labels", "y.npy", "--normalize", "--chunk-rows", 7, "--json", "-").out)
    for name, number in first["snapshots"][0]["numbers"].items():
        np.testing.assert_allclose(second["snapshots"][0]["numbers"][name]["value"], number["value"], rtol=1e-5)


def test_alarms_end_with_3_and_say_what_rang(audit: Audit) -> None:
    save(Path("a.npz"), **DATA)
    assert audit("a.npz", "--fail-on", "participation_ratio<1", "--fail-on", "nc1>1e9").code == 0
    ended = audit("a.npz", "--quiet", "--fail-on", "participation_ratio<4", "--fail-on", "entropy_rank<=4")
    assert (ended.code, ended.out) == (3, "")
    first, second = ended.err.splitlines()
    assert re.fullmatch(r"render: alarm: participation_ratio is \d\.\d+: participation_ratio<4", first)
    assert "entropy_rank<=4" in second
    require_line(
        audit("a.npz", "--fail-on", "participation<4"), "there is no number called participation", "entropy_rank"
    )
    require_line(audit("a.npz", "--fail-on", "nc1"), "--fail-on 'nc1' is no condition", "as in nc1>0.5")
    save(Path("b.npz"), features=Z)
    require_line(audit("b.npz", "--quiet", "--fail-on", "nc1>1"), "nc1>1 cannot be judged", "participation_ratio")


def test_help_and_a_wrong_option_import_neither_numpy_nor_jax(tmp_path: Path) -> None:
    at_exit = "import atexit, sys; atexit.register(lambda: print(*sorted({'numpy', 'jax'} & sys.modules.keys())));"
    project = str(Path(cli.__file__).parent)
    for option, code in (("--help", 0), ("--smooth", 2)):
        ended = subprocess.run(
            [sys.executable, "-c", f"{at_exit} import cli; cli.main()", "audit", option],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": project},
            capture_output=True,
            text=True,
        )
        assert ended.returncode == code
        assert ended.stdout.splitlines()[-1] == ""
