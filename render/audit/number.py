"""A number of an audit, as it is known before any data are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from render.audit import theory
from render.audit.ladders import Goal, Ladder
from render.audit.theory import Setting, Theory


@dataclass(frozen=True)
class Number:
    """One number of an audit: what it is, and what it should be.

    name; meaning, in words. of: the metric, a function of the piece of data that is called `given` (a field of
    `measured.Pieces`); where the data lack that piece, reports lack the number.
    theory: its goal in a setting. ladder: the words for its distance from that. possible: the most that it can be,
    where the ladder is relative, min(d, N - 1) unless said. sampled: it is of a sample of the points.
    definition: its formula; source:
    where that is from; group: of those in which a report tells it;
    most: points of the sample that it is of, where not all.
    """

    name: str
    meaning: str
    given: str
    of: Callable[[Any], Any]
    theory: Theory
    ladder: Ladder | None
    sampled: bool = False
    possible: Callable[[Setting], float] | None = None
    definition: str = ""
    source: str = ""
    group: str = "health"
    most: int | None = None

    def verdict(self, value: float, goal: Goal | None, setting: Setting) -> str:
        """What a value says, in words; nothing where neither theory nor what is possible sets a measure."""
        if self.ladder is None:
            return ""
        if goal is not None:
            return self.ladder.verdict(value, goal)
        most = self.possible(setting) if self.possible else theory.full_rank(setting).value
        return f"{value / most:.0%} of what is possible" if self.ladder.relative and most else ""

    def tolerance(self, goal: Goal | None) -> float | None:
        """How far from its goal the number may be and still count as met; None where that is not said."""
        return None if goal is None or self.ladder is None else self.ladder.tolerance(goal)


__all__ = ["Number"]
