"""Raw arrays of a run, for `--data`: what its numbers were computed from, at the first, middle and last frame."""

from __future__ import annotations

import warnings

import numpy as np

from render.scene import Arrays, Config, Scene
from render.stages import Stages
from render.training import trajectory

LIMIT_BYTES = 10**9


def raw_arrays(scene: Scene, config: Config, recorded: Arrays, stages: Stages | None = None) -> dict[str, np.ndarray]:
    """Raw arrays of the run whose arrays are `recorded`: `raw/<name>`, first axis three frames, and `raw/frame` (3,).

    They come from a separate program, so that runs without them cost nothing more: it repeats the training and stops at
    three frames. It measures there, too, and compares bit for bit with `recorded`: a warning names the first array that
    differs, and by how much. A scene without `raw` has none, and trains nothing. Arrays of more than LIMIT_BYTES are
    left out, with a warning, before anything is trained.
    """
    size = trajectory.raw_bytes(scene, config)
    if size > LIMIT_BYTES:
        warnings.warn(
            f"{scene.name}: raw arrays are left out: they would take {size / 1e9:.3g} GB, and at most "
            f"{LIMIT_BYTES / 1e9:g} GB is written; a smaller configuration has them",
            stacklevel=2,
        )
    if not 0 < size <= LIMIT_BYTES:
        return {}
    frames = trajectory.raw_frames(config)
    measured, raw = trajectory.run_raw(scene, config, stages)
    for name, array in measured.items():
        expected = recorded[name][frames]
        if not np.array_equal(array, expected):
            off = np.abs(np.subtract(array, expected, dtype=np.float64)).max()
            warnings.warn(
                f"{scene.name}: raw arrays are of a run that was rounded otherwise than the one recorded: "
                f"{name!r} differs by up to {off:.2g}",
                stacklevel=2,
            )
            break
    return {"raw/frame": frames, **{f"raw/{name}": array for name, array in raw.items()}}
