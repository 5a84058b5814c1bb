"""A headline of a comparison says what was done to the rows, and nothing else, on planted changes of many shapes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from render.audit.against.comparison import Comparison, compare
from render.audit.against.kinds import BY_NAME, FINDERS, KINDS
from render.audit.headline import NEEDED
from render.audit.report import audit
from tests.render.audit.planted import UNLABELLED, clouds, healthy, simplex, snapshot

SEEDS = 3
Pair = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def compared(before: np.ndarray, after: np.ndarray, labels: np.ndarray | None = None) -> Comparison:
    second, first = (audit(snapshot(rows, labels), only=NEEDED) for rows in (after, before))
    return compare(second, first)


def some(rng: np.random.Generator, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    return clouds(rng, seed, 0.4) if seed % 2 else healthy(rng, seed)


def turned(rng: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    turn = np.linalg.qr(rng.normal(size=(rows.shape[1],) * 2))[0]
    return 10 ** rng.uniform(-3, 3) * rows @ turn + rng.normal(size=rows.shape[1])


def unchanged(rng: np.random.Generator, seed: int) -> Pair:
    rows, labels = some(rng, seed)
    return rows, rows.astype(np.float32), labels


def rotated(rng: np.random.Generator, seed: int) -> Pair:
    rows, labels = some(rng, seed)
    return rows, turned(rng, rows).astype(np.float32), labels


def unrelated(rng: np.random.Generator, seed: int) -> Pair:
    rows, labels = some(rng, seed)
    return rows, turned(rng, rows[rng.permutation(len(rows))]), labels


def constant(rng: np.random.Generator, seed: int) -> Pair:
    rows, labels = some(rng, seed)
    pair = [rows, np.full(rows.shape, np.float32(0.1))]
    return (*pair[:: 1 if seed % 3 else -1], labels)  # type: ignore[return-value]


def contracted(rng: np.random.Generator, seed: int) -> Pair:
    rows, labels = clouds(rng, seed, 0.4)
    means = np.stack([rows[labels == label].mean(axis=0) for label in range(labels.max() + 1)])[labels]
    return rows, turned(rng, means + 0.3 * (rows - means)), labels


def dispersed(rng: np.random.Generator, seed: int) -> Pair:
    after, before, labels = contracted(rng, seed)
    return before, after, labels


def narrowed(rng: np.random.Generator, seed: int) -> Pair:
    points, dim = UNLABELLED[seed % len(UNLABELLED)]
    rows = rng.normal(size=(points, dim))
    return rows, turned(rng, rows * np.where(np.arange(dim) < dim // 4, 1, 0.05)), None


def widened(rng: np.random.Generator, seed: int) -> Pair:
    after, before, labels = narrowed(rng, seed)
    return before, after, labels


def alike(rng: np.random.Generator, seed: int) -> Pair:
    rows, labels = healthy(rng, seed)
    return rows, turned(rng, rows + 0.1 * rows.std(axis=0) * rng.normal(size=rows.shape)), labels


def changed(rng: np.random.Generator, seed: int) -> Pair:
    rows, labels = healthy(rng, seed)
    return rows, turned(rng, rows + 0.8 * rows.std(axis=0) * rng.normal(size=rows.shape)), labels


PLANTED: tuple[Callable[[np.random.Generator, int], Pair], ...] = (
    *(unchanged, rotated, unrelated, constant, contracted, dispersed, narrowed, widened, alike, changed),
)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_headline_says_what_was_done(plant: Callable[[np.random.Generator, int], Pair]) -> None:
    said = []
    for seed in range(SEEDS):
        headline = compared(*plant(np.random.default_rng(seed), seed)).headline
        assert headline.text
        assert headline.next
        said.append(headline.kind)
    assert said == [plant.__name__] * SEEDS


def test_every_kind_is_found_by_something_and_planted() -> None:
    assert [kind.name for kind in KINDS] == list(FINDERS) == list(BY_NAME)
    assert {plant.__name__ for plant in PLANTED} == set(BY_NAME)


def test_neighbourhoods_are_said_to_be_kept_only_where_half_of_the_neighbours_are() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    corners = simplex(rng, 3, 12)[labels]
    spread = 0.5 * rng.normal(size=(300, 12))
    comparison = compared(corners + spread, corners + 0.05 * spread, labels)
    assert comparison.headline.text.startswith("neighbourhoods kept, spread within classes fell from ")
    other = compared(corners + spread, corners + 0.02 * rng.normal(size=(300, 12)), labels)
    assert other.headline.text.startswith("neighbourhoods redrawn, spread within classes fell from ")


def test_a_few_rows_that_are_alike_are_not_called_unrelated() -> None:
    for count in (4, 6, 10, 14):
        rows = np.random.default_rng(count).normal(size=(count, 3))
        near = rows + 0.05 * np.random.default_rng(0).normal(size=rows.shape)
        assert compared(rows, near).headline.kind in ("alike", "changed")
