"""Moments: against float64 NumPy, whatever the chunks and the order in which they are merged."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.audit.sums.accumulators import Accumulator
from render.audit.sums.merging import Faults, merge
from render.metrics.moments import Moments
from tests.render.audit.audit_helpers import clusters, scatters
from tests.render.metrics.metric_helpers import SEEDS, fuzz

DIGITS = {np.float64: 1e-12, np.float32: 1e-5}


def moments(rows: np.ndarray, labels: np.ndarray | None, cuts: list[int] | None = None) -> Moments:
    """Those of one accumulator over the chunks between the cuts."""
    return accumulated(rows, labels, cuts).moments()


def accumulated(
    rows: np.ndarray, labels: np.ndarray | None, cuts: list[int] | None = None, first: int = 0
) -> Accumulator:
    total, kept = Accumulator(), rows.copy()
    for start, stop in pairwise([0, *(cuts or []), len(rows)]):
        total.add([rows[start:stop]], None if labels is None else labels[start:stop], first + start)
    np.testing.assert_array_equal(rows, kept)
    return total


def require_close(found: Moments, rows: np.ndarray, labels: np.ndarray, digits: float) -> None:
    means, within, total = scatters(rows, labels)
    np.testing.assert_array_equal(found.counts, np.bincount(labels))
    np.testing.assert_allclose(found.means, means, atol=digits * np.abs(means).max())
    np.testing.assert_allclose(found.scatter, within, atol=digits * np.abs(within).max())
    np.testing.assert_allclose(found.total, total, atol=digits * np.abs(total).max())
    np.testing.assert_allclose(np.diag(found.total), np.diag(total), rtol=digits)
    np.testing.assert_allclose(found.mean, rows.astype(np.float64).mean(axis=0), rtol=10 * digits)


cuts_of = st.lists(st.integers(1, 399), max_size=8, unique=True).map(sorted)


@pytest.mark.parametrize("dtype", DIGITS)
@given(cuts=cuts_of, seed=SEEDS)
@fuzz
def test_any_chunks_give_the_moments_of_all_rows(dtype: type, cuts: list[int], seed: int) -> None:
    data = clusters(seed=seed % 1000, dtype=dtype)
    require_close(moments(data["features"], data["labels"], cuts), data["features"], data["labels"], DIGITS[dtype])


@pytest.mark.parametrize("dtype", DIGITS)
@given(cuts=cuts_of, order=st.randoms(use_true_random=False))
@fuzz
def test_parts_merge_in_any_order_and_grouping(dtype: type, cuts: list[int], order: object) -> None:
    data = clusters(dtype=dtype)
    ends = list(pairwise([0, *cuts, 400]))
    parts = [moments(data["features"][a:b], data["labels"][a:b]) for a, b in ends]
    order.shuffle(parts)  # type: ignore[attr-defined]
    left = parts[0]
    for part in parts[1:]:
        left = merge(left, part)
    half = len(parts) // 2
    for found in (left, merge(*parts), merge(merge(*parts[half:]), *parts[:half])):
        require_close(found, data["features"], data["labels"], DIGITS[dtype])


def test_merging_without_rounding_of_products_keeps_twelve_digits_of_float64() -> None:
    data = clusters(dtype=np.float64)
    one = moments(data["features"], data["labels"])
    for cuts in ([1], [200], [7, 8, 9, 399], list(range(1, 400))):
        for two in (
            moments(data["features"], data["labels"], cuts),
            merge(*(moments(data["features"][a:b], data["labels"][a:b]) for a, b in pairwise([0, *cuts, 400]))),
        ):
            scale = np.abs(one.scatter).max()
            np.testing.assert_allclose(two.scatter, one.scatter, atol=1e-12 * scale)
            np.testing.assert_allclose(two.means, one.means, rtol=1e-12)


def test_a_spread_within_classes_of_a_millionth_keeps_its_digits_in_float32() -> None:
    data = clusters(4000, spread=3e-4)
    _, within, total = scatters(data["features"], data["labels"])
    assert np.trace(within) < 1e-6 * np.trace(total)
    found = moments(data["features"], data["labels"], list(range(64, 4000, 64)))
    np.testing.assert_allclose(np.trace(found.scatter), np.trace(within), rtol=1e-5)
    np.testing.assert_allclose(found.scatter, within, atol=1e-5 * np.abs(within).max())


@pytest.mark.parametrize("offset", [1e3, 1e5])
def test_rows_far_from_the_first_ones_cost_no_digits(offset: float) -> None:
    """The first chunk is no guide to the rest: references are taken anew."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(3000, 5)).astype(np.float32)
    rows[:10] += np.float32(offset)
    _, within, _ = scatters(rows[10:], np.zeros(2990, int))
    first, rest = moments(rows[:10], None), moments(rows[10:], None)
    whole = moments(rows, None, list(range(10, 3000, 115)))
    np.testing.assert_allclose(rest.scatter, within, atol=1e-5 * np.abs(within).max())
    _, expected, _ = scatters(rows, np.zeros(3000, int))
    for found in (whole, merge(first, rest)):
        np.testing.assert_allclose(found.scatter, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("scale", [1e-30, 1e-22, 1e18, 1e30])
def test_numbers_whose_squares_float32_does_not_hold_are_multiplied_in_float64(scale: float) -> None:
    data = clusters(100)
    rows = (data["features"] * np.float32(scale)).astype(np.float32)
    require_close(moments(rows, data["labels"], [30]), rows, data["labels"], 1e-5)


@pytest.mark.parametrize("dtype", ["float16", "int8", "uint8", "bool", "int32", "int64", ">f4", ">f8"])
def test_every_real_dtype_is_read_as_what_it_holds(dtype: str) -> None:
    rows = (np.random.default_rng(0).normal(size=(50, 3)) * 20 + 40).astype(dtype)
    labels = np.arange(50) % 3
    found = moments(rows, labels, [20])
    require_close(found, rows.astype(np.float64), labels, 1e-5)
    assert found.epsilon == np.finfo("float64" if rows.dtype.itemsize == 8 or dtype == "int32" else "float32").eps


def test_arrays_side_by_side_are_one_row() -> None:
    data = clusters()
    both = np.concatenate([data["features"], data["outputs"]], axis=1)
    total = Accumulator()
    total.add([data["features"], data["outputs"]], data["labels"])
    require_close(total.moments(), both, data["labels"], 1e-5)


def test_a_single_array_may_be_written_to_and_gives_the_same() -> None:
    data = clusters()
    data["features"][11, 3] = np.nan
    one, two = Accumulator(), Accumulator()
    for start in range(0, 400, 130):
        rows, labels = data["features"][start : start + 130], data["labels"][start : start + 130]
        one.add([rows], labels, start)
        two.add([rows.copy()], labels, start, overwrite=True)
    for name in ("counts", "means", "scatter"):
        np.testing.assert_array_equal(getattr(two.moments(), name), getattr(one.moments(), name))
    assert one.faults == two.faults == Faults(1, 1, (11, 3))


def test_a_class_that_is_missing_from_a_part_or_from_all_has_no_rows() -> None:
    rows = np.random.default_rng(0).normal(size=(9, 2))
    found = merge(moments(rows[:4], np.array([0, 0, 0, 0])), moments(rows[4:], np.array([5, 5, 3, 3, 3])))
    np.testing.assert_array_equal(found.counts, [4, 0, 0, 3, 0, 2])
    np.testing.assert_array_equal(found.means[[1, 2, 4]], 0)
    np.testing.assert_allclose(found.means[5], rows[4:6].mean(axis=0))


def test_rows_that_are_all_alike_leave_exactly_nothing() -> None:
    found = moments(np.full((1000, 3), 0.1, np.float32), np.arange(1000) % 7, [100, 101])
    np.testing.assert_array_equal(found.scatter, 0)
    assert np.abs(found.between).max() == 0


@given(cuts=cuts_of)
@fuzz
def test_rows_that_are_not_finite_are_counted_and_left_out(cuts: list[int]) -> None:
    data = clusters()
    rows = data["features"].copy()
    rows[17, 5], rows[17, 6], rows[203, 0], rows[399, 11] = np.nan, np.inf, -np.inf, np.nan
    good = np.isfinite(rows).all(axis=1)
    whole = accumulated(rows, data["labels"], cuts)
    parts = [accumulated(rows[a:b], data["labels"][a:b], first=a) for a, b in pairwise([0, *cuts, 400])][::-1]
    assert whole.faults == sum((part.faults for part in parts), start=Faults()) == Faults(4, 3, (17, 5))
    for found in (whole.moments(), merge(*(part.moments() for part in parts))):
        require_close(found, rows[good], data["labels"][good], 1e-5)


def test_what_cannot_be_added_is_refused() -> None:
    total = Accumulator()
    with pytest.raises(ValueError, match="no rows were added"):
        total.moments()
    total.add([np.zeros((2, 3))])
    with pytest.raises(ValueError, match="got 4 columns of float64, expected 3"):
        total.add([np.zeros((2, 4))])
    with pytest.raises(ValueError, match="expected the same of all"):
        merge(total.moments(), moments(np.zeros((2, 4)), None))
    with pytest.raises(ValueError, match="leave the range of float64"):
        Accumulator().add([np.array([[1e200], [-1e200]])])
