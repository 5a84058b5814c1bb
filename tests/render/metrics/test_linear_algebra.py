"""Products and factorisations: as NumPy says, with JAX's own derivatives, and never waiting for each other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from render.metrics import linear_algebra
from render.metrics.linear_algebra import eigh, eigvalsh, matmul, one_by_one, pseudo_inverse, svd, triangle
from render.production.sources import ROOT
from tests.render.metrics.metric_helpers import require_full_precision, require_no_batch

RUNS = 3
rng = np.random.default_rng(0)
weights = rng.normal(size=(7, 7)).astype(np.float32)


def matrices(rows: int, columns: int) -> np.ndarray:
    return rng.normal(size=(RUNS, rows, columns)).astype(np.float32)


def symmetric(size: int, rank: int) -> np.ndarray:
    factors = matrices(size, rank)
    return factors @ factors.transpose(0, 2, 1)


def summed(array: Any) -> Any:
    """A number that depends on all entries."""
    return jnp.sum(jnp.sin(array) * weights[: array.shape[0], : array.shape[1]])


def of_svd(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What signs of singular vectors do not change."""

    def value(matrix: Any) -> Any:
        left, singular, right = function(matrix)
        first = [summed(vectors @ vectors.T) for vectors in (left[:, :2], right[:2].T)]
        return sum(first, start=jnp.sum(jnp.cos(singular))) + summed(matmul(left * singular, right))

    return value


def of_eigh(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def value(matrix: Any) -> Any:
        values, vectors = function(matrix)
        return jnp.sum(jnp.sin(values)) + summed(vectors[:, :2] @ vectors[:, :2].T)

    return value


def jax_svd(matrix: Any) -> Any:
    return jnp.linalg.svd(matrix, full_matrices=False)


def jax_triangle(matrix: Any) -> Any:
    return jnp.linalg.qr(matrix, mode="r")


def jax_pseudo_inverse(matrix: Any) -> Any:
    return jnp.linalg.pinv(matrix, hermitian=True)


CASES = {
    "svd, tall": (of_svd(svd), of_svd(jax_svd), matrices(6, 4)),
    "svd, wide": (of_svd(svd), of_svd(jax_svd), matrices(4, 6)),
    "svd, square": (of_svd(svd), of_svd(jax_svd), matrices(5, 5)),
    "eigh": (of_eigh(eigh), of_eigh(jnp.linalg.eigh), matrices(5, 5)),
    "triangle, tall": (lambda x: summed(triangle(x)), lambda x: summed(jax_triangle(x)), matrices(7, 4)),
    "pseudo-inverse": (
        lambda x: summed(pseudo_inverse(matmul(x, x.T))),
        lambda x: summed(jax_pseudo_inverse(matmul(x, x.T))),
        matrices(5, 2),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_are_those_of_jax_also_under_vmap(name: str) -> None:
    ours, theirs, batch = CASES[name]

    def told(function: Callable[[Any], Any], batch: Any) -> dict[str, Any]:
        return {
            "each": jax.vmap(jax.value_and_grad(function))(batch),
            "all": jax.grad(lambda batch: jnp.sum(jax.vmap(function)(batch)))(batch),
            "forwards": jax.vmap(lambda x: jax.jvp(function, (x,), (jnp.cos(x),)))(batch),
            "twice": jax.grad(lambda x: jnp.sum(jnp.sin(jax.grad(function)(x))))(batch[0]),
        }

    found, expected = (jax.jit(lambda batch, f=f: told(f, batch))(batch) for f in (ours, theirs))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3), found, expected)


def test_of_a_wide_matrix_the_triangle_has_the_derivative_of_differences() -> None:
    wide, way = matrices(3, 6)[0], matrices(3, 6)[0]
    slope = jax.jvp(triangle, (wide,), (way,))[1]
    ends = [np.linalg.qr(wide.astype(np.float64) + step * way, mode="r") for step in (1e-5, -1e-5)]
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-5, rtol=1e-3, atol=1e-3)


def test_what_numpy_says() -> None:
    tall, even = matrices(6, 4), matrices(5, 5)
    even = even + even.transpose(0, 2, 1)
    left, singular, right = jax.vmap(svd)(tall)
    np.testing.assert_allclose(singular, np.linalg.svd(tall, compute_uv=False), rtol=1e-5)
    np.testing.assert_allclose(left * singular[:, None, :] @ right, tall, atol=1e-5)
    np.testing.assert_allclose(jax.vmap(eigvalsh)(even), np.linalg.eigvalsh(even), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(jnp.abs(jax.vmap(triangle)(tall)), np.abs(np.linalg.qr(tall, mode="r")), atol=1e-5)
    flat = symmetric(5, 2)
    expected = np.linalg.pinv(flat, hermitian=True, rcond=1e-5)
    np.testing.assert_allclose(jax.vmap(pseudo_inverse)(flat), expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(pseudo_inverse(jnp.zeros((3, 3))), np.zeros((3, 3)))
    assert np.isnan(pseudo_inverse(jnp.full((3, 3), jnp.nan))).all()


@pytest.mark.parametrize("name", CASES)
def test_one_matrix_after_another_whatever_is_batched_and_in_full_precision(name: str) -> None:
    ours, theirs, batch = CASES[name]
    nested = batch[None]
    for lift in (jax.vmap, lambda f: jax.vmap(jax.grad(f))):
        require_no_batch(jax.jit(jax.vmap(lift(ours))).lower(nested).as_text())
    with pytest.raises(AssertionError):
        require_no_batch(jax.jit(jax.vmap(theirs)).lower(batch).as_text())
    require_full_precision(jax.jit(matmul).lower(batch[0], batch[0].T).as_text())
    plain = jax.jit(lambda left, right: jnp.matmul(left, right, precision="default"))
    with pytest.raises(AssertionError):
        require_full_precision(plain.lower(batch[0], batch[0].T).as_text())


def test_a_function_that_is_batched_without_its_argument_is_left_alone() -> None:
    matrix = jnp.asarray(matrices(3, 3)[0])
    found = jax.vmap(lambda scale: scale * one_by_one(jnp.linalg.inv)(matrix))(jnp.arange(2.0))
    np.testing.assert_allclose(found[1], np.linalg.inv(matrix), rtol=1e-4)


LOOP = """
import jax, jax.numpy as jnp
from render.metrics import eigenfunctions, richness, spectrum

names = jnp.arange(200) % 10


def measure(features, outputs):
    _, functions = eigenfunctions.eigenfunctions(features)
    return (
        eigenfunctions.cumulative_quality(functions, jax.nn.one_hot(names, 10)),
        eigenfunctions.cumulative_utilization(functions, outputs),
        richness.low_rank_measure(features, outputs),
        richness.nc1(features, names, 10),
        spectrum.second_moment_eigenvalues(features),
        spectrum.covariance_eigenvalues(features),
    )


def step(features, _):
    return 1.01 * features, jax.vmap(measure)(features, features[..., :10])


features = jax.random.normal(jax.random.key(0), (4, 200, 64))
jax.block_until_ready(jax.jit(lambda start: jax.lax.scan(step, start, None, length=30))(features))
print("done")
"""


def test_a_users_loop_under_vmap_ends_on_two_threads() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOOP],
        env={**os.environ, "NPROC": "2", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,  # seconds of work; factored in batches, its metrics would wait for each other for ever
    )
    assert ended.stdout == "done\n", ended.stderr


def test_all_that_is_public_is_here() -> None:
    assert set(linear_algebra.__all__) == {
        *("eigh", "eigvalsh", "matmul", "one_by_one", "pseudo_inverse", "svd", "triangle")
    }
