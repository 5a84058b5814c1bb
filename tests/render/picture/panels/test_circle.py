"""Codes, their masses, ghosts and clouds are on the circle where the arrays say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from render.picture.panels.base import MOVING_ZORDER
from render.picture.panels.circle import LARGEST_PT, SMALLEST_PT, Circle
from render.picture.theme import DARK, LIGHT

FRAMES, CLASSES = 4, 5


def on_circle(*shape: int) -> np.ndarray:
    angles = np.random.default_rng(sum(shape)).uniform(0, 2 * np.pi, shape)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def arrays() -> dict[str, np.ndarray]:
    return {
        "codes": on_circle(FRAMES, CLASSES),
        "still": on_circle(CLASSES),
        "ghosts": on_circle(FRAMES, CLASSES),
        "masses": np.random.default_rng(1).dirichlet(np.ones(CLASSES), FRAMES),
        "tie": np.linspace(1, 0, FRAMES),
        "star": on_circle(FRAMES),
        "lone": on_circle(1)[0],
        "points": on_circle(FRAMES, 7),
        "partners": on_circle(FRAMES, 8)[:, :7],
        "labels": np.array([0, 1, 2, 2, 1, 0, 0]),
    }


def built(theme=LIGHT, **names):
    axes = Figure().add_axes((0, 0, 1, 1))
    data = arrays()
    return axes, Circle(title="", **names).build(axes, data, theme), data


def dots_of(axes, marker):
    return [line for line in axes.lines if line.get_marker() == marker and line.get_fillstyle() == "full"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_code_has_its_place_its_colour_and_its_number(theme):
    axes, moving, data = built(theme, codes="codes")
    for frame in (0, 3, 1):
        moving.update(frame)
        for label, dot in enumerate(dots_of(axes, "o")):
            np.testing.assert_array_equal(dot.get_xydata(), data["codes"][frame, label : label + 1])
            assert to_hex(dot.get_markerfacecolor()) == theme.classes[label]
        for label, number in enumerate(axes.texts):
            assert number.get_text() == str(label)
            place = np.array(number.get_position())
            np.testing.assert_allclose(place / np.linalg.norm(place), data["codes"][frame, label])
            assert np.linalg.norm(place) > 1
            assert number in moving.artists


def test_masses_are_areas_and_none_is_invisible():
    axes, moving, data = built(codes="still", masses="masses")
    moving.update(2)
    sizes = np.array([dot.get_markersize() for dot in dots_of(axes, "o")])
    np.testing.assert_allclose(sizes, np.maximum(LARGEST_PT * np.sqrt(data["masses"][2]), SMALLEST_PT))


def test_numbers_of_codes_that_stand_still_are_drawn_once():
    axes, moving, _ = built(codes="still", masses="masses")
    assert len(axes.texts) == CLASSES
    assert not set(axes.texts) & set(moving.artists)
    assert all(text.get_zorder() < MOVING_ZORDER for text in axes.texts)


def test_the_path_joins_classes_in_order_and_the_tie_fades():
    _, moving, data = built(codes="codes", path=True, tie="tie")
    joined, closing = moving.artists[:2]
    moving.update(0)
    np.testing.assert_array_equal(joined.get_xydata(), data["codes"][0])
    np.testing.assert_array_equal(closing.get_xydata(), data["codes"][0][[-1, 0]])
    assert closing.get_color() == joined.get_color()
    moving.update(FRAMES - 1)
    assert closing.get_color() == LIGHT.card


def test_without_a_path_nothing_is_joined():
    _, moving, _ = built(codes="codes")
    moving.update(1)
    assert all(len(line.get_xdata()) == 0 for line in moving.artists[:2])


def test_ghosts_are_hollow_and_move():
    axes, moving, data = built(codes="codes", ghosts="ghosts")
    hollow = [line for line in axes.lines if line.get_fillstyle() == "none"]
    assert len(hollow) == CLASSES
    for frame in (1, 2):
        moving.update(frame)
        for label, ring in enumerate(hollow):
            np.testing.assert_array_equal(ring.get_xydata(), data["ghosts"][frame, label : label + 1])
            assert ring.get_color() == LIGHT.tint(LIGHT.classes[label], 0.6)


@pytest.mark.parametrize("name", ["star", "lone"])
def test_the_star_is_where_it_is_said_to_be(name):
    axes, moving, data = built(codes="codes", star=name)
    (star,) = dots_of(axes, "*")
    moving.update(3)
    np.testing.assert_array_equal(star.get_xydata(), np.broadcast_to(data[name], (FRAMES, 2))[3:])


def test_the_two_views_lie_apart_on_either_side_of_the_circle():
    _, moving, data = built(points="points", partners="partners", labels="labels")
    assert len(moving.artists) == 6
    moving.update(2)
    for index, line in enumerate(moving.artists):
        side, label = divmod(index, 3)
        name = ("points", "partners")[side]
        radii = np.linalg.norm(line.get_xydata(), axis=1)
        assert ((radii > 1) if side == 0 else (radii < 1)).all()
        np.testing.assert_allclose(line.get_xydata() / radii[:, None], data[name][2][data["labels"] == label])
        assert line.get_color() == LIGHT.classes[label]


@pytest.mark.parametrize("names", [{"codes": "codes"}, {"points": "points", "labels": "labels"}])
def test_one_scale_that_does_not_move_and_holds_everything(names):
    axes, moving, _ = built(**names)
    limits = (*axes.get_xlim(), *axes.get_ylim())
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_box_aspect() == 1
    for frame in range(FRAMES):
        moving.update(frame)
        assert (*axes.get_xlim(), *axes.get_ylim()) == limits
        for text in axes.texts:
            assert np.abs(text.get_position()).max() < limits[1]
    assert min(artist.get_zorder() for artist in moving.artists) >= MOVING_ZORDER
