"""Frames have limits that show what matters, axes only where they are asked for, and a ball that turns."""

from __future__ import annotations

import numpy as np
import pytest

from render.picture.frames import Ball, Bare, Plane, Scale
from render.picture.look import moved
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.picture.theme import LIGHT
from render.target import Target
from tests.render.picture.told import drawn, written

CLOUD = np.random.default_rng(0).normal(size=(4, 400, 2))


def test_limits_show_the_points_of_the_whole_run_but_for_the_farthest():
    far = CLOUD.copy()
    far[0, 0] = (500.0, -500.0)
    _, stage, _ = drawn(Points(points="points"), arrays={"points": far})
    low, high = np.percentile(far.reshape(-1, 2), [0.5, 99.5], axis=0)
    pad = 0.05 * (high - low)
    np.testing.assert_allclose(stage.axes.get_xlim(), (low[0] - pad[0], high[0] + pad[0]))
    np.testing.assert_allclose(stage.axes.get_ylim(), (low[1] - pad[1], high[1] + pad[1]))


def test_limits_that_are_named_hold_and_the_others_follow_the_run():
    _, stage, _ = drawn(Points(points="points"), arrays={"points": CLOUD}, x=Scale(low=-9.0), y=Scale(high=7.0))
    assert stage.axes.get_xlim()[0] == -9
    assert stage.axes.get_ylim()[1] == 7
    assert stage.axes.get_xlim()[1] < 5


@pytest.mark.parametrize("values", [np.array([3.0, 3.0]), np.array([np.nan, 3.0]), np.array([])])
def test_limits_of_one_value_or_none_have_room_around_it(values):
    low, high = Scale().limits(values)
    assert low < high
    assert not values.size or low < 3 < high


def test_limits_in_logs_leave_out_what_has_none():
    low, high = Scale(log=True).limits(np.array([0.0, -1.0, 1e-6, 1e2]))
    assert 1e-7 < low < 1e-6
    assert 1e2 < high < 1e3


def test_equal_scales_are_equal_on_the_screen():
    _, stage, _ = drawn(Points(points="points"), arrays={"points": CLOUD * (1, 3)}, equal=True)
    origin, right, up = stage.px([(0, 0), (1, 0), (0, 1)])
    assert right[0] - origin[0] == pytest.approx(up[1] - origin[1])


def test_axes_are_lines_only_where_they_are_asked_for():
    for lines, count in (("", 0), ("l", 1), ("lb", 2)):
        _, stage, _ = drawn(lines=lines)
        assert len(stage.axes.lines) == count
        assert not stage.axes.axison


def test_ticks_stand_at_their_values_and_may_have_names():
    picture, stage, _ = drawn(
        x=Scale(low=0.0, high=1.0, ticks=(0.0, 0.5, 1.0), label="share"),
        y=Scale(low=-2.0, high=2.0, ticks=(-1.0, 1.0), names=("lazy", "rich")),
    )
    assert {"0", "0.5", "1", "share", "lazy", "rich"} <= set(written(picture))
    texts = {text.get_text(): text for text in picture.texts}
    assert texts["0.5"].get_position()[0] == pytest.approx(stage.px((0.5, 0))[0])
    assert texts["rich"].get_position()[1] == pytest.approx(stage.px((0, 1))[1])
    assert texts["lazy"].get_window_extent().x1 < stage.box.x0
    assert texts["0"].get_window_extent().y1 < stage.box.y0


def test_numbers_at_ticks_have_a_minus():
    assert Scale(ticks=(-0.5, 0.0)).written() == ("−0.5", "0")


def test_bare_room_goes_from_0_to_1():
    _, stage, _ = drawn(frame=Bare)
    assert stage.axes.get_xlim() == stage.axes.get_ylim() == (0, 1)


def test_a_heading_and_its_note_stand_above_the_marks():
    picture, stage, _ = drawn(heading="what it is", note="in short")
    assert {"what it is", "in short"} <= set(written(picture))
    (heading,) = [text for text in picture.texts if text.get_text() == "what it is"]
    assert heading.get_window_extent().y0 > stage.box.y1


POINTS = np.random.default_rng(1).normal(size=(4, 5, 3))


def test_a_ball_is_seen_from_a_side_that_goes_round():
    project = Ball(marks=(), turn_deg=90.0).projection(4)
    assert project(np.broadcast_to([0.0, 0.0, 1.0], (4, 1, 3)))[:, 0, 0] == pytest.approx(
        np.sin(np.arange(4) * np.pi / 6)
    )
    np.testing.assert_allclose(project(POINTS)[0], POINTS[0, :, :2])
    np.testing.assert_allclose(project(POINTS)[..., 1], POINTS[..., 1])
    np.testing.assert_allclose(project(POINTS)[3, :, 0], POINTS[3, :, 2], atol=1e-12)


def test_a_ball_is_seen_from_above():
    project = Ball(marks=(), tilt_deg=90.0).projection(4)
    np.testing.assert_allclose(project(POINTS)[..., 1], -POINTS[..., 2], atol=1e-12)


def test_what_stands_still_on_a_ball_turns_with_it_and_that_is_no_motion():
    moving = np.broadcast_to(POINTS[0], POINTS.shape)
    picture, stage, _ = drawn(
        Points(points="still"),
        Points(points="moving"),
        Threads(segments="ways"),
        frame=Ball,
        turn_deg=80.0,
        arrays={"still": POINTS[0], "moving": moving, "ways": POINTS[0, :4].reshape(2, 2, 3)},
    )
    still, same, ways = (found.artists[0] for found in stage.drawn)
    places = []
    for frame in range(4):
        picture.show(frame)
        places.append(still.get_offsets())
        np.testing.assert_allclose(still.get_offsets(), same.get_offsets())
        np.testing.assert_allclose(np.concatenate(ways.get_segments()), still.get_offsets()[:4])
    assert (places[0] != places[3]).any()
    assert not moved([stage], 4).any()


def test_a_ball_has_an_outline_in_the_themes_edge_or_none():
    for outline, count in (("ring", 1), ("", 0)):
        _, stage, _ = drawn(frame=Ball, outline=outline)
        assert len(stage.axes.lines) == len(stage.axes.patches) == count
        assert all(line.get_color() == LIGHT.edge for line in stage.axes.lines)
    assert issubclass(Ball, Plane)


def test_a_goal_is_drawn_beside_what_its_target_is_about_and_nowhere_else():
    curve, arrays = Course(array="rate"), {"rate": np.linspace(0, 1, 4)}
    about, other = Target("rate", "rate", "at most", 0.5, ""), Target("loss", "loss", "at most", 0.5, "")
    read_off = Target("peak", "peak", "at most", 0.5, "", read_off=("rate",))
    for target in (about, read_off):
        drawn(curve, Level(value=target), arrays=arrays)
    with pytest.raises(ValueError, match="'loss' is a target of 'loss', and its goal is drawn beside nothing of it"):
        drawn(curve, Level(value=other), arrays=arrays)
