"""A film that tells: its parts where their letters are, a sentence a state, and an error for a text without room."""

from __future__ import annotations

import io
import itertools
import re
import xml.etree.ElementTree
from dataclasses import replace

import numpy as np
import pytest

from render.film import CUTS, Layout
from render.picture import figure
from render.picture.composition import Composition
from render.picture.frames import Bare, Plane
from render.picture.grid import places
from render.picture.group import Group
from render.picture.marks.text import Words
from render.picture.theme import DARK, LIGHT
from render.picture.words import DoesNotFit
from tests.conftest import rgba
from tests.render.picture.told import film, picture_of, written

BOX = (10.0, 20.0, 300.0, 200.0)
EMPTY = Group(frames=(Bare(marks=()),))
LONG = "a sentence of a great many words that goes on and on until there is no room for it in any picture of ours " * 2


def test_parts_fill_their_room_without_overlap_where_their_letters_are():
    layout = Layout(("aab", "aac"), widths=(1, 1, 1), heights=(1, 3))
    found = dict(places(layout, BOX, 3, 12))
    (left, bottom, width, height) = found[0]
    assert (left, bottom, height) == (10, 20, 200)
    assert found[1][0] == found[2][0] == left + width + 12
    assert found[1][0] + found[1][2] == 310
    assert found[1][1] + found[1][3] == 220
    assert found[2][1] == 20
    assert found[1][1] - (found[2][1] + found[2][3]) == 12
    assert found[2][3] / found[1][3] == pytest.approx(3, rel=0.02)


def test_a_part_without_a_letter_is_not_drawn_and_a_letter_without_a_part_is_refused():
    assert dict(places(Layout(("ac",)), BOX, 3, 12)).keys() == {0, 2}
    with pytest.raises(ValueError, match=r"has 'd', and there are 3 parts, from a on"):
        dict(places(Layout(("ad",)), BOX, 3, 12))


def test_the_picture_has_a_title_and_the_sentence_of_the_state():
    picture = picture_of(film(EMPTY))
    for frame, said in enumerate(["It was so.", "It was so.", "Now it is not.", "Now it is not."]):
        picture.show(frame)
        assert {"A title", said} <= set(written(picture))
        assert len({"It was so.", "Now it is not."} & set(written(picture))) == 1


@pytest.mark.parametrize("cut", CUTS)
def test_both_cuts_have_their_size_and_their_layout(cut):
    shown = film(EMPTY, EMPTY, story={"wide": Layout(("ab",)), "column": Layout(("a",))}).in_cut(cut)
    picture = picture_of(shown)
    assert (picture.width, picture.height) == CUTS[cut]
    assert picture.boxes.keys() == picture.stages.keys() == ({0, 1} if cut == "wide" else {0})
    left, bottom, width, height = picture.body
    assert left > 0
    assert left + width < picture.width
    assert 0 < bottom < bottom + height < picture.height


def test_a_long_sentence_has_two_lines_in_a_column_and_one_in_the_wide_cut():
    shown = film(
        EMPTY, story={"sentences": ("It takes about as much room as it can have on a phone, and more.", "x y")}
    )
    lines = [line for line in written(picture_of(shown.in_cut("column"))) if line in shown.story.sentences[0]]
    assert len(lines) == 2
    assert shown.story.sentences[0] in written(picture_of(shown))


@pytest.mark.parametrize(
    ("what", "cut"),
    [
        *itertools.product(("title", "sentence", "heading", "frame heading", "states"), CUTS),
        ("note", "wide"),  # a column leaves notes out
    ],
)
def test_a_text_without_room_is_an_error_that_names_text_room_scene_and_cut(what, cut):
    shown = {
        "title": film(EMPTY, title=LONG),
        "sentence": film(EMPTY, story={"sentences": ("It was so.", LONG)}),
        "heading": film(replace(EMPTY, heading=LONG)),
        "note": film(replace(EMPTY, heading="short", note=LONG)),
        "frame heading": film(Group(frames=(Plane(marks=(), heading=LONG),))),
        "states": film(EMPTY, story={"names": (LONG, LONG)}),
    }[what].in_cut(cut)
    says = rf"A title|{re.escape(LONG)}"
    with pytest.raises(
        DoesNotFit, match=rf"({says}): .*{LONG.strip()}.* fit into .*\d+ px.*, in the {cut} cut"
    ) as error:
        picture_of(shown)
    assert "\n" not in str(error.value)


def test_a_column_leaves_out_the_notes_beside_headings():
    shown = film(replace(EMPTY, heading="short", note="beside it"))
    assert "beside it" in written(picture_of(shown))
    assert "beside it" not in written(picture_of(shown.in_cut("column")))


def test_the_error_names_the_scene_of_a_recording(told_recording):
    with pytest.raises(DoesNotFit, match=r"^gathering: "):
        picture_of(replace(told_recording, title=LONG))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_frames_by_parts_are_those_drawn_whole_in_any_order(told_recording, theme):
    with figure.default_style():
        whole, picture = figure.new_picture(told_recording, theme)
        for frame, pixels in zip((7, 2), figure.frames(told_recording, theme, (7, 2)), strict=True):
            picture.show(frame)
            whole.canvas.draw()
            apart = np.abs(np.asarray(whole.canvas.buffer_rgba()).astype(int) - rgba(pixels))
            assert np.count_nonzero(apart.max(axis=-1) > 1) < 20


def test_words_that_stand_still_lie_over_marks_that_move(told_recording):
    words = Words(place=(0.0, 1.0), lines=("in the midst",))
    hero = told_recording.panels[0]
    frame = replace(hero.frames[0], marks=(words, *hero.frames[0].marks))
    shown = replace(told_recording, panels=(replace(hero, frames=(frame,)), *told_recording.panels[1:]))
    with figure.default_style():
        whole, picture = figure.new_picture(shown, LIGHT)
        picture.show(8)
        whole.canvas.draw()
        apart = np.abs(
            np.asarray(whole.canvas.buffer_rgba()).astype(int) - rgba(next(figure.frames(shown, LIGHT, [8])))
        )
    assert np.count_nonzero(apart.max(axis=-1) > 1) < 20


def test_the_poster_shows_the_hero_side_by_side_under_its_states(told_recording):
    with figure.default_style():
        canvas = figure.new_picture(told_recording, LIGHT)[0]
        canvas.clear()
        poster = Composition(told_recording, LIGHT, canvas, poster=[0, 5, 10])
    said = written(poster)
    assert {"apart", "nearer", "together", "Points gather at their means", "0.20 of the spread is left."} <= set(said)
    assert len(canvas.axes) == 3
    offsets = [[dots.get_offsets().mean() for dots in axes.collections] for axes in canvas.axes]
    assert len(set(map(tuple, offsets))) == 3
    boxes = [axes.bbox for axes in canvas.axes]
    for one, other in itertools.pairwise(boxes):
        assert one.x1 < other.x0
    pixels = figure.poster(told_recording, LIGHT)
    assert pixels.shape == (540, 1100)


def test_a_poster_of_one_frame_is_that_frame_whole(told_recording):
    one = replace(told_recording, story=replace(told_recording.story, poster=(0.5,)))
    np.testing.assert_array_equal(figure.poster(one, DARK), next(figure.frames(one, DARK, [5])))


@pytest.mark.parametrize("cut", CUTS)
def test_text_of_an_svg_is_text(told_recording, cut):
    file = io.BytesIO()
    with figure.default_style():
        figure.still(told_recording.in_cut(cut), LIGHT, [10]).savefig(file, format="svg")
    root = xml.etree.ElementTree.fromstring(file.getvalue())
    texts = {"".join(text.itertext()).strip() for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Points gather at their means", "0.20 of the spread is left.", "together", "20 %", "goal 0.25"} <= texts
    assert "DejaVu Sans Condensed" in file.getvalue().decode()


def test_in_vectors_too_a_point_far_off_is_not_seen(told_recording):
    """A clip box in pixels of the screen would be elsewhere on a page of other dots per inch."""
    with figure.default_style():
        still = figure.still(told_recording, LIGHT, [0])
        dots = next(
            artist for axes in still.subfigs[0].axes for artist in axes.collections if len(artist.get_offsets()) > 9
        )
        for dpi in (72, 200):
            still.set_dpi(dpi)
            clip, box = dots.get_clip_box(), dots.axes.bbox
            assert 0 < box.x0 - clip.x0 < 6 * dpi / 72


def test_without_a_story_a_film_has_no_other_cut(tiny_recording):
    with pytest.raises(ValueError, match="is drawn in cards, which have no cut 'column': take wide"):
        tiny_recording.in_cut("column")
    assert tiny_recording.in_cut("wide") is tiny_recording


def test_dollars_in_words_are_dollars() -> None:
    from render.picture.ink import TextLine

    assert not TextLine(0, 0, "cost $x_1^{$ 50%", parse_math=False)._is_math("cost $x_1^{$ 50%")
