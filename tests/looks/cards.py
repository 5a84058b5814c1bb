"""Every picture made of cards: legible, inside its limits, drawn the same by parts as whole, in the theme's colours."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, StepPatch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from render.picture import figure
from render.picture.ink import TextLine
from render.picture.recording import Recording
from render.picture.theme import THEMES
from tests.conftest import rgba
from tests.render.audit.examples import SERIES, SNAPSHOTS, audited


def pictures(*names: str) -> pytest.MarkDecorator:
    """Parameters of a test of pictures; all tests of one picture run in one process, which draws it once."""
    return pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names])


every_animation = pictures(*SERIES)
every_picture = pictures(*SERIES, *SNAPSHOTS)
every_theme = pytest.mark.parametrize("theme", THEMES)


def recording_of(name: str) -> Recording:
    return audited(name)


@functools.cache
def picture_of(name: str, theme: str) -> figure.Picture:
    with figure.default_style():
        return figure.new_picture(recording_of(name), THEMES[theme])[1]


@functools.cache
def frames_of(name: str) -> dict[str, int]:
    """The frames that are looked at, by what they are called."""
    last = recording_of(name).frames - 1
    return {"first": 0, "second": min(1, last), "middle": (last + 1) // 2, "last": last}


@functools.cache
def by_parts(name: str, theme: str) -> dict[str, np.ndarray]:
    """The frames that are looked at as the generator yields them: (height, width, 4) uint8."""
    frames = frames_of(name)
    drawn = figure.frames(recording_of(name), THEMES[theme], frames.values())
    return {part: rgba(pixels) for part, pixels in zip(frames, drawn, strict=True)}


@dataclasses.dataclass(frozen=True)
class Written:
    """A text as it was drawn."""

    text: str
    box: Bbox
    size_pt: float


@functools.cache
def drawn_whole(name: str, theme: str) -> dict[str, tuple[np.ndarray, list[Written]]]:
    """The frames that are looked at drawn from nothing, with every text on them, tick labels and mathematics too."""
    seen: list[Text] = []

    def recording(draw):
        def record(text, renderer, *rest, **how):
            if text.get_visible() and text.get_text().strip():
                seen.append(text)
            return draw(text, renderer, *rest, **how)

        return record

    picture, drawn = picture_of(name, theme), {}
    with figure.default_style(), pytest.MonkeyPatch.context() as patch:
        for kind in (Text, TextLine):
            patch.setattr(kind, "draw", recording(kind.draw))
        for part, frame in frames_of(name).items():
            seen.clear()
            picture.show(frame)
            assert not any(artist.get_animated() for artist in picture.moving)
            canvas = picture.parent.canvas
            canvas.draw()
            written = [Written(text.get_text(), text.get_window_extent(), text.get_fontsize()) for text in seen]
            drawn[part] = np.asarray(canvas.buffer_rgba()).copy(), written
    return drawn


@every_picture
@every_theme
@pytest.mark.parametrize("part", ["first", "middle", "last"])
class TestText:
    @pytest.fixture
    def texts(self, name, theme, part) -> list[Written]:
        written = drawn_whole(name, theme)[part][1]
        assert len(written) > 10
        return written

    def test_no_two_texts_overlap(self, texts):
        overlapping = [
            (one.text, other.text)
            for one, other in itertools.combinations(texts, 2)
            if min(one.box.x1, other.box.x1) - max(one.box.x0, other.box.x0) > 0
            and min(one.box.y1, other.box.y1) - max(one.box.y0, other.box.y0) > 0
        ]
        assert overlapping == []

    def test_no_text_leaves_the_canvas(self, texts, name):
        scene = recording_of(name)
        outside = [
            written.text
            for written in texts
            if min(written.box.p0) < 0 or written.box.x1 > scene.width_px or written.box.y1 > scene.height_px
        ]
        assert outside == []

    def test_every_text_lies_in_one_card_or_above_all_of_them(self, texts, name, theme):
        parent = picture_of(name, theme).parent
        patches = [artist for artist in parent.artists if isinstance(artist, FancyBboxPatch)]
        cards = [patch.get_window_extent() for patch in patches if patch.get_height() > 20]
        assert len(cards) == len(parent.axes)
        top = max(card.y1 for card in cards)
        for written in texts:
            box = written.box
            inside = [c for c in cards if c.x0 <= box.x0 and box.x1 <= c.x1 and c.y0 <= box.y0 and box.y1 <= c.y1]
            assert len(inside) == 1 or box.y0 >= top, written.text

    def test_nothing_is_written_smaller_than_9_pt_at_1100_px(self, texts, name):
        shrunk = min(1.0, 1100 / recording_of(name).width_px)
        assert {written.text: written.size_pt for written in texts if written.size_pt * shrunk < 9} == {}


def _positions(artist: Artist) -> np.ndarray:
    """Where an artist's data lie on the canvas, in pixels: (n, 2)."""
    if isinstance(artist, PathCollection):
        return artist.get_offset_transform().transform(np.ma.filled(artist.get_offsets(), np.nan))
    if isinstance(artist, StepPatch):
        heights, edges, _ = artist.get_data()
        corners = np.concatenate([np.stack([edges[:-1], heights], axis=1), np.stack([edges[1:], heights], axis=1)])
        return artist.get_transform().transform(corners)
    assert isinstance(artist, Line2D)
    return artist.get_transform().transform(np.stack(artist.get_data(orig=False), axis=1).astype(float))


@every_animation
def test_what_moves_stays_inside_its_axes_and_the_limits_stand_still(name):
    picture = picture_of(name, "light")
    axes = picture.parent.axes
    limits = [(*each.get_xlim(), *each.get_ylim()) for each in axes]
    moving = [artist for artist in picture.moving if isinstance(artist, Line2D | StepPatch | PathCollection)]
    assert moving
    for frame in range(recording_of(name).frames):
        picture.show(frame)
        assert [(*each.get_xlim(), *each.get_ylim()) for each in axes] == limits
        for artist in moving:
            at, box = _positions(artist), artist.axes.bbox
            at = at[np.isfinite(at).all(axis=1)]
            inside = (at >= (box.x0 - 0.5, box.y0 - 0.5)) & (at <= (box.x1 + 0.5, box.y1 + 0.5))
            assert inside.all(), f"{artist} in frame {frame}"


@every_picture
@every_theme
def test_a_frame_drawn_by_parts_is_the_frame_drawn_whole(name, theme):
    for part, pixels in by_parts(name, theme).items():
        apart = np.abs(pixels.astype(int) - drawn_whole(name, theme)[part][0])
        assert apart.max() <= 1  # where two letters of a stamped word touch, and nowhere else
        assert np.count_nonzero(apart) < 100


@every_picture
@every_theme
def test_frames_are_opaque_pixels_of_the_scenes_size_on_the_themes_page(name, theme):
    scene, first = recording_of(name), by_parts(name, theme)["first"]
    assert first.shape == (scene.height_px, scene.width_px, 4)
    assert (first[..., 3] == 255).all()
    assert "#" + bytes(first[0, 0, :3]).hex() == THEMES[theme].page


@every_animation
@every_theme
def test_the_first_and_the_last_frame_differ_visibly(name, theme):
    frames = by_parts(name, theme)
    first, last = frames["first"].astype(int), frames["last"].astype(int)
    assert (np.abs(last - first).max(axis=-1) > 40).mean() > 0.003
