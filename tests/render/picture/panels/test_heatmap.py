"""Squares of colours say the values they were given, and their key says which colour is which."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from render.picture.panels.base import MOVING_ZORDER
from render.picture.panels.heatmap import LEVELS, Heatmap, diverging
from render.picture.theme import DARK, LIGHT


def tables() -> np.ndarray:
    values = np.random.default_rng(0).uniform(-1, 1, (3, 4, 4))
    return (values + values.transpose(0, 2, 1)) / 2


def built(values=None, theme=LIGHT, **how):
    axes = Figure().add_axes((0, 0, 1, 1))
    values = tables() if values is None else values
    return axes, Heatmap(title="", values="values", **how).build(axes, {"values": values}, theme), values


def rgb(colour: str) -> np.ndarray:
    return np.round(255 * np.array(to_rgb(colour))).astype(int)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_ends_are_the_themes_colours_and_zero_is_quiet(theme):
    colours = diverging(theme)(np.array([-1.0, 0.0, 1.0]))
    np.testing.assert_array_equal(colours[0], rgb(theme.series["second"]))
    np.testing.assert_array_equal(colours[1], rgb(theme.tint(theme.muted, 0.06)))
    np.testing.assert_array_equal(colours[2], rgb(theme.series["accent"]))


def test_colours_are_straight_lines_between_the_ends_and_the_middle():
    values = np.linspace(-1, 1, 2 * LEVELS + 1)
    low, middle, high = (
        rgb(c) for c in (LIGHT.series["second"], LIGHT.tint(LIGHT.muted, 0.06), LIGHT.series["accent"])
    )
    ends = np.where(values[:, None] < 0, low, high)
    expected = middle + np.abs(values)[:, None] * (ends - middle)
    np.testing.assert_allclose(diverging(LIGHT)(values), expected, atol=1)


def test_each_frame_shows_its_table():
    axes, moving, values = built()
    (image,) = axes.images
    for frame in (0, 2, 1):
        moving.update(frame)
        np.testing.assert_array_equal(image.get_array(), diverging(LIGHT)(values[frame]))
    assert image in moving.artists
    assert image.get_zorder() >= MOVING_ZORDER


def test_beyond_the_limit_colours_are_those_of_the_limit():
    axes, moving, values = built(limit=0.25)
    moving.update(1)
    np.testing.assert_array_equal(axes.images[0].get_array(), diverging(LIGHT)(np.clip(values[1] * 4, -1, 1)))


def test_a_table_that_stands_still_moves_nothing():
    axes, moving, values = built(tables()[1])
    assert list(moving.artists) == []
    moving.update(0)
    np.testing.assert_array_equal(axes.images[0].get_array(), diverging(LIGHT)(values))


def test_numbers_stand_above_the_diagonal_with_a_true_minus():
    axes, moving, values = built(numbers=True)
    moving.update(2)
    assert len(axes.texts) == 6
    for text in axes.texts:
        column, row = text.get_position()
        assert column > row
        assert "-" not in text.get_text()
        assert float(text.get_text().replace("−", "-")) == pytest.approx(values[2, row, column], abs=0.005)


def test_ticks_number_the_classes_from_zero():
    axes, _, _ = built(ticks=True)
    assert axes.get_xticks().tolist() == axes.get_yticks().tolist() == [0, 1, 2, 3]
    axes, _, _ = built()
    assert len(axes.get_xticks()) == len(axes.get_yticks()) == 0


@pytest.mark.parametrize(("how", "ends"), [({}, (-1, 1)), ({"low": 0}, (0, 1)), ({"limit": 0.5}, (-0.5, 0.5))])
def test_the_key_runs_from_its_low_end_to_the_limit(how, ends):
    axes, moving, _ = built(key=True, **how)
    (strip,) = axes.child_axes
    assert strip.get_ylim() == ends
    assert strip.get_yticks().tolist() == sorted({ends[0], 0, ends[1]})
    assert [float(label.get_text().replace("−", "-")) for label in strip.get_yticklabels()] == sorted({*ends, 0})
    shades = strip.images[0].get_array()[:, 0]
    np.testing.assert_array_equal(shades[[0, -1]], diverging(LIGHT)(np.array(ends) / ends[1]))
    assert strip.images[0].origin == "lower"
    assert not set(strip.images) & set(moving.artists)


def test_classes_are_dots_on_the_diagonal():
    axes, moving, _ = built(classes=True)
    for label, dot in enumerate(axes.lines):
        assert dot.get_xydata().tolist() == [[label, label]]
        assert dot.get_color() == LIGHT.classes[label]
        assert dot in moving.artists
