"""The comparison of two reports on the same rows: likeness, differences of all numbers, and the classes that moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from render.audit.against import kinds
from render.audit.against.likeness import CHANGE, NAMES, Laid, lay
from render.audit.headline import Headline, plain
from render.audit.numbers import NUMBERS
from render.audit.report import Report
from render.metrics.similarity import FEWEST

TOLD_MOVES = 5  # classes that are told in text


class Difference(NamedTuple):
    """A number of both reports, before and after."""

    name: str
    before: float
    after: float

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Comparison:
    """Two states of the same rows: their reports, how one lies on the other, and what is different.

    points: rows of the sample that are finite in both, of which `laid` is. moved: how far the mean of each class moved,
    by its name, the farthest first, in standard deviations of all rows, after the turn.
    """

    before: Report
    after: Report
    rows: np.ndarray
    laid: Laid
    differences: tuple[Difference, ...]
    moved: tuple[tuple[str, float], ...]

    @property
    def points(self) -> int:
        return len(self.rows)

    @property
    def headline(self) -> Headline:
        """What has happened, in a sentence."""
        return kinds.headline(self)

    @property
    def values(self) -> dict[str, float]:
        """Numbers that conditions may be about: of the likeness, and the change of every other, as `NAME_change`."""
        return self.laid.values | {f"{one.name}{CHANGE}": one.change for one in self.differences}

    @property
    def lacking(self) -> list[str]:
        """What keeps the report on the state before from being whole, a sentence each."""
        return [f"{self.before.snapshot.path}: {sentence}" for sentence in self.before.partial]

    def of(self, name: str) -> Difference | None:
        """A number before and after; None where one of the two lacks it."""
        return next((one for one in self.differences if one.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """The comparison as `json.dumps` takes it."""
        return {
            "path": str(self.before.snapshot.path),
            "step": self.before.snapshot.step,
            "headline": self.headline.as_json(),
            "points": self.points,
            "likeness": {
                name: {"value": plain(self.laid.values[name]), "unrelated": plain(self.laid.unrelated[name])}
                | ({"unrelated_deviation": self.laid.deviation} if name == "cka" else {})
                for name in NAMES
            },
            "scale": plain(self.laid.scale) if self.laid.scale == self.laid.scale else None,
            "differences": {
                one.name: {"before": plain(one.before), "after": plain(one.after), "change": plain(one.change)}
                for one in self.differences
            },
            "moved": [{"class": name, "distance": distance} for name, distance in self.moved],
            "before": self.before.headline().as_json(),
        }


def compare(after: Report, before: Report) -> Comparison:
    """The comparison of two reports whose rows are the same ones.

    Raises ValueError where too few rows of the sample are finite in both.
    """
    rows, mine, theirs = np.intersect1d(after.sample.rows, before.sample.rows, assume_unique=True, return_indices=True)
    if len(rows) < FEWEST:
        raise ValueError(
            f"{before.snapshot.path}: {len(rows)} rows of the sample are finite here and in {after.snapshot.path}: "
            f"{FEWEST} at least are compared"
        )
    laid = lay(before.sample.features[theirs], after.sample.features[mine])
    differences = tuple(
        Difference(number.name, before.values[number.name], after.values[number.name])
        for number in NUMBERS
        if number.name in before.values and number.name in after.values
    )
    return Comparison(before, after, rows, laid, differences, _moved(after, before, laid))


def _moved(after: Report, before: Report, laid: Laid) -> tuple[tuple[str, float], ...]:
    """Distances of class means after the turn, both states centred on the mean of their class means."""
    y, x = _means(after), _means(before)
    names = [name for name in y if name in x]
    if not names:
        return ()
    second, first = np.stack([y[name] for name in names]), np.stack([x[name] for name in names])
    # from lengths, for a turn onto fewer columns keeps none of what is beside them
    squares = (first**2).sum(axis=1) + (second**2).sum(axis=1) - 2 * np.sum(first @ laid.rotation * second, axis=1)
    distances = np.sqrt(np.maximum(squares, 0.0))
    order = np.argsort(-distances, kind="stable")
    return tuple((names[place], float(distances[place])) for place in order)


def _means(report: Report) -> dict[str, np.ndarray]:
    """Class means by name, in standard deviations of all rows."""
    deviation = float(np.sqrt(report.measured.eigenvalues.sum()))
    if not deviation:
        return {}
    numbers = report.measured.compared
    return {
        report.classes.name(int(number)): mean / deviation
        for number, mean in zip(numbers, report.measured.class_means, strict=False)
    }


__all__ = ["Comparison", "Difference", "compare"]
