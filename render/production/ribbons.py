"""Ribbons: the curves of a scene's own seeds, kept beside the ledger and drawn pale behind that of the default seed.

Whoever makes the ledger anew writes them; a picture takes what is there and current, and never trains for them.
"""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from render.files import is_file_reference
from render.production import sources
from render.temporary import replacing

if TYPE_CHECKING:
    import numpy as np

    from render.picture.recording import Recording
    from render.target import Target

DIGEST = "digest"  # of the code behind the runs, in the file


def path(folder: Path, reference: str) -> Path:
    """Where the curves of a scene are kept, below what the blog serves. reference: its dotted module."""
    return folder / "seeds" / f"{reference.rpartition('.')[2].replace('_', '-')}.npz"


def of_run(folder: Path, reference: str, overrides: Mapping[str, Any]) -> Path | None:
    """Where the curves behind a run are kept: behind that of a module's default configuration alone, else None."""
    return None if overrides or is_file_reference(reference) else path(folder, reference)


def random_seeds(targets: Iterable[Target]) -> int:
    """How many seeds a scene's own are; 0 where nothing is random, or a single run is all that is judged."""
    count = max((target.seeds for target in targets), default=0)
    return count if count > 1 else 0


def curves(panels: Sequence[Any]) -> tuple[str, ...]:
    """Names of the arrays that are drawn as curves over the run, theory's apart."""
    from render.picture.group import Group
    from render.picture.marks.lines import Course

    frames = [frame for group in panels if isinstance(group, Group) for frame in group.frames]
    marks = [mark for frame in frames for mark in frame.marks]
    return tuple(dict.fromkeys(mark.array for mark in marks if isinstance(mark, Course) and not mark.theory))


def write(folder: Path, reference: str, digest: str, runs: Mapping[str, np.ndarray]) -> None:
    """Keep curves by name, (seeds, frames), with the digest of the code that made them; without any, keep none."""
    import numpy as np  # here and below: whether a picture is up to date is known without it

    file = path(folder, reference)
    if not runs:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {DIGEST: np.frombuffer(digest.encode(), np.uint8)}
    arrays |= {curve: np.asarray(values, np.float32) for curve, values in runs.items()}
    with replacing(file) as temporary, temporary.open("wb") as opened:
        np.savez_compressed(opened, **arrays)


def read(folder: Path, reference: str, overrides: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The curves behind a run by name, (seeds, frames); none where they are missing, damaged or of other code."""
    import numpy as np

    file = of_run(folder, reference, overrides)
    if file is None:
        return {}
    try:
        with np.load(file, allow_pickle=False) as opened:
            if opened[DIGEST].tobytes().decode() != sources.ledger(reference).digest():
                return {}
            return {curve: opened[curve] for curve in opened.files if curve != DIGEST}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def lacking(recording: Recording) -> bool:
    """Whether a default run draws curves that its own seeds should be seen behind, and are not."""
    random = random_seeds(verdict.target for verdict in recording.verdicts)
    return bool(random) and any(_behind(curve) not in recording.arrays for curve in curves(recording.panels))


def behind(recording: Recording, found: Mapping[str, np.ndarray]) -> Recording:
    """The recording with these curves behind its own."""
    drawn = {_behind(curve): found[curve] for curve in curves(recording.panels) if curve in found}
    return dataclasses.replace(recording, arrays={**recording.arrays, **drawn}) if drawn else recording


def _behind(curve: str) -> str:
    """Under which name a film has the curves of other seeds that stand behind one of its own."""
    from render.picture.marks.lines import BEHIND

    return BEHIND.format(curve)
