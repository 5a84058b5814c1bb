"""Rows of pairs of classes: order, ends and specks, from the features of the default run alone."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.three_states.collapse_rows import EXAMPLES, Rows
from tests import oracles
from tests.conftest import default_run

ARMS = pytest.mark.parametrize(("before", "after"), [("", ""), ("free_", "_free")], ids=["decayed", "free"])


def means_of(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return oracles.class_means(features.astype(np.float64), labels)


def test_rows_are_all_pairs_the_shortest_at_the_start_on_top():
    run = default_run("neural-collapse").arrays
    pairs = run["row_classes"].reshape(15, 2)
    assert sorted(map(tuple, pairs)) == [(i, j) for i in range(6) for j in range(i + 1, 6)]
    means = means_of(run["features"][0], run["labels"])
    lengths = [np.linalg.norm(means[i] - means[j]) for i, j in pairs]
    assert (np.diff(lengths) > 0).all()
    np.testing.assert_array_equal(run["row_means"][0, :, 0, 1], np.arange(15)[::-1])


@ARMS
def test_a_segment_is_as_long_as_two_class_means_are_apart_in_every_frame(before, after):
    run = default_run("neural-collapse").arrays
    segments, ends = run[f"{before}row_means"], run[f"{before}row_ends"]
    assert segments.shape == (80, 15, 2, 2)
    for frame, features in enumerate(run[f"features{after}"]):
        means = means_of(features, run["labels"])
        lengths = [np.linalg.norm(means[i] - means[j]) for i, j in run["row_classes"].reshape(15, 2)]
        np.testing.assert_allclose(segments[frame, :, 1, 0], lengths, rtol=1e-4)
    assert (segments[:, :, 0, 0] == 0).all()
    assert (segments[..., 1] == segments[0, :, :1, 1]).all()
    np.testing.assert_array_equal(ends[:, 0::2], segments[:, :, 0])
    np.testing.assert_array_equal(ends[:, 1::2], segments[:, :, 1])


@ARMS
def test_a_speck_is_an_example_seen_along_the_line_of_its_row(before, after):
    run = default_run("neural-collapse").arrays
    labels, classes = run["labels"], run["speck_classes"]
    specks = run[f"{before}specks"].reshape(80, 15, 2 * EXAMPLES, 2)
    of_class = {label: np.flatnonzero(labels == label)[:EXAMPLES] for label in range(6)}
    for frame in (0, 40, 79):
        features = run[f"features{after}"][frame].astype(np.float64)
        means = means_of(features, labels)
        for row, (left, right) in enumerate(run["row_classes"].reshape(15, 2)):
            line = means[right] - means[left]
            points = features[np.concatenate([of_class[left], of_class[right]])]
            expected = [(point - means[left]) @ line / np.sqrt(line @ line) for point in points]
            np.testing.assert_allclose(specks[frame, row, :, 0], expected, rtol=1e-4, atol=1e-4)
            np.testing.assert_array_equal(classes.reshape(15, -1)[row], [left] * EXAMPLES + [right] * EXAMPLES)


@ARMS
def test_specks_keep_to_the_height_of_their_row(before, after):
    run = default_run("neural-collapse").arrays
    heights = run[f"{before}specks"][..., 1].reshape(80, 15, -1)
    assert (heights == heights[0]).all()
    away = heights[0] - np.arange(15)[::-1, None]
    assert np.abs(away).max() < 0.35
    assert (np.ptp(away, axis=1) > 0.4).all()
    np.testing.assert_array_equal(run["specks"][..., 1], run["free_specks"][..., 1])


def test_specks_shrink_onto_the_ends_of_their_rows():
    run = default_run("neural-collapse").arrays
    places = run["specks"][-1, :, 0].reshape(15, 2, EXAMPLES)
    ends = run["row_ends"][-1, :, 0].reshape(15, 2, 1)
    assert np.abs(places - ends).max() < 0.1
    assert (
        np.abs(run["specks"][0, :, 0].reshape(15, 2, EXAMPLES) - run["row_ends"][0, :, 0].reshape(15, 2, 1)).max() > 1
    )


def test_cosines_lie_on_the_rows_of_their_pairs():
    run = default_run("neural-collapse").arrays
    for frame in (0, 79):
        means = oracles.centred(means_of(run["features"][frame], run["labels"]))
        expected = [oracles.unit(means)[i] @ oracles.unit(means)[j] for i, j in run["row_classes"].reshape(15, 2)]
        np.testing.assert_allclose(run["row_cosines"][frame, :, 0], expected, atol=1e-5)
    assert (run["row_cosines"][..., 1] == np.arange(15)[::-1]).all()


def test_few_examples_and_equal_means_are_drawn_too():
    labels, features = np.repeat(np.arange(3), 2), np.zeros((1, 6, 2))
    rows = Rows.shortest_on_top(3, np.array([2.0, 1.0, 1.0]))
    np.testing.assert_array_equal(rows.pairs, [[0, 2], [1, 2], [0, 1]])
    drawn = rows.drawn(features, labels, np.zeros((1, 3)))
    assert drawn["specks"].shape == (1, 12, 2)
    np.testing.assert_array_equal(drawn["specks"][..., 0], 0)
