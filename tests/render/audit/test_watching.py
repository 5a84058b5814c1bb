"""Watching a run: what is new is shown, what was audited is kept, and it ends with the run."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from render.audit import watching
from render.audit.files.series import open_series
from render.audit.files.snapshots import Snapshot
from render.audit.loop.folder import LOCK
from render.audit.report import Report
from render.audit.report import audit as report_on
from render.audit.series import AuditedSeries
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

Audit = Callable[..., Ended]
DATA = clusters(60, 4, 3)


class Looks:
    """A run that goes on between looks: each `sleep` does the next of some things."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, *things: Callable[[], object]) -> None:
        self.folder, self.things = folder, list(things)
        self.shown: list[int] = []
        self.audited: list[str] = []
        monkeypatch.setattr(time, "sleep", lambda seconds: self.things.pop(0)() if self.things else self.end())

    def end(self) -> None:
        raise KeyboardInterrupt

    def audit(self, snapshot: Snapshot) -> Report:
        self.audited.append(snapshot.path.name)
        return report_on(snapshot)

    def show(self, course: AuditedSeries) -> None:
        self.shown.append(len(course.pages))

    def watch(self) -> watching.Kept:
        return watching.watch(self.folder, partial(open_series, self.folder), self.audit, self.show, 1)


def step(folder: Path, number: int) -> Path:
    return save(folder / f"step-{number}.npz", **DATA)


def test_only_new_steps_are_audited_and_it_ends_with_the_recorder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(tmp_path, 0)
    looks = Looks(
        monkeypatch,
        tmp_path,
        lambda: step(tmp_path, 1),
        lambda: None,
        lambda: step(tmp_path, 2),
        lambda: (tmp_path / LOCK).touch(),
    )
    kept = looks.watch()
    assert looks.shown == [1, 2, 3]
    assert looks.audited == ["step-0.npz", "step-1.npz", "step-2.npz"]
    for one in open_series(tmp_path).snapshots:
        kept(one)
    assert len(looks.audited) == 3
    assert looks.things == []


def test_a_step_that_is_written_again_is_audited_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step(tmp_path, 0)
    looks = Looks(monkeypatch, tmp_path, lambda: save(tmp_path / "step-0.npz", features=DATA["features"]))
    looks.watch()  # ends with Ctrl-C
    assert looks.audited == ["step-0.npz"] * 2


def test_an_empty_folder_and_half_a_file_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = step(tmp_path, 0).read_bytes()
    (tmp_path / "step-0.npz").unlink()
    half, full = (partial((tmp_path / "step-0.npz").write_bytes, part) for part in (whole[:500], whole))
    looks = Looks(monkeypatch, tmp_path, lambda: None, half, full)
    looks.watch()
    assert looks.shown == [1]


def test_what_cannot_be_read_and_does_not_change_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "step-0.npz").write_bytes(b"PK")
    with pytest.raises(ValueError, match="is damaged"):
        Looks(monkeypatch, tmp_path, lambda: None).watch()


def test_a_folder_that_vanishes_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    step(folder, 0)
    looks = Looks(monkeypatch, folder, lambda: shutil.rmtree(folder))
    with pytest.raises(ValueError, match="is gone: its picture shows what was there"):
        looks.watch()
    assert looks.shown == [1]


def test_ctrl_c_before_anything_was_seen_is_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        Looks(monkeypatch, tmp_path).watch()


def test_samples_are_not_kept_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_BYTES", 1500)
    audited: list[str] = []

    def audit(snapshot: Snapshot) -> Report:
        audited.append(snapshot.path.name)
        return report_on(snapshot)

    kept = watching.Kept(audit)
    snapshots = [open_series(step(tmp_path, number)).snapshots[0] for number in (0, 1)]
    for one in (*snapshots, *snapshots):
        kept(one)
    assert audited == ["step-0.npz", "step-1.npz", "step-1.npz"]


def test_a_recorder_that_still_writes_has_its_lock(tmp_path: Path) -> None:
    assert not watching.ended(tmp_path)
    descriptor = os.open(tmp_path / LOCK, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert not watching.ended(tmp_path)
    os.close(descriptor)
    assert watching.ended(tmp_path)


def test_the_command_draws_and_reports_a_run_that_has_ended(audit: Audit) -> None:
    Path("run").mkdir()
    for number in (0, 1):
        step(Path("run"), number)
    Path("run", LOCK).touch()
    ended = audit("run", "--watch", "--every", 0.1)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0].startswith("step 1: act: a cone")
    assert ended.out.splitlines()[0].endswith("  out/run-audit.png")
    assert [path.name for path in sorted(Path("out").iterdir())] == [
        f"run-audit.{kind}" for kind in ("gif", "json", "png")
    ]
    require_line(audit("run/step-0.npz", "--watch"), "is a file: --watch is for the folder that a run writes to")
    require_line(audit("none", "--watch"), "there is no such folder")
    assert audit("--explain", "nc1", "--watch").code == 2


def test_a_run_whose_features_are_bad_is_said_when_it_has_ended(audit: Audit) -> None:
    Path("run").mkdir()
    save(Path("run/step-0.npz"), features=np.full((9, 3), np.nan))
    require_line(audit("run", "--watch", "--every", 0.1, "--no-picture"), "no row is left")
