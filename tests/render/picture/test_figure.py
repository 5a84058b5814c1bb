"""A picture: cards where their letters are, frames in any order and of their own, nobody's style but the project's."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from matplotlib.text import Text

from render.picture import figure
from render.picture.panels.readouts import Readouts
from render.picture.theme import THEMES
from tests.conftest import rgba


def test_the_step_counter_follows_the_schedule(tiny_recording):
    picture = figure.new_picture(tiny_recording, THEMES["light"])[1]
    counter = next(artist for artist in picture.moving if isinstance(artist, Text) and "step" in artist.get_text())
    seen = []
    for frame in range(6):
        picture.show(frame)
        seen.append(counter.get_text())
    assert seen == [f"step {step} of 10" for step in (0, 2, 4, 6, 8, 10)]


def test_frames_may_be_shown_in_any_order(tiny_recording):
    with figure.default_style():
        whole, picture = figure.new_picture(tiny_recording, THEMES["dark"])
        once, again = [], []
        for seen, order in ((once, range(6)), (again, reversed(range(6)))):
            for frame in order:
                picture.show(frame)
                whole.canvas.draw()
                seen.append(np.asarray(whole.canvas.buffer_rgba()).copy())
    np.testing.assert_array_equal(once, again[::-1])


def test_every_frame_of_the_generator_is_an_array_of_its_own(tiny_recording):
    frames = list(figure.frames(tiny_recording, THEMES["light"]))
    assert len(frames) == 6
    assert {(frame.dtype, frame.shape) for frame in frames} == {(np.dtype(np.uint32), (360, 640))}
    assert not any(np.shares_memory(one, other) for one, other in itertools.combinations(frames, 2))
    assert (frames[0] != frames[-1]).any()


def test_frames_that_are_asked_for_are_those_of_the_whole_run(tiny_recording):
    every = list(figure.frames(tiny_recording, THEMES["light"]))
    chosen = list(figure.frames(tiny_recording, THEMES["light"], (4, 1)))
    np.testing.assert_array_equal(chosen, [every[4], every[1]])


def test_the_users_own_style_changes_nothing(tiny_recording):
    import matplotlib

    plain = next(figure.frames(tiny_recording, THEMES["light"]))
    with matplotlib.rc_context(
        {"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "red", "text.antialiased": False}
    ):
        styled = next(figure.frames(tiny_recording, THEMES["light"]))
        assert matplotlib.rcParams["font.size"] == 30
    np.testing.assert_array_equal(styled, plain)


@pytest.mark.parametrize(
    ("layout", "widths", "heights"), [(("ab",), (), ()), (("aab", "aac"), (), ()), (("ab", "cc"), (2, 1), (1, 3))]
)
def test_cards_fill_the_canvas_without_overlap_where_their_letters_are(tiny_recording, layout, widths, heights):
    letters = sorted(set("".join(layout)))
    changed = dataclasses.replace(
        tiny_recording,
        panels=tuple(Readouts(title=letter) for letter in letters),
        layout=layout,
        widths=widths,
        heights=heights,
    )
    picture = figure.new_picture(changed, THEMES["light"])[1]
    cards = [artist.get_window_extent() for artist in picture.parent.artists]
    titles = {text.get_text(): text.get_window_extent() for text in picture.parent.texts}
    assert len(cards) == len(letters)
    for letter, card in zip(letters, cards, strict=True):
        assert card.x0 < titles[letter].x0 < card.x1
        assert card.y0 < titles[letter].y0 < card.y1
        cells = [(r, c) for r, row in enumerate(layout) for c, cell in enumerate(row) if cell == letter]
        assert (card.x0 == pytest.approx(16)) == any(column == 0 for _, column in cells)
        assert (card.x1 == pytest.approx(624)) == any(column == len(layout[0]) - 1 for _, column in cells)
        assert (card.y0 == pytest.approx(16)) == any(row == len(layout) - 1 for row, _ in cells)
    for one, other in itertools.combinations(cards, 2):
        apart = max(one.x0 - other.x1, other.x0 - one.x1, one.y0 - other.y1, other.y0 - one.y1)
        assert apart >= 12 - 1e-6
    if widths:
        assert cards[0].width / cards[1].width == pytest.approx(2, rel=0.02)
        assert cards[2].height / cards[0].height == pytest.approx(3, rel=0.02)


def test_a_layout_without_a_letter_for_a_panel_raises(tiny_recording):
    changed = dataclasses.replace(tiny_recording, layout=("aa",))
    with pytest.raises(ValueError, match=r"Points shrink: layout .* has no 'b'"):
        figure.new_picture(changed, THEMES["light"])


def test_a_still_has_the_frames_one_below_the_other_as_they_are_drawn(tiny_recording):
    theme = THEMES["light"]
    frames = [rgba(frame) for frame in figure.frames(tiny_recording, theme)]
    with figure.default_style():
        strip = figure.still(tiny_recording, theme, [0, 5])
        strip.canvas.draw()
        pixels = np.asarray(strip.canvas.buffer_rgba()).copy()
    assert pixels.shape == (720, 640, 4)
    for half, frame in zip(np.split(pixels, 2), (frames[0], frames[5]), strict=True):
        assert (np.abs(half.astype(int) - frame).max(axis=-1) > 8).mean() < 0.02
