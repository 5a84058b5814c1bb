"""Shards are one table: told by names, by a pattern or by an option, in the order of names, refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from render.audit.files.arrays import Column
from render.audit.files.labels import mapped
from render.audit.files.series import open_series
from render.audit.files.snapshots import Keys, open_snapshot
from render.audit.report import audit as report_on
from tests.render.audit.audit_helpers import Ended, clusters, require_line

DATA = clusters(900, 6, 3)
Z, Y = DATA["features"], DATA["labels"]
CUTS = (0, 300, 301, 900)  # a shard of one row among them
Audit = Callable[..., Ended]


def table_of(features: np.ndarray, labels: np.ndarray):  # type: ignore[no-untyped-def]
    pa = pytest.importorskip("pyarrow")
    lists = pa.FixedSizeListArray.from_arrays(pa.array(features.ravel()), features.shape[1])
    return pa.table({"features": lists, "labels": labels})


def write(path: Path, features: np.ndarray, labels: np.ndarray) -> None:
    """Rows, in the format of the file's name."""
    kind = path.suffix
    if kind == ".npz":
        np.savez(path, features=features, labels=labels)
    elif kind == ".csv":
        names = ",".join([*(f"features{k}" for k in range(features.shape[1])), "labels"])
        lines = [
            ",".join(map(repr, map(float, row))) + f",{label}" for row, label in zip(features, labels, strict=True)
        ]
        path.write_text("\n".join([names, *lines]))
    elif kind == ".jsonl":
        rows = ({"features": row.tolist(), "labels": int(one)} for row, one in zip(features, labels, strict=True))
        path.write_text("\n".join(map(json.dumps, rows)))
    elif kind == ".parquet":
        pytest.importorskip("pyarrow.parquet").write_table(table_of(features, labels), path, row_group_size=128)
    elif kind == ".arrow":
        pa, table = pytest.importorskip("pyarrow"), table_of(features, labels)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=100)
    elif kind == ".safetensors":
        pytest.importorskip("safetensors.numpy").save_file({"features": features, "labels": labels}, path)
    elif kind == ".h5":
        with pytest.importorskip("h5py").File(path, "w") as file:
            file["features"], file["labels"] = features, labels
    else:
        group = pytest.importorskip("zarr").open_group(path, mode="w")
        group.create_array("features", data=features, chunks=(64, 6))
        group.create_array("labels", data=labels, chunks=(64,), fill_value=-1)


def shards(folder: Path, name: str = "part-{}.npz", cuts: Sequence[int] = CUTS, **more: np.ndarray) -> Path:
    """A folder of shards of the data, a file for each cut; `more` is in each file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (start, stop) in enumerate(pairwise(cuts)):
        path = folder / name.format(f"{number:05}")
        if more:
            np.savez(path, features=Z[start:stop], labels=Y[start:stop], **more)
        else:
            write(path, Z[start:stop], Y[start:stop])
    return folder


def require_rows(column: Column | None, rows: np.ndarray) -> None:
    assert column is not None
    assert column.shape == rows.shape
    for start, stop in ((0, 10), (299, 302), (0, 900), (890, 900), (300, 301), (301, 600), (5, 310)):
        np.testing.assert_allclose(column.read(start, stop), rows[start:stop], rtol=1e-6)


@pytest.mark.parametrize("kind", ["npz", "csv", "jsonl", "parquet", "arrow", "safetensors", "h5", "zarr"])
def test_every_format_gives_the_rows_of_all_in_any_order(tmp_path: Path, kind: str) -> None:
    shards(tmp_path / "t", f"part-{{}}.{kind}")
    (found,) = open_series(tmp_path / "t").snapshots
    require_rows(found.features, Z)
    require_rows(found.labels, Y)
    write(tmp_path / f"one.{kind}", Z, Y)
    alone, together = report_on(open_snapshot(tmp_path / f"one.{kind}")).values, report_on(found).values
    assert together.keys() == alone.keys()
    for name, value in alone.items():
        np.testing.assert_allclose(together[name], value, rtol=1e-6, err_msg=name)


def test_numpy_files_are_shards_too_and_labels_have_a_pattern_of_their_own(tmp_path: Path) -> None:
    for number, (start, stop) in enumerate(pairwise(CUTS)):
        np.save(tmp_path / f"z-{number}.npy", Z[start:stop])
        np.save(tmp_path / f"y-{number}.npy", Y[start:stop])
    found = open_snapshot(tmp_path / "z-*.npy", Keys(labels=str(tmp_path / "y-*.npy")))
    require_rows(found.features, Z)
    require_rows(found.labels, Y)


@pytest.mark.parametrize("name", ["part-{}.npz", "part.{}.npz", "part-{}-4f1c-c000.npz", "train-{}-of-00003.npz"])
def test_names_tell_shards_from_steps(audit: Audit, tmp_path: Path, name: str) -> None:
    ended = audit(shards(tmp_path / "t", name), "--no-picture")
    assert (ended.code, ended.err) == (0, "")
    assert "3 files are one table, in the order of their names, " in ended.out
    assert "t: 900 points x 6 features, 3 classes" in ended.out
    assert ended.out == audit(tmp_path / "t", "--table", "--no-picture").out


def test_an_option_says_what_names_do_not(audit: Audit, tmp_path: Path) -> None:
    folder = shards(tmp_path / "t", "batch{}.npz", (0, 300, 600, 900))
    assert "300 points" in audit(folder, "--no-picture").out
    assert "900 points" in audit(folder, "--no-picture", "--table").out
    assert "900 points" in audit(folder / "batch*.npz", "--no-picture").out
    parts = shards(tmp_path / "p", "part-{}.npz", (0, 300, 600, 900))
    assert "300 points" in audit(parts, "--no-picture", "--steps").out


def test_a_pattern_of_steps_means_steps(audit: Audit, tmp_path: Path) -> None:
    folder = shards(tmp_path / "run", "step-{}.npz", (0, 300, 600, 900))
    pattern = folder / "step-*.npz"
    assert [one.step for one in open_series(pattern).snapshots] == [0, 1, 2]
    assert "300 points" in audit(pattern, "--no-picture").out
    assert "900 points" in audit(pattern, "--no-picture", "--table").out


def test_rows_are_in_the_order_of_names_with_numbers_as_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        np.savez(tmp_path / f"part-{number}.npz", features=np.full((2, 3), number, float))
    found = open_snapshot(tmp_path / "part-*.npz").features.read(0, 6)
    assert found[:, 0].tolist() == [1, 1, 2, 2, 10, 10]


def test_folders_of_the_hub_and_of_datasets_are_tables(audit: Audit, tmp_path: Path) -> None:
    shards(tmp_path / "hub/data", "train-{}-of-00003.parquet")
    (tmp_path / "hub/README.md").write_text("# a card")
    require_rows(open_series(tmp_path / "hub").snapshots[0].features, Z)
    shards(tmp_path / "saved", "data-{}-of-00003.arrow")
    for name in ("state.json", "dataset_info.json"):
        (tmp_path / "saved" / name).write_text("{}")
    require_rows(open_series(tmp_path / "saved").snapshots[0].features, Z)
    shards(tmp_path / "hub/data", "test-{}-of-00003.parquet")
    require_line(audit(tmp_path / "hub"), "hub: holds several tables", "data/test-*.parquet' (3)", "train-*.parquet'")
    assert "900 points" in audit(tmp_path / "hub/data/train-*.parquet", "--no-picture").out


def test_a_file_that_names_promise_is_missed(audit: Audit, tmp_path: Path) -> None:
    folder = shards(tmp_path / "t", "train-{}-of-00003.npz")
    (folder / "train-00001-of-00003.npz").unlink()
    require_line(audit(folder), f"{folder}: of 3 files 1 are missing, the first is 00001")
    assert "of 3 files 1 are missing" in audit(folder / "train-*.npz", "--no-picture").out  # who names them may want so


def test_a_shard_with_other_columns_or_types_is_refused_by_name(audit: Audit, tmp_path: Path) -> None:
    for kind in ("npz", "csv", "parquet"):
        folder = shards(tmp_path / kind, f"part-{{}}.{kind}")
        bad = folder / f"part-00001.{kind}"
        write(bad, Z[:5, :4], Y[:5])
        require_line(audit(folder), str(bad), "features" if kind != "csv" else "lacks features4, features5")
    folder = shards(tmp_path / "types")
    np.savez(folder / "part-00002.npz", features=Z[:5].astype(np.float64), labels=Y[:5])
    require_line(audit(folder), "part-00002.npz: features is float64, and float32 in part-00000.npz")
    np.savez(folder / "part-00002.npz", features=Z[:5])
    require_line(audit(folder), "part-00002.npz: lacks labels, unlike part-00000.npz")
    write(folder / "part-00002.csv", Z[:5], Y[:5])
    require_line(audit(folder / "part-*"), "several formats, .csv, .npz")
    require_line(audit(folder / "piece-*"), "piece-*: no file is called like that")


def test_what_is_wrong_in_a_shard_names_it(audit: Audit, tmp_path: Path) -> None:
    folder = shards(tmp_path / "t", "part-{}.npy.npz")
    (folder / "part-00001.npy.npz").write_bytes(b"PK\x03\x04 and no more")
    require_line(audit(folder), "part-00001.npy.npz: is damaged")
    folder = shards(tmp_path / "a", "part-{}.arrow")
    whole = (folder / "part-00002.arrow").read_bytes()
    (folder / "part-00002.arrow").write_bytes(whole[: len(whole) // 2])
    require_line(audit(folder), "part-00002.arrow: is damaged", "too early")


def test_layers_weights_and_names_go_with_shards(tmp_path: Path) -> None:
    weights = np.eye(3, 6)
    for number, (start, stop) in enumerate(pairwise(CUTS)):
        names = np.array(["cat", "dog", "elephant"])[Y[start:stop]]
        names = names if number else names.astype("U3")  # as wide as they are there
        arrays = {"layer/a": Z[start:stop, :3], "layer/b": Z[start:stop]}
        np.savez(tmp_path / f"part-{number}.npz", labels=names, weights=weights, **arrays)
    found = open_snapshot(tmp_path / "part-*.npz")
    assert [layer.name for layer in found.layers] == ["layer/a", "layer/b"]
    require_rows(found.features, Z)
    assert found.weights is not None
    assert found.weights.shape == (3, 6)
    assert found.labels is not None
    assert mapped(found.labels, 6).values is not None
    np.savez(tmp_path / "part-2.npz", labels=names, weights=weights + 1, **arrays)
    with pytest.raises(ValueError, match=r"part-2.npz: weights is another than in part-0.npz"):
        open_snapshot(tmp_path / "part-*.npz")


def test_empty_shards_are_passed_over(tmp_path: Path) -> None:
    shards(tmp_path / "t", "part-{}.parquet", (0, 0, 300, 300, 900, 900))
    require_rows(open_snapshot(tmp_path / "t").features, Z)


def test_arrow_in_both_formats_compressed_or_not(tmp_path: Path) -> None:
    pa, table = pytest.importorskip("pyarrow"), table_of(Z, Y)
    for opened in (pa.ipc.new_stream, pa.ipc.new_file):
        for how in (None, "zstd"):
            options = pa.ipc.IpcWriteOptions(compression=how)
            with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as file, opened(file, table.schema, options=options) as to:
                to.write_table(table, max_chunksize=256)
            found = open_snapshot(tmp_path / "a.arrow")
            require_rows(found.features, Z)
            require_rows(found.labels, Y)
