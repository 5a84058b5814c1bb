"""An audit on a Dask cluster of separate processes, and what it says when they end; `make test-processes` runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from render.audit.sums import outcome
from tests.render.audit.audit_helpers import clusters
from tests.render.audit.files.server import serving

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")

PROJECT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT), "JAX_PLATFORMS": "cpu", "OPENBLAS_NUM_THREADS": "1"}
SLOW = ("--chunk-rows", "1")  # so that a pass lasts for seconds
WAIT_SECONDS = 120


@dataclass
class Cluster:
    """A scheduler and two workers, each started from a terminal's command, in a folder that has none of the files."""

    folder: Path
    address: str = ""
    scheduler: list[subprocess.Popen] = field(default_factory=list)
    workers: list[subprocess.Popen] = field(default_factory=list)

    def start(self, *command: str) -> subprocess.Popen:
        with (self.folder / f"{command[0]}-{len(self.workers)}.log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--no-dashboard"],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdout=log,
                stderr=log,
            )

    def start_all(self) -> None:
        file = self.folder / "scheduler.json"
        self.scheduler.append(
            self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        )
        until(file.exists)
        with distributed.Client(scheduler_file=str(file), timeout=WAIT_SECONDS) as client:
            self.address = client.scheduler.address
        for _ in range(2):
            self.add_worker()
        with distributed.Client(self.address) as client:
            client.wait_for_workers(2, timeout=WAIT_SECONDS)

    def add_worker(self) -> None:
        self.workers.append(self.start("worker", self.address, "--nthreads", "1", "--no-nanny", "--memory-limit", "0"))

    def busy(self) -> None:
        """Wait until each worker passes over rows."""
        with distributed.Client(self.address) as client:
            until(lambda: sum(bool(keys) for keys in client.processing().values()) == 2)

    def end(self) -> None:
        for process in (*self.workers, *self.scheduler):
            process.kill()
            process.wait()


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "elsewhere").mkdir()
    cluster = Cluster(tmp_path / "elsewhere")
    try:
        cluster.start_all()
        yield cluster
    finally:
        cluster.end()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    np.save(tmp_path / "z.npy", clusters(12000, 12, 4)["features"])
    return tmp_path / "z.npy"


def audit(place: str | Path, *arguments: str, gone: float | None = None) -> subprocess.Popen:
    """The command, on its way; gone: seconds after which it gives up on workers that all have ended."""
    command = [sys.executable, str(PROJECT / "cli.py")]
    if gone is not None:
        told = f"import cli; from render.audit.sums import outcome; outcome.GONE_SECONDS = {gone}; cli.main()"
        command = [sys.executable, "-c", told]
    return subprocess.Popen(
        [*command, "audit", str(place), "--no-picture", *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=WAIT_SECONDS)
    return process.returncode, out, err


def test_numbers_are_those_of_one_process_though_a_worker_is_killed(cluster: Cluster, file: Path) -> None:
    alone = ended(audit(file))
    assert (alone[0], alone[2]) == (0, "")
    assert ended(audit(file, "--scheduler", cluster.address)) == alone
    running = audit(file, "--scheduler", cluster.address, *SLOW)
    cluster.busy()
    cluster.workers[0].send_signal(signal.SIGKILL)
    assert ended(running) == alone
    assert cluster.workers[1].poll() is None


def test_workers_open_addresses_and_shards_each_for_itself(cluster: Cluster, file: Path) -> None:
    alone = ended(audit(file))[1].replace(str(file), "")
    for number, rows in enumerate(np.array_split(np.load(file), 3)):
        np.save(file.parent / f"part-{number}.npy", rows)
    _, told, err = ended(audit(file.parent / "part-*.npy", "--scheduler", cluster.address, "--chunk-rows", "500"))
    told = told.replace(str(file.parent / "part-*.npy"), "")
    assert "3 files are one table" in told, err
    assert [line for line in told.splitlines() if "3 files are one table" not in line] == alone.splitlines()
    pytest.importorskip("aiohttp")
    with serving(file.parent) as server:
        _, told, err = ended(audit(f"{server.url}/z.npy", "--scheduler", cluster.address, "--chunk-rows", "500"))
        assert (told.replace(f"{server.url}/z.npy", ""), err) == (alone, "")
        assert len(server.sent) >= 24  # ranges, a chunk each


def test_all_workers_killed_is_a_line(cluster: Cluster, file: Path) -> None:
    running = audit(file, "--scheduler", cluster.address, *SLOW, gone=2)
    cluster.busy()
    for worker in cluster.workers:
        worker.kill()
    code, _, err = ended(running)
    assert (code, err.count("\n")) == (2, 1), err
    assert "no Dask worker is left" in err
    assert outcome.GONE_SECONDS >= 10


def test_a_scheduler_that_is_killed_is_a_line(cluster: Cluster, file: Path) -> None:
    running = audit(file, "--scheduler", cluster.address, *SLOW)
    cluster.busy()
    cluster.scheduler[0].kill()
    code, _, err = ended(running)
    assert (code, err.count("\n")) == (2, 1), err
    assert f"the Dask scheduler at {cluster.address} is gone" in err


def test_a_worker_that_does_not_see_the_file_says_so(cluster: Cluster, file: Path) -> None:
    running = audit(file, "--scheduler", cluster.address, *SLOW)
    cluster.busy()
    file.unlink()
    code, _, err = ended(running)
    assert (code, err.count("\n")) == (2, 1), err
    assert "z.npy: there is no such file" in err
