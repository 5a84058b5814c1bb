"""A series of snapshots: all of them told, the last one shown, some of them drawn, and what is missing said once."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from render.audit import series
from render.audit.files.names import name_of
from render.audit.files.series import open_series
from render.audit.report import audit as report_on
from render.audit.series import audit_series
from render.production import writing
from tests.render.audit.audit_helpers import Ended, clusters, save

Audit = Callable[..., Ended]
DATA = clusters(60, 4, 3)


def run(steps: int) -> Path:
    Path("run").mkdir()
    for step in range(steps):
        save(Path(f"run/step-{step}.npz"), **clusters(60, 4, 3, spread=2 / (1 + step)))
    return Path("run")


def test_a_series_is_drawn_over_its_steps_with_a_poster_and_told_as_json(audit: Audit) -> None:
    ended = audit(run(4))
    assert (ended.code, ended.err) == (0, "")
    assert [line.split()[0] for line in ended.out.splitlines()[-3:]] == [
        f"out/run-audit.{kind}" for kind in ("gif", "png", "json")
    ]
    told = json.loads(Path("out/run-audit.json").read_text())["snapshots"]
    assert [one["step"] for one in told] == [0, 1, 2, 3]
    ratios = [one["numbers"]["collapse_ratio"]["value"] for one in told]
    assert ratios == sorted(ratios, reverse=True)
    with Image.open("out/run-audit.gif") as animation, Image.open("out/run-audit.png") as poster:
        assert animation.n_frames == 4
        assert b"Audit of run from step 0 to 3" in animation.info["comment"]
        animation.seek(3)
        apart = np.abs(np.asarray(animation.convert("RGB")).astype(int) - np.asarray(poster))
        assert np.sqrt((apart**2).mean()) < 255 / 10 ** (45 / 20)


def test_a_snapshot_has_a_dashboard_in_either_theme_and_json_where_it_is_wanted(audit: Audit) -> None:
    save(Path("one.npz"), **DATA)
    assert audit("one.npz").out.splitlines()[-1].startswith("out/one-audit.png  ")
    assert audit("one.npz", "--theme", "dark", "--out", "dark", "--json", "one.json", "-q") == Ended(0, "", "")
    assert [file.name for file in Path("dark").iterdir()] == ["one-audit-dark.png"]
    assert len(json.loads(Path("one.json").read_text())["snapshots"]) == 1


def test_no_picture_writes_nothing_and_audits_the_last_alone(audit: Audit) -> None:
    folder = run(3)
    save(folder / "step-0.npz", **{**DATA, "features": DATA["features"] * np.nan})  # is refused once it is read
    assert audit(folder, "--no-picture").code == 0
    assert not Path("out").exists()
    assert audit(folder).code == 2


def test_snapshots_that_give_no_report_are_left_out_and_said(audit: Audit) -> None:
    folder = run(5)
    save(folder / "step-4.npz", **{**DATA, "features": DATA["features"] * np.nan})
    (folder / "step-1.npz").write_bytes((folder / "step-1.npz").read_bytes()[:900])
    ended = audit(folder)
    assert ended.code == 2
    first, second = ended.err.splitlines()
    assert first.startswith("render: left out: run/step-1.npz: ")
    assert second.startswith("render: left out: run/step-4.npz: features: 240 entries are NaN")
    assert "step-3.npz, step 3:" in ended.out
    assert [one["step"] for one in json.loads(Path("out/run-audit.json").read_text())["snapshots"]] == [0, 2, 3]
    assert audit(folder, "--partial").code == 0
    for path in folder.iterdir():
        path.write_bytes(b"PK")
    refused = audit(folder)
    assert refused.code == 2
    assert len(refused.err.splitlines()) == 1


def test_what_is_missing_at_many_steps_is_said_once(audit: Audit) -> None:
    folder = run(4)
    for step in (1, 2, 3):
        dead = clusters(60, 4, 3)
        dead["outputs"] = dead["outputs"][1:]
        save(folder / f"step-{step}.npz", **dead)
    kept = np.load(folder / "step-0.npz")
    save(folder / "step-0.npz", features=kept["features"], labels=kept["labels"], outputs=kept["outputs"][1:])
    ended = audit(folder, "--no-picture", "--json", "all.json")
    (line,) = ended.err.splitlines()
    assert line.startswith("render: partial report: run/step-0.npz and 3 more: outputs has 59 rows and features 60")


def test_a_long_series_is_told_whole_and_drawn_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(series, "MOST_FRAMES", 4)
    course = audit_series(open_series(run(7)).snapshots, report_on)
    assert len(course.told) == len(course.pages) == 7
    assert [page.step for page in course.drawn] == [0, 2, 4, 6]


def test_a_folder_that_cannot_be_written_to_is_said_before_anything_is_read(audit: Audit) -> None:
    Path("file").write_text("")
    save(Path("one.npz"), **DATA)
    ended = audit("one.npz", "--out", "file")
    assert (ended.code, ended.out) == (2, "")
    assert "is a file: name a folder" in ended.err


def test_pictures_are_called_after_what_was_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs" / "v1.5").mkdir(parents=True)
    (tmp_path / "store.zarr").mkdir()
    monkeypatch.chdir(tmp_path / "runs" / "v1.5")
    assert name_of(Path()) == "v1.5"
    assert name_of(Path("../v1.5/")) == "v1.5"
    assert name_of(Path("step-3.npz")) == "step-3"
    assert name_of(tmp_path / "store.zarr") == "store"


def test_an_alarm_rings_when_the_last_step_cannot_be_judged_and_one_without_number_hides_no_other(audit: Audit) -> None:
    folder = run(3)
    save(folder / "step-9.npz", **{**DATA, "features": DATA["features"] * np.nan})
    ended = audit(folder, "--partial", "-q", "--fail-on", "participation_ratio<0")
    assert ended.code == 3
    assert "alarm: run/step-9.npz gives no report to judge" in ended.err
    assert "(the last of 3 snapshots that gave a report, of 4)" in audit(folder).out
    save(Path("one.npz"), features=DATA["features"], labels=0 * DATA["labels"])
    ended = audit("one.npz", "--fail-on", "nc1>1", "--fail-on", "participation_ratio<9")
    assert ended.code == 3
    changed, unjudged, rung = ended.err.splitlines()
    assert changed.startswith("render: nc1 is (1/C) Tr(Sigma_W pinv Sigma_B) since 0.2")
    assert "nc1>1 cannot be judged" in unjudged
    assert "alarm: participation_ratio is" in rung


def test_a_report_is_shown_although_its_picture_cannot_be_written(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing, "write_poster", full)
    save(Path("one.npz"), **DATA)
    ended = audit("one.npz")
    assert ended.code == 1
    assert ended.err == "render: out/one-audit.png: No space left on device\n"
    assert "participation_ratio" in ended.out
    assert list(Path("out").iterdir()) == []


@pytest.mark.parametrize("name", ["cost $x_1^{$ 50%", "n" * 120])
def test_any_name_of_a_file_is_a_title(audit: Audit, name: str) -> None:
    save(Path(f"{name}.npz"), **DATA)
    assert audit(f"{name}.npz").code == 0
    assert Path(f"out/{name}-audit.png").exists()


def test_labels_in_the_folder_that_a_key_names_are_no_snapshot(audit: Audit) -> None:
    Path("run").mkdir()
    for step in (1, 2):
        np.save(f"run/step-{step}.npy", DATA["features"])
    np.save("run/labels.npy", DATA["labels"])
    ended = audit("run", "--labels", "run/labels.npy")
    assert (ended.code, ended.err) == (0, "")
    assert "3 classes (the last of 2 snapshots)" in ended.out
