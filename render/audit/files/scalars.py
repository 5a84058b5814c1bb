"""Scalars of a step, such as its loss: arrays called scalar/NAME that hold one number."""

from __future__ import annotations

from render.audit.files.arrays import Arrays, Column, Source
from render.audit.files.layers import PREFIX as LAYER

PREFIX = "scalar/"
VIEWS = "views"


def scalars_of(source: Source) -> dict[str, float]:
    """The scalars of a file by name, in the order in which they were saved; what is no single number is none."""
    if not isinstance(source, Arrays):
        return {}
    return {
        name.removeprefix(PREFIX): float(column.read(0, 1).reshape(-1)[0])
        for name, column in source.columns.items()
        if name.startswith(PREFIX) and _is_number(column)
    }


def _is_number(column: Column) -> bool:
    return column.shape in ((), (1,)) and column.dtype.kind in "biuf"


def is_recorded(name: str) -> bool:
    """Whether an array is one that a recorder saves besides those with a role."""
    return name.startswith((PREFIX, LAYER))


__all__ = ["PREFIX", "VIEWS", "is_recorded", "scalars_of"]
