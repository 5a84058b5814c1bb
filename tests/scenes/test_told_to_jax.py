"""What JAX is told of each scene, for a CPU and for a GPU: every product in full float32, and no batch is factored.

It is lowered for a GPU where none is; the numbers on one are checked where one is, by `python -m tests.bench_device`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from render.loading import load_scene
from render.training import trajectory
from scenes import SCENES
from tests.render.metrics.metric_helpers import require_full_precision, require_no_batch


def traced(function: Any) -> SimpleNamespace:
    """What `jax.jit(function)` is, but its `lower` only traces: it can be lowered for any device then."""
    jitted = jax.jit(function)
    return SimpleNamespace(lower=jitted.trace)


def told(program: Any, device: str) -> str:
    return program.lower(lowering_platforms=(device,)).as_text()


@pytest.mark.parametrize("name", SCENES)
def test_seeds_together_are_trained_in_full_precision_and_factor_no_batch(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = load_scene(SCENES[name])
    monkeypatch.setattr(trajectory, "jax", SimpleNamespace(**{**vars(jax), "jit": traced}))
    program = trajectory._lowered.__wrapped__(scene, scene.config(), None, 2, False)
    on_a_cpu, on_a_gpu = told(program, "cpu"), told(program, "cuda")
    require_full_precision(on_a_cpu)
    require_no_batch(on_a_cpu)
    assert "@lapack_" not in on_a_gpu  # it is a GPU's
    require_full_precision(on_a_gpu)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_product_that_is_left_to_itself_would_not_be(device: str) -> None:
    program = told(traced(lambda x: jnp.matmul(x, x)).lower(jnp.eye(3)), device)
    with pytest.raises(AssertionError):
        require_full_precision(program)
