"""Labels that a snapshot can have: integers from 0, of no more classes than there can be."""

from __future__ import annotations

import numpy as np

CLASS_ENTRIES = 2**24  # of the class means: 128 MB in float64


class BadLabels(ValueError):
    """Labels that number no classes; the other arrays may be fine."""


def check_labels(where: str, labels: np.ndarray, points: int, features: int, first: int = 0) -> None:
    """Raise BadLabels for labels, from row `first` on, of a class that there cannot be among so many points."""
    row, largest = int(np.argmin(labels)), int(labels.max())
    if labels[row] < 0:
        raise BadLabels(
            f"{where}: row {first + row} has label {int(labels[row])}: number classes from 0, or leave such rows out"
        )
    if largest >= points:
        raise BadLabels(
            f"{where}: label {largest} means more classes than the {points} points: number the classes from 0 without "
            f"gaps"
        )
    most = CLASS_ENTRIES // features
    if largest >= most:
        raise BadLabels(f"{where}: label {largest} is too large: at most {most} classes of so many features")


__all__ = ["BadLabels", "check_labels"]
