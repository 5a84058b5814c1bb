"""Shortcomings of the data of a report: what is bad in them, and the way out."""

from __future__ import annotations

from render.audit.files.snapshots import Snapshot
from render.audit.sums.one_pass import Passed
from render.audit.sums.views import Views


def shortcomings(snapshot: Snapshot, passed: Passed, views: Views | None = None) -> list[str]:
    """Sentences on what is bad with which array, what that takes away, and the way out; none for data that are good."""
    found = list(snapshot.left_out)
    if passed.faults.entries:
        rest = f"the report is of the other {int(passed.moments.count)} points; remove those rows"
        found.append(f"{faulty(snapshot, passed)}; {rest}")
    elif views is not None and views.faulty and snapshot.partners is not None:
        found.append(
            f"{snapshot.partners.others.name}: {views.faulty:,} of {snapshot.partners.points:,} points have a view "
            f"with entries that are NaN or infinite; numbers of views are without them: remove those points"
        )
    return found


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
