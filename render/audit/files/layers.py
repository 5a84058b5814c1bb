"""Layers of a snapshot: its arrays called layer/NAME, in the order of depth, and which of them are asked for."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from render.audit.files.arrays import Arrays, Column, Source

if TYPE_CHECKING:
    from render.audit.files.snapshots import Snapshot

PREFIX = "layer/"
KEEPS_ORDER = (".npz",)  # formats whose arrays are in the order in which they were saved


def name_of(column: Column) -> str:
    """The name of a layer, as it was given to the recorder."""
    return column.name.removeprefix(PREFIX)


def layers_of(path: Path, source: Source, patterns: Sequence[str] = ()) -> dict[str, Column]:
    """The layers of a file by name, the first first: all, or those that patterns name, in the order of the patterns.

    Where a format sorts its arrays, names are sorted with their numbers as numbers: h2 before h10. A pattern, as in a
    shell, is of layers' names or, where none fits, of any array's. Raises ValueError, with what is there, for a pattern
    that fits none.
    """
    arrays = source.columns if isinstance(source, Arrays) else {}
    every = {name_of(column): column for name, column in arrays.items() if name.startswith(PREFIX)}
    if path.suffix.lower() not in KEEPS_ORDER:
        every = dict(sorted(every.items(), key=lambda item: _natural(item[0])))
    if not patterns:
        return every
    chosen: dict[str, Column] = {}
    for pattern in patterns:
        found = _fitting(every, pattern) or _fitting(arrays, pattern)
        if not found:
            there = ", ".join(f"{name} {column.shape}" for name, column in every.items())
            listed = "; ".join(source.listed()) or "no array"
            what = f"it has: {there}" if every else f"it has no array called {PREFIX}NAME, only: {listed}"
            raise ValueError(f"{path}: has no layer called {pattern}, {what}")
        chosen |= {name: column for name, column in found.items() if name not in chosen}
    return chosen


def _fitting(columns: Mapping[str, Column], pattern: str) -> dict[str, Column]:
    if pattern in columns:  # a name may have brackets
        return {pattern: columns[pattern]}
    return {name: column for name, column in columns.items() if fnmatch.fnmatchcase(name, pattern)}


def _natural(name: str) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part]


def alike(series: Sequence[Snapshot], unread: list[str]) -> list[Snapshot]:
    """The snapshots with the layers that most of them have, and with the same layer for features.

    What a step has beside them, or in another shape, is left out there, and said; a step without the layer that is the
    features is unread.
    """
    forms: Counter[tuple] = Counter(tuple((column.name, column.shape) for column in one.layers) for one in series)
    if not any(forms):
        return list(series)
    usual = dict(max(forms.items(), key=lambda found: (found[1] * bool(found[0]), len(found[0])))[0])
    names = ", ".join(name.removeprefix(PREFIX) for name in usual)
    features = Counter(one.features.name for one in series if one.layers).most_common(1)[0][0]
    found = []
    for one in series:
        there = {column.name: column for column in one.layers or (one.features,)}
        kept = tuple(there[name] for name, shape in usual.items() if name in there and there[name].shape == shape)
        if one.features.name != features and features not in {column.name for column in kept}:
            here = ", ".join(map(name_of, one.layers)) or one.features.name
            unread.append(
                f"{one.path}: has {here}, and most others {names}: {features.removeprefix(PREFIX)} is audited, and it "
                f"is missing"
            )
            continue
        if one.features.name != features:
            one = replace(one, features=there[features], keys=replace(one.keys, features=features))
        others = [f"{name_of(column)} {column.shape}" for column in one.layers if column not in kept]
        missing = [name.removeprefix(PREFIX) for name in usual if name not in there]
        if others or missing:
            said = [f"has {', '.join(others)}"] * bool(others) + [f"lacks {', '.join(missing)}"] * bool(missing)
            sentence = f"layers: this step {' and '.join(said)}, most have {names}; the report is of those in common"
            one = replace(one, layers=kept, left_out=(*one.left_out, sentence))
        found.append(one)
    return found


__all__ = ["PREFIX", "alike", "layers_of", "name_of"]
