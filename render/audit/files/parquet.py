"""Tables in `.parquet`, where pyarrow is installed: an array is some of the columns, or one of lists."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.addresses import Address, opened
from render.audit.files.arrays import Column, Streams, naming, short
from render.audit.files.remote import Unreachable
from render.audit.files.tables import LINES, few, selected


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
        import pyarrow.types as types

        chosen = selected(self.path, self.names, key)
        if not chosen:
            return None
        kinds = [self.kinds[self.names.index(name)] for name in chosen]
        lists = [types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) for kind in kinds]
        dtype = np.result_type(*map(_dtype, kinds, lists))
        flat = role in ("labels", "step") and len(chosen) == 1 and not any(lists)

        def blocks(group: int = 0) -> Generator[np.ndarray]:
            for batch in self.batches(chosen, group):
                parts = list(map(self._rows, chosen, batch.columns, lists))
                yield parts[0][:, 0] if flat else np.concatenate(parts, axis=1)

        def width(start: int, stop: int) -> np.ndarray:
            with closing(blocks()) as found:
                return next(found)[start:stop]

        name = key if len(chosen) > 1 else chosen[0]
        readable = self.count and dtype.kind in "biuf"
        told = [kind.list_size if types.is_fixed_size_list(kind) else 0 for kind in kinds if any(lists)]
        if told and all(told) and isinstance(self.path, Address):  # a group would be fetched once more for it
            columns = sum(told)
        else:
            columns = naming(self.path, name, width)(0, 1).shape[1] if any(lists) and readable else len(chosen)
        shape = (self.count,) if flat else (self.count, columns)
        reader = naming(self.path, name, Streams(self.count, self.places, blocks))
        return Column(name, shape, dtype, reader, places=self.places)

    def batches(self, columns: list[str], first: int) -> Iterator[Any]:
        """Some of the columns from a group of rows on, LINES rows at a time."""
        import pyarrow.parquet

        far = isinstance(self.path, Address)  # a group is asked for at once then, and no more of them
        groups = range(first, len(self.places))
        with pyarrow.parquet.ParquetFile(opened(self.path), pre_buffer=far, page_checksum_verification=True) as file:
            for some in ([group] for group in groups) if far else (groups,):
                yield from file.iter_batches(LINES, some, columns)

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
        return few([f"{name} {kind}" for name, kind in zip(self.names, self.kinds, strict=True)])


def _dtype(kind: Any, is_list: bool) -> np.dtype:
    import pyarrow
    import pyarrow.types as types

    value = kind.value_type if is_list or types.is_dictionary(kind) else kind
    if types.is_integer(value) or types.is_floating(value) or types.is_boolean(value):
        return pyarrow.array([], value).to_numpy(zero_copy_only=False).dtype  # of the kind itself only pandas may know
    return np.dtype(str if types.is_string(value) or types.is_large_string(value) else object)


def open_parquet(path: Path) -> Parquet:
    """A `.parquet` file. Raises ValueError if it is damaged, ImportError where pyarrow is not installed."""
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(opened(path)) as file:
            schema, metadata = file.schema_arrow, file.metadata
            groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
            if metadata.num_rows != (there := sum(group.num_rows for group in groups)):
                raise ValueError(f"it promises {metadata.num_rows} rows, and its groups have {there}")
            for place in range(metadata.num_columns if groups else 0):  # a name is in each group, too
                name, own = metadata.schema.column(place).path, groups[0].column(place).path_in_schema
                if name != own:
                    raise ValueError(f"a column is called {name}, and in its group {own}")
            places = tuple(accumulate((group.num_rows for group in groups[:-1]), initial=0))
            return Parquet(path, tuple(schema.names), tuple(schema.types), metadata.num_rows, places)
    except Unreachable:
        raise
    except Exception as error:  # of damaged metadata pyarrow raises anything
        raise ValueError(f"{path}: is damaged or no parquet file ({short(error)}): copy or write it again") from error


__all__ = ["Parquet", "open_parquet"]
