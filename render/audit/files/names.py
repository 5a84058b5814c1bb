"""Names of arrays as they can be shown: whoever wrote a file chose them, and a terminal would obey some."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from render.audit.files.addresses import Address
from render.audit.files.arrays import Arrays, Column, Source
from render.audit.files.shards import SIGNS, is_pattern
from render.printable import file_name, printable


@dataclass(frozen=True)
class Named(Arrays):
    """Arrays under names that can be shown; a key may have them so, or as they are in the file."""

    def find(self, key: str, role: str) -> Column | None:
        return super().find(printable(key), role)


@dataclass(frozen=True)
class Shown:
    """A table, whose names are shown as they can be."""

    source: Source

    def find(self, key: str, role: str) -> Column | None:
        found = self.source.find(key, role)
        return None if found is None else _shown(found)

    def listed(self) -> list[str]:
        return [printable(said) for said in self.source.listed()]


def shown(path: Path, source: Source) -> Source:
    """A source, with names that can be shown. Raises ValueError for two arrays that would be shown as one."""
    if not isinstance(source, Arrays):
        return Shown(source)
    twice = [name for name, times in Counter(map(printable, source.columns)).items() if times > 1]
    if twice:
        raise ValueError(f"{path}: several arrays are called {twice[0]}, as it is shown: give each a name of its own")
    return Named({printable(name): _shown(column) for name, column in source.columns.items()}, source.alone)


def _shown(column: Column) -> Column:
    name = printable(column.name)
    return column if name == column.name else replace(column, name=name)


def name_of(path: Path) -> str:
    """Name of a snapshot or a folder, after which its pictures are called: without the suffix of a file."""
    if isinstance(path, Address):
        return file_name(path.stem)
    if is_pattern(path):
        return file_name(SIGNS.sub("", path.stem).strip("-_.") or path.absolute().parent.name)
    resolved = path.resolve()
    return file_name(resolved.name if resolved.is_dir() and resolved.suffix != ".zarr" else resolved.stem)


def title_of(path: Path) -> str:
    """The same as it can be shown."""
    return printable(name_of(path))


__all__ = ["name_of", "shown", "title_of"]
