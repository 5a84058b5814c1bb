"""A course is pale in full and solid up to now, with its label at its end; a curve is a shape that moves."""

from __future__ import annotations

import numpy as np
import pytest

from render.picture.frames import Scale
from render.picture.marks.base import GROUND
from render.picture.marks.lines import Course, Curve
from render.picture.theme import DARK, LIGHT
from tests.render.picture.told import drawn, written

VALUES = np.array([1.0, 0.5, 0.25, 0.125])
SHAPES = np.random.default_rng(0).normal(size=(4, 30))
ARRAYS = {"values": VALUES, "shapes": SHAPES, "shape": SHAPES[0], "x": np.linspace(-1, 1, 30)}
TIME = np.linspace(0, 1, 4)
UNIT = {"x": Scale(low=0.0, high=1.0), "y": Scale(low=0.0, high=2.0)}


def course(theme=LIGHT, **how):
    return drawn(Course(array="values", **how), arrays=ARRAYS, theme=theme, **UNIT)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_course_is_pale_from_the_first_frame_and_solid_up_to_now_with_a_dot_there(theme):
    picture, stage, found = course(theme, bold=True)
    pale, solid = stage.axes.lines
    assert found.artists == [solid]
    for frame in (0, 3, 1):
        picture.show(frame)
        np.testing.assert_allclose(pale.get_xydata(), np.stack([TIME, VALUES], axis=1))
        np.testing.assert_allclose(solid.get_xydata(), np.stack([TIME, VALUES], axis=1)[: frame + 1])
        assert solid.get_markevery() == [frame]
    assert (pale.get_color(), solid.get_color()) == (theme.on_page(theme.ink_of("run"), 0.24), theme.ink_of("run"))
    assert pale.get_linewidth() == solid.get_linewidth() == theme.bold_pt


def test_a_course_of_theory_is_dashed_and_has_no_future():
    picture, stage, _ = course(theory=True)
    (line,) = stage.axes.lines
    picture.show(1)
    assert line.is_dashed()
    assert line.get_color() == LIGHT.ink
    np.testing.assert_allclose(line.get_ydata(), VALUES[:2])


def test_a_course_moves_by_its_value_at_the_playhead_and_fills_what_it_crosses_in_all():
    _, _, found = course()
    np.testing.assert_allclose(found.moves[:, 0], VALUES / 2)
    assert found.content.shape == (4, 4, 2)
    np.testing.assert_allclose(found.content[0], np.stack([TIME, VALUES], axis=1))


def test_a_course_stays_in_its_frame_but_for_its_dot():
    _, stage, found = course()
    clip, box = found.artists[0].get_clip_box(), stage.axes.bbox
    assert 0 < clip.x1 - box.x1 < 12
    assert 0 < box.y0 - clip.y0 < 12


def test_the_label_stands_at_its_end_with_the_value_now_in_its_ink():
    picture, stage, _ = course(label="loss", form="percent")
    (line, wanted) = stage.labels[0]
    for frame, said in ((0, "loss 100 %"), (3, "loss 12 %")):
        picture.show(frame)
        assert said in written(picture)
    assert line.get_color() == LIGHT.ink_of("run")
    assert line.get_position()[0] == pytest.approx(stage.box.x1 + 9)
    assert line.get_position()[1] == pytest.approx(wanted) == pytest.approx(stage.px((1, VALUES[-1]))[1])
    assert stage.box.x1 + 9 + line.get_window_extent().width <= 1100 - 18 + 1


def test_labels_that_would_overlap_stand_apart():
    picture, stage, _ = drawn(
        Course(array="values", label="one"), Course(array="values", ink="rival", label="two"), arrays=ARRAYS, **UNIT
    )
    heights = sorted(line.get_position()[1] for line, _ in stage.labels)
    assert heights[1] - heights[0] == pytest.approx(21)
    assert {"one", "two"} <= set(written(picture))


def test_a_curve_is_the_shape_of_the_frame():
    picture, _, found = drawn(Curve(x="x", array="shapes", tint=0.5), arrays=ARRAYS)
    (line,) = found.artists
    for frame in (0, 3, 1):
        picture.show(frame)
        np.testing.assert_allclose(line.get_xydata(), np.stack([ARRAYS["x"], SHAPES[frame]], axis=1))
    assert line.get_color() == LIGHT.on_page(LIGHT.ink_of("run"), 0.5)
    assert found.moves.shape == (4, 30)
    assert not line.is_dashed()


def test_a_curve_of_theory_that_stands_still_is_dashed_from_the_first_frame():
    picture, stage, found = drawn(Curve(x="x", array="shape", theory=True, label="linear"), arrays=ARRAYS)
    (line,) = stage.axes.lines
    assert line.is_dashed()
    assert (line.get_color(), line.get_zorder()) == (LIGHT.ink, GROUND)
    assert line not in picture.moving
    assert found.moves is None
    assert "linear" in written(picture)
