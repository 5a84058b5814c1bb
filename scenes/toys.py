"""Toy data, made in JAX from a key, so that a seed names the whole run and `init` works under vmap."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from render.metrics.linear_algebra import one_by_one


def normals(key: Any, *shapes: tuple[int, ...]) -> list[Any]:
    """Independent standard normal arrays of these shapes, cut from one draw: each draw takes time to compile."""
    sizes = [math.prod(shape) for shape in shapes]
    parts = jnp.split(jax.random.normal(key, (sum(sizes),)), np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def blobs(key: Any, classes: int, per_class: int, dim: int, spread: float, noise: float) -> tuple[Any, Any]:
    """Gaussian blobs: class centres N(0, spread^2 I), points N(centre, noise^2 I), classes in order.

    -> inputs (classes * per_class, dim), labels (classes * per_class,).
    """
    centres, offsets = normals(key, (classes, dim), (classes * per_class, dim))
    labels = jnp.repeat(jnp.arange(classes), per_class)
    return spread * centres[labels] + noise * offsets, labels


def moons(key: Any, count: int, noise: float) -> tuple[Any, Any]:
    """Two interleaved half circles with noise N(0, noise^2 I), each half of the points, standardised as a whole.

    -> inputs (count, 2) of mean 0 and standard deviation 1 by column, labels (count,). The noiseless curves are those
    of scikit-learn's `make_moons`.
    """
    outer, inner = moon_curves(count)
    labels = jnp.repeat(jnp.arange(2), jnp.array([len(outer), len(inner)]), total_repeat_length=count)
    inputs = jnp.concatenate([outer, inner]) + noise * jax.random.normal(key, (count, 2))
    return (inputs - inputs.mean(axis=0)) / inputs.std(axis=0), labels


def moon_curves(count: int) -> tuple[Any, Any]:
    """The noiseless half circles: (count // 2, 2) and the rest."""
    outer, inner = (jnp.linspace(0, jnp.pi, part) for part in (count // 2, count - count // 2))
    return (
        jnp.stack([jnp.cos(outer), jnp.sin(outer)], axis=1),
        jnp.stack([1 - jnp.cos(inner), 0.5 - jnp.sin(inner)], axis=1),
    )


@one_by_one
def whiten(points: Any) -> Any:
    """Points moved linearly to mean 0 and covariance I (with 1/n), exactly up to rounding: (n, dim) -> (n, dim).

    Needs n > dim points in general position.
    """
    for _ in range(2):  # the second pass takes away most of what the first one's float32 rounding left
        points = points - points.mean(axis=0)
        root = jnp.linalg.cholesky(points.T @ points / points.shape[0])
        points = jax.scipy.linalg.solve_triangular(root, points.T, lower=True).T
    return points
