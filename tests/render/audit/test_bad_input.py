"""Each kind of bad input: a line that says which file and array, and the way out; what is left is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

DATA = clusters(60, 4, 3)
Z, Y = DATA["features"], DATA["labels"]
Audit = Callable[..., Ended]


def changed(array: np.ndarray, where: Any, value: Any) -> np.ndarray:
    copy = array.copy()
    copy[where] = value
    return copy


REFUSED: dict[str, tuple[dict[str, np.ndarray], tuple[str, ...]]] = {
    "complex": ({"features": Z * 1j}, ("features is complex", "real and imaginary parts")),
    "text": ({"features": Z.astype(str)}, ("features is text", "save it as numbers")),
    "objects": ({"features": Z.astype(object)}, ("features holds Python objects", "never loaded")),
    "one column as a row": ({"features": Z[:, 0]}, ("features has shape (60,): expected (points, columns)",)),
    "no rows": ({"features": Z[:0]}, ("features is empty",)),
    "a step of two values": ({"features": Z, "step": np.array([1, 2])}, ("step has 2 values",)),
    "a step that is no integer": ({"features": Z, "step": np.array(0.5)}, ("step is float64",)),
    "too small to square": (
        {"features": Z.astype(float) * 1e-200, "labels": Y},
        ("features has numbers too large or too small to square",),
    ),
    "nothing finite": ({"features": Z * np.nan}, ("features: 240 entries are NaN", "no row is left")),
    "no features": (
        {"z": Z, "y": Y},
        ("no array called features", "z (60, 4) float32; y (60,) int64", "--features"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_allows_no_number_is_refused_in_one_line(audit: Audit, case: str) -> None:
    arrays, says = REFUSED[case]
    save(Path("mine.npz"), **arrays)
    ended = audit("mine.npz", "--json", "out.json")
    require_line(ended, "mine.npz: ", *says)
    assert ended.out == ""
    assert not Path("out.json").exists()


PARTIAL: dict[str, tuple[dict[str, np.ndarray], tuple[str, ...], bool]] = {
    "labels of another length": (
        {"features": Z, "labels": Y[:9]},
        ("labels has 9 rows and features 60", "the report is without labels"),
        False,
    ),
    "labels that are fractions": (
        {"features": Z, "labels": changed(Y.astype(float), 7, 0.5)},
        ("labels: row 7 has label 0.5", "whole numbers, names or one-hot rows", "the report is without labels"),
        False,
    ),
    "labels that are missing": (
        {"features": Z, "labels": changed(Y.astype(float), 3, np.nan)},
        ("labels: row 3 has label nan", "the report is without labels"),
        False,
    ),
    "rows that are not one-hot": (
        {"features": Z, "labels": changed(np.eye(3)[Y], 5, 1)},
        ("labels: row 5 is no one-hot row", "the report is without labels"),
        False,
    ),
    "outputs of another length": (
        {"features": Z, "labels": Y, "outputs": Z[1:]},
        ("outputs has 59 rows and features 60", "the report is without outputs"),
        True,
    ),
    "weights that are NaN": (
        {"features": Z, "labels": Y, "weights": np.full((3, 4), np.nan)},
        ("weights has entries that are NaN or infinite; the report is without weights",),
        True,
    ),
    "weights of another form": (
        {"features": Z, "labels": Y, "weights": np.ones((4, 3))},
        ("weights has shape (4, 3), and features 4 columns", "the report is without weights"),
        True,
    ),
    "NaN": (
        {"features": changed(Z, ([8, 8, 50], [2, 3, 1]), [np.nan, np.inf, -np.inf]), "labels": Y},
        ("features: 3 entries are NaN or infinite, in 2 of 60 rows, the first in row 8, column 2", "other 58 points"),
        True,
    ),
    "NaN in outputs": (
        {"features": Z, "labels": Y, "outputs": changed(Z, (9, 1), np.nan)},
        ("outputs: 1 entries are NaN or infinite, in 1 of 60 rows, the first in row 9, column 1",),
        True,
    ),
}


FOUND: dict[str, tuple[dict[str, np.ndarray], tuple[str, ...], bool]] = {
    "a class for every point": (
        {"features": Z, "labels": np.arange(60)},
        ("a cone", "labels: 60 classes (0, 1, 2, ...) are of a single point"),
        True,
    ),
    "weights of fewer classes": (
        {"features": Z, "labels": Y, "weights": np.ones((2, 4))},
        ("weights do not say which row is which class",),
        True,
    ),
    "a label that pads": (
        {"features": Z, "labels": np.where(Y == 1, -100, Y)},
        ("rows have label -100, told as a class: --ignore -100",),
        True,
    ),
    "all points the same": (
        {"features": 0 * Z + 0.1, "labels": Y},
        ("features has no variance, all points are the same",),
        False,
    ),
    "single class": ({"features": Z, "labels": 0 * Y + 2}, ("labels has a single class, 2", "two or more"), False),
    "class of one point": ({"features": Z, "labels": changed(Y, 0, 7)}, ("class 7 is of a single point", "add"), True),
    "fewer points than columns": (
        {"features": Z[:3], "labels": Y[:3] * 0 + [0, 0, 1]},
        ("fewer points than columns, 3 < 4", "give 4 points"),
        True,
    ),
    "constant columns": (
        {"features": changed(Z, np.s_[:, 1:3], 0.1), "labels": Y},
        ("two of 4 columns are constant",),
        True,
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_says_something_of_good_data_is_no_failure(audit: Audit, case: str) -> None:
    arrays, says, has_classes = FOUND[case]
    save(Path("mine.npz"), **arrays)
    ended = audit("mine.npz", "--no-picture", "--json", "-")
    assert (ended.code, ended.err) == (0, "")
    whole = json.loads(ended.out)
    (told,) = whole["snapshots"]
    assert ("nc1" in told["numbers"]) == has_classes
    assert whole["schema"] == 2
    assert (whole["headline"], whole["findings"]) == (told["headline"], told["findings"])
    assert whole["headline"].keys() == {"kind", "status", "text", "next"}
    assert whole["findings"][0]["text"] == whole["headline"]["text"]
    texts = [finding["text"] for finding in whole["findings"]]
    assert all(any(part in text for text in texts) for part in says), texts


@pytest.mark.parametrize("case", PARTIAL)
def test_what_allows_some_numbers_gives_them_and_says_what_is_missing(audit: Audit, case: str) -> None:
    arrays, says, has_classes = PARTIAL[case]
    save(Path("mine.npz"), **arrays)
    ended = audit("mine.npz", "--json", "-")
    lines = ended.err.splitlines()
    assert ended.code == 2
    assert all(line.startswith("render: partial report: mine.npz: ") for line in lines)
    assert any(all(part in line for part in says) for line in lines), lines
    (told,) = json.loads(ended.out)["snapshots"]
    assert told["partial"] == [line.removeprefix("render: partial report: mine.npz: ") for line in lines]
    assert ("nc1" in told["numbers"]) == has_classes
    assert "participation_ratio" in told["numbers"]
    fine = audit("mine.npz", "--partial", "--json", "-")
    assert fine == Ended(0, ended.out, ended.err)
    assert audit("mine.npz", "--fail-on", "participation_ratio<9").code == 3


def test_files_and_folders_that_are_no_snapshots_are_refused(audit: Audit) -> None:
    require_line(audit("missing.npz"), "missing.npz: there is no such file")
    Path("empty").mkdir()
    require_line(audit("empty"), "empty: has no snapshot in it", ".npz")
    Path("a.pkl").write_bytes(b"PK")
    require_line(audit("a.pkl"), "a.pkl: is none of the formats", "numpy.savez")
    for name in ("a.npz", "a.npy", "a.csv"):
        Path(name).write_bytes(b"")
        require_line(audit(name), name)
    Path("a.csv").write_text("features_0,features_1\n1,2\n3,x\n")
    require_line(audit("a.csv"), "a.csv: features: could not convert string 'x'", "correct or remove")
    Path("a.csv").write_text("features_0,labels\n1,0\n3,0.5\n")
    require_line(audit("a.csv"), "a.csv: labels: could not convert string '0.5' to int64")
    Path("a.csv").write_text("features_0,features_1\n1,2\n3\n")
    require_line(audit("a.csv"), "a.csv: line 3 has 1 of 2 cells")
    require_line(audit("a.npz", "--workers", 2, "--scheduler", "tcp://x:1"), "give one of them")
    require_line(audit("a.npz", "--json", "empty"), "empty is a folder")


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "packed.npz", "a.safetensors", "a.parquet"])
def test_a_file_that_is_cut_short_is_refused(audit: Audit, name: str) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 8))
    if name == "a.npy":
        np.save(name, rows)
    elif name == "a.safetensors":
        pytest.importorskip("safetensors.numpy").save_file({"features": rows}, name)
    elif name == "a.parquet":
        pa = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(pa.table({"features": [*rows]}), name)
    else:
        (np.savez_compressed if name == "packed.npz" else np.savez)(name, features=rows)
    whole = Path(name).read_bytes()
    Path(name).write_bytes(whole[: len(whole) // 2])
    require_line(
        audit(name), f"{name}: is ", "again" if name in ("a.npy", "a.safetensors", "a.parquet") else "write it"
    )


def test_a_zarr_chunk_that_is_damaged_is_refused(audit: Audit) -> None:
    group = pytest.importorskip("zarr").open_group("a.zarr", mode="w")
    group.create_array("features", data=Z, chunks=(10, 4))
    Path("a.zarr/features/c/3/0").write_bytes(b"mine")
    require_line(audit("a.zarr"), "a.zarr: features: rows 0 to 59 cannot be read", "write it again")


def test_a_member_whose_bytes_are_damaged_is_refused(audit: Audit) -> None:
    np.savez_compressed("a.npz", features=np.random.default_rng(0).normal(size=(300, 8)))
    whole = bytearray(Path("a.npz").read_bytes())
    whole[5000:5100] = bytes(100)
    Path("a.npz").write_bytes(whole)
    require_line(audit("a.npz"), "a.npz: ", "damaged", "again")


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (
            ("step-2.npz", {"features": Z[:, 1:], "labels": Y}),
            "has features (60, 3), labels (60,), and most others features (60, 4), labels (60,)",
        ),
        (("step-2.npz", {"features": Z[1:], "labels": Y[1:]}), "has features (59, 4), labels (59,)"),
        (("step-2.npz", {"features": Z}), "has features (60, 4), and most others features (60, 4), labels (60,)"),
        (("also-1.npz", DATA), "is of step 1, and so is also-1.npz"),
        (("best.npz", DATA), "best.npz: does not say its step: call it step-100.npz"),
        (("run3-5.npz", DATA), "run3-5.npz: does not say its step"),
    ],
)
def test_what_does_not_fit_the_rest_of_a_series_is_left_out(
    audit: Audit, other: tuple[str, dict[str, np.ndarray]], says: str
) -> None:
    Path("run").mkdir()
    save(Path("run/step-1.npz"), **DATA if other[0] != "step-2.npz" else {"features": Z, "labels": Y})
    save(Path("run") / other[0], **other[1])
    ended = audit("run")
    require_line(ended, f"left out: run/{other[0]}: " if other[0] != "also-1.npz" else "run/", says)
    assert ": 60 points x 4 features, 3 classes" in ended.out
