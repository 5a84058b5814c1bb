"""How long each frame stands, which frames are played, and in which format."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from render.film import CUTS
from render.picture.frames import Bare
from render.picture.group import Group
from tests.render.picture.told import film

EMPTY = Group(frames=(Bare(marks=()),))


def test_the_opening_the_closing_and_a_change_of_state_stand_longer():
    states = np.array([0, 0, 1, 1, 2, 2])
    told = film(EMPTY, arrays={"step": np.arange(6), "state": states})
    assert told.delays == [1000, 60, 500, 60, 500, 3000]
    assert replace(told, frame_ms=700).delays == [1000, 700, 700, 700, 700, 3000]
    assert replace(told, frame_ms=1200, hold_ms=2000).delays == [1200] * 5 + [2000]


def test_a_state_that_changes_in_the_last_frame_makes_it_no_shorter():
    assert film(EMPTY, arrays={"state": np.array([0, 0, 0, 1])}).delays == [1000, 60, 60, 3000]


def test_only_what_is_shown_is_played_and_has_delays():
    told = replace(film(EMPTY), shown=2)
    assert told.frames == 3
    assert told.delays == [1000, 60, 3000]
    assert replace(told, shown=99).frames == 4
    assert replace(told, shown=None).frames == 4


def test_without_a_story_all_frames_but_the_last_stand_alike(tiny_recording):
    assert tiny_recording.delays == [60] * 5 + [1500]


def test_a_film_of_one_frame_is_held():
    assert replace(film(EMPTY), shown=0).delays == [3000]


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_changes_the_format_and_nothing_else(told_recording, cut):
    found = told_recording.in_cut(cut)
    assert (found.width_px, found.height_px, found.cut) == (*CUTS[cut], cut)
    assert found == replace(told_recording, width_px=CUTS[cut][0], height_px=CUTS[cut][1], cut=cut)
