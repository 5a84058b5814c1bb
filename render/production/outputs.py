"""One run to files: judge, draw, encode, verify, and only then replace what was there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from render.errors import TargetMissed
from render.files import sha256
from render.film import Film
from render.picture import figure, look, printed, sheet
from render.picture.recording import Recording
from render.picture.theme import THEMES
from render.places import replacing, require_file, require_folder, written_to
from render.production import manifest, ribbons, sources, writing
from render.production.counts import counts
from render.production.edition import EXPERIMENTS, Edition
from render.production.runs import Run
from render.stages import Stages
from render.target import Verdict

PRINT_DPI = 300


@dataclass(frozen=True)
class Produced:
    """What was written: the picture, its output name in the folder's manifest, its entry there, and the targets."""

    path: Path
    output: str
    entry: dict[str, Any]
    verdicts: tuple[Verdict, ...]


def default_folder(overrides: Mapping[str, Any], own: bool) -> Path:
    """Where a picture goes unless said otherwise: an experiment never overwrites what the blog serves.

    overrides: fields that differ from the scene's default. own: whether the scene is one of the project's.
    """
    return manifest.public_folder() if own and not overrides else EXPERIMENTS


def produce(
    run: Run,
    edition: Edition,
    *,
    data: Path | None = None,
    stages: Stages | None = None,
) -> Produced:
    """Render a run in an edition: the picture, its poster, its manifest entry, and its arrays into `data`.

    Raises ValueError for a folder that cannot be written to, before anything runs; ValueError for a cut that the scene
    does not have, or a text that does not fit into it; TargetMissed when the default configuration misses a target;
    NotFinite; OSError. In all of these the old files stay.
    """
    stages, folder = stages or Stages(), edition.folder
    require_folder(folder)
    if data:
        require_file(data, "name a .npz file")
    recording = _without_misses(run.recording(stages))
    film = _with_seeds(run, recording).in_cut(edition.cut)
    with stages("draw"):
        told = {"message": recording.message, "look": look.look(film), "states": _states(film)} if film.story else {}
        lacks = {"lacks_seeds": True} if run.is_claim and ribbons.lacking(film) else {}
    arrays = data_arrays(recording, run.raw(recording, stages)) if data else {}
    output = edition.output(recording.output)
    names = edition.files(output)
    paths = [written_to(folder / name) for name in names]

    with ExitStack() as files, stages("encode"):  # all are written before any replaces what was there
        written = writing.write_animation(files, film, edition.theme, paths, stages)
        size, digests = written[0].stat().st_size, dict(zip(names, map(sha256, written), strict=True))
        if data:
            _write_data(files.enter_context(replacing(data)), arrays)
    ledger = manifest.published_folder() / "claims.json"
    checked = counts(ledger, recording.name, run.reference) if run.is_claim else {}
    entry = {
        "name": recording.name,
        "title": recording.title,
        "alt": recording.alt,
        "post": recording.post,
        "source": recording.source,
        "theme": edition.theme,
        "cut": edition.cut,
        "container": edition.container,
        "config": dict(recording.config),
        "seed": recording.config["seed"],
        "frames": film.frames,
        "frame_ms": film.frame_ms,
        "hold_ms": film.hold_ms,
        "duration_ms": sum(film.delays),
        "width": film.width_px,
        "height": film.height_px,
        **told,
        **lacks,
        "bytes": size,
        "files": digests,
        "targets": [{**verdict.summary(), **checked.get(verdict.target.name, {})} for verdict in recording.verdicts],
        "inputs": manifest.inputs_digest(run.reference, edition, run.overrides),
        "versions": sources.picture(run.reference, edition.container).versions(),
    }
    manifest.record(folder, edition.key(output), entry)
    return Produced(folder / names[0], output, entry, recording.verdicts)


def write_still(
    run: Run,
    edition: Edition,
    *,
    at: Sequence[str | int],
    kind: Literal["png", "svg", "pdf"],
    width_in: float | None = None,
    dpi: int | None = None,
    stages: Stages | None = None,
) -> Path:
    """One frame, or a film strip of several, one below the other: "first", "middle", "last" or frame numbers.

    width_in: of a page's column in inches, for which the frames' heroes are drawn side by side, and the curve once
    below, in type of `printed.SMALLEST_PT` at least. dpi: pixels an inch, of a PNG and of what is drawn as pixels in
    other formats: those of the screen, or PRINT_DPI on paper, if None.

    Raises as `produce`, and ValueError for a frame that the run does not have, and for a width of a film in cards.
    """
    stages = stages or Stages()
    require_folder(edition.folder)
    _require_frames(at, run.config["frames"])  # before anything is trained
    recording = _with_seeds(run, _without_misses(run.recording(stages))).in_cut(edition.cut)
    numbers = [_frame_number(frame, recording.frames) for frame in at]
    name = "-".join(str(frame) for frame in at)
    path, theme = edition.folder / f"{edition.output(recording.output)}-{name}.{kind}", THEMES[edition.theme]
    undated = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with replacing(path) as temporary, stages("draw"), figure.default_style():
        if width_in:
            still = printed.drawn(recording, theme, numbers, width_in)
        else:
            still = figure.still(recording, theme, numbers)
        sharp = dpi or (PRINT_DPI if width_in else figure.DPI)
        still.savefig(temporary, format=kind, dpi=sharp, facecolor=still.get_facecolor(), metadata=undated)
    return path


def write_sheet(run: Run, folder: Path, stages: Stages | None = None) -> Path:
    """What whoever draws a scene looks at: `sheets/<name>.png` below a folder, and nothing else.

    First, quarter, middle and last frame, a row for each theme and width: the wide cut at 1,100 and 700 pixels, the
    column at 390. Raises as `write_still`; a run that misses a target is drawn all the same.
    """
    stages = stages or Stages()
    sheets = folder / "sheets"
    require_folder(sheets)
    recording = run.recording(stages)
    path = sheets / f"{recording.name}.png"
    with stages("draw"), replacing(path) as temporary:
        sheet.drawn(recording).save(temporary, format="PNG", optimize=True)
    return path


def _states(film: Film) -> list[dict[str, Any]]:
    """The states that a film goes through: the frame in which each begins, its name and its sentence."""
    story = film.story
    assert story is not None
    states = np.asarray(film.arrays[story.state][: film.frames])
    begins = [0, *(np.flatnonzero(np.diff(states)) + 1)]
    return [
        {"frame": int(frame), "name": story.names[states[frame]], "sentence": story.sentences[states[frame]]}
        for frame in begins
    ]


def _without_misses(recording: Recording) -> Recording:
    """The recording; raises TargetMissed when it is of the default configuration and misses a target."""
    missed = [v.sentence() for v in recording.verdicts if not v.met]  # one run has to hold, also for a share below 1
    if missed and not recording.overrides:
        raise TargetMissed(f"{recording.name} is not written, it misses: {'; '.join(missed)}")
    return recording


def _with_seeds(run: Run, recording: Recording) -> Recording:
    """The recording with the curves of the scene's own seeds behind its own, if it is of the default configuration."""
    return ribbons.behind(recording, ribbons.read(manifest.published_folder(), run.reference, run.overrides))


def _require_frames(at: Sequence[str | int], frames: int) -> None:
    for frame in at:
        _frame_number(frame, frames)


def _frame_number(frame: str | int, frames: int) -> int:
    named = {"first": 0, "middle": frames // 2, "last": frames - 1}
    try:
        number = named[frame] if frame in named else int(frame)
    except ValueError:
        number = -1
    if not 0 <= number < frames:
        raise ValueError(f"no frame {frame!r}: name first, middle, last or a number from 0 to {frames - 1}")
    return number


def data_arrays(recording: Recording, raw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays that `--data` writes, by name: those measured, one row a frame, the constants, and the raw arrays."""
    return {**{name: recording.arrays[name] for name in recording.measured}, **raw}


def _write_data(path: Path, arrays: Mapping[str, Any]) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
