"""A number of a report, judged: its value beside its goal by theory, and what that says in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from render.audit.ladders import Goal, one_point
from render.audit.number import Number
from render.audit.sums.one_pass import Passed
from render.audit.sums.views import Views
from render.audit.theory import Setting

COLUMNS = ("number", "value", "theory", "verdict", "what it means")
ALIGNED = ("alignment", "view_gap", "class_alignment")


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


def judged(
    number: Number, values: Mapping[str, float], setting: Setting, passed: Passed, views: Views | None
) -> Finding:
    """The number of a pass as a finding: held against its goal in this setting, with the points that it is of."""
    goal, value = number.theory(setting), values[number.name]
    sampled = min(len(passed.sample.features), number.most or setting.points)
    points = sampled if number.sampled else setting.points
    verdict, tolerance = number.verdict(value, goal, setting), number.tolerance(goal)
    if number.name in ALIGNED and verdict and one_point(values.get("uniformity", -1.0), value):
        verdict = "collapsed"  # of a single point everything is aligned
    if views is not None and number.given in ("views", "partners", "sphere"):
        all_of, some = int(views.sums.number), views.sample.shape[1]
        points = some if number.sampled else all_of
        return Finding(number, value, goal, verdict, tolerance, points, points < all_of)
    return Finding(number, value, goal, verdict, tolerance, points, points < setting.points)


__all__ = ["COLUMNS", "Finding", "judged"]
