"""PyTorch's files, HDF5, JSON lines and sparse matrices: the same rows in any order of reading, and what is refused."""

from __future__ import annotations

import json
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from render.audit.files.series import open_series
from render.audit.files.snapshots import Keys, open_snapshot
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save
from tests.render.audit.files.formats import require_any_rows, require_no_more_open_files
from tests.render.audit.files.test_snapshots import Runs

DATA = clusters(40, 3, 2)


def write_torch(path: Path, found: Any = None) -> Path:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, pip install torch")
    torch.save({name: torch.tensor(array) for name, array in DATA.items()} if found is None else found, path)
    return path


def write_hdf5(path: Path, arrays: dict[str, np.ndarray] = DATA) -> Path:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed, pip install h5py")
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            chunks = (7, *array.shape[1:]) if array.size > 7 and array.dtype.kind in "if" else None
            file.create_dataset(name, data=array.astype("O") if array.dtype.kind == "U" else array, chunks=chunks)
    return path


def write_lines(path: Path, rows: list[Any] | None = None) -> Path:
    if rows is None:
        columns = ("features", "labels", "outputs_0", "outputs_1")
        found = zip(DATA["features"].tolist(), DATA["labels"].tolist(), *DATA["outputs"].T.tolist(), strict=True)
        rows = [dict(zip(columns, row, strict=True)) for row in found]
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


WRITERS: dict[str, Callable[[Path], Path]] = {
    "a.pt": write_torch,
    "a.pth": write_torch,
    "a.h5": write_hdf5,
    "a.hdf5": write_hdf5,
    "a.jsonl": write_lines,
}


def read_all(path: Path) -> None:
    for column in open_snapshot(path).columns.values():
        column.read(0, column.shape[0])


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_any_rows_in_any_order(tmp_path: Path, name: str) -> None:
    require_any_rows(WRITERS[name](tmp_path / name), DATA)


@pytest.mark.parametrize("name", WRITERS)
def test_files_that_are_open_do_not_become_more_with_the_files_that_are_read(tmp_path: Path, name: str) -> None:
    require_no_more_open_files(WRITERS[name](tmp_path / name))


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_cut_or_empty_is_named(tmp_path: Path, name: str) -> None:
    path = WRITERS[name](tmp_path / name)
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"^[^\n]*" + name) as refused:
            read_all(path)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["a.pt", "a.h5"])
def test_a_byte_that_is_wrong_gives_other_numbers_or_names_the_file(tmp_path: Path, name: str) -> None:
    path = WRITERS[name](tmp_path / name)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    refused = []
    for place in rng.integers(0, min(len(whole), 1000), 40):  # near the header, where most depends on it
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            read_all(path)
        except ValueError as error:
            refused.append(str(error))
    assert refused
    assert all(str(path) in line and "\n" not in line for line in refused), refused


@pytest.mark.parametrize(("name", "package"), [("a.pt", "torch"), ("a.h5", "h5py")])
def test_where_a_package_is_missing_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / name).touch()
    with pytest.raises(ValueError, match=rf"needs the package {package}: pip install 'frame-potential\["):
        open_snapshot(tmp_path / name)


def test_one_tensor_is_the_features_and_dicts_in_a_dict_have_slashes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, pip install torch")
    z = torch.tensor(DATA["features"], requires_grad=True)
    np.testing.assert_array_equal(open_snapshot(write_torch(tmp_path / "z.pt", z)).features.read(3, 9), z.detach()[3:9])
    names = [["cat", "dog"][label] for label in DATA["labels"]]
    inner = {"z": z.bfloat16().t().contiguous().t(), "y": names, "step": 70, "mask": None}
    path = write_torch(tmp_path / "a.pt", {"epoch": {"one": inner}, "step": 70})
    found = open_snapshot(path, Keys(features="epoch/one/z", labels="epoch/one/y"))
    assert found.step == 70
    np.testing.assert_allclose(found.features.read(5, 40), DATA["features"][5:], rtol=1e-2)
    assert found.labels is not None
    assert found.labels.read(0, 40).tolist() == names


def test_a_file_of_torch_that_would_run_code_is_refused_and_does_not(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, pip install torch")
    trap = tmp_path / "ran"
    write_torch(tmp_path / "a.pt", {"features": torch.zeros(2, 2), "more": Runs(trap)})
    (tmp_path / "bare.pt").write_bytes(pickle.dumps(Runs(trap)))
    torch.save({"features": torch.zeros(2, 2)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), tmp_path / "model.pt")
    with zipfile.ZipFile(tmp_path / "zip.pt", "w") as archive:
        archive.writestr("notes.txt", "mine")
    for name, says in {
        "a.pt": "holds Python objects",
        "model.pt": "holds Python objects",
        "bare.pt": "a bare pickle, or of PyTorch before 1.6",
        "old.pt": "a bare pickle, or of PyTorch before 1.6",
        "zip.pt": "is damaged or no file of tensors",
    }.items():
        with pytest.raises(ValueError, match=rf"{name}: .*{says}") as refused:
            open_snapshot(tmp_path / name)
        assert "\n" not in str(refused.value)
    assert not trap.exists()


def test_tensors_that_are_no_rows_of_numbers_are_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, pip install torch")
    for found, says in (
        ({"features": torch.zeros(3, 2).to_sparse()}, "features is (void|.V1)"),
        ({"features": torch.zeros(3, 2, dtype=torch.complex64)}, "save its real and imaginary parts"),
        ({"weight": torch.zeros(3, 2)}, r"no array called features, it has: weight \(3, 2\) float32"),
        ({"features": torch.zeros(3)}, r"features has shape \(3,\)"),
        ([torch.zeros(3, 2)], "holds a list: save one tensor, or a dict of tensors"),
        ({}, "it has: no array"),
    ):
        with pytest.raises(ValueError, match=says):
            open_snapshot(write_torch(tmp_path / "a.pt", found))


def test_hdf5_has_groups_names_and_steps(tmp_path: Path) -> None:
    names = np.array(["cat", "dog"])[DATA["labels"]]
    path = write_hdf5(
        tmp_path / "a.h5",
        {"last/fc": DATA["features"], "last/who": names, "step": np.array(70), "e": np.array([], "f4")},
    )
    found = open_snapshot(path, Keys(features="last/fc", labels="last/who"))
    assert found.step == 70
    np.testing.assert_array_equal(found.features.read(5, 9), DATA["features"][5:9])
    assert found.labels is not None
    assert found.labels.read(3, 6).tolist() == names[3:6].tolist()
    with pytest.raises(ValueError, match=r"no array called features, it has: .*last/fc \(40, 3\) float32"):
        open_snapshot(path)


def test_lines_are_lists_or_columns_with_names_or_numbers(tmp_path: Path) -> None:
    found = open_snapshot(write_lines(tmp_path / "a.jsonl", [[1, 2], "", [0.5, None], [3, float("nan")]]))
    np.testing.assert_array_equal(found.features.read(0, 3), [[1, 2], [0.5, np.nan], [3, np.nan]])
    rows = [{"z0": 1, "z1": 0.5, "who": "cat", "step": 7}, {"who": "dog", "z1": 2, "z0": 3, "step": 7}]
    found = open_snapshot(write_lines(tmp_path / "b.jsonl", rows), Keys(features="z", labels="who"))
    np.testing.assert_array_equal(found.features.read(0, 2), [[1, 0.5], [3, 2]])
    assert found.labels is not None
    assert (found.labels.read(0, 2).tolist(), found.step) == (["cat", "dog"], 7)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "has no rows"),
        (["12"], "line 1 is 12: write"),
        (["{"], "line 1 is no JSON"),
        ([[1, 2], "[1, 2"], "line 2 is no JSON"),
        ([[1, 2], "", [1, 2, 3]], "line 3 has 3 numbers in features, and the first line 2"),
        ([[1, 2], [1, "2"]], 'line 2: features has "2", where numbers must be'),
        ([[1, 2], [[1, 2]]], r"line 2: features has \[1, 2\], where numbers must be"),
        ([[1, 2], {"z": [1, 2]}], "line 2 has no features: give every line the names of the first"),
        ([{"z": [1, 2]}, {"z": [1, 2]}], "has no array called features, it has: z list of 2; say"),
        ([[1, 2], [1, 10**400]], "line 2: features is too large a number"),
        ([{"features": "a"}], 'line 1: features has "a", where numbers must be'),
        ([[]], "features is empty"),
    ],
)
def test_lines_that_are_no_rows_are_refused_with_their_number(tmp_path: Path, rows: list[Any], says: str) -> None:
    with pytest.raises(ValueError, match=rf"a\.jsonl: {says}"):
        open_snapshot(write_lines(tmp_path / "a.jsonl", rows)).features.read(0, 2)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([1, 2.5], "line 2: labels has 2.5, where a whole number must be"),
        (["a", 1], "line 2: labels has 1, where a name must be"),
        ([1, None], "line 2: labels has null, where a whole number must be"),
        ([1, [1]], r"line 2: labels has \[1\], where a whole number must be"),
    ],
)
def test_labels_of_lines_are_of_one_kind(tmp_path: Path, labels: list[Any], says: str) -> None:
    rows = [{"features": [1, 2], "labels": label} for label in labels]
    found = open_snapshot(write_lines(tmp_path / "a.jsonl", rows)).labels
    assert found is not None
    with pytest.raises(ValueError, match=rf"a\.jsonl: {says}"):
        found.read(0, 2)


@pytest.mark.parametrize("layout", ["csr", "csc", "coo", "bsr", "dia"])
def test_a_sparse_matrix_is_answered_with_what_to_do(audit: Callable[..., Ended], tmp_path: Path, layout: str) -> None:
    scipy.sparse.save_npz(tmp_path / "a.npz", scipy.sparse.eye(40, 30, format=layout))
    says = ("sparse matrix of SciPy, (40, 30)", "toarray()", "TruncatedSVD")
    require_line(audit("a.npz"), "a.npz", *says)


def test_a_ragged_line_is_said_by_the_command(audit: Callable[..., Ended], tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", [[1, 2], [3, 4], [5]])
    ended = audit("a.jsonl", "--no-picture")
    assert ended.code == 2
    assert "line 3 has 1 numbers" in (ended.err + ended.out)
    assert "Traceback" not in ended.err


def test_beside_snapshots_of_a_run_its_checkpoints_and_logs_are_passed_over(tmp_path: Path) -> None:
    for step in (1, 2):
        write_lines(tmp_path / f"step-{step}.jsonl")
    assert [one.step for one in open_series(tmp_path).snapshots] == [1, 2]
    save(tmp_path / "step-5.npz", **DATA)
    (tmp_path / "model.pt").write_bytes(b"mine")
    found = open_series(tmp_path)
    assert ([one.path.name for one in found.snapshots], found.unread) == (["step-5.npz"], ())
