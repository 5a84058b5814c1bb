"""A file is whole or not there, and a folder that cannot be written to is refused at once."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from pathlib import Path

import pytest

from render.files import replacing, require_writable, sha256


def test_the_new_content_replaces_the_old_only_when_the_block_is_done(tmp_path: Path) -> None:
    path = tmp_path / "figure.gif"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent  # a rename across file systems is no rename
        assert temporary.name.startswith(".")
        assert temporary.suffix not in (".gif", ".png", ".json")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, OSError])
def test_whatever_ends_the_block_the_old_file_stays_and_the_temporary_one_goes(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "figure.gif"
    path.write_text("old")
    with pytest.raises(error), replacing(path) as temporary:  # noqa: PT012
        temporary.write_text("half of the ne")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "figure.gif"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), replacing(path):
        pass
    assert path.read_text() == "old"


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "figure.gif"
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_an_error_of_the_system_names_the_file_unless_it_names_one_already(tmp_path: Path) -> None:
    path = tmp_path / "figure.gif"
    with pytest.raises(OSError, match="No space left") as caught, replacing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(path)
    with pytest.raises(OSError, match="No space left") as caught, replacing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "other.png")
    assert caught.value.filename == "other.png"


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "figure.gif"
    with replacing(path) as first:
        first.write_text("first")
        with replacing(path) as second:
            second.write_text("second")
            assert first != second
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_writable_also_when_it_is_still_to_be_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    require_writable(tmp_path)
    require_writable(tmp_path / "not" / "yet")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder_to_write_to_nor_is_anything_below_it(tmp_path: Path) -> None:
    file = tmp_path / "taken"
    file.write_text("mine")
    for folder in (file, file / "below"):
        with pytest.raises(ValueError, match=f"{re.escape(str(file))} is a file: name a folder"):
            require_writable(folder)
    assert file.read_text() == "mine"


def test_a_folder_that_nobody_can_write_to_is_refused(tmp_path: Path) -> None:
    if os.geteuid():
        folder = tmp_path
        folder.chmod(0o500)
    else:  # modes do not stop root; these folders do
        folder = next(folder for folder in map(Path, ("/proc", "/System")) if folder.is_dir())
    with pytest.raises(ValueError, match=f"cannot write to {folder}: .+; name another folder"):
        require_writable(folder / "figures")


def test_a_read_only_file_system_is_named_as_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**where: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(where["dir"]))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(ValueError, match=f"cannot write to .*: {os.strerror(errno.EROFS)}; name another folder"):
        require_writable(tmp_path)


def test_the_digest_is_that_of_the_content(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    (tmp_path / "file").write_bytes(content)
    assert sha256(tmp_path / "file") == hashlib.sha256(content).hexdigest()
