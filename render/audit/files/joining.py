"""Shards as one source: its arrays have the rows of all of them, one file after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Arrays, Column, Lack, Source
from render.audit.files.names import Named, name_of
from render.audit.files.shards import said_of

OF_ALL = ("weights", "pairs", "step")  # roles whose arrays have no row a point
NAMED = 3  # columns that a message names


@dataclass(frozen=True)
class Shards:
    """Shards of a table as one source, a file each; `said`: what they are, in a sentence."""

    path: Path
    parts: Sequence[tuple[Path, Source]]

    @property
    def said(self) -> str:
        return said_of([file for file, _ in self.parts])

    def find(self, key: str, role: str) -> Column | None:
        found = [(file, source.find(key, role)) for file, source in self.parts]
        there = [(file, column) for file, column in found if column is not None]
        if not there:
            return None
        if len(there) < len(found):
            lacking = next(file for file, column in found if column is None)
            raise ValueError(f"{lacking}: has no {key}, and {there[0][0].name} has: shards have the same columns")
        return joined_column(self.path, there, role)

    def listed(self) -> list[str]:
        return self.parts[0][1].listed()


@dataclass(frozen=True)
class ShardedArrays(Named):
    """The same of files of named arrays. `columns` has those that have rows in every file, as one array each."""

    path: Path = Path()
    parts: Sequence[tuple[Path, Arrays]] = ()

    @property
    def said(self) -> str:
        return said_of([file for file, _ in self.parts])

    def find(self, key: str, role: str) -> Column | None:
        column = super().find(key, role)
        if column is not None and role not in OF_ALL and not (role == "views" and len(column.shape) == 3):
            return column
        name = next(iter(self.columns), "") if self.alone and key == role == "features" else key
        found = [(file, source.find(key, role)) for file, source in self.parts]
        there = [(file, column) for file, column in found if column is not None]
        return _called(joined_column(self.path, there, role), name) if there else None


def _called(column: Column, name: str) -> Column:
    return column if name in ("", column.name) else replace(column, name=name)


def joined(path: Path, parts: list[tuple[Path, Source]]) -> Source:
    """Files, in the order of their rows, as one. Raises ValueError, by name, for one that has other columns."""
    first, like = parts[0]
    for file, source in parts[1:]:
        _require_same_names(file, _names(source), first, _names(like))
    of_arrays = [(file, source) for file, source in parts if isinstance(source, Arrays)]
    if len(of_arrays) < len(parts):
        return Shards(path, parts)
    alone = all(source.alone for _, source in of_arrays)
    columns = {}
    for name in of_arrays[0][1].columns:
        own = [(file, next(iter(one.columns.values())) if alone else one.columns[name]) for file, one in of_arrays]
        try:
            column = joined_column(path, own, "")
        except ValueError:  # whoever asks for it is told
            continue
        title = name_of(path) if alone else name
        columns[title] = _called(column, title)
    return ShardedArrays(columns, alone, path, of_arrays)


def _names(source: Source) -> list[str] | None:
    if isinstance(source, Arrays):
        return None if source.alone else sorted(source.columns)
    found: Any = getattr(getattr(source, "source", source), "names", None)
    return None if found is None else [*found]


def _require_same_names(file: Path, names: list[str] | None, first: Path, others: list[str] | None) -> None:
    if names == others or names is None or others is None:
        return
    lacks = [name for name in others if name not in names]
    more = [name for name in names if name not in others]
    what = [f"lacks {_few(lacks)}"] if lacks else []
    what += [f"has {_few(more)}"] if more else []
    raise ValueError(
        f"{file}: {' and '.join(what) or 'has its columns in another order'}, unlike {first.name}: shards of one table "
        f"have the same columns"
    )


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def joined_column(path: Path, parts: Sequence[tuple[Path, Column]], role: str) -> Column:
    """An array whose rows are those of each part, one after another; of weights and single numbers that of the first.

    Raises ValueError, by name, for a part of another form or dtype, or of other weights; and for pairs of rows, which
    may be of a shard or of all of them.
    """
    first, like = parts[0]
    if role == "pairs":
        raise ValueError(f"{path}: {like.name}: pairs are not read from shards: name a .npy file, of rows of the table")
    if role == "views" and len(like.shape) == 3:
        raise ValueError(f"{path}: {like.name} is {like.shape}: views in shards are a row a point")
    if role == "weights" or not like.shape:
        return _only(parts)
    filled = [(file, column) for file, column in parts if column.shape[:1] != (0,)] or [*parts[:1]]
    first, like = filled[0]
    for file, column in filled:
        if not column.shape or column.shape[1:] != like.shape[1:]:
            raise ValueError(
                f"{file}: {column.name} has shape {column.shape}, and {like.shape} in {first.name}: shards differ in "
                f"their number of rows alone"
            )
        if column.dtype != like.dtype and not column.dtype.kind == like.dtype.kind == "U":
            raise ValueError(
                f"{file}: {column.name} is {column.dtype}, and {like.dtype} in {first.name}: write all shards with the "
                f"same types"
            )
    columns = [column for _, column in filled]
    starts = np.cumsum([0, *(column.shape[0] for column in columns)])

    def read(start: int, stop: int) -> np.ndarray:
        place, found = int(np.searchsorted(starts, start, "right")) - 1, []
        while start < stop and place < len(columns):
            last = min(stop, int(starts[place + 1]))
            found.append(columns[place].read(start - int(starts[place]), last - int(starts[place])))
            start, place = last, place + 1
        return found[0] if len(found) == 1 else np.concatenate(found) if found else columns[0].read(0, 0)

    forwards = next((column for column in columns if column.forwards), None)
    if forwards is not None:
        read.__wrapped__ = getattr(forwards.read, "__wrapped__", forwards.read)  # type: ignore[attr-defined]
    places = [int(start) + place for start, one in zip(starts, columns, strict=False) for place in one.places]

    def lacking(as_role: str) -> Lack | None:
        lacks = [(file, lack) for file, column in filled if (lack := column.lacking(as_role)) is not None]
        if not lacks:
            return None
        file, lack = lacks[0]
        more = f" (and so in {len(lacks) - 1} more files)" if len(lacks) > 1 else ""
        return Lack(f"{file.name}: {lack.sentence}{more}", all(one.meant for _, one in lacks))

    def verify() -> None:
        for column in columns:
            column.verify()

    return Column(
        like.name,
        (int(starts[-1]), *like.shape[1:]),
        np.result_type(*(column.dtype for column in columns)) if like.dtype.kind == "U" else like.dtype,
        read,
        max(column.block for column in columns),
        all(column.fresh for column in columns),
        places=tuple(places),
        lacking=lacking,
        verify=verify,
    )


def _only(parts: Sequence[tuple[Path, Column]]) -> Column:
    """The array that all parts have. Raises ValueError for one in which it is another."""
    (first, like), *others = parts

    def whole(column: Column) -> np.ndarray:
        return column.read(0, column.shape[0] if column.shape else 1)

    for file, column in others:
        if column.shape != like.shape or not np.array_equal(whole(column), whole(like)):
            raise ValueError(f"{file}: {column.name} is another than in {first.name}: all shards have the same")
    return like


__all__ = ["ShardedArrays", "Shards", "joined"]
