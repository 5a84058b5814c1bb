"""Evidence of a headline: for each kind the groups of marks that show it, the hero first."""

from __future__ import annotations

from collections.abc import Callable

from render.audit.picture.album import Album
from render.audit.picture.classes import classes, merged
from render.audit.picture.rows import cone, faults, partners, spectrum
from render.audit.picture.shown import Evidence
from render.target import Arrays


def evidence(kind: str, album: Album, arrays: Arrays, moving: bool) -> Evidence:
    """The evidence of a kind of headline, over arrays of the album; `moving` over steps, else of a single report."""
    return _OF_KIND[kind](album, arrays, moving)


def _of_labels(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    """As `_classes`, where there are classes with numbers; else what a table shows."""
    known = len(album.classes) > 1 and (not moving or "value/within_between_ratio" in arrays)
    return classes(album, arrays, moving) if known else spectrum(album, arrays, moving)


def _of_pairs(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    return merged(album, arrays, moving) if len(album.merged) == 2 else _of_labels(album, arrays, moving)


_OF_KIND: dict[str, Callable[[Album, Arrays, bool], Evidence]] = {
    "zero_rows": faults,
    "duplicates": faults,
    "cone": cone,
    "few_directions": spectrum,
    "unmatched_views": partners,
    "merged_classes": _of_pairs,
    "collapsed": _of_labels,
    "collapsing": _of_labels,
    "no_class_structure": _of_labels,
    "dead_units": faults,
    "separate_classes": _of_labels,
    "overlapping_classes": _of_pairs,
    "healthy": partners,
}

__all__ = ["evidence"]
