"""Principal axes over a cloud of one colour."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from render.picture.panels.points import Points
from render.picture.theme import DARK, LIGHT


def built(theme, count=2):
    rng = np.random.default_rng(1)
    data = {"points": rng.normal(size=(3, 9, 2)), "arms": 2 + rng.normal(size=(3, count, 2))}
    axes = Figure().add_axes((0, 0, 1, 1))
    return axes, Points(title="", points="points", arms="arms").build(axes, data, theme), data


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_major_axis_has_the_accent_and_the_minor_the_second_colour(theme):
    _, moving, data = built(theme)
    _, *lines = moving.artists
    assert [line.get_color() for line in lines] == [theme.series["accent"], theme.series["second"]]
    for frame in (2, 0, 1):
        moving.update(frame)
        for line, arm in zip(lines, data["arms"][frame], strict=True):
            np.testing.assert_array_equal(line.get_xydata(), [-arm, arm])


def test_arms_lie_over_the_points():
    cloud, *lines = built(LIGHT)[1].artists
    assert min(line.get_zorder() for line in lines) > cloud.get_zorder()


@pytest.mark.parametrize("count", [1, 2])
def test_there_are_as_many_lines_as_arms(count):
    _, moving, _ = built(LIGHT, count)
    assert len(moving.artists) == 1 + count


def test_without_labels_all_points_are_one_quiet_cloud():
    _, moving, data = built(LIGHT)
    moving.update(1)
    np.testing.assert_array_equal(moving.artists[0].get_xydata(), data["points"][1])
    assert moving.artists[0].get_color() == LIGHT.tint(LIGHT.series["third"], 0.55)


def test_the_limits_hold_the_tips_of_the_arms():
    axes, _, data = built(LIGHT)
    assert axes.get_xlim()[1] > np.abs(data["arms"]).max()
