"""Many seeds in groups: the same verdicts as all at once, and no more than a group in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from render.production import seeds
from render.target import Target, judge
from render.terminal import progress
from render.training import checks, trajectory
from tests.conftest import TINY_SCENE

SCENES = {"shrinking": str(TINY_SCENE)}


@pytest.mark.parametrize("count", [4, 7, 8, 9])
def test_groups_are_no_larger_than_they_may_be_and_judge_as_all_at_once(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[list[int]] = []
    plain = trajectory.run_seeds

    def counted(scene: Any, config: Any, numbers: Sequence[int], *more: Any) -> Any:
        trained.append(list(numbers))
        return plain(scene, config, numbers, *more)

    monkeypatch.setattr(trajectory, "run_seeds", counted)
    found = seeds.check_all(SCENES, count, 3, progress.Board(), most=4)["shrinking"]
    assert sorted({seed for group in trained for seed in group}) == list(range(3, 3 + count))
    assert len({len(group) for group in trained}) == 1  # one program
    assert len(trained[0]) <= 4
    at_once = checks.check_all(SCENES, count, 3, progress.Board())["shrinking"]
    for ours, theirs in zip(found, at_once, strict=True):
        assert (ours.target, ours.worst_seed, ours.held) == (theirs.target, theirs.worst_seed, theirs.held)
        np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-5)


def test_the_worst_seed_of_all_groups_is_told_and_what_two_share_counts_once() -> None:
    target = Target("name", "x", "at most", 1.0, "formula")
    values = [0.5, 2.0, 0.1, 3.0, np.nan]

    def part(first: int, last: int) -> Any:
        return judge(target, [{"x": np.asarray(value)} for value in values[first:last]], range(10 + first, 10 + last))

    finite = seeds.joined([part(0, 2), part(2, 4)], [0, 2], 10)
    assert (finite.worst, finite.worst_seed, finite.held, finite.seeds) == (3.0, 13, 2, 4)
    shared = seeds.joined([part(0, 3), part(1, 4)], [0, 1], 10)
    assert shared == finite
    bad = seeds.joined([part(0, 3), part(2, 5)], [0, 2], 10)
    assert (bad.worst_seed, bad.held, bad.seeds) == (14, 2, 5)


def test_a_seed_that_is_none_is_refused_before_anything_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trajectory, "run_seeds", None)
    with pytest.raises(ValueError, match="0 to 2\\^32"):
        seeds.check_all(SCENES, 8, 2**32 - 7, progress.Board(), most=4)
