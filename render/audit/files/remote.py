"""Files on servers, read by ranges of their bytes through fsspec, where it is installed; nothing is read whole.

A transfer that breaks off is tried again, a few times; then one line says so.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

from render.audit.files.arrays import short
from render.audit.files.stores import ZARR_FILES

PAUSES = (0.2, 1.0, 3.0)  # seconds before each further try
CONNECT_SECONDS, SILENT_SECONDS = 10, 60
PACKAGES = {"https": "aiohttp", "http": "aiohttp", "s3": "s3fs", "gs": "gcsfs", "hf": "huggingface_hub"}
FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError, ImportError)  # not tried again
BROKEN = {"ClientPayloadError", "ServerDisconnectedError", "ClientOSError", "ConnectionResetError", "IncompleteRead"}
Found = TypeVar("Found")


class Unreachable(ValueError):
    """What is on a server cannot be read, which says nothing of the file."""


@dataclass(frozen=True)
class Remote:
    """What lies at an address: its size, ranges of its bytes, and names in it where the server lists them.

    `shown`: the address without what may be secret in it. Methods raise Unreachable, with a line that names it.
    """

    url: str
    shown: str

    @property
    def scheme(self) -> str:
        return self.url.partition(":")[0]

    @cached_property
    def system(self) -> Any:
        """The file system of the address."""
        return self.opened_system()

    def opened_system(self, **options: Any) -> Any:
        """fsspec's file system for the address, with options of its own."""
        try:
            import fsspec

            if "http" in self.scheme:
                import aiohttp

                seconds = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS)
                options["client_kwargs"] = {"timeout": seconds}
            return fsspec.filesystem(self.scheme, **options)
        except ImportError as error:
            raise self.error(error) from error

    @cached_property
    def path(self) -> str:
        return self.system._strip_protocol(self.url)

    @cached_property
    def size(self) -> int:
        """Bytes."""
        size = self.tried(lambda: self.system.info(self.path)).get("size")
        if size is None:
            raise Unreachable(
                f"{self.shown}: the server does not say how large it is, so that no part of it can be asked for: "
                f"download it"
            )
        return int(size)

    def stat(self) -> os.stat_result:
        return os.stat_result((0o100444, 0, 0, 1, 0, 0, self.size, 0, 0, 0))

    def read(self, start: int, stop: int) -> bytes:
        """Bytes start to stop - 1, which must be there."""
        stop = min(stop, self.size)
        if start >= stop:
            return b""

        def once() -> bytes:
            found = self._range(start, stop)
            if len(found) != stop - start:
                raise OSError(f"{len(found)} bytes came of {stop - start}")
            return found

        return self.tried(once)

    def _range(self, start: int, stop: int) -> bytes:
        if "http" not in self.scheme:
            return self.system.cat_file(self.path, start=start, end=stop)
        # not `cat_file`, which takes all of the file for the range where a server ignores that
        with self.system.open(self.path, "rb", block_size=2**20, cache_type="none", size=self.size) as file:
            file.seek(start)
            return file.read(stop - start)

    def tried(self, action: Callable[[], Found]) -> Found:
        """What an action gives, tried again when a connection fails."""
        for pause in (*PAUSES, None):
            try:
                return action()
            except Exception as error:  # of what a connection raises each library has its own
                if pause is None or self.is_final(error):
                    raise self.error(error) from error
            time.sleep(pause)
        raise AssertionError

    def _cause(self, error: Exception) -> BaseException:
        """What went wrong: over HTTP, any failure to ask for the size is told as a file that is not there."""
        told_so = isinstance(error, FileNotFoundError) and "http" in self.scheme
        return error.__cause__ or error if told_so else error

    def is_final(self, error: Exception) -> bool:
        """Whether another try would end as this one did."""
        why = self._cause(error)
        lasting = isinstance(why, (*FINAL, Unreachable)) or 400 <= _status(why) < 500 or _needs_login(why)
        return lasting or _no_ranges(why)

    def error(self, error: Exception) -> Unreachable:
        """What went wrong, in a line that names the address."""
        why = self._cause(error)
        if isinstance(why, Unreachable):
            return why
        if _no_ranges(why):
            return Unreachable(
                f"{self.shown}: the server sends no parts of a file: download it, or use one that takes range requests"
            )
        if isinstance(why, ImportError):
            package = (why.name or "").partition(".")[0] or PACKAGES[self.scheme]
            return Unreachable(
                f"{self.shown}: {self.scheme}:// needs the package {package}: pip install 'frame-potential[remote]'"
            )
        if isinstance(why, FileNotFoundError) or _status(why) == 404:
            return Unreachable(f"{self.shown}: there is no such file on the server, or it is not shown to you")
        if isinstance(why, PermissionError) or _status(why) in (401, 403) or _needs_login(why):
            anonymous = ", or set FSSPEC_S3_ANON=true if it is public" if self.scheme == "s3" else ""
            return Unreachable(
                f"{self.shown}: the server does not let you read it ({_said(why)}): give it credentials{anonymous}"
            )
        return Unreachable(f"{self.shown}: cannot be read from the server ({_said(why)}): try again later")

    def file(self) -> io.RawIOBase:
        return Ranges(self)

    def holds_store(self) -> bool:
        """Whether a Zarr store is at the address."""
        there = (f"{self.path.rstrip('/')}/{name}" for name in ZARR_FILES)
        return any(self.tried(partial(self.system.exists, name)) for name in there)

    def matching(self) -> list[str]:
        """The files that a pattern at the end of the address fits, by name."""
        return [self._beside(found) for found in sorted(self.tried(lambda: self.system.glob(self.path)))]

    def listed(self) -> list[str]:
        """The files in a folder and in folders in it; none where the server does not list them.

        What is at the end of https:// may be any page of the web, whose links are no files in a folder.
        """
        if "http" in self.scheme:
            return []
        try:
            found = self.system.find(self.path, maxdepth=2)
        except Exception as error:
            if isinstance(error, ImportError | Unreachable):
                raise self.error(error) from error
            return []
        return [self._beside(one) for one in sorted(found) if one.rstrip("/") != self.path.rstrip("/")]

    def _beside(self, path: str) -> str:
        return path if "://" in path else f"{self.scheme}://{path}"


class Ranges(io.RawIOBase):
    """A file on a server, each read of which is a range: `read(n)` gives n bytes unless it ends before."""

    def __init__(self, remote: Remote) -> None:
        self._remote, self._at = remote, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        before = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: 0}[whence]
        self._at = max(offset + (self._remote.size if whence == io.SEEK_END else before), 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        found = self._remote.read(self._at, self._at + len(view))
        view[: len(found)] = found
        self._at += len(found)
        return len(found)


def _status(error: BaseException) -> int:
    """The status that a server answered with; 0 for other errors."""
    found = getattr(error, "status", None) or getattr(getattr(error, "response", None), "status_code", None)
    return found if isinstance(found, int) else 0


def _needs_login(error: BaseException) -> bool:
    return "redential" in str(error)  # Credentials, in the words of each library


def _no_ranges(error: BaseException) -> bool:
    return "support range requests" in str(error)


def _said(error: BaseException) -> str:
    """What an error says, without the address that it may repeat, or its query."""
    status, kind = _status(error), type(error).__name__
    if kind in BROKEN:
        return "the connection breaks off"
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if status:
        return f"status {status}, {getattr(error, 'message', '') or kind}"
    text = short(error).partition(" ssl:")[0]
    return kind if "://" in text or not text.strip() else text


__all__ = ["PAUSES", "Remote", "Unreachable"]
