"""The pass on a device of JAX, here its CPU: the numbers of the pass without one, and what happens when it fails."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from render.audit.files.labels import Classes
from render.audit.files.snapshots import Snapshot, open_snapshot
from render.audit.report import audit
from render.audit.sums import device_sums, on_device
from render.audit.sums.accumulators import Accumulator
from render.audit.sums.device_sums import DeviceAccumulator
from render.audit.sums.on_device import OnDevice
from render.audit.sums.one_pass import accumulate
from tests.render.audit.audit_helpers import clusters, save, scatters
from tests.render.audit.sums.test_on_all_cores import DATA, compressed, parquet

# of the rounding of float32: in these the pass of the CPU, too, is as far from that of float64
MAGNIFYING = ("quality_dimension", "utilization_dimension")


@pytest.fixture
def device() -> OnDevice:
    return OnDevice(jax.devices("cpu")[0])


def changed(**features: Any) -> dict[str, np.ndarray]:
    """The data with some rows of the features set: name -> (rows, value)."""
    rows = DATA["features"].copy()
    for where, value in features.values():
        rows[where] = value
    return {**DATA, "features": rows}


CASES: dict[str, dict[str, np.ndarray]] = {
    "labels and outputs": DATA,
    "no labels": {"features": DATA["features"]},
    "names": {**DATA, "labels": np.array(["cat", "dog", "elk", "fox"])[DATA["labels"]]},
    "gaps": {**DATA, "labels": DATA["labels"] * 10**6},
    "NaN": changed(one=((7, 3), np.nan), all=(1500, np.inf), last=((2999, 0), -np.inf)),
    "NaN in a class alone": {**changed(one=(5, np.nan)), "labels": np.where(np.arange(3000) == 5, 9, DATA["labels"])},
    "NaN in outputs": {**DATA, "outputs": np.where(np.arange(3000)[:, None] == 77, np.nan, DATA["outputs"])},
    "zero rows": changed(some=(slice(None, None, 7), 0)),
    "duplicates": changed(some=(slice(2000, 2500), DATA["features"][:500])),
    "large means": {**DATA, "features": DATA["features"] + np.float32(1000)},
    "the first far off": changed(first=(slice(50), DATA["features"][:50] + np.float32(30))),
    "squares beyond float32": {"features": DATA["features"] * np.float32(1e25)},
    "squares below float32": {"features": DATA["features"] * np.float32(1e-25), "labels": DATA["labels"]},
    "all alike": {"features": np.full((300, 4), 0.1, np.float32), "labels": np.arange(300) % 3},
    "few rows": {name: array[:3] for name, array in DATA.items()},
    "one row": {name: array[:1] for name, array in DATA.items()},
    "classes that come later": {"features": DATA["features"], "labels": np.arange(3000) // 70},
    "float64": {name: array.astype(np.float64) for name, array in DATA.items() if name != "labels"},
    "float16": {"features": DATA["features"].astype(np.float16), "labels": DATA["labels"]},
    "int8": {"features": (DATA["features"] * 9).astype(np.int8), "labels": DATA["labels"]},
    "big-endian": {**DATA, "features": DATA["features"].astype(">f4")},
}


@pytest.mark.parametrize("normalize", [False, True], ids=["", "normalized"])
@pytest.mark.parametrize("case", CASES)
def test_the_moments_are_those_of_the_cpu(device: OnDevice, tmp_path: Path, case: str, normalize: bool) -> None:
    snapshot = open_snapshot(save(tmp_path / "a.npz", **CASES[case]))
    classes = (
        None if snapshot.labels is None or case not in ("names", "gaps") else Classes(np.unique(CASES[case]["labels"]))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = accumulate(snapshot, rows_at_once=128, classes=classes, normalize=normalize)
        found = device.accumulate(snapshot, rows_at_once=128, classes=classes, normalize=normalize)
    np.testing.assert_array_equal(found.moments.counts, ours.moments.counts)
    for name in ("means", "scatter"):
        its, own = getattr(found.moments, name), getattr(ours.moments, name)
        np.testing.assert_allclose(its, own, rtol=0, atol=1e-6 * np.abs(own).max())
    np.testing.assert_allclose(found.spread.squares, ours.spread.squares, rtol=1e-6, atol=0)
    assert found.moments.epsilon == ours.moments.epsilon
    assert found.faults == ours.faults
    for name in ("rows", "features", "labels", "outputs"):
        np.testing.assert_array_equal(getattr(found.sample, name), getattr(ours.sample, name))
    assert (found.rows.count, found.rows.zero, found.rows.longest) == (
        ours.rows.count,
        ours.rows.zero,
        ours.rows.longest,
    )
    np.testing.assert_allclose(found.rows.units, ours.rows.units, rtol=1e-12, atol=1e-12)
    assert {*np.concatenate(found.rows.keys)} == {*np.concatenate(ours.rows.keys)}
    assert not device.failed


@pytest.mark.parametrize("case", ["labels and outputs", "NaN", "zero rows", "duplicates", "no labels"])
def test_the_numbers_of_a_report_are_those_of_the_cpu(device: OnDevice, tmp_path: Path, case: str) -> None:
    snapshot = open_snapshot(save(tmp_path / "a.npz", **CASES[case]))
    ours, found = audit(snapshot, ignored=["1"]), audit(snapshot, ignored=["1"], passing=device.accumulate)
    assert (found.partial, found.measured.duplicates) == (ours.partial, ours.measured.duplicates)
    assert found.values.keys() == ours.values.keys()
    for name, value in ours.values.items():
        rtol = 1e-5 if name in MAGNIFYING else 1e-6
        np.testing.assert_allclose(found.values[name], value, rtol=rtol, atol=1e-9, err_msg=name)


def test_the_digits_are_those_of_float64_however_many_rows(device: OnDevice, tmp_path: Path) -> None:
    data = clusters(20_000, 6, 3, spread=3e-3)
    np.savez(tmp_path / "a.npz", features=data["features"], labels=data["labels"])
    _, within, total = scatters(data["features"], data["labels"])
    found = device.accumulate(open_snapshot(tmp_path / "a.npz")).moments
    np.testing.assert_allclose(found.scatter, within, rtol=0, atol=1e-6 * np.abs(within).max())
    np.testing.assert_allclose(found.total, total, rtol=0, atol=1e-6 * np.abs(total).max())


@pytest.mark.parametrize("written", [parquet, compressed])
def test_files_that_are_read_forwards_stream_too(device: OnDevice, tmp_path: Path, written: Any) -> None:
    path = written(tmp_path)
    ours, found = (one(open_snapshot(path), rows_at_once=100).moments for one in (accumulate, device.accumulate))
    np.testing.assert_allclose(found.scatter, ours.scatter, rtol=0, atol=1e-6 * np.abs(ours.scatter).max())


def test_what_the_cpu_refuses_is_refused_in_the_same_words(device: OnDevice, tmp_path: Path) -> None:
    labels = np.eye(4)[DATA["labels"]]
    labels[[700, 2900]] = 0.5
    broken = DATA["features"].astype(np.float64)
    broken[1200] = 1e200
    for data, classes in (({**DATA, "labels": labels}, Classes(one_hot=True)), ({"features": broken}, None)):
        snapshot = open_snapshot(save(tmp_path / "a.npz", **data))
        with pytest.raises(ValueError, match="row") as ours:
            accumulate(snapshot, rows_at_once=50, classes=classes)
        with pytest.raises(ValueError, match="row") as found:
            device.accumulate(snapshot, rows_at_once=50, classes=classes)
        assert str(found.value) == str(ours.value)


def test_sums_start_anew_where_references_lie_far_from_the_means() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(3000, 5)).astype(np.float32)
    rows[:60] += np.float32(1e3)
    total, own = DeviceAccumulator(jax.devices("cpu")[0], 60), Accumulator()
    for start in range(0, 3000, 60):
        part = rows[start : start + 60]
        places = np.arange(start, start + 60)
        total.add_chunk(device_sums.Chunk(start, [part], None, places, np.ones(60, bool), False, None))  # type: ignore[arg-type]
        own.add([part], None, start)
    _, expected, _ = scatters(rows, np.zeros(3000, int))
    for found in (total.spread().moments, own.moments()):
        np.testing.assert_allclose(found.scatter, expected, atol=1e-6 * np.abs(expected).max())


class Failing:
    """The program of a device that fails for chunks of more rows than `most`, and in what words."""

    def __init__(self, most: int, words: str) -> None:
        self.most, self.words, self.program, self.asked = most, words, device_sums._add, []

    def __call__(self, *arguments: Any) -> Any:
        rows = len(arguments[3][0])
        self.asked.append(rows)
        if rows > self.most:
            raise jax.errors.JaxRuntimeError(self.words)
        return self.program(*arguments)


def failing(device: OnDevice, patch: pytest.MonkeyPatch, snapshot: Snapshot, most: int, words: str) -> tuple:
    failed = Failing(most, words)
    patch.setattr(device_sums, "_add", failed)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = device.accumulate(snapshot)
    ours = accumulate(snapshot)
    np.testing.assert_allclose(found.moments.scatter, ours.moments.scatter, atol=1e-3)
    np.testing.assert_array_equal(found.moments.counts, ours.moments.counts)
    return failed.asked, [str(one.message) for one in said]


def test_out_of_memory_halves_the_chunks_and_says_so(
    device: OnDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = open_snapshot(save(tmp_path / "a.npz", **DATA))
    asked, said = failing(device, monkeypatch, snapshot, 1100, "RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes.")
    assert (device.failed, device.size) == (False, 750)
    assert len(said) == 2
    assert "has not enough memory for chunks of 3,000 rows: trying 1,500" in said[0]
    asked, said = failing(device, monkeypatch, snapshot, 1100, "RESOURCE_EXHAUSTED: Out of memory")
    assert (max(asked), said) == (750, [])  # of what comes later no more is tried


def test_out_of_memory_for_the_fewest_rows_is_the_cpus(
    device: OnDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = open_snapshot(save(tmp_path / "a.npz", **DATA))
    asked, said = failing(device, monkeypatch, snapshot, 0, "RESOURCE_EXHAUSTED: Out of memory")
    assert device.failed
    assert min(asked) >= on_device.FEWEST_ROWS
    assert said[-1].endswith("has not enough memory for chunks of 375 rows: the rows are summed up on the CPU")
    assert failing(device, monkeypatch, snapshot, 0, "RESOURCE_EXHAUSTED") == ([], [])


def test_a_device_that_fails_otherwise_is_said_and_the_cpu_does_it(
    device: OnDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = open_snapshot(save(tmp_path / "a.npz", **DATA))
    asked, said = failing(device, monkeypatch, snapshot, 0, "INTERNAL: no kernel image is available\nand more")
    assert len(asked) == 1
    [sentence] = said
    assert sentence.endswith(
        "cannot be used (INTERNAL: no kernel image is available): the rows are summed up on the CPU"
    )
