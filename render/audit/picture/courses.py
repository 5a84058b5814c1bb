"""The lower row of an animation: numbers over the steps of a series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from render.audit.picture.readouts import formula, placed, readout
from render.audit.report import Finding
from render.picture.panels.base import Axis, Insets, Level
from render.picture.panels.history import Curve, History
from render.target import Arrays

COLOURS = ("accent", "second", "third")  # of the curves of one panel
FLOOR = 1e-6  # that logarithmic axes go down to
DECADES = 20  # a course that falls by more than this factor has a logarithmic axis


def courses(findings: Sequence[Finding], arrays: Arrays) -> Iterator[History]:
    """Curves of numbers over steps: a panel for each title that the table has, of the numbers that there are."""
    for title, found in placed(findings, "course").items():
        yield _course(title, found, arrays)


def _course(title: str, found: Sequence[Finding], arrays: Arrays) -> History:
    """Curves with the level that theory sets, on a logarithmic axis where that is 0 and the course covers decades."""
    colours = COLOURS[: len(found)]
    values, goal = arrays[found[0].name], found[0].theory
    log = goal == 0 and values[0] > 0 and values.min() < values.max() / DECADES
    ends_near = goal is not None and abs(values[-1] - goal) < abs(values[0] - goal)
    side: Literal["left", "right"] = "left" if ends_near else "right"  # where the curve is far from the label
    goals = [None if log else goal] + [None] * (len(found) - 1)
    return History(
        title=title,
        curves=tuple(
            Curve(
                finding.name,
                colour,
                None if goal is None else Level(goal, formula(finding), side, above=goal < values.max()),
            )
            for finding, colour, goal in zip(found, colours, goals, strict=True)
        ),
        x_axis=Axis("step", "log" if _is_geometric(arrays["step"]) else "linear"),
        y_axis=Axis(scale="log" if log else "linear", floor=FLOOR),
        insets=Insets(left=46, right=max(24, 4 * len(f"{arrays['step'][-1]:,}")), bottom=40),
        readouts=tuple(
            replace(readout(finding), note="", colour=colour if len(found) > 1 else "")
            for finding, colour in zip(found, colours, strict=True)
        ),
    )


def _is_geometric(steps: np.ndarray) -> bool:
    """Whether half of the steps lie in the first quarter: then a logarithmic axis shows them evenly."""
    return bool(steps[0] >= 0 and np.median(steps) - steps[0] < (steps[-1] - steps[0]) / 4)


__all__ = ["courses"]
