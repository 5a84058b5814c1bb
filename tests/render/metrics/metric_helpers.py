"""What the tests of metrics share."""

from __future__ import annotations

import inspect
import re
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


def require_no_batch(program: str) -> None:
    """What JAX tells XLA on a CPU factors single matrices alone, if any."""
    calls = re.findall(r"@(lapack_\w+)\(.*: \(tensor<([\dx]+)x[fc]\d+>", program)
    assert len(calls) == program.count("@lapack_")
    assert [call for call in calls if call[1].count("x") > 1] == []


def require_full_precision(program: str) -> None:
    """Each product that JAX tells XLA to make is at the highest precision."""
    products = re.findall(r"stablehlo\.(?:dot|dot_general|convolution)\b.*", program)
    assert [line for line in products if "precision = [HIGHEST, HIGHEST]" not in line] == []


def jitted(module: ModuleType) -> SimpleNamespace:
    """The public functions of a module under jit: one compilation a shape instead of one an operation."""
    functions = {name: getattr(module, name) for name in module.__all__}
    return SimpleNamespace(
        **{
            name: jax.jit(function, static_argnames=STATIC & set(inspect.signature(function).parameters))
            for name, function in functions.items()
        }
    )
