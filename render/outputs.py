"""One run to files: judge, draw, encode, verify, and only then replace what was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from render import claims, figure, gif, manifest
from render.files import replacing, require_writable, sha256
from render.loading import is_file_reference
from render.progress import Stages
from render.recording import Recording
from render.runs import Run
from render.target import Verdict
from render.theme import THEMES

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


def default_folder(overrides: Mapping[str, Any], own: bool) -> Path:
    """Where a picture goes unless said otherwise: an experiment never overwrites what the blog serves.

    overrides: what the run has that its scene's default has not. own: whether the scene is one of the project's.
    """
    return manifest.public_folder() if own and not overrides else EXPERIMENTS


def produce(
    run: Run,
    folder: Path,
    theme: str = "light",
    poster: bool = True,
    data: Path | None = None,
    stages: Stages | None = None,
) -> Produced:
    """Render a run into `folder`: the GIF, its poster, its manifest entry, and its measured arrays into `data`.

    Raises ValueError for a folder that cannot be written to, before anything runs; TargetMissed when the default
    configuration misses a target; NotFinite; OSError. In all of these the old files stay.
    """
    stages = stages or Stages()
    for target_folder in [folder, *([data.parent] if data else [])]:
        require_writable(target_folder)
    if data and data.is_dir():
        raise ValueError(f"{data} is a folder: name a .npz file")
    recording = _without_misses(run.recording(stages))
    output = recording.output if theme == "light" else f"{recording.output}-{theme}"
    path, poster_path = folder / f"{output}.gif", folder / manifest.poster_name(output)

    with ExitStack() as files, stages("encode"):  # all are written before any replaces what was there
        temporary, temporary_poster = write_animation(
            files, recording, theme, path, poster_path if poster else None, stages
        )
        size, digest = temporary.stat().st_size, sha256(temporary)
        poster_digest = sha256(temporary_poster) if temporary_poster else None
        if data:
            _write_data(files.enter_context(replacing(data)), recording)
    is_claim = not run.overrides and not is_file_reference(run.reference)  # targets are checked on the default
    checked = claims.counts(manifest.public_folder() / "claims.json", recording.name) if is_claim else {}
    entry = {
        "name": recording.name,
        "title": recording.title,
        "alt": recording.alt,
        "post": recording.post,
        "source": recording.source,
        "theme": theme,
        "config": dict(recording.config),
        "seed": recording.config["seed"],
        "frames": recording.frames,
        "frame_ms": recording.config["frame_ms"],
        "hold_ms": recording.config["hold_ms"],
        "width": recording.width_px,
        "height": recording.height_px,
        "bytes": size,
        "sha256": digest,
        "poster_sha256": poster_digest,
        "targets": [{**verdict.summary(), **checked.get(verdict.target.name, {})} for verdict in recording.verdicts],
        "inputs": manifest.inputs_digest(run.reference, theme, run.overrides),
        "versions": manifest.versions(),
    }
    manifest.record(folder, output, entry)
    return Produced(path, output, entry, recording.verdicts)


def write_animation(
    files: ExitStack, recording: Recording, theme: str, path: Path, poster: Path | None, stages: Stages
) -> tuple[Path, Path | None]:
    """Draw a run into a GIF, and its last frame into a PNG if one is asked for. -> what becomes them as `files` closes.

    Raises OSError with the name of the one that cannot be written.
    """
    last: np.ndarray | None = None

    def drawn() -> Iterator[np.ndarray]:
        nonlocal last
        for frame in stages.each("draw", figure.frames(recording, THEMES[theme]), recording.frames):
            last = frame
            yield frame

    delays = recording.config["frame_ms"], recording.config["hold_ms"]
    temporary = files.enter_context(replacing(path))
    gif.write(temporary, drawn(), *delays, recording.alt, THEMES[theme].exact_colours())
    if poster is None or last is None:
        return temporary, None
    temporary_poster = files.enter_context(replacing(poster))
    write_poster(temporary_poster, last)
    return temporary, temporary_poster


def write_still(
    run: Run,
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
    numbers = [_frame_number(frame, run.config["frames"]) for frame in at]
    recording = _without_misses(run.recording(stages))
    name = "-".join(str(frame) for frame in at)
    path = folder / f"{recording.output}{'' if theme == 'light' else '-' + theme}-{name}.{kind}"
    undated = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with replacing(path) as temporary, stages("draw"), figure.default_style():
        picture = figure.still(recording, THEMES[theme], numbers)
        picture.savefig(temporary, format=kind, dpi=figure.DPI, facecolor=THEMES[theme].page, metadata=undated)
    return path


def _without_misses(recording: Recording) -> Recording:
    """The recording; raises TargetMissed when it is of the default configuration and misses a target."""
    missed = [v.sentence() for v in recording.verdicts if not v.met]  # whatever the share
    if missed and not recording.overrides:
        raise TargetMissed(f"{recording.name} is not written, it misses: {'; '.join(missed)}")
    return recording


def _frame_number(frame: str | int, frames: int) -> int:
    named = {"first": 0, "middle": frames // 2, "last": frames - 1}
    try:
        number = named[frame] if frame in named else int(frame)
    except ValueError:
        number = -1
    if not 0 <= number < frames:
        raise ValueError(f"no frame {frame!r}: name first, middle, last or a number from 0 to {frames - 1}")
    return number


def write_poster(path: Path, frame: np.ndarray) -> None:
    """A drawn frame as a PNG, written in place."""
    pixels = frame.view(np.uint8).reshape(*frame.shape, 4)[..., :3]
    Image.fromarray(pixels).save(path, format="PNG", optimize=True)


def _write_data(path: Path, recording: Recording) -> None:
    with path.open("wb") as file:
        arrays: dict[str, Any] = {name: recording.arrays[name] for name in recording.measured}
        np.savez_compressed(file, **arrays)
