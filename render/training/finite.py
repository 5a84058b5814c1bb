"""What the numbers of a run must be: few enough to be held, and finite. What is not says what was asked for."""

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

UNSEEN = ("seed", "frame_ms", "hold_ms")  # what a program takes as an argument, and what it never sees
COPIES = 4  # of what is measured: on the device, on the host, and in double precision for what is derived from it


def require_room(scene: Scene, config: Config, measured: Any, room: float | None = None) -> None:
    """Raise ValueError for a run that is too large to be held, before it is compiled.

    measured: shapes and types of its arrays, a pytree. room: bytes that they may take; this machine's memory, less what
    is made of them, unless given.
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
    """Raise NotFinite that names the array in which the first number goes astray, and the fields that were changed.

    others: constants or derived arrays, of which those as long as the run are taken to have a row a frame.
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
    """The fields by which a run differs from its scene's default, and what they are by default."""
    changed = {name: value for name, value in overrides(config).items() if name not in UNSEEN}
    if not changed:
        return ""
    usual = ", ".join(f"{name}={getattr(type(config), name)!r}" for name in changed)
    return f" with {', '.join(f'{name}={value!r}' for name, value in changed.items())} (by default {usual})"
