"""Curves over a fixed axis move as a whole, inside limits of the whole run, beside the theory of each frame."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from render.picture.panels.base import MOVING_ZORDER, Axis, Level
from render.picture.panels.lines import Line, Lines
from render.picture.theme import DARK, LIGHT

FRAMES, POINTS = 4, 6


def built(*curves: Line, theme=LIGHT, data=None, **how):
    axes = Figure().add_axes((0.1, 0.1, 0.8, 0.8))
    rng = np.random.default_rng(1)
    arrays = {
        "moving": rng.uniform(-1, 2, (FRAMES, POINTS)),
        "theory": rng.uniform(-3, 1, (FRAMES, POINTS)),
        "fixed": rng.uniform(0, 1, POINTS),
        "input": np.array([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0]),
        **(data or {}),
    }
    return axes, Lines(title="", curves=curves, **how).build(axes, arrays, theme), arrays


def test_a_curve_is_that_of_its_frame_over_a_fixed_axis():
    axes, moving, arrays = built(Line("moving"), x="input")
    (line,) = moving.artists
    for frame in (0, 3, 1):
        moving.update(frame)
        np.testing.assert_array_equal(line.get_xdata(), arrays["input"])
        np.testing.assert_array_equal(line.get_ydata(), arrays["moving"][frame])
    assert axes.get_xlim() == (-1, 1)
    assert line.get_zorder() >= MOVING_ZORDER


def test_without_an_x_values_are_those_of_modes_from_one():
    axes, moving, _ = built(Line("moving"), x_axis=Axis("mode k", "log"))
    np.testing.assert_array_equal(moving.artists[0].get_xdata(), [1, 2, 3, 4, 5, 6])
    assert axes.get_xlim() == (1, 6)
    assert axes.get_xlabel() == "mode k"
    assert axes.get_xscale() == "log"


def test_a_profile_may_have_places_of_its_own():
    data = {"at": np.array([-2.0, 0.0, 3.0]), "values": np.ones((FRAMES, 3))}
    axes, moving, arrays = built(Line("moving"), Line("values", x="at"), x="input", data=data)
    np.testing.assert_array_equal(moving.artists[0].get_xdata(), arrays["input"])
    np.testing.assert_array_equal(moving.artists[1].get_xdata(), arrays["at"])
    assert axes.get_xlim() == (-2, 3)


def test_what_has_no_frames_stands_still():
    axes, moving, arrays = built(Line("moving"), Line("fixed", "second"))
    assert len(moving.artists) == 1
    (still,) = (line for line in axes.lines if line not in moving.artists)
    moving.update(2)
    np.testing.assert_array_equal(still.get_ydata(), arrays["fixed"])
    assert still.get_zorder() < MOVING_ZORDER


@pytest.mark.parametrize(("theory", "moves"), [("theory", True), ("fixed", False)])
def test_theory_is_dashed_and_moves_if_it_has_frames(theory, moves):
    axes, moving, arrays = built(Line("moving", theory=theory))
    (dashes,) = (line for line in axes.lines if line.get_linestyle() == "--")
    assert (dashes in moving.artists) == moves
    moving.update(3)
    np.testing.assert_array_equal(dashes.get_ydata(), arrays[theory][3] if moves else arrays[theory])
    assert (
        dashes.get_zorder() > next(line for line in moving.artists if line is not dashes).get_zorder() - MOVING_ZORDER
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colours_are_series_of_the_theme_or_classes(theme):
    _, moving, _ = built(
        Line("moving", "second"), Line("theory", class_colour=3), Line("moving", class_colour=13), theme=theme
    )
    colours = [line.get_color() for line in moving.artists]
    assert colours == [theme.series["second"], theme.classes[3], theme.classes[3]]


def test_points_are_markers_with_or_without_a_line():
    _, moving, _ = built(Line("moving"), Line("moving", points=True), Line("moving", points=True, line=False))
    plain, both, alone = moving.artists
    assert [line.get_marker() for line in (plain, both, alone)] == ["", "o", "o"]
    assert plain.get_linewidth() == both.get_linewidth() > alone.get_linewidth() == 0


@pytest.mark.parametrize("yscale", ["linear", "log"])
def test_limits_hold_the_whole_run_theory_and_goal_and_do_not_move(yscale):
    data = {"moving": np.geomspace(1e-3, 10, FRAMES * POINTS).reshape(FRAMES, POINTS), "theory": np.full(POINTS, 20.0)}
    axes, moving, _ = built(
        Line("moving", theory="theory"), data=data, y_axis=Axis(scale=yscale, floor=1e-5), goal=Level(30.0)
    )
    limits = axes.get_ylim()
    assert limits[0] < 1e-3
    assert limits[1] > 30
    for frame in range(FRAMES):
        moving.update(frame)
        assert axes.get_ylim() == limits


def test_on_a_logarithmic_axis_what_is_below_the_floor_lies_on_it():
    data = {"moving": np.array([[1.0, 1e-2, 1e-4, 1e-9, 0.0, -1.0]])}
    axes, moving, _ = built(Line("moving"), data=data, y_axis=Axis(scale="log", floor=1e-5))
    moving.update(0)
    np.testing.assert_allclose(moving.artists[0].get_ydata(), [1, 1e-2, 1e-4, 1e-5, 1e-5, 1e-5])
    assert axes.get_ylim()[0] == 1e-5


def test_limits_are_what_they_are_told_and_what_lies_outside_is_drawn_on_the_edge():
    data = {"moving": np.array([[-5.0, 0.0, 0.5, 1.0, 1.5, 9.0]])}
    axes, moving, _ = built(Line("moving"), data=data, y_axis=Axis(low=0.0, high=1.25))
    assert axes.get_ylim() == (0, 1.25)
    np.testing.assert_array_equal(moving.artists[0].get_ydata(), [0, 0, 0.5, 1, 1.25, 1.25])


def test_a_constant_curve_has_limits_around_it():
    axes, _, _ = built(Line("moving"), data={"moving": np.full((FRAMES, POINTS), 0.3)})
    assert axes.get_ylim()[0] < 0.3 < axes.get_ylim()[1]


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_goal_is_a_dashed_level_with_its_formula_at_its_side(side):
    axes, moving, _ = built(Line("moving"), goal=Level(0.9, "all of it", side))
    (level,) = (line for line in axes.lines if line not in moving.artists)
    assert set(level.get_ydata()) == {0.9}
    assert level.get_linestyle() == "--"
    (label,) = axes.texts
    assert label.get_text() == "all of it"
    axes.figure.draw_without_rendering()
    extent = label.get_window_extent()
    assert axes.bbox.x0 <= extent.x0 < extent.x1 <= axes.bbox.x1
    assert (extent.x0 + extent.x1 < axes.bbox.x0 + axes.bbox.x1) == (side == "left")


@pytest.mark.parametrize(("columns", "rows"), [(0, 1), (2, 2)])
def test_the_legend_stands_above_the_axes_in_room_that_they_give_up(columns, rows):
    before, _, _ = built(Line("moving"))
    labels = ["rich", "", "lazy", "between"]
    curves = [Line("moving", label=label, class_colour=number) for number, label in enumerate(labels)]
    axes, _, _ = built(*curves, legend_columns=columns)
    axes.figure.draw_without_rendering()
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["rich", "lazy", "between"]
    assert [handle.get_color() for handle in legend.get_lines()] == [LIGHT.classes[k] for k in (0, 2, 3)]
    assert (axes.bbox.x0, axes.bbox.y0, axes.bbox.x1) == (before.bbox.x0, before.bbox.y0, before.bbox.x1)
    assert before.bbox.y1 - axes.bbox.y1 == pytest.approx(20 * rows)
    for text in legend.get_texts():
        extent = text.get_window_extent()
        assert axes.bbox.y1 <= extent.y0 < extent.y1 <= before.bbox.y1 + 4
        assert axes.bbox.x0 - (46 - 12) <= extent.x0 < extent.x1 <= axes.bbox.x1


def test_ticks_are_where_they_are_told():
    axes, _, _ = built(Line("moving"), x_axis=Axis(ticks=(1, 3, 6)), y_axis=Axis(ticks=(-1, 0.5, 1)))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "3", "6"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["−1", "0.5", "1"]
