"""Arrows end in a head where their segments end; those too short to have a direction are not drawn."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.arrows import Arrows
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn

SEGMENTS = np.random.default_rng(0).normal(size=(4, 3, 2, 2))
SCALE = {"x": Scale(low=-4.0, high=4.0), "y": Scale(low=-4.0, high=4.0)}


def corners(artist):
    return [path.vertices[:7] for path in artist.get_paths()]


def test_arrows_point_from_one_end_of_a_segment_to_the_other():
    picture, stage, found = drawn(Arrows(segments="moving", ink="rival"), arrays={"moving": SEGMENTS}, **SCALE)
    (arrows,) = found.artists
    for frame in (0, 3, 1):
        picture.show(frame)
        for outline, (start, end) in zip(corners(arrows), SEGMENTS[frame], strict=True):
            np.testing.assert_allclose(outline[3], end, atol=1e-9)
            np.testing.assert_allclose((outline[0] + outline[6]) / 2, start, atol=1e-9)
            head, shaft = stage.px(outline[[2, 4]]), stage.px(outline[[0, 6]])
            assert np.linalg.norm(head[0] - head[1]) > np.linalg.norm(shaft[0] - shaft[1]) > 0
    assert to_hex(arrows.get_facecolor()[0]) == LIGHT.ink_of("rival")
    assert found.moves.shape == (4, 12)


def test_a_head_is_no_longer_than_its_arrow_and_one_of_no_length_is_not_drawn():
    segments = np.array([[[0.0, 0.0], [0.01, 0.0]], [[1.0, 1.0], [1.0, 1.0]]])
    _, stage, found = drawn(Arrows(segments="still"), arrays={"still": segments}, **SCALE)
    assert found.moves is None
    assert not found.artists
    (arrows,) = stage.axes.collections
    (outline,) = corners(arrows)
    assert outline[:, 0].min() >= -1e-9
    assert outline[:, 0].max() <= 0.01 + 1e-9


def test_arrows_may_leave_the_axes_where_they_are_not_to_bound_them():
    far = {"still": SEGMENTS[0] * 10}
    assert drawn(Arrows(segments="still"), arrays=far)[1].span.max() > 10
    assert drawn(Arrows(segments="still", bounds=False), arrays=far)[1].span.max() < 10


def test_one_that_is_missing_in_a_frame_is_not_drawn_in_it():
    gone = SEGMENTS.copy()
    gone[1, 2] = np.nan
    picture, _, found = drawn(Arrows(segments="gone"), arrays={"gone": gone}, **SCALE)
    for frame, count in ((0, 3), (1, 2), (2, 3)):
        picture.show(frame)
        assert len(found.artists[0].get_paths()) == count


def test_heads_have_one_shape_on_axes_of_unequal_scales():
    wide = {"x": Scale(low=-400.0, high=400.0), "y": Scale(low=-4.0, high=4.0)}
    for scale in (SCALE, wide):
        _, stage, found = drawn(Arrows(segments="moving"), arrays={"moving": SEGMENTS * 2}, **scale)
        for outline in corners(found.artists[0]):
            left, tip, right = stage.px(outline[2:5])
            breadth, length = np.linalg.norm(left - right), np.linalg.norm(tip - (left + right) / 2)
            np.testing.assert_allclose(breadth / length, 1, rtol=1e-6)
