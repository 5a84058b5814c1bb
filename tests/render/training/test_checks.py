"""Targets against arrays and over seeds, with margins by hand."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

from render.scene import Scene
from render.stages import Stages
from render.target import Target, Verdict, clopper_pearson, judge
from render.training import trajectory
from render.training.checks import check


def target(rule: Any = "at most", goal: float = 1.0, **more: Any) -> Target:
    return Target("name", "x", rule, goal, "formula", **more)


def runs_of(*values: Any) -> list[dict[str, np.ndarray]]:
    return [{"x": np.asarray(value, np.float32)} for value in values]


@pytest.mark.parametrize(
    ("rule", "tolerance", "worst", "margin", "worst_seed", "met"),
    [
        ("at most", 0.0, 1.5, -0.5, 12, 2),  # 0.25, 1.0, 1.5, against 1
        ("at least", 0.0, 0.25, -0.75, 10, 2),
        ("within", 0.5, 0.25, -0.25, 10, 2),  # 0.5 - |0.25 - 1|
        ("within", 0.75, 0.25, 0.0, 10, 3),
        ("within", 2.0, 0.25, 1.25, 10, 3),
    ],
)
def test_the_worst_seed_is_the_one_with_the_least_margin(
    rule: str, tolerance: float, worst: float, margin: float, worst_seed: int, met: int
) -> None:
    runs = runs_of([9, 0.25], [9, 1.0], [9, 1.5])
    verdict = judge(target(rule, tolerance=tolerance), runs, [10, 11, 12])
    assert (verdict.worst, verdict.margin, verdict.worst_seed) == (worst, margin, worst_seed)
    assert (verdict.held, verdict.seeds) == (met, 3)
    assert verdict.failed is (met < 3)


@pytest.mark.parametrize(
    ("at", "rule", "array", "value"),
    [
        ("first", "at most", [3, 9, 1], 3),
        ("last", "at most", [3, 9, 1], 1),
        ("every", "at most", [3, 9, 1], 9),
        ("every", "at least", [3, 9, 1], 1),
        ("every", "within", [3, 9, 1], 9),
        ("last", "at most", [[1, 2], [5, 4]], 5),
        ("first", "at least", [[1, 2], [5, 4]], 1),
        ("last", "at most", 7, 7),
    ],
)
def test_the_frames_that_count_and_the_worst_value_among_them(at: Any, rule: str, array: Any, value: float) -> None:
    assert judge(target(rule, goal=2.0, at=at), runs_of(array), [0]).worst == value


def test_one_seed_that_misses_fails_a_target_that_must_hold_on_all() -> None:
    verdict = judge(target(), runs_of([0.5], [1.25], [0.0]), [4, 5, 6])
    assert verdict.failed
    assert verdict.sentence() == "name is 1.25, goal ≤ 1"


@pytest.mark.parametrize("rule", ["at most", "at least", "within"])
def test_nan_is_the_worst_value_there_is_and_a_miss(rule: str) -> None:
    verdict = judge(target(rule, tolerance=1.0), runs_of([1.0], [math.nan], [1e9], [-1e9]), [0, 1, 2, 3])
    assert math.isnan(verdict.worst)
    assert verdict.worst_seed == 1
    assert verdict.failed
    assert judge(target(rule, at="every", tolerance=9), runs_of([1, math.nan, 1]), [0]).held == 0


@pytest.mark.parametrize(
    ("share", "own", "seeds", "met", "failed"),
    [
        (1.0, 32, 1, 1, False),
        (1.0, 32, 1, 0, True),  # all of them: one miss is enough, however few seeds
        (1.0, 32, 32, 31, True),
        (0.9, 32, 31, 0, False),  # fewer than its own: reported, fails nothing
        (0.9, 32, 32, 29, False),  # 28.8 are needed
        (0.9, 32, 32, 28, True),
        (0.9, 32, 64, 57, True),  # 57.6 are needed
        (0.9, 32, 64, 58, False),
        (0.75, 4, 4, 3, False),
        (0.75, 4, 4, 2, True),
        (0.55, 20, 20, 11, False),  # exactly 11, though 0.55 * 20 is above 11 in floating point
        (0.28, 25, 25, 7, False),
        (0.28, 25, 25, 6, True),
    ],
)
def test_a_share_is_judged_from_its_own_number_of_seeds_on(
    share: float, own: int, seeds: int, met: int, failed: bool
) -> None:
    runs = runs_of(*[[0.5]] * met, *[[1.5]] * (seeds - met))
    verdict = judge(target(share=share, seeds=own), runs, range(seeds))
    assert (verdict.held, verdict.seeds, verdict.failed) == (met, seeds, failed)


def test_the_json_of_a_verdict_says_all_of_it() -> None:
    verdict = judge(target("within", 2.0, tolerance=0.25, share=0.5, seeds=2), runs_of([2.0], [3.0]), [7, 8])
    assert verdict.as_json() == {
        "name": "name",
        "value": 3.0,
        "goal": "= 2 ± 0.25",
        "margin": -0.75,
        "worst_seed": 8,
        "seeds_met": 1,
        "seeds": 2,
        "lower_bound": pytest.approx(1 - 0.95**0.5),  # 1 - (1 - p)^2 = 0.05: at least one of two
        "share": 0.5,
        "met": False,
        "failed": False,
        "formula": "formula",
    }


@pytest.mark.parametrize(("met", "seeds"), [(64, 64), (62, 64), (32, 32), (1, 1), (5, 40), (1, 3)])
def test_at_the_lower_bound_as_many_or_more_are_met_with_a_probability_of_5_percent(met: int, seeds: int) -> None:
    p = clopper_pearson(met, seeds)
    assert sum(math.comb(seeds, k) * p**k * (1 - p) ** (seeds - k) for k in range(met, seeds + 1)) == pytest.approx(
        0.05
    )


def test_bounds_that_are_known_in_closed_form_and_none_where_nothing_is_random() -> None:
    assert clopper_pearson(64, 64) == pytest.approx(0.05 ** (1 / 64))  # 95.4 %
    assert clopper_pearson(0, 10) == 0
    assert judge(target(seeds=1), runs_of([0.5]), [0]).lower_bound is None
    assert judge(target(seeds=2), runs_of([0.5], [0.5]), [0, 1]).lower_bound == pytest.approx(0.05**0.5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_null(value: float) -> None:
    verdict = Verdict(target(), value, 0, 0, (value,))
    report = json.loads(json.dumps([verdict.as_json(), verdict.summary()], allow_nan=False))
    assert report[0]["value"] is report[0]["margin"] is report[1]["value"] is None


def test_the_worst_of_a_check_is_the_worst_of_the_single_runs(tiny: Scene) -> None:
    ratio, start = check(tiny, seeds=3, first_seed=5)
    single = {}
    for seed in (5, 6, 7):
        points = trajectory.run(tiny, tiny.config(seed=seed)).measured["points"][-1].astype(float)
        centres = points.reshape(2, 10, 2).mean(axis=1)
        within = ((points.reshape(2, 10, 2) - centres[:, None]) ** 2).sum()
        single[seed] = within / (10 * ((centres - points.mean(axis=0)) ** 2).sum())
    assert ratio.worst_seed == max(single, key=lambda seed: single[seed])
    assert ratio.worst == pytest.approx(max(single.values()), rel=1e-4)
    assert ratio.margin == pytest.approx(1e-3 - max(single.values()), rel=1e-4)
    assert (ratio.held, ratio.seeds, start.held, start.worst) == (3, 3, 3, 1.0)


def test_own_judges_each_target_on_its_own_number_of_seeds(tiny: Scene) -> None:
    few, many = (Target(str(n), "ratio", "at most", 1e-3, "", seeds=n) for n in (2, 3))
    verdicts = check(
        dataclasses.replace(tiny, targets=lambda config: {"few": few, "many": many}), seeds=None, first_seed=1
    )
    assert [(verdict.target.name, verdict.seeds) for verdict in verdicts] == [("2", 2), ("3", 3)]


def test_a_scene_without_targets_has_nothing_to_check_and_trains_nothing(tiny: Scene) -> None:
    stages = Stages()
    assert check(dataclasses.replace(tiny, targets=lambda config: {}), stages=stages) == []
    assert stages.seconds == {}


def test_seeds_that_no_config_accepts_are_refused(tiny: Scene) -> None:
    with pytest.raises(ValueError, match="seeds 4294967295 to 4294967296: a seed is an integer from 0 to"):
        check(tiny, seeds=2, first_seed=2**32 - 1)
