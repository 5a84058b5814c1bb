"""`render.Recorder`: whole files of the same points, from any framework, that `render audit` reads."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import render
from render import Recorder
from tests.render.audit.audit_helpers import Ended, clusters

Audit = Callable[..., Ended]
DATA = clusters(300, 6, 3)


def loaded(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def logged(rec: Recorder, step: int, **arrays: Any) -> Path:
    """The file of a step that was logged and saved."""
    assert rec.log(step, **arrays)
    return rec.path(step)


def saved(folder: Path) -> list[str]:
    """Names of the steps in a folder."""
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))


def test_a_step_is_saved_as_it_was_given(tmp_path: Path) -> None:
    path = logged(Recorder(tmp_path / "runs" / "a"), 1200, **DATA, targets=DATA["outputs"])
    found = loaded(path)
    assert path.name == "step-000001200.npz"
    assert found["step"] == 1200
    for role in ("features", "labels", "outputs"):
        np.testing.assert_array_equal(found[role], DATA[role])
        assert found[role].dtype == DATA[role].dtype
    np.testing.assert_array_equal(found["targets"], DATA["outputs"])
    assert saved(path.parent) == [path.name]


def test_the_same_points_are_kept_at_every_step_and_by_every_recorder(tmp_path: Path) -> None:
    rows = np.arange(300.0)[:, None] * np.ones(2)
    kept = []
    for folder in ("a", "b"):
        rec = Recorder(tmp_path / folder, max_points=40)
        for step in (0, 1):
            found = loaded(logged(rec, step, features=rows + step, labels=np.arange(300) % 7))
            np.testing.assert_array_equal((found["features"][:, 0] - step) % 7, found["labels"])
            kept.append(found["features"][:, 0] - step)
    assert all((one == kept[0]).all() for one in kept)
    assert len(np.unique(kept[0])) == 40
    assert loaded(logged(Recorder(tmp_path / "c", max_points=300), 0, features=rows))["features"].shape == (300, 2)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32])
def test_arrays_of_jax_are_read_and_short_ones_become_float32(tmp_path: Path, dtype: Any) -> None:
    features = jnp.asarray(DATA["features"], dtype)
    found = loaded(
        logged(Recorder(tmp_path, max_points=7), 0, features=features, labels=jnp.asarray(DATA["labels"], jnp.int8))
    )
    assert (found["features"].dtype, found["features"].shape) == (np.float32, (7, 6))
    assert np.isin(found["features"], np.asarray(features, np.float32)).all()
    assert found["labels"].dtype.kind == "i"


def test_lists_are_read(tmp_path: Path) -> None:
    found = loaded(logged(Recorder(tmp_path), 0, features=[[1.0, 2.0], [3.0, 4.0]], labels=[0, 1]))
    assert found["features"].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_tensors_of_torch_are_read_with_and_without_gradients(tmp_path: Path, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    features = torch.tensor(DATA["features"], dtype=getattr(torch, dtype), requires_grad=True)
    found = loaded(
        logged(Recorder(tmp_path, max_points=9), 0, features=2 * features, labels=torch.tensor(DATA["labels"]))
    )
    wide = np.float64 if dtype == "float64" else np.float32
    assert (found["features"].dtype, found["features"].shape) == (wide, (9, 6))
    assert np.isin(found["features"], (2 * features).detach().to(torch.float64).numpy()).all()


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"features": np.zeros(3)}, r"features has shape \(3,\): expected \(points, columns\)"),
        ({"features": np.zeros((3, 2)), "labels": np.zeros(4, int)}, "labels has 4 rows and features 3"),
        ({"features": np.zeros((3, 2), complex)}, "features is complex128"),
        ({"features": np.zeros((3, 2), object)}, "features holds Python objects"),
        ({"features": np.zeros((0, 2))}, "features is empty"),
    ],
)
def test_what_an_audit_would_refuse_is_refused_and_nothing_is_written(tmp_path: Path, arrays: Any, says: str) -> None:
    rec = Recorder(tmp_path, on_error="raise")
    with pytest.raises(ValueError, match=rf"step-000000000.npz: {says}"):
        rec.log(0, **arrays)
    with pytest.warns(UserWarning, match="saves nothing: .*step-000000000.npz"):  # unless asked to, it ends no training
        assert Recorder(tmp_path).log(0, **arrays) == {}
    assert saved(tmp_path) == []


def test_a_last_batch_may_be_smaller_and_ends_no_training(tmp_path: Path) -> None:
    rec = Recorder(tmp_path, max_points=40)
    assert loaded(logged(rec, 0, features=np.ones((300, 2))))["features"].shape == (40, 2)
    with pytest.warns(UserWarning, match=r"step 1 has features \(17, 2\), \(40, 2\) before: an audit .* leaves out"):
        assert loaded(logged(rec, 1, features=np.ones((17, 2))))["features"].shape == (17, 2)
    assert loaded(logged(rec, 2, features=np.ones((300, 2))))["features"].shape == (40, 2)
    logged(rec, 3, features=np.ones((17, 2)))  # which was said


def test_every_class_is_kept_and_in_its_share(tmp_path: Path) -> None:
    labels = np.r_[np.zeros(9000, int), np.repeat(np.arange(1, 101), 10)]
    rec = Recorder(tmp_path, max_points=500, numbers=("row_length",))
    found = loaded(logged(rec, 0, features=np.ones((10_000, 2)), labels=labels))["labels"]
    counts = np.bincount(found, minlength=101)
    assert counts.min() >= 1
    assert 380 <= counts[0] <= 400  # 90 % of what is left once each has one
    with pytest.warns(UserWarning, match="of 200 classes 50 are kept"):
        Recorder(tmp_path / "b", max_points=50).log(0, features=np.ones((400, 2)), labels=np.arange(400) % 200)


def test_a_negative_step_and_too_few_points_are_refused(tmp_path: Path) -> None:
    rec = Recorder(tmp_path, on_error="raise")
    rec.log(0, features=np.zeros((5, 2)))
    for step in (-1, 0.5, 2**70):
        with pytest.raises(ValueError, match=f"step is {step}: count steps from 0"):
            rec.log(step, features=np.zeros((5, 2)))
    with pytest.raises(ValueError, match="features is None"):
        rec.log(3, features=None)
    with pytest.raises(ValueError, match="max_points is 1"):
        Recorder(tmp_path, max_points=1)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is a file: name a folder"):
        Recorder(tmp_path / "file", on_error="raise")
    with pytest.warns(UserWarning, match="saves nothing: .*is a file: name a folder"):
        assert Recorder(tmp_path / "file").log(0, features=np.zeros((5, 2))) == {}
    with pytest.raises(ValueError, match="on_error is 'stop': say 'warn' or 'raise'"):
        Recorder(tmp_path, on_error="stop")


def test_a_full_disk_leaves_the_old_file_of_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rec = Recorder(tmp_path, on_error="raise")
    path = logged(rec, 0, features=np.zeros((5, 2)))
    before = path.read_bytes()

    def full(file: Any, **arrays: Any) -> None:
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        rec.log(0, features=np.ones((5, 2)))
    assert path.read_bytes() == before
    assert saved(tmp_path) == [path.name]


def test_a_run_that_is_still_going_can_be_audited(tmp_path: Path, audit: Audit) -> None:
    rec = Recorder("run")
    for step in (0, 10, 20):
        rec.log(step, **clusters(300, 6, 3, spread=1 / (1 + step)))
        Path("run/.step-000000030.npz.1234.tmp").write_bytes(b"half of it")
        ended = audit("run")
        assert (ended.code, ended.err) == (0, "")
        assert f"step {step}:" in ended.out
    assert {file.name for file in Path("out").iterdir()} == {f"run-audit.{kind}" for kind in ("gif", "png", "json")}


def test_the_package_offers_the_recorder_and_nothing_else() -> None:
    assert render.Recorder is Recorder
    with pytest.raises(AttributeError, match="no attribute 'Recoder'"):
        render.Recoder  # noqa: B018
