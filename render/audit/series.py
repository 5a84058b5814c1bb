"""A series of snapshots, audited one by one: the last report whole, and of the others what is told and drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.snapshots import Snapshot
from render.audit.picture.album import Album, Page
from render.audit.report import Report
from render.stages import Stages

MOST_FRAMES = 200


@dataclass(frozen=True)
class AuditedSeries:
    """A series of snapshots after its audit, in the order of its steps.

    last: the report on the last snapshot that gives one, whole, since it is shown; album: the map through which it sets
    how all are seen. Of each report: told, its JSON; pages, what is drawn of it.
    partial: what keeps reports from being whole, a sentence each, with the first snapshot that it holds for and how
    many more; failed: snapshots that give no report, and why.
    """

    last: Report
    album: Album
    told: tuple[dict[str, Any], ...]
    pages: tuple[Page, ...]
    partial: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def drawn(self) -> list[Page]:
        """The pages of an animation: all, or MOST_FRAMES of them, evenly, the first and the last included."""
        count = min(len(self.pages), MOST_FRAMES)
        return [self.pages[index] for index in np.linspace(0, len(self.pages) - 1, count).round().astype(int)]


def audit_series(
    series: Sequence[Snapshot], report_on: Callable[[Snapshot], Report], stages: Stages | None = None
) -> AuditedSeries:
    """Audit of every snapshot, the last one first, since it sets how the others are seen.

    Raises ValueError if not a single one gives a report, as the last of them said it.
    """
    album: Album | None = None
    told, pages, failed = [], [], []
    partial: dict[str, list[Path]] = defaultdict(list)
    stages = stages or Stages()
    snapshots = stages.each("audit", reversed(series), len(series))
    for snapshot in snapshots:
        try:
            report = report_on(snapshot)
        except (ValueError, OSError) as error:
            if len(series) == 1:
                raise
            failed.append(str(error))
            continue
        album = album or Album(report)
        told.append(report.as_json())
        pages.append(album.page(report))
        for sentence in report.partial:
            partial[sentence].insert(0, snapshot.path)
    if album is None:
        raise ValueError(failed[0])
    return AuditedSeries(
        album.last, album, tuple(told[::-1]), tuple(pages[::-1]), tuple(_grouped(partial)), tuple(failed[::-1])
    )


def _grouped(partial: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    for sentence, paths in partial.items():
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield f"{paths[0]}{more}: {sentence}"


def name_of(path: Path) -> str:
    """Name of a snapshot or a folder, after which its pictures are called: without the suffix of a file."""
    resolved = path.resolve()
    return resolved.name if resolved.is_dir() and resolved.suffix != ".zarr" else resolved.stem


__all__ = ["AuditedSeries", "audit_series", "name_of"]
