"""Ladders: what the distance of a number from its goal says, in words."""

from __future__ import annotations

from dataclasses import dataclass

INFINITY = float("inf")


@dataclass(frozen=True)
class Goal:
    """Value of a number at the end of training, and the formula that it comes from.

    share_of: words for what a value is told as a share of, where the value is no goal but what noise would have.
    """

    value: float
    formula: str
    share_of: str = ""


@dataclass(frozen=True)
class Ladder:
    """Words for the distance of a number from its goal: steps of (largest distance, words), the nearest first.

    A distance gets the words of the first step that it does not exceed. It is the absolute difference, or, with
    `relative` and a goal that is not 0, the quotient of value and goal. `within` is how far off counts as met, in units
    of the goal with `relative`; None where that is for the reader to judge.
    """

    steps: tuple[tuple[float, str], ...]
    within: float | None = None
    relative: bool = False

    def verdict(self, value: float, goal: Goal) -> str:
        if goal.share_of:
            return f"{value / goal.value:.0%} {goal.share_of}" if goal.value > 0 else ""
        distance = value / goal.value if self.relative and goal.value else abs(value - goal.value)
        return next((words for limit, words in self.steps if distance <= limit), self.steps[-1][1])

    def tolerance(self, goal: Goal) -> float | None:
        """Largest absolute difference from the goal that counts as met; None where that is not said."""
        if goal.share_of:
            return None
        return None if self.within is None else self.within * (goal.value if self.relative and goal.value else 1.0)


MODES = Ladder(
    ((0.5, "too few modes"), (0.9, "some modes are missing"), (1.1, "as theory says"), (INFINITY, "more modes")),
    0.1,
    relative=True,
)
COLLAPSE = Ladder(
    ((0.01, "collapsed"), (0.1, "nearly collapsed"), (0.5, "in clusters"), (INFINITY, "not collapsed")), 0.01
)
SCALED = Ladder(((0, "collapsed"), (INFINITY, "judge it by its course")), 0.0)
DEAD = Ladder(((0, "none"), (INFINITY, "dead features")), 0.0)
FIT = Ladder(((0.01, "met"), (0.1, "close"), (INFINITY, "far")), 0.01)
FULL = Ladder(((0.5, "more than half are empty"), (0.999, "some are empty"), (INFINITY, "full")), relative=True)
SOME = Ladder(((0, "none"), (INFINITY, "some")), 0.0)
CONE = Ladder(((0.3, "spread"), (0.8, "narrow"), (INFINITY, "a cone")), 0.3)
DUAL = Ladder(((0.1, "met"), (0.5, "close"), (INFINITY, "far")), 0.1)
AGREES = Ladder(((0.01, "as theory says"), (0.05, "nearly"), (INFINITY, "far")), 0.01)
RICH = Ladder(((0.05, "rich"), (0.3, "fairly rich"), (INFINITY, "lazy")), 0.05)
ALIGNED = Ladder(((0.02, "aligned"), (0.2, "nearly aligned"), (INFINITY, "apart")), 0.02)
PARTNERS = Ladder(
    ((0.1, "partners found"), (0.5, "nearer than others"), (0.9, "hardly nearer"), (INFINITY, "no nearer")), 0.1
)
SPREAD = Ladder(((0.05, "spread over the sphere"), (1.0, "partly spread"), (INFINITY, "bunched")), 0.05)

ONE_POINT = (0.02, -0.05)  # an alignment of views and a uniformity that together say: all lies in one place


def one_point(uniformity: float, alignment: float) -> bool:
    """Whether points lie in one place, so that their small alignment is no merit of the encoder."""
    return alignment <= ONE_POINT[0] and uniformity >= ONE_POINT[1]
