"""Tables, where an array is some of the columns: `.csv`, `.tsv`, and `.parquet` where pyarrow is installed.

A key names columns: by their names, by patterns as in a shell (`z*`), by positions (`0:16`), by the name before their
numbers (`z` for z0, z1, ...), or several of these by comma.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.arrays import Column, Stream

LINES = 4096  # parsed at once
LISTED = 12  # columns that a message names


def select(names: Sequence[str], key: str) -> list[str]:
    """The columns that a key means, in the order of the table; none if a part of it fits none.

    A part is a name, positions "first:stop", a pattern, or what stands before numbers: "z" for z0, z_1 or z.2.
    """
    chosen: set[str] = set()
    for part in key.split(","):
        if part in names:
            found = {part}
        elif re.fullmatch(r"\d*:\d*", part):
            first, stop = (int(end) if end else None for end in part.split(":"))
            found = set(names[first:stop])
        else:
            numbered = re.compile(rf"{re.escape(part)}[_.-]?\d+")
            found = {name for name in names if fnmatch.fnmatchcase(name, part) or numbered.fullmatch(name)}
        if not found:
            return []
        chosen |= found
    return [name for name in names if name in chosen]


def _named(names: Sequence[str]) -> list[str]:
    more = [f"and {len(names) - LISTED} columns more"] if len(names) > LISTED else []
    return [*names[:LISTED], *more]


@dataclass(frozen=True)
class Text:
    """Numbers in lines. Without a line of names all columns are the features, called 0, 1, ... by their positions."""

    path: Path
    delimiter: str
    names: tuple[str, ...]
    titled: bool
    count: int

    def find(self, key: str, role: str) -> Column | None:
        chosen = select(self.names, key)
        if not chosen and not self.titled and key == role == "features":
            chosen = list(self.names)
        if not chosen:
            return None
        places = [self.names.index(name) for name in chosen]
        # whether a label is an integer is for its text to say; a feature may be "1" in one line and "0.5" in the next
        whole = role in ("labels", "step") and len(chosen) == 1 and self._is_whole(places[0])
        dtype = np.dtype(np.int64 if whole else np.float64)
        flat = role in ("labels", "step") and len(chosen) == 1
        shape = (self.count,) if flat else (self.count, len(chosen))

        def blocks() -> Iterator[np.ndarray]:
            done = 0
            for lines in self._lines():
                try:
                    block = np.loadtxt(lines, dtype, None, self.delimiter, usecols=places, ndmin=2)
                except ValueError as error:
                    where = f"in the {len(lines)} rows from row {done} on"
                    raise ValueError(f"{self.path}: {key}: {error} {where}; correct or remove that row") from error
                done += len(lines)
                yield block[:, 0] if flat else block

        return Column(key if len(chosen) > 1 else chosen[0], shape, dtype, Stream(blocks))

    def listed(self) -> list[str]:
        return _named(self.names)

    def _lines(self, at_once: int = LINES) -> Iterator[list[str]]:
        with self.path.open(encoding="utf-8-sig") as file:
            lines = (line for line in file if line.strip())
            if self.titled:
                next(lines)
            while some := list(islice(lines, at_once)):
                yield some

    def _is_whole(self, place: int) -> bool:
        first = next(self._lines(1))[0].rstrip("\r\n").split(self.delimiter)
        return place < len(first) and re.fullmatch(r"\s*[+-]?\d+\s*", first[place]) is not None


def open_text(path: Path) -> Text:
    """A `.csv` or `.tsv` file; its lines are counted, and parsed when they are read. Raises ValueError without any."""
    delimiter = "\t" if path.suffix == ".tsv" else ","
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = next((line for line in file if line.strip()), "")
            count = sum(1 for line in file if line.strip())
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is no text in UTF-8 ({error.reason}): save it as UTF-8") from error
    cells = [cell.strip().strip('"') for cell in first.rstrip("\r\n").split(delimiter)]
    titled = not all(_is_number(cell) for cell in cells)
    if count + (not titled) == 0 or not first:
        raise ValueError(f"{path}: has no rows of numbers; write one row a point")
    names = tuple(cells) if titled else tuple(map(str, range(len(cells))))
    return Text(path, delimiter, names, titled, count + (not titled))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Parquet:
    """Columns of a `.parquet` file: several of numbers, or one of lists that are equally long."""

    path: Path
    file: Any

    def find(self, key: str, role: str) -> Column | None:
        import pyarrow.types as types

        schema = self.file.schema_arrow
        chosen = select(schema.names, key)
        if not chosen:
            return None
        kinds = [schema.field(name).type for name in chosen]
        count = self.file.metadata.num_rows
        lists = [types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) for kind in kinds]
        values = [kind.value_type if is_list else kind for kind, is_list in zip(kinds, lists, strict=True)]
        dtypes = [np.dtype(value.to_pandas_dtype()) for value in values]
        dtype = np.result_type(*dtypes) if all(found.kind in "biuf" for found in dtypes) else np.dtype(object)
        flat = role in ("labels", "step") and len(chosen) == 1 and not any(lists)

        def blocks() -> Iterator[np.ndarray]:
            for batch in self.file.iter_batches(LINES, columns=chosen):
                parts = [self._rows(key, array, is_list) for array, is_list in zip(batch.columns, lists, strict=True)]
                yield parts[0][:, 0] if flat else np.concatenate(parts, axis=1)

        stream = Stream(blocks)
        width = len(chosen)
        if any(lists) and not dtype.hasobject:
            width = stream(0, 1).shape[1] if count else 0
        return Column(key if len(chosen) > 1 else chosen[0], (count,) if flat else (count, width), dtype, stream)

    def _rows(self, key: str, array: Any, is_list: bool) -> np.ndarray:
        if not is_list:
            return array.to_numpy(zero_copy_only=False)[:, None]
        values = array.flatten().to_numpy(zero_copy_only=False)
        if len(values) % len(array) or len(set(array.value_lengths().to_pylist())) > 1:
            raise ValueError(f"{self.path}: the lists of {key} differ in length: make them all of one length")
        return values.reshape(len(array), -1)

    def listed(self) -> list[str]:
        schema = self.file.schema_arrow
        return _named([f"{name} {schema.field(name).type}" for name in schema.names])


def open_parquet(path: Path) -> Parquet:
    """A `.parquet` file. Raises ValueError if it is damaged, ImportError where pyarrow is not installed."""
    import pyarrow
    import pyarrow.parquet

    try:
        return Parquet(path, pyarrow.parquet.ParquetFile(path))
    except pyarrow.ArrowInvalid as error:
        raise ValueError(f"{path}: is damaged or no parquet file ({error}): write it again") from error


__all__ = ["Parquet", "Text", "open_parquet", "open_text", "select"]
