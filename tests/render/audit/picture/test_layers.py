"""The picture of layers: cells that fill up with the steps, and what is not there, which has no colour."""

from __future__ import annotations

import numpy as np
import pytest

from render.audit.picture.layers import PALEST, Map, by_depth, rows_px
from render.picture.group import Group
from render.picture.marks.tiles import Tiles
from tests.render.audit.examples import layered


def test_shares_go_from_palest_to_solid_and_what_is_missing_has_none() -> None:
    values = np.array([[1.0, 10.0], [np.nan, 100.0]])
    shares = Map("nc1", "", log=True).shares(values)
    np.testing.assert_allclose(shares, [[PALEST, (1 + PALEST) / 2], [0, 1]])
    np.testing.assert_allclose(Map("nc1", "").shares(np.full((2, 2), 3.0)), 1)
    np.testing.assert_allclose(Map("nc1", "", log=True).shares(np.array([[0.0, np.inf]])), PALEST, atol=1)
    np.testing.assert_allclose(Map("cka", "", ends=(0.0, 1.0)).shares(np.array([[-0.2, 1.0]])), [[PALEST, 1]])


@pytest.fixture(scope="module")
def shown() -> tuple[Group, dict[str, np.ndarray]]:
    course = layered([0, 5, 9], ["a", "b"], points=40)
    assert course.last.depth is not None
    found = by_depth(course.last.depth, course.pages, "classifier", 1064, moving=True)
    return found.groups[0], dict(found.arrays)


def test_a_frame_has_the_steps_so_far(shown: tuple[Group, dict[str, np.ndarray]]) -> None:
    group, arrays = shown
    tables = [mark.table for frame in group.frames for mark in frame.marks if isinstance(mark, Tiles)]
    assert len(set(tables) - {"depth/key"}) == 4
    for name in set(tables) - {"depth/key"}:
        table = arrays[name]
        assert table.shape == (3, 20, 3)
        for frame in range(3):
            assert (table[frame, :, frame + 1 :] == 0).all()
            assert (table[frame, 0, : frame + 1] > 0).all()
            assert (table[frame, 9] == 0).all()  # the gap to the next layer
    assert arrays["depth/end"].tolist() == [False, False, True]


def test_rows_have_room_and_are_not_endless() -> None:
    assert rows_px(2) == rows_px(5) < rows_px(9) < rows_px(30) == rows_px(300)
