"""Paths run through the points that the arrays say; trails end where their points are, and begin where they were."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.paths import Paths, Trails
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn

PLACES = np.random.default_rng(0).normal(size=(4, 3, 5, 2))
ARRAYS = {"moving": PLACES, "still": PLACES[0], "points": PLACES[:, :, 0], "classes": np.array([2, 0, 1])}
SCALE = {"x": Scale(low=-4.0, high=4.0), "y": Scale(low=-4.0, high=4.0)}


def made(mark):
    return drawn(mark, arrays=ARRAYS, **SCALE)


def test_moving_paths_run_through_their_points_in_every_frame():
    picture, _, found = made(Paths(paths="moving", ink="rival", tint=0.5))
    (lines,) = found.artists
    for frame in (0, 3, 1):
        picture.show(frame)
        np.testing.assert_allclose(lines.get_segments(), PLACES[frame])
    assert to_hex(lines.get_color()[0]) == LIGHT.on_page(LIGHT.ink_of("rival"), 0.5)
    np.testing.assert_allclose(found.moves, ((PLACES + 4) / 8).reshape(4, 30), atol=1e-9)


def test_what_stands_still_is_drawn_once_and_theory_is_dashed_in_its_own_ink():
    _, stage, found = made(Paths(paths="still", theory=True, ink="run", label="solutions"))
    assert found.moves is None
    assert not found.artists
    (lines,) = stage.axes.collections
    np.testing.assert_allclose(lines.get_segments(), PLACES[0])
    assert to_hex(lines.get_color()[0]) == LIGHT.ink
    assert lines.get_linestyle()[0][1]
    assert stage.labels[0][0].get_text() == "solutions"


def test_paths_may_leave_the_axes_where_they_are_not_to_bound_them():
    _, stage, _ = drawn(Paths(paths="still"), arrays={"still": PLACES[0] * 10})
    assert stage.span.max() > 10
    _, stage, _ = drawn(Paths(paths="still", bounds=False), arrays={"still": PLACES[0] * 10})
    assert stage.span.max() < 10


def test_trails_end_where_their_points_are_and_reach_back_as_far_as_they_may():
    picture, _, found = made(Trails(points="points", classes="classes"))
    (lines,) = found.artists
    for frame in (0, 3, 2):
        picture.show(frame)
        np.testing.assert_allclose(lines.get_segments(), PLACES[: frame + 1, :, 0].swapaxes(0, 1))
    assert [to_hex(colour) for colour in lines.get_color()] == [LIGHT.classes[each] for each in (2, 0, 1)]
    picture, _, found = made(Trails(points="points", frames=1))
    picture.show(3)
    np.testing.assert_allclose(found.artists[0].get_segments(), PLACES[2:, :, 0].swapaxes(0, 1))
    assert found.moves.shape == (4, 6)
    np.testing.assert_allclose(np.unique(found.content[3], axis=0), np.unique(PLACES[2:, :, 0].reshape(-1, 2), axis=0))
