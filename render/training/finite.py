"""Checks of a run's numbers: they fit in memory and are finite. An error names the fields that were changed."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from render.errors import NotFinite
from render.loading import overrides
from render.scene import Config, Scene

UNSEEN = ("seed", "frame_ms", "hold_ms")  # fields that a compiled program takes as an argument or never sees
COPIES = 4  # of measured arrays in memory: on the device, on the host, and in float64 (counts twice) to derive from


def require_room(scene: Scene, config: Config, measured: Any, room: float | None = None) -> None:
    """Raise ValueError for a run whose measured arrays do not fit in memory, before it is compiled.

    measured: shapes and types of its arrays, a pytree. room: bytes that they may take; unless given, this machine's
    memory / COPIES.
    """
    size = sum(math.prod(array.shape) * array.dtype.itemsize for array in jax.tree.leaves(measured))
    room = room or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / COPIES
    if size > room:
        raise ValueError(
            f"{scene.name}: {size / 1e9:.1f} GB are measured in {config.frames} frames{as_asked(config)}, and this "
            f"machine can hold and draw {room / 1e9:.1f} GB: ask for fewer frames or smaller arrays"
        )


def require(
    scene: Scene,
    config: Config,
    steps: np.ndarray,
    measured: Mapping[str, np.ndarray],
    others: Mapping[str, np.ndarray],
) -> None:
    """Raise NotFinite, naming array and frame of the first number that is not finite, and the fields that were changed.

    others: constants or derived arrays; those whose first axis is as long as the run count as one row a frame.
    """
    astray = []
    for name, array in {**others, **measured}.items():
        bad = ~np.isfinite(array)
        if bad.any():
            by_frame = name in measured or bad.shape[:1] == steps.shape
            astray.append((int(np.argwhere(bad)[0][0]) if by_frame else -1, name))
    if astray:
        frame, name = min(astray)
        when = f"in frame {frame} (step {steps[frame]}, seed {config.seed})" if frame >= 0 else f"(seed {config.seed})"
        way_out = as_asked(config) or "; a lower learning rate or fewer steps may help"
        raise NotFinite(f"{scene.name}: {name!r} is not finite {when}{way_out}")


def as_asked(config: Config) -> str:
    """Text of the fields that differ from the scene's default, with the defaults; empty if none does."""
    changed = {name: value for name, value in overrides(config).items() if name not in UNSEEN}
    if not changed:
        return ""
    usual = ", ".join(f"{name}={getattr(type(config), name)!r}" for name in changed)
    return f" with {', '.join(f'{name}={value!r}' for name, value in changed.items())} (by default {usual})"
