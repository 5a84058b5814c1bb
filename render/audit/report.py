"""The report on a snapshot: each number with its theory value, a verdict, and what it means; as data, JSON or rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from render.audit.meaning import ENTRIES, Setting
from render.audit.numbers import MOST_CLASSES, Measured, Widths, measure
from render.audit.one_pass import BadLabels, Passed, Sample, accumulate
from render.audit.snapshots import Snapshot, without_labels

COLUMNS = ("number", "value", "theory", "verdict", "what it means")
TOLD_CLASSES = 100  # whose pairs are in the JSON, one by one
NAMES = tuple(entry.name for entry in ENTRIES)


@dataclass(frozen=True)
class Number:
    """One number of a report. theory: what it is by theory, or None; tolerance: how far off counts as met; `points`:
    how many it was taken of."""

    name: str
    value: float
    theory: float | None
    formula: str
    verdict: str
    meaning: str
    points: int
    sampled: bool
    tolerance: float | None = None

    def cells(self) -> list[str]:
        """The row of a table, as in `COLUMNS`."""
        theory = "" if self.theory is None else f"{self.theory:.4g}"
        if self.formula not in ("", theory):
            theory = f"{theory} = {self.formula}"
        said = f"{self.meaning} (of {self.points:,} points)" if self.sampled else self.meaning
        return [self.name, f"{self.value:.4g}", theory, self.verdict, said]


@dataclass(frozen=True)
class Report:
    """What was found of one snapshot, and all that a picture of it needs.

    numbers: those that there are, in the order of `NAMES`; partial: why some are missing, or of fewer points, a
    sentence each that begins with the array's name, empty for a whole report; measured: the arrays behind the numbers;
    sample: some of the points.
    """

    snapshot: Snapshot
    numbers: tuple[Number, ...]
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
        """For `json.dumps`: numbers that are not finite are text, as "inf"."""
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
        raise ValueError(f"{snapshot.path}: {_faulty(snapshot, passed)}; no row is left: remove what is not finite")
    widths = Widths(**{role: column.shape[1] for role, column in snapshot.columns.items() if role != "labels"})
    try:
        measured = measure(passed, widths, snapshot.labels is not None)
    except np.linalg.LinAlgError as error:
        name = snapshot.features.name
        raise ValueError(
            f"{snapshot.path}: {name} has numbers too large or too small to square: divide them"
        ) from error
    classes = int(np.sum(moments.counts > 0)) if snapshot.labels else 0
    offset = float(np.sum(moments.mean[: widths.features] ** 2)) > measured.eigenvalues[0]
    setting = Setting(moments.count, widths.features, classes, widths.outputs, offset)
    numbers = []
    for entry in ENTRIES:
        if entry.name in measured.values:
            value, theory = measured.values[entry.name], entry.theory(setting)
            points = len(passed.sample.features) if entry.sampled else moments.count
            sampled = entry.sampled and points < moments.count
            told = entry.verdict(value, setting), entry.meaning, points, sampled, entry.tolerance(setting)
            numbers.append(Number(entry.name, value, theory, entry.reason(setting), *told))
    partial = tuple(_shortcomings(snapshot, passed, setting, measured))
    return Report(snapshot, tuple(numbers), partial, setting, measured, passed.sample)


def _shortcomings(snapshot: Snapshot, passed: Passed, setting: Setting, measured: Measured) -> list[str]:
    """Why the report is not whole: what is wrong with which array, what that takes away, and the way out."""
    found, counts = list(snapshot.left_out), passed.moments.counts
    features = snapshot.features.name
    if measured.values["numerical_rank"] == 0:
        found.append(f"{features} has no variance, all points are the same: no numbers about classes")
    if passed.moments.faults.entries:
        rest = f"the report is of the other {setting.points} points; remove those rows"
        found.append(f"{_faulty(snapshot, passed)}; {rest}")
    if snapshot.labels:
        labels = snapshot.labels.name
        if setting.classes == 1:
            label = int(np.argmax(counts))
            found.append(
                f"{labels} has a single class, {label}: no numbers about classes; give labels of two or more classes"
            )
        elif (counts == 1).any():
            single = np.flatnonzero(counts == 1)
            found.append(
                f"{labels}: {_few(single)} of a single point, which adds nothing to the spread within classes: that is "
                f"too small; add points, or leave out such classes"
            )
        if setting.classes > MOST_CLASSES:
            found.append(
                f"{labels}: only the {MOST_CLASSES} largest classes are compared in pairs and taken as targets; audit "
                f"fewer at once"
            )
    if setting.points < setting.dim:
        found.append(
            f"{features} has fewer points than columns, {setting.points} < {setting.dim}: ranks and spectra say more "
            f"of the number of points than of the representation; give {setting.dim} points at least"
        )
    constant = int(measured.values["constant_columns"])
    if constant:
        found.append(
            f"{features}: {constant} of {setting.dim} columns are constant: they count as dimensions without variance; "
            f"remove them if they are padding"
        )
    return found


def _few(labels: np.ndarray) -> str:
    if len(labels) == 1:
        return f"class {labels[0]} is"
    return f"{len(labels)} classes ({', '.join(map(str, labels[:3]))}{', ...' if len(labels) > 3 else ''}) are"


def _faulty(snapshot: Snapshot, passed: Passed) -> str:
    """How many entries are not finite, in how many rows, and where the first is."""
    faults = passed.moments.faults
    assert faults.first is not None
    row, column = faults.first
    name = ""
    for role, array in snapshot.columns.items():
        if role == "labels":
            continue
        name = array.name
        if column < array.shape[1]:
            break
        column -= array.shape[1]
    return (
        f"{name}: {faults.entries} entries are NaN or infinite, in {faults.rows} of {snapshot.points} rows, the first "
        f"in row {row}, column {column}"
    )


__all__ = ["COLUMNS", "NAMES", "Number", "Report", "audit"]
