"""What a killed writer leaves is swept by the next, and what a living one writes stays."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from render import temporary
from render.places import require_folder
from render.temporary import replacing, sweep

ROOT = Path(temporary.__file__).parent.parent
WRITER = """
import sys, time
from pathlib import Path
from render.temporary import replacing
with replacing(Path(sys.argv[1])) as path:
    path.write_text("half", encoding="utf-8")
    print("written", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def writer(tmp_path: Path) -> subprocess.Popen[str]:
    """A process that writes `tmp_path / "step-1.npz"`, and never ends by itself."""
    started = [sys.executable, "-c", WRITER, str(tmp_path / "step-1.npz")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        yield process
        process.kill()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path) -> None:
    with replacing(path) as file:
        file.write_text("whole", encoding="utf-8")


def test_the_file_of_a_dead_writer_is_swept_and_that_of_a_living_one_stays(
    writer: subprocess.Popen[str], tmp_path: Path
) -> None:
    (half,) = names(tmp_path)
    assert re.fullmatch(r"\.step-1\.npz\.[0-9a-f]{8}\.tmp", half)
    sweep(tmp_path, ".npz")
    assert names(tmp_path) == [half]
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    write(tmp_path / "step-2.npz")  # a file of another name, as a run that is started again begins elsewhere
    assert names(tmp_path) == ["step-2.npz"]


def test_nothing_else_is_swept(tmp_path: Path) -> None:
    kept = [".a.gif.0123abcd.tmp", ".a.npz.0123abcd", "a.npz.0123abcd.tmp", ".a.npz.0123ABCD.tmp", ".a.npz.0123abc.tmp"]
    for name in kept:
        (tmp_path / name).write_text("mine", encoding="utf-8")
    (tmp_path / "theirs").write_text("theirs", encoding="utf-8")
    (tmp_path / ".link.npz.0123abcd.tmp").symlink_to(tmp_path / "theirs")
    (tmp_path / ".folder.npz.0123abcd.tmp").mkdir()
    os.mkfifo(tmp_path / ".pipe.npz.0123abcd.tmp")
    before = names(tmp_path)
    (tmp_path / ".dead.npz.0123abcd.tmp").write_text("half", encoding="utf-8")
    write(tmp_path / "b.npz")
    assert names(tmp_path) == sorted([*before, "b.npz"])


def test_a_folder_is_looked_through_once_by_a_process(tmp_path: Path) -> None:
    write(tmp_path / "a.npz")
    (tmp_path / ".dead.npz.0123abcd.tmp").write_text("half", encoding="utf-8")
    write(tmp_path / "b.npz")
    assert ".dead.npz.0123abcd.tmp" in names(tmp_path)


def test_where_no_file_can_be_locked_files_are_written_and_none_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    (tmp_path / ".a.npz.0123abcd.tmp").write_text("half", encoding="utf-8")
    write(tmp_path / "b.npz")
    assert names(tmp_path) == [".a.npz.0123abcd.tmp", "b.npz"]


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = fcntl.flock, []

    def late(descriptor: int, how: int) -> None:
        if not swept:
            swept.extend(tmp_path.glob(".*.tmp"))
            swept[0].unlink()
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with replacing(tmp_path / "a.npz") as file:
        assert swept == [file]
        assert file.exists()
        file.write_text("whole", encoding="utf-8")
    assert names(tmp_path) == ["a.npz"]


def test_a_block_that_writes_nothing_is_an_error_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(FileNotFoundError), replacing(path):
        pass
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.npz"]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    def lowest() -> int:
        number = os.open(tmp_path, os.O_RDONLY)
        os.close(number)
        return number

    before = lowest()
    write(tmp_path / "a.npz")
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "a.npz"):
        raise KeyboardInterrupt
    assert lowest() == before


def test_everything_is_written_with_a_lock() -> None:
    """Of the project, this module alone calls what it adds the lock to."""
    uses = re.compile(r"from render\.files import .*\breplacing\b|\bfiles\.replacing\(")
    paths = [ROOT / "cli.py", *(ROOT / "render").rglob("*.py"), *(ROOT / "scenes").rglob("*.py")]
    assert [path.name for path in paths if uses.search(path.read_text(encoding="utf-8"))] == ["temporary.py"]


def test_a_folder_that_cannot_be_written_to_is_named_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = next(folder for folder in map(Path, ("/proc", "/System")) if folder.is_dir())
    monkeypatch.chdir(folder)
    with pytest.raises(ValueError, match=f"cannot write to {folder}: .+; name another folder"):
        require_folder(Path("out"))
