"""Regions, rings, slices and tiles: what fills a part of a frame."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from render.picture.frames import Scale
from render.picture.marks.prints import Prints
from render.picture.marks.region import Region
from render.picture.marks.ring import Ring
from render.picture.marks.slices import Slices
from render.picture.marks.tiles import Tiles
from render.picture.theme import LIGHT
from tests.render.picture.told import drawn

GRID = np.linspace(-2, 2, 41)
SHIFTS = np.array([-0.5, 0.0, 0.5, 1.0])
SCORE = np.broadcast_to(GRID, (4, 41, 41)) - SHIFTS[:, None, None]  # x - shift
CORNERS = np.random.default_rng(0).normal(size=(4, 2, 3, 2))
TABLE = np.arange(24.0).reshape(4, 2, 3)


def test_a_region_is_where_the_score_is_positive_and_its_line_where_it_is_zero():
    scale = Scale(low=-2.0, high=2.0)
    picture, _, found = drawn(Region(score="score", extent=2.0), arrays={"score": SCORE}, x=scale, y=scale)
    part, line = found.artists
    for frame in (0, 3, 1):
        picture.show(frame)
        np.testing.assert_allclose(line.get_xdata(), SHIFTS[frame], atol=1e-9)
        assert part.get_path().vertices[:, 0].min() == pytest.approx(SHIFTS[frame])
    assert to_hex(part.get_facecolor()) == LIGHT.on_page(LIGHT.classes[1], 0.16)
    assert found.moves.shape == (4, 41 * 41)
    assert (np.abs(np.diff(found.moves, axis=0)).max(axis=1) == 1).all()


def test_a_region_without_a_positive_score_is_empty():
    picture, _, found = drawn(Region(score="score", extent=2.0), arrays={"score": SCORE - 9})
    picture.show(1)
    assert not len(found.artists[0].get_path().vertices)
    assert not len(found.artists[1].get_xdata())


@pytest.mark.parametrize(("theory", "ink"), [(True, LIGHT.ink), (False, LIGHT.edge)])
def test_a_ring_is_an_arc_that_stands_still(theory, ink):
    ring = Ring(radius=2.0, centre=(1.0, 0.0), angles=(0.0, 90.0), theory=theory)
    picture, stage, found = drawn(ring)
    (line,) = stage.axes.lines
    np.testing.assert_allclose(line.get_xydata()[[0, -1]], [[3, 0], [1, 2]], atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(line.get_xydata() - (1, 0), axis=1), 2)
    assert (line.is_dashed(), line.get_color()) == (theory, ink)
    assert found.moves is None
    assert line not in picture.moving


def test_slices_are_between_their_corners():
    picture, _, found = drawn(Slices(corners="corners", inks=("run", "rival")), arrays={"corners": CORNERS})
    (polygons,) = found.artists
    for frame in (0, 3):
        picture.show(frame)
        for path, corners in zip(polygons.get_paths(), CORNERS[frame], strict=True):
            np.testing.assert_allclose(path.vertices[:3], corners)
    inks = [LIGHT.on_page(LIGHT.ink_of(ink), 0.5) for ink in ("run", "rival")]
    assert [to_hex(colour) for colour in polygons.get_facecolor()] == inks
    assert found.moves.shape == (4, 12)
    np.testing.assert_allclose(found.content, CORNERS.reshape(4, 6, 2))


def test_slices_that_stand_still_do():
    picture, stage, found = drawn(Slices(corners="corners"), arrays={"corners": CORNERS[0]})
    picture.show(3)
    np.testing.assert_allclose(stage.axes.collections[0].get_paths()[0].vertices[:3], CORNERS[0, 0])
    assert found.moves is None


def hexed(cells) -> list[list[str]]:
    return [["#" + bytes(cell).hex() for cell in row] for row in np.asarray(cells)]


def test_tiles_have_one_scale_for_the_whole_run():
    picture, _, found = drawn(Tiles(table="table", ink="run"), arrays={"table": TABLE})
    (image,) = found.artists
    picture.show(3)
    shown = hexed(image.get_array())
    assert shown[1][2] == LIGHT.ink_of("run")
    picture.show(0)
    assert hexed(image.get_array())[0][0] == LIGHT.page
    assert found.moves.max() == 1


def test_tiles_below_zero_have_an_ink_of_their_own():
    table = np.array([[-1.0, 0.0, 1.0]])
    picture, _, found = drawn(Tiles(table="table", ink="rival", below="run"), arrays={"table": table})
    ((image,),) = [axes.images for axes in picture.parent.axes if axes.images]
    assert hexed(image.get_array()) == [[LIGHT.ink_of("run"), LIGHT.page, LIGHT.ink_of("rival")]]
    assert found.moves is None


def test_tiles_lie_in_their_box():
    scale = Scale(low=0.0, high=10.0)
    box = (1.0, 2.0, 4.0, 6.0)
    _, stage, found = drawn(Tiles(table="table", box=box), arrays={"table": TABLE}, x=scale, y=scale)
    bounds = found.artists[0].axes.bbox
    np.testing.assert_allclose(stage.axes.transData.inverted().transform(bounds.get_points()), [[1, 2], [5, 8]])


IMAGES = np.array([[[1.0, 0.0], [0.0, 0.6]], [[0.0, 0.3], [0.1, 0.0]]])
PLACES = np.array([[[0.0, 0.0], [1.0, 1.0]], [[0.5, 0.0], [1.0, 0.5]], [[0.6, 0.0], [0.0, 0.0]], [[0.0, 0.1], [1, 1]]])


def test_prints_are_images_at_their_points_in_the_ink_of_those_that_are_singled_out():
    scale = Scale(low=-2.0, high=2.0)
    singled = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], bool)
    prints = Prints(images="images", points="places", singled="singled", size_px=20.0, ink="muted")
    arrays = {"images": IMAGES, "places": PLACES, "singled": singled}
    picture, stage, found = drawn(prints, arrays=arrays, x=scale, y=scale)
    (cells,) = found.artists
    for frame in (0, 2, 1):
        picture.show(frame)
        paths = [path.vertices[:4] for path in cells.get_paths()]
        assert len(paths) == 3  # lighter cells are not drawn
        first = stage.px(paths[0]) - stage.px(PLACES[frame, 0])  # the darkest, upper left
        np.testing.assert_allclose([first.min(axis=0), first.max(axis=0)], [[-10, 0], [0, 10]], atol=1e-6)
        second = stage.px(paths[1]) - stage.px(PLACES[frame, 0])  # lower right
        np.testing.assert_allclose([second.min(axis=0), second.max(axis=0)], [[0, -10], [10, 0]], atol=1e-6)
        inks = [LIGHT.ink_of("run" if single else "muted") for single in singled[frame]]
        colours = [to_hex(colour) for colour in cells.get_facecolor()]
        assert colours == [inks[0], LIGHT.on_page(inks[0], 0.65), LIGHT.on_page(inks[1], 0.35)]
    assert (np.abs(np.diff(found.moves, axis=0)).max(axis=1) > 0).all()
    assert found.content.shape == (4, 2, 2)
