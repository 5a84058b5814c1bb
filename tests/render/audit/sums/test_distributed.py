"""A real cluster of two processes finds what one process finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render.audit.files.labels import Classes
from render.audit.files.snapshots import Keys, open_snapshot
from render.audit.report import audit as report_on
from render.audit.sums import distributed
from render.audit.sums.one_pass import accumulate
from tests.render.audit.audit_helpers import Ended, clusters

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")  # those of other packages in threads of the cluster

DATA = clusters(3000, 24, 4)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.workers(2) as pool:
        yield pool


@pytest.fixture
def path(tmp_path: Path) -> Path:
    np.save(tmp_path / "z.npy", DATA["features"])
    np.save(tmp_path / "y.npy", DATA["labels"])
    return tmp_path / "z.npy"


def test_two_processes_give_the_numbers_of_one(cluster: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    snapshot = open_snapshot(Path("z.npy"), Keys(labels="y.npy"))  # relative: the workers are in another folder
    assert len(cluster.client.nthreads()) == 2
    for size in (100, 37, 5000):
        alone = accumulate(snapshot, rows_at_once=size)
        together = cluster.accumulate(snapshot, rows_at_once=size)
        np.testing.assert_array_equal(together.moments.counts, alone.moments.counts)
        np.testing.assert_allclose(together.moments.means, alone.moments.means, rtol=1e-6)
        scale = np.abs(alone.moments.scatter).max()
        np.testing.assert_allclose(together.moments.scatter, alone.moments.scatter, atol=1e-6 * scale)
        np.testing.assert_array_equal(together.sample.features, alone.sample.features)
    one = report_on(snapshot, rows_at_once=100).values
    two = report_on(snapshot, rows_at_once=100, passing=cluster.accumulate).values
    assert one.keys() == two.keys()
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, rtol=1e-6, err_msg=name)


def test_workers_pass_over_rows_that_have_other_views(cluster: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **DATA, views=DATA["features"] + 1)
    snapshot = open_snapshot(tmp_path / "a.npz")
    one, two = (report_on(snapshot, **how).values for how in ({}, {"passing": cluster.accumulate}))
    assert one["alignment"] == two["alignment"] > 0
    assert one.keys() == two.keys()


def test_a_zarr_store_is_read_by_workers(cluster: Any, tmp_path: Path) -> None:
    group = pytest.importorskip("zarr").open_group(tmp_path / "a.zarr", mode="w")
    group.create_array("features", data=DATA["features"], chunks=(500, 24))
    snapshot = open_snapshot(tmp_path / "a.zarr")
    alone, together = accumulate(snapshot), cluster.accumulate(snapshot, rows_at_once=500)
    scale = np.abs(alone.moments.scatter).max()
    np.testing.assert_allclose(together.moments.scatter, alone.moments.scatter, atol=1e-6 * scale)


def test_what_a_worker_refuses_is_refused_here(cluster: Any, path: Path) -> None:
    np.save(path.parent / "y.npy", np.where(np.arange(3000)[:, None] == 2500, 2, [0, 1]))
    with pytest.raises(ValueError, match=r"row 2500 is no one-hot row"):
        cluster.accumulate(
            open_snapshot(path, Keys(labels=str(path.parent / "y.npy"))),
            classes=Classes(one_hot=True),
            rows_at_once=100,
        )


def test_the_command_uses_the_cluster_at_an_address(cluster: Any, audit: Callable[..., Ended], path: Path) -> None:
    address = cluster.client.scheduler_info()["address"]
    ended = audit(path, "--scheduler", address)
    assert (ended.code, ended.err) == (0, "")
    assert "3,000 points x 24 features, no labels" in ended.out
    assert ended.out == audit(path).out


@pytest.mark.parametrize(("count", "scheduler"), [(None, None), (2, "tcp://127.0.0.1:8786")])
def test_workers_are_asked_for_in_one_way(count: int | None, scheduler: str | None) -> None:
    with pytest.raises(ValueError, match="either a number of workers or"), distributed.workers(count, scheduler):
        pass


def test_a_worker_has_its_share_of_the_cores(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "cores", lambda: 5)
    snapshot = open_snapshot(path, Keys(labels=str(path.parent / "y.npy")))
    with distributed.workers(2) as pool:
        assert list(pool.client.nthreads().values()) == [2, 2]
        together = pool.accumulate(snapshot, rows_at_once=37)
    alone = accumulate(snapshot, rows_at_once=37)
    scale = np.abs(alone.moments.scatter).max()
    np.testing.assert_allclose(together.moments.scatter, alone.moments.scatter, atol=1e-6 * scale)
    np.testing.assert_array_equal(together.moments.counts, alone.moments.counts)
