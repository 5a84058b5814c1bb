"""The headline on planted data of every kind: none missed, no false alarm, and a kind for any table."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from render.audit.findings import headline
from render.audit.headline import KINDS, NEEDED
from render.audit.report import Report, audit
from tests.render.audit import planted
from tests.render.audit.planted import PLANTED, scaled, snapshot

CASES = 200


def reported(name: str, seed: int, goal: str | None = None) -> Report:
    rng = np.random.default_rng([sum(map(ord, name)), seed])
    rows, labels = PLANTED[name][1](rng, seed)
    return audit(snapshot(scaled(rng, rows), labels), only=NEEDED, goal=goal)


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_kind_is_said(name: str) -> None:
    said = Counter(reported(name, seed).headline().kind for seed in range(CASES))
    assert said == {PLANTED[name][0]: CASES}


def run(rng: np.random.Generator, seed: int, ratios: list[float]) -> list[Report]:
    """Steps of classes on a simplex whose spread within them is that of the ratios."""
    points, dim, classes = planted.shape(seed)
    labels = planted.labels_of(rng, points, classes)
    corners = planted.simplex(rng, classes, dim) + 0.3 * rng.normal(size=(classes, dim)) / dim**0.5
    rows = corners[labels]
    between = np.mean(np.sum((rows - rows.mean(axis=0)) ** 2, axis=1))
    noise = rng.normal(size=rows.shape)
    return [
        audit(snapshot(rows + np.sqrt(between * ratio / dim) * noise, labels, step), only=NEEDED)
        for step, ratio in enumerate(ratios)
    ]


def kind_of(steps: list[Report]) -> str:
    return headline(steps[-1], steps[0].values["within_between_ratio"]).kind


def test_a_run_that_collapses_is_said_and_one_that_stands_still_or_comes_back_is_not() -> None:
    for seed in range(CASES):
        rng = np.random.default_rng(seed)
        end = 10 ** rng.uniform(-1.8, -1.1)
        start = end * rng.uniform(11, 100)
        assert kind_of(run(rng, seed, [start, end])) == "collapsing", seed
        assert kind_of(run(rng, seed, [end, end * rng.uniform(0.8, 1.25)])) != "collapsing", seed
        assert kind_of(run(rng, seed, [start, start * rng.uniform(0.8, 1.2)])) != "collapsing", seed


def test_any_table_has_a_kind() -> None:
    kinds = {kind.name for kind in KINDS}
    for seed in range(500):
        rng = np.random.default_rng(seed)
        points, dim, classes = planted.shape(seed)
        rows = rng.choice(
            [rng.normal(size=(points, dim)), rng.integers(0, 3, (points, dim)), rng.pareto(1, (points, dim))]
        )
        rows = np.clip(rows * rng.choice([0, 1], size=dim, p=[0.2, 0.8]), -1e12, 1e12)
        labels = rng.integers(0, classes, points) if seed % 2 else None
        found = audit(snapshot(rows, labels), only=NEEDED, goal=["classifier", "contrastive", "table"][seed % 3])
        said = found.headline()
        assert said.kind in kinds
        assert said.status in ("good", "watch", "act", None)
        assert said.text
        assert said.next
        assert found.findings()[0].text == said.text


STATUS = {
    "zero_rows": ("act", "act", "act"),
    "duplicates": ("act", "act", "act"),
    "cone": ("act", "act", "act"),
    "few_directions": (None, "act", "watch"),
    "unmatched_views": ("watch", "act", "watch"),
    "merged_classes": ("act", None, "watch"),
    "collapsed": ("good", "act", None),
    "collapsing": ("good", "act", None),
    "no_class_structure": ("act", "watch", None),
    "separate_classes": ("good", "good", "good"),
    "overlapping_classes": ("watch", None, None),
    "dead_units": ("watch", "watch", "watch"),
    "healthy": ("good", "good", "good"),
}


def test_a_word_on_it_is_that_of_the_goal_and_raw_inputs_are_not_watched() -> None:
    assert {kind.name for kind in KINDS} == set(STATUS)
    for kind in KINDS:
        for goal, word in zip(("classifier", "contrastive", "table"), STATUS[kind.name], strict=True):
            assert kind.word(goal, raw=False) == word
            assert kind.word(goal, raw=True) == (None if word == "watch" else word)
