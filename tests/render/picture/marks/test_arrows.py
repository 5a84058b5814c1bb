"""Arrows go from their first point to their second, and their heads keep their shape."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.arrows import Arrows
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn

PLACES = np.random.default_rng(0).uniform(-3, 3, size=(4, 3, 2, 2))
ARRAYS = {"moving": PLACES, "still": PLACES[0]}
SCALE = {"x": Scale(low=-4.0, high=4.0), "y": Scale(low=-4.0, high=4.0)}


def heads_of(artist) -> np.ndarray:
    return np.array([path.vertices[:3] for path in artist.get_paths()])


def test_they_point_from_the_first_place_to_the_second_in_every_frame():
    picture, stage, found = drawn(Arrows(segments="moving", ink="run", tint=0.5), arrays=ARRAYS, **SCALE)
    shafts, heads = found.artists
    for frame in (0, 3, 1):
        picture.show(frame)
        starts, tips = (stage.px(PLACES[frame, :, end]) for end in (0, 1))
        np.testing.assert_allclose([each[0] for each in shafts.get_segments()], starts)
        corners = heads_of(heads)
        np.testing.assert_allclose(corners[:, 0], tips)
        feet = corners[:, 1:].mean(axis=1)  # the foot of a head lies on the way to its tip
        along, back = tips - starts, tips - feet
        np.testing.assert_allclose(along[:, 0] * back[:, 1] - along[:, 1] * back[:, 0], 0, atol=1e-6)
        assert ((along * back).sum(axis=1) > 0).all()
    assert to_hex(heads.get_facecolor()[0]) == LIGHT.on_page(LIGHT.ink_of("run"), 0.5)
    assert found.moves.shape == (4, 12)


def test_heads_have_one_shape_on_axes_of_unequal_scales():
    wide = {"x": Scale(low=-400.0, high=400.0), "y": Scale(low=-4.0, high=4.0)}
    for scale in (SCALE, wide):
        _, _, found = drawn(Arrows(segments="moving"), arrays=ARRAYS, **scale)
        corners = heads_of(found.artists[1])
        breadth = np.linalg.norm(corners[:, 1] - corners[:, 2], axis=1)
        length = np.linalg.norm(corners[:, 0] - corners[:, 1:].mean(axis=1), axis=1)
        np.testing.assert_allclose(breadth / length, 0.84, rtol=1e-6)


def test_what_stands_still_is_drawn_once_what_is_missing_not_and_no_length_divides_by_zero():
    _, stage, found = drawn(Arrows(segments="still"), arrays=ARRAYS, **SCALE)
    assert not found.artists
    assert len(stage.axes.collections) == 2
    gone = PLACES.copy()
    gone[1, 2], gone[2, 0, 1] = np.nan, gone[2, 0, 0]
    picture, _, found = drawn(Arrows(segments="gone"), arrays={"gone": gone}, **SCALE)
    picture.show(1)
    assert len(heads_of(found.artists[1])) == 2
    picture.show(2)
    assert np.isfinite(heads_of(found.artists[1])).all()
