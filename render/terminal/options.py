"""Options that several verbs of the command share."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from render.places import require_file, require_folder

FIELDS = ("seed", "frames", "steps", "frame_ms", "hold_ms")  # of a configuration, that have options of their own


class Length(click.ParamType):
    """A length on paper, as 3.25in, 8cm or 82mm; in inches."""

    name = "length"
    UNITS: Mapping[str, float] = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
    SHORTEST, LONGEST = 1.0, 40.0

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(in|cm|mm|pt)\s*", str(value))
        inches = float(found[1]) * self.UNITS[found[2]] if found else 0.0
        if not self.SHORTEST <= inches <= self.LONGEST:
            self.fail(f"{value!r}: a length from 1in to 40in, as 3.25in, 8cm or 82mm", param, ctx)
        return inches


class SceneName(click.ParamType):
    """A name of a registry, completed by the shell, corrected when it is nearly one. scenes(): name -> reference."""

    name = "scene"

    def __init__(self, scenes: Callable[[], Mapping[str, str]]) -> None:
        self._scenes = scenes

    def reference(self, name: str) -> str:
        return self._scenes()[name]

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self._scenes():
            close = difflib.get_close_matches(value, self._scenes(), n=1)
            hint = f"Did you mean {close[0]!r}?" if close else "`render list` shows them all."
            self.fail(f"there is no scene called {value!r}. {hint}", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in self._scenes() if name.startswith(incomplete)]


class Written(click.Path):
    """A path to write to: a folder, or a file in one, that can be written to; found out before anything is loaded."""

    def __init__(self, is_folder: bool) -> None:
        super().__init__(path_type=Path)
        self._is_folder = is_folder

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path: Any = super().convert(value, param, ctx)
        if ctx is None or not ctx.resilient_parsing:  # as in a completion
            require_folder(path) if self._is_folder else require_file(path, "name a .npz file")
        return path


def path(**options: Any) -> Any:
    return click.Path(path_type=Path, **options)


def together(*options: Callable) -> Callable:
    """Several options as one decorator, in the order of the help."""

    def decorate(function: Callable) -> Callable:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@dataclass(frozen=True)
class Asked:
    """The run that was asked for. fields: those of the configuration that have options; settings: KEY=VALUE of others.

    reference: as in `render.loading.load_scene`. own: whether the scene is one of the registry.
    """

    label: str
    reference: str
    own: bool
    fields: Mapping[str, int | None]
    settings: tuple[str, ...]

    @property
    def is_default(self) -> bool:
        return not self.settings and all(value is None for value in self.fields.values())


def run(scene: SceneName) -> Callable:
    """Which run: a scene, and the fields of its configuration; the function is given them as `asked`, an `Asked`."""
    asked_by = together(
        click.option("--name", type=scene, help="A scene of the project; `render list` shows them."),
        click.option("--file", type=path(), help="A scene module of your own instead of --name; its code is run."),
        click.option("--seed", type=int, help="Names the whole run: data, initial weights, noise."),
        click.option("--frames", type=int, help="Pictures in the animation."),
        click.option("--steps", type=int, help="Optimiser steps, or notches of the dial."),
        click.option("--frame-ms", type=int, help="Delay of a frame, a multiple of 10 ms."),
        click.option("--hold-ms", type=int, help="Delay of the last frame, a multiple of 10 ms."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other field of the config."),
    )

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def with_asked(name: str | None, file: Path | None, settings: tuple[str, ...], **rest: Any) -> Any:
            if (name is None) == (file is None):
                raise click.UsageError("name one scene: --name NAME, or --file PATH for one of your own.")
            label, reference = (name, scene.reference(name)) if name else (file.stem, str(file.absolute()))  # type: ignore
            fields = {field: rest.pop(field) for field in FIELDS}
            return function(asked=Asked(label, reference, name is not None, fields, settings), **rest)

        return asked_by(with_asked)

    return decorate


def device(choose: Callable[[Any], None]) -> Callable:
    """Where to train. choose: called with what was asked for, before anything runs."""
    return click.option(
        "--device",
        type=click.Choice(["cpu", "gpu"]),
        callback=lambda context, option, chosen: choose(chosen) if chosen else None,
        expose_value=False,
        help="Where to train, with the pictures of its own rounding [default: $JAX_PLATFORMS, or cpu].",
    )


def container(names: Iterable[str], require: Callable[[str], None]) -> Callable:
    """Which file an animation is; require: called with it before anything runs, unless it is the default."""

    def checked(context: click.Context, option: click.Parameter, chosen: str) -> str:
        if chosen != option.get_default(context):
            require(chosen)
        return chosen

    return click.option(
        "--container",
        type=click.Choice([*names]),
        default="gif",
        show_default=True,
        callback=checked,
        help="WebP and APNG lose no colour; MP4 and WebM are the smallest.",
    )


def looks(*moving: Callable) -> Callable:
    """How it is drawn; the function is given it as `looks`, fields of an `Edition` by name.

    moving: options of an animation, which a still does not have; a poster is one of them.
    """
    drawn_as = together(
        click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True),
        click.option(
            "--cut", type=click.Choice(["wide", "column"]), default="wide", show_default=True, help="For blog or phone."
        ),
        *moving,
        *([click.option("--poster/--no-poster", default=True, help="Write a still as a PNG, too.")] if moving else []),
    )

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def with_looks(theme: str, cut: str, container: str = "gif", poster: bool = False, **rest: Any) -> Any:
            looks = {"theme": theme, "cut": cut, "container": container, "poster": poster}
            return function(looks=looks, **rest)

        return drawn_as(with_looks)

    return decorate


folder, file = Written(is_folder=True), Written(is_folder=False)
traceback = click.option("--traceback", is_flag=True, expose_value=False, help="Show the traceback of an error.")
quiet_and_traceback = together(click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."), traceback)
cached = click.option(
    "--cache/--no-cache", "cached", default=True, help="Take what was trained before from the cache, and keep it there."
)
seeds = click.option(
    "--seeds",
    default="1",
    show_default=True,
    callback=lambda context, option, text: _seeds(text),
    help='Seeds, or "own": each target\'s own number.',
)
json_file = click.option("--json", "json_path", metavar="FILE|-", help="Write the verdicts as JSON; - prints them.")


def _seeds(text: str) -> int | None:
    """How many seeds, or None for each target's own number."""
    if text != "own" and not (text.isdecimal() and 1 <= int(text) <= 10_000):
        raise click.UsageError(f'--seeds {text}: a number from 1 to 10000, or "own"')
    return None if text == "own" else int(text)
