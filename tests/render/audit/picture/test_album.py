"""How points come to the plane: one map for a whole series, under which only what changes in shape moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from render.audit.files.snapshots import open_snapshot
from render.audit.picture.album import COLOURED, DRAWN_POINTS, Album
from render.audit.report import Report, audit
from tests.render.audit.audit_helpers import clusters, save
from tests.render.audit.test_theory import simplex


def reported(folder: Path, **arrays: np.ndarray) -> Report:
    return audit(open_snapshot(save(folder / "a.npz", **arrays)))


def test_a_simplex_lies_on_its_corners_however_large_and_wherever_it_is(tmp_path: Path) -> None:
    labels = np.arange(300) % 5
    features = simplex(5, 9)[labels]
    album = Album(reported(tmp_path, features=features, labels=labels))
    assert album.simplex
    for moved in (features, 70 * features + 3):
        page = album.page(reported(tmp_path, features=moved, labels=labels))
        arrays = album.arrays([page])
        np.testing.assert_allclose(page.means, arrays["ghosts"], atol=1e-5)
        np.testing.assert_allclose(page.points, arrays["ghosts"][arrays["labels"]], atol=1e-5)
        np.testing.assert_allclose(page.cosines, -1 / 4, atol=1e-5)
        np.testing.assert_allclose(page.recall, 1)
        assert page.overlap.max() < 1e-6
        np.testing.assert_allclose(page.shares[:4], 0.25, rtol=1e-5)


def test_means_lie_amid_their_points_although_classes_differ_in_size(tmp_path: Path) -> None:
    arrays = clusters(3000, 8, 4, spread=0.5)
    last = reported(tmp_path, **arrays)
    album = Album(last)
    page = album.page(last)
    drawn = album.arrays([page])
    for label in range(4):
        middle = page.points[drawn["labels"] == label].mean(axis=0)
        np.testing.assert_allclose(page.means[label], middle, atol=0.1)


def test_without_labels_or_with_more_classes_than_colours_the_axes_are_principal(tmp_path: Path) -> None:
    features = np.random.default_rng(0).normal(size=(900, 5)) * (9, 5, 1, 0.1, 0.1)
    many = np.arange(900) % (COLOURED + 1)
    for labels in ({}, {"labels": many}):
        last = reported(tmp_path, features=features, **labels)
        album = Album(last)
        page = album.page(last)
        assert not album.simplex
        assert page.points.shape == (DRAWN_POINTS, 2)
        assert not album.coloured
        variances = page.points.var(axis=0)
        np.testing.assert_allclose(variances / variances.sum(), np.array([81, 25]) / 106, atol=0.05)


def test_points_that_are_not_finite_at_a_step_are_missing_there_and_no_other_moves(tmp_path: Path) -> None:
    arrays = clusters(50, 6, 3)
    last = reported(tmp_path, **arrays)
    album = Album(last)
    broken = arrays["features"].copy()
    broken[7, 2] = np.nan
    whole, page = album.page(last), album.page(reported(tmp_path, **{**arrays, "features": broken}))
    assert np.flatnonzero(np.isnan(page.points).any(axis=1)).tolist() == [7]
    np.testing.assert_allclose(np.delete(page.points, 7, axis=0), np.delete(whole.points, 7, axis=0), atol=0.2)


def test_a_class_that_a_step_lacks_has_no_mean_there(tmp_path: Path) -> None:
    arrays = clusters(50, 6, 3)
    album = Album(reported(tmp_path, **arrays))
    labels = np.where(arrays["labels"] == 1, 2, arrays["labels"])
    page = album.page(reported(tmp_path, features=arrays["features"], labels=labels))
    assert np.isnan(page.means).any(axis=1).tolist() == [False, True, False]
    single = album.page(reported(tmp_path, features=arrays["features"], labels=np.zeros(50, int)))
    assert np.isnan(single.means).all()


@pytest.mark.parametrize("features", [np.ones((6, 4)), np.arange(6.0)[:, None]])
def test_points_without_a_second_dimension_or_any_are_drawn(tmp_path: Path, features: np.ndarray) -> None:
    labels = np.arange(6) % 3
    for arrays in ({"features": features}, {"features": features, "labels": labels}):
        last = reported(tmp_path, **arrays)
        assert np.isfinite(Album(last).page(last).points).all()
