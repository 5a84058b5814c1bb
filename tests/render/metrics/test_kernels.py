from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform
from scipy.special import softmax
from scipy.stats import ortho_group
from sklearn.preprocessing import KernelCenterer

from render.metrics import kernels as module
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

kernels = jitted(module)


def centring(count: int) -> np.ndarray:
    return np.eye(count) - 1 / count


def graded(count: int, width: float) -> np.ndarray:
    places = np.arange(count)
    return np.exp(-(((places[:, None] - places) / width) ** 2))


def test_distances_on_a_line_and_on_a_cycle() -> None:
    np.testing.assert_array_equal(kernels.line_distances(3), [[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    np.testing.assert_array_equal(kernels.cycle_distances(5)[0], [0, 1, 2, 2, 1])
    assert kernels.line_distances(1).shape == (1, 1)


def test_graded_kernels() -> None:
    np.testing.assert_allclose(kernels.graded_kernel(9, 2.2), graded(9, 2.2), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(
        kernels.graded_kernel(6, 2.0, cyclic=True)[0], np.exp(-(np.array([0, 1, 2, 3, 2, 1]) ** 2) / 4), rtol=1e-5
    )
    halfway = (kernels.line_distances(9) + kernels.cycle_distances(9)) / 2
    found = kernels.gaussian_kernel(halfway, 2.2)
    np.testing.assert_allclose(found[0, 8], np.exp(-((4.5 / 2.2) ** 2)), rtol=1e-5)


def test_a_cyclic_kernel_has_the_fourier_pair_on_top() -> None:
    points = np.asarray(kernels.spectral_codebook(kernels.graded_kernel(9, 2.2, cyclic=True), 2))
    angles = np.sort(np.arctan2(points[:, 1], points[:, 0]))
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    np.testing.assert_allclose(gaps, np.full(9, 2 * np.pi / 9), atol=1e-4)
    np.testing.assert_allclose(np.sum(points * np.roll(points, 1, axis=0), axis=1), np.cos(2 * np.pi / 9), atol=1e-5)


def test_a_line_kernel_opens_into_a_horseshoe() -> None:
    points = np.asarray(kernels.classical_mds(jnp.asarray(graded(9, 2.2)), 2))
    angles = np.unwrap(np.arctan2(points[:, 1], points[:, 0]))
    assert np.all(np.diff(angles) > 0) or np.all(np.diff(angles) < 0)


@fuzz
@given(SEEDS)
def test_double_centring(seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(7, 3)) + 2
    kernel = vectors @ vectors.T
    found = kernels.double_centre(jnp.asarray(kernel))
    np.testing.assert_allclose(found, centring(7) @ kernel @ centring(7), atol=1e-4)
    np.testing.assert_allclose(found, KernelCenterer().fit_transform(kernel), atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=0), np.zeros(7), atol=1e-4)
    np.testing.assert_allclose(kernels.double_centre(found), found, atol=1e-5)


def test_centring_is_not_taking_the_overall_mean_away() -> None:
    kernel = graded(9, 2.2)
    assert np.linalg.eigvalsh(kernel - kernel.mean())[0] < -0.2
    assert np.linalg.eigvalsh(np.asarray(kernels.double_centre(jnp.asarray(kernel)), dtype=float))[0] > -1e-6


@fuzz
@given(SEEDS)
def test_scaling_gives_points_back_up_to_a_rigid_motion(seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(8, 3)) @ np.diag([3, 2, 1])
    moved = vectors @ ortho_group.rvs(3, random_state=seed) + 1
    found = np.asarray(kernels.classical_mds(jnp.asarray(moved @ moved.T), 3), dtype=float)
    np.testing.assert_allclose(squareform(pdist(found)), squareform(pdist(vectors)), rtol=1e-3, atol=1e-3)
    lengths = np.linalg.norm(found, axis=0)
    assert np.all(np.diff(lengths) < 0)
    np.testing.assert_allclose(lengths, np.linalg.svd(centring(8) @ vectors)[1], rtol=1e-3)


def test_scaling_of_degenerate_kernels() -> None:
    np.testing.assert_allclose(kernels.classical_mds(jnp.ones((4, 4)), 2), np.zeros((4, 2)), atol=1e-6)
    negative = kernels.classical_mds(-jnp.eye(3), 3)
    np.testing.assert_allclose(negative, np.zeros((3, 3)), atol=1e-3)
    assert np.isfinite(kernels.spectral_codebook(jnp.zeros((4, 4)), 2)).all()
    flat = kernels.classical_mds(jnp.eye(5), 4)
    np.testing.assert_allclose(flat @ flat.T, centring(5), atol=1e-6)


def test_codebook_rows_have_unit_length() -> None:
    points = kernels.classical_mds(jnp.asarray(graded(9, 2.2)), 2)
    found = kernels.spectral_codebook(jnp.asarray(graded(9, 2.2)), 2)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.ones(9), rtol=1e-5)
    np.testing.assert_allclose(found, points / np.linalg.norm(points, axis=1, keepdims=True), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dims", range(1, 11))
def test_low_rank_error_and_alignment_are_those_of_eckart_and_young(dims: int) -> None:
    kernel = centring(10) @ graded(10, 2.6) @ centring(10)
    values = np.linalg.eigvalsh(kernel)[::-1]
    square = np.sum(values[dims:] ** 2) / np.sum(values**2)
    found = kernels.low_rank_gram(jnp.asarray(kernel), jnp.ones(dims))
    np.testing.assert_allclose(kernels.gram_error(found, jnp.asarray(kernel)) ** 2, square, atol=1e-6)
    np.testing.assert_allclose(kernels.kernel_alignment(found, jnp.asarray(kernel)), np.sqrt(1 - square), atol=1e-6)
    left, singular, right = np.linalg.svd(kernel)
    np.testing.assert_allclose(found, (left[:, :dims] * singular[:dims]) @ right[:dims], atol=1e-5)


def test_a_mode_fades_in() -> None:
    kernel = jnp.asarray(centring(6) @ graded(6, 2.0) @ centring(6))
    two, three = kernels.low_rank_gram(kernel, jnp.ones(2)), kernels.low_rank_gram(kernel, jnp.ones(3))
    faded = kernels.low_rank_gram(kernel, jnp.array([1.0, 1.0, 0.25, 0.0, 0.0, 0.0]))
    np.testing.assert_allclose(faded, 0.75 * two + 0.25 * three, atol=1e-5)
    np.testing.assert_array_equal(kernels.low_rank_gram(kernel, jnp.zeros(6)), np.zeros((6, 6)))


@fuzz
@given(SEEDS, st.floats(1e-3, 1e3))
def test_error_and_alignment_on_random_kernels(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = ((m @ m.T) for m in rng.normal(size=(2, 5, 3)))
    alignment = np.sum(first * second) / np.sqrt(np.sum(first**2) * np.sum(second**2))
    found = kernels.kernel_alignment(jnp.asarray(first * scale), jnp.asarray(second))
    np.testing.assert_allclose(found, alignment, rtol=1e-4)
    assert 0 <= found <= 1 + 1e-6
    error = np.linalg.norm(first - second) / np.linalg.norm(second)
    found = kernels.gram_error(jnp.asarray(first * scale), jnp.asarray(second * scale))
    np.testing.assert_allclose(found, error, rtol=1e-4)


def test_error_and_alignment_with_a_zero_kernel() -> None:
    zero, one = jnp.zeros((3, 3)), jnp.eye(3)
    assert kernels.kernel_alignment(zero, one) == kernels.kernel_alignment(zero, zero) == 0
    assert kernels.gram_error(zero, zero) == 0
    assert kernels.gram_error(zero, one) == 1
    np.testing.assert_allclose(kernels.gram_error(one, zero), np.sqrt(3), rtol=1e-6)
    np.testing.assert_allclose(kernels.kernel_alignment(one, -2 * one), -1, rtol=1e-6)


@fuzz
@given(SEEDS, st.floats(0.05, 5))
def test_soft_assignment_is_a_softmax_over_cosines(seed: int, temperature: float) -> None:
    rng = np.random.default_rng(seed)
    feature, rows = rng.normal(size=3), rng.normal(size=(6, 3))
    cosines = rows @ feature / np.linalg.norm(rows, axis=1) / np.linalg.norm(feature)
    lengths = rng.uniform(0.1, 9, size=(6, 1))  # lengths never matter
    found = kernels.soft_assignment(jnp.asarray(3 * feature), jnp.asarray(rows * lengths), temperature)
    expected = softmax(cosines / temperature)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(kernels.dark_mass(found), 1 - expected.max(), rtol=1e-3, atol=1e-6)


def test_mass_stays_one_and_finite_as_it_freezes() -> None:
    rows = kernels.spectral_codebook(jnp.asarray(graded(9, 2.2)), 2)
    feature = 0.94 * rows[6] + 0.06 * rows[5]
    temperatures = jnp.geomspace(0.9, 1e-3, 100)
    mass = jax.vmap(kernels.soft_assignment, in_axes=(None, None, 0))(feature, rows, temperatures)
    assert np.isfinite(mass).all()
    np.testing.assert_allclose(mass.sum(axis=1), np.ones(100), atol=1e-6)
    dark = jax.vmap(kernels.dark_mass)(mass)
    assert (np.diff(dark) <= 0).all()
    assert dark[-1] == 0


def test_a_zero_feature_and_a_single_class() -> None:
    np.testing.assert_allclose(kernels.soft_assignment(jnp.zeros(2), jnp.eye(2), 0.1), [0.5, 0.5])
    np.testing.assert_allclose(kernels.soft_assignment(jnp.ones(2), jnp.ones((1, 2)), 0.1), [1])
    assert kernels.dark_mass(jnp.ones(1)) == 0
    np.testing.assert_allclose(kernels.dark_mass(jnp.full(4, 0.25)), 0.75)


def test_dark_mass_keeps_its_digits() -> None:
    np.testing.assert_allclose(kernels.dark_mass(jnp.array([1.0, 1e-9, 2e-9])), 3e-9, rtol=1e-5)


@fuzz
@given(SEEDS, st.sampled_from([1e-15, 1.0, 1e15]))
def test_linear_alignment_is_that_of_centred_kernels(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(25, 4)) @ np.diag([3, 2, 1, 1]) + 2, rng.normal(size=(25, 30)) - 1
    second[:, :4] += 3 * first
    kernel, other = (KernelCenterer().fit_transform(rows @ rows.T) for rows in (first, second))
    expected = np.sum(kernel * other) / np.linalg.norm(kernel) / np.linalg.norm(other)
    found = kernels.linear_cka((scale * first).astype(np.float32), second.astype(np.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    turned = scale * first @ ortho_group.rvs(4, random_state=seed) + scale
    np.testing.assert_allclose(kernels.linear_cka(first.astype(np.float32), turned.astype(np.float32)), 1, rtol=1e-5)


def test_linear_alignment_with_what_is_constant() -> None:
    rows = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    for value in (0.0, 0.1):
        still = np.full((9, 2), value, np.float32)
        assert kernels.linear_cka(rows, still) == kernels.linear_cka(still, still) == 0
    assert np.isnan(kernels.linear_cka(rows, rows * np.float32(np.nan)))
    with pytest.raises(ValueError, match=r"got shapes \(9, 3\), \(8, 3\): expected"):
        kernels.linear_cka(rows, rows[1:])
