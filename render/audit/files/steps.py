"""Steps of a training run that snapshots are of: from an array of that name, or from the name of the file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from render.audit.files.arrays import Source
from render.audit.files.labels import SCANNED_ROWS

NUMBER = r"\d+(?:\.\d+)?(?:e[-+]?\d+)?"
LARGEST_STEP = 2**53  # above it, floating-point numbers skip some


def step_of(path: Path, source: Source) -> int | None:
    """The step of a snapshot; None where neither an array nor the name says it. Raises ValueError for several."""
    column = source.find("step", "step")
    if column is None:
        return step_of_name(path)
    if column.dtype.kind not in "iu":
        raise ValueError(f"{path}: step is {column.dtype}: save it as an integer")
    column.lacking("step")
    found: set[int] = set()
    count = column.shape[0] if column.shape else 1
    for start in range(0, count, SCANNED_ROWS):
        found |= {*map(int, np.unique(column.read(start, min(start + SCANNED_ROWS, count))))}
        if len(found) > 1:
            break
    if len(found) != 1:
        column.verify()
        raise ValueError(f"{path}: step has {len(found) or 'no'} values: save one snapshot a file")
    return checked_step(path, found.pop())


def checked_step(path: Path, step: int) -> int:
    """The step, if snapshots can be of it; ValueError if it is negative or too large for floating point."""
    if not 0 <= step <= LARGEST_STEP:
        raise ValueError(f"{path}: is of step {step}: count steps from 0 to at most {LARGEST_STEP}")
    return step


def step_of_name(path: Path) -> int | None:
    """The number behind "step"; None unless it is a whole one."""
    found = re.findall(rf"step[-_=]?({NUMBER})", path.stem.lower())
    return checked_step(path, int(found[0])) if len(found) == 1 and found[0].isdigit() else None


__all__ = ["LARGEST_STEP", "NUMBER", "checked_step", "step_of", "step_of_name"]
