"""Tables, where an array is some of the columns: `.csv`, `.tsv`, and `.parquet` where pyarrow is installed.

A key names columns: by their names, by patterns as in a shell (`z*`), by positions (`0:16`), by the name before their
numbers (`z` for z0, z1, ...), or several of these by comma.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Column, Stream, Streams, naming

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


def _selected(path: Path, names: Sequence[str], key: str) -> list[str]:
    chosen = select(names, key)
    twice = next((name for name in chosen if chosen.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{path}: {key}: several columns are called {twice!r}: give each a name of its own")
    return chosen


def _few(names: Sequence[str]) -> list[str]:
    more = [f"and {len(names) - LISTED} columns more"] if len(names) > LISTED else []
    return [*names[:LISTED], *more]


@dataclass
class Text:
    """Numbers in lines. Without a line of names all columns are the features, called 0, 1, ... by their positions.

    The features are to be found first: where they are all columns, no column is left for another role.
    """

    path: Path
    delimiter: str
    names: tuple[str, ...]
    titled: bool
    count: int
    all_features: bool = False

    def find(self, key: str, role: str) -> Column | None:
        chosen = _selected(self.path, self.names, key)
        if not chosen and not self.titled and key == role == "features":
            chosen, self.all_features = list(self.names), True
        elif chosen and self.all_features:
            raise ValueError(
                f"{self.path}: has no line of names, so that all columns are the features, the {role} {key} too: say "
                f"which are the features, as in --features 0:{max(len(self.names) - 1, 1)}"
            )
        if not chosen:
            return None
        places = [self.names.index(name) for name in chosen]
        flat = role in ("labels", "step") and len(chosen) == 1
        # whether a label is an integer is for its text to say; a feature may be "1" in one line and "0.5" in the next
        first = self._first(places[0]) if flat else ""
        text = flat and not _is_number(first)
        dtype = np.dtype(str if text else np.int64 if re.fullmatch(r"[+-]?\d+", first) else np.float64)
        shape = (self.count,) if flat else (self.count, len(chosen))

        def blocks() -> Generator[np.ndarray]:
            done = 0
            for lines in self._lines():
                try:
                    block = np.loadtxt(lines, dtype, None, self.delimiter, usecols=places, ndmin=2)
                except ValueError as error:
                    where = f"in the {len(lines)} rows from row {done} on"
                    raise ValueError(f"{self.path}: {key}: {error} {where}; correct or remove that row") from error
                done += len(lines)
                yield block[:, 0] if flat else block

        name = key if len(chosen) > 1 else chosen[0]
        return Column(name, shape, dtype, naming(self.path, name, Stream(self.count, blocks)))

    def listed(self) -> list[str]:
        return _few(self.names)

    def _lines(self, at_once: int = LINES) -> Iterator[list[str]]:
        with self.path.open(encoding="utf-8-sig") as file:
            lines = (line for line in file if line.strip())
            if self.titled:
                next(lines)
            while some := list(islice(lines, at_once)):
                yield some

    def _first(self, place: int) -> str:
        cells = next(self._lines(1))[0].split(self.delimiter)
        return cells[place].strip() if place < len(cells) else ""


def open_text(path: Path) -> Text:
    """A `.csv` or `.tsv` file; its lines are counted, and parsed when they are read. Raises ValueError without any."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
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
    """Columns of a `.parquet` file: several of numbers, or one of lists that are equally long.

    places: the first row of each group of rows, from which reading can begin.
    """

    path: Path
    names: tuple[str, ...]
    kinds: tuple[Any, ...]
    count: int
    places: tuple[int, ...]

    def find(self, key: str, role: str) -> Column | None:
        import pyarrow.parquet
        import pyarrow.types as types

        chosen = _selected(self.path, self.names, key)
        if not chosen:
            return None
        kinds = [self.kinds[self.names.index(name)] for name in chosen]
        lists = [types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) for kind in kinds]
        dtype = np.result_type(*map(_dtype, kinds, lists))
        flat = role in ("labels", "step") and len(chosen) == 1 and not any(lists)

        def blocks(group: int = 0) -> Generator[np.ndarray]:
            with pyarrow.parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(LINES, range(group, len(self.places)), chosen):
                    parts = list(map(self._rows, chosen, batch.columns, lists))
                    yield parts[0][:, 0] if flat else np.concatenate(parts, axis=1)

        def width(start: int, stop: int) -> np.ndarray:
            with closing(blocks()) as found:
                return next(found)[start:stop]

        name = key if len(chosen) > 1 else chosen[0]
        readable = self.count and dtype.kind in "biuf"
        columns = naming(self.path, name, width)(0, 1).shape[1] if any(lists) and readable else len(chosen)
        shape = (self.count,) if flat else (self.count, columns)
        reader = naming(self.path, name, Streams(self.count, self.places, blocks))
        return Column(name, shape, dtype, reader, places=self.places)

    def _rows(self, name: str, array: Any, is_list: bool) -> np.ndarray:
        import pyarrow.types as types

        if types.is_dictionary(array.type):
            array = array.dictionary_decode()
        values = array.flatten() if is_list else array
        # a null is a NaN where there can be one
        if (is_list and array.null_count) or (values.null_count and not types.is_floating(values.type)):
            raise ValueError(f"{self.path}: {name} has nulls: fill or drop them")
        lengths = set(array.value_lengths().to_pylist()) if is_list else {1}
        if len(lengths) > 1:
            raise ValueError(f"{self.path}: the lists of {name} differ in length: make them all of one length")
        return values.to_numpy(zero_copy_only=False).reshape(len(array), *lengths)

    def listed(self) -> list[str]:
        return _few([f"{name} {kind}" for name, kind in zip(self.names, self.kinds, strict=True)])


def _dtype(kind: Any, is_list: bool) -> np.dtype:
    import pyarrow.types as types

    value = kind.value_type if is_list or types.is_dictionary(kind) else kind
    if types.is_integer(value) or types.is_floating(value) or types.is_boolean(value):
        return np.dtype(value.to_pandas_dtype())
    return np.dtype(str if types.is_string(value) or types.is_large_string(value) else object)


def open_parquet(path: Path) -> Parquet:
    """A `.parquet` file. Raises ValueError if it is damaged, ImportError where pyarrow is not installed."""
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            groups = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
            places = tuple(accumulate(groups[:-1], initial=0))
            return Parquet(path, tuple(schema.names), tuple(schema.types), file.metadata.num_rows, places)
    except Exception as error:  # of damaged metadata pyarrow raises anything
        why = str(error).split("\n")[0]
        raise ValueError(f"{path}: is damaged or no parquet file ({why}): copy or write it again") from error


__all__ = ["Parquet", "Text", "open_parquet", "open_text", "select"]
