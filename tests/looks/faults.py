"""Faults made on purpose: each rule of the law of looks names its own, and is silent where nothing was spoilt."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from render.film import CUTS, Film, Layout
from render.picture.frames import Frame, Scale
from render.picture.group import Group
from render.picture.marks.base import Mark
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.marks.text import Number, Words
from render.picture.recording import Recording
from render.picture.stage import Drawn, Stage
from render.picture.theme import THEMES
from tests.looks.rules import faults


def spoilt(film: Film, group: int, frame: Callable[[Any], Frame]) -> Film:
    """The film with the first frame of a group changed."""
    panels = list(film.panels)
    panels[group] = replace(panels[group], frames=(frame(panels[group].frames[0]), *panels[group].frames[1:]))
    return replace(film, panels=tuple(panels))


def with_mark(film: Film, group: int, *marks: Mark) -> Film:
    """The film with more marks in the first frame of a group."""
    return spoilt(film, group, lambda frame: replace(frame, marks=(*frame.marks, *marks)))


def retold(film: Film, **changes: Any) -> Film:
    return replace(film, story=replace(film.story, **changes))


def with_arrays(film: Film, **arrays: np.ndarray) -> Film:
    return replace(film, arrays={**film.arrays, **arrays})


def named(film: Film, *says: str) -> bool:
    """Whether one fault of the film says all this, and nobody else is named."""
    found = faults(film)
    assert found, f"no fault says {says}"
    wrong = [fault for fault in found if not all(part in fault for part in says)]
    assert wrong == []
    return True


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("cut", CUTS)
def test_the_unspoilt_film_has_no_fault(told_recording: Recording, cut: str, theme: str) -> None:
    assert faults(told_recording.in_cut(cut), theme) == []


def test_a_legend_far_from_its_line(told_recording: Recording) -> None:
    legend = Words(place=(0.7, 1.0), lines=("spread",), ink="run")
    nameless = spoilt(
        told_recording, 1, lambda plane: replace(plane, marks=(Course(array="spread"), *plane.marks[1:], legend))
    )
    assert named(nameless, "'spread' stands far from the line whose colour it has")


def test_a_label_that_others_push_away_from_its_line(told_recording: Recording) -> None:
    crowd = [Course(array="spread", ink=f"class:{k}", label=f"{k} it is") for k in range(6)]
    found = faults(with_mark(told_recording, 1, *crowd))
    assert "the label '5 it is' stands far from the end of its line" in found


def test_a_hero_at_a_third(told_recording: Recording) -> None:
    assert named(retold(told_recording, wide=Layout(("abc",))), "the hero has 32% of the area")


def test_a_fourth_group(told_recording: Recording) -> None:
    words = Group(frames=(replace(told_recording.panels[2].frames[0], marks=()),))
    four = replace(told_recording, panels=(*told_recording.panels, words))
    assert named(retold(four, wide=Layout(("ab", "ac", "ad"), widths=(1.6, 1))), "4 panels")


@dataclass(frozen=True, kw_only=True)
class Tiny(Mark):
    """Text of 13 pixels."""

    def draw(self, stage: Stage) -> Drawn:
        stage.write(0.5, 0.1, "so small", size_pt=13 * 72 / 100)
        return Drawn()


@dataclass(frozen=True, kw_only=True)
class Unseen(Mark):
    """Text that matplotlib writes, past the grammar."""

    def draw(self, stage: Stage) -> Drawn:
        stage.axes.text(0.5, 0.1, "tiny", fontsize=5)
        return Drawn()


def test_text_at_13_px(told_recording: Recording) -> None:
    assert named(with_mark(told_recording, 2, Tiny()), "type of 13.0 px")


def test_text_that_no_rule_would_see(told_recording: Recording) -> None:
    assert named(with_mark(told_recording, 2, Unseen()), "'tiny' is written past the grammar")


def test_more_words_than_anyone_reads(told_recording: Recording) -> None:
    lines = tuple("one more of so many words" for _ in range(6))
    many = with_mark(told_recording, 0, Words(place=(-2.4, 1.2), lines=lines))
    assert named(many, "68 words")


def test_a_check_mark_in_the_first_frame(told_recording: Recording) -> None:
    check = Words(place=(0.5, 0.1), lines=("it holds ✓",))
    assert named(with_mark(told_recording, 2, check), "'it holds ✓' is said in the first frame")


@pytest.mark.parametrize(
    ("text", "says"),
    [("at 3e-07", "has an exponent that nobody reads"), ("at 1.5E+4", "exponent"), ("3e5", "exponent")],
)
def test_an_exponent_of_a_program(told_recording: Recording, text: str, says: str) -> None:
    assert named(with_mark(told_recording, 2, Words(place=(0.5, 0.1), lines=(text,))), text, says)


def test_five_live_numbers(told_recording: Recording) -> None:
    places = [(0.15, 0.1), (0.15, 0.4), (0.9, 0.1)]
    numbers = [Number(array="loss", place=place, size="label") for place in places]
    assert named(with_mark(told_recording, 2, *numbers), "5 live numbers")


def one_far_point(film: Film) -> Film:
    points = film.arrays["points"].copy()
    points[:, 0] = (4.0, 4.0)
    return with_arrays(film, points=points, ways=film.arrays["ways"][:, 1:])


def test_limits_at_the_farthest_point(told_recording: Recording) -> None:
    far = Scale(low=-2.0, high=4.0)
    wide = spoilt(one_far_point(told_recording), 0, lambda plane: replace(plane, x=far, y=far))
    (fault,) = faults(wide)
    assert re.fullmatch("the hero's content spans (1[5-9]|2[0-5])% of its panel", fault)


def test_one_far_point_that_is_clipped_is_no_fault(told_recording: Recording) -> None:
    assert faults(one_far_point(told_recording)) == []


def test_marks_that_stand_still_while_the_playhead_runs(told_recording: Recording) -> None:
    still = {
        name: np.broadcast_to(told_recording.arrays[name][:1], told_recording.arrays[name].shape)
        for name in ("points", "ways")
    }
    assert named(with_arrays(told_recording, **still), "10 of 11 frames without motion")


def test_a_third_of_the_frames_without_motion(told_recording: Recording) -> None:
    held = {
        name: np.concatenate([told_recording.arrays[name][:8], *[told_recording.arrays[name][7:8]] * 3])
        for name in ("points", "ways")
    }
    assert named(with_arrays(told_recording, **held), "3 of 11 frames without motion")


def side_by_side(film: Film) -> Film:
    """Two labels that have room in the wide cut alone."""
    left = Words(place=(0.0, 0.15), lines=("leftmost-of-all-the-labels",))
    return with_mark(film, 2, left, Words(place=(1.0, 0.15), lines=("rightmost-of-all-the-labels",), align="right"))


def test_labels_that_overlap_in_the_column_cut_alone(told_recording: Recording) -> None:
    labelled = side_by_side(told_recording)
    assert faults(labelled.in_cut("wide")) == []
    assert named(labelled.in_cut("column"), "'leftmost-of-all-the-labels' and 'rightmost-of-all-the-labels' overlap")


def test_text_that_leaves_the_picture(told_recording: Recording) -> None:
    away = Words(place=(1.0, 0.1), lines=("beyond the edge of it",))
    assert named(with_mark(told_recording, 2, away), "leaves the picture in frame")


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"hold_ms": 1500}, "the closing frame stands 1500 ms")],
)
def test_a_picture_that_is_gone_before_it_is_read(told_recording: Recording, changes: dict, says: str) -> None:
    assert named(dataclasses.replace(told_recording, **changes), says)


@dataclass(frozen=True, kw_only=True)
class Rescaled(Points):
    """Points whose frame follows them."""

    def draw(self, stage: Stage) -> Drawn:
        drawn = super().draw(stage)

        def update(frame: int) -> None:
            drawn.update(frame)
            stage.axes.set_xlim(-3 - frame, 3 + frame)

        return replace(drawn, update=update)


def test_a_panel_that_is_rescaled(told_recording: Recording) -> None:
    assert "a panel is rescaled between frames" in faults(with_mark(told_recording, 0, Rescaled(points="points")))
