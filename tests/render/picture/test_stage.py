"""Labels are dodged: apart, in order, in their room, and as near to what they want as that allows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.picture.stage import dodged


def test_what_has_room_stays_where_it_is():
    assert dodged([10.0, 40.0, 90.0], 20, 0, 100) == [10.0, 40.0, 90.0]
    assert dodged([], 20, 0, 100) == []


def test_two_that_want_the_same_place_part_evenly():
    assert dodged([50.0, 50.0], 20, 0, 100) == [40.0, 60.0]
    assert dodged([50.0, 52.0, 48.0 + 6], 20, 0, 100) == pytest.approx([32.0, 52.0, 72.0])


def test_at_an_edge_they_stand_inside():
    assert dodged([-5.0], 20, 0, 100) == [0.0]
    assert dodged([99.0, 99.0], 20, 0, 100) == [80.0, 100.0]


def test_without_room_they_keep_their_gap_from_the_low_end():
    assert dodged([50.0] * 4, 20, 0, 30) == [0.0, 20.0, 40.0, 60.0]


@given(st.lists(st.floats(-50, 150), min_size=1, max_size=8))
def test_they_are_apart_in_order_and_in_their_room(wanted):
    wanted = sorted(wanted)
    places = np.array(dodged(wanted, 10, 0, 100))
    assert (np.diff(places) >= 10 - 1e-9).all()
    assert places[0] >= 0
    assert places[-1] <= 100 + 1e-9


@given(st.lists(st.floats(20, 80), min_size=2, max_size=4))
def test_no_other_places_are_nearer_in_the_square(wanted):
    wanted = np.sort(wanted)
    places = np.array(dodged(wanted, 10, -1000, 1000))
    error = ((places - wanted) ** 2).sum()
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = np.sort(places + rng.normal(scale=3, size=len(places)))
        other = other[0] + np.concatenate([[0], np.cumsum(np.maximum(np.diff(other), 10))])
        assert ((other - wanted) ** 2).sum() >= error - 1e-6
