"""What the tests of metrics share."""

from __future__ import annotations

import inspect
from types import ModuleType, SimpleNamespace

import jax
from hypothesis import settings
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**32 - 1)
fuzz = settings(deadline=None, max_examples=20, derandomize=True, database=None)

STATIC = {
    "classes",
    "count",
    "cyclic",
    "dims",
    "form",
    "modes",
    "normalize",
    "normalize_means",
    "rank_tolerance",
    "ridge",
}


def jitted(module: ModuleType) -> SimpleNamespace:
    """The public functions of a module under jit: one compilation a shape instead of one an operation."""
    functions = {name: getattr(module, name) for name in module.__all__}
    return SimpleNamespace(
        **{
            name: jax.jit(function, static_argnames=STATIC & set(inspect.signature(function).parameters))
            for name, function in functions.items()
        }
    )
