"""Toy data, made in JAX from a key, so that a seed names the whole run and `init` works under vmap."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


def blobs(key: Any, classes: int, per_class: int, dim: int, spread: float, noise: float) -> tuple[Any, Any]:
    """Gaussian blobs: class centres N(0, spread^2 I), points N(centre, noise^2 I), classes in order.

    -> inputs (classes * per_class, dim), labels (classes * per_class,).
    """
    centres_key, noise_key = jax.random.split(key)
    centres = spread * jax.random.normal(centres_key, (classes, dim))
    labels = jnp.repeat(jnp.arange(classes), per_class)
    return centres[labels] + noise * jax.random.normal(noise_key, (classes * per_class, dim)), labels
