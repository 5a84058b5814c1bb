"""Snapshots: every format gives back the same rows, in any order of reading; steps order a folder; what is refused."""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import zipfile
from collections.abc import Callable, Generator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from render.audit.files.arrays import Stream
from render.audit.files.series import open_series
from render.audit.files.snapshots import Keys, check_column, open_snapshot
from render.audit.files.tables import open_text
from tests.render.audit.audit_helpers import clusters, save
from tests.render.audit.files.formats import require_any_rows, require_no_more_open_files

DATA = clusters(40, 3, 2)


def write_csv(path: Path, title: bool = True) -> Path:
    rows = np.column_stack([DATA["features"], DATA["labels"], DATA["outputs"]])
    header = "features_0,features_1,features_2,labels,outputs_0,outputs_1" if title else ""
    delimiter = "\t" if path.suffix == ".tsv" else ","
    form = ["%.9g"] * 3 + ["%d"] + ["%.9g"] * 2
    np.savetxt(path, rows, form, delimiter, header=header.replace(",", delimiter), comments="")
    return path


def write_parquet(path: Path) -> Path:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    table = {"features": [*DATA["features"]], "labels": DATA["labels"]}
    table |= {f"outputs_{i}": DATA["outputs"][:, i] for i in range(2)}
    pyarrow.parquet.write_table(pa.table(table), path, row_group_size=17)
    return path


def write_safetensors(path: Path) -> Path:
    pytest.importorskip("safetensors.numpy").save_file(DATA, path)
    return path


def write_zarr(path: Path, version: int) -> Path:
    group = pytest.importorskip("zarr").open_group(path, mode="w", zarr_format=version)
    for name, array in DATA.items():
        group.create_array(name, data=array, chunks=(7, *array.shape[1:]))
    return path


def write_fortran(path: Path) -> Path:
    return save(path, **{name: np.asfortranarray(array) for name, array in DATA.items()})


def write_compressed(path: Path, fortran: bool = False) -> Path:
    np.savez_compressed(path, **{name: np.array(array, order="F" if fortran else "C") for name, array in DATA.items()})
    return path


WRITERS: dict[str, Callable[[Path], Path]] = {
    "a.npz": lambda path: save(path, **DATA),
    "fortran.npz": write_fortran,
    "compressed.npz": write_compressed,
    "both.npz": lambda path: write_compressed(path, fortran=True),
    "a.csv": write_csv,
    "a.tsv": write_csv,
    "a.parquet": write_parquet,
    "a.safetensors": write_safetensors,
    "two.zarr": lambda path: write_zarr(path, 2),
    "three": lambda path: write_zarr(path, 3),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_any_rows_in_any_order(tmp_path: Path, name: str) -> None:
    require_any_rows(WRITERS[name](tmp_path / name), DATA)


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_npy_file_is_the_features_and_other_files_may_go_with_it(tmp_path: Path, order: str) -> None:
    np.save(tmp_path / "z.npy", np.asfortranarray(DATA["features"]) if order == "F" else DATA["features"])
    np.save(tmp_path / "y.npy", DATA["labels"])
    found = open_snapshot(tmp_path / "z.npy", Keys(labels=str(tmp_path / "y.npy")))
    np.testing.assert_array_equal(found.features.read(5, 25), DATA["features"][5:25])
    assert found.labels is not None
    np.testing.assert_array_equal(found.labels.read(5, 25), DATA["labels"][5:25])
    assert open_snapshot(tmp_path / "z.npy").labels is None


def test_a_table_without_names_is_all_features_unless_columns_are_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", title=False)
    assert open_snapshot(path).features.shape == (40, 6)
    found = open_snapshot(path, Keys(features="0:3", labels="3", outputs="4,5"))
    for role, column in found.columns.items():
        np.testing.assert_allclose(column.read(0, 40), DATA[role], rtol=1e-6)


def test_without_names_a_column_that_has_another_role_is_no_feature(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", title=False)
    with pytest.raises(ValueError, match=r"a\.csv: .* the labels 3 too: say which are the features, .* 0:5$"):
        open_snapshot(path, Keys(labels="3"))


def test_columns_of_one_name_are_refused_only_if_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("z,z,w\n0,1,2\n3,4,5\n")
    with pytest.raises(ValueError, match=r"a\.csv: z: several columns are called 'z': give each a name of its own"):
        open_snapshot(tmp_path / "a.csv", Keys(features="z"))
    assert open_snapshot(tmp_path / "a.csv", Keys(features="w")).features.read(0, 2).tolist() == [[2], [5]]


def test_labels_that_are_text_are_not_called_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("features_0,labels\n1,cat\n2,dog\n")
    features = open_snapshot(tmp_path / "a.csv").features
    labels = open_text(tmp_path / "a.csv").find("labels", "labels")
    assert labels is not None
    assert labels.dtype.kind == "U"
    check_column(tmp_path / "a.csv", "labels", labels, features)
    with pytest.raises(ValueError, match=r"labels, the outputs, is text: save it as numbers"):
        check_column(tmp_path / "a.csv", "outputs", labels, features)


def test_the_suffix_of_a_table_may_be_in_capitals(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.tsv").rename(tmp_path / "X.TSV")
    assert open_snapshot(tmp_path / "X.TSV").features.shape == (40, 3)


@pytest.mark.parametrize("name", WRITERS)
def test_files_that_are_open_do_not_become_more_with_the_files_that_are_read(tmp_path: Path, name: str) -> None:
    require_no_more_open_files(WRITERS[name](tmp_path / name))


def test_of_a_stream_nothing_is_kept_when_it_has_ended_or_failed() -> None:
    closed = []

    def blocks() -> Generator[np.ndarray]:
        try:
            yield from np.arange(12).reshape(4, 3)
        finally:
            closed.append(True)

    for count, stop in ((12, 12), (20, 20)):
        stream = Stream(count, blocks)
        assert stream(0, 5).tolist() == [0, 1, 2, 3, 4]
        with pytest.raises(StopIteration) if count > 12 else nullcontext():
            stream(5, stop)
        assert len(stream._rows) == 0
        assert closed.pop()
        assert stream(1, 3).tolist() == [1, 2]
        stream._close()
        assert closed.pop()


@pytest.mark.parametrize(
    ("key", "columns"),
    [("z", "z0 z_1 z.2"), ("z*", "z0 z_1 z.2 zeta"), ("w,z0", "z0 w"), ("1:3", "z_1 z.2"), ("w", "w")],
)
def test_a_key_names_columns_of_a_table(tmp_path: Path, key: str, columns: str) -> None:
    names = ["z0", "z_1", "z.2", "zeta", "w"]
    (tmp_path / "a.csv").write_text(",".join(names) + "\n0,1,2,3,4\n0.5,1.5,2.5,3.5,4.5\n")
    rows = open_snapshot(tmp_path / "a.csv", Keys(features=key)).features.read(0, 2)
    np.testing.assert_array_equal(rows[0], [names.index(name) for name in columns.split()])


def test_bfloat16_and_pickle_free_stores_are_read(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    header = json.dumps({"features": {"dtype": "BF16", "shape": [3, 2], "data_offsets": [0, 12]}}).encode()
    rows = np.arange(6).reshape(3, 2).astype(ml_dtypes.bfloat16)
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + rows.tobytes())
    read = open_snapshot(tmp_path / "a.safetensors").features.read(1, 3)
    np.testing.assert_array_equal(read.astype(float), [[2, 3], [4, 5]])


@pytest.mark.parametrize("version", [2, 3])
def test_a_step_without_dimensions_is_read_from_zarr(tmp_path: Path, version: int) -> None:
    write_zarr(tmp_path / "a.zarr", version)
    group = pytest.importorskip("zarr").open_group(tmp_path / "a.zarr", mode="a")
    group.create_array("step", data=np.array(70))
    assert open_snapshot(tmp_path / "a.zarr").step == 70


def test_categories_of_numbers_are_read_from_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    labels = pa.array(DATA["labels"]).dictionary_encode()
    table = pa.table({"features": [*DATA["features"]], "labels": labels})
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "a.parquet")
    found = open_snapshot(tmp_path / "a.parquet").labels
    assert found is not None
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found.read(0, 40), DATA["labels"])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([{"x": 1}, {"x": 2}], "z, the features, holds Python objects"),
        (["cat", "dog"], "z, the features, is (text|<U0): save it as numbers"),
        ([1, None], "z has nulls: fill or drop them"),
        ([[1.0], None], "z has nulls: fill or drop them"),
        ([[1, 2], [3, None]], "z has nulls: fill or drop them"),
        ([[1.0], [2.0, 3.0]], "the lists of z differ in length"),
    ],
)
def test_columns_of_parquet_that_are_no_numbers_are_refused(tmp_path: Path, values: list[Any], says: str) -> None:
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pa.table({"z": values}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=rf"a\.parquet: {says}"):
        open_snapshot(tmp_path / "a.parquet", Keys(features="z")).features.read(0, 2)


def test_a_null_is_a_nan_where_there_can_be_one(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pa.table({"z": [1.0, None]}), tmp_path / "a.parquet")
    rows = open_snapshot(tmp_path / "a.parquet", Keys(features="z")).features.read(0, 2)
    np.testing.assert_array_equal(rows, [[1], [np.nan]])


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "compressed.npz", "fortran.npz", "a.parquet"])
def test_a_byte_that_is_wrong_gives_other_numbers_or_names_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.npy":
        np.save(path, DATA["features"])
    else:
        WRITERS[name](path)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    refused = []
    for place in rng.integers(0, min(len(whole), 1000), 40):  # near the header, where most depends on it
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            for column in open_snapshot(path).columns.values():
                column.read(0, column.shape[0])
        except ValueError as error:
            refused.append(str(error))
    assert refused
    assert all(line.startswith(f"{path}: ") and "\n" not in line for line in refused), refused


def test_names_are_never_guessed_but_listed(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", z=DATA["features"], y=DATA["labels"])
    with pytest.raises(
        ValueError, match=r"no array called features, it has: z \(40, 3\) float32; y \(40,\) int64; say"
    ):
        open_snapshot(path)
    with pytest.raises(ValueError, match=r"no array called x, it has: z"):
        open_snapshot(path, Keys(features="x"))
    with pytest.raises(ValueError, match=r"no array called f, .* say which are the outputs with --outputs KEY"):
        open_snapshot(path, Keys(features="z", outputs="f"))
    found = open_snapshot(path, Keys(features="z"))
    assert (found.labels, found.unused) == (None, ("y (40,) int64",))
    assert open_snapshot(path, Keys(features="z", labels="y")).unused == ()


def test_a_folder_is_ordered_by_the_steps_of_names_or_arrays(tmp_path: Path) -> None:
    for name, more in {
        "step-10": {},
        "step-9": {},
        "run2-step_100": {},
        "7": {},
        "last": {"step": np.array(500)},
        "step-3": {"step": np.array([200])},  # the array knows better
    }.items():
        save(tmp_path / f"{name}.npz", **DATA, **more)
    (tmp_path / "notes.txt").write_text("mine")
    save(tmp_path / ".step-1.npz.tmp.npz", **DATA)  # half written
    assert [one.step for one in open_series(tmp_path).snapshots] == [7, 9, 10, 100, 200, 500]


def test_of_a_single_snapshot_no_step_is_asked(tmp_path: Path) -> None:
    save(tmp_path / "final.npz", **DATA)
    for path in (tmp_path, tmp_path / "final.npz"):
        assert [one.step for one in open_series(path).snapshots] == [None]


@pytest.mark.parametrize(
    ("name", "package"), [("a.parquet", "pyarrow"), ("a.safetensors", "safetensors"), ("a.zarr", "zarr")]
)
def test_where_a_package_is_missing_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / name
    if package == "zarr":
        path.mkdir()
        (path / ".zgroup").write_text("{}")
    else:
        path.touch()
    with pytest.raises(ValueError, match=rf"needs the package {package}: pip install 'frame-potential\["):
        open_snapshot(path)


class Runs:
    """What a pickle can do: it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    objects = np.array([[Runs(trap)]], dtype=object)
    np.save(tmp_path / "objects.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "objects.npz", features=objects, allow_pickle=True)
    (tmp_path / "bare.npy").write_bytes(pickle.dumps(Runs(trap)))
    member = io.BytesIO()
    np.save(member, np.zeros((2, 2)))
    with zipfile.ZipFile(tmp_path / "bare.npz", "w") as archive:
        archive.writestr("features.npy", pickle.dumps(Runs(trap)))
    for name in ("objects.npy", "objects.npz", "bare.npy", "bare.npz"):
        with pytest.raises(ValueError, match=name):
            open_snapshot(tmp_path / name)
    store = tmp_path / "a.zarr"
    store.mkdir()
    metadata = {"zarr_format": 2, "shape": [2, 2], "chunks": [2, 2], "dtype": "<f4", "order": "C", "compressor": None}
    metadata |= {"fill_value": 0, "filters": [{"id": "pickle", "protocol": 5}]}
    (store / ".zarray").write_text(json.dumps(metadata))
    (store / "0.0").write_bytes(pickle.dumps(Runs(trap)))
    with pytest.raises(ValueError, match=r"a.zarr.*pickle|needs the package"):
        open_snapshot(store)
    assert not trap.exists()
