"""Entropies of softmax rows by three ways, and edges that no row passes and two kinds of row lie on."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy

from render.metrics import attention as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

attention = jitted(module)


def of_length(rows: np.ndarray, length: float) -> np.ndarray:
    rows = rows - rows.mean(axis=-1, keepdims=True)
    return length * rows / np.linalg.norm(rows, axis=-1, keepdims=True)


@fuzz
@given(SEEDS, st.integers(2, 30), st.floats(0.1, 14))
def test_no_row_passes_the_edges_whatever_is_added_to_it(seed: int, count: int, length: float) -> None:
    rng = np.random.default_rng(seed)
    rows = of_length(rng.standard_t(2, size=(20, count)), length) + rng.normal(size=(20, 1)) * 5
    expected = entropy(softmax(rows, axis=1), axis=1)
    np.testing.assert_allclose(attention.softmax_entropy(jnp.asarray(rows)), expected, atol=2e-5)
    np.testing.assert_allclose(attention.logit_length(jnp.asarray(rows)), length, rtol=1e-4)
    np.testing.assert_allclose(module.entropy_by_variance(rows), expected, atol=1e-6)
    low, high = (function(np.array(length), count) for function in (module.lowest_entropy, module.highest_entropy))
    assert (expected > low - 1e-9).all()
    assert (expected < high + 1e-9).all()


@pytest.mark.parametrize("count", [2, 5, 24])
@pytest.mark.parametrize("length", [0.0, 0.5, 3.0, 12.0])
def test_one_logit_high_or_low_is_on_an_edge(count: int, length: float) -> None:
    one = np.eye(count)[0] - 1 / count
    row = length * one / np.linalg.norm(one)
    for side, edge in ((row, module.lowest_entropy), (-row, module.highest_entropy)):
        np.testing.assert_allclose(edge(np.array(length), count), entropy(softmax(side)), atol=1e-12)
        np.testing.assert_allclose(module.softmax_entropy(side), entropy(softmax(side)), atol=1e-12)
    np.testing.assert_allclose(np.ptp(row), module.gap_of(length, count), atol=1e-12)
    if length == 0:
        np.testing.assert_allclose(module.lowest_entropy(np.array(0.0), count), np.log(count))


def test_the_edges_are_the_extremes_that_a_search_finds() -> None:
    rng, count, length = np.random.default_rng(0), 4, 3.0
    found = {}
    for sign in (1, -1):
        best, step = of_length(rng.normal(size=(4000, count)), length), 1.0
        for _ in range(40):
            values = sign * module.softmax_entropy(best)
            best = best[np.argsort(values)[:20]]
            tried = of_length(best[:, None] + step * rng.normal(size=(20, 100, count)), length)
            best, step = np.concatenate([best, tried.reshape(-1, count)]), 0.8 * step
        found[sign] = sign * (sign * module.softmax_entropy(best)).min()
    np.testing.assert_allclose(found[1], module.lowest_entropy(np.array(length), count), atol=1e-5)
    np.testing.assert_allclose(found[-1], module.highest_entropy(np.array(length), count), atol=1e-5)


def test_large_logits_and_a_single_one() -> None:
    rows = jnp.array([[1e4, 0.0, -1e4], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(attention.softmax_entropy(rows), [0, np.log(3)], atol=1e-6)
    assert attention.softmax_entropy(jnp.ones((2, 1))).tolist() == [0, 0]
    np.testing.assert_allclose(module.lowest_entropy(np.array(1e3), 24), 0, atol=1e-12)
    np.testing.assert_allclose(module.highest_entropy(np.array(1e3), 24), np.log(23))
