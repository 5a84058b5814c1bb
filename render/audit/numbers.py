"""The numbers of an audit: one table, a row a number, that report, JSON, pictures and alarms read.

A number that is added to it, with its metric in `render.metrics`, is in all of them. The order of the rows is the order
in which they are told and drawn.
"""

from __future__ import annotations

from render.audit.number import Number
from render.audit.table import of_classes, of_means, of_outputs, of_rows, of_views

GROUPS = {  # in which a report tells them, and their titles
    "health": "health of the rows",
    "dimension": "dimension",
    "classes": "classes",
    "collapse": "collapse",
    "outputs": "outputs and targets",
    "points": "points on the sphere",
}
_TOLD = (
    *of_rows.NUMBERS,
    *of_classes.SPREADS,
    *of_means.NUMBERS,
    *of_classes.DECISIONS,
    *of_outputs.NUMBERS,
    *of_views.NUMBERS,
)
NUMBERS: tuple[Number, ...] = tuple(sorted(_TOLD, key=lambda number: [*GROUPS].index(number.group)))


def names() -> tuple[str, ...]:
    """The names of all numbers, in the order of the table."""
    return tuple(number.name for number in NUMBERS)


__all__ = ["GROUPS", "NUMBERS", "Number", "names"]
