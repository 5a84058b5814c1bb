"""What is kept between commands: found again, never trusted when damaged, bounded, and never in the way."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from render.picture.recording import Recording, to_bytes
from render.production import cache as module
from render.production.cache import Cache, run_key
from scenes import SCENES

REFERENCE = SCENES["neural-collapse"]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def entry(cache: Cache, tiny_recording: Recording) -> Path:
    cache.store("a" * 64, tiny_recording)
    (path,) = cache.files()
    return path


def test_what_is_stored_is_found_under_its_key_alone(cache: Cache, entry: Path, tiny_recording: Recording) -> None:
    found = cache.load("a" * 64)
    assert found is not None
    assert to_bytes(found) == to_bytes(tiny_recording)
    assert cache.load("b" * 64) is None


def test_the_folder_is_private_and_has_no_temporary_file(cache: Cache, entry: Path) -> None:
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert list(cache.folder.iterdir()) == [entry]


def damaged(content: bytes) -> dict[str, bytes]:
    middle = len(content) // 2
    return {
        "empty": b"",
        "without its last byte": content[:-1],
        "half": content[:middle],
        "header only": content[: len(module.HEADER)],
        "a bit of an array": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "a bit of the digest": content[:40] + bytes([content[40] ^ 1]) + content[41:],
        "one more byte": content + b"\0",
        "another version": content.replace(b"recording 1\n", b"recording 2\n", 1),
        "not text": b"\xff" * len(content),
    }


@pytest.mark.parametrize("which", damaged(b"x" * 200))
def test_a_damaged_entry_is_not_found_and_is_replaced_by_the_next_run(
    cache: Cache, entry: Path, tiny_recording: Recording, which: str
) -> None:
    whole = entry.read_bytes()
    entry.write_bytes(damaged(whole)[which])
    assert cache.load("a" * 64) is None
    cache.store("a" * 64, tiny_recording)
    assert entry.read_bytes() == whole
    assert cache.load("a" * 64) is not None


def test_an_entry_under_another_runs_name_is_not_found(cache: Cache, entry: Path) -> None:
    entry.rename(entry.with_name("b" * 64 + ".recording"))
    assert cache.load("b" * 64) is None


def test_an_entry_whose_numbers_were_changed_with_their_zip_intact_is_not_found(
    cache: Cache, entry: Path, tiny_recording: Recording
) -> None:
    head, changed = entry.read_bytes()[: len(module.HEADER) + 64], dict(tiny_recording.arrays)
    changed["ratio"] = changed["ratio"] * 0.5
    entry.write_bytes(head + to_bytes(module_replace(tiny_recording, changed)))
    assert cache.load("a" * 64) is None


def module_replace(recording: Recording, arrays: Any) -> Recording:
    import dataclasses

    return dataclasses.replace(recording, arrays=arrays)


def test_beyond_its_limit_what_was_used_longest_ago_goes(tmp_path: Path, tiny_recording: Recording) -> None:
    size = len(to_bytes(tiny_recording)) + len(module.HEADER) + 64
    cache = Cache(tmp_path, limit_bytes=3 * size)
    for age, key in enumerate("abc"):
        cache.store(key, tiny_recording)
        os.utime(tmp_path / f"{key}.recording", (1000 + age, 1000 + age))
    assert cache.load("a") is not None  # and is now the one used last
    cache.store("d", tiny_recording)
    assert {path.stem for path in cache.files()} == {"a", "c", "d"}
    assert cache.size_bytes() <= 3 * size


def test_clearing_removes_what_is_kept_and_nothing_else(cache: Cache, entry: Path) -> None:
    other = cache.folder / "thesis.txt"
    other.write_text("not a cache entry")
    program = cache.folder / "programs" / "processor" / "jit_program-00-cache"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"machine code")
    assert len(list(cache.files())) == 2
    cache.clear()
    assert not entry.exists()
    assert not program.exists()
    assert other.exists()
    assert cache.size_bytes() == 0


def test_where_nothing_can_be_kept_the_run_goes_on_with_one_warning(tmp_path: Path, tiny_recording: Recording) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file")
    with pytest.warns(UserWarning, match="nothing is cached: .*file"):
        cache.store("a", tiny_recording)
    assert cache.load("a") is None
    assert cache.durations() == {}
    cache.note_durations({"a": 1.0})
    cache.clear()


@pytest.mark.parametrize("content", ["", "[]", '{"a": "long"}', "{"])
def test_durations_come_back_and_what_cannot_be_read_is_nothing(cache: Cache, content: str) -> None:
    cache.note_durations({"neural-collapse": 6.5})
    assert cache.durations() == {"neural-collapse": 6.5}
    (cache.folder / "durations.json").write_text(content)
    assert cache.durations() == {}


def test_the_key_is_of_what_was_asked_for_and_of_where(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [
        run_key(REFERENCE, {}, ()),
        run_key(REFERENCE, {"seed": 1}, ()),
        run_key(REFERENCE, {}, ["decay=0.1"]),
        run_key(SCENES["simplicity-bias"], {}, ()),
    ]
    assert run_key(REFERENCE, {}, ()) == keys[0]
    monkeypatch.setenv("XLA_FLAGS", "--xla_of_another_kind")
    keys.append(run_key(REFERENCE, {}, ()))
    assert len(set(keys)) == 5


@pytest.mark.parametrize("variable", ["own", "system"])
def test_the_users_folder_is_the_systems_or_the_one_that_is_named(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if variable == "own":
        monkeypatch.setenv("FRAME_POTENTIAL_CACHE", str(tmp_path))
        assert Cache.of_user().folder == tmp_path
    else:
        monkeypatch.delenv("FRAME_POTENTIAL_CACHE")
        assert Cache.of_user().folder.name == "frame-potential"
        assert Cache.of_user().folder.is_relative_to(Path.home())


@pytest.mark.parametrize("answer", [RuntimeError("no home"), Path("~/.cache/frame-potential")])
def test_a_user_without_a_home_has_a_folder_beside_temporary_files(
    answer: Exception | Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def folder(name: str) -> Path:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.delenv("FRAME_POTENTIAL_CACHE")
    monkeypatch.setattr(platformdirs, "user_cache_path", folder)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Cache.of_user().folder == tmp_path / f"frame-potential-{os.geteuid()}"


def test_home_is_expanded_in_the_folder_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FRAME_POTENTIAL_CACHE", "~/x")
    assert Cache.of_user().folder == tmp_path / "x"
    monkeypatch.setenv("FRAME_POTENTIAL_CACHE", "~no-such-user/x")
    with pytest.raises(ValueError, match="FRAME_POTENTIAL_CACHE is ~no-such-user/x: there is no such user"):
        Cache.of_user()


def of_another_user(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = cache.folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)


def open_to_others(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.folder.chmod(0o777)


def open_to_the_group(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.folder.chmod(0o770)


@pytest.mark.parametrize("whose", [of_another_user, open_to_others, open_to_the_group])
def test_a_folder_that_others_can_write_to_is_neither_believed_nor_written(
    cache: Cache, entry: Path, tiny_recording: Recording, monkeypatch: pytest.MonkeyPatch, whose: Any
) -> None:
    cache.note_durations({"neural-collapse": 6.5})
    before = {path: path.read_bytes() for path in cache.folder.iterdir()}
    whose(cache, monkeypatch)
    told: dict[str, str] = {}
    monkeypatch.setattr("jax.config.update", lambda name, value: told.setdefault(name, value))
    uses: list[Any] = [
        lambda: cache.load("a" * 64),
        lambda: cache.store("b" * 64, tiny_recording),
        lambda: cache.durations() or None,
        lambda: cache.note_durations({"neural-collapse": 1.0}),
        cache.keep_programs,
    ]
    for use in uses:
        with pytest.warns(UserWarning, match="nothing is cached: .* FRAME_POTENTIAL_CACHE"):
            assert use() is None
    assert {path: path.read_bytes() for path in cache.folder.iterdir()} == before
    assert told == {}


def test_a_folder_that_others_can_read_is_closed_if_nothing_else_is_in_it(
    cache: Cache, entry: Path, tiny_recording: Recording
) -> None:
    (cache.folder / "thesis.txt").touch()
    cache.folder.chmod(0o755)
    assert cache.load("a" * 64) is not None
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o755
    (cache.folder / "thesis.txt").unlink()
    assert cache.load("a" * 64) is not None
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
