"""Curves grow with the run, inside limits of the whole run, with the goals that theory sets."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from render.picture.panels.base import MOVING_ZORDER, Axis, Level
from render.picture.panels.history import Curve, History
from render.picture.theme import DARK, LIGHT
from render.target import Target

STEPS = np.array([0, 1, 4, 20, 100])


def built(curves, theme=LIGHT, data=None, **how):
    axes = Figure().add_axes((0.1, 0.1, 0.8, 0.8))
    arrays = {
        "step": STEPS,
        "loss": np.array([2.0, 1.0, 0.5, 0.1, 0.01]),
        "many": np.array([[1.0, 3.0], [1.5, 2.0], [2.0, 1.0], [2.5, 0.5], [3.0, 0.25]]),
        "dial": np.array([0.5, 1.0, 1.5, 2.0, 2.5]),
        "state": np.array([0, 0, 1, 1, 2]),
        **(data or {}),
    }
    return axes, History(title="", curves=curves, **how).build(axes, arrays, theme), arrays


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_curve_is_drawn_as_far_as_the_run_has_come_with_a_dot_at_its_end(theme, scale):
    _, moving, arrays = built((Curve("loss", "second"),), theme, y_axis=Axis(scale=scale))
    (line,) = moving.artists
    for frame in (0, 4, 2):
        moving.update(frame)
        np.testing.assert_array_equal(line.get_xdata(), STEPS[: frame + 1])
        np.testing.assert_array_equal(line.get_ydata(), arrays["loss"][: frame + 1])
        assert line.get_markevery() == [frame]
    assert line.get_color() == theme.series["second"]
    assert line.get_zorder() >= MOVING_ZORDER


def test_several_numbers_a_frame_are_several_curves_in_the_colours_of_the_classes():
    _, moving, arrays = built((Curve("many", "classes"),))
    moving.update(3)
    for column, line in enumerate(moving.artists):
        np.testing.assert_array_equal(line.get_ydata(), arrays["many"][:4, column])
        assert line.get_color() == LIGHT.classes[column]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_limits_hold_every_value_and_goal_of_the_run_and_do_not_move(scale):
    axes, moving, _ = built(
        (Curve("loss", goal=Level(1e-3)), Curve("many", "second", Level(30.0))), y_axis=Axis(scale=scale)
    )
    limits = axes.get_ylim()
    assert limits[0] < 1e-3
    assert limits[1] > 30
    for frame in range(5):
        moving.update(frame)
        assert axes.get_ylim() == limits
        assert axes.get_xlim() == (0, 100)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_constant_curve_has_limits_around_it(scale):
    axes, _, _ = built((Curve("loss"),), data={"loss": np.full(5, 0.3)}, y_axis=Axis(scale=scale))
    assert axes.get_ylim()[0] < 0.3 < axes.get_ylim()[1]


@pytest.mark.parametrize("lowest", [0.0, -1.0, 1e-30])
def test_what_a_logarithmic_axis_cannot_show_lies_inside_its_limits(lowest):
    values = np.array([1.0, 0.1, 0.05, 0.01, lowest])
    axes, moving, _ = built((Curve("loss"),), data={"loss": values}, y_axis=Axis(scale="log"))
    moving.update(4)
    drawn = np.asarray(moving.artists[0].get_ydata())
    np.testing.assert_array_equal(drawn[:4], values[:4])
    assert axes.get_ylim()[0] <= drawn[4] <= 0.01


def test_a_goal_is_a_dashed_level_in_the_curves_colour_with_its_formula():
    axes, moving, _ = built((Curve("loss", "accent", Level(0.05, "limit")),))
    (goal,) = (line for line in axes.lines if line not in moving.artists)
    np.testing.assert_array_equal(goal.get_ydata(), [0.05, 0.05])
    assert goal.get_linestyle() == "--"
    (label,) = axes.texts
    assert label.get_text() == "limit"
    assert goal.get_color() == label.get_color() == LIGHT.series["accent"]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("above", [True, False])
def test_a_formula_stands_inside_the_axes_at_its_side_above_or_below_its_level(side, above):
    axes, _, _ = built((Curve("loss", goal=Level(1.0, "limit", side, above)),))
    axes.figure.canvas.draw()
    extent, level = axes.texts[0].get_window_extent(), axes.transData.transform((0, 1.0))[1]
    assert axes.bbox.x0 <= extent.x0
    assert extent.x1 <= axes.bbox.x1
    assert ((extent.x0 + extent.x1) / 2 < (axes.bbox.x0 + axes.bbox.x1) / 2) == (side == "left")
    assert (extent.y0 >= level) if above else (extent.y1 <= level)


def test_a_theory_curve_is_dashed_and_drawn_as_a_whole():
    theory = np.array([2.0, 1.2, 0.6, 0.2, 0.02])
    axes, moving, _ = built((Curve("loss", theory="theory"),), data={"theory": theory})
    (dashes,) = (line for line in axes.lines if line not in moving.artists)
    np.testing.assert_array_equal(dashes.get_xydata(), np.stack([STEPS, theory], axis=1))
    assert dashes.get_linestyle() == "--"


def test_the_step_axis_ends_at_the_first_and_last_step_and_labels_both():
    for scale in ("linear", "log"):
        axes, _, _ = built((Curve("loss"),), x_axis=Axis("step", scale))
        assert axes.get_xlim() == (0, 100)
        labels = [label.get_text() for label in axes.get_xticklabels()]
        assert labels[0] == "0"
        assert labels[-1] == "100"
        assert axes.get_xlabel() == "step"
        for tick, label in zip(axes.get_xticks(), labels, strict=True):
            assert f"{int(tick):,}" == label


def test_the_logarithmic_step_axis_is_logarithmic_in_one_plus_step():
    axes, _, _ = built((Curve("loss"),))
    at = axes.transData.transform([(step, 1.0) for step in (0, 1, 3, 7)])[:, 0]
    np.testing.assert_allclose(np.diff(at), np.diff(at)[0])


def test_changes_of_the_badge_are_marked_at_their_steps():
    axes, moving, _ = built((Curve("loss"),), badge="state")
    marks = [line.get_xdata()[0] for line in axes.lines if line not in moving.artists]
    assert marks == [4, 100]


def test_a_dial_takes_the_place_of_the_steps():
    axes, moving, _ = built((Curve("loss"),), x="dial", x_axis=Axis("temperature"))
    moving.update(2)
    np.testing.assert_array_equal(moving.artists[0].get_xdata(), [0.5, 1.0, 1.5])
    assert axes.get_xlim() == (0.5, 2.5)
    assert axes.get_xlabel() == "temperature"


def target(array: str, **more) -> Target:
    return Target("it", array, "at most", 0.05, "theory", **more)


def test_the_goal_of_a_target_is_drawn_where_it_is_and_says_what_it_is():
    axes, moving, _ = built((Curve("loss", goal=Level(target("loss"), "≤ {}, or {:.3f}")),))
    (goal,) = (line for line in axes.lines if line not in moving.artists)
    np.testing.assert_array_equal(goal.get_ydata(), [0.05, 0.05])
    assert axes.texts[0].get_text() == "≤ 0.05, or 0.050"


def test_the_goal_of_another_array_is_refused_beside_a_curve():
    with pytest.raises(ValueError, match="'it' is a target of 'agreement', and its goal is drawn beside 'loss'"):
        Curve("loss", goal=Level(target("agreement")))
    Curve("loss", goal=Level(target("worst_loss", read_off=("loss",))))


def test_a_family_is_a_curve_for_each_member_in_its_colour():
    data = {"low_rank/rich": np.arange(5.0), "low_rank/lazy": np.ones(5)}
    _, moving, _ = built((Curve("low_rank", {"rich": "accent", "lazy": "second"}),), data=data)
    moving.update(4)
    for line, name, colour in zip(moving.artists, data, ("accent", "second"), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), data[name])
        assert line.get_color() == LIGHT.series[colour]
