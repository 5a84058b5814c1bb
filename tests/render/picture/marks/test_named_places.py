"""Names beside points that move, labels at the ends of threads, and words on a plate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from render.film import Film, Layout, Story
from render.picture import figure
from render.picture.composition import Composition
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.base import MOVING, Mark
from render.picture.marks.name import Name
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.picture.stage import LINE_PX
from render.picture.theme import LIGHT
from render.picture.words import width_px

SIDE = Scale(low=0.0, high=1.0)
LINE = np.array([[[0.0, 0.25], [1.0, 0.75]]])  # one thread, across the whole frame


def picture_of(*marks: Mark, frames: int = 2, **arrays: Any) -> Composition:
    film = Film(
        title="title",
        subtitle="",
        alt="",
        layout=(),
        width_px=640,
        height_px=480,
        panels=(Group(frames=(Plane(x=SIDE, y=SIDE, marks=marks),)),),
        frame_ms=60,
        hold_ms=3000,
        arrays={"step": np.arange(frames), "state": np.zeros(frames, int), **arrays},
        story=Story(state="state", names=("begun", "done"), sentences=("said", "done"), wide=Layout(), column=Layout()),
    )
    with figure.default_style():
        found = figure.new_picture(film, LIGHT)[1]
    assert isinstance(found, Composition)
    return found


def text_of(picture: Composition, said: str) -> Any:
    (found,) = (text for text in picture.texts if text.get_text() == said)
    return found


def test_a_name_goes_with_its_point_on_the_side_that_has_room() -> None:
    path = np.array([[0.1, 0.5], [0.98, 0.5]])
    picture = picture_of(Name(point="path", text="network"), path=path)
    (stage,) = picture.stages[0]
    wide = width_px("network", LIGHT.family, LIGHT.label_pt, True)
    word, box = text_of(picture, "network"), stage.box
    left, right = (float(x) for x in stage.px(path)[:, 0])
    assert word.get_position()[0] == pytest.approx(left + 14)
    picture.show(1)
    assert word.get_position()[0] + wide == pytest.approx(right - 14)
    assert right + 14 + wide > box.x1


def test_a_name_of_a_point_on_the_right_edge_stands_beyond_it_a_line_away_from_the_labels_there() -> None:
    path = np.array([[1.0, 0.2], [1.0, 0.74], [1.0, 0.76], [1.0, 0.0]])
    line = Threads(segments="line", theory=True, label="a straight line")
    picture = picture_of(line, Name(point="path", text="network"), frames=4, path=path, line=LINE)
    (stage,) = picture.stages[0]
    label, word = (text_of(picture, said) for said in ("a straight line", "network"))
    height = label.get_position()[1]
    assert height == pytest.approx(float(stage.px((1, 0.75))[1]))
    heights = []
    for frame in range(4):
        picture.show(frame)
        assert word.get_position()[0] == pytest.approx(label.get_position()[0]) == pytest.approx(stage.box.x1 + 9)
        heights.append(word.get_position()[1])
    assert heights[0] == pytest.approx(float(stage.px(path[0])[1]))
    assert heights[1:3] == pytest.approx([height - LINE_PX, height + LINE_PX])
    assert heights[3] == pytest.approx(stage.box.y0 + LINE_PX / 2)  # not below the frame


def test_a_name_is_not_seen_while_its_point_is_outside() -> None:
    picture = picture_of(Name(point="path", text="network"), path=np.array([[0.5, 0.5], [2.0, 2.0]]))
    word = text_of(picture, "network")
    assert word.get_visible()
    picture.show(1)
    assert not word.get_visible()


def test_a_thread_without_a_label_takes_no_room_at_the_right() -> None:
    plain, named = (picture_of(Threads(segments="line", label=label), line=LINE) for label in ("", "a straight line"))
    assert plain.stages[0][0].box.x1 > named.stages[0][0].box.x1 + 50


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_a_plate_lies_behind_all_of_its_words_and_over_what_moves(align: Any) -> None:
    said = Words(place=(0.5, 0.5), lines=("one", "and another line"), align=align, plate=True)
    picture = picture_of(Threads(segments="lines", over=0.2), said, lines=np.stack([LINE, LINE + 0.1]))
    (plate,) = picture.stages[0][0].drawn[1].artists[:1]
    assert plate.get_zorder() > MOVING + 0.2
    box = plate.get_window_extent()
    for line in said.lines:
        inner = text_of(picture, line).get_window_extent()
        assert box.x0 <= inner.x0 < inner.x1 <= box.x1
        assert box.y0 <= inner.y0 < inner.y1 <= box.y1
        assert text_of(picture, line).get_zorder() > plate.get_zorder()


def test_a_plate_is_seen_while_its_words_are() -> None:
    said = Words(place=(0.5, 0.5), lines=("one",), states=(1,), plate=True)
    picture = picture_of(said, state=np.array([0, 1]))
    artists = picture.stages[0][0].drawn[0].artists
    assert [artist.get_visible() for artist in artists] == [False, False]
    picture.show(1)
    assert [artist.get_visible() for artist in artists] == [True, True]
