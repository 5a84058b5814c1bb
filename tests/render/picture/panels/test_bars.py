"""Bars are as high as the arrays say, beside or over each other, on either scale."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from render.picture.panels.bars import BAR, Bars, Heights
from render.picture.panels.base import MOVING_ZORDER, Axis, Level
from render.picture.theme import DARK, LIGHT

FRAMES, MODES = 3, 5


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"first": rng.uniform(0.1, 1, (FRAMES, MODES)), "second": rng.uniform(0.1, 2, (FRAMES, MODES))}


def built(*series: Heights, theme=LIGHT, data=None, **how):
    axes = Figure().add_axes((0, 0, 1, 1))
    data = data or arrays()
    return axes, Bars(title="", series=series, **how).build(axes, data, theme), data


def bars_of(patch: StepPatch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heights, centres and widths of the bars of a patch."""
    levels, edges, _ = patch.get_data()
    return levels[::2], (edges[::2] + edges[1::2]) / 2, edges[1::2] - edges[::2]


def test_heights_follow_the_frames():
    _, moving, data = built(Heights("first"))
    (patch,) = moving.artists
    for frame in (0, 2, 1):
        moving.update(frame)
        heights, centres, widths = bars_of(patch)
        np.testing.assert_array_equal(heights, data["first"][frame])
        np.testing.assert_allclose(centres, [1, 2, 3, 4, 5])
        np.testing.assert_allclose(widths, BAR)
        np.testing.assert_array_equal(patch.get_data().values[1::2], 0)  # nothing between the bars
        assert patch.get_data().baseline == 0


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_first_modes_have_the_colour_and_the_others_the_quiet_one(theme):
    _, moving, data = built(Heights("first", first=2), theme=theme)
    accent, rest = moving.artists
    moving.update(1)
    np.testing.assert_array_equal(bars_of(accent)[0], data["first"][1, :2])
    np.testing.assert_array_equal(bars_of(rest)[0], data["first"][1, 2:])
    assert to_hex(accent.get_facecolor()) == theme.series["accent"]
    assert to_hex(rest.get_facecolor()) == theme.series["rest"]


@pytest.mark.parametrize("first", [0, MODES])
def test_all_or_none_of_the_modes_may_be_the_first(first):
    _, moving, _ = built(Heights("first", first=first))
    moving.update(0)
    (patch,) = moving.artists
    assert len(bars_of(patch)[0]) == MODES
    assert to_hex(patch.get_facecolor()) == LIGHT.series["accent" if first else "rest"]


def test_classes_have_their_own_colours():
    _, moving, data = built(Heights("first", "classes"))
    moving.update(2)
    for label, patch in enumerate(moving.artists):
        heights, centres, _ = bars_of(patch)
        assert heights.tolist() == [data["first"][2, label]]
        assert centres == label + 1
        assert to_hex(patch.get_facecolor()) == LIGHT.classes[label]


def test_two_series_stand_beside_each_other():
    _, moving, data = built(Heights("first"), Heights("second", "second"))
    moving.update(1)
    (_, left, width), (heights, right, _) = (bars_of(patch) for patch in moving.artists)
    np.testing.assert_array_equal(heights, data["second"][1])
    assert (right - left > width).all()
    assert (right + width / 2 <= np.arange(1, 6) + BAR / 2).all()
    np.testing.assert_allclose((left + right) / 2, [1, 2, 3, 4, 5])


def test_overlaid_series_share_their_places_and_the_first_is_at_the_back():
    _, moving, _ = built(Heights("second", "rest"), Heights("first"), overlay=True)
    back, front = moving.artists
    np.testing.assert_allclose(bars_of(back)[1], bars_of(front)[1])
    assert back.get_zorder() < front.get_zorder()
    assert back.get_zorder() >= MOVING_ZORDER


def test_theory_is_dashes_over_the_bars():
    _, moving, data = built(Heights("first", theory="second"))
    _, dashes = moving.artists
    moving.update(2)
    x, y = dashes.get_xdata().reshape(MODES, 3), dashes.get_ydata().reshape(MODES, 3)
    assert np.isnan(x[:, 2]).all()
    np.testing.assert_allclose(x[:, :2].mean(axis=1), [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(y[:, 0], data["second"][2])
    np.testing.assert_array_equal(y[:, 1], data["second"][2])


def test_on_a_logarithmic_axis_what_is_below_the_floor_lies_on_it():
    data = {"first": np.array([[1.0, 1e-3, 1e-9, 0.0, -1e-8]])}
    axes, moving, _ = built(Heights("first"), data=data, y_axis=Axis(scale="log", floor=1e-5))
    moving.update(0)
    np.testing.assert_allclose(bars_of(moving.artists[0])[0], [1, 1e-3, 1e-5, 1e-5, 1e-5])
    assert axes.get_yscale() == "log"
    low, high = axes.get_ylim()
    assert low == 1e-5
    assert 1 < high < 10


def test_limits_hold_the_whole_run_or_what_they_are_told():
    axes, _, data = built(Heights("first", theory="second"))
    assert axes.get_ylim() == (0, pytest.approx(1.08 * max(data["first"].max(), data["second"].max())))
    axes, _, _ = built(Heights("first"), y_axis=Axis(high=4.0))
    assert axes.get_ylim() == (0, pytest.approx(4.32))


def test_labels_are_modes_from_one_or_what_they_are_told():
    axes, _, _ = built(Heights("first"), x_axis=Axis("mode"))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "3", "4", "5"]
    assert axes.get_xlabel() == "mode"
    axes, _, _ = built(Heights("first"), labels=tuple("abcde"))
    assert [label.get_text() for label in axes.get_xticklabels()] == list("abcde")


def test_the_goal_is_a_dashed_level_with_its_formula():
    axes, moving, _ = built(Heights("first"), goal=Level(0.5, "flat"))
    (line,) = (line for line in axes.lines if line not in moving.artists)
    assert set(line.get_ydata()) == {0.5}
    assert line.get_linestyle() == "--"
    (label,) = axes.texts
    assert label.get_text() == "flat"
    assert label.xy[1] == 0.5
    assert label.get_color() == line.get_color() == LIGHT.goal
