"""Words are said where and when they are to be, and numbers as everywhere."""

from __future__ import annotations

import numpy as np

from render.picture.frames import Bare
from render.picture.marks.text import Number, Words
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn, written

ARRAYS = {"share": np.array([0.0, 0.004, 0.5, 1.0]), "answer": np.array([3, 3, 7, 7]), "kind": np.array([0, 0, 1, 1])}


def test_words_stand_line_below_line_at_their_place():
    picture, stage, found = drawn(Words(place=(0.5, 0.5), lines=("one", "two"), ink="run"), frame=Bare, arrays=ARRAYS)
    one, two = (text for text in picture.texts if text.get_text() in ("one", "two"))
    np.testing.assert_allclose(one.get_position(), stage.px((0.5, 0.5)))
    assert one.get_position()[1] - two.get_position()[1] > 16
    assert one.get_color() == LIGHT.ink_of("run")
    assert found.moves is None
    assert {one, two} <= set(picture.moving)  # over all that moves below them


def test_words_of_a_state_are_said_in_it_alone():
    picture, _, found = drawn(Words(place=(0.5, 0.5), lines=("now",), states=(1,)), frame=Bare, arrays=ARRAYS)
    said = []
    for frame in (0, 1, 2, 3, 0):
        picture.show(frame)
        said.append("now" in written(picture))
    assert said == [False, False, True, True, False]
    np.testing.assert_array_equal(found.moves[:, 0], [0, 0, 1, 1])


def test_words_of_some_frames_are_said_in_these_alone():
    picture, _, _ = drawn(Words(place=(0.5, 0.5), lines=("now",), when="kind"), frame=Bare, arrays=ARRAYS)
    said = []
    for frame in (0, 1, 2, 3, 0):
        picture.show(frame)
        said.append("now" in written(picture))
    assert said == [False, False, True, True, False]


def test_words_have_the_last_frames_numbers_filled_in():
    picture, _, _ = drawn(Words(place=(0.5, 0.5), lines=("says {answer:.0f}",)), frame=Bare, arrays=ARRAYS)
    assert "says 7" in written(picture)


def test_a_number_is_the_one_of_the_frame_with_its_caption_above():
    picture, stage, _ = drawn(Number(array="share", form="percent", caption="is left"), frame=Bare, arrays=ARRAYS)
    for frame, said in ((0, "0 %"), (1, "< 1 %"), (3, "100 %")):
        picture.show(frame)
        assert {said, "is left"} <= set(written(picture))
    number, caption = (
        {text.get_text(): text for text in picture.visible_texts()}[said] for said in ("100 %", "is left")
    )
    assert number.get_fontsize() == LIGHT.number_pt
    assert caption.get_window_extent().y0 > number.get_window_extent().y1 - 6
    np.testing.assert_allclose(number.get_position(), stage.px((0.5, 0.42)))


def test_an_answer_has_the_ink_of_what_it_is():
    picture, _, found = drawn(
        Number(array="answer", form="count", inks="kind", roles=("rival", "run")), frame=Bare, arrays=ARRAYS
    )
    for frame, ink in ((0, "rival"), (2, "run"), (1, "rival")):
        picture.show(frame)
        assert found.artists[0].get_color() == LIGHT.ink_of(ink)
