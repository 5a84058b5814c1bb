"""Points are where the arrays say, of the size, ink and name that they have, and clipped at their frame."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.base import GROUND, MOVING
from render.picture.marks.points import Points
from render.picture.theme import DARK, LIGHT
from tests.render.picture.told import drawn

PLACES = np.random.default_rng(0).normal(size=(4, 6, 2))
SCALE = {"x": Scale(low=-4.0, high=4.0), "y": Scale(low=-4.0, high=4.0)}
ARRAYS = {"points": PLACES, "still": PLACES[0], "classes": np.array([0, 1, 2, 2, 1, 0]), "sizes": PLACES[..., 0] ** 2}


def made(theme=LIGHT, **how):
    return drawn(Points(**{"points": "points", **how}), arrays=ARRAYS, theme=theme, **SCALE)


def test_they_are_where_the_array_says_in_every_frame():
    picture, _, found = made(ink="run")
    (dots,) = found.artists
    for frame in (0, 3, 1):
        picture.show(frame)
        np.testing.assert_allclose(dots.get_offsets(), PLACES[frame])
    assert to_hex(dots.get_facecolor()[0]) == LIGHT.ink_of("run")
    assert dots.get_zorder() == MOVING
    assert set(found.artists) <= set(picture.moving)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_class_has_its_colour_tinted_on_the_page(theme):
    picture, _, found = made(theme, classes="classes", tint=0.8)
    picture.show(2)
    for each, dots in enumerate(found.artists):
        np.testing.assert_allclose(dots.get_offsets(), PLACES[2][ARRAYS["classes"] == each])
        assert to_hex(dots.get_facecolor()[0]) == theme.on_page(theme.classes[each], 0.8)


def test_sizes_are_diameters_and_may_change():
    picture, _, found = made(sizes="sizes", size_pt=3.0)
    picture.show(1)
    np.testing.assert_allclose(found.artists[0].get_sizes(), (3.0 * ARRAYS["sizes"][1]) ** 2)


def test_hollow_ones_are_rings_on_the_page():
    _, _, found = made(hollow=True, ink="theory")
    (dots,) = found.artists
    assert (to_hex(dots.get_facecolor()[0]), to_hex(dots.get_edgecolor()[0])) == (LIGHT.page, LIGHT.ink)
    assert dots.get_linewidth()[0] == LIGHT.rim_pt


def test_what_stands_still_is_drawn_once_and_shows_no_motion():
    picture, stage, found = made(points="still")
    (dots,) = stage.axes.collections
    np.testing.assert_allclose(dots.get_offsets(), PLACES[0])
    assert dots.get_zorder() == GROUND
    assert dots not in picture.moving
    assert found.moves is None


def test_what_stands_still_over_what_moves_is_drawn_with_it():
    picture, stage, _ = made(points="still", over=0.5)
    (dots,) = stage.axes.collections
    assert dots in picture.moving
    assert dots.get_zorder() == MOVING + 0.5


def test_moves_are_shares_of_the_frame_and_content_is_where_they_are():
    _, stage, found = made()
    shares = (PLACES + 4) / 8
    np.testing.assert_allclose(found.moves, shares.reshape(4, 12), atol=1e-9)
    np.testing.assert_allclose(found.content, PLACES)
    assert stage.axes.get_xlim() == stage.axes.get_ylim() == (-4, 4)


def test_a_point_that_only_swells_moves():
    _, _, found = made(points="still", sizes="sizes")
    assert found.moves.shape == (4, 6)
    assert (np.diff(found.moves, axis=0) != 0).all()


def test_a_dot_on_the_edge_is_whole_and_one_far_off_is_not_seen():
    _, stage, found = made(size_pt=10.0)
    clip, box = found.artists[0].get_clip_box(), stage.axes.bbox
    reach = 5 / 72 * 100
    assert box.x0 - 2 * reach < clip.x0 < box.x0 - reach
    assert box.y1 + reach < clip.y1 < box.y1 + 2 * reach
    assert found.artists[0].get_clip_on()


def test_names_stand_on_their_points_or_beside_them_over_all_that_moves():
    names = ("A", "B")
    for offset, ink in (((0.0, 0.0), LIGHT.page), ((12.0, 5.0), LIGHT.ink_of("run"))):
        picture, stage, _ = made(ink="run", names=names, offset_px=offset)
        labels = [text for text in picture.texts if text.get_text() in names]
        picture.show(3)
        for label, place in zip(labels, PLACES[3], strict=False):
            np.testing.assert_allclose(label.get_position(), stage.px(place) + offset)
            assert label.get_color() == ink
        assert picture.moving[-2:] == labels


def test_names_of_points_that_stand_still_are_not_hidden_by_them():
    picture, _, _ = made(points="still", names=("A",), over=0.5)
    assert picture.moving[-1].get_text() == "A"


def test_of_many_points_every_so_many_is_drawn():
    cloud = np.random.default_rng(1).normal(size=(4, 12, 2))
    classes = np.arange(12) % 3
    _, _, found = drawn(
        Points(points="points", classes="classes", every=4), arrays={"points": cloud, "classes": classes}
    )
    places = np.concatenate([dots.get_offsets() for dots in found.artists])
    assert sorted(map(tuple, places)) == sorted(map(tuple, cloud[0, ::4]))
    assert found.content.shape == (4, 3, 2)


def test_those_of_theory_are_dashed_rings_in_its_ink_through_which_one_sees():
    _, _, found = made(theory=True, ink="run", classes="classes")
    for dots in found.artists:
        assert to_hex(dots.get_edgecolor()[0]) == LIGHT.ink_of("theory")
        assert not len(dots.get_facecolor())
        assert dots.get_linestyle()[0][1]
