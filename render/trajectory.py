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

from render import threads
from render.progress import Stages
from render.scene import Config, Scene

# A training scan is small: at XLA's lowest optimisation level, and without its emitters of fused loops, it compiles in
# a third of the time and of the memory, and runs as fast.
COMPILER_OPTIONS: dict[str, Any] = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}

LARGEST_BATCH = 32  # seeds in one program: memory grows with them, and speed no longer does


class NotFinite(ArithmeticError):
    """A measured array holds a NaN or an infinity, or nothing can be derived from it."""


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

    Raises ValueError when the schedule breaks the contract and NotFinite when a measured number is not finite.
    """
    stages = stages or Stages()
    steps = scene.steps(config)
    program = _built(scene, config, None, None, stages)
    with stages("train"):
        measured, constants = _on_a_thread(lambda: _call(program, config.seed, steps))
    _require_finite(scene, {**constants, **measured}, steps, f"seed {config.seed}")
    with stages("derive"):
        arrays = _with_derived(scene, config, steps, measured, constants)
    return Trajectory(scene, config, measured, constants, arrays)


def run_seeds(
    scene: Scene, config: Config, seeds: Iterable[int], names: Iterable[str], stages: Stages | None = None
) -> list[dict[str, np.ndarray]]:
    """The named measured or derived arrays of one run per seed, trained together under vmap, a batch a core.

    Only what the names need is computed. Raises as `run`, and KeyError for a name that the scene does not have.
    """
    stages = stages or Stages()
    steps, seeds, names = scene.steps(config), list(seeds), set(names)
    batches = _batches(seeds)
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
            _require_finite(scene, {**fixed, **of_seed}, steps, f"seed {seed}")
            arrays = of_seed | fixed
            if not names <= arrays.keys():
                arrays = _with_derived(scene, dataclasses.replace(config, seed=seed), steps, of_seed, fixed)
            runs.append({name: arrays[name] for name in names})
    return runs


def _with_derived(
    scene: Scene,
    config: Config,
    steps: np.ndarray,
    measured: Mapping[str, np.ndarray],
    constants: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    arrays = {**constants, **measured}
    try:
        derived = scene.derive(config, {name: arrays[name] for name in scene.derive_reads})
    except ValueError as error:  # of the numbers of this run, not of what was asked for
        raise NotFinite(f"{scene.name}: nothing can be derived from this run: {error}") from error
    return {**arrays, **derived, "step": steps}


def _reads(scene: Scene, config: Config, names: set[str]) -> set[str]:
    """Which measured arrays and constants are needed for the named arrays."""
    blank = _blanked(scene, config)
    state = jax.eval_shape(lambda: scene.init(blank, jax.random.key(0)))
    known = jax.eval_shape(lambda s: {**scene.constants(blank, s), **scene.measure(blank, s)}, state).keys()
    return (names & known) | (set() if names <= known else set(scene.derive_reads))


def _blanked(scene: Scene, config: Config) -> Config:
    """The config without what a compiled program takes as an argument or never sees."""
    default = scene.config()
    return dataclasses.replace(config, seed=default.seed, frame_ms=default.frame_ms, hold_ms=default.hold_ms)


def _built(scene: Scene, config: Config, names: frozenset[str] | None, seeds: int | None, stages: Stages) -> Any:
    blank = _blanked(scene, config)
    with stages("trace"):
        _on_a_thread(lambda: _lowered(scene, blank, names, seeds))
    with stages("compile"):
        return _on_a_thread(lambda: _compiled(scene, blank, names, seeds))


@functools.lru_cache(maxsize=64)
def _compiled(scene: Scene, config: Config, names: frozenset[str] | None, seeds: int | None) -> Any:
    lowered = _lowered(scene, config, names, seeds)
    try:
        return lowered.compile(compiler_options=COMPILER_OPTIONS)
    except jax.errors.JaxRuntimeError as error:
        if "No such compile option" not in str(error):
            raise
        return lowered.compile()  # a version of XLA that no longer has one of them


@functools.lru_cache(maxsize=64)
def _lowered(scene: Scene, config: Config, names: frozenset[str] | None, seeds: int | None) -> Any:
    """The program of a scene: (seed, steps between frames) -> (measured, constants); a batch of seeds under vmap."""

    def chosen(arrays: dict[str, Any]) -> dict[str, Any]:
        return {name: array for name, array in arrays.items() if names is None or name in names}

    def program(seed: Any, gaps: Any) -> Any:
        state = scene.init(config, jax.random.key(seed))

        def frame(state: Any, gap: Any) -> Any:
            state = lax.fori_loop(0, gap, lambda _, inner: scene.step(config, inner), state)
            return state, chosen(scene.measure(config, state))

        constants = chosen(scene.constants(config, state))
        return lax.scan(frame, state, gaps)[1], constants

    gaps = jax.ShapeDtypeStruct((config.frames,), jnp.int32)
    seed = jax.ShapeDtypeStruct(() if seeds is None else (seeds,), jnp.uint32)
    function = program if seeds is None else jax.vmap(program, in_axes=(0, None))
    return jax.jit(function).lower(seed, gaps)


def _call(program: Any, seed: Any, steps: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    gaps = np.diff(steps, prepend=0).astype(np.int32)
    measured, constants = jax.device_get(program(np.asarray(seed, np.uint32), gaps))
    return measured, constants


def _batches(seeds: list[int]) -> np.ndarray:
    """Seeds in equal batches, as many a core, the last filled up with its last seed: (batches, size)."""
    size = -(-len(seeds) // min(os.cpu_count() or 1, len(seeds)))
    size = -(-size // -(-size // LARGEST_BATCH))
    count = -(-len(seeds) // size)
    return np.array(seeds + seeds[-1:] * (count * size - len(seeds)), np.uint32).reshape(count, size)


def _call_batches(
    program: Any, batches: np.ndarray, steps: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The same program on each batch at once: a step of a tiny network is too small to be shared by cores.

    Fewer at once where XLA has too few threads for that: see `render.threads`.
    """
    with ThreadPoolExecutor(min(threads.programs_at_once(), len(batches))) as pool:
        done = list(pool.map(lambda seeds: _call(program, seeds, steps), batches))
    measured, constants = (
        {name: np.concatenate([part[which][name] for part in done]) for name in done[0][which]} for which in (0, 1)
    )
    return measured, constants


def _require_finite(scene: Scene, arrays: Mapping[str, np.ndarray], steps: np.ndarray, run_name: str) -> None:
    for name, array in arrays.items():
        bad = ~np.isfinite(array)
        if not bad.any():
            continue
        frame = int(np.argwhere(bad)[0][0]) if array.shape[:1] == steps.shape else 0
        raise NotFinite(
            f"{scene.name}: {name!r} is not finite in frame {frame} (step {steps[frame]}, {run_name}); "
            "a lower learning rate or fewer steps may help"
        )


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
