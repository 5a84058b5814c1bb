"""A scene in a notebook: its animation, with its alt text, as the last line of a cell shows it."""

from __future__ import annotations

import base64
import difflib
import html
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from render.files import is_file_reference
from render.film import CUTS
from render.places import replacing
from render.production import manifest
from render.production.cache import Cache
from render.production.edition import POSTER, Edition
from render.registry import installed
from render.scene import Scene, field_types

if TYPE_CHECKING:
    from render.production.runs import Run

LOOKS = ("theme", "cut")


@dataclass(frozen=True)
class Shown:
    """An animation: a notebook shows it, with its alt text; `save` keeps it.

    gif, poster: contents of the files; size: (width, height) in pixels. met, targets: how many of theory's targets this
    run meets, of how many; missed: a sentence for each other one.
    """

    name: str
    title: str
    alt: str
    size: tuple[int, int]
    frames: int
    met: int
    targets: int
    missed: tuple[str, ...]
    gif: bytes = field(repr=False)
    poster: bytes = field(repr=False)

    def save(self, path: str | Path) -> Path:
        """Write the GIF. Raises ValueError for another suffix, OSError where it cannot be written."""
        path = Path(path)
        if path.suffix != ".gif":
            raise ValueError(
                f"{path}: an animation is saved as .gif; `render scene --container` writes other containers"
            )
        with replacing(path) as temporary:
            temporary.write_bytes(self.gif)
        return path

    def __repr__(self) -> str:
        met = f"{self.met} of {self.targets} targets met"
        return f"<{self.name}: {self.title}; {self.frames} frames, {len(self.gif) / 1000:.0f} kB, {met}>"

    def _repr_html_(self) -> str:
        picture = base64.b64encode(self.gif).decode()
        return (
            f'<img src="data:image/gif;base64,{picture}" alt="{html.escape(self.alt)}" '
            f'width="{self.size[0]}" style="max-width: 100%; height: auto">'
        )

    def _repr_png_(self) -> bytes:
        """The still, for what prints a notebook and plays nothing."""
        return self.poster


def show(scene: str | Path | Scene, *, theme: str = "light", cut: str = "wide", **settings: Any) -> Shown:
    """The animation of a scene, for a notebook to show; writes nothing but the cache of runs.

    scene: a name, of those that installed packages add to `frame_potential.scenes`; the path of a .py file that defines
    SCENE, which is run anew each time; or a `render.scene.Scene`. theme: "light" or "dark". cut: "wide", or "column"
    for a phone. settings: fields of its configuration, as in `show("neural-collapse", seed=7, classes=4)`.

    What public/ holds and is up to date is taken as it is, and a run that was trained before comes from the cache; the
    scene of a file or a value is trained each time. It trains on the CPU in single precision, as the command does,
    unless JAX_PLATFORMS says otherwise. Raises ValueError, in one line, for a scene, a theme, a cut or a setting that
    there is not, and NotFinite for a run that diverges.
    """
    for what, given, known in (("theme", theme, ("light", "dark")), ("cut", cut, tuple(CUTS))):
        if given not in known:
            raise ValueError(f"{what} is {given!r}: say {' or '.join(map(repr, known))}")
    edition = Edition(manifest.public_folder(), theme=theme, cut=cut)
    if isinstance(scene, Scene):
        return _drawn(_of_value(scene, settings), edition)
    if not isinstance(scene, str | Path):
        raise ValueError(
            f"a scene is its name, the path of a .py file or a render.scene.Scene, not {type(scene).__name__}"
        )
    if isinstance(scene, Path) and scene.suffix != ".py":
        raise ValueError(f"{scene} is no Python module: a scene is a .py file that defines SCENE")
    reference = str(scene) if isinstance(scene, Path) or is_file_reference(scene) else _named(scene)
    if not settings and not is_file_reference(reference) and (there := _served(edition, reference)):
        return there
    return _drawn(_of_reference(reference, settings), edition)


def _named(name: str) -> str:
    """The module of a scene. Raises ValueError for a name that there is not, with the nearest one."""
    scenes = installed()
    if name not in scenes:
        close = difflib.get_close_matches(name, scenes, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(scenes) or 'none installed'}"
        raise ValueError(f"there is no scene called {name!r}; {hint}")
    return scenes[name]


def _served(edition: Edition, reference: str) -> Shown | None:
    """What the folder of an edition holds of a scene, if it is up to date."""
    if not (edition.folder / manifest.NAME).is_file():
        return None
    output = manifest.find_current(edition, reference)
    if output is None:
        return None
    entry = manifest.read(edition.folder)[edition.key(output)]
    missed = tuple(target["name"] for target in entry["targets"] if not target["met"])
    gif, poster = ((edition.folder / name).read_bytes() for name in edition.files(output))
    said = entry["name"], entry["title"], entry["alt"], (entry["width"], entry["height"]), entry["frames"]
    return Shown(*said, len(entry["targets"]) - len(missed), len(entry["targets"]), missed, gif, poster)


class Kept(Cache):
    """The cache of runs alone: where JAX keeps the programs of a notebook is the notebook's business."""

    def keep_programs(self) -> None:
        pass


def _of_reference(reference: str, settings: Mapping[str, Any]) -> Run:
    from render.loading import load_scene
    from render.production import runs

    given = _checked(load_scene(reference), settings) if settings else {}
    return runs.find(reference, given, cache=Kept.of_user())


def _of_value(scene: Scene, settings: Mapping[str, Any]) -> Run:
    from render.loading import configure
    from render.production import runs

    nowhere = f"{scene.name}.py"  # of code in a cell nothing is known but itself: neither kept nor held against seeds
    return runs.of(scene, configure(scene, _checked(scene, settings)), nowhere)


def _checked(scene: Scene, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as Python's own numbers. Raises ValueError for those that the scene's configuration does not accept."""
    known = field_types(scene.config)
    for key, value in settings.items():
        if key not in known:
            close = difflib.get_close_matches(key, (*known, *LOOKS), n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise ValueError(f"{scene.name} has no {key!r}; {hint}it has {', '.join(known)}")
        if value is None:
            raise ValueError(f"{key} is None: leave it out for the scene's own")
    given = {key: value.item() if getattr(value, "ndim", None) == 0 else value for key, value in settings.items()}
    scene.config(**given)
    return given


def _drawn(run: Run, edition: Edition) -> Shown:
    """A run, out of the cache or trained, drawn as the command draws it."""
    from render.production import ribbons, writing
    from render.stages import Stages

    with _as_the_command_trains():
        recording = run.recording(Stages())
    behind = ribbons.read(manifest.published_folder(), run.reference, run.overrides) if run.is_claim else {}
    film = ribbons.behind(recording, behind).in_cut(edition.cut)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "shown.gif", Path(folder) / f"shown{POSTER}"]
        with ExitStack() as files:
            writing.write_animation(files, film, edition.theme, paths, Stages())
        gif, poster = (path.read_bytes() for path in paths)
    missed = tuple(verdict.sentence() for verdict in recording.verdicts if not verdict.met)
    total = len(recording.verdicts)
    said = recording.name, recording.title, recording.alt, (film.width_px, film.height_px), film.frames
    return Shown(*said, total - len(missed), total, missed, gif, poster)


@contextmanager
def _as_the_command_trains() -> Iterator[None]:
    """JAX on the CPU and in single precision, whatever the notebook has set, and afterwards as it was.

    These decide the numbers of a run, and are not part of its key in the cache. They are set for all threads: a run
    trains on one of its own.
    """
    if "jax" not in sys.modules:  # nothing trains: the run is kept, and its scene was not imported
        yield
        return
    import jax

    before = {name: getattr(jax.config, name) for name in ("jax_enable_x64", "jax_default_device")}
    wanted: dict[str, Any] = {"jax_enable_x64": False}
    if "JAX_PLATFORMS" not in os.environ:
        wanted["jax_default_device"] = jax.devices("cpu")[0]
    try:
        for name, value in wanted.items():
            jax.config.update(name, value)
        yield
    finally:
        for name in wanted:
            jax.config.update(name, before[name])


__all__ = ["Shown", "show"]
