"""Blobs have the axes and half lengths that their matrices say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.blobs import Blobs
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn

LENGTHS, TURN = np.array([2.0, 0.5]), np.deg2rad(30)
AXES = np.array([[np.cos(TURN), -np.sin(TURN)], [np.sin(TURN), np.cos(TURN)]])  # columns
TURNED = AXES * LENGTHS**2 @ AXES.T
SHAPES = np.stack([np.stack([TURNED * size, np.eye(2)]) for size in (1.0, 0.5, 0.25, 0.0)])
CENTRES = np.random.default_rng(0).normal(size=(4, 2, 2))
ARRAYS = {"shapes": SHAPES, "centres": CENTRES, "shape": SHAPES[0], "centre": CENTRES[0]}


def made(**how):
    scale = Scale(low=-5.0, high=5.0)
    return drawn(Blobs(**{"centres": "centres", "shapes": "shapes", **how}), arrays=ARRAYS, x=scale, y=scale)


@pytest.mark.parametrize("frame", [0, 3, 1])
def test_they_have_the_axes_of_their_matrices(frame):
    picture, _, found = made()
    (blobs,) = found.artists
    picture.show(frame)
    for path, centre, shape in zip(blobs.get_paths(), CENTRES[frame], SHAPES[frame], strict=True):
        off = path.vertices[:-1] - centre
        np.testing.assert_allclose(off.mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(2 * np.cov(off.T, bias=True), shape, atol=1e-9)
        longest = np.linalg.norm(off, axis=1).max()
        assert longest == pytest.approx(np.sqrt(np.linalg.eigvalsh(shape)[-1]), rel=2e-3, abs=1e-9)


def test_they_are_tinted_with_a_solid_rim_and_their_moves_are_seen():
    _, _, found = made(ink="rival", tint=0.4)
    (blobs,) = found.artists
    assert to_hex(blobs.get_facecolor()[0]) == LIGHT.on_page(LIGHT.ink_of("rival"), 0.4)
    assert to_hex(blobs.get_edgecolor()[0]) == LIGHT.ink_of("rival")
    assert (np.abs(np.diff(found.moves, axis=0)).max(axis=1) > 0.002).all()
    assert found.content.shape[0] == 4


def test_what_stands_still_has_no_moves():
    _, stage, found = made(centres="centre", shapes="shape")
    assert found.moves is None
    assert len(stage.axes.collections[0].get_paths()) == 2
