"""The picture of every scene: legible, inside its limits, drawn the same by parts as whole, and in motion."""

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

from render import figure
from render.panels.numbers import Numbers
from render.theme import THEMES
from scenes import SCENES
from tests.conftest import default_run

every_scene = pytest.mark.parametrize("name", SCENES)
every_theme = pytest.mark.parametrize("theme", THEMES)
some_frames = pytest.mark.parametrize("part", [0.0, 0.5, 1.0], ids=["first", "middle", "last"])


@functools.cache
def picture_of(name: str, theme: str) -> figure.Picture:
    with figure.default_style():
        return figure.new_picture(default_run(name), THEMES[theme])[1]


@functools.cache
def drawn(name: str, theme: str) -> dict[int, np.ndarray]:
    """A few frames as the generator yields them: (height, width, 4) uint8 by number."""
    run = default_run(name)
    count = run.config.frames
    wanted = {0, 1, count // 2, count - 1}
    frames = enumerate(figure.frames(run, THEMES[theme]))
    return {frame: _rgba(pixels) for frame, pixels in frames if frame in wanted}


def _rgba(pixels: np.ndarray) -> np.ndarray:
    return pixels.view(np.uint8).reshape(*pixels.shape, 4)


def frame_at(name: str, part: float) -> int:
    return round(part * (default_run(name).config.frames - 1))


@pytest.fixture
def texts(name, theme, part, monkeypatch) -> list[Text]:
    """Every text that drawing this frame puts on the canvas, tick labels and mathematics included."""
    seen: list[Text] = []
    draw = Text.draw

    def recording(self, renderer, *rest, **how):
        if self.get_visible() and self.get_text().strip():
            seen.append(self)
        return draw(self, renderer, *rest, **how)

    picture = picture_of(name, theme)
    with figure.default_style():
        picture.show(frame_at(name, part))
        monkeypatch.setattr(Text, "draw", recording)
        picture.parent.canvas.draw()
    assert len(seen) > 10
    return seen


def extents(texts: list[Text]) -> list:
    with figure.default_style():
        return [text.get_window_extent() for text in texts]


@every_scene
@every_theme
@some_frames
class TestText:
    def test_no_two_texts_overlap(self, texts):
        placed = list(zip(texts, extents(texts), strict=True))
        overlapping = [
            (one.get_text(), other.get_text())
            for (one, here), (other, there) in itertools.combinations(placed, 2)
            if min(here.x1, there.x1) - max(here.x0, there.x0) > 0
            and min(here.y1, there.y1) - max(here.y0, there.y0) > 0
        ]
        assert overlapping == []

    def test_no_text_leaves_the_canvas(self, texts, name):
        scene = default_run(name).scene
        outside = [
            text.get_text()
            for text, box in zip(texts, extents(texts), strict=True)
            if box.x0 < 0 or box.y0 < 0 or box.x1 > scene.width_px or box.y1 > scene.height_px
        ]
        assert outside == []

    def test_every_text_lies_in_one_card_or_above_all_of_them(self, texts, name, theme):
        parent = picture_of(name, theme).parent
        patches = [artist for artist in parent.artists if isinstance(artist, FancyBboxPatch)]
        cards = [patch.get_window_extent() for patch in patches if patch.get_height() > 20]
        assert len(cards) == len(parent.axes)
        top = max(card.y1 for card in cards)
        for text, box in zip(texts, extents(texts), strict=True):
            inside = [c for c in cards if c.x0 <= box.x0 and box.x1 <= c.x1 and c.y0 <= box.y0 and box.y1 <= c.y1]
            assert len(inside) == 1 or box.y0 >= top, text.get_text()

    def test_nothing_is_written_smaller_than_9_pt_at_1100_px(self, texts, name):
        shrunk = min(1.0, 1100 / default_run(name).scene.width_px)
        assert {text.get_text(): text.get_fontsize() for text in texts if text.get_fontsize() * shrunk < 9} == {}


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


@every_scene
def test_what_moves_stays_inside_its_axes_and_the_limits_stand_still(name):
    picture = picture_of(name, "light")
    axes = picture.parent.axes
    limits = [(*each.get_xlim(), *each.get_ylim()) for each in axes]
    moving = [artist for artist in picture.moving if isinstance(artist, Line2D | StepPatch | PathCollection)]
    assert moving
    for frame in range(default_run(name).config.frames):
        picture.show(frame)
        assert [(*each.get_xlim(), *each.get_ylim()) for each in axes] == limits
        for artist in moving:
            at, box = _positions(artist), artist.axes.bbox
            at = at[np.isfinite(at).all(axis=1)]
            inside = (at >= (box.x0 - 0.5, box.y0 - 0.5)) & (at <= (box.x1 + 0.5, box.y1 + 0.5))
            assert inside.all(), f"{artist} in frame {frame}"


@every_scene
@every_theme
def test_a_frame_drawn_by_parts_is_the_frame_drawn_whole(name, theme):
    run = default_run(name)
    with figure.default_style():
        whole, picture = figure.new_picture(run, THEMES[theme])
        for frame, by_parts in drawn(name, theme).items():
            picture.show(frame)
            assert not any(artist.get_animated() for artist in picture.moving)
            whole.canvas.draw()
            np.testing.assert_array_equal(by_parts, np.asarray(whole.canvas.buffer_rgba()))


@every_scene
@every_theme
def test_frames_are_opaque_pixels_of_the_scenes_size_on_the_themes_page(name, theme):
    run = default_run(name)
    first = next(figure.frames(run, THEMES[theme]))
    assert first.dtype == np.uint32
    assert first.shape == (run.scene.height_px, run.scene.width_px)
    assert (_rgba(first)[..., 3] == 255).all()
    corner = "#" + bytes(_rgba(first)[0, 0, :3]).hex()
    assert corner == THEMES[theme].page


@every_scene
@every_theme
def test_the_first_and_the_last_frame_differ_visibly(name, theme):
    frames = drawn(name, theme)
    first, last = frames[0].astype(int), frames[default_run(name).config.frames - 1].astype(int)
    assert (np.abs(last - first).max(axis=-1) > 40).mean() > 0.003


@every_scene
@every_theme
def test_the_middle_frame_is_neither_the_first_nor_the_last(name, theme):
    frames, count = drawn(name, theme), default_run(name).config.frames
    first, middle, last = (frames[k].astype(int) for k in (0, count // 2, count - 1))
    for end in (first, last):
        assert (np.abs(middle - end).max(axis=-1) > 40).mean() > 0.002


@every_scene
def test_a_class_mean_never_jumps_from_one_frame_to_the_next(name):
    arrays = default_run(name).arrays
    flat = {
        "view_means": "view",
        "class_means": "features",
        "codes": "codes",
    }  # what moves: what sets the panel's width
    for means, cloud in flat.items():
        if means not in arrays or arrays[means].ndim != 3 or arrays[means].shape[2] > 3:
            continue
        width = 2 * max(np.abs(arrays[array]).max() for array in (means, cloud))
        moved = np.linalg.norm(np.diff(arrays[means], axis=0), axis=-1).max(axis=1) / width
        assert (moved[3:] <= 0.25).all()


@every_scene
def test_titles_readouts_and_captions_are_on_the_figure(name):
    run, picture = default_run(name), picture_of(name, "light")
    last = run.config.frames - 1
    picture.show(last)
    texts = [text.get_text() for text in picture.parent.texts]
    steps = run.arrays["step"]
    assert {*run.scene.heading(run.config), f"{run.scene.step_name} {steps[last]:,} of {steps[last]:,}"} <= set(texts)
    for panel in run.scene.panels(run.config):
        assert panel.title in texts
        assert not panel.caption or panel.caption in texts
        for readout in panel.readouts:
            value = float(run.arrays[readout.array][last])
            assert readout.label in texts
            written = [text for text in picture.moving if isinstance(text, Text)]
            found = {text.get_text(): text.get_color() for text in written}
            met = readout.target is not None and {
                "at most": lambda value, target: value <= target.goal,
                "at least": lambda value, target: value >= target.goal,
                "within": lambda value, target: abs(value - target.goal) <= target.tolerance,
            }[readout.target.rule](value, readout.target)
            number = readout.form.format(value).replace("-", "−") + (" ✓" if met else "")
            assert number in found
            assert not met or THEMES["light"].met == found[number]


def test_the_step_counter_follows_the_schedule(tiny_run):
    picture = figure.new_picture(tiny_run, THEMES["light"])[1]
    counter = next(artist for artist in picture.moving if isinstance(artist, Text) and "step" in artist.get_text())
    seen = []
    for frame in range(6):
        picture.show(frame)
        seen.append(counter.get_text())
    assert seen == [f"step {step} of 10" for step in (0, 2, 4, 6, 8, 10)]


def test_frames_may_be_shown_in_any_order(tiny_run):
    with figure.default_style():
        whole, picture = figure.new_picture(tiny_run, THEMES["dark"])
        once, again = [], []
        for seen, order in ((once, range(6)), (again, reversed(range(6)))):
            for frame in order:
                picture.show(frame)
                whole.canvas.draw()
                seen.append(np.asarray(whole.canvas.buffer_rgba()).copy())
    np.testing.assert_array_equal(once, again[::-1])


def test_every_frame_of_the_generator_is_an_array_of_its_own(tiny_run):
    frames = list(figure.frames(tiny_run, THEMES["light"]))
    assert len(frames) == 6
    assert not any(np.shares_memory(one, other) for one, other in itertools.combinations(frames, 2))
    assert (frames[0] != frames[-1]).any()


def test_the_users_own_style_changes_nothing(tiny_run):
    import matplotlib

    plain = next(figure.frames(tiny_run, THEMES["light"]))
    with matplotlib.rc_context(
        {"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "red", "text.antialiased": False}
    ):
        styled = next(figure.frames(tiny_run, THEMES["light"]))
        assert matplotlib.rcParams["font.size"] == 30
    np.testing.assert_array_equal(styled, plain)


@pytest.mark.parametrize(
    ("layout", "widths", "heights"), [(("ab",), (), ()), (("aab", "aac"), (), ()), (("ab", "cc"), (2, 1), (1, 3))]
)
def test_cards_fill_the_canvas_without_overlap_where_their_letters_are(tiny_run, layout, widths, heights):
    letters = sorted(set("".join(layout)))
    scene = dataclasses.replace(
        tiny_run.scene,
        panels=lambda config: tuple(Numbers(title=letter) for letter in letters),
        layout=layout,
        widths=widths,
        heights=heights,
    )
    picture = figure.new_picture(dataclasses.replace(tiny_run, scene=scene), THEMES["light"])[1]
    cards = [artist.get_window_extent() for artist in picture.parent.artists]
    titles = {text.get_text(): text.get_window_extent() for text in picture.parent.texts}
    assert len(cards) == len(letters)
    for letter, card in zip(letters, cards, strict=True):
        assert card.x0 < titles[letter].x0 < card.x1
        assert card.y0 < titles[letter].y0 < card.y1
        cells = [(r, c) for r, row in enumerate(layout) for c, cell in enumerate(row) if cell == letter]
        assert (card.x0 == pytest.approx(16)) == any(column == 0 for _, column in cells)
        assert (card.x1 == pytest.approx(624)) == any(column == len(layout[0]) - 1 for _, column in cells)
        assert (card.y0 == pytest.approx(16)) == any(row == len(layout) - 1 for row, _ in cells)
    for one, other in itertools.combinations(cards, 2):
        apart = max(one.x0 - other.x1, other.x0 - one.x1, one.y0 - other.y1, other.y0 - one.y1)
        assert apart >= 12 - 1e-6
    if widths:
        assert cards[0].width / cards[1].width == pytest.approx(2, rel=0.02)
        assert cards[2].height / cards[0].height == pytest.approx(3, rel=0.02)


def test_a_layout_without_a_letter_for_a_panel_raises(tiny_run):
    scene = dataclasses.replace(tiny_run.scene, layout=("aa",))
    with pytest.raises(ValueError, match=r"shrinking: layout .* has no 'b'"):
        figure.new_picture(dataclasses.replace(tiny_run, scene=scene), THEMES["light"])


def test_a_still_has_the_frames_one_below_the_other_as_they_are_drawn(tiny_run):
    theme = THEMES["light"]
    frames = [_rgba(frame) for frame in figure.frames(tiny_run, theme)]
    with figure.default_style():
        strip = figure.still(tiny_run, theme, [0, 5])
        strip.canvas.draw()
        pixels = np.asarray(strip.canvas.buffer_rgba()).copy()
    assert pixels.shape == (720, 640, 4)
    for half, frame in zip(np.split(pixels, 2), (frames[0], frames[5]), strict=True):
        assert (np.abs(half.astype(int) - frame).max(axis=-1) > 8).mean() < 0.02
