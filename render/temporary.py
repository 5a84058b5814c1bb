"""Temporary files: what is written beside the file that it will replace, and is swept once its writer is dead.

The writer holds a lock on its temporary file, which the system frees however the writer ends.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from render import files

NAME = re.compile(r"(\..+)\.[0-9a-f]{8}\.tmp")  # as `files.replacing` calls them

_swept: set[tuple[Path, str]] = set()  # folders and suffixes, each once by a process
_written: list[Path] = []  # the last file that this process has put in its place


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, as that of `render.files.replacing`, in which a lock says that its writer lives.

    Those of the same suffix that dead writers have left in the folder are removed, once by a process. On a file system
    that knows no locks none is held, and none is removed.
    """
    once = path.parent.absolute(), path.suffix
    if once not in _swept:
        _swept.add(once)
        sweep(path.parent, path.suffix)
    with ExitStack() as held, files.replacing(path) as temporary:  # the lock is held until the file is in its place
        held.callback(os.close, _created(temporary))
        yield temporary
        if not temporary.stat().st_size:
            temporary.unlink()  # nothing was written: there is nothing to replace the file with
    _written[:] = [path]


def has_written() -> bool:
    """Whether this process has put any file in its place."""
    return bool(_written)


def sweep(folder: Path, suffix: str) -> None:
    """Remove temporary files of this user in a folder, for files with this suffix, whose writer is dead."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = NAME.fullmatch(entry.name)
            if found and Path(found[1]).suffix == suffix:
                with suppress(OSError):  # another process removes it, or its writer is alive
                    _remove(entry.path)


def _created(path: Path) -> int:
    """Descriptor of a new file at `path`, with a lock on it if the file system knows locks."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # another process took it, not yet locked, for that of a dead writer


def _remove(path: str) -> None:
    """Remove a temporary file. Raises OSError if its writer lives, or might."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_nlink == 1:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
    finally:
        os.close(descriptor)
