"""A level is dashed, across the whole frame from the first frame on, and says its number where it stands."""

from __future__ import annotations

import numpy as np
import pytest

from render.picture.frames import Scale
from render.picture.marks.level import Level
from render.picture.marks.points import Points
from render.picture.theme import LIGHT
from render.target import Target
from tests.render.picture.told import drawn, written

TARGET = Target("it", "values", "at most", 0.25, "theory")


@pytest.mark.parametrize(("value", "number"), [(0.5, 0.5), (TARGET, 0.25), ("floor", 0.125)])
def test_it_stands_at_a_number_a_goal_or_an_array(value, number):
    scale = Scale(low=0.0, high=1.0)
    arrays = {"floor": np.array(0.125), "values": np.zeros((4, 1, 2))}
    picture, stage, _ = drawn(
        Level(value=value, label="floor {}"), Points(points="values"), arrays=arrays, x=scale, y=scale
    )
    (line,) = stage.axes.lines
    assert list(line.get_ydata()) == [number, number]
    assert list(line.get_xdata()) == [0, 1]
    assert line.is_dashed()
    assert line.get_color() == LIGHT.ink
    assert line not in picture.moving
    assert stage.drawn[0].moves is None
    assert f"floor {number:g}" in written(picture)
    assert stage.labels[0][1] == pytest.approx(stage.px((0, number))[1])


def test_an_upright_one_is_labelled_at_its_top_or_bottom():
    for side, above in (("top", True), ("bottom", False)):
        picture, stage, _ = drawn(Level(value=-2.0, along="x", label="{} it is", side=side), x=Scale(low=-3.0, high=1))
        (line,) = stage.axes.lines
        assert list(line.get_xdata()) == [-2.0, -2.0]
        (text,) = [text for text in picture.texts if "it is" in text.get_text()]
        assert text.get_text() == "−2 it is"
        box = text.get_window_extent()
        assert (box.y0 > stage.axes.bbox.y1 - 5) if above else (box.y1 < stage.axes.bbox.y0 + 5)


def test_the_frame_shows_it_wherever_the_run_is():
    _, stage, _ = drawn(Level(value=7.0), Level(value=3.0, along="x"))
    (low, high), (left, right) = stage.axes.get_ylim(), stage.axes.get_xlim()
    assert low < 7 < high
    assert left < 3 < right
