"""Rows that equal another one: told by keys of a pass, and checked in full where keys meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.audit.files.snapshots import Snapshot
from render.audit.sums.chunks import unit_rows
from render.audit.sums.rows import Rows

CHECKED_ROWS = 20_000  # whose keys meet, and that are compared in full; the share that passes is that of the rest


@dataclass(frozen=True)
class Duplicates:
    """How many rows equal another, those that are zero apart.

    count: exact where `exact`, else an estimate from an even share of the different rows. across: how many of them
    equal a row of another class, or all where there are no labels. example: two rows that are equal, if any.
    """

    count: float = 0.0
    across: float = 0.0
    exact: bool = True
    example: tuple[int, int] | None = None


def duplicates(snapshot: Snapshot, rows: Rows, normalize: bool = False) -> Duplicates:
    """The rows of a snapshot that equal another, from what a pass has kept of them."""
    exact = rows.kept >= 1
    keys, places, classes = (np.concatenate([np.zeros(0, np.uint64), *part]) for part in (rows.keys, *_others(rows)))
    ascending = np.sort(keys)
    if not (ascending[1:] == ascending[:-1]).any():
        return Duplicates(exact=exact)
    order = np.lexsort((places, keys))
    keys, places, classes = keys[order], places[order].astype(np.int64), classes[order].astype(np.int64)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    group = np.repeat(np.arange(len(starts)), sizes)
    meet = sizes[group] > 1
    share, example = _checked(snapshot, places[meet], group[meet], normalize)
    low, high = np.minimum.reduceat(classes, starts), np.maximum.reduceat(classes, starts)
    mixed = (low != high)[group] & meet if snapshot.labels else meet
    scale = share if exact else share * (rows.count - rows.zero) / len(keys)
    return Duplicates(float(meet.sum() * scale), float(mixed.sum() * scale), exact, example)


def _others(rows: Rows) -> tuple[list[np.ndarray], list[np.ndarray]]:
    return [part.astype(np.uint64) for part in rows.rows], [part.astype(np.uint64) for part in rows.classes]


def _checked(
    snapshot: Snapshot, places: np.ndarray, group: np.ndarray, normalize: bool
) -> tuple[float, tuple[int, int] | None]:
    """Share of rows whose keys meet that equal another one in full, and two of them that do."""
    if len(places) > CHECKED_ROWS:
        stop = int(np.searchsorted(group, group[CHECKED_ROWS]))
        places, group = places[: max(stop, 2)], group[: max(stop, 2)]
    order = np.argsort(places)
    first: dict[int, tuple[int, np.ndarray]] = {}
    equal: set[int] = set()
    example: tuple[int, int] | None = None
    for row, where in _read(snapshot, places[order], normalize):
        number = int(group[order[where]])
        if number not in first:
            first[number] = (int(places[order[where]]), row)
        elif np.array_equal(first[number][1], row):
            equal |= {where, -1 - number}  # the row, and the first of its group
            example = example or (first[number][0], int(places[order[where]]))
    return len(equal) / len(places), example


def _read(snapshot: Snapshot, places: np.ndarray, normalize: bool):  # type: ignore[no-untyped-def]
    """Rows in ascending order, each with its position among them; those that follow each other in one read."""
    breaks = np.flatnonzero(np.diff(places) > 8) + 1
    for part in np.split(np.arange(len(places)), breaks):
        for some in np.array_split(part, -(-len(part) // 2048)):
            start, stop = int(places[some[0]]), int(places[some[-1]]) + 1
            block = snapshot.features.read(start, stop)
            block = unit_rows(block) if normalize else block
            for where in some:
                yield block[int(places[where]) - start].copy(), int(where)


__all__ = ["Duplicates", "duplicates"]
