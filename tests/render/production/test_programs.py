"""A compiled program is run as it was kept, or compiled again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from render.production.programs import Programs, check_entries

KEY, PROGRAM = "jit_step-0123", b"machine code" * 100

COMPILES = """
import sys
from pathlib import Path
import jax
from render.production.cache import Cache
Cache(Path(sys.argv[1])).keep_programs()
found = []
jax.monitoring.register_event_listener(lambda name, **more: found.append(name))
print(float(jax.jit(lambda x: x * 2 + 1)(jax.numpy.float32(3))), sum(name.endswith("/cache_hits") for name in found))
"""


def test_a_program_is_found_as_it_was_kept_and_replaced_where_it_is_damaged(tmp_path: Path) -> None:
    programs = Programs(str(tmp_path))
    assert programs.get(KEY) is None
    programs.put(KEY, PROGRAM)
    assert programs.get(KEY) == PROGRAM
    (entry,) = tmp_path.iterdir()
    assert entry.name == f"{KEY}-cache"  # by which the cache finds and prunes them
    whole = entry.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged in (b"", whole[:-1], whole[:30], flipped, whole + b"0", PROGRAM):
        entry.write_bytes(damaged)
        assert programs.get(KEY) is None
        programs.put(KEY, PROGRAM)
        assert entry.read_bytes() == whole


def test_a_program_of_another_key_is_not_run(tmp_path: Path) -> None:
    programs = Programs(str(tmp_path))
    programs.put(KEY, PROGRAM)
    (tmp_path / f"{KEY}-cache").rename(tmp_path / "jit_other-cache")
    assert programs.get("jit_other") is None


def test_a_folder_that_is_gone_keeps_nothing_and_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    programs = Programs(str(tmp_path / "file"))
    programs.put(KEY, PROGRAM)
    assert programs.get(KEY) is None


def test_jax_asks_for_its_programs_here() -> None:
    assert check_entries()


@pytest.mark.parametrize("damaged", [False, True])
def test_jax_runs_what_it_kept_and_compiles_what_is_damaged(tmp_path: Path, damaged: bool) -> None:
    def run() -> list[str]:
        how = {"capture_output": True, "text": True, "check": True}
        return subprocess.run([sys.executable, "-c", COMPILES, str(tmp_path)], **how).stdout.split()  # type: ignore

    assert run() == ["7.0", "0"]
    entries = list(tmp_path.glob("programs/*/*-cache"))
    assert entries
    for entry in entries if damaged else ():
        content = bytearray(entry.read_bytes())
        content[-10] ^= 1
        entry.write_bytes(content)
    value, hits = run()
    assert value == "7.0"
    assert (int(hits) == 0) is damaged
