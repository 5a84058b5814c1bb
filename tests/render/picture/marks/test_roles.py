"""Points and threads with a role for each number, and names of points that keep apart."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib.colors import to_hex

from render.film import Film, Layout, Story
from render.picture import figure
from render.picture.composition import Composition
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.base import Mark
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.picture.stage import Stage
from render.picture.theme import LIGHT

FRAMES, PLACES = 3, np.array([0.2, 0.22, 0.8])
WAYS = np.stack([np.stack([PLACES, 0 * PLACES], axis=1), np.stack([PLACES, 0 * PLACES + 1], axis=1)], axis=1)
ARRAYS = {
    "step": np.arange(FRAMES),
    "state": np.zeros(FRAMES, int),
    "dots": np.stack([np.stack([PLACES, np.full(3, height)], axis=1) for height in (0.1, 0.5, 0.9)]),
    "kind": np.array([1, 0, 1]),
    "ways": np.stack([WAYS, WAYS / 2, WAYS / 3]),
}
POINTS = Points(points="dots", names=("first", "second", "third"), offset_px=(0.0, 20.0))


def stage_of(mark: Mark) -> Stage:
    """The stage on which a mark alone is drawn."""
    unit = Scale(low=0.0, high=1.0)
    film = Film(
        title="Some dots",
        subtitle="",
        alt="",
        layout=("a",),
        width_px=1100,
        height_px=540,
        panels=(Group(frames=(Plane(x=unit, y=unit, marks=(mark,)),)),),
        frame_ms=60,
        hold_ms=3000,
        arrays=ARRAYS,
        story=Story(state="state", names=("all",), sentences=("They rise.",), wide=Layout(), column=Layout()),
    )
    with figure.default_style():
        picture = figure.new_picture(film, LIGHT)[1]
    assert isinstance(picture, Composition)
    return picture.stages[0][0]


def names_of(stage: Stage) -> dict[str, tuple[float, float]]:
    return {text.get_text(): text.get_position() for text in stage.composition.texts if text.get_text() in POINTS.names}


def test_points_have_the_ink_of_the_role_of_their_number_and_their_names_have_it_too():
    stage = stage_of(dataclasses.replace(POINTS, classes="kind", roles=("run", "rival")))
    found = {to_hex(dots.get_facecolor()[0]): dots.get_offsets().tolist() for dots in stage.axes.collections}
    assert found == {
        LIGHT.ink_of("run"): [[0.22, 0.1]],
        LIGHT.ink_of("rival"): [[0.2, 0.1], [0.8, 0.1]],
    }
    inks = {text.get_text(): text.get_color() for text in stage.composition.texts if text.get_text() in POINTS.names}
    run, rival = LIGHT.ink_of("run"), LIGHT.ink_of("rival")
    assert inks == {"first": rival, "second": run, "third": rival}


def test_without_roles_numbers_are_those_of_classes():
    stage = stage_of(Points(points="dots", classes="kind"))
    assert [to_hex(dots.get_facecolor()[0]) for dots in stage.axes.collections] == list(LIGHT.classes[:2])


def test_threads_have_the_ink_of_the_role_of_their_number():
    (lines,) = stage_of(Threads(segments="ways", classes="kind", roles=("muted", "met"))).axes.collections
    expected = [LIGHT.ink_of(role) for role in ("met", "muted", "met")]
    assert [to_hex(colour) for colour in lines.get_color()] == expected


@pytest.mark.parametrize("apart", [0.0, 60.0])
def test_names_keep_apart_in_the_order_of_their_points_and_rise_with_them(apart):
    stage = stage_of(dataclasses.replace(POINTS, apart_px=apart))
    for frame in range(FRAMES):
        stage.composition.show(frame)
        names, dots = names_of(stage), stage.px(ARRAYS["dots"][frame])
        np.testing.assert_allclose([names[name][1] for name in POINTS.names], dots[:, 1] + 20)
        across = np.array([names[name][0] for name in POINTS.names])
        if apart:
            np.testing.assert_allclose(np.diff(across)[0], apart)
            np.testing.assert_allclose(across[:2].mean(), dots[:2, 0].mean())  # around where both want to be
            np.testing.assert_allclose(across[2], dots[2, 0])
        else:
            np.testing.assert_allclose(across, dots[:, 0])


def test_a_star_has_more_corners_than_a_disc_has_none():
    (star,) = stage_of(Points(points="dots", marker="*")).axes.collections
    (disc,) = stage_of(Points(points="dots")).axes.collections
    curves = [set(dots.get_paths()[0].codes) for dots in (star, disc)]
    assert curves[0] != curves[1]
    assert len(star.get_paths()[0].vertices) >= 10
