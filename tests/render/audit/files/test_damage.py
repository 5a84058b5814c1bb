"""Damage is seen: flipped bits, chunks that are gone, files cut while they are read, promises that cannot be true."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render import Recorder
from render.audit.files import checksums
from render.audit.files.parquet import open_parquet
from render.audit.files.snapshots import Keys, Snapshot, open_snapshot
from render.audit.report import audit as report_on
from render.audit.sums.one_pass import accumulate
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save
from tests.render.audit.files import damage

DATA = clusters(300, 16, 3)
Audit = Callable[..., Ended]


def flipped(path: Path, place: int, bit: int = 4) -> None:
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1 << bit
    path.write_bytes(whole)


def everything(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a snapshot, read as an audit reads them."""
    found = open_snapshot(path)
    accumulate(found, rows_at_once=70)
    for column in found.arrays.values():
        column.verify()
    return {role: column.read(0, column.shape[0]) for role, column in found.columns.items()}


def test_damaged_files_end_in_right_numbers_or_in_one_clear_line(tmp_path: Path) -> None:
    """Of FRAME_POTENTIAL_FUZZ cases, 500 unless that says more."""
    cases = int(os.environ.get("FRAME_POTENTIAL_FUZZ", "500"))
    found = damage.run(tmp_path, cases)
    assert len(found) >= min(cases, 500)
    assert not damage.bad(found)
    counts = damage.verdicts(found)
    assert counts.keys() == {*damage.available()}
    assert all(some["refused"] for some in counts.values()), counts


@pytest.mark.parametrize("kind", ["recorder", "fortran", "deflated"])
def test_a_flipped_bit_anywhere_in_an_npz_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.npz"
    if kind == "recorder":
        recorder = Recorder(tmp_path, numbers=False)
        recorder.log(3, DATA["features"], DATA["labels"], DATA["outputs"])
        path = recorder.path(3)
    elif kind == "fortran":
        save(path, **{name: np.asfortranarray(array) for name, array in DATA.items()})
    else:
        np.savez_compressed(path, **DATA)
    whole, right = path.read_bytes(), everything(path)
    with zipfile.ZipFile(path) as archive:
        data = [(m.header_offset + 60, m.header_offset + 60 + m.compress_size) for m in archive.infolist()]
    rng = np.random.default_rng(0)
    refused = 0
    for place in map(int, rng.integers(0, len(whole), 120)):
        flipped(path, place, int(rng.integers(8)))
        try:
            found = everything(path)
        except ValueError as error:
            refused += str(error).startswith(f"{path}: ")
        else:  # in what ZIP says of members besides, such as their dates
            assert not any(first <= place < last - 40 for first, last in data), place
            assert found.keys() <= right.keys()
            for role in found:
                np.testing.assert_array_equal(found[role], right[role])
        path.write_bytes(whole)
    assert refused > 100


@pytest.mark.parametrize("role", ["features", "labels", "outputs", "weights"])
def test_the_command_refuses_a_bit_that_is_flipped_behind_what_a_buffer_holds(audit: Audit, role: str) -> None:
    path = save(Path("a.npz"), **DATA, weights=np.ones((3, 16)), layer0=DATA["features"])
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(f"{role}.npy")
    flipped(path, member.header_offset + member.file_size - 1, 0)  # in the last numbers, whose last digit changes
    ended = audit("a.npz", "--no-picture")
    require_line(ended, "a.npz: ", role, "is damaged", "again")  # small ones are read whole when the file is opened
    assert ended.out == ""


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_not_read_in_order_or_not_here_is_verified_too(tmp_path: Path, order: str) -> None:
    views = np.array(np.stack([DATA["features"], DATA["features"] + 1]), order=order)  # type: ignore[call-overload]
    path = save(tmp_path / "a.npz", features=DATA["features"], views=views)
    far_away = accumulate(open_snapshot(path))
    with zipfile.ZipFile(path) as archive:
        places = {m.filename: m.header_offset + m.file_size - 100 for m in archive.infolist()}
    for name in ("views", "features"):
        whole = path.read_bytes()
        flipped(path, places[f"{name}.npy"], 0)
        with pytest.raises(ValueError, match=rf"a\.npz: {name} is damaged"):
            report_on(open_snapshot(path), passing=lambda *_, **__: far_away)
        path.write_bytes(whole)


def test_the_fast_checksum_is_that_of_zip() -> None:
    assert checksums.crc32(b"abc", checksums.crc32(b"mine")) == zlib.crc32(b"mineabc")


def test_of_a_file_that_was_read_in_order_nothing_is_read_again(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", **DATA)
    found = open_snapshot(path)
    accumulate(found, rows_at_once=70)
    path.unlink()
    for column in found.columns.values():
        column.verify()


CUT = {
    "c.npy": lambda path: np.save(path, DATA["features"]),
    "fortran.npy": lambda path: np.save(path, np.asfortranarray(DATA["features"])),
    "stored.npz": lambda path: np.savez(path, features=DATA["features"]),
    "fortran.npz": lambda path: np.savez(path, features=np.asfortranarray(DATA["features"])),
    "views.npy": lambda path: np.save(path, np.asfortranarray(DATA["features"])),
    "a.safetensors": lambda path: pytest.importorskip("safetensors.numpy").save_file(
        {"features": DATA["features"]}, path
    ),
}


@pytest.mark.parametrize("name", CUT)
def test_a_file_that_is_cut_while_it_is_read_is_an_error(tmp_path: Path, name: str) -> None:
    CUT[name](tmp_path / name)
    column = open_snapshot(tmp_path / name).features
    column.read(0, 3)
    os.truncate(tmp_path / name, 5000)  # what a page of memory holds, and no more
    with pytest.raises(ValueError, match=rf"{name}: .* rows 100 to 299 cannot be read, .*it ends too early"):
        column.read(100, 300)
    assert column.across is not None
    with pytest.raises(ValueError, match=rf"{name}: .*it ends too early"):
        column.across(0, 16)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(7, 5), (3, 7, 5), (7,), (), (2, 3, 4, 5)])
def test_rows_of_both_orders_are_those_of_numpy(tmp_path: Path, order: str, shape: tuple[int, ...]) -> None:
    array = np.array(np.arange(np.prod(shape), dtype="<i4").reshape(shape), order=order)  # type: ignore[call-overload]
    np.save(tmp_path / "a.npy", array)
    from render.audit.files.numpys import open_npy

    column = open_npy(tmp_path / "a.npy").columns["a"]
    if not shape:
        assert column.read(0, 1) == array
        return
    for start, stop in ((0, shape[0]), (1, 2), (0, 1), (1, shape[0])):
        rows = column.read(start, stop)
        np.testing.assert_array_equal(rows, array[start:stop])
        assert rows.flags["C_CONTIGUOUS"]
    if len(shape) > 1:
        assert column.across is not None
        for start, stop in ((0, shape[1]), (1, 3)):
            np.testing.assert_array_equal(column.across(start, stop), array[:, start:stop])


def group(path: Path, version: int = 3, **how: Any) -> Path:
    """A Zarr store of the data, labels sorted, with fewer chunks than 300."""
    zarr = pytest.importorskip("zarr")
    found = zarr.open_group(path, mode="w", zarr_format=version)
    for name, array in (DATA | {"labels": np.sort(DATA["labels"])}).items():
        form = {"chunks": (10, *array.shape[1:])} | how
        if "shards" in form:
            form["shards"] = (50, *array.shape[1:])
        found.create_array(name, shape=array.shape, dtype=array.dtype, **form)[...] = array
    return path


@pytest.mark.parametrize(("version", "chunk"), [(3, "c/4/0"), (2, "4.0")])
def test_a_chunk_that_is_missing_is_refused_before_anything_is_read(audit: Audit, version: int, chunk: str) -> None:
    path = group(Path("a.zarr"), version)
    assert open_snapshot(path).features.shape == (300, 16)
    (path / "features" / chunk).unlink()
    require_line(audit(path), "a.zarr: features: 1 of 30 chunks are not stored", "write_empty_chunks=True")


def test_a_shard_that_is_missing_is_refused(tmp_path: Path) -> None:
    path = group(tmp_path / "a.zarr", shards=(50, 16))
    (path / "features/c/2/0").unlink()
    with pytest.raises(ValueError, match=r"features: 1 of 6 chunks are not stored"):
        open_snapshot(path)


def test_of_labels_that_are_not_stored_it_is_said_as_what_they_count(audit: Audit) -> None:
    path = group(Path("a.zarr"))  # class 0, sorted, is the fill value: such chunks Zarr does not write
    ended = audit(path, "--no-picture")
    assert ended.code == 2
    assert "labels: " in ended.err
    assert "chunks are not stored and count as 0; where they were lost that is wrong" in ended.err


def test_a_fill_value_that_was_chosen_is_data_and_said(audit: Audit) -> None:
    zarr = pytest.importorskip("zarr")
    array = zarr.create_array("a.zarr", shape=(60, 3), chunks=(10, 3), dtype="f4", fill_value=2.5)
    array[:50] = DATA["features"][:50, :3]
    ended = audit("a.zarr", "--no-picture", "--json", "-")
    assert (ended.code, ended.err) == (0, "")
    (told,) = [one["text"] for one in json.loads(ended.out)["findings"] if one["kind"] == "filled_rows"]
    assert told == "a: 1 of 6 chunks are not stored and count as the fill value of the array, 2.5"


@pytest.mark.parametrize("how", ["two", "three", "shards"])
def test_half_a_chunk_of_blosc_is_refused(tmp_path: Path, how: str) -> None:
    pytest.importorskip("zarr")
    import numcodecs
    from zarr.codecs import BloscCodec

    compressor = numcodecs.Blosc() if how == "two" else BloscCodec()
    shards = {"shards": (50, 16)} if how == "shards" else {}
    path = group(tmp_path / "a.zarr", 2 if how == "two" else 3, compressors=[compressor], **shards)
    chunk = next(file for file in (path / "features").rglob("*") if file.is_file() and file.name in ("4.0", "0"))
    whole = chunk.read_bytes()
    if how == "shards":  # the header of a chunk says that it is longer than the index does
        flipped(chunk, 13)
    else:
        chunk.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"a\.zarr: features: rows .* cannot be read, .* \(a chunk has \d+ bytes, and"):
        open_snapshot(path).features.read(0, 300)
    assert numcodecs.get_codec({"id": "blosc"}).__class__ is numcodecs.Blosc  # that of others is untouched


def test_an_array_of_a_group_without_its_metadata_is_refused(tmp_path: Path) -> None:
    path = group(tmp_path / "a.zarr")
    (path / "labels" / "zarr.json").unlink()
    with pytest.raises(ValueError, match=r"a\.zarr: labels has chunks and no metadata"):
        open_snapshot(path)


def test_pages_of_parquet_are_verified_where_they_have_a_checksum(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pa.table({f"features_{i}": column for i, column in enumerate(DATA["features"].T)})
    path = tmp_path / "a.parquet"
    parquet.write_table(table, path, write_page_checksum=True, compression="none", use_dictionary=False)
    place = path.read_bytes().index(DATA["features"][:, 3].tobytes()) + 400
    flipped(path, place, 0)
    with pytest.raises(ValueError, match=r"a\.parquet: features: rows 0 to 299 cannot be read, .*(?i:crc|checksum)"):
        open_snapshot(path).features.read(0, 300)


def test_names_of_parquet_are_compared_with_those_in_its_groups(tmp_path: Path) -> None:
    table = pytest.importorskip("pyarrow").table({f"features_{i}": DATA["features"][:, i] for i in range(3)})
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "a.parquet", store_schema=False)
    whole = (tmp_path / "a.parquet").read_bytes()
    flipped(tmp_path / "a.parquet", whole.index(b"features_2", whole.index(b"schema")) + 5, 3)
    with pytest.raises(ValueError, match=r"a\.parquet: .*a column is called featuzes_2, and in its group features_2"):
        open_snapshot(tmp_path / "a.parquet")


def test_a_dataset_of_hdf5_that_was_never_written_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    for name, how, says in (
        ("chunked", {"chunks": (10, 4)}, "100 of 100"),
        ("whole", {}, "1 of 1"),
    ):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file.create_dataset("features", shape=(1000, 4), dtype="f4", **how)
        with pytest.raises(ValueError, match=rf"a\.h5: features: {says} chunks are not stored"):
            open_snapshot(tmp_path / "a.h5")
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file.create_dataset("features", shape=(1000, 4), dtype="f4", fillvalue=1.5, **how)
        assert open_snapshot(tmp_path / "a.h5").filled, name
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["features"] = DATA["features"]
        file.create_dataset("labels", shape=(300,), dtype="i8", chunks=(30,))[:240] = 1
    (sentence,) = open_snapshot(tmp_path / "a.h5").left_out
    assert sentence.startswith("labels: 2 of 10 chunks are not stored, and would be read as 0")


MANY = 10**12


def promising_npz(path: Path, stored: bool) -> None:
    """A member that says that it is deflated from more than it can hold, or that it is longer than the file."""
    header = {"descr": "<f4", "fortran_order": False, "shape": (MANY, 4)}
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", method) as archive, archive.open("features.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[arg-type]
        file.write(bytes(1000))
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        (member,) = archive.infolist()
    size = member.file_size - 1000 + 16 * MANY
    extra = struct.pack("<HHQQ", 1, 16, size, size if stored else member.compress_size)
    at = whole.index(b"PK\x01\x02")
    entry = bytearray(whole[at : at + 46])
    entry[20:28], entry[30:32] = b"\xff" * 8, struct.pack("<H", len(extra))
    end = bytearray(whole[whole.index(b"PK\x05\x06") :])
    name = member.filename.encode()
    end[12:16] = struct.pack("<I", 46 + len(name) + len(extra))
    path.write_bytes(whole[:at] + bytes(entry) + name + extra + bytes(end))


def promising_npy(path: Path) -> None:
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": True, "shape": (MANY, 4)}
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[arg-type]
        file.write(bytes(1000))


def promising_zarr(path: Path, version: int) -> None:
    found = pytest.importorskip("zarr").open_group(path, mode="w", zarr_format=version)
    found.create_array("features", shape=(MANY, 4), chunks=(10, 4), dtype="f4")[:20] = 1.0
    found.create_array("step", shape=(MANY,), chunks=(10,), dtype="i8")[:20] = 1


def promising_hdf5(path: Path) -> None:
    with pytest.importorskip("h5py").File(path, "w") as file:
        file.create_dataset("features", shape=(MANY, 4), chunks=(1000, 4), dtype="f4")[:1000] = 1.0


def promising_safetensors(path: Path) -> None:
    pytest.importorskip("safetensors")
    told = {"features": {"dtype": "F32", "shape": [MANY, 4], "data_offsets": [0, 16 * MANY]}}
    header = json.dumps(told).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(1000))


PROMISES: dict[str, Callable[[Path], None]] = {
    "a.npy": promising_npy,
    "stored.npz": lambda path: promising_npz(path, stored=True),
    "deflated.npz": lambda path: promising_npz(path, stored=False),
    "two.zarr": lambda path: promising_zarr(path, 2),
    "three.zarr": lambda path: promising_zarr(path, 3),
    "a.h5": promising_hdf5,
    "a.safetensors": promising_safetensors,
}


@pytest.mark.parametrize("name", PROMISES)
def test_what_promises_more_rows_than_it_can_hold_is_refused_at_once(tmp_path: Path, name: str) -> None:
    PROMISES[name](tmp_path / name)
    with pytest.raises(ValueError, match=rf"{name}: ") as refused:
        open_snapshot(tmp_path / name)
    assert "\n" not in str(refused.value)


def test_what_ends_before_the_rows_that_it_promises_is_refused(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").table({f"features_{i}": DATA["features"][:, i] for i in range(16)})
    parquet.write_table(table, tmp_path / "a.parquet")
    source = replace(open_parquet(tmp_path / "a.parquet"), count=MANY)  # as a footer may have it, groups included
    with pytest.raises(ValueError, match=r"a\.parquet: features: rows .* cannot be read, .*it ends too early"):
        report_on(open_snapshot(tmp_path / "a.parquet", source=source))


def deep_zarr(path: Path, text: str) -> None:
    pytest.importorskip("zarr")
    path.mkdir()
    (path / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group", "attributes": {"a": ' + text + "}}")


def deep_npy(path: Path, text: str) -> None:
    header = ("{'descr': '<f4', 'fortran_order': False, 'shape': " + text + "}").encode()
    path.write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", len(header)) + header)


def deep_safetensors(path: Path, text: str) -> None:
    pytest.importorskip("safetensors")
    header = ('{"__metadata__": ' + text + "}").encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def deep_hdf5(path: Path, text: str) -> None:
    with pytest.importorskip("h5py").File(path, "w") as file:
        file.create_group("/".join("a" * 2000))  # of more of them h5py takes minutes
        file["b"] = file["a"]


def deep_torch(path: Path, text: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, pip install torch")
    found: Any = torch.zeros(2, 2)
    for _ in range(200):
        found = {"a": found}
    torch.save(found, path)


DEEP: dict[str, Callable[[Path, str], None]] = {
    "a.zarr": deep_zarr,
    "a.npy": deep_npy,
    "a.safetensors": deep_safetensors,
    "a.jsonl": lambda path, text: path.write_text(text + "\n") and None,
    "a.h5": deep_hdf5,
    "a.pt": deep_torch,
}


@pytest.mark.parametrize("name", DEEP)
def test_what_is_nested_deep_is_refused_in_one_line(audit: Audit, name: str) -> None:
    DEEP[name](Path(name), "[" * 100_000 + "]" * 100_000)
    require_line(audit(name), name)


def test_beside_a_bad_file_the_rest_of_a_folder_is_audited(audit: Audit) -> None:
    Path("run").mkdir()
    for step in (1, 2):
        save(Path(f"run/step-{step}.npz"), **DATA)
    deep_zarr(Path("run/step-3.zarr"), "[" * 100_000 + "]" * 100_000)
    save(Path(f"run/{'9' * 30}.npz"), **DATA)
    ended = audit("run", "--no-picture")
    assert ended.code == 2
    assert "step-3.zarr/zarr.json: is damaged" in ended.err
    assert "is of step 999" in ended.err
    assert "300 points x 16 features" in ended.out


def rows_of(path: Path, text: str, keys: Keys | None = None) -> Snapshot:
    path.write_text(text)
    found = open_snapshot(path, keys)
    found.features.read(0, found.points)
    return found


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_numbers_of_columns_in_the_first_line_are_no_row(tmp_path: Path, suffix: str, quote: str) -> None:
    path, delimiter = tmp_path / f"a{suffix}", "\t" if suffix == ".tsv" else ","
    lines = [[f"{quote}{i}{quote}" for i in range(3)], ["0.5", "1", "-2.0"], ["1e3", "nan", "2.0"]]
    text = "\n".join(delimiter.join(cells) for cells in lines) + "\n"
    found = rows_of(path, text)
    np.testing.assert_array_equal(found.features.read(0, 2), [[0.5, 1, -2], [1000, np.nan, 2]])
    labelled = rows_of(path, text.replace("nan", "2"), Keys(features="0,2", labels="1"))
    assert labelled.labels is not None
    assert labelled.labels.read(0, 2).tolist() == [1, 2]


def test_a_first_line_that_may_be_a_row_or_numbers_of_columns_is_refused(tmp_path: Path) -> None:
    for text in ("0,1,2\n5,6,7\n0.5,1,2\n", "\n0\n4\n"):
        with pytest.raises(ValueError, match=r"a\.csv: line [12] is 0.*, which may be a row or the numbers of the col"):
            rows_of(tmp_path / "a.csv", text)
    for text in ("0.0,1.0,2.0\n5.5,6,7\n", "0,2,1\n5,6,7\n", "1,2\n3,4\n", "1,2,3\n4,5,6\n"):
        assert rows_of(tmp_path / "a.csv", text).points == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("features_0,features_1\n1,2\n\n3,4,5\n", "line 4 has 3 of 2 cells"),
        ("features_0,features_1\n1,2\n3\n", "line 3 has 1 of 2 cells"),
        ("1,2\n3,4,\n", "line 2 has 3 of 2 cells"),
        ('"features_0,a",features_1\n1,2\n', "line 2 has 2 of 3 cells"),
        ("features_0,features_1\n1,2\n\n3,x\n", r"could not convert string 'x' to float64 in line 4; correct"),
    ],
)
def test_a_line_with_other_cells_is_refused_with_its_number(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=rf"a\.csv: .*{says}"):
        rows_of(tmp_path / "a.csv", text, Keys(features="features*") if "features" in text else None)


def test_a_member_that_numpy_would_not_write_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a.npz", **DATA)
    with zipfile.ZipFile(tmp_path / "a.npz") as archive, zipfile.ZipFile(tmp_path / "b.npz", "w") as other:
        for member in archive.infolist():
            other.writestr(member.filename, archive.read(member), zipfile.ZIP_LZMA)
    with pytest.raises(ValueError, match=r"b\.npz: .* is compressed by method 14, and NumPy stores or deflates"):
        open_snapshot(tmp_path / "b.npz")


def test_tensors_of_torch_are_verified(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, pip install torch")
    path = tmp_path / "a.pt"
    torch.save({"features": torch.tensor(DATA["features"])}, path)
    right = report_on(open_snapshot(path))
    place = path.read_bytes().index(DATA["features"].tobytes()) + 9000
    flipped(path, place, 0)
    with pytest.raises(ValueError, match=r"a\.pt: .*is damaged, Bad CRC-32"):
        report_on(open_snapshot(path))
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"features": torch.tensor(DATA["features"])}, path)
        assert report_on(open_snapshot(path)).values == right.values
    finally:
        torch.serialization.set_crc32_options(True)


def test_damage_to_what_says_which_chunks_there_are_is_named(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:
        file.create_dataset("features", data=DATA["features"], chunks=(10, 16))
    whole, says = (tmp_path / "a.h5").read_bytes(), []
    for place in range(300, 700, 3):  # where the index of the chunks lies
        flipped(tmp_path / "a.h5", place)
        try:
            open_snapshot(tmp_path / "a.h5")
        except ValueError as error:
            says.append(str(error))
        (tmp_path / "a.h5").write_bytes(whole)
    assert any("a.h5: features is damaged (Can't get number of chunks" in line for line in says), says
