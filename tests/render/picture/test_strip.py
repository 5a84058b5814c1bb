"""The strip: bands where the states are, a playhead that goes evenly, an axis, the loss, and one footer at the end."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from render.film import Strip
from render.picture.frames import Bare
from render.picture.group import Group
from render.picture.theme import LIGHT
from tests.conftest import rgba
from tests.render.picture.told import film, picture_of, written

EMPTY = Group(frames=(Bare(marks=()),))
BAND, LIT = (LIGHT.on_page(LIGHT.series["rest"], amount) for amount in (0.45, 1.0))


def made(strip: Strip | None = None, **fields):
    return picture_of(film(EMPTY, story={"strip": strip or Strip()}, **fields))


def bands(picture) -> list[Rectangle]:
    return [artist for artist in picture.parent.artists if isinstance(artist, Rectangle)]


def head(picture) -> Line2D:
    return next(artist for artist in picture.moving if isinstance(artist, Line2D) and artist.get_marker() == "v")


def test_a_band_a_state_is_lit_while_it_lasts_and_its_name_is_bold():
    picture = made()
    first, second = bands(picture)
    assert first.get_x() + first.get_width() == pytest.approx(second.get_x() - 2)
    assert second.get_width() == pytest.approx(first.get_width() / 2, abs=2)  # frames 0 to 2, and 2 to 3
    for frame, lit in ((0, first), (1, first), (2, second), (3, second)):
        picture.show(frame)
        colours = [to_hex(band.get_facecolor()) for band in (first, second)]
        assert colours == ([LIT, BAND] if lit is first else [BAND, LIT])
        bold = [text.get_text() for text in picture.visible_texts() if text.get_weight() == "bold"]
        assert [name for name in ("before", "after") if name in bold] == ["before" if lit is first else "after"]
        assert {"before", "after"} <= set(written(picture))


def test_a_state_that_the_run_never_has_has_no_band():
    picture = made(arrays={"state": np.zeros(4, int)})
    assert len(bands(picture)) == 1
    assert "after" not in written(picture)


def test_the_playhead_goes_evenly_from_frame_to_frame():
    picture = made(arrays={"step": np.array([0, 1, 10, 100])})
    places = []
    for frame in range(4):
        picture.show(frame)
        places.append(head(picture).get_xdata()[0])
    assert np.diff(places) == pytest.approx(np.diff(places)[0])
    assert places[0] == bands(picture)[0].get_x()


def test_the_axis_is_marked_where_the_run_passes_its_values():
    picture = made(arrays={"step": np.array([0, 10, 1000, 5000])})
    assert {"step 0", "10", "1,000", "5,000"} <= set(written(picture))
    (tick,) = [text for text in picture.texts if text.get_text() == "1,000"]
    picture.show(2)
    assert tick.get_position()[0] == pytest.approx(head(picture).get_xdata()[0])


def test_a_dial_that_falls_has_its_own_quantity_and_words_at_its_ends():
    tau = np.array([4.0, 2.0, 1.0, -0.5])
    strip = Strip(array="tau", label="tau", form="{:.1f}", ticks=(1.0,), ends=("warm", "cold"))
    picture = made(strip, arrays={"tau": tau})
    assert {"tau 4.0", "1.0", "−0.5", "warm", "cold"} <= set(written(picture))
    texts = {text.get_text(): text.get_window_extent() for text in picture.texts}
    first, last = bands(picture)
    assert texts["warm"].x1 < first.get_x()
    assert texts["cold"].x0 > last.get_x() + last.get_width()


def test_a_live_dial_says_its_value_under_the_playhead_and_is_no_live_number():
    picture = made(
        Strip(array="tau", label="tau", form="{:.2f}", live=True), arrays={"tau": np.array([4.0, 2.0, 1.0, -0.5])}
    )
    for frame, said in enumerate(("tau 4.00", "tau 2.00", "tau 1.00", "tau −0.50")):
        picture.show(frame)
        assert said in written(picture)
    assert {text.get_text() for text in picture.dial} == {"tau −0.50"}


def test_the_loss_is_seen_over_the_bands_and_named_before_them():
    loss = np.array([1.0, 1e-1, 1e-2, 1e-3])
    with_loss, without = (made(Strip(loss=name), arrays={"loss": loss}) for name in ("loss", ""))
    (line,) = (line for line in with_loss.moving if isinstance(line, Line2D) and len(line.get_xdata()) == 4)
    assert np.diff(line.get_ydata()) == pytest.approx(np.diff(line.get_ydata())[0])  # even in logs
    assert min(band.get_zorder() for band in bands(with_loss)) < line.get_zorder()
    (name,) = [text for text in with_loss.texts if text.get_text() == "loss"]
    assert name.get_window_extent().x1 < bands(with_loss)[0].get_x()
    assert "loss" not in written(without)


def test_the_footer_counts_the_targets_that_are_met_in_the_last_frame_alone():
    for checks, said in (((8, 8), "8 targets met ✓"), ((7, 8), "7 of 8 targets met"), ((1, 1), "1 target met ✓")):
        picture = made(checks=checks)
        for frame in range(4):
            picture.show(frame)
            assert (said in written(picture)) == (frame == 3)
    with_others = made(checks=(8, 8), arrays={"seeds/loss": np.zeros((64, 4))})
    with_others.show(3)
    assert "8 targets met ✓, 64 seeds" in written(with_others)
    assert not [text for text in made(checks=(0, 0)).texts if "target" in text.get_text()]


def test_names_of_short_states_stand_side_by_side():
    picture = made(arrays={"state": np.array([0, 1, 1, 1])}, width_px=640, height_px=760)
    before, after = (
        text.get_window_extent()
        for text in picture.texts
        if text.get_text() in ("before", "after") and text.get_weight() == "bold"
    )
    assert before.x1 < after.x0


def test_a_frame_is_marked_where_it_is_in_the_picture(told_recording):
    from render.picture import figure

    first, last = (rgba(frame) for frame in figure.frames(told_recording, LIGHT, (0, 10)))
    assert (first[-70:] != last[-70:]).any()
