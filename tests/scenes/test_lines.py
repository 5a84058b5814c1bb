"""Lines that grow: within their frames they are themselves, outside they are drawn together."""

from __future__ import annotations

import numpy as np

from scenes import lines

ACROSS = np.linspace(0, 1, 5)
HEIGHTS = np.random.default_rng(0).normal(size=(5, 3))


def test_lines_run_over_their_places():
    found = lines.over(ACROSS, HEIGHTS)
    assert found.shape == (3, 5, 2)
    np.testing.assert_array_equal(found[1], np.stack([ACROSS, HEIGHTS[:, 1]], axis=1))


def test_what_lies_outside_of_a_line_is_at_its_ends():
    found = lines.within(lines.over(ACROSS, HEIGHTS), np.array([0, 1, 4]), np.array([4, 2, 4]))
    np.testing.assert_array_equal(found[0, :, 1], HEIGHTS[:, 0])
    np.testing.assert_array_equal(found[1, :, 1], HEIGHTS[[1, 1, 2, 2, 2], 1])
    np.testing.assert_array_equal(found[2, :, 1], HEIGHTS[[4] * 5, 2])


def test_a_line_is_as_long_as_the_run_has_got_and_waits_where_it_is():
    whole = lines.over(ACROSS, HEIGHTS)
    found = lines.so_far(whole)
    assert found.shape == (5, 3, 5, 2)
    for now in range(5):
        np.testing.assert_array_equal(found[now, :, : now + 1], whole[:, : now + 1])
        np.testing.assert_array_equal(found[now, :, now:], np.repeat(whole[:, now : now + 1], 5 - now, axis=1))
    later = lines.so_far(whole, np.array([2, 2, 2]), np.array([3, 3, 3]))
    np.testing.assert_array_equal(later[1], np.repeat(whole[:, 1:2], 5, axis=1))
    np.testing.assert_array_equal(later[4], lines.within(whole, np.array([2, 2, 2]), np.array([3, 3, 3])))
