"""A series: the snapshots of a folder, in the order of their steps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from render.audit.files import layers as layered
from render.audit.files.addresses import Address, located
from render.audit.files.opening import FORMATS, OF_TRAINING
from render.audit.files.shards import are_steps, are_told, found_at, is_pattern
from render.audit.files.snapshots import Keys, Snapshot, files_beside, open_snapshot
from render.audit.files.steps import NUMBER, checked_step


@dataclass(frozen=True)
class Series:
    """Snapshots in the order of their steps, one or more; unread: why other files of the folder are not among them."""

    snapshots: tuple[Snapshot, ...]
    unread: tuple[str, ...] = ()


def open_series(path: Path, keys: Keys | None = None, layers: Sequence[str] = (), table: bool | None = None) -> Series:
    """The snapshots of a folder, or those that a pattern fits; of a file or a Zarr store that one; `layers` as in
    `open_snapshot`.

    `table`: whether the files are one table, as `open_snapshot` reads them; None: their names say so, as part-00000 and
    train-00000-of-00003 do, and a pattern does unless they name steps.

    Hidden files, those of other formats and those that a key names are passed over, and beside snapshots of other
    formats also `.pt` and `.jsonl`, which are a training's checkpoints and log then. Raises ValueError as
    `open_snapshot` does for a file, and for a folder of which none can be opened; and for a folder without snapshots.
    Unread are those that cannot be opened, files without a step among several, the second of a step, and those whose
    arrays have other shapes than most.
    """
    path = located(path)
    files = found_at(path, files_beside(keys or Keys()), FORMATS, OF_TRAINING)
    if files is not None and table is None:
        told = is_pattern(path) or isinstance(path, Address)
        table = are_told(files) or (told and not are_steps(files))
    if files is None or (table and files):
        return Series((open_snapshot(path, keys, layers=layers),))
    if not files:
        raise ValueError(f"{path}: has no snapshot in it: expected files that end in {', '.join(FORMATS)}")
    found, unread = [], []
    for file in files:
        try:
            found.append(open_snapshot(file, keys, layers=layers))
        except Exception as error:  # whatever is wrong with one file, the others are audited
            unread.append(said_of(file, error))
    if not found:
        raise ValueError(unread[0])
    if len(files) > 1:
        found = _in_order(_alike(layered.alike(found, unread), unread), unread)
        if not found:
            raise ValueError(unread[0])
    return Series(tuple(found), tuple(unread))


def said_of(path: Path, error: Exception) -> str:
    """What is wrong with a snapshot, in one line that names it, whatever was raised."""
    if isinstance(error, ValueError):
        return str(error)
    if isinstance(error, OSError):
        return f"{path}: {error.strerror or error}"
    return f"{path}: cannot be read ({type(error).__name__}: {error})"


def _in_order(series: Sequence[Snapshot], unread: list[str]) -> list[Snapshot]:
    by_step: dict[int, Snapshot] = {}
    for one in series:
        try:
            step = _only_number(one.path) if one.step is None else one.step
        except ValueError as error:
            unread.append(str(error))
            continue
        if step is None:
            unread.append(
                f"{one.path}: does not say its step: call it step-100{one.path.suffix}, or save an array step with it"
            )
        elif step in by_step:
            unread.append(f"{one.path}: is of step {step}, and so is {by_step[step].path.name}: remove one of the two")
        else:
            by_step[step] = replace(one, step=step)
    return [by_step[step] for step in sorted(by_step)]


def _only_number(path: Path) -> int | None:
    """The only number of a name that does not say "step"; None unless it is a whole one."""
    found = re.findall(NUMBER, path.stem.lower())
    alone = len(found) == 1 and found[0].isdigit() and "step" not in path.stem.lower()
    return checked_step(path, int(found[0])) if alone else None


def _alike(series: Sequence[Snapshot], unread: list[str]) -> list[Snapshot]:
    """The snapshots with the arrays and shapes that most of them have."""

    def form(one: Snapshot) -> tuple[tuple[str, tuple[int, ...]], ...]:
        return tuple((role, column.shape) for role, column in one.columns.items())

    (usual, _), *_ = Counter(map(form, series)).most_common(1)
    for one in series:
        if form(one) != usual:
            here, there = (", ".join(f"{role} {shape}" for role, shape in found) for found in (form(one), usual))
            unread.append(
                f"{one.path}: has {here}, and most others {there}: a series has the same points at every step; audit "
                f"it by itself"
            )
    return [one for one in series if form(one) == usual]


__all__ = ["Series", "open_series", "said_of"]
