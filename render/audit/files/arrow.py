"""Tables in `.arrow`, in Arrow's stream or file format, as `datasets` keeps them; where pyarrow is installed.

A file is gone through once, from the head of one batch to that of the next, so that any of them can be read by itself;
it is never mapped, since a file that is cut while it is mapped ends the process.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

from render.audit.files.arrays import short
from render.audit.files.parquet import Parquet
from render.audit.files.tables import LINES

MAGIC = b"ARROW1\0\0"  # of the file format, before what is the stream format
CONTINUES = b"\xff\xff\xff\xff"
BATCH, DICTIONARY = 3, 2  # kinds of messages
LARGEST_HEAD = 2**28


@dataclass(frozen=True)
class Arrow(Parquet):
    """Columns of an `.arrow` file, as those of a `.parquet` file. lying: where each batch begins, and its bytes."""

    schema: Any
    lying: tuple[tuple[int, int], ...]

    def batches(self, columns: list[str], first: int) -> Iterator[Any]:
        """Some of the columns from a batch on, LINES rows at a time."""
        import pyarrow

        with self.path.open("rb") as file:
            for start, length in self.lying[first:]:
                file.seek(start)
                message = pyarrow.ipc.read_message(pyarrow.py_buffer(file.read(length)))
                batch = pyarrow.ipc.read_record_batch(message, self.schema).select(columns)
                batch.validate(full=True)
                for row in range(0, batch.num_rows, LINES):
                    yield batch.slice(row, LINES)


def open_arrow(path: Path) -> Arrow:
    """An `.arrow` file. Raises ValueError if it is damaged or has dictionaries, ImportError without pyarrow."""
    import pyarrow

    try:
        with path.open("rb") as file:
            heads = _messages(file, path.stat().st_size)
            start, length, _, _ = next(heads)
            file.seek(start)
            schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(file.read(length)))
            found = [*heads]
        if any(kind == DICTIONARY for _, _, kind, _ in found):
            raise ValueError("its columns have dictionaries: write it as parquet")
        batches = [(start, length, rows) for start, length, kind, rows in found if kind == BATCH and rows]
    except Exception as error:  # of damaged bytes pyarrow raises anything
        raise ValueError(f"{path}: is damaged or no arrow file ({short(error)}): copy or write it again") from error
    rows = [count for _, _, count in batches]
    places = tuple(accumulate(rows[:-1], initial=0))
    lying = tuple((start, length) for start, length, _ in batches)
    return Arrow(path, tuple(schema.names), tuple(schema.types), sum(rows), places, schema, lying)


def _messages(file: IO[bytes], size: int) -> Iterator[tuple[int, int, int, int]]:
    """Messages of a stream: where each begins, its bytes with its body, its kind, and its rows."""
    at = len(MAGIC) if file.read(len(MAGIC)) == MAGIC else 0
    while at + 8 <= size:
        file.seek(at)
        mark, length = file.read(4), int.from_bytes(file.read(4), "little")
        if mark != CONTINUES:
            raise ValueError(f"no message is at byte {at}")
        if not length:
            return
        if length > min(size - at, LARGEST_HEAD):
            raise ValueError("it ends too early")
        kind, rows, body = _head(file.read(length))
        if body < 0 or at + 8 + length + body > size:
            raise ValueError("it ends too early")
        yield at, 8 + length + body, kind, rows
        at += 8 + length + body
    if at < size:
        raise ValueError("it ends too early")


def _head(head: bytes) -> tuple[int, int, int]:
    """Kind, rows and bytes of the body of a message, from its metadata: a table of flatbuffers."""

    def place(table: int, entry: int) -> int:
        """Where an entry of a table is; 0 where it is not there."""
        described = table - struct.unpack_from("<i", head, table)[0]
        if 4 + 2 * entry >= struct.unpack_from("<H", head, described)[0]:
            return 0
        offset = struct.unpack_from("<H", head, described + 4 + 2 * entry)[0]
        return table + offset if offset else 0

    message = struct.unpack_from("<I", head)[0]
    kind_at, of_kind, body_at = place(message, 1), place(message, 2), place(message, 3)
    kind = head[kind_at] if kind_at else 0
    body = struct.unpack_from("<q", head, body_at)[0] if body_at else 0
    rows = 0
    if kind == BATCH:
        batch = of_kind + struct.unpack_from("<I", head, of_kind)[0]
        rows_at = place(batch, 0)
        rows = struct.unpack_from("<q", head, rows_at)[0] if rows_at else 0
    if rows < 0:
        raise ValueError(f"a batch has {rows} rows")
    return kind, rows, body


__all__ = ["Arrow", "open_arrow"]
