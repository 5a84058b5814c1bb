"""Small audits without JAX: the same numbers as with it, from the same formulas, and no second of waiting."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render.audit import numbers, on_numpy
from render.audit.files.snapshots import open_snapshot
from render.production.sources import ROOT

# audits of many files in one process, and whether it has imported JAX
AUDITS = """
import json, sys
from pathlib import Path
from render.audit import auditing, on_numpy
from render.audit.command import audit
if sys.argv[1] == "with":
    on_numpy.MOST_SNAPSHOTS = 0
for path in sorted(Path(".").glob("*.npz")):
    for goal in {"whole": ["classifier", "contrastive", "table"], "views": ["contrastive"]}.get(path.stem, [""]):
        told = ["--json", f"{path.stem}{goal}-{sys.argv[1]}.json"]
        asked = ["--goal", goal, "--normalize"] if goal else []
        audit.main([str(path), "--no-picture", "-q", "--partial", *asked, *told], standalone_mode=False)
print("jax" in sys.modules)
"""


def snapshots(folder: Path) -> None:
    """A file of each kind that has numbers of its own, and some that are hard."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 240)
    means = rng.normal(size=(4, 6))
    z = (means[labels] + 0.3 * rng.normal(size=(240, 6))).astype(np.float32)
    outputs = (z @ means.T).astype(np.float32)
    save: dict[str, dict[str, Any]] = {
        "plain": {"features": z},
        "whole": {"features": z, "labels": labels, "outputs": outputs, "targets": np.eye(4)[labels], "weights": means},
        "views": {"features": z, "views": z + 0.1 * rng.normal(size=z.shape)},
        "views-of-classes": {"features": z, "labels": labels, "views": z + 0.1 * rng.normal(size=z.shape)},
        "pairs": {"features": z, "pairs": np.arange(240).reshape(-1, 2)},
        "one-class": {"features": z, "labels": np.zeros(240, int)},
        "two-classes": {"features": z, "labels": labels % 2, "outputs": outputs[:, :2]},
        "constant": {"features": np.ones((50, 3)), "labels": labels[:50]},
        "collapsed": {"features": means[labels], "labels": labels},
        "few": {"features": z[:3], "labels": labels[:3]},
        "one": {"features": z[:1]},
        "zeros": {"features": np.where(labels[:, None] == 1, 0, z), "labels": labels},
    }
    for name, arrays in save.items():
        np.savez(folder / f"{name}.npz", **arrays)


def same(found: Any, expected: Any, where: str = "") -> None:
    assert type(found) is type(expected), where
    if isinstance(found, dict):
        assert list(found) == list(expected), where
        for key in found:
            same(found[key], expected[key], f"{where}/{key}")
    elif isinstance(found, list):
        assert len(found) == len(expected), where
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            same(one, other, f"{where}/{index}")
    elif isinstance(found, float):
        assert math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12), (where, found, expected)
    else:
        assert found == expected, where


def test_every_number_is_the_same_with_jax_and_without(tmp_path: Path) -> None:
    snapshots(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    running = [
        subprocess.Popen([sys.executable, "-c", AUDITS, how], cwd=tmp_path, env=environment, stdout=subprocess.PIPE)
        for how in ("with", "without")
    ]
    assert [one.communicate(timeout=300)[0].split()[-1:] for one in running] == [[b"True"], [b"False"]]
    told = set()
    for path in sorted(tmp_path.glob("*-without.json")):
        found, expected = (
            json.loads(path.read_text()),
            json.loads(Path(str(path).replace("-without", "-with")).read_text()),
        )
        same(found, expected, path.stem)
        told |= set(found["snapshots"][0]["numbers"])
    assert told == {number.name for number in numbers.NUMBERS}


def test_what_is_large_and_what_asks_for_more_gets_jax(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "small.npz", features=np.eye(9))
    np.savez(tmp_path / "wide.npz", features=np.zeros((2, on_numpy.MOST_COLUMNS + 1)))
    np.savez(tmp_path / "long.npz", features=np.zeros((on_numpy.MOST_ENTRIES // 2 + 1, 2), np.int8))
    layered: dict[str, Any] = {"layer/a": np.eye(9), "layer/b": np.eye(9)}
    np.savez(tmp_path / "layers.npz", **layered)
    small, wide, long, layers = (open_snapshot(tmp_path / f"{n}.npz") for n in ("small", "wide", "long", "layers"))
    for name in [name for name in sys.modules if name == "jax"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    assert on_numpy.suits([small], {"against": None})
    for refused in (wide, long, layers):
        assert not on_numpy.suits([small, refused], {})
    assert not on_numpy.suits([small] * (on_numpy.MOST_SNAPSHOTS + 1), {})
    for option in on_numpy.WITH_JAX:
        assert not on_numpy.suits([small], {option: "given"})
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    assert not on_numpy.suits([small], {})


def test_after_it_jax_is_jax(tmp_path: Path) -> None:
    script = (
        "import sys; from render.audit import on_numpy; on_numpy.load(); assert 'jax' not in sys.modules\n"
        "import jax; print(jax.jit(lambda x: x + 1)(1), type(jax.numpy.zeros(1)).__module__)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "jaxlib._jax"]


@pytest.mark.parametrize("options", [["--no-picture"], ["--no-picture", "--fail-on", "nc1>9"], []])
def test_a_small_audit_waits_for_no_library_that_it_does_not_need(options: list[str], tmp_path: Path) -> None:
    np.savez(tmp_path / "small.npz", features=np.eye(9), labels=np.arange(9) % 3)
    script = (
        "import sys; from render.audit.command import audit; audit.main(sys.argv[1:], standalone_mode=False);"
        "print('IMPORTED', *sorted({'jax', 'matplotlib', 'sklearn', 'pandas'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", script, "small.npz", *options]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1].split() == ["IMPORTED"] + ["matplotlib"] * (not options), done
