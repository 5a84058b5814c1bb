"""What is measured of many samples takes no memory that grows with their square, and no copy of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from render.metrics import eigenfunctions, richness


def shapes(jaxpr: Any) -> Iterator[tuple[int, ...]]:
    """Shapes of all that a program computes, in loops and branches too."""
    for equation in jaxpr.eqns:
        yield from (variable.aval.shape for variable in equation.outvars)
        for inner in jax.tree.leaves(list(equation.params.values()), is_leaf=lambda x: hasattr(x, "eqns")):
            if hasattr(inner := getattr(inner, "jaxpr", inner), "eqns"):
                yield from shapes(inner)


def curve(features: Any, outputs: Any) -> Any:
    """From features to the utilization of the first modes."""
    return eigenfunctions.cumulative_utilization(eigenfunctions.eigenfunctions(features, None, 4)[1], outputs)


LARGE: dict[str, Callable[..., Any]] = {
    "projection": richness.low_rank_measure,
    "practical": lambda x, y: richness.low_rank_measure(x, y, form="practical"),
    "nc1": lambda x, y: richness.nc1(x, jnp.argmax(y, axis=1), y.shape[1]),
    "curve": curve,
}


@pytest.mark.parametrize("name", LARGE)
def test_nothing_has_a_row_and_a_column_for_each_sample(name: str) -> None:
    count = 500
    features, outputs = jnp.ones((count, 20)), jnp.ones((count, 3))
    found = list(shapes(jax.make_jaxpr(LARGE[name])(features, outputs).jaxpr))
    assert len(found) > 20
    assert (20, 20) in found or name == "nc1"
    assert max(int(np.prod(shape)) for shape in found) < count * count


@pytest.mark.parametrize("name", LARGE)
def test_many_samples_are_not_copied(name: str) -> None:
    features, outputs = (jax.ShapeDtypeStruct((1_000_000, width), jnp.float32) for width in (1000, 10))
    needed = jax.jit(LARGE[name]).lower(features, outputs).compile().memory_analysis()
    assert needed.temp_size_in_bytes < 300e6  # the features have 4000e6
