"""Work in parts: joined in the same pairs on any threads, ended by the first failure, cut by the data alone."""

from __future__ import annotations

import threading
import time
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from render.audit.sums import cores
from tests.render.metrics.metric_helpers import fuzz


def pairs(first: str, second: str) -> str:
    return f"({first}{second})"


def blas() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize(
    ("count", "joined"), [(1, "0"), (2, "(01)"), (3, "((01)2)"), (5, "(((01)(23))4)"), (6, "(((01)(23))(45))")]
)
def test_neighbours_are_joined_whoever_is_first(count: int, joined: str, threads: int) -> None:
    def slow(part: int) -> str:
        time.sleep(0.002 * (count - part))  # the last is done first
        return str(part)

    assert cores.Parts(count, pairs).result(slow, threads) == joined


def test_the_first_part_that_fails_says_why_and_the_others_end() -> None:
    parts: cores.Parts = cores.Parts(40, pairs)
    ended, begun = [], []

    def work(part: int) -> str:
        begun.append(part)
        if part in (2, 3):
            time.sleep(0.05 if part == 2 else 0)
            raise ValueError(f"part {part}")
        while part > 3 and not parts.stopped():
            time.sleep(0.001)
        ended.append(part)
        return ""

    with pytest.raises(ValueError, match="part 2"):
        parts.result(work, 4)
    assert len(begun) < 10
    assert {*begun} - {*ended} == {2, 3}


def test_readers_are_one_call_ahead_and_keep_the_order() -> None:
    log = []

    def read(number: int) -> int:
        log.append(("read", number, threading.get_ident()))
        return number

    with cores.Readers(1) as readers:
        for _ in range(2):
            log.clear()
            for number in readers.ahead([partial(read, number) for number in range(4)]):
                time.sleep(0.02)
                log.append(("used", number, 0))
            order = [entry[:2] for entry in log]
            assert [number for what, number in order if what == "used"] == [0, 1, 2, 3]
            assert order.index(("read", 2)) < order.index(("used", 1)) < order.index(("used", 2))
            assert order.index(("used", 0)) < order.index(("read", 3))
            assert {thread for what, _, thread in log if what == "read"}.isdisjoint({threading.get_ident()})


def test_an_error_of_a_reader_is_raised_where_its_rows_are_wanted() -> None:
    def fail() -> int:
        raise OSError("gone")

    with cores.Readers(1) as readers:
        found = readers.ahead([lambda: 0, fail, lambda: 2])
        assert next(found) == 0
        with pytest.raises(OSError, match="gone"):
            next(found)


@given(st.integers(1, 10**6), st.integers(1, 5000), st.lists(st.integers(0, 10**6), max_size=5))
@fuzz
def test_rows_are_cut_into_whole_chunks_and_none_is_lost(rows: int, size: int, places: list[int]) -> None:
    for some in ([], sorted({0, *places})):
        ends = cores.evenly(0, rows, size, 64, 8, some)
        assert ends[0] == 0
        assert ends[-1] == rows
        assert all(start < stop for start, stop in pairwise(ends))
        assert len(ends) - 1 <= 64
        if some:
            assert set(ends[:-1]) <= set(some)
        else:
            assert all(end % size == 0 for end in ends[:-1])


def test_few_chunks_are_a_part_each_and_many_share_one() -> None:
    assert cores.evenly(0, 30, 10, 64, 8) == [0, 10, 20, 30]
    assert len(cores.evenly(0, 2450, 10, 64, 8)) - 1 == 28
    assert len(cores.evenly(0, 10**6, 10, 64, 8)) - 1 == 64


def test_threads_of_blas_come_back_once_nobody_wants_fewer() -> None:
    with threadpool_limits(3, user_api="blas"):
        with cores.blas_threads(1):
            assert (blas(), cores.cores()) == ({1}, 3)
            with cores.blas_threads(1):
                assert blas() == {1}
            assert blas() == {1}
        assert (blas(), cores.cores()) == ({3}, 3)
        with pytest.raises(ValueError, match="x"), cores.blas_threads(1):
            raise ValueError("x")
        assert blas() == {3}


def test_threads_are_as_many_as_half_of_the_memory_has_sums_of() -> None:
    assert cores.fitting(4, 10**20) == 1
    assert cores.fitting(4, 1) == 4


def test_products_in_threads_do_not_depend_on_their_number() -> None:
    rows = np.random.default_rng(0).normal(size=(64, 100, 30)).astype(np.float32)

    def work(part: int) -> np.ndarray:
        return rows[part].T @ rows[part]

    found = [cores.Parts(64, np.add).result(work, threads) for threads in (1, 3, 8)]
    for one in found[1:]:
        np.testing.assert_array_equal(one, found[0])
