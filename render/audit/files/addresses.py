"""Addresses of what lies on a server, as paths, and patterns of paths; what they lead to is opened elsewhere."""

from __future__ import annotations

import io
import re
from functools import cached_property
from pathlib import Path, PosixPath, PurePosixPath
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from render.audit.files.remote import Remote

SCHEMES = ("https", "http", "s3", "gs", "hf")
BUFFER_BYTES = 2**16  # of a header, read at once
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


class Address(PosixPath):
    """Path of a file on a server, opened by ranges of its bytes: Address("https://host/z.npy").

    `url` is all of it; as text it has neither what follows a "?" nor a password, since both may be secret. It opens,
    and knows its size, as a path does; whether it is a folder or a Zarr store is for `remote` to ask.
    """

    url: str = ""

    def __new__(cls, url: str) -> Address:
        self = super().__new__(cls, url)
        self.url = url
        return self

    def __reduce__(self) -> Any:
        return Address, (self.url,)

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}".rstrip("/")

    def __truediv__(self, name: Any) -> Address:
        before, mark, query = self.url.partition("?")
        return Address(f"{before.rstrip('/')}/{name}{mark}{query}")

    @property
    def scheme(self) -> str:
        return urlsplit(self.url).scheme

    @property
    def name(self) -> str:
        return PurePosixPath(urlsplit(self.url).path).name or urlsplit(self.url).netloc

    def absolute(self) -> Address:
        return self

    def resolve(self, strict: bool = False) -> Address:
        return self

    def is_dir(self, **how: Any) -> bool:
        return False

    def is_file(self, **how: Any) -> bool:
        return True

    @cached_property
    def remote(self) -> Remote:
        """What lies there, whose size is asked for once."""
        from render.audit.files.remote import Remote

        return Remote(self.url, str(self))

    def stat(self, **how: Any) -> Any:
        """Its size alone, as `st_size`."""
        return self.remote.stat()

    def open(self, mode: str = "rb", buffering: int = -1, *rest: Any) -> IO[Any]:  # type: ignore[override]
        raw = self.remote.file()
        return raw if buffering == 0 else io.BufferedReader(raw, BUFFER_BYTES)  # type: ignore[return-value]


def located(path: str | Path) -> Path:
    """The path, or the address, that a text names. Raises ValueError for an address of another scheme."""
    if isinstance(path, Address):
        return path
    found = _SCHEME.match(str(path))
    if found is None:
        return Path(path)
    if found[1].lower() not in SCHEMES:
        raise ValueError(
            f"{path}: addresses begin with {', '.join(f'{scheme}://' for scheme in SCHEMES)}: give one of these, or a "
            f"file"
        )
    return Address(f"{found[1].lower()}{str(path)[len(found[1]) :]}")


def opened(path: Path) -> Any:
    """What a library reads from: the path, or the open file of an address."""
    return path.open("rb", 0) if isinstance(path, Address) else path


__all__ = ["SCHEMES", "Address", "located", "opened"]
