"""The sheet has four frames in every theme, cut and width in which they are read."""

from __future__ import annotations

import numpy as np
import pytest

from render.picture import figure, sheet
from render.picture.theme import DARK, LIGHT
from render.production.outputs import write_sheet
from render.production.runs import Run
from tests.conftest import rgba


def pixels_of(page, left, top, width, height) -> np.ndarray:
    return np.asarray(page.crop((left, top, left + width, top + height)), int)


def test_a_story_has_both_themes_and_cuts_at_the_widths_at_which_they_are_read(told_recording):
    page = sheet.drawn(told_recording)
    heights = [540, round(540 * 700 / 1100)] * 2 + [round(760 * 390 / 640)] * 2
    assert page.size == (4 * 1108, sum(heights) + 6 * 8)
    frames = dict(zip((0, 2, 5, 10), figure.frames(told_recording, LIGHT, (0, 2, 5, 10)), strict=True))
    for column, frame in enumerate(frames.values()):
        np.testing.assert_array_equal(pixels_of(page, column * 1108, 0, 1100, 540), rgba(frame)[..., :3])
    (dark,) = figure.frames(told_recording, DARK, [10])
    top = sum(heights[:2]) + 2 * 8
    np.testing.assert_array_equal(pixels_of(page, 3 * 1108, top, 1100, 540), rgba(dark)[..., :3])


def test_cards_have_the_wide_cut_alone(tiny_recording):
    page = sheet.drawn(tiny_recording)
    assert page.size[1] == 2 * (round(360 * 1100 / 640) + round(360 * 700 / 640)) + 4 * 8
    assert page.getpixel((5, 5)) == pytest.approx(tuple(int(LIGHT.page[i : i + 2], 16) for i in (1, 3, 5)), abs=1)


def test_a_sheet_trains_once_and_nothing_where_it_cannot_be_written(tmp_path, told_recording):
    trained = []

    def train(stages):
        trained.append(stages)
        return told_recording

    run = Run("told", {}, {}, train, lambda recording, stages: {})
    write_sheet(run, tmp_path)
    assert len(trained) == 1
    (tmp_path / "file").write_text("")
    with pytest.raises((OSError, ValueError)):
        write_sheet(run, tmp_path / "file")
    assert len(trained) == 1
