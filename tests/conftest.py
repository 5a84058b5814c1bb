"""What tests share: a scene small enough to train in a moment, and runs of real scenes that are trained once."""

from __future__ import annotations

import fcntl
import functools
import gc
import os
import pickle
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from render.training import threads

os.environ.pop("COLUMNS", None)  # of the terminal from which the tests are run, or of xdist: what prints honours it
os.environ.update(threads.environment(os.cpu_count() or 1) | os.environ)
# A test calls most programs once: what is not compiled with options of its own (`render.training.trajectory`) is not
# worth an optimiser's time, which is half of that of the suite.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0"  # and a flag that newer ones do not have, at which they end the process
    + " --xla_cpu_use_fusion_emitters=false" * (Version(metadata.version("jax")) < Version("0.11")),
)

import numpy as np
import threadpoolctl
from packaging.markers import Marker

from render.loading import load_scene
from render.picture.recording import Recording, record
from render.production import manifest, outputs, raw, ribbons, sources
from render.scene import Scene
from render.training import trajectory
from render.training.trajectory import Trajectory
from scenes import SCENES

threadpoolctl.threadpool_limits(1)  # said too late above: a plugin of pytest has loaded NumPy, and OpenBLAS with it

TINY_SCENE = Path(__file__).parent / "tiny_scene.py"
TOLD_SCENE = Path(__file__).parent / "told_scene.py"


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of the tests' own, also for the commands that they start."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAME_POTENTIAL_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny() -> Scene:
    """A scene that trains nothing expensive: five points that shrink towards their means."""
    return load_scene(str(TINY_SCENE))


@pytest.fixture(scope="session")
def tiny_run(tiny: Scene) -> Trajectory:
    return trajectory.run(tiny, tiny.config())


@pytest.fixture(scope="session")
def tiny_recording(tiny_run: Trajectory) -> Recording:
    return record(tiny_run)


@pytest.fixture(scope="session")
def told_recording() -> Recording:
    """A run that tells a story, in three groups and three states."""
    scene = load_scene(str(TOLD_SCENE))
    return record(trajectory.run(scene, scene.config()))


SHARED = "FRAME_POTENTIAL_TESTS"  # names the folder that all processes of a run of the tests share


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the process that starts the others, which inherit its environment
        os.environ[SHARED] = tempfile.mkdtemp(prefix="frame-potential-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)


DECIDING = ("jax", "jaxlib", "numpy", "scipy", "scikit-learn", "optax", "matplotlib", "pillow", "contourpy")


def as_locked() -> bool:
    """Whether what decides a figure is installed in the versions of requirements.lock."""
    lines = re.findall(r"^(\S+)==(\S+) ; (.*) \\$", (manifest.ROOT / "requirements.lock").read_text(), re.MULTILINE)
    locked = {name: version for name, version, where in lines if Marker(where).evaluate()}
    return all(sources.version(name) == locked[name] for name in DECIDING)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Figures that are kept are of the versions in requirements.lock: with others they are none to hold a test to."""
    if not as_locked():
        for item in items:
            if item.get_closest_marker("locked"):
                item.add_marker(pytest.mark.skip(reason="other versions than those in requirements.lock"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: no collection of garbage has to go through it."""
    gc.collect()
    gc.freeze()


MOST_MAPS = 45_000  # of a process: Linux gives it 65,530, each program takes a few, and XLA crashes without any
MAPS = Path("/proc/self/maps")


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Programs that JAX compiled are forgotten before they use up the maps of a process, where Linux counts them."""
    item.session.stash[TESTED] = item.session.stash.get(TESTED, 0) + 1
    if item.session.stash[TESTED] % 50 == 0 and MAPS.exists() and MAPS.read_bytes().count(b"\n") > MOST_MAPS:
        import jax

        jax.clear_caches()


TESTED = pytest.StashKey[int]()  # tests that a process has run


def made_once(name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, made by the first process that asks for it, while others that ask wait."""
    path = Path(os.environ[SHARED]) / f"{name}.pickle"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
        return pickle.loads(path.read_bytes())


@functools.cache
def default_run(name: str) -> Trajectory:
    """The default run of a scene of the registry; trained once for all tests."""
    scene = load_scene(SCENES[name])
    config = scene.config()

    def make() -> tuple[dict[str, np.ndarray], ...]:
        run = trajectory.run(scene, config)
        return dict(run.measured), dict(run.constants), dict(run.arrays)

    return Trajectory(scene, config, *made_once(name, make))


@functools.cache
def default_recording(name: str) -> Recording:
    """The same, as it is drawn: with the curves of the scene's own seeds behind its own."""
    others = ribbons.read(manifest.public_folder(), SCENES[name], {})
    return ribbons.behind(record(default_run(name)), others)


@functools.cache
def default_data(name: str) -> dict[str, np.ndarray]:
    """What `--data` writes of the same run, by name."""
    run = default_run(name)

    def make() -> dict[str, np.ndarray]:
        return outputs.data_arrays(default_recording(name), raw.raw_arrays(run.scene, run.config, run.arrays))

    return made_once(f"{name}-data", make)


def rgba(pixels: np.ndarray) -> np.ndarray:
    """A drawn frame (height, width) uint32 as its channels: (height, width, 4) uint8."""
    return pixels.view(np.uint8).reshape(*pixels.shape, 4)
