from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from sklearn.decomposition import PCA

from render.metrics import spectrum as module
from render.metrics.moments import moments_of
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

spectrum = jitted(module)


@fuzz
@given(SEEDS)
def test_eigenvalues_are_those_of_a_principal_component_analysis(seed: int) -> None:
    features = np.random.default_rng(seed).normal(size=(30, 6)) @ np.diag([3, 2, 1, 1, 0.5, 0.1]) + 1
    expected = PCA().fit(features).explained_variance_ * 29 / 30
    found = spectrum.covariance_eigenvalues(jnp.asarray(features))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_eigenvalues_ignore_rotation_offset_and_order() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(30, 4)) @ np.diag([2, 1, 0.5, 0.2])
    moved = rng.permutation(features @ stats.ortho_group.rvs(4, random_state=1)) + 3
    np.testing.assert_allclose(
        spectrum.covariance_eigenvalues(jnp.asarray(features)),
        spectrum.covariance_eigenvalues(jnp.asarray(moved)),
        rtol=1e-4,
        atol=1e-5,
    )


def test_eigenvalues_of_fewer_points_than_dimensions() -> None:
    features = np.random.default_rng(1).normal(size=(3, 8)).astype(np.float32)
    found = np.asarray(spectrum.covariance_eigenvalues(features))
    assert (found >= 0).all()
    assert (found[2:] < 1e-5).all()
    np.testing.assert_allclose(found.sum(), features.astype(float).var(axis=0).sum(), rtol=1e-5)
    np.testing.assert_array_equal(spectrum.covariance_eigenvalues(jnp.zeros((4, 3))), np.zeros(3))


@pytest.mark.parametrize("rank", [spectrum.participation_ratio, spectrum.entropy_rank])
def test_ranks_count_equal_modes(rank) -> None:
    for modes in (1, 3, 8):
        values = jnp.concatenate([jnp.full(modes, 0.3), jnp.zeros(8 - modes)])
        np.testing.assert_allclose(rank(values), modes, rtol=1e-5)
    assert rank(jnp.zeros(5)) == 0


@fuzz
@given(SEEDS, st.floats(1e-20, 1e20))
def test_ranks_are_plain_expressions_at_any_scale(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    values = rng.exponential(size=7)
    scaled = jnp.asarray((rng.permutation(values) * scale).astype(np.float32))
    participation = values.sum() ** 2 / (values**2).sum()
    np.testing.assert_allclose(spectrum.participation_ratio(scaled), participation, rtol=1e-5)
    np.testing.assert_allclose(spectrum.entropy_rank(scaled), np.exp(stats.entropy(values)), rtol=1e-5)
    np.testing.assert_allclose(spectrum.entropy(scaled), stats.entropy(values), rtol=1e-4)
    assert spectrum.entropy_rank(scaled) >= participation * (1 - 1e-5)


def test_entropy_between_its_ends() -> None:
    np.testing.assert_allclose(spectrum.entropy(jnp.full(9, 2.0)), np.log(9), rtol=1e-6)
    assert spectrum.entropy(jnp.array([0.0, 4.0, 0.0])) == 0
    assert spectrum.entropy(jnp.zeros(3)) == 0


@pytest.mark.parametrize("minor", [1.0, 0.3, 0.045])
def test_entropy_rank_of_a_squashed_plane(minor: float) -> None:
    share = minor**2 / (1 + minor**2)
    expected = np.exp(-share * np.log(share) - (1 - share) * np.log(1 - share))
    np.testing.assert_allclose(spectrum.entropy_rank(jnp.array([1.0, minor**2])), expected, rtol=1e-6)


def test_gradients_are_finite_where_modes_are_empty() -> None:
    for rank in (spectrum.entropy_rank, spectrum.participation_ratio, spectrum.entropy):
        assert np.isfinite(jax.grad(rank)(jnp.array([2.0, 1.0, 0.0]))).all()
        assert np.isfinite(jax.grad(rank)(jnp.zeros(3))).all()


def test_effective_dimension_leaves_the_first_mode_out() -> None:
    values = np.sort(np.random.default_rng(2).exponential(size=6))[::-1]
    expected = 1 + np.exp(stats.entropy(values[1:]))
    for first in (values[0], 1e6):  # however large it is
        found = spectrum.effective_dimension(jnp.asarray(np.concatenate([[first], values[1:]])))
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(spectrum.effective_dimension(jnp.ones(5)), 5, rtol=1e-6)


def test_effective_dimension_of_degenerate_spectra() -> None:
    assert spectrum.effective_dimension(jnp.array([3.0])) == 1
    assert spectrum.effective_dimension(jnp.array([3.0, 0.0, 0.0])) == 1
    assert spectrum.effective_dimension(jnp.zeros(4)) == 1


@pytest.mark.parametrize(("points", "scale"), [(30, 1.0), (30, 1e-15), (4, 1e15)])
def test_second_moments_are_not_centred(points: int, scale: float) -> None:
    features = np.random.default_rng(3).normal(size=(points, 6)) + 2
    expected = np.linalg.eigvalsh(features.T @ features / points)[::-1][: min(points, 6)] * scale**2
    found = spectrum.second_moment_eigenvalues((features * scale).astype(np.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_large_first_mode_leaves_the_others_their_digits() -> None:
    rng = np.random.default_rng(4)
    axes = np.linalg.qr(rng.normal(size=(60, 8)))[0], np.linalg.qr(rng.normal(size=(8, 8)))[0]
    singular = np.array([1e4, *[1.0] * 7])
    found = spectrum.second_moment_eigenvalues((axes[0] * singular @ axes[1]).astype(np.float32))
    np.testing.assert_allclose(found, singular**2 / 60, rtol=1e-2)
    np.testing.assert_allclose(spectrum.effective_dimension(found), 8, rtol=1e-3)
    np.testing.assert_array_equal(spectrum.second_moment_eigenvalues(np.zeros((5, 3), np.float32)), np.zeros(3))


def test_relative_eigenvalues() -> None:
    np.testing.assert_array_equal(spectrum.relative_eigenvalues(jnp.array([4.0, 2.0, 0.0])), [1, 0.5, 0])
    np.testing.assert_array_equal(spectrum.relative_eigenvalues(jnp.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
@pytest.mark.parametrize("decay", [0.0, 0.5, 1.5, 4.0])
@pytest.mark.parametrize("samples", [0.01, 1, 17, 63.9])
def test_learnability_shares_the_samples_out(samples: float, decay: float, scale: float) -> None:
    values = np.arange(1.0, 65) ** -decay

    def missing(log_kappa: float) -> float:
        return np.sum(values / (values + np.exp(log_kappa))) - samples

    kappa = np.exp(optimize.brentq(missing, -60, 60, xtol=1e-13))
    found = np.asarray(spectrum.learnability((values * scale).astype(np.float32), samples), float)
    np.testing.assert_allclose(found.sum(), samples, rtol=1e-5)
    np.testing.assert_allclose(found, values / (values + kappa), rtol=2e-4)


def test_modes_without_variance_learn_nothing() -> None:
    found = spectrum.learnability(jnp.array([2.0, 2.0, 2.0, 2.0, 0.0, 0.0]), 3)
    np.testing.assert_allclose(found, [0.75, 0.75, 0.75, 0.75, 0, 0], rtol=1e-6)


def test_learnability_of_too_many_samples() -> None:
    values = jnp.array([1.0, 0.5, 0.0])
    for samples in (0, -1, 2, 2.5, float("nan")):
        with pytest.raises(ValueError, match=f"got samples={samples}: expected more than 0 and fewer than the 2"):
            module.learnability(values, samples)
        assert np.isnan(spectrum.learnability(values, samples)).all()  # traced, it cannot be looked at
    with pytest.raises(ValueError, match="fewer than the 0 positive"):
        module.learnability(jnp.zeros(3), 1)


@pytest.mark.parametrize("samples", [1, 17, 60])
def test_error_of_equal_modes_is_the_share_that_is_not_learned(samples: float) -> None:
    coefficients = np.random.default_rng(0).normal(size=64).astype(np.float32)
    found = spectrum.generalization_error(jnp.full(64, 3.0), coefficients, samples)
    np.testing.assert_allclose(found, (1 - samples / 64) * (coefficients**2).sum(), rtol=1e-4)


def test_error_of_few_large_modes_and_many_that_vanish() -> None:
    values = jnp.concatenate([jnp.ones(20), jnp.full(2000, 1e-12)])
    head = jnp.zeros(2020).at[3].set(2.0)
    tail = jnp.zeros(2020).at[300].set(2.0)
    for samples in (2, 10, 15):
        left = 1 - samples / 20
        np.testing.assert_allclose(spectrum.generalization_error(values, head, samples), 4 * left, rtol=1e-3)
        np.testing.assert_allclose(spectrum.generalization_error(values, tail, samples), 4 / left, rtol=1e-3)


@pytest.mark.parametrize("decay", [1.5, 2.0, 3.0])
@pytest.mark.parametrize("samples", [5, 20])
def test_error_of_powers_has_the_closed_forms_of_many_modes(decay: float, samples: int) -> None:
    values = np.arange(1.0, 200_001) ** -decay
    kappa = (np.pi / decay / ((samples + 0.5) * np.sin(np.pi / decay))) ** decay
    ones = np.zeros(len(values), np.float32)
    ones[-1] = 1  # of a mode that is not learned at all, the error is 1 over the denominator
    disturbance = spectrum.generalization_error(values.astype(np.float32), ones, samples)
    np.testing.assert_allclose(disturbance, decay * samples / (samples + 0.5), rtol=0.02 if decay < 2 else 2e-3)
    learned = spectrum.learnability(values.astype(np.float32), samples)
    np.testing.assert_allclose(learned[:10], values[:10] / (values[:10] + kappa), rtol=0.02 if decay < 2 else 2e-3)


def test_error_is_minus_the_slope_of_kappa_on_its_denominator() -> None:
    values = np.arange(1.0, 101) ** -1.5

    def log_kappa(samples: float) -> float:
        return optimize.brentq(lambda x: np.sum(values / (values + np.exp(x))) - samples, -60, 60, xtol=1e-13)

    target = np.random.default_rng(1).normal(size=100)
    for samples in (4.0, 26.0, 80.0):
        slope = -(log_kappa(samples * 1.0001) - log_kappa(samples / 1.0001)) / (2 * np.log(1.0001))
        learned = values / (values + np.exp(log_kappa(samples)))
        expected = (((1 - learned) * target) ** 2).sum() * slope
        found = spectrum.generalization_error(values.astype(np.float32), target.astype(np.float32), samples)
        np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_error_after_too_many_samples() -> None:
    values = jnp.array([1.0, 0.5, 0.0])
    with pytest.raises(ValueError, match="got samples=2: expected more than 0 and fewer than the 2"):
        module.generalization_error(values, values, 2)
    assert np.isnan(spectrum.generalization_error(values, values, 2))


@pytest.mark.parametrize(("shape", "classes"), [((200, 6), 3), ((5, 40), 1), ((50, 1), 2)])
def test_the_participation_ratio_of_moments_is_that_of_their_eigenvalues(shape: tuple[int, int], classes: int) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, shape[0])
    rows = rng.normal(size=shape) * np.linspace(0.1, 1, shape[1]) + 3 * labels[:, None]
    values = np.linalg.eigvalsh(np.cov(rows.T, bias=True).reshape(shape[1], shape[1]))
    moments = moments_of(rows, labels, classes) if classes > 1 else moments_of(rows)
    assert spectrum.participation_ratio_of(moments) == pytest.approx(values.sum() ** 2 / (values**2).sum(), rel=1e-5)


def test_the_participation_ratio_of_moments_has_its_closed_forms() -> None:
    axes = np.concatenate([np.eye(5), -np.eye(5)])  # equal variance along each of five
    for scale in (1.0, 1e-18, 1e18):  # whose squares' squares leave the range of float32
        assert spectrum.participation_ratio_of(moments_of(scale * axes)) == pytest.approx(5, rel=1e-6)
        assert spectrum.participation_ratio_of(moments_of(scale * axes[:, :1])) == pytest.approx(1, rel=1e-6)
    assert spectrum.participation_ratio_of(moments_of(np.ones((4, 3)))) == 0
