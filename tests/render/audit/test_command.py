"""`render audit`: what it prints and writes, what rings, and how each kind of bad input ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cli
from tests.render.audit.audit_helpers import Ended, clusters, save

DATA = clusters(60, 4, 3)
Z, Y = DATA["features"], DATA["labels"]
Audit = Callable[..., Ended]


def changed(array: np.ndarray, where: Any, value: Any) -> np.ndarray:
    copy = array.copy()
    copy[where] = value
    return copy


def require_line(ended: Ended, *says: str) -> None:
    """Exit code 2, and one line on stderr that names all of these."""
    assert ended.code == 2, ended
    assert re.fullmatch(r"render: [^\n]+\n", ended.err), ended.err
    for part in says:
        assert part in ended.err


def test_a_snapshot_is_shown_as_a_table(audit: Audit) -> None:
    save(Path("step-7.npz"), **DATA, extra=np.zeros(3))
    ended = audit("step-7.npz")
    assert (ended.code, ended.err) == (0, "")
    heading, *table = ended.out.splitlines()
    assert heading == "step-7.npz, step 7: 60 points x 4 features, 3 classes; not used: extra (3,) float64"
    (row,) = [line for line in table if line.split()[:1] == ["participation_ratio"]]
    assert "2 = C−1" in row
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


REFUSED: dict[str, tuple[dict[str, np.ndarray], tuple[str, ...]]] = {
    "labels of another length": (
        {"features": Z, "labels": Y[:9]},
        ("labels has 9 rows and features 60",),
    ),
    "negative labels": ({"features": Z, "labels": changed(Y, 3, -2)}, ("labels: row 3 has label -2", "number classes")),
    "float labels": ({"features": Z, "labels": Y.astype(float)}, ("labels is float64", "integers from 0")),
    "labels in a matrix": ({"features": Z, "labels": Y[:, None]}, ("labels has shape (60, 1): expected (points,)",)),
    "more classes than points": (
        {"features": Z, "labels": changed(Y, 3, 60)},
        ("label 60", "more classes than"),
    ),
    "complex": ({"features": Z * 1j}, ("features is complex", "real and imaginary parts")),
    "text": ({"features": Z.astype(str)}, ("features is <U", "save it as numbers")),
    "objects": ({"features": Z.astype(object)}, ("features holds Python objects", "never loaded")),
    "one column as a row": ({"features": Z[:, 0]}, ("features has shape (60,): expected (points, columns)",)),
    "no rows": ({"features": Z[:0]}, ("features is empty",)),
    "outputs of another length": ({"features": Z, "outputs": Z[1:]}, ("outputs has 59 rows and features 60",)),
    "a step of two values": ({"features": Z, "step": np.array([1, 2])}, ("step has 2 values",)),
    "a step that is no integer": ({"features": Z, "step": np.array(0.5)}, ("step is float64",)),
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
    "single class": ({"features": Z, "labels": 0 * Y + 2}, ("labels has a single class, 2", "two or more"), False),
    "class of one point": ({"features": Z, "labels": changed(Y, 0, 7)}, ("class 7 is of a single point", "add"), True),
    "fewer points than columns": (
        {"features": Z[:3], "labels": Y[:3] * 0 + [0, 0, 1]},
        ("fewer points than columns, 3 < 4", "give 4 points"),
        True,
    ),
    "constant columns": (
        {"features": changed(Z, np.s_[:, 1:3], 0.1), "labels": Y},
        ("2 of 4 columns are constant", "remove them"),
        True,
    ),
}


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
    assert told["partial"] == [line.removeprefix("render: partial report: ") for line in lines]
    assert ("nc1" in told["numbers"]) == has_classes
    assert "participation_ratio" in told["numbers"]
    fine = audit("mine.npz", "--partial", "--json", "-")
    assert fine == Ended(0, ended.out, ended.err)
    assert audit("mine.npz", "--fail-on", "participation_ratio<9").code == 3


def test_files_and_folders_that_are_no_snapshots_are_refused(audit: Audit) -> None:
    require_line(audit("missing.npz"), "missing.npz: there is no such file")
    Path("empty").mkdir()
    require_line(audit("empty"), "empty: has no snapshot in it", ".npz")
    Path("a.pt").write_bytes(b"PK")
    require_line(audit("a.pt"), "a.pt: is none of the formats", "numpy.savez")
    for name in ("a.npz", "a.npy", "a.csv"):
        Path(name).write_bytes(b"")
        require_line(audit(name), name)
    Path("a.csv").write_text("features_0,features_1\n1,2\n3,x\n")
    require_line(audit("a.csv"), "a.csv: features: could not convert string 'x'", "correct or remove")
    Path("a.csv").write_text("features_0,labels\n1,0\n3,0.5\n")
    require_line(audit("a.csv"), "a.csv: labels: could not convert string '0.5' to int64")
    Path("a.csv").write_text("features_0,features_1\n1,2\n3\n")
    require_line(audit("a.csv"), "a.csv: features: ")
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
        (("step-2.npz", {"features": Z[:, 1:], "labels": Y}), "features is (60, 3), and in step-1.npz (60, 4)"),
        (("step-2.npz", {"features": Z[1:], "labels": Y[1:]}), "is (59"),
        (("step-2.npz", {"features": Z}), "labels is missing"),
        (("also-1.npz", DATA), "is of step 1, and so is also-1.npz"),
        (("best.npz", DATA), "best.npz: does not say its step: call it step-100.npz"),
        (("run3-5.npz", DATA), "run3-5.npz: does not say its step"),
    ],
)
def test_a_series_that_does_not_fit_together_is_refused(
    audit: Audit, other: tuple[str, dict[str, np.ndarray]], says: str
) -> None:
    Path("run").mkdir()
    save(Path("run/step-1.npz"), **DATA if other[0] != "step-2.npz" else {"features": Z, "labels": Y})
    save(Path("run") / other[0], **other[1])
    ended = audit("run")
    require_line(ended, "run/", says)
    assert ended.out == ""


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
