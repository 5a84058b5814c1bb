"""A run as data: everything that a picture, its poster and its manifest entry need, and none of the scene's code.

What is recorded can be drawn again, in another theme or format, where neither the scene nor jax is ever imported.
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from render.film import Film
from render.loading import overrides
from render.target import Verdict, judge

if TYPE_CHECKING:
    from render.training.trajectory import Trajectory

# Where the declarative values live that a recording may hold; nothing else is ever imported or built for a file.
VALUES = (
    *("render.film", "render.target", "render.picture.panels"),
    *("render.picture.group", "render.picture.frames", "render.picture.marks"),
)


class Unrecordable(TypeError):
    """Error: a panel of a class that no module of VALUES defines, which can be drawn but not read back."""


@dataclass(frozen=True, kw_only=True)
class Recording(Film):
    """A film of one run of a scene in one configuration, and what the run was.

    config: every field by name; overrides: those that differ from the scene's default. measured: names of the arrays
    that `--data` writes, the step among them. arrays: measured, constant and derived arrays by name, and `step`
    (frames,), the step of each frame. message: what it shows, in a sentence.
    """

    name: str
    post: str
    source: str
    output: str
    verdicts: tuple[Verdict, ...]
    config: Mapping[str, Any]
    overrides: Mapping[str, Any]
    measured: tuple[str, ...]
    message: str = ""


def record(run: Trajectory) -> Recording:
    """The recording of a run, its targets judged."""
    scene, config = run.scene, run.config
    goals = scene.targets(config)
    verdicts = tuple(judge(target, [run.arrays], [config.seed]) for target in goals.values())
    title, subtitle = scene.heading(config)
    same = ("name", "post", "source", "output", "layout", "widths", "heights", "width_px", "height_px", "step_name")
    return Recording(
        **{field: getattr(scene, field) for field in same},
        title=title,
        subtitle=subtitle,
        alt=scene.describe(config, run.arrays),
        badge=scene.badge,
        frame_ms=config.frame_ms,
        hold_ms=config.hold_ms,
        panels=scene.panels(config, goals),
        verdicts=verdicts,
        story=scene.told(config, run.arrays),
        shown=scene.shown(config),
        checks=(sum(verdict.met for verdict in verdicts), len(verdicts)),
        message=scene.message,
        config=dataclasses.asdict(config),
        overrides=overrides(config),
        measured=("step", *run.constants, *run.measured),
        arrays=run.arrays,
    ).in_cut("wide")


def to_bytes(recording: Recording) -> bytes:
    """An .npz without pickles: the arrays, and everything else as JSON. Raises Unrecordable."""
    values = {
        field.name: getattr(recording, field.name) for field in dataclasses.fields(Recording) if field.name != "arrays"
    }
    text = json.dumps(values, default=_as_json)
    file = io.BytesIO()
    arrays: dict[str, Any] = {f"array {name}": array for name, array in recording.arrays.items()}
    np.savez(file, recording=np.frombuffer(text.encode(), np.uint8), **arrays)
    return file.getvalue()


def from_bytes(content: bytes) -> Recording:
    """The recording that `to_bytes` wrote. Raises ValueError, KeyError or TypeError when it has another format."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name.removeprefix("array "): file[name] for name in file.files if name != "recording"}
        values = json.loads(file["recording"].tobytes(), object_hook=_from_json)
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Recording(**values, arrays=arrays)


def _as_json(value: Any) -> dict[str, Any]:
    """JSON of a value: its class and the fields not at their default, so that a new default of style is taken up."""
    kind = type(value)
    if not (dataclasses.is_dataclass(kind) and _may_hold(kind.__module__)):
        raise Unrecordable(f"{kind.__module__}.{kind.__name__} is no kind of value that a recording can hold")
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(kind) if field.init}
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    return {
        "kind": f"{kind.__module__}.{kind.__name__}",
        "fields": {name: v for name, v in fields.items() if v != defaults[name]},
    }


def _from_json(found: dict[str, Any]) -> Any:
    if found.keys() != {"kind", "fields"}:
        return found
    fields = {name: _deep_tuple(value) for name, value in found["fields"].items()}
    return _kind(found["kind"])(**fields)


def _kind(path: str) -> Any:
    """The class of a dotted path. Raises ValueError for what a recording cannot hold."""
    module, _, name = path.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), name) if _may_hold(module) else None
    except (ImportError, AttributeError):
        kind = None
    if not dataclasses.is_dataclass(kind):
        raise ValueError(f"{path} is no kind of value that a recording can hold")
    return kind


def _may_hold(module: str) -> bool:
    """Whether a recording may hold values of the classes of a module."""
    return any(module == allowed or module.startswith(f"{allowed}.") for allowed in VALUES)


def _deep_tuple(value: Any) -> Any:
    return tuple(map(_deep_tuple, value)) if isinstance(value, list) else value
