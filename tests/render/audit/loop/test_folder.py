"""The folder of a recorder: held by one process, also of those that fork, and not mixed up with another run's."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from render import Recorder
from render.production.manifest import ROOT

FIVE = np.random.default_rng(0).normal(size=(5, 2))
RANKS = """
    import multiprocessing, sys, warnings
    from pathlib import Path
    import numpy as np
    from render import Recorder

    warnings.simplefilter("always")

    def rank(number, folder, done, start, rec):
        said = []
        warnings.showwarning = lambda message, *rest: said.append(str(message))
        rec = rec or Recorder(folder)
        start.wait()
        seen = [rec.log(step, features=np.full((4, 2), number) + np.eye(4, 2), labels=[0, 0, 1, 1]) for step in (0, 1)]
        own = Recorder(f"{folder}/rank-{number}").log(0, features=np.eye(4, 2))
        done.put((number, [len(one) for one in seen], said, len(own)))
        start.wait()  # so that the writer has not ended before the others have logged

    if __name__ == "__main__":
        method, folder, parent = sys.argv[1:]
        context = multiprocessing.get_context(method)
        done, start = context.Queue(), context.Barrier(3)
        rec = Recorder(folder) if parent != "none" else None
        if parent == "logs":
            print(len(rec.log(0, features=np.eye(4, 2))))
        some = [context.Process(target=rank, args=(k, folder, done, start, rec)) for k in range(3)]
        [one.start() for one in some]
        found = sorted(done.get(timeout=60) for _ in some)
        [one.join() for one in some]
        print(found)
"""


def ranks(tmp_path: Path, method: str, parent: str) -> list[str]:
    """Lines of three processes that log into one folder, after their parent did or not."""
    script = tmp_path / "ranks.py"
    script.write_text(textwrap.dedent(RANKS))
    run = [sys.executable, str(script), method, str(tmp_path / "run"), parent]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    ended = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment, timeout=120)
    return ended.stdout.splitlines()


REFUSED = "is written by another process: give each its own folder, as "


@pytest.mark.parametrize(("method", "parent"), [("spawn", "none"), ("fork", "has one")])
def test_of_several_processes_one_writes_and_the_others_are_told_once(tmp_path: Path, method: str, parent: str) -> None:
    (line,) = ranks(tmp_path, method, parent)
    found = eval(line)
    wrote = [number for number, seen, _, _ in found if all(seen)]
    assert len(wrote) == 1
    for number, seen, said, own in found:
        assert own > 0
        if number in wrote:
            assert said == []
        else:
            assert seen == [0, 0]
            assert len(said) == 1
            assert REFUSED in said[0]
    for step in (0, 1):
        with np.load(tmp_path / "run" / f"step-{step:09d}.npz") as file:
            assert file["features"].min() == wrote[0]


def test_a_process_that_is_forked_from_the_writer_does_not_write(tmp_path: Path) -> None:
    mine, line = ranks(tmp_path, "fork", "logs")
    assert int(mine) > 0
    for _, seen, said, own in eval(line):
        assert seen == [0, 0]
        assert own == 0  # JAX ran before the fork: no numbers, and that is said, but saved
        assert [REFUSED in said[0], "this process was forked" in said[1], len(said)] == [True, True, 2]
    assert len(list((tmp_path / "run").glob("rank-*/step-*"))) == 3


def test_with_raise_a_second_writer_has_an_exception(tmp_path: Path) -> None:
    Recorder(tmp_path, numbers=False).log(0, features=FIVE)
    other = (
        "import sys; from render import Recorder\n"
        "try: Recorder(sys.argv[1], on_error='raise').log(0, features=[[1.0, 2.0], [3.0, 4.0]])\n"
        "except ValueError as error: print(error)"
    )
    run = [sys.executable, "-c", other, str(tmp_path)]
    ended = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    assert REFUSED in ended.stdout
    rec = Recorder(tmp_path, numbers=False)  # again in the same process, as in a notebook
    with pytest.warns(UserWarning, match=r"has steps of an earlier run, 1 from step-000000000.npz on"):
        rec.log(0, features=FIVE)
    assert rec.path(0).exists()


def test_the_steps_of_another_run_are_kept_and_said(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    Recorder(tmp_path, numbers=False).log(10, features=FIVE, layers={"conv": FIVE})
    before = (tmp_path / "step-000000010.npz").read_bytes()
    rec = Recorder(tmp_path, numbers=False)
    rec.log(0, features=np.eye(4), loss=1)
    assert rec.log(10, features=np.eye(4), loss=1) == {}
    rec.log(20, features=np.eye(4), loss=1)
    rec.log(20, features=np.eye(3), loss=1)  # its own, which it may replace
    other, refused, differs = (str(one.message) for one in recwarn)
    assert "has steps of another run, 1 up to step-000000010.npz, with features (5, 2), layer/conv (5, 2)" in other
    assert "step-000000010.npz is of another run" in refused
    assert "is not replaced" in refused
    assert "step 20 has features (3, 3), (4, 4) before" in differs
    assert (tmp_path / "step-000000010.npz").read_bytes() == before
    with np.load(rec.path(20)) as file:
        assert file["features"].shape == (3, 3)


def test_layers_that_differ_between_steps_are_said_once_each(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    rec = Recorder(tmp_path, numbers=False)
    for step, names in enumerate((("a", "b"), ("a",), ("a", "b"), ("a",), ("a", "b", "c"))):
        rec.log(step, layers=dict.fromkeys(names, FIVE))
        assert rec.path(step).exists()
    assert [str(one.message).split(":")[0] for one in recwarn] == [
        "render.Recorder step 1 lacks layer/b",
        "render.Recorder step 4 has layer/c (5, 2)",
    ]


def test_a_cause_is_said_once_whatever_the_step(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    rec = Recorder(tmp_path)
    for step in range(4):
        assert rec.log(step, features=np.zeros(3 + step)) == {}
    assert len(recwarn) == 1


def test_a_folder_that_vanishes_is_made_again(tmp_path: Path) -> None:
    rec = Recorder(tmp_path / "run", numbers=False)
    rec.log(0, features=FIVE)
    for file in (tmp_path / "run").iterdir():
        file.unlink()
    (tmp_path / "run").rmdir()
    rec.log(1, features=FIVE)
    assert rec.path(1).exists()
