"""From what a user typed to a scene and its configuration."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from render import device
from render.files import is_file_reference, package_of
from render.scene import Config, Scene, field_types


def load_scene(reference: str) -> Scene:
    """The `SCENE` of a module, named by dotted path ("scenes.three_states.neural_collapse") or by a .py file's path.

    Loading a file runs it. Raises ValueError when there is no such file or it is not a scene.
    """
    if not is_file_reference(reference):
        return importlib.import_module(reference).SCENE
    path = Path(reference)
    if not path.is_file():
        raise ValueError(f"{path} is no file: name a Python module that defines SCENE")
    name = ".".join([*package_of(path), f"_scene_{path.stem}"])  # inside its package: relative imports resolve
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python module: a scene is a .py file that defines SCENE")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        if "jax" in sys.modules:
            device.require()  # a scene that computes on import fails without a device: then say that
        raise ValueError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    scene = getattr(module, "SCENE", None)
    if not isinstance(scene, Scene):
        raise ValueError(f"{path} is no scene: it does not define SCENE, a render.scene.Scene")
    return scene


def configure(scene: Scene, options: Mapping[str, Any], settings: Iterable[str] = ()) -> Config:
    """The scene's config with options (name -> value; None is left alone) and "key=value" settings, typed by the field.

    Raises ValueError for an unknown key, a value of the wrong type, a missing "=", or a config that rejects itself.
    """
    types = field_types(scene.config)
    changes = {name: value for name, value in options.items() if value is not None}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting}: write it as key=value")
        if key not in types:
            close = difflib.get_close_matches(key, types, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise ValueError(f"--set {setting}: {scene.name} has no {key!r}; {hint}it has {', '.join(types)}")
        try:
            changes[key] = _typed(text, types[key])
        except ValueError:
            raise ValueError(f"--set {setting}: {key} takes a value of type {types[key].__name__}") from None
    return scene.config(**changes)


def overrides(config: Config) -> dict[str, Any]:
    """The fields in which a config differs from its scene's default."""
    default = type(config)()
    return {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != getattr(default, field.name)
    }


def _typed(text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise ValueError
    return kind(text)
