from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ortho_group

from render.metrics import eigenfunctions as module
from render.metrics import rows as folding
from tests.render.metrics.metric_helpers import SEEDS, fuzz, jitted

metrics = jitted(module)
POINTS, OTHERS, DIM, CLASSES = 40, 30, 5, 3


def data(seed: int, points: int = POINTS, others: int = OTHERS) -> tuple[np.ndarray, ...]:
    """Features on two sets of samples, with eigenvalues well apart, and outputs that are partly linear in them."""
    rng = np.random.default_rng(seed)
    left = np.linalg.qr(centred(rng.normal(size=(points, DIM))))[0]
    mix = np.geomspace(1, 0.05, DIM)[:, None] * ortho_group.rvs(DIM, random_state=seed)
    features = np.sqrt(points) * left @ mix + 1.5
    samples = rng.normal(size=(others, DIM)) @ mix + 1.5
    weights = rng.normal(size=(DIM, CLASSES))
    outputs = features @ weights + 0.1 * rng.normal(size=(points, CLASSES))
    return tuple(x.astype(np.float32) for x in (features, samples, outputs, samples**2 @ weights))


def centred(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(axis=0)


def by_the_kernel(features: np.ndarray, samples: np.ndarray, modes: int) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvectors of the (points, points) kernel, extended to other samples by the kernel itself (Nyström)."""
    features, samples = features.astype(float), samples.astype(float)
    x, y = centred(features), samples - features.mean(axis=0)
    values, vectors = np.linalg.eigh(x @ x.T / len(x))
    values, vectors = values[::-1][:modes], np.sqrt(len(x)) * vectors[:, ::-1][:, :modes]
    return values, y @ x.T @ vectors / len(x) / values


def projection(outputs: np.ndarray) -> tuple[np.ndarray, int]:
    left, singular, _ = np.linalg.svd(centred(outputs.astype(float)), full_matrices=False)
    basis = left[:, singular > 0.05 * singular[0]]
    return basis @ basis.T, basis.shape[1]


def brackets(functions: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, int]:
    """<e_j|P_H e_j> of each function as it is, and dim H."""
    operator, rank = projection(outputs)
    return np.einsum("ij,ik,kj->j", functions, operator, functions) / len(functions), rank


def same_up_to_signs(found: np.ndarray, expected: np.ndarray, atol: float) -> None:
    signs = np.sign(np.sum(np.asarray(found) * expected, axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=atol)


@fuzz
@given(SEEDS)
def test_against_the_kernel_operator(seed: int) -> None:
    features, samples, *_ = data(seed)
    eigenvalues, functions = metrics.eigenfunctions(features)
    values, expected = by_the_kernel(features, features, DIM)
    np.testing.assert_allclose(eigenvalues, values, rtol=1e-4)
    same_up_to_signs(functions, expected, atol=1e-3)
    np.testing.assert_allclose(functions.T @ functions / POINTS, np.eye(DIM), atol=1e-4)
    elsewhere = metrics.eigenfunctions(features, samples)
    np.testing.assert_array_equal(elsewhere[0], eigenvalues)
    same_up_to_signs(elsewhere[1], by_the_kernel(features, samples, DIM)[1], atol=5e-3)
    few = metrics.eigenfunctions(features, samples, modes=2)
    np.testing.assert_allclose(few[0], values[:2], rtol=1e-4)
    same_up_to_signs(few[1], np.asarray(elsewhere[1][:, :2]), atol=1e-5)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_more_features_than_points_at_any_scale(scale: float) -> None:
    features, samples = np.random.default_rng(0).normal(size=(2, 12, 30)) * scale
    eigenvalues, functions = metrics.eigenfunctions(features.astype(np.float32), samples.astype(np.float32))
    values, expected = by_the_kernel(features, samples, 11)
    assert eigenvalues.shape == (12,)
    np.testing.assert_allclose(eigenvalues, [*values, 0], rtol=1e-3)  # centred, they have one dimension less
    same_up_to_signs(functions[:, :11], expected, atol=1e-2)
    np.testing.assert_array_equal(functions[:, 11], 0)


def test_by_blocks_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "BLOCK_ENTRIES", 50)
    features, samples, outputs, _ = data(1)
    # under names of their own, for jit remembers what it compiled without blocks
    eigenvalues, functions = jax.jit(lambda x, y: module.eigenfunctions(x, y))(features, samples)
    values, expected = by_the_kernel(features, samples, DIM)
    np.testing.assert_allclose(eigenvalues, values, rtol=1e-4)
    same_up_to_signs(functions, expected, atol=5e-3)
    curve = jax.jit(lambda x, y: module.cumulative_utilization(x, y))
    found = curve(by_the_kernel(features, features, DIM)[1], outputs)
    shares, rank = brackets(by_the_kernel(features, features, DIM)[1], outputs)
    np.testing.assert_allclose(found, np.cumsum(shares) / rank, atol=1e-4)


def test_functions_of_features_that_are_constant_or_of_low_rank() -> None:
    for value in (0.0, 0.1):
        eigenvalues, functions = metrics.eigenfunctions(np.full((POINTS, DIM), value, np.float32))
        np.testing.assert_array_equal(eigenvalues, np.zeros(DIM))
        np.testing.assert_array_equal(functions, np.zeros((POINTS, DIM)))
    features = data(2)[0]
    eigenvalues, functions = metrics.eigenfunctions(features[:, [0, 1, 0, 1, 1]])
    np.testing.assert_array_equal(eigenvalues[2:], 0)
    np.testing.assert_array_equal(functions[:, 2:], 0)
    assert np.isnan(metrics.eigenfunctions(features * np.float32(np.nan))[1]).all()


@fuzz
@given(SEEDS)
def test_curves_on_the_samples_that_the_functions_were_found_on(seed: int) -> None:
    features, _, outputs, _ = data(seed)
    functions = by_the_kernel(features, features, DIM)[1].astype(np.float32)
    shares, rank = brackets(functions, outputs)
    for curve in (metrics.cumulative_utilization, metrics.cumulative_quality):
        np.testing.assert_allclose(curve(functions, outputs), np.cumsum(shares) / rank, atol=1e-5)
    turned = (outputs - 3) @ ortho_group.rvs(CLASSES, random_state=seed) * 1e10
    np.testing.assert_allclose(metrics.cumulative_quality(functions, turned), np.cumsum(shares) / rank, atol=1e-5)


def test_the_bracket_squared_does_not_reach_one_where_the_bracket_does() -> None:
    """Eq. 5 prints a square, Eq. 75 and 76 have none: only these say that all of a linear readout is reached."""
    features = data(3)[0]
    functions = by_the_kernel(features, features, DIM)[1].astype(np.float32)
    outputs = functions @ np.random.default_rng(3).normal(size=(DIM, 2)).astype(np.float32)
    shares, rank = brackets(functions, outputs)
    assert np.sum(shares**2) / rank < 0.8
    found = metrics.cumulative_utilization(functions, outputs)
    np.testing.assert_allclose(found[-1], 1, atol=1e-5)
    np.testing.assert_allclose(found, np.cumsum(shares) / rank, atol=1e-5)


@fuzz
@given(SEEDS)
def test_on_other_samples_the_functions_are_made_orthogonal_in_order(seed: int) -> None:
    features, samples, _, targets = data(seed)
    functions = by_the_kernel(features, samples, DIM)[1].astype(np.float32)
    shares, rank = brackets(np.sqrt(OTHERS) * np.linalg.qr(centred(functions.astype(float)))[0], targets)
    found = metrics.cumulative_quality(functions, targets)
    np.testing.assert_allclose(found, np.cumsum(shares) / rank, atol=1e-4)
    assert np.all(np.diff(found) >= 0)
    assert found[-1] <= 1 + 1e-5


def test_without_that_the_curve_would_pass_one() -> None:
    features, samples, *_ = data(4, others=10)
    functions = by_the_kernel(features, samples, DIM)[1].astype(np.float32)
    targets = samples[:, :2]
    shares, rank = brackets(functions, targets)
    assert shares.sum() / rank > 1.2
    np.testing.assert_allclose(metrics.cumulative_quality(functions, targets)[-1], 1, atol=1e-5)


def test_a_function_that_depends_on_others_adds_nothing_and_takes_nothing() -> None:
    first, second, third = np.linalg.qr(centred(np.random.default_rng(5).normal(size=(20, 3))))[0].T
    zero = np.zeros(20)
    for columns, expected in (
        ([first, zero, second], [0.5, 0.5, 1]),
        ([first, first, second], [0.5, 0.5, 1]),
        ([first, zero + 2, first + 3, second, third], [0.5, 0.5, 0.5, 1, 1]),
        ([third, third + 1e-3 * first, second], [0, 0.5, 1]),
        ([1e3 * third, third + second, 1e-3 * first], [0, 0.5, 1]),
    ):
        functions, targets = np.stack(columns, axis=1), np.stack([first, second], axis=1)
        found = metrics.cumulative_quality(functions, targets)
        np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize(("samples", "modes", "classes"), [(6, 12, 2), (6, 3, 12), (6, 12, 12), (1, 3, 2)])
def test_curves_of_few_samples(samples: int, modes: int, classes: int) -> None:
    rng = np.random.default_rng(6)
    functions, targets = rng.normal(size=(samples, modes)), rng.normal(size=(samples, classes))
    left = np.linalg.qr(centred(functions))[0][:, : samples - 1]
    shares, rank = brackets(np.sqrt(samples) * left, targets) if samples > 1 else (np.zeros(1), 1)
    expected = np.cumsum(np.pad(shares, (0, max(modes - len(shares), 0)))[:modes]) / rank
    found = metrics.cumulative_quality(functions.astype(np.float32), targets.astype(np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_curves_of_nothing() -> None:
    features, _, outputs, _ = data(7)
    for still in (np.zeros_like(outputs), np.full_like(outputs, 0.1)):
        np.testing.assert_array_equal(metrics.cumulative_quality(features, still), np.zeros(DIM))
    np.testing.assert_array_equal(metrics.cumulative_quality(np.full_like(features, 0.1), outputs), np.zeros(DIM))
    outputs[0, 0] = np.nan
    assert np.isnan(metrics.cumulative_utilization(features, outputs)[-1])


@fuzz
@given(SEEDS, st.floats(0.3, 3))
def test_no_sign_or_length_of_a_function_matters(seed: int, length: float) -> None:
    features, samples, _, targets = data(seed)
    functions = by_the_kernel(features, samples, DIM)[1].astype(np.float32)
    signs = np.random.default_rng(seed).choice([-length, 1], DIM).astype(np.float32)
    expected = metrics.cumulative_quality(functions, targets)
    np.testing.assert_allclose(metrics.cumulative_quality(functions * signs, targets), expected, atol=1e-5)


def test_senseless_arguments_are_refused() -> None:
    features, samples, outputs, _ = data(8)
    for modes in (0, DIM + 1):
        with pytest.raises(ValueError, match=f"got modes={modes}.*expected 1 to {DIM} modes"):
            module.eigenfunctions(features, modes=modes)
    with pytest.raises(ValueError, match=f"and {DIM} columns"):
        module.eigenfunctions(features, samples[:, :2])
    with pytest.raises(ValueError, match="with the same samples"):
        module.cumulative_quality(features, outputs[1:])
    with pytest.raises(ValueError, match=r"got rank_tolerance=1e-06"):
        module.cumulative_utilization(features, outputs, 1e-6)
