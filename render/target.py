"""Targets: statements of theory about one array of a run, and verdicts on whether they hold over seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Target:
    """A statement of theory about one array of a run, that holds or does not.

    array: name of a measured or derived array; its first axis is frames unless it is a scalar.
    at: the frame(s) that count; over "every" frame, and over further axes, the worst value counts.
    goal: the value is at most / at least this, or within `tolerance` of it.
    formula: where the goal comes from.
    seeds, share: checked on this many seeds, and must hold on this share of them.
    read_off: other arrays whose curve shows the goal, where `array` is one number read off them (a peak, a worst one).
    """

    name: str
    array: str
    rule: Literal["at most", "at least", "within"]
    goal: float
    formula: str
    tolerance: float = 0.0
    at: Literal["first", "last", "every"] = "last"
    seeds: int = 64
    share: float = 1.0
    read_off: tuple[str, ...] = ()

    def value(self, arrays: Arrays) -> float:
        """The worst value, as judged by the rule, among the frames that count; NaN if any is NaN."""
        array = np.asarray(arrays[self.array], dtype=np.float64)
        if array.ndim and self.at != "every":
            array = array[0 if self.at == "first" else -1]
        values = array.ravel()
        return float(values[np.argmin(self._slack(values))])

    def margin(self, value: float) -> float:
        """How far inside the goal a value lies, in the array's units; negative is a miss."""
        return float(self._slack(np.float64(value)))

    def met(self, value: float) -> bool:
        return math.isfinite(value) and self.margin(value) >= 0

    def _slack(self, values: Any) -> Any:
        if self.rule == "at most":
            return self.goal - values
        if self.rule == "at least":
            return values - self.goal
        return self.tolerance - np.abs(values - self.goal)

    def speaks_of(self, array: str) -> bool:
        """Whether the goal applies to this array: drawn beside any other, it would be a claim that no target makes."""
        return array == self.array or array in self.read_off

    @property
    def goal_text(self) -> str:
        if self.rule == "within":
            return f"= {self.goal:.6g}" + (f" ± {self.tolerance:.3g}" if self.tolerance else "")
        return f"{'≤' if self.rule == 'at most' else '≥'} {self.goal:.6g}"


Goals = Mapping[str, Target]


@dataclass(frozen=True)
class Verdict:
    """A target over some seeds. values: one a seed; worst: the one with the least margin, of seed `worst_seed`.

    held: on how many of the `seeds` it holds; `met`: whether on all of them; `failed`: whether it had to hold on more.
    A target with a share below 1 is judged from its own number of seeds on; on fewer it is reported and fails nothing.
    """

    target: Target
    worst: float
    worst_seed: int
    held: int
    values: tuple[float, ...]

    @property
    def seeds(self) -> int:
        return len(self.values)

    @property
    def met(self) -> bool:
        return self.held == self.seeds

    @property
    def failed(self) -> bool:
        return self.enough and self.held / self.seeds < self.target.share

    @property
    def enough(self) -> bool:
        """Whether these seeds are enough to judge the target."""
        return self.target.share == 1 or self.seeds >= self.target.seeds

    @property
    def lower_bound(self) -> float | None:
        """Share of all seeds on which the target holds at least, at 95 % confidence; None where nothing is random.

        The one-sided bound of Clopper & Pearson (1934): the share p at which `met` or more of `seeds` are met with a
        probability of 5 %. 64 of 64 are at least 95.4 %.
        """
        if self.target.seeds == 1:
            return None
        return clopper_pearson(self.held, self.seeds)

    @property
    def margin(self) -> float:
        return self.target.margin(self.worst)

    def sentence(self) -> str:
        return f"{self.target.name} is {self.worst:.6g}, goal {self.target.goal_text}"

    def summary(self) -> dict[str, Any]:
        """For the manifest, which speaks of one run."""
        return {
            "name": self.target.name,
            "value": _finite(self.worst),
            "goal": self.target.goal_text,
            "met": self.met,
        }

    def as_json(self) -> dict[str, Any]:
        return {
            **self.summary(),
            "margin": _finite(self.margin),
            "worst_seed": self.worst_seed,
            "seeds_met": self.held,
            "seeds": self.seeds,
            "lower_bound": self.lower_bound,
            "share": self.target.share,
            "failed": self.failed,
            "formula": self.target.formula,
        }


def clopper_pearson(met: int, seeds: int, confidence: float = 0.95) -> float:
    """Lower end of the one-sided interval of Clopper & Pearson (1934) for a share of which `met` of `seeds` were seen.

    The `1 - confidence` quantile of Beta(met, seeds - met + 1); 0 where none was met.
    """
    from scipy.special import betaincinv

    return float(betaincinv(met, seeds - met + 1, 1 - confidence)) if met else 0.0


def judge(target: Target, runs: Sequence[Arrays], seeds: Sequence[int]) -> Verdict:
    """A target's verdict over runs, one for each seed."""
    values = [target.value(run) for run in runs]
    margins = [-math.inf if math.isnan(value) else target.margin(value) for value in values]
    worst = margins.index(min(margins))
    return Verdict(target, values[worst], seeds[worst], sum(map(target.met, values)), tuple(values))


def _finite(value: float) -> float | None:
    """For JSON, which has no number for what is not finite."""
    return value if math.isfinite(value) else None
