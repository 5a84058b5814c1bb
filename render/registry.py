"""Scenes by name, none of them imported: those of the command, and those that installed packages add.

A package adds its own by an entry point of the group `frame_potential.scenes`, a mapping of names to dotted modules:

    [project.entry-points."frame_potential.scenes"]
    mine = "my_package.scenes:SCENES"
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from render.scene import Scene

GROUP = "frame_potential.scenes"


class Entry(NamedTuple):
    """Row of a list of scenes. reference: dotted module; frames: of the default run; targets: their number."""

    reference: str
    title: str
    post: str
    output: str
    frames: int
    targets: int


def entry_of(reference: str, scene: Scene) -> Entry:
    """The entry of a loaded scene, from its default configuration."""
    config = scene.config()
    said = scene.heading(config)[0], scene.post, scene.output, config.frames, len(scene.targets(config))
    return Entry(reference, *said)


def listed(scenes: Mapping[str, str], entries: Mapping[str, Entry], whole: bool = False) -> list[dict[str, Any]]:
    """Rows of a list of scenes: name, title, post, output, frames, targets.

    scenes: name -> reference. entries: what is known of some of them; others are loaded. whole: load all, and say what
    each target is rather than how many there are.
    """
    rows = []
    for name, reference in scenes.items():
        entry, goals = entries.get(name), []
        if whole or entry is None or entry.reference != reference:
            from render.loading import load_scene  # imports NumPy: only lists that need a scene wait for it

            scene = load_scene(reference)
            entry = entry_of(reference, scene)
            goals = [f"{target.name} {target.goal_text}" for target in scene.targets(scene.config()).values()]
        said = {"name": name, "title": entry.title, "post": entry.post, "output": entry.output, "frames": entry.frames}
        rows.append({**said, "targets": goals if whole else entry.targets})
    return rows


def installed() -> dict[str, str]:
    """Name -> dotted module of the scenes that installed packages name; of two with one name, the first package's.

    A package whose mapping cannot be loaded is left out, with a warning.
    """
    from importlib import metadata

    found: dict[str, str] = {}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        try:
            found = {**{str(name): str(reference) for name, reference in point.load().items()}, **found}
        except Exception as error:
            text = f"the scenes of {point.value} are left out: {type(error).__name__}: {error}"
            warnings.warn(text, stacklevel=2)
    return found


class Registry(Mapping[str, str]):
    """Name -> reference: own scenes first, then those of installed packages, looked for when they are needed."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._own = dict(own)

    @functools.cached_property
    def _all(self) -> dict[str, str]:
        return {**self._own, **{name: module for name, module in installed().items() if name not in self._own}}

    def __getitem__(self, name: str) -> str:
        return self._own[name] if name in self._own else self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
