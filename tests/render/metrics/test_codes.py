from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import ortho_group

from render.metrics import codes as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

codes = jitted(module)

GOLDEN = (1 + 5**0.5) / 2
ICOSAHEDRON = np.array(
    [[0, 1, GOLDEN], [0, 1, -GOLDEN], [1, GOLDEN, 0], [1, -GOLDEN, 0], [GOLDEN, 0, 1], [-GOLDEN, 0, 1]]
)


def simplex(classes: int) -> np.ndarray:
    """Corners of a simplex in the classes - 1 dimensions that they span."""
    vectors = np.linalg.svd(np.eye(classes) - 1 / classes)[0]
    return vectors[:, : classes - 1]


def cosines(rows: np.ndarray) -> np.ndarray:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T


def test_gram_is_of_the_vectors_as_they_are() -> None:
    rows = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(codes.gram(rows), rows.astype(float) @ rows.T, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("classes", [2, 4, 9])
def test_a_simplex(classes: int) -> None:
    corners = jnp.asarray(2.5 * simplex(classes))
    np.testing.assert_allclose(codes.simplex_gram(classes), cosines(simplex(classes)), atol=1e-6)
    np.testing.assert_allclose(codes.simplex_error(corners), 0, atol=1e-5)
    np.testing.assert_allclose(codes.coherence(corners), 1 / (classes - 1), rtol=1e-5)
    np.testing.assert_allclose(codes.welch_gap(corners), 0, atol=1e-6)
    np.testing.assert_allclose(codes.tightness_error(corners), 0, atol=1e-5)
    np.testing.assert_allclose(
        codes.frame_eigenvalues(corners), np.full(classes - 1, classes / (classes - 1)), rtol=1e-5
    )


def test_the_six_lines_of_the_icosahedron() -> None:
    lines = jnp.asarray(ICOSAHEDRON)
    np.testing.assert_allclose(codes.coherence(lines), 1 / np.sqrt(5), rtol=1e-6)
    np.testing.assert_allclose(codes.welch_floor(6, 3), 1 / np.sqrt(5), rtol=1e-6)
    np.testing.assert_allclose(codes.welch_gap(lines), 0, atol=1e-6)
    np.testing.assert_allclose(codes.frame_eigenvalues(lines), [2, 2, 2], rtol=1e-6)
    np.testing.assert_allclose(codes.frame_potential(lines), 6 * 5 / 5, rtol=1e-5)
    np.testing.assert_allclose(codes.tightness_error(lines), 0, atol=1e-6)


@fuzz
@given(SEEDS, st.floats(0.1, 40))
def test_random_codes_against_plain_expressions(seed: int, beta: float) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(6, 4)).astype(np.float32)
    table = cosines(rows.astype(float))
    off = np.abs(table[np.triu_indices(6, 1)])
    ideal = np.where(np.eye(6), 1, -1 / 5)
    operator = np.linalg.eigvalsh(table)[::-1][:4]  # X'X and XX' share their non-zero eigenvalues
    expected = {
        codes.coherence: off.max(),
        codes.welch_gap: off.max() - np.sqrt(2 / (4 * 5)),
        codes.simplex_error: np.linalg.norm(table - ideal) / np.linalg.norm(ideal),
        codes.frame_potential: np.sum(table**2) - 6,
        codes.tightness_error: np.sum((operator - 1.5) ** 2) / 9,
        codes.frame_eigenvalues: operator,
        lambda x: codes.smooth_coherence(x, beta): logsumexp(beta * off) / beta,
    }
    # no metric here knows the length, the sign of a line's direction apart from the simplex, the order, or the axes
    moved = rng.permutation(rows * rng.uniform(0.1, 9, size=(6, 1))) @ ortho_group.rvs(4, random_state=seed)
    for function, value in expected.items():
        np.testing.assert_allclose(function(jnp.asarray(rows)), value, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(function(jnp.asarray(moved)), value, rtol=1e-4, atol=1e-5)


@fuzz
@given(SEEDS)
def test_no_codes_pass_their_floors(seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(7, 3)).astype(np.float32)
    assert codes.welch_gap(rows) >= 0
    assert codes.frame_potential(rows) >= 49 / 3 - 7 - 1e-5
    assert codes.tightness_error(rows) >= 0
    sharp, smooth = codes.coherence(rows), codes.smooth_coherence(rows, 30.0)
    assert sharp - 1e-6 <= smooth <= sharp + np.log(21) / 30 + 1e-6


def test_tightness_is_the_frame_potential_over_its_floor() -> None:
    rows = np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
    total = np.sum(cosines(rows.astype(float)) ** 2)
    np.testing.assert_allclose(codes.tightness_error(rows), total / (49 / 3) - 1, rtol=1e-4)


@pytest.mark.parametrize(("count", "dim"), [(7, 3), (6, 3), (4, 3), (3, 3), (3, 5), (1, 1), (1, 4), (2, 1)])
def test_floors(count: int, dim: int) -> None:
    welch = np.sqrt((count - dim) / (dim * (count - 1))) if count > dim else 0.0
    np.testing.assert_allclose(codes.welch_floor(count, dim), welch, rtol=1e-6)
    np.testing.assert_allclose(codes.frame_potential_floor(count, dim), max(count, count**2 / dim) - count, rtol=1e-5)


def test_orthogonal_codes_reach_both_floors() -> None:
    rows = jnp.eye(3, 5)
    assert codes.coherence(rows) == 0
    assert codes.welch_gap(rows) == 0
    assert codes.frame_potential(rows) == 0


def test_floor_of_no_dimensions_and_of_traced_numbers() -> None:
    assert codes.welch_floor(1, 0) == 0
    found = jax.jit(jax.vmap(module.welch_floor, in_axes=(0, None)))(jnp.array([1, 2, 6]), 3)
    np.testing.assert_allclose(found, [0, 0, 1 / np.sqrt(5)], rtol=1e-6)


def test_coincident_codes_are_the_far_end() -> None:
    rows = jnp.ones((5, 3))
    np.testing.assert_allclose(codes.coherence(rows), 1, rtol=1e-6)
    np.testing.assert_allclose(codes.simplex_error(rows), np.sqrt(5), rtol=1e-5)
    np.testing.assert_allclose(codes.frame_potential(rows), 20, rtol=1e-5)
    np.testing.assert_allclose(codes.tightness_error(rows), 2, rtol=1e-5)
    np.testing.assert_allclose(codes.frame_eigenvalues(rows), [5, 0, 0], atol=1e-5)


def test_a_single_code_and_zero_codes() -> None:
    one = jnp.array([[3.0, 4.0]])
    assert codes.coherence(one) == codes.smooth_coherence(one, 30.0) == codes.frame_potential(one) == 0
    np.testing.assert_allclose(codes.simplex_error(one), 0, atol=1e-6)
    np.testing.assert_array_equal(codes.simplex_gram(1), [[1]])
    assert codes.coherence(jnp.zeros((4, 2))) == 0
    np.testing.assert_allclose(codes.simplex_error(jnp.zeros((4, 2))), 1, rtol=1e-6)


def test_absent_codes_take_no_part_in_the_simplex() -> None:
    rows = np.insert(simplex(4), 2, 100.0, axis=0)
    present = jnp.array([True, True, False, True, True])
    np.testing.assert_allclose(codes.simplex_error(jnp.asarray(rows), present), 0, atol=1e-5)
    assert codes.simplex_error(jnp.asarray(rows)) > 0.5
    assert codes.simplex_error(jnp.asarray(rows), jnp.zeros(5, dtype=bool)) == 0


@pytest.mark.parametrize(
    "loss",
    [codes.frame_potential, codes.simplex_error, codes.tightness_error, lambda x: codes.smooth_coherence(x, 30.0)],
)
def test_losses_descend_along_the_sphere(loss) -> None:
    rows = jnp.asarray(np.random.default_rng(4).normal(size=(6, 3)))
    slope = jax.grad(loss)(rows)
    np.testing.assert_allclose(jnp.sum(slope * rows, axis=1), np.zeros(6), atol=1e-4)  # a length changes nothing
    assert loss(rows - 1e-3 * slope) < loss(rows)
    assert np.isfinite(jax.grad(loss)(jnp.ones((6, 3)))).all()
