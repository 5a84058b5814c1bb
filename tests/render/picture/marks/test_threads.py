"""Threads join the points that the arrays say, as wide as they say; one of width 0 is not drawn."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.threads import Threads
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn

PLACES = np.random.default_rng(0).normal(size=(4, 3, 2, 2))
WIDTHS = np.array([[1.0, 0.0, 2.0]] * 3 + [[0.5, 1.0, 0.0]])
ARRAYS = {"ways": PLACES, "still": PLACES[0], "widths": WIDTHS, "classes": np.array([2, 0, 1])}
SCALE = {"x": Scale(low=-4.0, high=4.0), "y": Scale(low=-4.0, high=4.0)}


def made(**how):
    return drawn(Threads(**{"segments": "ways", **how}), arrays=ARRAYS, **SCALE)


def test_they_join_their_points_in_every_frame():
    picture, _, found = made(ink="rival", tint=0.5)
    (lines,) = found.artists
    for frame in (0, 3, 1):
        picture.show(frame)
        np.testing.assert_allclose(lines.get_segments(), PLACES[frame])
    assert to_hex(lines.get_color()[0]) == LIGHT.on_page(LIGHT.ink_of("rival"), 0.5)


def test_those_without_width_are_not_drawn_and_the_others_keep_their_colours():
    picture, _, found = made(classes="classes", widths="widths", width_pt=3.0)
    (lines,) = found.artists
    picture.show(0)
    np.testing.assert_allclose(lines.get_segments(), PLACES[0][[0, 2]])
    assert [to_hex(colour) for colour in lines.get_color()] == [LIGHT.classes[2], LIGHT.classes[1]]
    assert list(lines.get_linewidth()) == [3.0, 6.0]
    picture.show(3)
    np.testing.assert_allclose(lines.get_segments(), PLACES[3][[0, 1]])


def test_theory_is_dashed_in_its_own_ink():
    _, _, found = made(theory=True, ink="run")
    (lines,) = found.artists
    assert to_hex(lines.get_color()[0]) == LIGHT.ink
    assert lines.get_linestyle()[0][1]


def test_they_move_by_their_ends_and_by_their_widths():
    _, _, found = made()
    np.testing.assert_allclose(found.moves, ((PLACES + 4) / 8).reshape(4, 12), atol=1e-9)
    np.testing.assert_allclose(found.content, PLACES.reshape(4, 6, 2))
    _, _, found = made(segments="still", widths="widths")
    assert found.moves.shape == (4, 3)
    assert found.content.shape == (4, 6, 2)
    _, _, found = made(segments="still")
    assert found.moves is None
