"""Rows of the ledger: what a post or paper says in numbers, which figures of ours stand beside it, and what holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from render.target import Arrays, Target


@dataclass(frozen=True)
class Reading:
    """A figure that is not a target of its scene: an array's value in the last frame, and its expected range.

    worst: which value over the seeds is reported, the largest or the smallest. expected: (low, high); outside of it the
    row's verdict no longer holds. seeds: number of seeds.
    """

    array: str
    expected: tuple[float, float]
    worst: Literal["largest", "smallest"] = "largest"
    seeds: int = 64

    def read(self, runs: Sequence[Arrays], first_seed: int = 0) -> dict[str, Any]:
        """Entry of the ledger, from one run per seed, of which the first has `first_seed`."""
        pick = np.max if self.worst == "largest" else np.min
        values = [
            float(pick(np.float64(run[self.array][-1] if np.ndim(run[self.array]) else run[self.array])))
            for run in runs
        ]
        worst = float(pick(values))
        low, high = self.expected
        return {
            "name": self.array,
            "value": worst if math.isfinite(worst) else None,
            "expected": [low, high],
            "worst_seed": first_seed + (values.index(worst) if worst in values else 0),
            "seeds_met": sum(low <= value <= high for value in values),
            "seeds": len(values),
            "default": values[0],
        }


@dataclass(frozen=True)
class Figure:
    """One measured number, shown at `{}` or `{:.4f}` in `text`. reads: where it comes from: the key of a target of the
    scene, a target that only the ledger has, or a reading."""

    reads: str | Target | Reading
    text: str


@dataclass(frozen=True)
class Study:
    """Numbers that no scene measures: a function from a number of draws to arrays by name, (draws,) each or ().

    It is run with `draws` when the ledger is made anew, within about ten seconds, and with `few` by the tests.
    """

    name: str
    of: Callable[[int], Mapping[str, Any]]
    draws: int
    few: int

    def runs(self, draws: int) -> list[Arrays]:
        """The arrays of each draw; those of all draws together are in each."""
        arrays = {name: np.asarray(array) for name, array in self.of(draws).items()}
        wrong = [name for name, array in arrays.items() if array.shape not in ((), (draws,))]
        if wrong:
            raise ValueError(f"{self.name}: {wrong[0]} has shape {arrays[wrong[0]].shape}: ({draws},) or () is meant")
        return [{name: array[draw] if array.ndim else array for name, array in arrays.items()} for draw in range(draws)]


@dataclass(frozen=True)
class Claim:
    """A claim of a post that can be measured. published: what the post's own script gives. because: why the verdict.

    Its figures are of a scene or of a study; a claim that is not shown has neither, and no figures.
    """

    post: str
    claim: str
    published: str
    scene: str
    figures: tuple[Figure, ...]
    verdict: Literal["holds", "holds with our experiment", "does not hold", "not shown"]
    because: str = ""
    study: Study | None = None

    def __post_init__(self) -> None:
        if self.verdict == "not shown" and (self.scene or self.study or self.figures or not self.because):
            raise ValueError(f"{self.claim}: what is not shown has a reason, and neither scene nor figures")
        if self.verdict != "not shown" and bool(self.scene) == bool(self.study):
            raise ValueError(f"{self.claim}: its figures are of a scene or of a study")


__all__ = ["Claim", "Figure", "Reading", "Study"]
