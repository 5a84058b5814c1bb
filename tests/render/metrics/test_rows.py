from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from render.metrics import rows as folding


@pytest.fixture(params=[2**22, 60])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows in one block, and in several with some left over."""
    monkeypatch.setattr(folding, "BLOCK_ENTRIES", request.param)


def samples(count: int = 47) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(count, 4)) * [5, 1, 1, 0.1] + 3, rng.normal(size=(count, 2)) - 1
    return first.astype(np.float32), second.astype(np.float32)


def centred(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(float)
    return (rows - rows.mean(axis=0)) / np.abs(rows - rows[0]).max()


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("count", [1, 20, 47])
def test_products_are_those_of_centred_columns(count: int) -> None:
    first, second = samples(count)
    if count == 1:
        expected = [np.zeros((4, 4)), np.zeros((2, 4)), np.zeros((2, 2))]
    else:
        x, y = centred(first), centred(second)
        expected = [x.T @ x, y.T @ x, y.T @ y]
    for found, product in zip(folding.centred_products(first, second), expected, strict=True):
        np.testing.assert_allclose(found, product, rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("count", [1, 4, 20, 47])
def test_a_factor_has_the_same_products(count: int) -> None:
    first, second = samples(count)
    shifts = folding.scaling(jnp.asarray(first)), folding.scaling(jnp.asarray(second))
    found = np.asarray(folding.triangular_factor(shifts, jnp.asarray(first), jnp.asarray(second)), float)
    expected = np.concatenate([x / np.abs(x).max() for x in (first.astype(float), second.astype(float))], axis=1)
    assert found.shape == (min(count, 6), 6)
    np.testing.assert_allclose(np.tril(found, -1), 0, atol=1e-7)
    np.testing.assert_allclose(found.T @ found, expected.T @ expected, rtol=1e-4, atol=1e-5)


def test_a_factor_keeps_small_singular_values() -> None:
    rng = np.random.default_rng(1)
    axes = np.linalg.qr(rng.normal(size=(50, 5)))[0], np.linalg.qr(rng.normal(size=(5, 5)))[0]
    values = 10.0 ** -np.arange(5)  # squared, the last are below what float32 has beside the first
    rows = jnp.asarray(axes[0] * values @ axes[1], jnp.float32)
    shift = folding.scaling(rows)
    found = np.linalg.svd(np.asarray(folding.triangular_factor((shift,), rows), float))[1] * float(shift.scale)
    np.testing.assert_allclose(found, values, rtol=5e-3)


@pytest.mark.usefixtures("blocks")
def test_blocks_under_jit_and_vmap() -> None:
    first, second = samples()
    pair = jnp.stack([first, 2 * first[::-1]]), jnp.stack([second, second[::-1]])
    batched = jax.jit(jax.vmap(folding.centred_products))(*pair)
    for run in range(2):
        alone = folding.centred_products(pair[0][run], pair[1][run])
        jax.tree.map(lambda a, b, run=run: np.testing.assert_allclose(a[run], b, rtol=1e-5, atol=1e-5), batched, alone)
    factor = jax.jit(jax.vmap(lambda x: folding.triangular_factor((folding.centring(x),), x)))(pair[0])
    for run in range(2):
        x = centred(np.asarray(pair[0][run]))
        found = np.asarray(factor[run], float)
        np.testing.assert_allclose(found.T @ found, x.T @ x, rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("value", [0.0, 0.1, 1e30])
def test_constant_columns_are_exactly_zero(value: float) -> None:
    rows = jnp.full((47, 3), value, jnp.float32)
    np.testing.assert_array_equal(folding.centring(rows)(rows), np.zeros((47, 3)))


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("count", [1, 10, 11, 20, 47])
def test_rows_are_mapped_in_place(count: int) -> None:
    first, _ = samples(count)
    found = folding.map_rows(lambda rows: rows @ jnp.ones((4, 2)), jnp.asarray(first))
    np.testing.assert_allclose(found, np.tile(first.sum(axis=1, keepdims=True), 2), rtol=1e-5, atol=1e-5)


@pytest.mark.usefixtures("blocks")
def test_labels_go_along_with_their_rows() -> None:
    first, _ = samples()
    labels = np.arange(47) % 3
    found = folding.fold_rows(
        lambda x, names: jax.nn.one_hot(names, 3).T @ x, folding.add, jnp.asarray(first), jnp.asarray(labels)
    )
    np.testing.assert_allclose(found, [first[labels == name].sum(axis=0) for name in range(3)], rtol=1e-5, atol=1e-5)
