"""Kills of runs at random moments: what is lost, torn or left. Run it as `python -m tests.kills 100`; Linux only."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.conftest import TINY_SCENE

PROJECT = Path(__file__).parent.parent
MARK = "FRAME_POTENTIAL_KILL"  # in the environment of a run and of all that it starts
ENDED_SECONDS = 4.0  # in which all that a run started has to be gone
SIGNALS = (signal.SIGTERM, signal.SIGKILL)

HEARS = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # what is started under nohup ignores it
COMMAND = """
import json, sys, cli
cli.SCENES = json.load(open("scenes.json", encoding="utf-8"))
sys.argv = ["render", *{arguments!r}]
cli.main()
"""
CLAIMS = """
import json, sys, cli
from pathlib import Path
from render.production import manifest
cli.OWN, cli.own.CLAIMS = json.load(open("scenes.json", encoding="utf-8")), "stated"
manifest.ROOT, manifest.public_folder = Path.cwd(), lambda: Path("public")
sys.argv = ["render", "claims", "--refresh"]
cli.main()
"""
STATED = """
from render.ledger.rows import Claim, Figure
CLAIMS = tuple(
    Claim("post", f"claim {name}", "published", name, (Figure("ratio", "{}"),), "holds", "") for name in ("one", "two")
)
"""
RECORDER = """
import numpy as np, render
recorder = render.Recorder("run")
for step in range(400):
    rows = np.random.default_rng(step).normal(size=(1000, 32)).astype(np.float32)
    recorder.log(step, features=rows, labels=np.arange(1000) % 3)
"""
KINDS = {
    "all --jobs 2": COMMAND.format(arguments=["all", "--force", "--jobs", "2", "--out", "public"]),
    "audit": COMMAND.format(arguments=["audit", "steps", "--json", "told.json", "--html", "told.html"]),
    "Recorder": RECORDER,
    "claims --refresh": CLAIMS,
}


def prepare(folder: Path, then: str = "") -> None:
    """Files that the runs of every kind start from: three small scenes, two claims on them, steps to be audited.

    then: code at the end of each scene.
    """
    source = TINY_SCENE.read_text(encoding="utf-8")
    names = ("one", "two", "three")
    for name in names:
        (folder / f"{name}.py").write_text(source.replace('"shrinking"', f'"{name}"') + then, encoding="utf-8")
    references = ", ".join(f'"{name}": "{folder / name}.py"' for name in names)
    (folder / "scenes.json").write_text(f"{{{references}}}", encoding="utf-8")
    (folder / "stated.py").write_text(STATED, encoding="utf-8")
    (folder / "pyproject.toml").touch()  # as in a checkout
    (folder / "docs").mkdir()
    (folder / "docs" / "ledger.md").write_text("<!-- claims -->\n<!-- end of claims -->\n", encoding="utf-8")
    (folder / "steps").mkdir()
    labels = np.arange(300) % 3
    for step in range(4):
        noise = np.random.default_rng(step).normal(size=(300, 6))
        np.savez(folder / "steps" / f"step-{step}.npz", features=noise + step * np.eye(6)[labels], labels=labels)


def start(program: str, folder: Path, mark: str = "") -> subprocess.Popen[bytes]:
    """A run in a process of its own, what it says in `said.txt`. mark: by which all that it starts is found again."""
    own = {"FRAME_POTENTIAL_CACHE": str(folder / "cache"), "PYTHONPATH": str(PROJECT), MARK: mark}
    command = [sys.executable, "-c", HEARS + program]
    with (folder / "said.txt").open("wb") as said:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )


def marked(mark: str) -> list[int]:
    """Processes that a run has started, itself among them, and that have not ended."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours:
            found.append(int(process.name))
    return found


def left(mark: str) -> list[int]:
    """Those that are still there after ENDED_SECONDS."""
    deadline = time.monotonic() + ENDED_SECONDS
    while (found := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def content(folder: Path) -> dict[str, bytes]:
    """Every file that is there, but for temporary ones, what is kept in the cache and what was said."""
    paths = [path for path in folder.rglob("*") if path.is_file() and "cache" not in path.parts]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in paths
        if not is_temporary(path) and path.name != "said.txt"
    }


def is_temporary(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == ".tmp"


def temporary(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*.tmp")]


def damage(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """Names of files that are lost, and of those that are another than a whole run writes."""
    torn = [name for name, bytes_ in after.items() if name in before and before[name] != bytes_]
    return [name for name in before if name not in after], torn


def main(kills: int) -> None:
    totals: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for kind, program in KINDS.items():
        folder = Path(tempfile.mkdtemp(prefix="frame-potential-kills-"))
        prepare(folder)
        for _ in range(2):  # the second finds its programs compiled, as those that are killed do
            began = time.monotonic()
            assert start(program, folder).wait() == 0, kind
            lasts = time.monotonic() - began
        whole = content(folder)
        count: Counter[str] = Counter()
        found: Counter[str] = Counter()
        while count.total() < kills // len(KINDS):
            mark, how = secrets.token_hex(8), SIGNALS[count.total() % 2]
            before = temporary(folder)
            process = start(program, folder, mark)
            time.sleep(random.uniform(0.1, 1.0) * lasts)
            process.send_signal(how)
            code = process.wait()
            if code == 0:  # it was faster than the one that was timed
                lasts *= 0.9
                continue
            lost, torn = damage(whole, content(folder))
            over, halves = left(mark), {*temporary(folder)} - {*before}
            count[f"{how.name}, {code}"] += 1
            found.update({"lost": len(lost), "torn": len(torn), "processes": len(over), "temporary": len(halves)})
            for one in over:
                os.kill(one, signal.SIGKILL)
            print(kind, how.name, code, lost, torn, over, halves, flush=True)
            if code not in (130, -how):
                print((folder / "said.txt").read_text(encoding="utf-8"))
        assert start(program, folder).wait() == 0, kind
        lost, torn = damage(whole, content(folder))
        found.update({"torn": len(lost + torn), "temporary after the next run": len(temporary(folder))})
        totals[kind] = count, found
    for kind, (count, found) in totals.items():
        print(kind, dict(count), dict(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
