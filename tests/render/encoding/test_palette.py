"""The palette of a clip: what must be exact is, the rest is near, and it is no larger than it has to be."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from render.encoding.palette import CLIP_DB, Seen, choose


@pytest.fixture
def many() -> tuple[np.ndarray, np.ndarray]:
    """Three thousand colours that are seen once each, and ten that are seen often: colours (m,), pixels of each."""
    rng = np.random.default_rng(5)
    colours = np.unique(rng.integers(0, 1 << 24, 3000).astype(np.uint32))
    seen = np.ones(len(colours), int)
    seen[rng.choice(len(colours), 10, replace=False)] = 10_000
    return colours, seen


def channels(colours: np.ndarray) -> np.ndarray:
    return np.stack([colours & 255, colours >> 8 & 255, colours >> 16 & 255], axis=1).astype(int)


def test_frequent_and_wanted_colours_stay_as_they_are(many: tuple[np.ndarray, np.ndarray]) -> None:
    colours, seen = many
    wanted = channels(colours)[np.flatnonzero(seen == 1)[7]]
    palette = choose(colours, seen, ["#" + bytes(wanted.tolist()).hex(), "#010203"])
    kept = set(map(tuple, palette.colours.tolist()))
    assert {tuple(wanted), *map(tuple, channels(colours[seen > 1]).tolist())} <= kept
    assert (palette.errors[seen > 1] == 0).all()


def test_index_and_errors_are_those_of_the_nearest_colour(many: tuple[np.ndarray, np.ndarray]) -> None:
    colours, seen = many
    palette = choose(colours, seen)
    apart = ((channels(colours)[:, None] - palette.colours.astype(int)) ** 2).sum(axis=2)
    np.testing.assert_array_equal(palette.errors, apart.min(axis=1))
    np.testing.assert_array_equal(apart[np.arange(len(colours)), palette.index], apart.min(axis=1))


@pytest.mark.parametrize("spread", [10, 12, 14])
def test_the_palette_reaches_the_goal_and_four_fifths_of_it_do_not(spread: int) -> None:
    rng = np.random.default_rng(spread)
    colours = np.unique(rng.integers(100, 100 + spread, (4000, 3)) @ [1, 256, 65536]).astype(np.uint32)
    seen = rng.integers(1, 50, len(colours))
    palette = choose(colours, seen)

    def decibels(errors: np.ndarray) -> float:
        return 10 * np.log10(255**2 * 3 * seen.sum() / max(errors @ seen, 1))

    assert decibels(palette.errors.astype(float)) >= CLIP_DB
    fewer = choose(colours, seen, most=max(2, 4 * len(palette.colours) // 5))
    assert decibels(fewer.errors.astype(float)) < CLIP_DB


@pytest.mark.parametrize("spread", [10, 12])
def test_k_means_of_scikit_learn_needs_as_many_colours(spread: int) -> None:
    rng = np.random.default_rng(spread)
    colours = np.unique(rng.integers(100, 100 + spread, (3000, 3)) @ [1, 256, 65536]).astype(np.uint32)
    seen = rng.integers(1, 50, len(colours))
    size = len(choose(colours, seen).colours)
    fewer = KMeans(9 * size // 10, n_init=1, random_state=0).fit(channels(colours), sample_weight=seen)
    apart = ((channels(colours) - fewer.cluster_centers_.round()[fewer.labels_]) ** 2).sum(axis=1)
    assert 10 * np.log10(255**2 * 3 * seen.sum() / (apart @ seen)) < CLIP_DB


def test_with_no_more_colours_than_places_all_stay() -> None:
    colours, seen = np.array([5, 1, 9, 3], np.uint32), np.array([3, 0, 1, 7])
    palette = choose(colours, seen)
    assert palette.colours[:, 0].tolist() == [5, 9, 3]
    assert palette.errors.tolist() == [0] * 4
    assert palette.colours[palette.index[seen > 0], 0].tolist() == [5, 9, 3]


def test_a_judge_that_is_never_content_gets_the_largest_palette(many: tuple[np.ndarray, np.ndarray]) -> None:
    assert len(choose(*many, most=100, close=lambda errors: False).colours) == 100


def test_colours_count_for_as_long_as_they_are_seen() -> None:
    frames = np.random.default_rng(1).integers(0, 7, (9, 40)).astype(np.uint32)
    seen, before = Seen(40), np.full(40, 99, np.uint32)
    for frame in frames:
        places = np.flatnonzero(frame != before)
        seen.add(places, frame[places])
        before = frame
    totals = dict(zip(seen.colours[1:].tolist(), seen.totals()[1:].tolist(), strict=True))
    assert totals == {colour: int((frames == colour).sum()) for colour in range(7)}
    each = np.concatenate([[0], seen.colours[1:].astype(int) ** 2])
    np.testing.assert_array_equal(seen.errors(each), (frames.astype(int) ** 2).sum(axis=1))


def test_a_wanted_colour_that_does_not_occur_takes_no_place() -> None:
    colours, seen = Seen(600), np.arange(1, 601, dtype=np.uint32) * 701
    colours.add(np.arange(600), seen)
    palette = choose(colours.colours, colours.totals(), ["#000000", "#ffffff"], most=40)
    assert not {(0, 0, 0), (255, 255, 255)} & set(map(tuple, palette.colours.tolist()))


def test_the_error_of_a_large_frame_is_whole() -> None:
    pixels = 300_000
    seen, colours = Seen(pixels), np.arange(pixels, dtype=np.uint32) % 3 * 0x7F7F7F
    seen.add(np.arange(pixels), colours)
    palette = choose(seen.colours, seen.totals(), ["#000000", "#7f7f7f"], most=2)
    assert seen.errors(palette.errors).tolist() == [pixels // 3 * 3 * 0x7F**2]
