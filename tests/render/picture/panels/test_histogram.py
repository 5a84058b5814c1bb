"""Bars have the counts of their frame, below one limit, against a dashed line where theory puts everything."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from render.picture.panels.base import MOVING_ZORDER, Axis, Level
from render.picture.panels.histogram import Histogram
from render.picture.theme import DARK, LIGHT

EDGES = np.linspace(-1.0, 1.0, 6)
COUNTS = np.array([[1, 2, 3, 4, 5], [0, 15, 0, 0, 0], [3, 3, 3, 3, 3]])


def built(theme=LIGHT, goal=-0.2):
    axes = Figure(figsize=(3, 3)).add_axes((0.1, 0.1, 0.8, 0.8))
    goal = Level(goal, "the goal")
    panel = Histogram(title="", counts="counts", edges="edges", goal=goal, x_axis=Axis("cosine"))
    return axes, panel.build(axes, {"counts": COUNTS, "edges": EDGES}, theme)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_bars_have_the_counts_of_their_frame(theme):
    _, moving = built(theme)
    bars = moving.artists[0]
    for frame in (0, 2, 1):
        moving.update(frame)
        values, edges, _ = bars.get_data()
        np.testing.assert_array_equal(values, COUNTS[frame])
        np.testing.assert_array_equal(edges, EDGES)
    assert to_hex(bars.get_facecolor()) == theme.series["accent"]


def test_the_limits_are_those_of_the_whole_run_and_do_not_move():
    axes, moving = built()
    for frame in range(3):
        moving.update(frame)
        assert axes.get_xlim() == (-1, 1)
        assert axes.get_ylim()[0] == 0
        assert 15 < axes.get_ylim()[1] < 18


@pytest.mark.parametrize("goal", [-0.9, -0.2, 0.5, 0.9])
def test_the_goal_is_a_dashed_line_with_its_formula_beside_it_towards_the_middle(goal):
    axes, moving = built(goal=goal)
    _, line, label = moving.artists
    np.testing.assert_array_equal(line.get_xdata(), [goal, goal])
    assert line.get_linestyle() == "--"
    assert line.get_color() == label.get_color() == LIGHT.goal
    assert label.get_text() == "the goal"
    axes.figure.canvas.draw()
    extent, at = label.get_window_extent(), axes.transData.transform((goal, 0))[0]
    assert (extent.x0 > at) if goal < 0 else (extent.x1 < at)


def test_the_line_is_drawn_over_the_bars_and_the_x_axis_is_named():
    axes, moving = built()
    bars, line, label = moving.artists
    assert MOVING_ZORDER <= bars.get_zorder() < line.get_zorder() <= label.get_zorder()
    assert axes.get_xlabel() == "cosine"


def test_counts_have_whole_ticks():
    axes, _ = built()
    np.testing.assert_array_equal(axes.get_yticks(), np.round(axes.get_yticks()))
