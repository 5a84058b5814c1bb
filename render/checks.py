"""Targets against trajectories, over seeds: whether the theory that a picture states is what its numbers say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from render.progress import Stages
from render.scene import Arrays, Scene, Target


@dataclass(frozen=True)
class Verdict:
    """A target over some seeds. values: one a seed; worst: the one with the least margin, of seed `worst_seed`.

    met: seeds on which it holds, out of `seeds`; `failed`: it had to hold on more of them. A target with a share below
    1 is judged from its own number of seeds on; on fewer it is reported and fails nothing.
    """

    target: Target
    worst: float
    worst_seed: int
    met: int
    values: tuple[float, ...]

    @property
    def seeds(self) -> int:
        return len(self.values)

    @property
    def failed(self) -> bool:
        return self.enough and self.met / self.seeds < self.target.share

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
        return clopper_pearson(self.met, self.seeds)

    @property
    def margin(self) -> float:
        return self.target.margin(self.worst)

    def sentence(self) -> str:
        return f"{self.target.name} is {self.worst:.6g}, goal {self.target.goal_text}"

    def summary(self) -> dict[str, Any]:
        """For the manifest, which speaks of one run."""
        goal, met = self.target.goal_text, self.met == self.seeds
        return {"name": self.target.name, "value": _for_json(self.worst), "goal": goal, "met": met}

    def as_json(self) -> dict[str, Any]:
        return {
            **self.summary(),
            "margin": _for_json(self.margin),
            "worst_seed": self.worst_seed,
            "seeds_met": self.met,
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


def check(
    scene: Scene,
    seeds: int | None = 1,
    first_seed: int = 0,
    stages: Stages | None = None,
    targets: Sequence[Target] | None = None,
) -> list[Verdict]:
    """Verdicts on targets of a scene's default configuration, over `seeds` seeds from `first_seed`.

    seeds: None judges each target on its own number of seeds. targets: all of the scene's unless given. Raises
    ValueError for seeds beyond 2^32 - 1 and NoDevice as `render.trajectory.run`.
    """
    from render import device, trajectory  # and with it jax, which a verdict needs not

    device.require()
    config = scene.config()
    targets = scene.targets(config) if targets is None else targets
    if not targets:
        return []
    count = seeds or max(target.seeds for target in targets)
    numbers = range(first_seed, first_seed + count)
    if numbers[-1] >= 2**32:
        raise ValueError(f"seeds {numbers[0]} to {numbers[-1]}: a seed is an integer from 0 to 2^32 - 1")
    runs = trajectory.run_seeds(scene, config, numbers, {target.array for target in targets}, stages)
    own = [seeds or target.seeds for target in targets]
    return [judge(target, runs[:n], numbers[:n]) for target, n in zip(targets, own, strict=True)]


def _for_json(value: float) -> float | None:
    return value if math.isfinite(value) else None
