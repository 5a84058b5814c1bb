"""Words in the size of a headline."""

from __future__ import annotations

import numpy as np
import pytest

from render.film import Film, Layout, Story
from render.picture import figure
from render.picture.frames import Bare
from render.picture.group import Group
from render.picture.marks.text import Words
from render.picture.theme import LIGHT


@pytest.mark.parametrize(
    ("size", "points"), [("label", LIGHT.label_pt), ("headline", LIGHT.headline_pt), ("number", LIGHT.number_pt)]
)
def test_words_have_the_size_that_is_asked_for(size, points):
    words = Words(place=(0.0, 0.5), lines=("without",), size=size)
    film = Film(
        title="A title",
        subtitle="",
        alt="",
        layout=(),
        width_px=640,
        height_px=480,
        panels=(Group(frames=(Bare(marks=(words,)),)),),
        frame_ms=60,
        hold_ms=3000,
        arrays={"step": np.arange(2), "state": np.zeros(2, int)},
        story=Story(state="state", names=("now",), sentences=("It is so.",), wide=Layout(), column=Layout()),
    )
    with figure.default_style():
        picture = figure.new_picture(film, LIGHT)[1]
    (text,) = (text for text in picture.texts if text.get_text() == "without")
    assert text.get_fontsize() == points
