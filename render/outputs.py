"""One scene to files: run, judge, draw, encode, verify, and only then replace what was there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from render import figure, gif, manifest, trajectory
from render.checks import Verdict, judge
from render.files import replacing, require_writable, sha256
from render.loading import overrides
from render.progress import Stages
from render.scene import Config, Scene
from render.theme import THEMES
from render.trajectory import Trajectory

EXPERIMENTS = Path("out")


class TargetMissed(RuntimeError):
    """A run of a scene's default configuration misses a target: it is not written."""


@dataclass(frozen=True)
class Produced:
    """What was written: the GIF, its output name in the folder's manifest, its entry there, and the targets."""

    path: Path
    output: str
    entry: dict[str, Any]
    verdicts: tuple[Verdict, ...]


def default_folder(config: Config, own: bool) -> Path:
    """Where a picture goes unless said otherwise: an experiment never overwrites what the blog serves.

    own: whether the scene is one of the project's.
    """
    return manifest.public_folder() if own and not overrides(config) else EXPERIMENTS


def produce(
    scene: Scene,
    config: Config,
    reference: str,
    folder: Path,
    theme: str = "light",
    poster: bool = True,
    data: Path | None = None,
    stages: Stages | None = None,
) -> Produced:
    """Render a scene into `folder`: the GIF, its poster, its manifest entry, and its measured arrays into `data`.

    Raises ValueError for a folder that cannot be written to, before anything runs; TargetMissed when the default
    configuration misses a target; NotFinite; OSError. In all of these the old files stay.
    """
    stages = stages or Stages()
    for target_folder in [folder, *([data.parent] if data else [])]:
        require_writable(target_folder)
    if data and data.is_dir():
        raise ValueError(f"{data} is a folder: name a .npz file")
    run = trajectory.run(scene, config, stages)
    verdicts = _judged(run)
    output = scene.output if theme == "light" else f"{scene.output}-{theme}"
    path, poster_path = folder / f"{output}.gif", folder / manifest.poster_name(output)

    last: np.ndarray | None = None

    def drawn() -> Iterator[np.ndarray]:
        nonlocal last
        for frame in stages.each("draw", figure.frames(run, THEMES[theme]), config.frames):
            last = frame
            yield frame

    with ExitStack() as files, stages("encode"):  # all are written before any replaces what was there
        alt = scene.describe(config, run.arrays)
        exact = THEMES[theme].exact_colours()
        temporary = files.enter_context(replacing(path))
        gif.write(temporary, drawn(), config.frame_ms, config.hold_ms, alt, exact)
        size, digest, poster_digest = temporary.stat().st_size, sha256(temporary), None
        if poster and last is not None:
            temporary_poster = files.enter_context(replacing(poster_path))
            _write_poster(temporary_poster, last)
            poster_digest = sha256(temporary_poster)
        if data:
            _write_data(files.enter_context(replacing(data)), run)
    entry = {
        "name": scene.name,
        "title": scene.heading(config)[0],
        "alt": alt,
        "post": scene.post,
        "source": scene.source,
        "theme": theme,
        "config": dataclasses.asdict(config),
        "seed": config.seed,
        "frames": config.frames,
        "frame_ms": config.frame_ms,
        "hold_ms": config.hold_ms,
        "width": scene.width_px,
        "height": scene.height_px,
        "bytes": size,
        "sha256": digest,
        "poster_sha256": poster_digest,
        "targets": [verdict.summary() for verdict in verdicts],
        "inputs": manifest.inputs_digest(reference, theme, overrides(config)),
        "versions": manifest.versions(),
    }
    manifest.record(folder, output, entry)
    return Produced(path, output, entry, verdicts)


def write_still(
    scene: Scene,
    config: Config,
    folder: Path,
    at: Sequence[str | int],
    kind: Literal["png", "svg", "pdf"],
    theme: str = "light",
    stages: Stages | None = None,
) -> Path:
    """One frame, or a film strip of several, one below the other: "first", "middle", "last" or frame numbers.

    Raises as `produce`, and ValueError for a frame that the run does not have.
    """
    stages = stages or Stages()
    require_writable(folder)
    numbers = [_frame_number(frame, config.frames) for frame in at]
    run = trajectory.run(scene, config, stages)
    _judged(run)
    name = "-".join(str(frame) for frame in at)
    path = folder / f"{scene.output}{'' if theme == 'light' else '-' + theme}-{name}.{kind}"
    undated = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with replacing(path) as temporary, stages("draw"), figure.default_style():
        picture = figure.still(run, THEMES[theme], numbers)
        picture.savefig(temporary, format=kind, dpi=figure.DPI, facecolor=THEMES[theme].page, metadata=undated)
    return path


def _judged(run: Trajectory) -> tuple[Verdict, ...]:
    """The run's verdicts; raises TargetMissed when the default configuration misses one."""
    verdicts = tuple(judge(target, [run.arrays], [run.config.seed]) for target in run.scene.targets(run.config))
    missed = [verdict.sentence() for verdict in verdicts if verdict.met < verdict.seeds]  # whatever the share
    if missed and not overrides(run.config):
        raise TargetMissed(f"{run.scene.name} is not written, it misses: {'; '.join(missed)}")
    return verdicts


def _frame_number(frame: str | int, frames: int) -> int:
    named = {"first": 0, "middle": frames // 2, "last": frames - 1}
    try:
        number = named[frame] if frame in named else int(frame)
    except ValueError:
        number = -1
    if not 0 <= number < frames:
        raise ValueError(f"no frame {frame!r}: name first, middle, last or a number from 0 to {frames - 1}")
    return number


def _write_poster(path: Path, frame: np.ndarray) -> None:
    pixels = frame.view(np.uint8).reshape(*frame.shape, 4)[..., :3]
    Image.fromarray(pixels).save(path, format="PNG", optimize=True)


def _write_data(path: Path, run: Trajectory) -> None:
    with path.open("wb") as file:
        arrays: dict[str, Any] = {"step": run.arrays["step"], **run.constants, **run.measured}
        np.savez_compressed(file, **arrays)
