"""Bars are as high as their numbers, upright or lying, full or as edges alone."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.bars import Bars
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn, written

HEIGHTS = np.array([[1.0, 2.0], [1.5, 1.0], [2.0, 0.5], [0.0, 0.0]])
ARRAYS = {"heights": HEIGHTS, "still": HEIGHTS[0], "at": np.array([3.0, 7.0])}


def made(**how):
    scale = Scale(low=0.0, high=10.0)
    return drawn(Bars(**{"heights": "heights", **how}), arrays=ARRAYS, x=scale, y=scale)


@pytest.mark.parametrize("lying", [False, True])
def test_they_reach_from_the_foot_to_their_number(lying):
    picture, _, found = made(at="at", width=1.0, lying=lying)
    (bars,) = found.artists
    across, along = (1, 0) if lying else (0, 1)
    for frame in (0, 3, 1):
        picture.show(frame)
        for middle, height, path in zip(ARRAYS["at"], HEIGHTS[frame], bars.get_paths(), strict=True):
            assert np.ptp(path.vertices[:, across]) == pytest.approx(1.0)
            assert path.vertices[:4, across].mean() == pytest.approx(middle)
            assert (path.vertices[:, along].min(), path.vertices[:, along].max()) == pytest.approx((0, height))
    np.testing.assert_allclose(found.moves, HEIGHTS / 10)


def test_edges_alone_are_of_what_was_or_will_be():
    _, stage, found = made(heights="still", outline=True, ink="theory")
    (bars,) = stage.axes.collections
    assert not len(bars.get_facecolor())
    assert to_hex(bars.get_edgecolor()[0]) == LIGHT.ink
    assert found.moves is None


def test_names_stand_below_their_bars():
    picture, stage, _ = made(names=("first", "second"))
    assert {"first", "second"} <= set(written(picture))
    (first,) = [text for text in picture.texts if text.get_text() == "first"]
    np.testing.assert_allclose(first.get_position(), stage.px((1.0, 0.0)) - (0, 14))


def test_packed_bars_stand_side_by_side_as_wide_as_their_numbers():
    widths = np.array([[1.0, 3.0], [2.0, 2.0], [2.0, 2.0], [2.0, 2.0]])
    scale = Scale(low=0.0, high=10.0)
    picture, _, found = drawn(Bars(heights="heights", packed="widths"), arrays=ARRAYS | {"widths": widths}, x=scale)
    (bars,) = found.artists
    for frame in (0, 1):
        picture.show(frame)
        edges = [path.vertices[:, 0] for path in bars.get_paths()]
        lefts = [each.min() for each in edges]
        assert lefts == pytest.approx([0.0, widths[frame, 0]])
        assert [np.ptp(each) for each in edges] == pytest.approx(widths[frame] - 0.003)


def test_narrow_packed_bars_touch():
    widths = np.tile([0.01, 0.012], (4, 1))
    picture, _, found = drawn(Bars(heights="heights", packed="widths"), arrays=ARRAYS | {"widths": widths})
    picture.show(0)
    edges = [path.vertices[:, 0] for path in found.artists[0].get_paths()]
    assert [np.ptp(each) for each in edges] == pytest.approx([0.01, 0.012])
