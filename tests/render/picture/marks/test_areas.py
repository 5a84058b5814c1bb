"""Shares are stacked: pale in full, solid up to the playhead, named where they are tallest."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

from render.picture.frames import Scale
from render.picture.marks.areas import Areas, Share
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn

LOW, HIGH = np.array([0.2, 0.9, 0.5, 0.3]), np.array([0.8, 0.1, 0.5, 0.7])
SHARES = (Share("low", "run", "low"), Share("high", "rival", "high"))


def made():
    unit = Scale(low=0.0, high=1.0)
    return drawn(Areas(shares=SHARES), arrays={"low": LOW, "high": HIGH}, x=unit, y=unit)


def test_each_share_stands_on_those_before_it_pale_and_solid():
    _, stage, found = made()
    patches = [patch for patch in stage.axes.patches if isinstance(patch, Polygon)]
    time = np.linspace(0, 1, 4)
    for patch, (foot, top) in zip(patches[::2], [(0 * LOW, LOW), (LOW, LOW + HIGH)], strict=True):
        np.testing.assert_allclose(patch.get_xy()[:4], np.stack([time, foot], axis=1))
        np.testing.assert_allclose(patch.get_xy()[4:8], np.stack([time, top], axis=1)[::-1])
    inks = [LIGHT.ink_of(share.ink) for share in SHARES]
    assert [to_hex(patch.get_facecolor()) for patch in patches[::2]] == [LIGHT.on_page(ink, 0.24) for ink in inks]
    assert [to_hex(patch.get_facecolor()) for patch in patches[1::2]] == inks
    assert found.artists[:2] == patches[1::2]


def test_the_solid_part_ends_at_the_playhead():
    picture, stage, found = made()
    for frame in (0, 3, 1):
        picture.show(frame)
        clip = found.artists[0].get_clip_box()
        right = stage.axes.transData.inverted().transform((clip.x1, clip.y0))[0]
        assert abs(right - frame / 3) < 1e-9
        assert set(found.artists[2].get_xdata()) == {frame / 3}


def test_it_moves_by_its_shares_at_the_playhead_and_fills_its_frame():
    _, _, found = made()
    np.testing.assert_allclose(found.moves, np.stack([LOW, HIGH], axis=1))
    np.testing.assert_allclose(found.content[2], [[0, 0], [1, 1]])


def test_a_name_is_in_its_ink_until_the_playhead_has_passed_and_then_in_the_pages():
    picture, _, _ = made()
    (name,) = [text for text in picture.texts if text.get_text() == "low"]
    picture.show(0)
    assert name.get_color() == LIGHT.ink_of("run")
    picture.show(3)
    assert name.get_color() == LIGHT.page
