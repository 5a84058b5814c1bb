"""A series of snapshots, audited one by one: the last report whole, and of the others what is told and drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.audit import by_depth
from render.audit.files.series import said_of
from render.audit.files.snapshots import Snapshot
from render.audit.headline import Headline
from render.audit.picture.album import Album, Page
from render.audit.report import Report
from render.stages import Stages

MOST_FRAMES = 200
RATIO = "within_between_ratio"  # whose fall over a run is said
SCHEMA = 2  # of the JSON


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
    first: float | None = None

    @property
    def headline(self) -> Headline:
        """What is going on: of the last report, in the light of the first."""
        return self.last.headline(self.first)

    def as_json(self) -> dict[str, Any]:
        """The run as `json.dumps` takes it: its headline, all that was found at its last step, and every step."""
        return {
            "schema": SCHEMA,
            "headline": self.headline.as_json(),
            "findings": [remark.as_json() for remark in self.last.findings(self.first)],
            **({} if self.last.depth is None else {"depth": by_depth.told(self.last.depth)}),
            "snapshots": list(self.told),
        }

    @property
    def drawn(self) -> list[Page]:
        """The pages of an animation: all, or MOST_FRAMES of them, evenly, the first and the last included."""
        count = min(len(self.pages), MOST_FRAMES)
        return [self.pages[index] for index in np.linspace(0, len(self.pages) - 1, count).round().astype(int)]


def audit_series(
    series: Sequence[Snapshot],
    report_on: Callable[[Snapshot], Report],
    stages: Stages | None = None,
    first: Snapshot | None = None,
) -> AuditedSeries:
    """Audit of every snapshot, the last one first, since it sets how the others are seen.

    `first`: the first one of the run, where it is not among them.

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
        except Exception as error:
            if len(series) == 1:
                raise
            failed.append(said_of(snapshot.path, error))  # and the others are audited
            continue
        album = album or Album(report)
        told.append(report.as_json())
        pages.append(album.page(report))
        for sentence in report.partial:
            partial[sentence].insert(0, snapshot.path)
    if album is None:
        raise ValueError(failed[0])
    start = pages[-1].values.get(RATIO) if len(pages) > 1 else _ratio(first, report_on)
    if start is not None:
        told[0] = album.last.as_json(start)
    groups = tuple(_grouped(partial))
    return AuditedSeries(album.last, album, tuple(told[::-1]), tuple(pages[::-1]), groups, tuple(failed[::-1]), start)


def _ratio(first: Snapshot | None, report_on: Callable[[Snapshot], Report]) -> float | None:
    """The ratio at the first step; None where that has none, or gives no report."""
    try:
        return None if first is None else report_on(first).values.get(RATIO)
    except (ValueError, OSError):
        return None


def _grouped(partial: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    for sentence, paths in partial.items():
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield f"{paths[0]}{more}: {sentence}"


__all__ = ["AuditedSeries", "audit_series"]
