"""Blosc in Zarr, with chunks refused that are longer or shorter than they say; imported where Zarr is installed.

Its decoder is not told how many bytes there are: of half a chunk it reads on into whatever lies behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numcodecs
import zarr
from zarr.codecs import BloscCodec
from zarr.registry import register_codec

HEADER_BYTES = 16  # the last four of them are the length of the chunk


class Checked(numcodecs.Blosc):
    """Blosc for Zarr's version 2. Raises ValueError for a chunk of another length than it says."""

    def decode(self, buf: Any, out: Any = None) -> Any:
        block = memoryview(buf).cast("B")
        length = int.from_bytes(block[12:HEADER_BYTES], "little")
        if len(block) < HEADER_BYTES or length != len(block):
            raise ValueError(f"a chunk has {len(block)} bytes, and says that it has {length}")
        return super().decode(buf, out)


class CheckedCodec(BloscCodec):
    """The same for version 3, in shards too."""

    @property
    def _blosc_codec(self) -> Any:
        config = super()._blosc_codec.get_config()
        return Checked.from_config({name: value for name, value in config.items() if name != "id"})


register_codec("blosc", CheckedCodec)  # which is chosen by its name alone


@contextmanager
def checked() -> Iterator[None]:
    """Arrays of Zarr that are opened in here read Blosc in this way."""
    numcodecs.register_codec(Checked, "blosc")
    try:
        with zarr.config.set({"codecs.blosc": f"{CheckedCodec.__module__}.{CheckedCodec.__qualname__}"}):
            yield
    finally:
        numcodecs.register_codec(numcodecs.Blosc, "blosc")


__all__ = ["checked"]
