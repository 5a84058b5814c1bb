"""Live numbers: the value of their frame, and a check mark in the colour of success exactly when a goal is met."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib.colors import to_hex

from render.picture import figure
from render.picture.panels.base import Readout
from render.picture.panels.readouts import Readouts
from render.picture.recording import Recording
from render.picture.theme import DARK, LIGHT
from render.target import Target

VALUES = np.array([0.5, 0.25, 1.0, 2.0, 0.75, -1.0])


def target(rule: str, goal: float, tolerance: float = 0.0) -> Target:
    return Target("value", "value", rule, goal, "formula", tolerance)


def picture(tiny_recording: Recording, readouts: tuple[Readout, ...], theme=LIGHT, **how) -> figure.Picture:
    panels = (Readouts(title="numbers", readouts=readouts, **how),)
    arrays = {**tiny_recording.arrays, "value": VALUES}
    recording = dataclasses.replace(tiny_recording, panels=panels, layout=("a",), arrays=arrays)
    return figure.new_picture(recording, theme)[1]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(
    ("rule", "goal", "tolerance", "met"),
    [
        ("at most", 0.5, 0.0, [True, True, False, False, False, True]),
        ("at least", 1.0, 0.0, [False, False, True, True, False, False]),
        ("within", 0.75, 0.25, [True, False, True, False, True, False]),
    ],
)
def test_a_check_mark_and_its_colour_appear_exactly_when_the_goal_is_met(
    tiny_recording, theme, rule, goal, tolerance, met
):
    drawn = picture(tiny_recording, (Readout("value", "value", "{:.2f}", target(rule, goal, tolerance)),), theme)
    (number,) = (artist for artist in drawn.moving if not artist.get_text().startswith("step"))
    for frame in (5, 0, 1, 2, 3, 4):
        drawn.show(frame)
        assert number.get_text() == f"{VALUES[frame]:.2f}".replace("-", "−") + (" ✓" if met[frame] else "")
        assert to_hex(number.get_color()) == (theme.met if met[frame] else theme.ink)


def test_a_number_without_a_goal_is_never_checked(tiny_recording):
    drawn = picture(tiny_recording, (Readout("value", "value", "{:+.1f}"),))
    (number,) = (artist for artist in drawn.moving if not artist.get_text().startswith("step"))
    for frame, value in enumerate(VALUES):
        drawn.show(frame)
        assert number.get_text() == f"{value:+.1f}".replace("-", "−")
        assert to_hex(number.get_color()) == LIGHT.ink


def test_a_row_has_its_label_and_its_goal_or_the_note_in_its_place(tiny_recording):
    drawn = picture(
        tiny_recording,
        (
            Readout("first", "value", target=target("at most", 0.5)),
            Readout("second", "value", target=target("at least", 2.0), note="C−1 = 5"),
            Readout("third", "value"),
        ),
    )
    texts = [text.get_text() for text in drawn.parent.texts]
    for expected in ("numbers", "first", "≤ 0.5", "second", "C−1 = 5", "third"):
        assert expected in texts
    assert "≥ 2" not in texts


def test_rows_are_one_below_the_other_and_columns_side_by_side(tiny_recording):
    readouts = tuple(Readout(f"row {index}", "value") for index in range(4))

    def places(columns: int) -> np.ndarray:
        drawn = picture(tiny_recording, readouts, readout_columns=columns)
        texts = {text.get_text(): text for text in drawn.parent.texts}
        return np.array([texts[readout.label].get_position() for readout in readouts])

    one = places(1)
    assert len(set(one[:, 0])) == 1
    assert (np.diff(one[:, 1]) == -28).all()
    two = places(2)
    assert two[0, 1] == two[1, 1] == two[2, 1] + 28
    assert two[0, 0] == two[2, 0] < two[1, 0] == two[3, 0]


def test_a_swatch_has_the_colour_of_its_series(tiny_recording):
    def patches(colour: str) -> list[str]:
        drawn = picture(tiny_recording, (Readout("", "value", colour=colour),))
        return [to_hex(patch.get_facecolor()) for patch in drawn.parent.artists]

    assert patches("second").count(LIGHT.series["second"]) == 1
    assert len(patches("second")) == len(patches("")) + 1


def test_the_card_draws_no_axes(tiny_recording):
    (axes,) = picture(tiny_recording, (Readout("value", "value"),)).parent.axes
    assert not axes.axison
