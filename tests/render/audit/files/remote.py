"""What lies on a server is read by parts, with the numbers of the same files here; or one line says why it is not."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render.audit.files import remote
from render.audit.files.addresses import Address, located
from render.audit.files.snapshots import Keys, open_snapshot
from render.audit.report import audit as report_on
from tests.render.audit.audit_helpers import Ended, clusters, require_line
from tests.render.audit.files.server import Server, serving

pytest.importorskip("aiohttp")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
zarr = pytest.importorskip("zarr")
pytestmark = pytest.mark.filterwarnings("default")  # those of other packages

DATA = clusters(3000, 16, 4)
Z, Y = DATA["features"], DATA["labels"]
FILES = ("z.npy", "all.parquet", "group.zarr", "listed.zarr", "sharded.zarr", "old.zarr", "data/train-*.parquet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    np.save(folder / "z.npy", Z)
    np.save(folder / "y.npy", Y)
    table = pa.table({"features": pa.FixedSizeListArray.from_arrays(pa.array(Z.ravel()), 16), "labels": Y})
    parquet.write_table(table, folder / "all.parquet", row_group_size=500)
    (folder / "data").mkdir()
    for number, (first, count) in enumerate(((0, 1000), (1000, 1300), (2300, 700))):
        shard = table.slice(first, count)
        parquet.write_table(shard, folder / "data" / f"train-{number:05}-of-00003.parquet", row_group_size=400)
    for name, how in (("group", {}), ("listed", {}), ("sharded", {"shards": (1000, 16)}), ("old", {})):
        group = zarr.open_group(folder / f"{name}.zarr", mode="w", zarr_format=2 if name == "old" else 3)
        group.create_array("features", data=Z, chunks=(250, 16), **how)
        group.create_array("labels", data=Y, chunks=(500,))
    zarr.consolidate_metadata(folder / "listed.zarr")
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with serving(folder) as server:
        yield server


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PAUSES", (0.0, 0.0, 0.0))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def numbers(place: Any, **how: Any) -> dict[str, float]:
    keys = Keys(labels=str(place).replace("z.npy", "y.npy")) if str(place).endswith("z.npy") else None
    return report_on(open_snapshot(place, keys), rows_at_once=250, **how).values


def require_same(found: dict[str, float], expected: dict[str, float]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("name", FILES)
def test_numbers_are_those_of_the_same_file_here(server: Server, folder: Path, name: str) -> None:
    require_same(numbers(located(f"{server.url}/{name}")), numbers(folder / name))


@pytest.mark.parametrize("name", FILES)
def test_a_transfer_that_breaks_off_is_tried_again(server: Server, folder: Path, name: str) -> None:
    server.breaks = 2
    require_same(numbers(located(f"{server.url}/{name}")), numbers(folder / name))
    assert server.breaks == 0


@pytest.mark.parametrize("name", ["z.npy", "all.parquet", "sharded.zarr", "group.zarr"])
def test_one_that_always_breaks_off_is_said_in_a_line(server: Server, audit: Callable[..., Ended], name: str) -> None:
    server.breaks = 10**6
    require_line(audit(f"{server.url}/{name}", "--no-picture"), f"{server.url}/{name}", "the connection breaks off")


@pytest.mark.parametrize("name", ["z.npy", "all.parquet", "sharded.zarr", "data/train-*.parquet"])
def test_a_server_without_ranges_is_said(server: Server, audit: Callable[..., Ended], name: str) -> None:
    server.ranges = False
    require_line(audit(f"{server.url}/{name}", "--no-picture", "--chunk-rows", 250), "the server sends no parts of a")


def test_chunks_of_zarr_that_are_files_need_no_ranges(server: Server, folder: Path) -> None:
    server.ranges = False
    require_same(numbers(located(f"{server.url}/group.zarr")), numbers(folder / "group.zarr"))


def test_of_a_table_no_more_is_fetched_than_the_columns_that_are_read(server: Server, folder: Path) -> None:
    rng = np.random.default_rng(0)
    parquet.write_table(
        pa.table({f"z{k}": rng.normal(size=3000) for k in range(40)}),
        folder / "wide.parquet",
        row_group_size=1000,
    )
    open_snapshot(located(f"{server.url}/wide.parquet"), Keys(features="z0,z1")).features.read(0, 500)
    group = sum(
        parquet.read_metadata(folder / "wide.parquet").row_group(0).column(k).total_compressed_size for k in (0, 1)
    )
    assert server.bytes_of("wide.parquet") < group + 3 * 2**16  # and what is read from its end
    assert group + 3 * 2**16 < (folder / "wide.parquet").stat().st_size / 2
    server.sent.clear()
    open_snapshot(located(f"{server.url}/z.npy")).features.read(100, 200)
    assert server.bytes_of("z.npy") <= 100 * 64 + 2**16


def test_a_chunk_that_is_gone_is_not_taken_for_zeros(server: Server, folder: Path, audit: Callable[..., Ended]) -> None:
    group = zarr.open_group(folder / "gone.zarr", mode="w")
    group.create_array("features", data=Z, chunks=(250, 16))
    (folder / "gone.zarr/features/c/3/0").unlink()
    require_line(audit(f"{server.url}/gone.zarr", "--no-picture"), "gone.zarr: the chunk features/c/3/0 is not there")


def test_a_codec_that_would_run_code_is_refused_from_a_server(
    server: Server, folder: Path, audit: Callable[..., Ended]
) -> None:
    store = folder / "evil.zarr"
    group = zarr.open_group(store, mode="w", zarr_format=2)
    group.create_array("features", data=Z, chunks=(250, 16))
    told = json.loads((store / "features/.zarray").read_text()) | {"filters": [{"id": "pickle", "protocol": 5}]}
    (store / "features/.zarray").write_text(json.dumps(told))
    require_line(audit(f"{server.url}/evil.zarr", "--no-picture"), "evil.zarr", "pickle")


@pytest.mark.parametrize(
    ("status", "says"), [(404, "there is no"), (403, "does not let you read it"), (500, "cannot be read from the")]
)
@pytest.mark.parametrize("name", ["z.npy", "all.parquet", "group.zarr"])
def test_what_a_server_answers_is_said(
    server: Server, audit: Callable[..., Ended], status: int, says: str, name: str
) -> None:
    server.status = status
    server.ranges = False
    require_line(audit(f"{server.url}/{name}?token=secret", "--no-picture"), f"{server.url}/{name}: ", says)


def test_no_server_is_said_and_another_format_and_another_scheme(server: Server, audit: Callable[..., Ended]) -> None:
    require_line(audit("http://127.0.0.1:9/z.npy"), "http://127.0.0.1:9/z.npy: cannot be read", "Cannot connect")
    require_line(audit(f"{server.url}/z.csv"), "z.csv: of what is on a server .npy, .parquet, .zarr are read")
    require_line(audit("ftp://host/z.npy"), "ftp://host/z.npy: addresses begin with https://")


@pytest.mark.parametrize("scheme", ["s3", "gs", "hf"])
def test_a_package_that_is_missing_is_named(
    audit: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, remote.PACKAGES[scheme], None)
    require_line(audit(f"{scheme}://a/b/z.npy"), f"{scheme}:// needs the package", "frame-potential[remote]")


def test_an_address_shows_nothing_that_may_be_secret_and_travels_whole() -> None:
    address = located("https://me:word@host/a/z.npy?key=1")
    assert isinstance(address, Address)
    assert (str(address), address.name, address.stem, address.suffix) == ("https://host/a/z.npy", "z.npy", "z", ".npy")
    assert pickle.loads(pickle.dumps(address)).url == address.url == "https://me:word@host/a/z.npy?key=1"
    assert str(address / "c/0") == "https://host/a/z.npy/c/0"
