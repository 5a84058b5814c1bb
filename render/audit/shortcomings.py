"""Shortcomings of a report: why it is not whole, or says less than it seems to, and the way out."""

from __future__ import annotations

import numpy as np

from render.audit import measured as rules
from render.audit.files.snapshots import Snapshot
from render.audit.measured import Measured
from render.audit.sums.one_pass import Passed
from render.audit.theory import Setting


def shortcomings(snapshot: Snapshot, passed: Passed, setting: Setting, measured: Measured) -> list[str]:
    """Sentences on why the report is not whole: what is wrong with which array, what that takes away, the way out."""
    found, counts = list(snapshot.left_out), passed.moments.counts
    features = snapshot.features.name
    if measured.values["numerical_rank"] == 0:
        found.append(f"{features} has no variance, all points are the same: no numbers about classes")
    if passed.faults.entries:
        rest = f"the report is of the other {setting.points} points; remove those rows"
        found.append(f"{faulty(snapshot, passed)}; {rest}")
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
        if setting.classes > rules.MOST_CLASSES:
            found.append(
                f"{labels}: only the {rules.MOST_CLASSES} largest classes are compared in pairs and taken as targets; "
                f"audit fewer at once"
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


def faulty(snapshot: Snapshot, passed: Passed) -> str:
    """Sentence on the entries that are not finite: how many, in how many rows, and where the first is."""
    faults = passed.faults
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


__all__ = ["faulty", "shortcomings"]
