"""Reports: every number of a snapshot with its goal by theory, a verdict and its meaning; as data, JSON or rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from render.audit import numbers
from render.audit.files.labels import BadLabels
from render.audit.files.snapshots import Snapshot, without_labels
from render.audit.measured import Measured, Widths, measure
from render.audit.number import Number
from render.audit.shortcomings import faulty, shortcomings
from render.audit.sums.one_pass import Passed, accumulate
from render.audit.sums.samples import Sample
from render.audit.theory import Goal, Setting

COLUMNS = ("number", "value", "theory", "verdict", "what it means")
TOLD_CLASSES = 100  # whose pairs are in the JSON, one by one


@dataclass(frozen=True)
class Finding:
    """One number of a report: its value, its goal by theory, and what that says.

    tolerance: how far from the goal counts as met; points: how many it was taken of; sampled: fewer than there are.
    """

    number: Number
    value: float
    goal: Goal | None
    verdict: str
    tolerance: float | None
    points: int
    sampled: bool

    @property
    def name(self) -> str:
        return self.number.name

    @property
    def meaning(self) -> str:
        return self.number.meaning

    @property
    def theory(self) -> float | None:
        """The value of the goal."""
        return None if self.goal is None else self.goal.value

    @property
    def formula(self) -> str:
        """The formula of the goal; empty where there is none."""
        return "" if self.goal is None else self.goal.formula

    def cells(self) -> list[str]:
        """The row of a table, as in `COLUMNS`."""
        theory = "" if self.theory is None else f"{self.theory:.4g}"
        if self.formula not in ("", theory):
            theory = f"{theory} = {self.formula}"
        said = f"{self.meaning} (of {self.points:,} points)" if self.sampled else self.meaning
        return [self.name, f"{self.value:.4g}", theory, self.verdict, said]


@dataclass(frozen=True)
class Report:
    """Report on one snapshot: its numbers, and all that a picture of it needs.

    numbers: those that there are, in the order of the table; partial: why some are missing, or of fewer points, a
    sentence each that begins with the array's name, empty for a whole report; measured: the arrays behind the numbers;
    sample: some of the points.
    """

    snapshot: Snapshot
    numbers: tuple[Finding, ...]
    partial: tuple[str, ...]
    setting: Setting
    measured: Measured
    sample: Sample

    @property
    def values(self) -> dict[str, float]:
        return {number.name: number.value for number in self.numbers}

    @property
    def heading(self) -> str:
        """What was audited, in one line."""
        step = "" if self.snapshot.step is None else f", step {self.snapshot.step}"
        classes = f", {self.setting.classes} classes" if self.setting.classes else ", no labels"
        unused = f"; not used: {', '.join(self.snapshot.unused)}" if self.snapshot.unused else ""
        points = self.snapshot.points
        return f"{self.snapshot.path}{step}: {points:,} points x {self.setting.dim} features{classes}{unused}"

    def as_json(self) -> dict[str, Any]:
        """The report as `json.dumps` takes it; numbers that are not finite are text, as "inf"."""
        return {
            "path": str(self.snapshot.path),
            "step": self.snapshot.step,
            "points": self.snapshot.points,
            "features": self.setting.dim,
            "classes": self.setting.classes,
            "arrays": {role: str(column) for role, column in self.snapshot.columns.items()},
            "partial": list(self.partial),
            "numbers": {
                number.name: {
                    "value": _plain(number.value),
                    "theory": number.theory,
                    "formula": number.formula,
                    "verdict": number.verdict,
                    "meaning": number.meaning,
                    "points": number.points,
                    "sampled": number.sampled,
                }
                for number in self.numbers
            },
            "eigenvalues": self.measured.eigenvalues.tolist(),
            "class_counts": self.measured.counts.tolist() if self.snapshot.labels else [],
            "class_cosines": self.measured.cosines.tolist() if self.setting.classes <= TOLD_CLASSES else [],
        }


def _plain(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def audit(
    snapshot: Snapshot,
    *,
    normalize: bool = False,
    rows_at_once: int | None = None,
    passing: Callable[..., Passed] = accumulate,
) -> Report:
    """The report on a snapshot, in one pass over it.

    With `normalize` features are of unit length first, as `latent_geometry_report` has it by default. `passing` goes
    over the rows: `one_pass.accumulate` here, or `distributed.Workers.accumulate` on many processes. Numbers that the
    data do not allow are left out, and `partial` says why. Raises ValueError for data that allow none, as
    `one_pass.accumulate` does.
    """
    try:
        passed = passing(snapshot, rows_at_once=rows_at_once, normalize=normalize)
    except BadLabels as error:
        snapshot = without_labels(snapshot, str(error))
        passed = passing(snapshot, rows_at_once=rows_at_once, normalize=normalize)
    moments = passed.moments
    if not moments.count:
        raise ValueError(f"{snapshot.path}: {faulty(snapshot, passed)}; no row is left: remove what is not finite")
    widths = Widths(**{role: column.shape[1] for role, column in snapshot.columns.items() if role != "labels"})
    try:
        measured = measure(passed, widths, snapshot.labels is not None)
    except OverflowError as error:
        name = snapshot.features.name
        raise ValueError(
            f"{snapshot.path}: {name} has numbers too large or too small to square: divide them"
        ) from error
    classes = int(np.sum(moments.counts > 0)) if snapshot.labels else 0
    offset = float(np.sum(moments.mean[: widths.features] ** 2)) > measured.eigenvalues[0]
    setting = Setting(int(moments.count), widths.features, classes, widths.outputs, offset)
    found = tuple(
        _finding(number, measured.values[number.name], setting, passed)
        for number in numbers.NUMBERS
        if number.name in measured.values
    )
    partial = tuple(shortcomings(snapshot, passed, setting, measured))
    return Report(snapshot, found, partial, setting, measured, passed.sample)


def _finding(number: Number, value: float, setting: Setting, passed: Passed) -> Finding:
    goal = number.theory(setting)
    points = len(passed.sample.features) if number.sampled else setting.points
    verdict, tolerance = number.verdict(value, goal, setting), number.tolerance(goal)
    return Finding(number, value, goal, verdict, tolerance, points, points < setting.points)


__all__ = ["COLUMNS", "Finding", "Report", "audit"]
