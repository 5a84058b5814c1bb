"""Points, means, ghosts and arms are where the arrays say, in the colours of their classes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from render.picture.panels.base import MOVING_ZORDER
from render.picture.panels.points import Points
from render.picture.theme import DARK, LIGHT

LABELS = np.array([0, 1, 2, 2, 1, 0, 0])


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "points": rng.normal(size=(4, 7, 2)),
        "labels": LABELS,
        "means": rng.normal(size=(4, 3, 2)),
        "ghosts": rng.normal(size=(3, 2)),
        "arms": rng.normal(size=(4, 2, 2)),
    }


def built(theme=LIGHT, data=None, **names):
    axes = Figure().add_axes((0, 0, 1, 1))
    data = data or arrays()
    moving = Points(title="", points="points", labels="labels", **names).build(axes, data, theme)
    return axes, moving, data


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_class_has_its_points_and_its_colour_in_every_frame(theme):
    _, moving, data = built(theme)
    assert len(moving.artists) == 3
    for frame in (0, 3, 1):
        moving.update(frame)
        for label, cloud in enumerate(moving.artists):
            np.testing.assert_array_equal(cloud.get_xydata(), data["points"][frame][label == LABELS])
            assert cloud.get_color() == theme.tint(theme.classes[label], 0.55)
            assert cloud.get_linestyle() == "None"


def test_means_have_the_solid_colour_of_their_class_and_are_joined_in_pairs():
    _, moving, data = built(means="means")
    edges, *dots = moving.artists[3:]
    moving.update(2)
    for label, dot in enumerate(dots):
        np.testing.assert_array_equal(dot.get_xydata(), data["means"][2][label : label + 1])
        assert to_hex(dot.get_markerfacecolor()) == LIGHT.classes[label]
    expected = [(data["means"][2][i], data["means"][2][j]) for i in range(3) for j in range(i + 1, 3)]
    np.testing.assert_array_equal(edges.get_segments(), expected)


def test_ghosts_are_hollow_and_stand_still():
    axes, moving, data = built(means="means", ghosts="ghosts")
    still = [line for line in axes.lines if line not in moving.artists]
    assert len(still) == 3
    for label, ring in enumerate(still):
        np.testing.assert_array_equal(ring.get_xydata(), data["ghosts"][label : label + 1])
        assert ring.get_fillstyle() == "none"
        assert ring.get_color() == LIGHT.tint(LIGHT.classes[label], 0.6)
        assert ring.get_zorder() < MOVING_ZORDER


def test_arms_run_through_the_origin_both_ways():
    _, moving, data = built(arms="arms")
    moving.update(3)
    for line, arm in zip(moving.artists[3:], data["arms"][3], strict=True):
        np.testing.assert_array_equal(line.get_xydata(), [-arm, arm])


@pytest.mark.parametrize("name", ["points", "means", "ghosts", "arms"])
def test_the_limits_hold_the_whole_run_and_do_not_move(name):
    data = arrays()
    data[name][-1 if name != "ghosts" else 0].flat[0] = -50.0
    axes, moving, _ = built(data=data, means="means", ghosts="ghosts", arms="arms")
    limits = (*axes.get_xlim(), *axes.get_ylim())
    low, high = axes.get_xlim()
    assert low < -50
    assert high == -low
    assert (low, high) == axes.get_ylim()
    assert high < 60
    for frame in range(4):
        moving.update(frame)
        assert (*axes.get_xlim(), *axes.get_ylim()) == limits


def test_both_axes_have_one_scale_and_no_ticks():
    axes, _, _ = built()
    assert axes.get_aspect() == 1
    assert len(axes.get_xticks()) == len(axes.get_yticks()) == 0


def test_a_class_without_points_keeps_the_colours_of_the_others():
    data = arrays() | {"labels": np.array([0, 0, 0, 2, 2, 2, 2])}
    _, moving, _ = built(data=data)
    moving.update(1)
    assert [len(cloud.get_xdata()) for cloud in moving.artists] == [3, 0, 4]
    assert moving.artists[2].get_color() == LIGHT.tint(LIGHT.classes[2], 0.55)


def test_what_moves_is_above_what_stands_still():
    axes, moving, _ = built(means="means", ghosts="ghosts", arms="arms")
    assert min(artist.get_zorder() for artist in moving.artists) >= MOVING_ZORDER
    assert max(line.get_zorder() for line in axes.lines if line not in moving.artists) < MOVING_ZORDER
