"""Zarr stores on servers: their chunks are fetched as they are needed; imported where Zarr and fsspec are installed."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import zarr
from zarr.abc.store import RangeByteRequest, SuffixByteRequest
from zarr.storage import FsspecStore

from render.audit.files.addresses import Address
from render.audit.files.arrays import Arrays, Column, Lack, Source, naming, naming_lack, short
from render.audit.files.blosc import checked
from render.audit.files.chunks import lack_of, plain
from render.audit.files.remote import PAUSES, Unreachable
from render.audit.files.stores import ZARR_FILES

METADATA = (*ZARR_FILES, ".zmetadata", ".zattrs")


class Fetched(FsspecStore):
    """A store whose metadata are looked at, and whose connections are tried again, before Zarr sees either.

    `strict`: a chunk that is not there is an error, where what a server lacks cannot be listed beforehand.
    """

    address: Address
    strict = False

    async def get(self, key: str, prototype: Any, byte_range: Any = None) -> Any:
        """What is stored under a key. Raises Unreachable for what the server does, ValueError for bad metadata."""
        is_metadata = key.rpartition("/")[2] in METADATA
        for pause in (*PAUSES, None):
            try:
                found = await super().get(key, prototype, byte_range)
                break
            except Exception as error:  # of what a connection raises each library has its own
                remote = self.address.remote
                if pause is None or remote.is_final(error):
                    raise remote.error(error) from error
            await asyncio.sleep(pause)
        if found is None and self.strict and not is_metadata:
            raise Unreachable(
                f"{self.address}: the chunk {key} is not there, and this server does not say whether it ever was: "
                f"write the store with all its chunks (in Zarr write_empty_chunks=True), or copy it again"
            )
        if found is not None and is_metadata:
            plain(self.address / key, found.to_bytes())
        wanted = _length(byte_range)
        if found is not None and wanted is not None and len(found) > wanted:
            raise Unreachable(
                f"{self.address}: the server sends no parts of a file, and this store has chunks in shards: download "
                f"it, or use a server that takes range requests"
            )
        return found


def _length(byte_range: Any) -> int | None:
    if isinstance(byte_range, RangeByteRequest):
        return byte_range.end - byte_range.start
    return byte_range.suffix if isinstance(byte_range, SuffixByteRequest) else None


@dataclass(frozen=True)
class Unlisted:
    """A group on a server that lists nothing, without consolidated metadata: an array is looked for by its name."""

    address: Address
    group: Any

    def find(self, key: str, role: str) -> Column | None:
        try:
            with checked():
                found = self.group.get(key)
        except Exception as error:
            raise _named(self.address, error) from error
        return _column(self.address, key, found) if isinstance(found, zarr.Array) else None

    def listed(self) -> list[str]:
        return ["arrays that the server does not list (zarr.consolidate_metadata writes a list)"]


def open_remote_zarr(address: Address) -> Source:
    """The array of a Zarr store on a server, or the arrays of its group, version 2 or 3.

    Raises ValueError for one that is not there, is damaged, or whose codecs would unpickle.
    """
    try:
        store = Fetched(
            address.remote.opened_system(asynchronous=True), read_only=True, path=address.remote.path.rstrip("/")
        )
        store.address, store.strict = address, "http" in address.scheme
        with checked():
            found = zarr.open(store, mode="r")
            if isinstance(found, zarr.Array):
                return Arrays({address.stem: _column(address, address.stem, found)}, True)
            if store.strict and found.metadata.consolidated_metadata is None:
                return Unlisted(address, found)
            return Arrays({name: _column(address, name, array) for name, array in found.arrays()})
    except Exception as error:  # of damaged metadata zarr raises anything
        raise _named(address, error) from error


def _named(address: Address, error: Exception) -> ValueError:
    if isinstance(error, Unreachable):
        return error
    if isinstance(error, FileNotFoundError):
        return ValueError(f"{address}: there is no Zarr store, it has none of {', '.join(ZARR_FILES)}")
    return ValueError(f"{address}: is damaged or no Zarr store ({short(error)}): copy or write it again")


def _column(address: Address, name: str, array: Any) -> Column:
    dtype = array.dtype if isinstance(array.dtype, np.dtype) else np.dtype(object)

    def read(start: int, stop: int) -> np.ndarray:
        return np.asarray(array[start:stop] if array.shape else array[...])

    lacking = naming_lack(address, name, partial(_lack, address, name, array))
    block = array.chunks[0] if array.chunks else 1
    return Column(name, tuple(array.shape), dtype, naming(address, name, read), block, lacking=lacking)


def _lack(address: Address, name: str, array: Any, role: str) -> Lack | None:
    """Chunks that are not stored, where the server lists them; of one that does not, a read tells."""
    if math.prod(array.shape) == 1 or "http" in address.scheme:
        return None
    remote = address.remote
    there = remote.tried(lambda: remote.system.find(f"{remote.path.rstrip('/')}/{array.path}".rstrip("/")))
    stored = sum(one.rpartition("/")[2] not in METADATA for one in there)
    sizes = array.shards or array.chunks
    total = math.prod(-(-length // size) for length, size in zip(array.shape, sizes, strict=True))
    fill = array.metadata.fill_value
    meant = fill is not None and bool(fill != 0 and str(fill) != "")
    return lack_of(address, name, max(total - stored, 0), total, fill, meant, likely=role == "labels")


__all__ = ["open_remote_zarr"]
