"""Places that a user names: files to read, files and folders to write; what is no file is not taken for one.

What is written to a symlink goes to the file that it leads to, and what is written to a device or an open descriptor
(`/dev/null`, `/dev/stdout`, `>(command)`) goes into it; neither is replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from render import files
from render import temporary as temporaries

ADDED_BYTES = len("..01234567.tmp")  # to a file's name while it is written
NAME_BYTES = 255  # of a name on most file systems
SHOWN = 40  # letters of a name that is too long
KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a block device",
    stat.S_IFCHR: "a device",
    stat.S_IFDIR: "a folder",
}


def require_reachable(path: Path) -> None:
    """Raise ValueError for a path that cannot be followed: a name that is too long, symlinks that go round."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):  # whoever opens it says what should be there
        return
    except OSError as error:
        raise ValueError(f"{_short(path)}: {error.strerror}: name another path") from error


def require_regular(path: Path, instead: str = "") -> None:
    """Raise ValueError for what is there and is no regular file: a FIFO hangs who reads it, a device never ends.

    instead: what to do about it.
    """
    kind = KINDS.get(stat.S_IFMT(os.stat(path).st_mode))
    if kind is not None:
        raise ValueError(f"{path}: is not a regular file but {kind}: {instead or 'name a file'}")


def require_regular_files(path: Path) -> None:
    """Raise ValueError for a path that is no regular file, and for a folder with anything in it, or in folders in it,
    that is none. Folders that symlinks lead to are not looked into.
    """
    if not path.is_dir():
        require_regular(path, "name a file, or - for standard input")
        return
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                require_regular_files(Path(entry.path))
            elif not _is_plain(entry):
                raise ValueError(f"{entry.path}: is not a regular file: keep files alone in {path}")


def _is_plain(entry: os.DirEntry[str]) -> bool:
    """Whether something in a folder is a file or a folder, or leads to one; mostly known without asking the disk."""
    try:
        return entry.is_file() or entry.is_dir()
    except OSError:  # symlinks that go round
        return False


def require_file(path: Path, instead: str = "name a file") -> None:
    """Raise ValueError, before anything runs, unless a file can be written to `path`.

    instead: what to name where it is a folder.
    """
    number = _descriptor(path)
    if number is not None:
        try:
            os.fstat(number)
        except OSError as error:
            raise ValueError(f"{path}: is not open: {instead}") from error
        return
    place = _behind(path)
    kind = _kind(place, path)
    if kind == stat.S_IFDIR:
        raise ValueError(f"{path} is a folder: {instead}")
    if kind in KINDS and kind != stat.S_IFCHR:
        raise ValueError(f"{path}: is not a regular file but {KINDS[kind]}, which is not written to: {instead}")
    if kind == stat.S_IFCHR:
        if not os.access(place, os.W_OK):
            raise ValueError(f"cannot write to {path}: {instead}")
        return
    require_short(place)
    require_folder(place.parent)


def require_folder(folder: Path) -> None:
    """Raise ValueError unless files can be made in a folder, or in the nearest folder above it that exists."""
    if os.path.islink(folder) and not os.path.exists(folder):
        raise ValueError(f"{folder} is a symlink to nothing, or to itself: name a folder to write to")
    try:
        files.require_writable(folder.absolute())
    except OSError as error:  # of a name that is too long, of a folder that may not be looked into
        raise ValueError(f"cannot write to {_short(folder)}: {error.strerror}; name another folder") from error


def require_short(path: Path, instead: str = "shorten it") -> None:
    """Raise ValueError for a file whose name is too long to be written, with room for that of a temporary file."""
    have, most = len(os.fsencode(path.name)), NAME_BYTES - ADDED_BYTES
    if have > most:
        raise ValueError(f"{_short(path)}: its name has {have} bytes, and {most} are written at most: {instead}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path, moved onto the file that `path` is or leads to when the block succeeds, as `files.replacing`.

    What is written to a device or an open descriptor is copied into it then. Raises ValueError as `require_file` does.
    """
    place = _behind(path)
    if _descriptor(path) is None and _kind(place, path) in (None, stat.S_IFREG):
        with temporaries.replacing(place) as temporary:
            yield temporary
    else:
        require_file(path)
        with tempfile.TemporaryDirectory(prefix="frame-potential-") as folder:
            temporary = Path(folder) / "written"
            yield temporary
            with temporary.open("rb") as written, _stream(path) as stream:
                shutil.copyfileobj(written, stream)


def written_to(path: Path) -> Path:
    """The file that is written for a path: itself, or what a symlink leads to, for writers that replace what they are
    given. Raises ValueError for what is no file, and for a link to a file with another suffix.
    """
    require_file(path)
    place = _behind(path)
    if _kind(place, path) not in (None, stat.S_IFREG) or place.suffix != path.suffix:
        raise ValueError(f"{path}: is no file that ends in {path.suffix}: remove it, or name another folder")
    return place


def _behind(path: Path) -> Path:
    """What a path leads to. Raises ValueError for a symlink of another user: it could lead to a file of one's own."""
    try:
        link = os.lstat(path)
    except OSError:
        return path
    if not stat.S_ISLNK(link.st_mode):
        return path
    if link.st_uid not in (os.geteuid(), 0):
        raise ValueError(f"{path}: is a symlink of another user, which is not followed: name a file")
    return Path(os.path.realpath(path))


def _kind(place: Path, path: Path) -> int | None:
    """The kind of what is at a place, as `stat` numbers it; None where nothing is. path: how the user called it."""
    try:
        return stat.S_IFMT(os.stat(place).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ValueError(f"cannot write to {_short(path)}: {error.strerror}") from error


def _descriptor(path: Path) -> int | None:
    """The number of the open file that a path stands for, as /dev/stdout does for 1; None for any other path."""
    text = os.path.abspath(path)
    if not text.startswith(("/dev/", "/proc/")):
        return None
    found = re.fullmatch(r"/(?:dev|proc/self)/fd/(\d+)", text)
    return int(found[1]) if found else {"/dev/stdout": 1, "/dev/stderr": 2}.get(text)


def _stream(path: Path) -> IO[bytes]:
    number = _descriptor(path)
    if number is None:
        return path.open("wb")
    for printed in (sys.stdout, sys.stderr):
        if printed is not None:
            printed.flush()
    return os.fdopen(os.dup(number), "wb")


def _short(path: Path) -> Path:
    """A path whose name can be read, where it is too long to be one."""
    long = len(os.fsencode(path.name)) > NAME_BYTES - ADDED_BYTES
    return path.with_name(f"{path.name[:SHOWN]}...") if long else path
