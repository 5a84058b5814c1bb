"""The look in numbers is what an eye counts."""

from __future__ import annotations

import numpy as np
import pytest

from render.film import Layout
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.look import count_words, fill, look, moved
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.text import Number
from tests.render.picture.told import drawn, film, of_marks

SCALE = {"x": Scale(low=0.0, high=10.0), "y": Scale(low=0.0, high=10.0)}


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("a b", 0), ("the answer is 42", 3), ("D_LR = 0.3", 1), ("D", 0), ("σ falls", 1), ("x1 ab1c", 1)],
)
def test_a_word_has_two_letters(text, count):
    assert count_words(text) == count


def test_the_look_of_the_told_scene(told_recording):
    found = look(told_recording)
    assert found["panels"] == 3
    assert found["live_numbers"] == 2  # at the curve, and the large one; the footer and the sentence are none
    assert found["smallest_type_px"] == pytest.approx(16.1)
    assert found["still_frames"] == 0
    assert 0.55 < found["hero_share"] < 0.65
    assert 0.35 < found["hero_fill"] < 0.6
    said = "Points gather at their means Points and their means in the plane spread spread goal"
    said += " of the way is left apart nearer together step of the spread is left targets met loss"
    assert found["words"] == count_words(said)
    assert all(isinstance(value, int | float) for value in found.values())


def test_the_look_is_of_the_cut(told_recording):
    assert look(told_recording.in_cut("column"))["hero_share"] != look(told_recording)["hero_share"]


def test_content_fills_what_its_middle_spans_in_the_mean_over_frames():
    corners = np.array([[0.0, 0.0], [1.0, 1.0]])
    places = np.stack([corners * size for size in (2.0, 4.0, 6.0, 8.0)])
    _, stage, _ = drawn(Points(points="points"), arrays={"points": places}, **SCALE)
    assert fill(stage) == pytest.approx(0.5)
    _, stage, _ = drawn(Points(points="points"), arrays={"points": places * (1, 0.5)}, **SCALE)
    assert fill(stage) == pytest.approx(0.25)
    cloud = np.concatenate([np.random.default_rng(0).uniform(4, 6, (4, 400, 2)), np.full((4, 1, 2), 10.0)], axis=1)
    _, stage, _ = drawn(Points(points="points"), arrays={"points": cloud}, **SCALE)
    assert 0.19 < fill(stage) < 0.21


def test_what_is_outside_its_frame_fills_nothing():
    places = np.broadcast_to([[4.0, 4.0], [50.0, 50.0]], (4, 2, 2))
    _, stage, _ = drawn(Points(points="points"), arrays={"points": places}, **SCALE)
    assert fill(stage) == pytest.approx(0.6)


def test_less_than_a_fifth_of_a_percent_is_no_motion():
    places = np.array([0.0, 0.019, 0.04, 0.04])[:, None, None] * np.ones(2) + np.ones(2)
    _, stage, _ = drawn(Points(points="points"), arrays={"points": places}, **SCALE)
    np.testing.assert_array_equal(moved([stage], 4), [False, True, False])


def test_the_uncovering_of_a_flat_curve_is_no_motion():
    shown = of_marks(Course(array="flat"), arrays={"flat": np.full(4, 0.5)}, **SCALE)
    assert look(shown)["still_frames"] == 3


def test_numbers_that_change_are_live_and_those_that_stand_are_not():
    numbers = Group(frames=(Bare(marks=(Number(array="goes"), Number(array="stays", place=(0.5, 0.8)))),))
    shown = film(numbers, arrays={"goes": np.arange(4.0), "stays": np.full(4, 2.0)})
    assert look(shown)["live_numbers"] == 1


def test_the_worst_frame_of_the_hero_counts():
    large, small = (np.broadcast_to(np.array([[0.0, 0.0], [1.0, 1.0]]) * size, (4, 2, 2)) for size in (9.0, 3.0))
    frames = tuple(Plane(marks=(Points(points=name),), **SCALE) for name in ("large", "small"))
    shown = film(Group(frames=frames, layout=Layout(("ab",))), arrays={"large": large, "small": small})
    assert look(shown)["hero_fill"] == pytest.approx(0.3, abs=0.001)
