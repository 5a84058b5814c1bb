"""What JAX would tell a GPU of each scene, lowered for one where none is: every product in full float32.

The numbers themselves are checked where a GPU is, by `python -m tests.bench_device`.
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
from tests.render.metrics.metric_helpers import require_full_precision


def for_a_gpu(function: Any) -> SimpleNamespace:
    """What `jax.jit(function)` is, with a `lower` for NVIDIA's GPUs."""
    jitted = jax.jit(function)
    return SimpleNamespace(lower=lambda *given: jitted.trace(*given).lower(lowering_platforms=("cuda",)))


@pytest.mark.parametrize("name", SCENES)
def test_every_product_of_a_scene_is_in_full_precision(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = load_scene(SCENES[name])
    monkeypatch.setattr(trajectory, "jax", SimpleNamespace(**{**vars(jax), "jit": for_a_gpu}))
    told = trajectory._lowered.__wrapped__(scene, scene.config(), None, 2, False).as_text()
    assert "@lapack_" not in told  # it is a GPU's
    require_full_precision(told)


def test_a_product_that_is_left_to_itself_would_not_be() -> None:
    told = for_a_gpu(lambda x: jnp.matmul(x, x)).lower(jnp.eye(3)).as_text()
    with pytest.raises(AssertionError):
        require_full_precision(told)
