"""Views of the points of a snapshot beside each other: from an array of other views, or from pairs of rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from render.audit.files.arrays import Column, Lack

ROLES = ("views", "pairs")  # of arrays that say what other views of a point are
NEAR_ROWS = 8  # rows that are read together with those between them, rather than one by one


@dataclass(frozen=True)
class Partners:
    """Points that there are several views of: `read(start, stop)` gives some of them as (views, points, dim).

    others: an array of the other views, (points, dim) or (views - 1, points, dim); or pairs (points, 2) of row numbers,
    which `in_pairs` says.
    """

    features: Column
    others: Column
    in_pairs: bool = False

    @property
    def points(self) -> int:
        return self.others.shape[0] if self.in_pairs else self.features.shape[0]

    @property
    def views(self) -> int:
        return 2 if self.in_pairs or len(self.others.shape) == 2 else 1 + self.others.shape[0]

    def read(self, start: int, stop: int) -> np.ndarray:
        """Views of the points start to stop - 1. Raises ValueError for pairs of rows that are not there."""
        if self.in_pairs:
            pairs = self.others.read(start, stop)
            return np.stack([_rows(self.features, pairs[:, view]) for view in range(2)])
        if len(self.others.shape) == 2:
            return np.stack([self.features.read(start, stop), self.others.read(start, stop)])
        others = self._whole[:, start:stop] if self.others.across is None else self.others.across(start, stop)
        return np.stack([self.features.read(start, stop), *others])

    def rows(self, places: np.ndarray) -> np.ndarray:
        """Rows of the features that the first views of some points are."""
        return self.others.read(0, self.points)[places, 0] if self.in_pairs else places

    @cached_property
    def _whole(self) -> np.ndarray:
        """Several other views, of a file that gives them only one after another: all of them."""
        return self.others.read(0, self.others.shape[0])


def by_chance(role: str, key: str | None, column: Column) -> bool:
    """Whether an array only has the name of other views, as a count of page views has."""
    return role in ROLES and key is None and (len(column.shape) < 2 or column.shape[-1] == 1)


def partners_of(columns: dict[str, Column], left_out: list[str], said: list[Lack | None]) -> Partners | None:
    """Other views of the points, taken from the columns; what cannot be them is `left_out`, with a sentence.

    `said` gets what counts in the place of rows that are not there. Raises ValueError where nothing can.
    """
    features, found = columns["features"], None
    for role in ROLES:
        others = columns.pop(role, None)
        if others is None:
            continue
        said.append(others.lacking(role))
        wrong = _fault(features, others, role == "pairs")
        if not wrong and found is not None:
            wrong = f"{others.name} would say again what other views are: name one"
        if wrong:
            left_out.append(f"{wrong}; the report is without {role}")
        else:
            found = Partners(features, others, role == "pairs")
    return found


def _fault(features: Column, others: Column, in_pairs: bool) -> str:
    """What is wrong with other views, or with pairs of rows, beside these features; empty if nothing is."""
    kind, shape = others.dtype.kind, others.shape
    if in_pairs:
        if kind not in "iu" or len(shape) != 2 or shape[1] != 2 or not shape[0]:
            return f"{others.name} is {shape} {others.dtype}: pairs are whole numbers of rows, (pairs, 2)"
        low, high = _range(others)
        if low < 0 or high >= features.shape[0]:
            return f"{others.name} has rows {low} to {high}, and {features.name} rows 0 to {features.shape[0] - 1}"
        return ""
    if kind not in "biuf" and others.dtype.name != "bfloat16":
        return f"{others.name} is {others.dtype}: save views as numbers"
    if shape != features.shape and (len(shape) != 3 or shape[1:] != features.shape or not shape[0]):
        return (
            f"{others.name} has shape {shape}, and {features.name} {features.shape}: views are of that shape, or "
            f"several of them, (views, points, columns)"
        )
    return ""


def _range(pairs: Column) -> tuple[int, int]:
    found = pairs.read(0, pairs.shape[0])
    return int(found.min()), int(found.max())


def _rows(column: Column, places: np.ndarray) -> np.ndarray:
    """Rows of any numbers, in their order; those that lie near each other in one read."""
    wanted, back = np.unique(places, return_inverse=True)
    parts = []
    for near in np.split(wanted, np.flatnonzero(np.diff(wanted) > NEAR_ROWS) + 1):
        parts.append(column.read(int(near[0]), int(near[-1]) + 1)[near - near[0]])
    return np.concatenate(parts)[back]


__all__ = ["ROLES", "Partners", "by_chance", "partners_of"]
