"""The only training scan of the project: train, measure once a frame on the device, bring home what was measured."""

from __future__ import annotations

import dataclasses
import functools
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from render import device
from render.errors import NotFinite
from render.scene import Config, Scene, belongs, family, flat
from render.stages import Stages
from render.training import estimate, finite, threads
from render.training.finite import UNSEEN

# A training scan is small: at XLA's lowest optimisation level, and without its emitters of fused loops, it compiles in
# a third of the time and of the memory, and runs as fast.
COMPILER_OPTIONS: dict[str, Any] = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}

LARGEST_BATCH = 32  # seeds in one program: memory grows with them, and speed no longer does


@dataclass(frozen=True)
class Trajectory:
    """One run: `measured` has an array per name, first axis frames; `constants` what no step changes.

    arrays: measured, constants and derived arrays by name, and `step` (frames,), the step of each frame.
    """

    scene: Scene
    config: Config
    measured: Mapping[str, np.ndarray]
    constants: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray]


def run(scene: Scene, config: Config, stages: Stages | None = None) -> Trajectory:
    """Train and measure the one run that `config` names.

    Raises ValueError when the schedule breaks the contract or this machine cannot hold what is measured, NoDevice where
    the device that was asked for is not there, and NotFinite when a number of the run is not finite.
    """
    stages = stages or Stages()
    steps = scene.steps(config)
    device.require()
    forecast = estimate.Forecast(scene, config, _optimised) if estimate.is_due(config, stages) else None
    program = _built(scene, config, None, None, stages)
    if forecast:
        with stages("estimate"):
            forecast.say(stages)
    with stages("train"):
        measured, constants = _on_a_thread(lambda: _call(program, config.seed, steps))
    with stages("derive"):
        finite.require(scene, config, steps, measured, constants)
        arrays = _with_derived(scene, config, steps, measured, constants)
    return Trajectory(scene, config, measured, constants, arrays)


def run_seeds(
    scene: Scene, config: Config, seeds: Iterable[int], names: Iterable[str], stages: Stages | None = None
) -> list[dict[str, np.ndarray]]:
    """The named measured or derived arrays of one run per seed; seeds train in batches under vmap, one batch a core.

    Only what the names need is computed. Raises as `run`, and KeyError for a name that the scene does not have.
    """
    stages = stages or Stages()
    steps, seeds, names = scene.steps(config), list(seeds), set(names)
    batches = _batches(seeds)
    device.require()
    with stages("trace"):
        reads = frozenset(_reads(scene, config, names))
    program = _built(scene, config, reads, len(batches[0]), stages)
    with stages("train"):
        measured, constants = _on_a_thread(lambda: _call_batches(program, batches, steps))
    runs = []
    with stages("derive"):
        for row, seed in enumerate(seeds):
            of_seed = {name: array[row] for name, array in measured.items()}
            fixed = {name: array[row] for name, array in constants.items()}
            seeded = dataclasses.replace(config, seed=seed)
            finite.require(scene, seeded, steps, of_seed, fixed)
            arrays = of_seed | fixed
            if not names <= arrays.keys():
                arrays = _with_derived(scene, seeded, steps, of_seed, fixed)
            runs.append({name: arrays[name] for name in names})
    return runs


def raw_frames(config: Config) -> np.ndarray:
    """The frames that raw arrays are of: first, middle and last, (3,)."""
    return np.array([0, config.frames // 2, config.frames - 1])


def raw_bytes(scene: Scene, config: Config) -> int:
    """How many bytes the raw arrays of a run take, without running it; 0 for a scene that has none. Raises NoDevice."""
    device.require()  # for a cached run no device was started yet
    blank = _blanked(scene, config)
    shapes = jax.eval_shape(lambda: scene.raw(blank, scene.init(blank, jax.random.key(0))))
    return len(raw_frames(config)) * sum(array.size * array.dtype.itemsize for array in shapes.values())


def run_raw(
    scene: Scene, config: Config, stages: Stages | None = None
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The run that `config` names, stopping at `raw_frames` alone: measured and raw arrays, first axis these frames."""
    stages = stages or Stages()
    steps = scene.steps(config)[raw_frames(config)]
    program = _built(scene, config, None, None, stages, raw=True)
    with stages("train"):
        (measured, raw), _ = _on_a_thread(lambda: _call(program, config.seed, steps))
    return measured, raw


def _with_derived(
    scene: Scene,
    config: Config,
    steps: np.ndarray,
    measured: Mapping[str, np.ndarray],
    constants: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    arrays = {**constants, **measured}
    try:
        known = {**arrays, "step": steps}
        with np.errstate(all="ignore"):  # `finite.require` below reports overflows and divisions by zero
            derived = flat(scene.derive(config, **{name: family(known, name) for name in scene.derive_reads}))
    except ValueError as error:  # caused by the numbers of this run, not by the configuration
        asked, reason = finite.as_asked(config), str(error).strip().partition("\n")[0]
        raise NotFinite(f"{scene.name}: nothing can be derived from this run{asked}: {reason}") from error
    finite.require(scene, config, steps, {}, derived)
    return {**arrays, **derived, "step": steps}


def _reads(scene: Scene, config: Config, names: set[str]) -> set[str]:
    """Which measured arrays and constants are needed for the named arrays."""
    blank = _blanked(scene, config)
    state = jax.eval_shape(lambda: scene.init(blank, jax.random.key(0)))
    known = jax.eval_shape(lambda s: flat({**scene.constants(blank, s), **scene.measure(blank, s)}), state).keys()
    read = () if names <= known else scene.derive_reads
    return (names & known) | {path for path in known for name in read if belongs(path, name)}


def _blanked(scene: Scene, config: Config) -> Config:
    """The config without what a compiled program takes as an argument or never sees."""
    default = scene.config()
    return dataclasses.replace(config, **{name: getattr(default, name) for name in UNSEEN})


def _built(
    scene: Scene, config: Config, names: frozenset[str] | None, seeds: int | None, stages: Stages, raw: bool = False
) -> Any:
    blank = _blanked(scene, config)
    with stages("trace"):
        lowered = _on_a_thread(lambda: _lowered(scene, blank, names, seeds, raw))
    finite.require_room(scene, config, lowered.out_info)
    with stages("compile"):
        return _on_a_thread(lambda: _compiled(scene, blank, names, seeds, raw))


@functools.lru_cache(maxsize=64)
def _compiled(scene: Scene, config: Config, names: frozenset[str] | None, seeds: int | None, raw: bool) -> Any:
    return _optimised(_lowered(scene, config, names, seeds, raw))


def _optimised(lowered: Any) -> Any:
    try:
        return lowered.compile(compiler_options=COMPILER_OPTIONS)
    except jax.errors.JaxRuntimeError as error:
        if "No such compile option" not in str(error):
            raise
        return lowered.compile()  # a version of XLA that no longer has one of them


@functools.lru_cache(maxsize=64)
def _lowered(scene: Scene, config: Config, names: frozenset[str] | None, seeds: int | None, raw: bool) -> Any:
    """The program of a scene: (seed, steps between frames) -> (measured, constants); a batch of seeds under vmap.

    With `raw` it is one of three frames, and (measured, raw) are in the place of what is measured.
    """

    def chosen(arrays: dict[str, Any]) -> dict[str, Any]:
        return {name: array for name, array in flat(arrays).items() if names is None or name in names}

    def program(seed: Any, gaps: Any) -> Any:
        state = scene.init(config, jax.random.key(seed))

        def frame(state: Any, gap: Any) -> Any:
            state = lax.fori_loop(0, gap, lambda _, inner: scene.step(config, inner), state)
            measured = chosen(scene.measure(config, state))
            # the barrier keeps XLA from fusing raw arrays with measured ones, which keep the bits of the plain program
            return state, (measured, scene.raw(config, lax.optimization_barrier(state))) if raw else measured

        constants = chosen(scene.constants(config, state))
        return lax.scan(frame, state, gaps)[1], constants

    gaps = jax.ShapeDtypeStruct((len(raw_frames(config)) if raw else config.frames,), jnp.int32)
    seed = jax.ShapeDtypeStruct(() if seeds is None else (seeds,), jnp.uint32)
    function = program if seeds is None else jax.vmap(program, in_axes=(0, None))
    with jax.default_matmul_precision("highest"):  # else a GPU rounds the factors of products below float32
        return jax.jit(function).lower(seed, gaps)


def _call(program: Any, seed: Any, steps: np.ndarray) -> tuple[Any, dict[str, np.ndarray]]:
    gaps = np.diff(steps, prepend=0).astype(np.int32)
    measured, constants = jax.device_get(program(np.asarray(seed, np.uint32), gaps))
    return measured, constants


def _batches(seeds: list[int]) -> np.ndarray:
    """Seeds in batches of equal size, spread over the cores; the last seed pads the last batch: (batches, size)."""
    size = -(-len(seeds) // min(os.cpu_count() or 1, len(seeds)))
    size = -(-size // -(-size // LARGEST_BATCH))
    count = -(-len(seeds) // size)
    return np.array(seeds + seeds[-1:] * (count * size - len(seeds)), np.uint32).reshape(count, size)


def _call_batches(
    program: Any, batches: np.ndarray, steps: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """One program on all batches in parallel: a step of a tiny network is too small to be split over cores.

    As many run at once as XLA has threads for: see `render.training.threads`.
    """
    with ThreadPoolExecutor(min(threads.programs_at_once(), len(batches))) as pool:
        done = list(pool.map(lambda seeds: _call(program, seeds, steps), batches))
    measured, constants = (
        {name: np.concatenate([part[which][name] for part in done]) for name in done[0][which]} for which in (0, 1)
    )
    return measured, constants


def _on_a_thread(work: Callable[[], Any]) -> Any:
    """Run `work` on a thread and wait for it, so that Ctrl-C is heard while XLA compiles or trains."""
    outcome: list[Any] = []
    done = threading.Event()

    def target() -> None:
        try:
            outcome.extend((True, work()))
        except BaseException as error:
            outcome.extend((False, error))
        done.set()

    threading.Thread(target=target, daemon=True).start()
    while not done.wait(0.1):
        pass
    succeeded, value = outcome
    if succeeded:
        return value
    raise value
