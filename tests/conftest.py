"""What tests share: a scene small enough to train in a moment, and runs of real scenes that are trained once."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from render import trajectory
from render.loading import load_scene
from render.scene import Scene
from render.trajectory import Trajectory
from scenes import SCENES

TINY_SCENE = Path(__file__).parent / "tiny_scene.py"


@pytest.fixture(scope="session")
def tiny() -> Scene:
    """A scene that trains nothing expensive: five points that shrink towards their means."""
    return load_scene(str(TINY_SCENE))


@pytest.fixture(scope="session")
def tiny_run(tiny: Scene) -> Trajectory:
    return trajectory.run(tiny, tiny.config())


@functools.cache
def default_run(name: str) -> Trajectory:
    """The default run of a scene of the registry; trained once for all tests."""
    scene = load_scene(SCENES[name])
    return trajectory.run(scene, scene.config())
