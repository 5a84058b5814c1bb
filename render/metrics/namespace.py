"""Which NumPy a formula is computed with: a few metrics are also evaluated in double precision, where theory is."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp


def namespace_of(array: Any) -> Any:
    """NumPy for its arrays, which keep their precision; JAX's NumPy for all else, also while it traces."""
    return array.__array_namespace__() if hasattr(array, "__array_namespace__") else jnp


__all__ = ["namespace_of"]
