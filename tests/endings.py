"""A run that is told to end, or killed, leaves nothing behind; a terminal, a locale or a missing home fails none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from render.terminal import ending
from tests import kills
from tests.conftest import TINY_SCENE

PATIENCE_SECONDS = 120
INTERRUPTED = "render: interrupted; every file is whole, the old one or the new\n"
LINUX = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by their environment")

PAUSE = """
import os, pathlib, time


def pause(*_):
    pathlib.Path(f"reached-{os.getpid()}").touch()
    time.sleep(600)
"""
IN_ENCODER = """
from render.encoding import gif

write = gif.write


def written(path, *arguments):
    write(path, *arguments)
    pause()


gif.write = written
"""
IN_TRAINING = """
import dataclasses


def slowly(config, state):
    jax.debug.callback(pause)
    return step(config, state)


SCENE = dataclasses.replace(SCENE, step=slowly)
"""
IN_AUDIT = """
from render.audit import series

series.audit_series = pause
"""
SCENE = kills.COMMAND.format(arguments=["scene", "--file", "one.py", "--out", "public"])
CHECK = kills.COMMAND.format(arguments=["check", "--name", "one", "--json", "told.json"])
ALL, AUDIT, CLAIMS = kills.KINDS["all --jobs 2"], kills.KINDS["audit"], kills.KINDS["claims --refresh"]
RUNS = {  # a program, where its scenes pause, how it is ended
    "all": (ALL, IN_ENCODER, signal.SIGTERM),
    "all, killed": (ALL, IN_ENCODER, signal.SIGKILL),
    "scene, hung up": (SCENE, IN_ENCODER, signal.SIGHUP),
    "check": (CHECK, IN_TRAINING, signal.SIGTERM),
    "claims": (CLAIMS, IN_TRAINING, signal.SIGTERM),
    "audit": (PAUSE + IN_AUDIT + AUDIT, "", signal.SIGTERM),
}


@dataclass
class Ended:
    code: int
    said: str
    temporary: list[str]  # when the signal was sent
    before: dict[str, bytes]
    after: dict[str, bytes]
    temporary_after: list[str]
    left: list[int]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ended]]:
    """Each of RUNS, ended where it pauses. All run at once."""
    folders, processes, results = {}, {}, {}
    for name, (program, where, _) in RUNS.items():
        folder = folders[name] = tmp_path_factory.mktemp("run")
        kills.prepare(folder, PAUSE + where if where else "")
        (folder / "public").mkdir()
        (folder / "public" / "one.gif").write_bytes(b"an old one")
        processes[name] = kills.start(program, folder, f"of-{os.getpid()}-{folder.name}")
    try:
        for name, process in processes.items():
            folder, deadline = folders[name], time.monotonic() + PATIENCE_SECONDS
            paused = 2 if name.startswith("all") else 1
            while len(list(folder.glob("reached-*"))) < paused:
                assert process.poll() is None, (folder / "said.txt").read_text(encoding="utf-8")
                assert time.monotonic() < deadline, name
                time.sleep(0.02)
            temporary, before = kills.temporary(folder), kills.content(folder)
            process.send_signal(RUNS[name][2])
            code = process.wait(PATIENCE_SECONDS)
            left = kills.left(f"of-{os.getpid()}-{folder.name}")
            said = (folder / "said.txt").read_text(encoding="utf-8")
            after = kills.content(folder)
            results[name] = Ended(code, said, temporary, before, after, kills.temporary(folder), left)
        yield results
    finally:
        for name, process in processes.items():
            process.kill()
            process.wait()
            for one in kills.marked(f"of-{os.getpid()}-{folders[name].name}"):
                os.kill(one, signal.SIGKILL)


@LINUX
@pytest.mark.parametrize("name", [name for name, (*_, how) in RUNS.items() if how != signal.SIGKILL])
def test_a_run_that_is_told_to_end_ends_as_by_ctrl_c(ended: dict[str, Ended], name: str) -> None:
    result = ended[name]
    assert result.code == 130, result
    assert result.said.endswith(INTERRUPTED)
    assert "Traceback" not in result.said
    assert len(result.temporary) == {"all": 2, "scene, hung up": 1}.get(name, 0)  # there was something to clean up
    assert result.temporary_after == []
    assert result.after == result.before
    assert result.left == []


@LINUX
def test_workers_end_with_a_parent_that_is_killed(ended: dict[str, Ended]) -> None:
    result = ended["all, killed"]
    assert result.code == -signal.SIGKILL
    assert len(result.temporary) == 2
    assert result.left == []
    assert result.temporary_after == []  # they could still clean up
    assert result.after == result.before


RUN = "import sys, cli; sys.argv = ['render', *sys.argv[1:]]; cli.main()"


def run(folder: Path, *arguments: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command, with its streams as the shell redirects them."""
    command = ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, "-c", RUN, *arguments]
    own = {"PYTHONPATH": str(kills.PROJECT), "FRAME_POTENTIAL_CACHE": str(folder / "cache"), **environment}
    whole = {name: value for name, value in {**os.environ, **own}.items() if value != "unset"}
    return subprocess.run(command, cwd=folder, env=whole, capture_output=True, timeout=PATIENCE_SECONDS)


C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
NO_HOME = {"HOME": "unset"}
NO_PLACE = {"HOME": "/proc/1/no", "MPLCONFIGDIR": "/proc/1/no"}
TERMINALS = {
    "C, no home": ("", C_LOCALE | NO_HOME),
    "closed, nothing of the user's can be written": (">&- 2>&- <&-", NO_PLACE),
    "nothing of the user's can be written, latin-1": ("", {"PYTHONIOENCODING": "latin-1"} | NO_PLACE),
    "full": (">/dev/full 2>/dev/full", {}),
}


@pytest.mark.parametrize("name", TERMINALS)
def test_a_scene_is_written_whatever_the_terminal(name: str, tmp_path: Path) -> None:
    shell, environment = TERMINALS[name]
    if "/dev/full" in shell and not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    scene = tmp_path / "tiny.py"
    source = TINY_SCENE.read_text(encoding="utf-8").replace("Points shrink", "Points → 0 ✓")
    scene.write_text(source, encoding="utf-8")
    done = run(tmp_path, "scene", "--file", "tiny.py", "--out", "made", shell=shell, **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert {path.name for path in (tmp_path / "made").iterdir()} == {
        "shrinking.gif",
        "shrinking-preview.png",
        "manifest.json",
    }
    assert "Points → 0 ✓" in (tmp_path / "made" / "manifest.json").read_text(encoding="utf-8")


def test_claims_are_shown_with_what_stands_for_a_mark(tmp_path: Path) -> None:
    done = run(tmp_path, "claims", **C_LOCALE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\n  ok " in done.stdout
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("shell", "says"), [(">/dev/full", b"No space left on device"), (">&-", b"Bad file descriptor")]
)
def test_what_is_only_printed_and_cannot_be_is_an_error(shell: str, says: bytes, tmp_path: Path) -> None:
    if "/dev/full" in shell and not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    done = run(tmp_path, "list", shell=shell)
    assert (done.returncode, done.stderr) == (1, b"render: standard output: " + says + b"\n")


def test_an_audit_of_a_name_in_another_locale_is_whole(tmp_path: Path) -> None:
    kills.prepare(tmp_path)
    name = "é-steps"
    (tmp_path / "steps").rename(tmp_path / name)
    done = run(tmp_path, "audit", name, "--json", "told.json", "--html", "told.html", **C_LOCALE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{name}-audit.gif", f"{name}-audit.png"}
    assert name in (tmp_path / "told.html").read_text(encoding="utf-8")
    (tmp_path / "told.json").read_text(encoding="utf-8")


BEFORE_ALL_ELSE = "import atexit, sys; atexit.register(lambda: print('jax' in sys.modules)); " + RUN
REFUSED = {
    "figure": ["--name", "neural-collapse"],
    "scene": ["--name", "neural-collapse", "--out", "out"],
    "audit": [str(kills.PROJECT / "public" / "claims.json")],
}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder that nobody can write to")
@pytest.mark.parametrize("verb", REFUSED)
def test_a_folder_that_cannot_be_written_to_is_named_before_anything_is_loaded(verb: str) -> None:
    command = [sys.executable, "-c", BEFORE_ALL_ELSE, verb, *REFUSED[verb]]
    environment = {**os.environ, "PYTHONPATH": str(kills.PROJECT)}
    done = subprocess.run(command, cwd="/proc", env=environment, capture_output=True, timeout=PATIENCE_SECONDS)
    assert (done.returncode, done.stdout) == (2, b"False\n")
    assert done.stderr.startswith(b"render: cannot write to /proc: ")
    assert done.stderr.endswith(b"; name another folder\n")


def test_an_interrupt_in_a_destructor_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)

    def end() -> None:
        held = [Interrupted()]
        held.clear()  # Python would print the interrupt, and go on
        time.sleep(60)

    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_DFL)
    with pytest.raises(KeyboardInterrupt), ending._as_ctrl_c():
        end()
