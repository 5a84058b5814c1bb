"""Standard input as a snapshot: kept in a file for as long as it is audited, since it is read more than once."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "stdin"  # of the snapshot
STDIN = Path("-")  # what stands for it
HEAD_BYTES = 4096  # of which the format is told
BEGINNINGS = {b"\x93NUMPY": ".npy", b"PAR1": ".parquet", b"\x89HDF\r\n\x1a\n": ".h5"}


@contextmanager
def kept() -> Iterator[Path]:
    """The path of a file that holds standard input, removed when the block ends.

    Errors of the block name it stdin, with the suffix of its format. Raises ValueError for a terminal, for nothing, and
    for what is none of the formats that are one file.
    """
    stream = None if sys.stdin is None else sys.stdin.buffer
    if stream is None or stream.isatty():
        raise ValueError("-: standard input is a terminal, or closed: send a file into it, as in render audit - < FILE")
    head = stream.read(HEAD_BYTES)
    suffix = suffix_of(head)
    if suffix is None:
        what = "holds none of the formats that are one file" if head else "is empty"
        raise ValueError(f"-: standard input {what}: send a snapshot into it, or name its file")
    with tempfile.TemporaryDirectory(prefix="frame-potential-") as folder:
        path = Path(folder) / f"{NAME}{suffix}"
        with path.open("wb") as file:
            file.write(head)
            shutil.copyfileobj(stream, file)
        try:
            yield path
        except ValueError as error:
            raise ValueError(str(error).replace(f"{folder}/", "")) from error


def suffix_of(head: bytes) -> str | None:
    """The suffix of the format of a file that begins so; None for none of those that are one file."""
    for beginning, suffix in BEGINNINGS.items():
        if head.startswith(beginning):
            return suffix
    if head.startswith(b"PK\x03\x04"):
        return ".npz" if head[30:].partition(b".npy")[1] else ".pt"
    if head[8:9] == b"{" and head[4:8] == b"\0\0\0\0":  # the length of the header, in 8 bytes, and the header
        return ".safetensors"
    if not head.strip() or b"\0" in head:
        return None
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith(("{", "[")):
        return ".jsonl"
    return ".tsv" if "\t" in text.partition("\n")[0] else ".csv"


__all__ = ["STDIN", "kept", "suffix_of"]
