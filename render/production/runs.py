"""From what was asked for to a recording: out of the cache, or trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from render.files import is_file_reference
from render.loading import configure, load_scene, overrides
from render.scene import Config, Scene
from render.stages import Stages

if TYPE_CHECKING:
    import numpy as np

    from render.picture.recording import Recording
    from render.production.cache import Cache

DELAYS = ("frame_ms", "hold_ms")  # only change how fast a run is shown, so that they are not part of its key


@dataclass(frozen=True)
class Run:
    """A run that was asked for; `config` is known, and checked, before anything is trained.

    reference: of the scene, as in `render.loading.load_scene`. overrides: the fields that differ from its default.
    recording(stages): the run itself; raises as `render.training.trajectory.run`.
    raw(recording, stages): its raw arrays, as `render.production.raw.raw_arrays`; for them a run is trained again, also
    one out of the cache.
    """

    reference: str
    config: Mapping[str, Any]
    overrides: Mapping[str, Any]
    recording: Callable[[Stages], Recording]
    raw: Callable[[Recording, Stages], Mapping[str, np.ndarray]]

    @property
    def is_claim(self) -> bool:
        """Whether it is what targets are checked on over seeds: the default run of a scene that is a module."""
        return not self.overrides and not is_file_reference(self.reference)


def find(
    reference: str,
    options: Mapping[str, Any] | None = None,
    settings: Sequence[str] = (),
    cache: Cache | None = None,
    stages: Stages | None = None,
) -> Run:
    """The run of a scene with options and settings, as `render.loading.configure` takes them.

    cache: where to look for it and to store it; scenes in a user's own files are never stored, since they may read
    anything. Raises ValueError for a scene that does not load or a configuration that it does not accept.
    """
    stages = stages or Stages()
    given = {name: value for name, value in (options or {}).items() if value is not None}
    delays = {name: given.pop(name) for name in DELAYS if name in given}
    Config(**delays)
    key = ""
    if cache is not None and not is_file_reference(reference):
        with stages("import"):
            from render.production.cache import run_key

            key = run_key(reference, given, settings)
            kept = cache.load(key)
        if kept is not None:

            def raw(recording: Recording, stages: Stages) -> Mapping[str, np.ndarray]:
                with stages("import"):
                    scene = load_scene(reference)
                return of(scene, configure(scene, given, settings), reference, cache).raw(recording, stages)

            return _delayed(Run(reference, kept.config, kept.overrides, lambda _: kept, raw), delays)
    with stages("import"):
        scene = load_scene(reference)
    return _delayed(of(scene, configure(scene, given, settings), reference, cache, key), delays)


def of(scene: Scene, config: Config, reference: str, cache: Cache | None = None, key: str = "") -> Run:
    """The run of a scene that is loaded already. cache: for its compiled program and, under `key`, for the run."""

    def train(stages: Stages) -> Recording:
        with stages("import"):
            from render.picture.recording import record
            from render.training import trajectory
        if cache is not None:
            cache.keep_programs()
        recording = record(trajectory.run(scene, config, stages))
        if cache is not None and key:
            with stages("cache"):
                cache.store(key, recording)
        return recording

    def raw(recording: Recording, stages: Stages) -> Mapping[str, np.ndarray]:
        with stages("import"):
            from render.production.raw import raw_arrays
        if cache is not None:
            cache.keep_programs()
        return raw_arrays(scene, config, recording.arrays, stages)

    return Run(reference, dataclasses.asdict(config), overrides(config), train, raw)


def _delayed(run: Run, delays: Mapping[str, int]) -> Run:
    """The run shown with `delays` instead of those of its config."""
    shown: dict[str, Any] = {**delays}
    differing = {name: delay for name, delay in delays.items() if delay != run.config[name]}
    config, changed = {**run.config, **differing}, {**run.overrides, **differing}

    def delayed(stages: Stages) -> Recording:
        return dataclasses.replace(run.recording(stages), config=config, overrides=changed, **shown)

    return Run(run.reference, config, changed, delayed, run.raw)
