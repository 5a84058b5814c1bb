"""Passes on several threads: the same bits at any number of them, of every format, and the same errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from render.audit.files.labels import Classes
from render.audit.files.snapshots import Keys, open_snapshot
from render.audit.report import audit
from render.audit.sums import one_pass
from render.audit.sums.one_pass import Passed, accumulate
from tests.render.audit.audit_helpers import clusters, save

DATA = clusters(3000, 10, 4)
GROUP = 250  # rows of a chunk in the file


def npz(path: Path) -> Path:
    return save(path / "a.npz", **DATA)


def compressed(path: Path) -> Path:
    np.savez_compressed(path / "a.npz", **DATA)
    return path / "a.npz"


def csv(path: Path) -> Path:
    names = ["labels", *(f"features{k}" for k in range(10)), *(f"outputs{k}" for k in range(4))]
    rows = np.column_stack([DATA["labels"], DATA["features"], DATA["outputs"]])
    np.savetxt(path / "a.csv", rows, "%.9g", ",", header=",".join(names), comments="")
    return path / "a.csv"


def parquet(path: Path, rows: int = GROUP) -> Path:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {f"{name}{k}": DATA[name][:, k] for name in ("features", "outputs") for k in range(DATA[name].shape[1])}
    pq.write_table(pa.table({**columns, "labels": DATA["labels"]}), path / "a.parquet", row_group_size=rows)
    return path / "a.parquet"


def parquet_in_one_group(path: Path) -> Path:
    return parquet(path, 10**6)


def safetensors(path: Path) -> Path:
    pytest.importorskip("safetensors.numpy").save_file(DATA, path / "a.safetensors")
    return path / "a.safetensors"


def zarr(path: Path) -> Path:
    group = pytest.importorskip("zarr").open_group(path / "a.zarr", mode="w")
    for name, array in DATA.items():
        group.create_array(name, data=array, chunks=(GROUP, *array.shape[1:]))
    return path / "a.zarr"


def hdf5(path: Path) -> Path:
    with pytest.importorskip("h5py").File(path / "a.h5", "w") as file:
        for name, array in DATA.items():
            file.create_dataset(name, data=array, chunks=(GROUP, *array.shape[1:]))
    return path / "a.h5"


FORMS = [npz, compressed, csv, parquet, parquet_in_one_group, safetensors, zarr, hdf5]


def require_same(first: Passed, second: Passed) -> None:
    for name in ("counts", "means", "scatter"):
        np.testing.assert_array_equal(getattr(second.moments, name), getattr(first.moments, name))
    np.testing.assert_array_equal(second.spread.squares, first.spread.squares)
    assert second.faults == first.faults
    for name in ("rows", "features", "labels", "outputs"):
        np.testing.assert_array_equal(getattr(second.sample, name), getattr(first.sample, name))
    for name in ("keys", "rows", "classes"):
        ours, others = (np.concatenate(getattr(one.rows, name)) for one in (first, second))
        np.testing.assert_array_equal(others, ours)
    assert (second.rows.lengths, second.rows.longest) == (first.rows.lengths, first.rows.longest)
    np.testing.assert_array_equal(second.rows.units, first.rows.units)


@pytest.mark.parametrize("written", FORMS, ids=lambda form: form.__name__)
def test_any_number_of_threads_gives_the_same_bits(tmp_path: Path, written: Callable[[Path], Path]) -> None:
    path = written(tmp_path)
    alone, *others = (accumulate(open_snapshot(path), rows_at_once=100, threads=threads) for threads in (1, 2, 7))
    for other in others:
        require_same(alone, other)
    wide = {name: array.astype(np.float64) for name, array in DATA.items()}
    expected = accumulate(open_snapshot(save(tmp_path / "wide.npz", **wide)), rows_at_once=3000)
    scale = np.abs(expected.moments.scatter).max()
    np.testing.assert_allclose(alone.moments.scatter, expected.moments.scatter, atol=1e-6 * scale)
    np.testing.assert_array_equal(alone.moments.counts, expected.moments.counts)


def test_rows_that_are_left_out_are_the_same_on_threads(tmp_path: Path) -> None:
    data = {**DATA, "features": DATA["features"].copy()}
    data["features"][[7, 1500, 2999], [0, 3, 9]] = np.nan, np.inf, -np.inf
    data["features"][::17] = 0
    data["features"][2000:2100] = data["features"][:100]
    snapshot, ignored = open_snapshot(save(tmp_path / "a.npz", **data)), Classes(ignored=("2",))
    alone = accumulate(snapshot, rows_at_once=64, threads=1, classes=ignored, normalize=True)
    require_same(alone, accumulate(snapshot, rows_at_once=64, threads=4, classes=ignored, normalize=True))
    bad = ~np.isfinite(data["features"]).all(axis=1) & (data["labels"] != 2)
    assert alone.faults.rows == bad.sum() > 2
    assert alone.rows.ignored == (data["labels"] == 2).sum()


def test_the_first_row_that_is_wrong_is_named_whichever_thread_is_first(tmp_path: Path) -> None:
    labels = np.eye(4)[DATA["labels"]]
    labels[[700, 2900]] = 0.5
    snapshot = open_snapshot(save(tmp_path / "a.npz", **{**DATA, "labels": labels}))
    for threads in (1, 4):
        with pytest.raises(ValueError, match=r"row 700 is no one-hot row"):
            accumulate(snapshot, rows_at_once=50, threads=threads, classes=Classes(one_hot=True))
    broken = DATA["features"].astype(np.float64)
    broken[[1200, 2700]] = 1e200
    np.save(tmp_path / "b.npy", broken)
    for threads in (1, 4):
        with pytest.raises(ValueError, match=r"b.npy: rows from 1200 on: .* divide them"):
            accumulate(open_snapshot(tmp_path / "b.npy"), rows_at_once=50, threads=threads)


def test_a_file_that_ends_early_while_threads_read_it_is_one_error(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", DATA["features"])
    snapshot = open_snapshot(tmp_path / "a.npy")
    with (tmp_path / "a.npy").open("r+b") as file:
        file.truncate(60_000)
    with pytest.raises(ValueError, match=r"a.npy: a: rows 1400 to 1499 cannot be read"):
        accumulate(snapshot, rows_at_once=100, threads=3)


def test_sums_that_do_not_fit_for_each_thread_leave_cores_to_blas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    blas_threads, parts = one_pass.blas_threads, one_pass.Parts.result
    monkeypatch.setattr(one_pass, "fitting", lambda threads, _: 2)
    monkeypatch.setattr(one_pass, "blas_threads", lambda count: (asked.append((count, 0)), blas_threads(count))[1])
    monkeypatch.setattr(
        one_pass.Parts, "result", lambda self, work, count: (asked.append((0, count)), parts(self, work, count))[1]
    )
    found = accumulate(open_snapshot(npz(tmp_path)), rows_at_once=100, threads=8)
    assert asked == [(4, 0), (0, 2)]
    require_same(accumulate(open_snapshot(npz(tmp_path)), rows_at_once=100, threads=1), found)


def test_a_report_is_the_same_on_threads(tmp_path: Path) -> None:
    np.save(tmp_path / "z.npy", DATA["features"])
    np.save(tmp_path / "y.npy", DATA["labels"])
    snapshot = open_snapshot(tmp_path / "z.npy", Keys(labels=str(tmp_path / "y.npy")))

    def on(threads: int) -> dict[str, float]:
        def passing(*arguments: object, **how: object) -> Passed:
            return accumulate(*arguments, **how, threads=threads)  # type: ignore[arg-type]

        return audit(snapshot, rows_at_once=100, passing=passing).values

    assert on(1) == on(2) == on(5)
