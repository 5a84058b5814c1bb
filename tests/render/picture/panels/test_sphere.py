"""Codes are where a turned camera sees them; what is near is larger, in front, and edges say |cosine|."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from render.picture.panels.base import MOVING_ZORDER
from render.picture.panels.sphere import REACH, Sphere, cosine_ramp, view
from render.picture.theme import DARK, LIGHT

FRAMES, CODES = 5, 4


def arrays() -> dict[str, np.ndarray]:
    codes = np.random.default_rng(0).normal(size=(FRAMES, CODES, 3))
    codes /= np.linalg.norm(codes, axis=2, keepdims=True)
    return {"codes": codes, "cosines": codes @ codes.transpose(0, 2, 1)}


def built(theme=LIGHT, **how):
    axes = Figure().add_axes((0, 0, 1, 1))
    data = arrays()
    moving = Sphere(title="", codes="codes", cosines="cosines", **how).build(axes, data, theme)
    edges, *dots = moving.artists
    return axes, moving, edges, dots, data


def luminance(colour: str) -> float:
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("angle", [0.0, 1.0, 4.0])
def test_the_camera_is_a_rotation_and_keeps_the_pole_upright(angle):
    camera = view(angle)
    np.testing.assert_allclose(camera @ camera.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(camera) == pytest.approx(1)
    right, up, near = camera @ [0, 0, 1]
    assert right == pytest.approx(0)
    assert up > 0.9
    assert near > 0  # seen from above


def test_codes_are_seen_in_the_plane_in_the_colours_of_their_classes():
    _, moving, _, dots, data = built()
    moving.update(0)
    drawn = {to_hex(dot.get_markerfacecolor()): dot.get_xydata()[0] for dot in dots}
    for index, code in enumerate(data["codes"][0]):
        np.testing.assert_allclose(drawn[LIGHT.classes[index]], (view(0.0) @ code)[:2])


def test_what_is_near_is_larger_and_drawn_later():
    _, moving, _, dots, data = built()
    for frame in range(FRAMES):
        moving.update(frame)
        sizes = [dot.get_markersize() for dot in dots]
        assert sizes == sorted(sizes)
    moving.update(0)
    nearest = np.argmax(data["codes"][0] @ view(0.0)[2])
    assert to_hex(dots[-1].get_markerfacecolor()) == LIGHT.classes[nearest]
    assert sizes[-1] > 1.3 * sizes[0]


def test_codes_that_stand_still_turn_slowly():
    axes = Figure().add_axes((0, 0, 1, 1))
    codes = np.broadcast_to(np.eye(3), (80, 3, 3))
    moving = Sphere(title="", codes="codes", cosines="codes").build(axes, {"codes": codes}, LIGHT)
    seen = []
    for frame in range(80):
        moving.update(frame)
        by_colour = {to_hex(dot.get_markerfacecolor()): dot.get_xydata()[0] for dot in moving.artists[1:]}
        seen.append([by_colour[LIGHT.classes[k]] for k in range(3)])
    steps = np.linalg.norm(np.diff(seen, axis=0), axis=2) / (2 * REACH)
    assert steps.max() < 0.03
    assert np.linalg.norm(np.array(seen[0]) - np.array(seen[-1]), axis=1).max() > 0.5


def test_an_edge_joins_each_pair_and_its_colour_says_the_absolute_cosine():
    _, moving, edges, _, data = built()
    moving.update(0)
    seen = data["codes"][0] @ view(0.0).T
    expected = {}
    for i in range(CODES):
        for j in range(i + 1, CODES):
            expected[tuple(np.round(np.r_[seen[i, :2], seen[j, :2]], 9))] = abs(data["cosines"][0, i, j])
    segments, colours = edges.get_segments(), edges.get_colors()
    assert len(segments) == len(expected) == 6
    for segment, colour in zip(segments, colours, strict=True):
        cosine = expected[tuple(np.round(segment.ravel(), 9))]
        np.testing.assert_array_equal(colour[:3], cosine_ramp(LIGHT)(np.array([cosine]))[0])


def test_lines_show_both_ends_and_join_those_in_front_at_an_acute_angle():
    _, moving, edges, dots, data = built(lines=True)
    moving.update(0)
    assert len(dots) == 2 * CODES
    assert sum(to_hex(dot.get_markerfacecolor()) == LIGHT.card for dot in dots) == CODES
    seen = data["codes"][0] @ view(0.0).T
    segments = np.array(edges.get_segments())
    assert len(segments) == CODES * (CODES - 1) / 2
    both = np.concatenate([seen, -seen])
    for segment in segments:
        ends = [both[np.argmin(np.linalg.norm(both[:, :2] - end, axis=1))] for end in segment]
        assert ends[0] @ ends[1] >= 0
        assert ends[0][2] + ends[1][2] >= 0


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_edge_can_be_told_from_the_card_and_zero_from_one(theme):
    card = luminance(theme.card)
    low, high = cosine_ramp(theme)(np.array([0.0, 1.0]))
    for colour in (low, high):
        lighter, darker = sorted((luminance(to_hex(colour)), card), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) > 1.8
    assert np.abs(high - low).max() > 0.25


def test_one_colour_for_all_codes():
    _, moving, _, dots, _ = built(colour=3)
    moving.update(2)
    assert {to_hex(dot.get_markerfacecolor()) for dot in dots} == {LIGHT.classes[3]}


def test_limits_hold_the_sphere_and_do_not_move():
    axes, moving, *_ = built()
    for frame in range(FRAMES):
        moving.update(frame)
        assert (*axes.get_xlim(), *axes.get_ylim()) == (-REACH, REACH, -REACH, REACH)
    assert axes.get_box_aspect() == 1
    assert min(artist.get_zorder() for artist in moving.artists) >= MOVING_ZORDER


def test_without_cosines_each_code_is_joined_to_the_centre():
    axes, data = Figure().add_axes((0, 0, 1, 1)), arrays()
    moving = Sphere(title="", codes="codes").build(axes, data, LIGHT)
    moving.update(0)
    segments = np.array(moving.artists[0].get_segments())
    np.testing.assert_array_equal(segments[:, 0], np.zeros((CODES, 2)))
    seen = (data["codes"][0] @ view(0.0).T)[:, :2]
    np.testing.assert_allclose(np.sort(segments[:, 1], axis=0), np.sort(seen, axis=0))


def test_what_stands_still_is_below_what_moves():
    axes, moving, *_ = built()
    still = [line for line in axes.lines if line not in moving.artists]
    assert len(still) == 3  # the outline and both halves of the equator
    assert max(line.get_zorder() for line in still) < MOVING_ZORDER
